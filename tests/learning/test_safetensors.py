"""Safetensors files: read as written, and one line for whatever is odd."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors_maker import packed, safetensors

from anaspike.errors import InputError
from anaspike.learning.weights import import_weights, read_safetensors

RNG = np.random.default_rng(0)
ARRAYS = {
    "classifier.10.weight": RNG.normal(size=(2, 3)).astype(np.float32),
    "classifier.2.weight": RNG.normal(size=(3, 4)).astype(np.float16),
    "classifier.2.bias": RNG.normal(size=3),
    "bn.num_batches_tracked": np.array(5),
}


@pytest.mark.parametrize("suffix", ["npz", "safetensors", "SAFETENSORS"])
def test_both_formats_are_read_alike(tmp_path, suffix):
    path = tmp_path / f"w.{suffix}"
    if suffix == "npz":
        np.savez(path, **ARRAYS)
    else:
        path.write_bytes(safetensors(ARRAYS))
    lines = []
    network = import_weights(path, theta=0.5, report=lines.append)
    assert network.theta == 0.5
    first, second = network.layers
    assert (first.weights == ARRAYS["classifier.2.weight"].astype(np.float32)).all()
    assert (first.bias == ARRAYS["classifier.2.bias"].astype(np.float32)).all()
    assert (second.weights == ARRAYS["classifier.10.weight"]).all()
    assert (second.bias == 0).all()
    assert lines[-1] == "bn.num_batches_tracked: left out, counts or draws in training only"


def test_bfloat16_is_read_exactly(tmp_path):
    upper = np.array([[0x3F80, 0xC020], [0x0000, 0x7F7F]], np.uint16)  # 1, -2.5, 0, the largest
    (tmp_path / "w.safetensors").write_bytes(safetensors({"fc.weight": upper}))
    values = read_safetensors(tmp_path / "w.safetensors")["fc.weight"]
    assert values.dtype == np.float32
    assert values.tolist() == [[1, -2.5], [0, float.fromhex("0x1.fep127")]]


def test_the_librarys_files_are_read(tmp_path):
    library = pytest.importorskip("safetensors.numpy", reason="not installed")
    arrays = {"a.weight": RNG.normal(size=(3, 2)).astype(np.float32), "n": np.array([1, 2])}
    library.save_file(arrays, tmp_path / "w.safetensors")
    read = read_safetensors(tmp_path / "w.safetensors")
    assert all((read[name] == values).all() for name, values in arrays.items())


def test_a_type_numpy_lacks_is_told_and_may_be_left_out(tmp_path):
    path = tmp_path / "w.safetensors"
    arrays = {"fc.weight": np.ones((2, 3), np.float32), "old": np.ones(4, np.uint8)}
    path.write_bytes(safetensors(arrays, old={"dtype": "F8_E4M3"}))
    with pytest.raises(InputError, match=re.escape(f"{path}: old is of type F8_E4M3; convert it")):
        import_weights(path)
    assert import_weights(path, skip=["old"]).n_inputs == 3


ONES = safetensors({"a": np.ones((2, 2))})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "its header's length makes no sense"),
        (b"\xff" * 20, "its header's length makes no sense"),
        (safetensors({"a": np.ones((2, 2))}, a={"shape": [2, 9]}), "a does not fit the file"),
        (safetensors({"a": np.ones((2, 2))}, a={"data_offsets": [-8, 24]}), "makes no sense"),
        (safetensors({"a": np.ones((2, 2))}, a={"data_offsets": [64, 96]}), "a does not fit the"),
        (safetensors({"a": np.ones((2, 2))}, a={"shape": [True, 4]}), "makes no sense"),
        (safetensors({"a": np.ones((2, 2))}, a={"shape": [2.0, 2]}), "makes no sense"),
        (safetensors({"a": np.ones((2, 2))}, a={"shape": 4}), "its header is no table of arrays"),
        (safetensors({"a": np.ones((2, 2))}, a={"dtype": ["F64"]}), "its header is no table of"),
        (safetensors({"a": np.ones((2, 2))}, a={"data_offsets": [1]}), "its header is no table"),
        (packed(b"[1]"), "its header is no table of arrays"),
        (packed(b'{"a": 1}'), "its header is no table of arrays"),
        (packed(b"[" * 100_000), "it nests too deep"),
        (packed(b'{"a": %s}' % (b"9" * 9999)), "integer string"),
        (packed(b'{"a": {}, "a": {}}'), "it holds two entries of one name"),
    ],
)
def test_damaged_safetensors(tmp_path, content, message):
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(f"{path} is no safetensors file: ")) as caught:
        import_weights(path)
    assert message in str(caught.value)


TWO = {"a.weight": np.ones((2, 2)), "b.weight": np.ones((2, 2))}
LARGE = [2**40, 2**40]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (safetensors(TWO, **{"b.weight": {"data_offsets": [0, 32]}}), "b.weight lies over a."),
        (safetensors(TWO, **{"b.weight": {"data_offsets": [31, 63]}}), "b.weight lies over a."),
        (safetensors(TWO, **{"b.weight": {"data_offsets": [64, 32]}}), "does not fit the file"),
        (safetensors(TWO, **{"b.weight": {"data_offsets": [0, 2**70]}}), "makes no sense"),
        (safetensors(TWO, **{"b.weight": {"shape": LARGE}}), f"has the shape ({2**40}, {2**40})"),
        (safetensors(TWO, **{"b.weight": {"shape": [10**12, 0], "data_offsets": [64, 64]}}),
         "has the shape (1000000000000, 0), and a file of"),
        (safetensors(TWO, **{"b.weight": {"shape": [1] * 33}}), "b.weight has 33 dimensions"),
        (packed(b'{"a": {"dtype": "F32", "data_offsets": [0, 4], "shape": [%s]}}'
                % b",".join([b"9" * 4000] * 400)), "makes no sense"),
        (packed(b" " * 2_000_001), "its header's length makes no sense"),
    ],
)  # fmt: skip
def test_what_a_header_claims_is_judged_before_data(tmp_path, content, message):
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(str(path))) as caught:
        read_safetensors(path)
    assert message in str(caught.value)


def test_a_file_of_any_size_is_not_read_whole(tmp_path):
    """Sparse, it takes no disk: of 10 TB only what is wanted is read."""
    path = tmp_path / "w.safetensors"
    header = {
        "a.weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
        "huge": {"dtype": "F32", "shape": [25, 10**11], "data_offsets": [4, 10**13 + 4]},
    }
    path.write_bytes(packed(json.dumps(header).encode()) + bytes(8))
    with path.open("r+b") as file:
        file.truncate(10**13 + 1000)
    with pytest.raises(InputError, match=r"huge has the shape \(25, 100000000000\), and a file of"):
        read_safetensors(path)
    assert read_safetensors(path, lambda name: name != "huge")["a.weight"].tolist() == [0]
    with pytest.raises(InputError, match=r"huge has the shape .* and 1 GB are allowed"):
        read_safetensors(path, max_size_B=1e9)


def test_truth_values_are_0_and_1_whatever_the_bytes(tmp_path):
    path = tmp_path / "w.safetensors"
    path.write_bytes(safetensors({"a": np.array([0, 2, 255], np.uint8)}, a={"dtype": "BOOL"}))
    values = read_safetensors(path)["a"]
    assert values.view(np.uint8).tolist() == [0, 1, 1]


@given(st.binary(max_size=40), st.integers(0, 200))
def test_any_bytes_are_tensors_or_one_line(tmp_path_factory, noise, at):
    path = tmp_path_factory.mktemp("fuzz") / "w.safetensors"
    whole = safetensors(ARRAYS)
    path.write_bytes(whole[:at] + noise + whole[at + len(noise) :])
    try:
        import_weights(path)
    except InputError as error:
        assert "\n" not in str(error)
