"""Output folders: one command's at a time, whatever became of the one before; files by umask."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from anaspike.cli import run
from anaspike.errors import InputError
from anaspike.files import replacing, write_text
from anaspike.folders import LOCK, UNFINISHED, half_written, held, refuse_unfinished, unfinished

HOLDER = """\
import sys, time
from pathlib import Path
from anaspike.folders import held, unfinished
with held(Path(sys.argv[1])), unfinished(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """Start another process that holds a folder and is writing into it."""
    started = []

    def start(folder):
        command = [sys.executable, "-c", HOLDER, str(folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def umask():
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize(
    ("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664), (0o027, 0o640)]
)
def test_who_may_read_a_file_the_umask_says(tmp_path, umask, mask, mode):
    umask(mask)
    write_text(tmp_path / "a.txt", "text")
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == mode
    with replacing(tmp_path / "b.png") as temporary:
        assert stat.S_IMODE(temporary.stat().st_mode) == mode  # nor open to others meanwhile
        assert temporary.suffix == ".png"


def test_a_link_under_the_temporary_name_is_not_followed(tmp_path, monkeypatch):
    (tmp_path / "theirs").write_text("kept")
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    (tmp_path / ".guessed.txt").symlink_to(tmp_path / "theirs")
    with pytest.raises(InputError, match=r"cannot write .*: File exists"):
        write_text(tmp_path / "a.txt", "text")
    assert (tmp_path / "theirs").read_text() == "kept"


def test_a_folder_that_is_held_is_refused_with_who_holds_it(tmp_path, holder):
    process = holder(tmp_path / "o")
    with pytest.raises(InputError) as caught, held(tmp_path / "o"):
        pass
    assert str(caught.value).startswith(
        f"{tmp_path}/o is in use by another command (process {process.pid} on "
    )
    assert str(caught.value).endswith("); wait for it, or choose another --out")
    process.terminate()


def test_a_killed_command_bars_nobody_and_its_folder_is_known(tmp_path, holder):
    process = holder(tmp_path / "o")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (tmp_path / "o" / LOCK).exists()
    assert half_written([tmp_path]) == [tmp_path / "o"]
    with pytest.raises(InputError, match=r"o is half-written by a run that was ended"):
        refuse_unfinished(tmp_path / "o")
    with held(tmp_path / "o"), unfinished(tmp_path / "o"):
        pass
    assert list((tmp_path / "o").iterdir()) == []
    refuse_unfinished(tmp_path / "o")


def test_a_folder_is_left_as_it_was_found(tmp_path):
    with held(tmp_path / "new"):
        pass
    assert not (tmp_path / "new").exists()
    (tmp_path / "old").mkdir()
    with held(tmp_path / "old"):
        pass
    assert (tmp_path / "old").is_dir()
    (tmp_path / "link").symlink_to(tmp_path / "old")
    with held(tmp_path / "link"):
        assert (tmp_path / "old" / LOCK).is_file()
    assert (tmp_path / "link").is_symlink()
    with pytest.raises(RuntimeError), held(tmp_path / "old"), unfinished(tmp_path / "old"):
        raise RuntimeError
    assert [path.name for path in (tmp_path / "old").iterdir()] == [UNFINISHED]


def test_of_many_at_once_one_has_the_folder(tmp_path):
    inside, refused, most = [], [], []

    def ask():
        for _ in range(50):
            try:
                with held(tmp_path):
                    inside.append(1)
                    most.append(len(inside))
                    inside.pop()
            except InputError:
                refused.append(1)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert len(most) + len(refused) == 200


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_lies_at_the_lock_s_place_is_not_touched(tmp_path, kind):
    (tmp_path / "theirs").write_text("kept")
    if kind == "link":
        (tmp_path / LOCK).symlink_to(tmp_path / "theirs")
    elif kind == "pipe":
        os.mkfifo(tmp_path / LOCK)
    else:
        (tmp_path / LOCK).mkdir()
    with pytest.raises(InputError, match=r"/\.lock"), held(tmp_path):
        pass
    assert (tmp_path / "theirs").read_text() == "kept"


def test_a_place_without_locks_is_used_without(tmp_path, monkeypatch):
    def none(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", none)
    with held(tmp_path / "o"):
        assert (tmp_path / "o").is_dir()


FLOW = """\
study = "pseudo-resistor"
[parameters]
corners = ["tt"]
temperatures_C = [27]
"""


def test_a_second_command_is_refused_before_it_has_begun(tmp_path, monkeypatch, capsys, holder):
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        Path(f"{name}.toml").write_text(FLOW)
    monkeypatch.setattr("anaspike.cli.run_flows.run_study", lambda *_, **__: pytest.fail("began"))
    holder(Path("o/two/generic28"))
    assert run(["run", "one.toml", "two.toml", "--out", "o"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: o/two/generic28 is in use by another command (process ")
    assert said.count("\n") == 1
    assert not Path("o/one/generic28").exists()
    assert run(["characterise", "pseudo-resistor", "--out", "o/two/generic28"]) == 2
    assert capsys.readouterr().err.startswith("error: o/two/generic28 is in use by another comm")


def test_a_half_written_answer_is_neither_reported_nor_run_again(
    tmp_path, monkeypatch, capsys, ngspice
):
    monkeypatch.chdir(tmp_path)
    Path("one.toml").write_text(FLOW)
    assert run(["run", "one.toml", "--out", "o", "--quiet"]) == 0
    place = Path("o/one/generic28")
    before = json.loads((place / "answer.json").read_text())
    assert not (place / LOCK).exists()
    assert not (place / UNFINISHED).exists()

    # A run that ends between its table and its answer.
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("anaspike.report.answers.picture", killed)
    assert run(["run", "one.toml", "--out", "o", "--quiet"]) == 130
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert json.loads((place / "answer.json").read_text()) == before
    capsys.readouterr()
    assert run(["rerun", str(place), "0"]) == 2
    assert capsys.readouterr().err == (
        f"error: {place} is half-written by a run that was ended, or has not ended yet;"
        " run it again\n"
    )
    assert run(["report", "o", "-o", "page.html"]) == 2
    assert capsys.readouterr().err.splitlines()[0] == (
        f"left out: {place} is half-written; run that command again"
    )
    assert run(["run", "one.toml", "--out", "o", "--quiet"]) == 0
    assert run(["report", "o", "-o", "page.html"]) == 0
