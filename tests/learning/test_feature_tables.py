"""Feature tables: round trip, and the line for each that is none."""

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.datasets import load_dataset
from anaspike.learning.datasets.table import write_table

GOOD = {
    "features": np.arange(8, dtype=np.float16).reshape(4, 2),
    "labels": np.array([0, 1, 0, 1], dtype=np.uint8),
    "classes": np.array(["a", "b"]),
    "groups": np.array(["0", "1", "2", "3"]),
}


def test_a_table_survives_the_disk(tmp_path):
    np.savez(tmp_path / "mine.npz", parts=np.array(["train", "test"] * 2), **GOOD)
    first = load_dataset(str(tmp_path / "mine.npz"))
    assert first.name == "mine"
    write_table(first, tmp_path / "again.npz")
    again = load_dataset(str(tmp_path / "again.npz"))
    assert np.array_equal(first.features, again.features)
    assert np.array_equal(first.labels, again.labels)
    assert np.array_equal(first.parts, again.parts)
    assert first.classes == again.classes


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"groups": None}, "{} is no table of features: it lacks groups"),
        ({"labels": np.array([0.5] * 4)}, "{}: labels holds float64; save whole numbers"),
        (
            {"features": np.zeros(4)},
            "{}: features is of shape (4,); save (samples, features)",
        ),
        (
            {"features": np.zeros((3, 2))},
            "data set mine: labels of shape (4,) beside 3 samples",
        ),
        (
            {"features": np.full((4, 2), np.inf)},
            "data set mine: feature 0 of sample 0 is not a finite number",
        ),
        (
            {"features": np.full((4, 2), -3e38)},
            "data set mine: feature 0 of sample 0 is beyond 1e+15, so that the spread is no number"
            " in float32; scale the features",
        ),
        (
            {"classes": np.array(["a", "b", "c"])},
            "data set mine: no sample of class c",
        ),
        (
            {"parts": np.array(["train", "dev", "test", "test"])},
            "{}: parts may be train, validation, test only",
        ),
        (
            {"features": np.array([[{}]], dtype=object)},
            "cannot read {}: it holds pickled objects, which are never loaded",
        ),
    ],
)
def test_bad_tables(tmp_path, change, text):
    path = tmp_path / "mine.npz"
    arrays = {name: values for name, values in (GOOD | change).items() if values is not None}
    np.savez(path, **arrays)
    with pytest.raises(InputError) as error:
        load_dataset(str(path))
    assert str(error.value) == text.format(path)


def test_a_table_that_is_a_folder_or_not_there(tmp_path):
    (tmp_path / "folder.npz").mkdir()
    for name, reason in (
        ("folder.npz", "Is a directory"),
        ("gone.npz", "No such file or directory"),
    ):
        with pytest.raises(InputError) as error:
            load_dataset(str(tmp_path / name))
        assert str(error.value) == f"cannot read {tmp_path / name}: {reason}"


def test_a_feature_too_large_for_a_table(tmp_path):
    np.savez(tmp_path / "mine.npz", **GOOD | {"features": np.full((4, 2), 1e6)})
    with pytest.raises(InputError) as error:
        write_table(load_dataset(str(tmp_path / "mine.npz")), tmp_path / "t.npz")
    assert str(error.value) == "data set mine: features above 65504 do not fit into a table"
