"""What a newcomer's set-up installs, and what it says where it cannot."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from anaspike.cli.doctor import TESTED_PYTHONS

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINS = [
    line
    for line in (ROOT / ".ci/lock.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
SETUP = ROOT / ".ci/setup"


def needs():
    """Return all that `make test` and `make proofs` ask pip for, and what builds the package."""
    project = PROJECT["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *extras["dev"], *extras["notebook"]]
    return [Requirement(need) for need in [*asked, *PROJECT["build-system"]["requires"]]]


def pinned(python):
    """Return the version of each package that the lock chooses for a Python on Linux."""
    here = {
        "python_full_version": f"{python}.1",
        "python_version": python,
        "sys_platform": "linux",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    chosen = {}
    for pin in map(Requirement, PINS):
        if pin.marker is None or pin.marker.evaluate(here):
            assert canonicalize_name(pin.name) not in chosen
            (chosen[canonicalize_name(pin.name)],) = pin.specifier
    return chosen


@pytest.mark.parametrize("python", TESTED_PYTHONS)
def test_the_lock_pins_all_that_is_installed_within_the_package_s_own_ranges(python):
    chosen = pinned(python)
    for need in needs():
        pin = chosen.get(canonicalize_name(need.name))
        assert pin is not None, f"{need.name} is not in the lock: make lock"
        assert need.specifier.contains(pin.version, prereleases=True), f"{need}: make lock"
    # And what these pull in in turn, as far as it is the same for all of them.
    assert {"pluggy", "mypy-extensions", "tornado", "contourpy", "markupsafe"} <= chosen.keys()


def test_a_lock_s_line_is_a_name_a_version_and_no_more():
    for line in PINS:
        pin = Requirement(line)
        assert pin.url is None
        assert not pin.extras
        assert [clause.operator for clause in pin.specifier] == ["=="]


def test_what_is_tested_is_what_the_package_says():
    prefix = "Programming Language :: Python :: "
    said = [c.removeprefix(prefix) for c in PROJECT["project"]["classifiers"] if prefix in c]
    assert said == list(TESTED_PYTHONS)


def test_what_a_clone_gathers_does_not_get_into_the_container():
    gathered, left_out = (
        {line.strip("/") for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
         if not line.startswith("#")}
        for name in (".gitignore", ".dockerignore")
    )  # fmt: skip
    for name in {*gathered, ".git"}:
        assert {name, f"**/{name}"} & left_out, name


@pytest.fixture
def bare(tmp_path):
    """Run the set-up where nothing is but a few commands, as on a machine without apt."""
    commands = tmp_path / "bin"
    commands.mkdir()

    def run(python):
        for name in ("sh", "id"):
            (commands / name).symlink_to(shutil.which(name))
        done = subprocess.run(
            [SETUP, python, tmp_path / "venv", ".", "/dev/null"],
            env={"PATH": str(commands)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not (tmp_path / "venv").exists()
        return done.returncode, done.stderr

    return run


def test_no_python(bare):
    message = "setup: no python3 here: install Python 3.11 or newer\n"
    assert bare("python3") == (1, message)


def test_no_ngspice(bare):
    code, said = bare(sys.executable)
    assert code == 1
    assert said.startswith("setup: ngspice is missing and cannot be installed from here.")
    assert "sudo apt-get install ngspice" in said


def test_an_old_python(bare, tmp_path):
    old = tmp_path / "python3.10"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    assert bare(str(old)) == (1, f"setup: {old} is older than 3.11: make PYTHON=python3.11\n")


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ("1000", "fresh: a root of Debian's own needs root: sudo make fresh\n"),
        ("0", "fresh: debootstrap is missing: apt-get install debootstrap\n"),
    ],
)
def test_a_bare_root_says_what_it_takes(tmp_path, user, message):
    (tmp_path / "sh").symlink_to(shutil.which("sh"))
    (tmp_path / "id").write_text(f"#!/bin/sh\necho {user}\n")
    (tmp_path / "id").chmod(0o755)
    done = subprocess.run(
        [ROOT / ".ci/fresh", "trixie"],
        env={"PATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)
