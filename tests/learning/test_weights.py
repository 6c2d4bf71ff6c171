"""Networks from elsewhere: both formats, every refusal, and noise."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.learning.weights import import_weights, read_safetensors


def safetensors(arrays, **changes):
    """Write the format by hand: our reader is held against its specification."""
    header, data = {"__metadata__": {"made": "here"}}, b""
    for name, values in arrays.items():
        raw = values.tobytes()
        kind = {"float64": "F64", "float32": "F32", "float16": "F16", "int64": "I64"}[
            str(values.dtype)
        ]
        header[name] = {"dtype": kind, "shape": list(values.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}  # fmt: skip
        data += raw
    for name, entry in changes.items():
        header[name] |= entry
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


RNG = np.random.default_rng(0)
ARRAYS = {
    "classifier.10.weight": RNG.normal(size=(2, 3)).astype(np.float32),
    "classifier.2.weight": RNG.normal(size=(3, 4)).astype(np.float16),
    "classifier.2.bias": RNG.normal(size=3),
}


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_matrices_and_biases_become_layers_in_order(tmp_path, suffix):
    path = tmp_path / f"w.{suffix}"
    if suffix == "npz":
        np.savez(path, **ARRAYS)
    else:
        path.write_bytes(safetensors(ARRAYS))
    network = import_weights(path, theta=0.5)
    assert network.theta == 0.5
    first, second = network.layers
    assert (first.weights == ARRAYS["classifier.2.weight"].astype(np.float32)).all()
    assert (first.bias == ARRAYS["classifier.2.bias"].astype(np.float32)).all()
    assert (second.weights == ARRAYS["classifier.10.weight"]).all()
    assert (second.bias == 0).all()


@pytest.mark.parametrize("names", [("fc_w", "fc_b"), ("weight_0", "bias_0"), ("W1", "b1")])
def test_common_names_find_their_bias(tmp_path, names):
    np.savez(tmp_path / "w.npz", **{names[0]: np.ones((2, 3)), names[1]: np.array([4.0, 5.0])})
    assert import_weights(tmp_path / "w.npz").layers[0].bias.tolist() == [4, 5]


def test_the_librarys_files_are_read(tmp_path):
    library = pytest.importorskip("safetensors.numpy", reason="not installed")
    arrays = {"a.weight": RNG.normal(size=(3, 2)).astype(np.float32)}
    library.save_file(arrays, tmp_path / "w.safetensors")
    assert (read_safetensors(tmp_path / "w.safetensors")["a.weight"] == arrays["a.weight"]).all()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"b": np.ones(3)}, "holds no matrix (neurons, inputs)"),
        ({"a.weight": np.ones((2, 3)), "c.bias": np.ones(2)}, "c.bias belongs to no matrix"),
        ({"a": np.ones((2, 3), int)}, "a is int64 of shape (2, 3); only matrices"),
        ({"a": np.ones((2, 3, 1))}, "a is float64 of shape (2, 3, 1); only matrices"),
        ({"a": np.array([[np.nan]])}, "a: weights holds values that are not finite"),
        ({"a.weight": np.ones((2, 3)), "a.bias": np.ones(3)}, "bias of shape (3,) does not fit"),
        ({"a": np.ones((2, 3)), "b": np.ones((2, 3))}, "layer 1 takes 3 inputs, but layer 0 has 2"),
    ],
)
def test_odd_contents(tmp_path, arrays, message):
    np.savez(tmp_path / "w.npz", **arrays)
    with pytest.raises(InputError, match=re.escape(message)):
        import_weights(tmp_path / "w.npz")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "its header's length makes no sense"),
        (b"\xff" * 20, "its header's length makes no sense"),
        (safetensors({"a": np.ones((2, 2), int)}), "a is of type I64; convert it to one of F64"),
        (safetensors({"a": np.ones((2, 2))}, a={"shape": [2, 9]}), "a does not fit the file"),
        (safetensors({"a": np.ones((2, 2))}, a={"data_offsets": [-8, 24]}), "makes no sense"),
        (safetensors({"a": np.ones((2, 2))}, a={"data_offsets": [64, 96]}), "a does not fit the"),
    ],
)
def test_damaged_safetensors(tmp_path, content, message):
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(f"{path} is no safetensors file: ")) as caught:
        import_weights(path)
    assert message in str(caught.value)


def test_pickles_are_refused(tmp_path):
    np.savez(tmp_path / "w.npz", a=np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="holds pickled objects, which are never loaded"):
        import_weights(tmp_path / "w.npz")


@given(st.binary(max_size=40), st.integers(0, 200))
def test_any_bytes_are_tensors_or_one_line(tmp_path_factory, noise, at):
    path = tmp_path_factory.mktemp("fuzz") / "w.safetensors"
    whole = safetensors(ARRAYS)
    path.write_bytes(whole[:at] + noise + whole[at + len(noise) :])
    try:
        import_weights(path)
    except InputError as error:
        assert "\n" not in str(error)
