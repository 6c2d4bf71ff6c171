"""The network as a value: equation 3 by hand, files, and every refusal."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.learning.arrays import read_arrays, write_arrays
from anaspike.learning.network import Layer, Network


@pytest.fixture
def network():
    rng = np.random.default_rng(0)
    return Network(
        (
            Layer.of(rng.normal(size=(5, 4)), rng.normal(size=5), rng.uniform(0.5, 2, 5)),
            Layer.of(rng.normal(size=(3, 5))),
        ),
        theta=0.5,
        head=True,
    )


def test_drive_is_equation_3():
    layer = Layer.of([[1.0, -2.0], [0.5, 0.5]], [0.25, -0.5], [2.0, -1.0])
    assert layer.drive(np.array([[1, 0], [1, 1]], np.float32)).tolist() == [[2.5, 0], [-1.5, -0.5]]


def test_a_drive_of_exactly_theta_fires():
    network = Network((Layer.of([[1.0], [0.999]]),))
    assert network.spikes([[1.0]])[0].tolist() == [[True, False]]


def test_only_spikes_reach_the_next_layer():
    network = Network((Layer.of([[3.0], [0.5]]), Layer.of([[0.75, 9.0]])))
    assert network.drives([[1.0]])[1].tolist() == [[0.75]]


def test_bool_and_float_spikes_drive_alike(network):
    patterns = np.random.default_rng(1).random((20, 4)) < 0.5
    for a, b in zip(network.drives(patterns), network.drives(patterns * 1.0), strict=True):
        assert (a == b).all()


def test_a_file_gives_the_network_back(network, tmp_path):
    network.save(tmp_path / "n.npz")
    again = Network.load(tmp_path / "n.npz")
    assert (again.theta, again.head) == (0.5, True)
    for ours, theirs in zip(network.layers, again.layers, strict=True):
        for name in vars(ours):
            assert getattr(ours, name).dtype == np.float32
            assert (getattr(ours, name) == getattr(theirs, name)).all()


def test_equal_networks_give_equal_bytes(network, tmp_path):
    network.save(tmp_path / "a.npz")
    network.save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Layer.of(np.ones(3)), "weights of shape (3,) are no matrix (neurons, inputs)"),
        (lambda: Layer.of(np.ones((0, 3))), "weights of shape (0, 3) are no matrix"),
        (
            lambda: Layer.of(np.ones((2, 3)), np.ones(3)),
            "bias of shape (3,) does not fit weights of shape (2, 3); it needs one value a neuron",
        ),
        (lambda: Layer.of([[np.nan]]), "weights holds values that are not finite (NaN or infinite"),
        (lambda: Layer.of([[1.0]], [np.inf]), "bias holds values that are not finite"),
        (lambda: Network(()), "a network needs at least one layer"),
        (
            lambda: Network((Layer.of(np.ones((2, 3))), Layer.of(np.ones((2, 3))))),
            "layer 1 takes 3 inputs, but layer 0 has 2 neurons",
        ),
        (lambda: Network((Layer.of([[1.0]]),), 0.0), "theta is 0; a threshold is a positive num"),
        (
            lambda: Network((Layer.of([[1.0]]),)).drives([[1.0, 2.0]]),
            "inputs of shape (1, 2) do not fit a network of 1 inputs",
        ),
    ],
)
def test_refusals(make, message):
    with pytest.raises(InputError, match=re.escape(message)):
        make()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights_1": np.ones((3, 9))}, "layer 1 takes 9 inputs, but layer 0 has 5 neurons"),
        ({"bias_0": np.full(5, np.nan)}, "bias holds values that are not finite"),
        ({"bias_0": np.array(["a"] * 5)}, "the array bias_0 holds no numbers (<U1)"),
        ({"bias_0": None}, "the array bias_0 is missing"),
        ({"theta": np.ones(2)}, "the array theta has shape (2,), but should be one number"),
        ({"format": np.array(9)}, "written in format 9; this anaspike reads 1"),
    ],
)
def test_odd_files(network, tmp_path, change, message):
    path = tmp_path / "n.npz"
    arrays = {**network.arrays(), **change}
    write_arrays(path, {name: value for name, value in arrays.items() if value is not None})
    with pytest.raises(InputError, match=re.escape(f"{path} holds no network: {message}")):
        Network.load(path)


def test_pickled_objects_are_never_loaded(tmp_path):
    path = tmp_path / "evil.npz"
    np.savez(path, weights_0=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="holds pickled objects, which are never loaded"):
        Network.load(path)


def test_missing_file_and_single_array(tmp_path):
    with pytest.raises(InputError, match=re.escape("none.npz: No such file or directory")):
        Network.load(tmp_path / "none.npz")
    np.save(tmp_path / "one.npy", np.ones(3))
    with pytest.raises(InputError, match="is a single array, not an npz file"):
        Network.load(tmp_path / "one.npy")


@given(st.binary(max_size=300), st.integers(0, 2000))
def test_any_bytes_are_a_network_or_one_line(tmp_path_factory, noise, at):
    folder = tmp_path_factory.mktemp("fuzz")
    Network((Layer.of([[1.0]]),)).save(folder / "n.npz")
    whole = (folder / "n.npz").read_bytes()
    (folder / "n.npz").write_bytes(whole[:at] + noise + whole[at + len(noise) :])
    try:
        read_arrays(folder / "n.npz")
    except InputError as error:
        assert "\n" not in str(error)
