"""Networks and tables of features from strangers: all is used, or one line."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from anaspike.errors import InputError
from anaspike.learning.arrays import write_arrays
from anaspike.learning.datasets.splits import grouped_split
from anaspike.learning.datasets.table import read_table
from anaspike.learning.network import Network
from anaspike.learning.weights import import_weights

NETWORK = {
    "format": np.array(1), "theta": np.array(1.0), "head": np.array(False),
    "weights_0": np.ones((2, 3)), "bias_0": np.ones(2), "amplifier_0": np.ones(2),
}  # fmt: skip
TABLE = {
    "features": np.eye(6)[:, :4], "labels": np.arange(6) % 2, "classes": np.array(["a", "b"]),
    "groups": np.array(list("uvwxyz")), "feature_names": np.array(list("pqrs")),
    "parts": np.array(["train", "test", "validation"] * 2), "notes": np.array(["n"]),
}  # fmt: skip
WEIGHTS = {"fc1.weight": np.ones((2, 3)), "fc1.bias": np.ones(2), "lif1.threshold": np.ones(1)}

VALUES = st.one_of(
    hnp.arrays(
        st.sampled_from(["f2", "f4", "f8", "g", "i1", "u1", "i8", "u8", "?", "c8", "U2", "S2"]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6),
    ),
    st.builds(
        np.full,
        st.sampled_from([(), (2,), (6,), (2, 3), (6, 4), (10_000, 0), (0, 7)]),
        st.sampled_from([1e300, -1e300, np.nan, np.inf, 2**63, -1, 0, True, "a", "\0", "\x1b[2J"]),
    ),
    st.just(np.frombuffer(bytes.fromhex("010080ff") * 24, np.float32).reshape(6, 4)),  # signalling
)


def used(path):
    return Network.load(path).spikes(np.zeros((1, 3)))


def split(path):
    return grouped_split(read_table(path), 0)


@settings(max_examples=250)
@given(
    st.sampled_from([(used, NETWORK), (split, TABLE), (import_weights, WEIGHTS)]),
    st.lists(st.tuples(st.integers(0, 6), VALUES), min_size=1, max_size=2),
)
def test_any_array_in_any_place_is_used_or_one_line(tmp_path_factory, what, changes):
    use, arrays = what
    names = list(arrays)
    changed = {**arrays, **{names[at % len(names)]: values for at, values in changes}}
    path = tmp_path_factory.mktemp("fuzz") / "w.npz"
    write_arrays(path, changed)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            use(path)
        except InputError as error:
            assert "\n" not in str(error)


def test_what_is_beyond_float32_is_told_without_a_warning(tmp_path):
    write_arrays(tmp_path / "t.npz", {**TABLE, "features": TABLE["features"] * 1e300})
    with pytest.raises(InputError, match="data set t: feature 0 of sample 0 is not a finite numbe"):
        read_table(tmp_path / "t.npz")
