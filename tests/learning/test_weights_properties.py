"""Networks from elsewhere, drawn at random: they decide as they did, and nothing else is read."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors_maker import safetensors
from weight_makers import SNN, f, lif

from anaspike.errors import InputError
from anaspike.learning.weights import import_weights


def fired(layers, inputs, above):
    """Who fires in the last layer, reckoned by hand: `layers` are (weights, bias, threshold)."""
    signal = inputs.astype(np.float64)
    for weights, bias, threshold in layers:
        drive = signal @ weights.astype(np.float64).T + bias
        signal = (drive > threshold if above else drive >= threshold).astype(np.float64)
    return signal.astype(bool)


def pytorch(layers):
    arrays = {}
    for i, (weights, bias, _) in enumerate(layers):
        arrays |= {f"net.{2 * i}.weight": weights, f"net.{2 * i}.bias": bias}
    return arrays


def snntorch(layers):
    arrays = {}
    for i, (weights, bias, threshold) in enumerate(layers, 1):
        arrays |= {f"fc{i}.weight": weights, f"fc{i}.bias": bias} | lif(f"lif{i}", threshold)
    return arrays


def sequential(layers):
    arrays = {}
    for i, (weights, bias, threshold) in enumerate(layers):
        arrays |= {f"{2 * i}.weight": weights, f"{2 * i}.bias": bias}
        arrays |= {f"{2 * i + 1}.threshold": np.asarray(threshold)}
    return arrays


def keras(layers):
    arrays = {}
    for i, (weights, bias, _) in enumerate(layers):
        name = f"dense_{i}" if i else "dense"
        arrays |= {f"{name}/kernel:0": weights.T, f"{name}/bias:0": bias}
    return arrays


def flax(layers):
    arrays = {}
    for i, (weights, bias, _) in enumerate(layers):
        arrays |= {f"params.Dense_{i}.kernel": weights.T, f"params.Dense_{i}.bias": bias}
    return arrays


def rows(layers):
    arrays = {}
    for i, (weights, bias, threshold) in enumerate(layers, 1):
        arrays |= {f"W{i}": weights.T, f"b{i}": bias[None], f"theta{i}": np.asarray(threshold)}
    return arrays


@given(
    st.sampled_from([pytorch, snntorch, sequential, keras, flax, rows]),
    st.lists(st.integers(1, 6), min_size=2, max_size=5),
    st.booleans(),
    st.randoms(use_true_random=False),
    st.integers(0, 2**32),
)
def test_a_network_comes_back_deciding_as_it_did(
    tmp_path_factory, write, neurons, whole, order, seed
):
    rng = np.random.default_rng(seed)
    layers = []
    for n_in, n_out in pairwise(neurons):
        if whole:  # drives that equal thresholds
            weights, bias = rng.integers(-3, 4, (n_out, n_in)), rng.integers(-1, 2, n_out)
            threshold = rng.integers(1, 4, n_out)
        else:
            weights, bias = 2 * rng.normal(size=(n_out, n_in)), rng.normal(size=n_out)
            threshold = rng.uniform(0.1, 2, n_out)
        if write in (pytorch, keras, flax):  # they keep no thresholds
            threshold = np.ones(n_out)
        elif rng.random() < 0.5:
            threshold = threshold[0]
        layers.append([np.asarray(x, np.float32) for x in (weights, bias, threshold)])
    arrays = list(write(layers).items())
    order.shuffle(arrays)
    path = tmp_path_factory.mktemp("network") / "w.npz"
    np.savez(path, **dict(arrays))
    network = import_weights(path, orientation="in,out" if write is rows else None)
    inputs = rng.integers(0, 2, (64, neurons[0])) if whole else rng.normal(size=(64, neurons[0]))
    inputs = inputs.astype(np.float32)
    assert (network.spikes(inputs)[-1] == fired(layers, inputs, write is snntorch)).all()


WORDS = st.sampled_from(
    "fc fc1 lif1 dense 0 1 2 3 out hidden lateral fb h2h W W1 w b weight bias weights kernel gamma"  # noqa: SIM905
    " beta alpha scale gain threshold U V mask state mem conn matrix A x labels norm q".split()
)
NAMES = st.text(min_size=1, max_size=12) | st.builds(
    lambda parts, by: by.join(parts), st.lists(WORDS, min_size=1, max_size=3),
    st.sampled_from(["", ".", "/", "_"]),
)  # fmt: skip
BASES = [
    SNN,
    SNN | lif("lif1") | lif("lif2"),
    {"params/Dense_0/kernel": f(4, 4), "params/Dense_1/kernel": f(4, 4)},
    {"W1": f(8, 4), "b1": f(8), "W2": f(3, 8), "b2": f(3)},
]
OWN = re.compile(r"fc\d*\.(weight|W|w|kernel)|[Ww]_?\d+|out\.weight|(.*threshold.*|.*theta.*)")


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Where to write, and what the files are read as with nothing else in them."""
    path = tmp_path_factory.mktemp("extra") / "w.safetensors"
    networks = []
    for base in BASES:
        path.write_bytes(safetensors(base))
        networks.append(import_weights(path))
    return path, networks


@given(
    st.integers(0, len(BASES) - 1), NAMES,
    st.sampled_from([(8, 8), (4, 4), (3, 3), (3, 8), (8, 4), (4, 8), (8,), (3,), (1, 8), ()]),
)  # fmt: skip
def test_no_array_is_silently_taken_for_a_layer(alone, which, name, shape):
    if name in BASES[which] or OWN.fullmatch(name):  # named as the file's own: it is what it says
        return
    path, networks = alone
    path.write_bytes(safetensors(BASES[which] | {name: np.ones(shape, np.float32)}))
    lines = []
    try:
        network = import_weights(path, report=lines.append)
    except InputError as error:
        assert "\n" not in str(error)
        return
    assert any(": left out, " in line and line.startswith(name) for line in lines)
    for ours, theirs in zip(network.layers, networks[which].layers, strict=True):
        assert (ours.weights == theirs.weights).all()
        assert (ours.bias == theirs.bias).all()
