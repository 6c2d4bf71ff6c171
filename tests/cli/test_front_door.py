"""What meets a newcomer: help by what people want, completion, mends that mend, other systems."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from anaspike import extras
from anaspike.cli import _GROUPS, cli
from anaspike.cli.doctor import system_installs

MAIN = "import sys; sys.argv[0] = 'anaspike'; from anaspike.cli import main; main()"
ROOT = Path(__file__).parents[2]


def test_help_is_grouped_and_says_each_whole(anaspike):
    code, out, _ = anaspike("--help")
    assert code == 0
    assert re.findall(r"^(\S.*):$", out, re.M)[1:] == list(_GROUPS)
    assert "..." not in out.replace("[ARGS]...", "")
    said = " ".join(out.split())
    for name in cli.list_commands(None):
        first = cli.get_command(None, name).get_short_help_str(limit=1000)
        assert f"{name} {first}".replace("- ", "-") in said.replace("- ", "-"), name


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("anaspike x", ["xor-test"]),
        ("anaspike characterise s", ["synapse", "spike-generator", "supply"]),
        ("anaspike explore xor", ["xor-test"]),
        ("anaspike xor-test --pdk gf", ["gf180mcu"]),
        ("anaspike xor-test --corner tt,s", ["tt,ss", "tt,sf"]),
        ("anaspike netlist neu", ["neuron"]),
        ("anaspike pdk install sky", ["sky130"]),
        ("anaspike run xor_m", ["flows/xor_mismatch.toml"]),
    ],
)
def test_the_shell_completes_what_there_is(typed, found):
    words = typed.split()
    told = subprocess.run(
        [sys.executable, "-c", MAIN],
        capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, "_ANASPIKE_COMPLETE": "bash_complete", "COMP_WORDS": typed,
             "COMP_CWORD": str(len(words) - 1), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert told.stdout.splitlines() == [f"plain,{word}" for word in found]


@pytest.mark.parametrize(
    ("system", "root", "programs", "said"),
    [
        ("linux", True, {"apt-get"}, "apt-get install libngspice0"),
        ("linux", False, {"apt-get", "sudo"}, "sudo apt-get install libngspice0"),
        ("linux", False, {"apt-get"}, "apt-get install libngspice0 (as root; without: docs/"),
        ("linux", False, set(), "install libngspice0 as your system does"),
        ("darwin", False, set(), "brew install libngspice"),
    ],
)
def test_a_mend_is_this_machine_s(monkeypatch, system, root, programs, said):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    monkeypatch.setattr("shutil.which", lambda name, path: name if name in programs else None)
    assert system_installs("libngspice0", "libngspice").startswith(said)


def test_an_extra_is_installed_from_the_clone_while_no_index_has_it(monkeypatch, tmp_path):
    assert extras.installs("vacask").endswith(f"-m pip install '{ROOT}[vacask]'")
    (tmp_path / "site/anaspike").mkdir(parents=True)
    monkeypatch.setattr(extras, "__file__", str(tmp_path / "site/anaspike/extras.py"))

    class Installed:
        def read_text(self, name):
            assert name == "direct_url.json"
            return said[-1]

    monkeypatch.setattr("importlib.metadata.distribution", lambda _: Installed())
    said = [f'{{"url": "{ROOT.as_uri()}", "dir_info": {{}}}}']
    assert extras.installs("vacask").endswith(f"-m pip install '{ROOT}[vacask]'")
    for other in (None, "{", "[]", '{"url": "file:///nowhere"}'):  # from an index, or unknown
        said.append(other)
        assert extras.installs("vacask").endswith("-m pip install 'anaspike[vacask]'")


@pytest.mark.parametrize("asked", ["import anaspike", "from anaspike.cli import main; main()"])
def test_windows_is_told_of_wsl(asked):
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.platform = 'win32'; {asked}"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("error: ") and "WSL" in told.stderr
    assert told.stderr.count("\n") == 1
