"""Files appear whole or not at all."""

import errno

import pytest

from anaspike.errors import InputError
from anaspike.files import make_folder, replacing, write_text


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "table.csv"
    write_text(path, "old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half of the n")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]


def test_a_full_disk_is_named_and_leaves_the_old_file(tmp_path):
    path = tmp_path / "table.csv"
    write_text(path, "old")
    with pytest.raises(InputError) as caught, replacing(path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert str(caught.value) == (
        f"cannot write {path}: No space left on device;"
        " free some space or choose another place with --out"
    )
    assert path.read_text() == "old"


def test_a_file_where_a_folder_should_be(tmp_path):
    blocker = tmp_path / "results"
    blocker.write_text("")
    with pytest.raises(InputError, match=r"cannot write .*results/runs: Not a directory"):
        make_folder(blocker / "runs")
