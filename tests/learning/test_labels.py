"""A user's labels, from whatever holds numbers."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.learning.labels import read_labels

LABELS = [2, 0, 1, 2]
MEANT = np.eye(3, dtype=bool)[LABELS]


def written(tmp_path, name, values):
    path = tmp_path / name
    if name.endswith(".npy"):
        np.save(path, values)
    elif name.endswith(".npz"):
        np.savez(path, **values)
    else:
        path.write_bytes(values if isinstance(values, bytes) else values.encode())
    return path


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("labels.npy", np.array(LABELS)),
        ("labels.npy", np.array(LABELS, np.uint8)),
        ("labels.npy", np.array(LABELS, float)),
        ("labels.npy", np.array(LABELS)[:, None]),
        ("labels.npy", MEANT),
        ("labels.npz", {"labels": LABELS, "inputs": np.zeros((4, 2))}),
        ("labels.npz", {"label": LABELS, "inputs": np.zeros((4, 2))}),
        ("labels.npz", {"y": LABELS}),
        ("labels.dat", "2\n0\n1\n2\n"),
        ("labels.csv", "label\n2\n0\n1\n2\n"),
        ("labels.csv", "y\n2\n0\n1\n2"),
        ("labels.csv", ",name,Label\n0,a,2\n1,b,0\n2,c,1\n3,d,2\n"),
        ("labels.csv", b"\xef\xbb\xbflabel\r\n2\r\n0\r\n1\r\n2\r\n"),
        ("labels.csv", "0,0,1\n1,0,0\n0,1,0\n0,0,1\n"),
        ("labels.csv", "a,b,c\n0,0,1\n1,0,0\n0,1,0\n0,0,1\n"),
    ],
)
def test_labels_are_read_from_what_holds_them(tmp_path, name, values):
    meant = read_labels(written(tmp_path, name, values), 4, 3)
    assert meant.dtype == bool
    np.testing.assert_array_equal(meant, MEANT)


def test_of_one_output_a_label_says_whether_it_fires(tmp_path):
    path = written(tmp_path, "labels.csv", "0\n1\n1\n")
    assert read_labels(path, 3, 1).tolist() == [[False], [True], [True]]


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("l.npy", np.array([True, False, True, True]),
         ": labels are yes or no, but there are 3 outputs; give the number of one, or a table"
         " (4, 3)"),
        ("l.npy", np.array([2, 0, 1]),
         ": labels of shape (3,) do not fit 4 patterns; it needs one a pattern, or a table (4, 3)"
         " of 0 and 1"),
        ("l.npy", np.array([2, 0, 1, 3]), ": there is a label 3, but the outputs are 0 to 2"),
        ("l.npy", np.array([2, 0, -1, 2]), ": there is a label -1, but the outputs are 0 to 2"),
        ("l.npy", MEANT * 2,
         ": there is a label 2, but an output fires (1) or not (0)"),
        ("l.npy", np.array([2, 0, 0.5, 2]), ": labels are whole numbers, those of the outputs"),
        ("l.npy", np.array([2, 0, np.nan, 2]), ": labels are whole numbers, those of the outputs"),
        ("l.npy", np.array(["cat"] * 4), ": labels are whole numbers, those of the outputs"),
        ("l.npy", np.zeros((4, 2)),
         ": labels of shape (4, 2) do not fit 4 patterns; it needs one a pattern, or a table (4, 3)"
         " of 0 and 1"),
        ("l.npz", {"x": LABELS, "y": LABELS}, " has no array 'labels' (x, y)"),
        ("l.csv", "label\n2\n0\ncat\n2\n",
         ": 'cat' is no label; labels are numbers, those of the outputs"),
        ("l.csv", "a,b\n1,2\n", " has 2 columns and none of them is called 'label'"),
        ("l.csv", "name;label\na;2\n", " is separated by semicolons; save it with commas between"
         " values, and points as decimal marks"),
    ],
)  # fmt: skip
def test_labels_that_do_not_fit_are_one_line(tmp_path, name, values, message):
    path = written(tmp_path, name, values)
    with pytest.raises(InputError) as caught:
        read_labels(path, 4, 3)
    assert str(caught.value) == f"{path}{message}"


HUGE = b"{'descr': '<f4', 'fortran_order': False, 'shape': (100000000000,), }".ljust(96)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("l.npy", np.array([{"a": 1}] * 4), "cannot read {path}: it holds pickled objects"),
        ("l.npy", b"\x93NUMPY", "{path}: its array is an array of a version that is unknown"),
        ("l.npy", b"\x93NUMPY\1\0\x60\0" + HUGE, "{path}: its array has the shape (100000000000"),
        ("l.npz", b"PK\x03\x04", "cannot read {path}: "),
        ("l.csv", b"\xff\xfe\x00", "{path} is UTF-16; save it as UTF-8"),
        ("l.csv", "", "{path} is no CSV table: "),
        ("l.csv", "1,2\n1,2,3\n", "{path} is no CSV table: "),
    ],
)
def test_files_that_hold_no_labels_are_one_line(tmp_path, name, values, message):
    path = tmp_path / name
    if isinstance(values, np.ndarray):
        np.save(path, values, allow_pickle=True)
    else:
        path.write_bytes(values if isinstance(values, bytes) else values.encode())
    with pytest.raises(InputError) as caught:
        read_labels(path, 4, 3)
    assert str(caught.value).startswith(message.format(path=path))
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match=r"^cannot read .*: No such file or directory$"):
        read_labels(tmp_path / "none.csv", 4, 3)


@given(st.binary(max_size=60))
def test_no_bytes_whatever_give_a_traceback(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("labels") / "labels"
    path.write_bytes(data)
    try:
        assert read_labels(path, 2, 3).shape == (2, 3)
    except InputError as error:
        assert "\n" not in str(error)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "labels.csv")
    with pytest.raises(InputError, match="it is no plain file but a pipe or a device"):
        read_labels(tmp_path / "labels.csv", 4, 3)
