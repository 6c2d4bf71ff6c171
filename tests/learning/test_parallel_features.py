"""Features by several processes: the same rows in the same order, and none is read twice."""

import dataset_makers as makers
import numpy as np
import pytest

from anaspike.learning.features import cells
from anaspike.learning.features.catalog import extractor
from anaspike.learning.images import Collection, Sample, examine


@pytest.fixture
def collection(tmp_path):
    samples = tuple(
        Sample(f"cell{i}", i % 2, f"cell{i}", np.asarray(makers.smear(i, lobes=1 + i % 3)))
        for i in range(4)
    )
    return Collection("bccd", "drawn", tmp_path, ("a", "b"), samples)


def test_several_processes_give_the_rows_of_one(collection, tmp_path):
    seen = []
    one = extractor("cells", cache=tmp_path / "one")
    several = extractor("cells", cache=tmp_path / "several")
    alone = examine(collection, one)
    shared = examine(collection, several, lambda *done: seen.append(done), jobs=2)
    assert [sample.name for sample in shared.kept] == [f"cell{i}" for i in range(4)]
    for ours, theirs in zip(shared.rows, alone.rows, strict=True):
        assert (ours == theirs).all()
    assert several.names == one.names
    assert len(one.names) == 220
    assert seen[-1] == (4, 4)


def test_what_was_read_is_not_read_again(collection, tmp_path, monkeypatch):
    first = examine(collection, extractor("cells", cache=tmp_path))

    def never(*_):
        raise AssertionError("it was read already")

    monkeypatch.setattr(cells, "cell_features", never)
    again = extractor("cells", cache=tmp_path)
    assert all(
        (ours == theirs).all()
        for ours, theirs in zip(examine(collection, again).rows, first.rows, strict=True)
    )
    assert len(again.names) == 220


def test_a_damaged_entry_is_read_anew(collection, tmp_path):
    first = examine(collection, extractor("cells", cache=tmp_path))
    for path in tmp_path.rglob("*.npz"):
        path.write_bytes(b"no archive")
    again = examine(collection, extractor("cells", cache=tmp_path))
    assert (np.array(again.rows) == np.array(first.rows)).all()
