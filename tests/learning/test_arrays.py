"""Files of arrays: what is none is told by what it is, and nothing in it is ever loaded."""

import io
import pickle
import re
import zipfile

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.arrays import read_arrays
from anaspike.learning.weights import import_weights

PYTORCH = (
    "a pickle, which is never loaded; save its numbers from PyTorch:"
    " safetensors.torch.save_file(model.state_dict(), 'w.safetensors')"
)
KERAS = "file, which is not read; save its arrays with np.savez, from Keras: np.savez('w.npz', **{v"


def zipped(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def array(values):
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


class Harmful:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("w.pth", zipped(**{"archive/data.pkl": pickle.dumps(Harmful()), "archive/data/0": b"0"}),
         f"is PyTorch's own file, {PYTORCH}"),
        ("w.pt", zipped(**{"w/data.pkl": b"", "w/code/x.py": b""}), "is PyTorch's own file"),
        ("w.npz", zipped(**{"archive/data.pkl": b""}), "is PyTorch's own file, a pickle"),
        ("w.pth", pickle.dumps(Harmful(), protocol=2), f"is {PYTORCH}"),
        ("w.pkl", pickle.dumps(Harmful()), f"is {PYTORCH}"),
        ("w.keras", zipped(**{"config.json": b"{}", "model.weights.h5": b""}), f"own {KERAS}"),
        ("w.h5", b"\x89HDF\r\n\x1a\n" + bytes(90), f"is an HDF5 {KERAS}"),
        ("w.zip", zipped(**{"notes.txt": b"hello"}), "is no npz file of arrays: it holds notes"),
        ("w.npz", zipped(**{"W1.npy": b"hello"}), "is no npz file of arrays: it holds W1"),
        ("w.npz", zipped(**{"W1.npy": array(np.ones(2)), "\x1b[2J": b""}), "it holds \\x1b[2J"),
        ("w.npz", zipped(**{"W1.npy": array(np.ones(2)), "W1": array(np.zeros(2))}),
         "holds 2 arrays of the name W1"),
        ("w.npz", array(np.ones(2)), "is a single array, not an npz file of named arrays"),
        ("w.npz", b"", "the npz file is damaged (No data left in file)"),
        ("w.npz", b"W1 1 2 3", "it is no npz file, or holds pickled objects, which are never load"),
        ("w.npz", zipped(W1=b"x")[:-9], "the npz file is damaged (File is not a zip file)"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_arrays(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    for read in (read_arrays, import_weights):
        with pytest.raises(InputError, match=re.escape(message)) as caught:
            read(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_pickled_objects_are_refused_and_may_be_left_out(tmp_path):
    path = tmp_path / "w.npz"
    np.savez(path, x=np.array([Harmful()], object), W1=np.ones((2, 2)), allow_pickle=True)
    with pytest.raises(InputError, match="holds pickled objects, which are never loaded"):
        import_weights(path)
    assert import_weights(path, skip=["x"]).n_inputs == 2
    assert read_arrays(path, lambda name: name != "x").keys() == {"W1"}
