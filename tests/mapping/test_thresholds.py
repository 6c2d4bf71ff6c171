"""Where a threshold lies: whatever step, theta and bias, decisions are the network's own."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anaspike.learning.network import Layer, Network
from anaspike.mapping.agreement import decisions
from anaspike.mapping.deploy import deploy
from anaspike.mapping.quantise import coded_network, quantise
from anaspike.mapping.thresholds import placed

XOR = Layer.of([[1, -1], [-1, 1]]), Layer.of([[1, 1]])
ALL_PAIRS = np.array(list(product((False, True), repeat=2)))


def every_pattern(n_in):
    return np.array(list(product((False, True), repeat=n_in)))


def sums(coded, inputs):
    return inputs.astype(int) @ coded.codes.T.astype(int) + coded.bias_codes


@pytest.mark.parametrize("theta", [1.0, 0.8, 0.01])
def test_whole_drives_that_decide_alike_have_one_threshold_half_a_step_below_the_first(theta):
    network = Network(XOR, theta)
    made = placed(quantise(network), network, ALL_PAIRS)
    for layer in made.layers:
        assert np.abs(layer.codes).max() == 7  # of the codes that hold +-1 the largest
        np.testing.assert_allclose(layer.thresholds(theta), 7 * (1 - 0.5))
        assert not layer.bias_codes.any()
    assert not np.concatenate(made.raised).any()


def test_between_two_whole_drives_every_theta_is_the_same():
    weights = np.random.default_rng(0).choice([-1.0, 1.0], (6, 9))
    inputs = np.random.default_rng(1).random((100, 9)) < 0.5
    first, *others = (
        placed(quantise(network), network, inputs).layers[0]
        for network in (Network((Layer.of(weights),), theta) for theta in (2.0, 1.5, 1.01, 1.9))
    )
    for other in others:
        np.testing.assert_array_equal(other.codes, first.codes)
        np.testing.assert_array_equal(other.bias_codes, first.bias_codes)
        np.testing.assert_allclose(other.thresholds(1.0), other.thresholds(1.0))


@st.composite
def on_lattices(draw):
    """A neuron or more whose weights are multiples of a step, any bias, NT value and theta."""
    n_in, n_out = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    step = draw(st.sampled_from([1.0, 0.1, 0.25, 1 / 3, 0.037, 12.5, 1e-3]))
    most = draw(st.integers(1, 7))
    whole = st.integers(-most, most)
    weights = np.array(draw(st.lists(whole, min_size=n_in * n_out, max_size=n_in * n_out)))
    odd = st.floats(-12, 12).map(lambda x: round(x * 64) / 64)
    bias = np.array(draw(st.lists(st.one_of(whole, odd), min_size=n_out, max_size=n_out)))
    gain = st.sampled_from([1.0, -1.0, 0.5, -2.0, 1.7])
    amplifier = draw(st.lists(gain, min_size=n_out, max_size=n_out))
    theta = draw(st.sampled_from([0.01, 0.3, 1.0, 1.5, 2.0, 5.0, 40.0, 1e6]))
    layer = Layer.of(weights.reshape(n_out, n_in) * step, bias * step, amplifier)
    return Network((layer,), theta * step)


@settings(max_examples=150)
@given(on_lattices(), st.integers(1, 8))
def test_on_a_lattice_codes_decide_every_pattern_as_the_network_does(network, seen):
    """Whatever the patterns that it was mapped with."""
    inputs = every_pattern(network.n_inputs)
    some = inputs[np.random.default_rng(seen).integers(len(inputs), size=seen)]
    (layer,) = placed(quantise(network), network, some).layers
    threshold, drive = layer.thresholds(network.theta), sums(layer, inputs)
    must = decisions(network, inputs)[0]
    assert (threshold > 0).all()
    np.testing.assert_array_equal(drive > threshold, must)
    np.testing.assert_array_equal(coded_network((layer,), network).spikes(inputs)[0], must)
    # Nothing comes nearer than half a code, or half the step that the codes go in.
    step = np.maximum(np.gcd.reduce(layer.codes.astype(int), axis=1), 1)
    assert (np.abs(drive - threshold) >= step / 2 - 1e-6).all()


def test_multiples_of_a_tenth_that_are_theta_but_for_rounding_fire():
    network = Network((Layer.of([[0.7, -0.4, 0.1, 0.2]]),), 0.3)
    inputs = every_pattern(4)
    exact = inputs @ np.array([7, -4, 1, 2]) >= 3
    assert (network.spikes(inputs)[0][:, 0] != exact).any()
    np.testing.assert_array_equal(decisions(network, inputs)[0][:, 0], exact)
    (layer,) = placed(quantise(network), network, inputs).layers
    np.testing.assert_array_equal((sums(layer, inputs) > layer.thresholds(0.3))[:, 0], exact)


def test_other_weights_lose_no_more_than_before_on_the_patterns_given():
    rng = np.random.default_rng(3)
    layer = Layer.of(rng.normal(size=(20, 12)), rng.normal(size=20), rng.uniform(0.5, 2, 20))
    network = Network((layer,))
    inputs, others = rng.random((2, 300, 12)) < 0.5
    coded = quantise(network)
    made = placed(coded, network, inputs).layers
    must, before, after = (
        net.spikes(inputs.astype(np.float32))[0]
        for net in (network, coded_network(coded, network), coded_network(made, network))
    )
    wrong_before, wrong_after = (np.mean(x != must, axis=0) for x in (before, after))
    assert (wrong_after <= wrong_before).all()
    assert wrong_after.mean() < 0.8 * wrong_before.mean()
    must, before, after = (
        net.spikes(others.astype(np.float32))[0]
        for net in (network, coded_network(coded, network), coded_network(made, network))
    )
    assert (after != must).mean() < (before != must).mean()  # nor on others
    # Where nothing is wrong nothing is moved.
    clear = np.any(coded[0].codes, axis=1) & (wrong_before == 0)
    moved = made[0].thresholds(1.0) - coded[0].thresholds(1.0) - (made[0].bias_codes
                                                                 - coded[0].bias_codes)  # fmt: skip
    assert (np.abs(moved[clear]) <= 0.5 + 1e-9).all()


def test_a_threshold_low_against_inhibition_is_raised_and_its_bias_with_it():
    rng = np.random.default_rng(4)
    network = Network((Layer.of(rng.choice([-1.0, 1.0], (5, 64))),))
    inputs = rng.random((200, 64)) < 0.5
    made = placed(quantise(network), network, inputs)
    (layer,), (raised,) = made.layers, made.raised
    assert (raised > 20).all()
    np.testing.assert_array_equal(layer.bias_codes, raised)
    np.testing.assert_allclose(layer.thresholds(1.0), 3.5 + raised)
    np.testing.assert_array_equal(
        sums(layer, inputs) > layer.thresholds(1.0), decisions(network, inputs)[0]
    )


def test_what_nothing_makes_fire_asks_for_no_supply_of_its_own():
    weights = np.array([[1.0, 1.0, -1.0], [-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]])
    network = Network((Layer.of(weights, [0.0, 0.0, 0.0], [1.0, 1.0, 0.0]),), 2.0)
    (layer,) = placed(quantise(network), network, every_pattern(3)).layers
    first, second, off = layer.thresholds(2.0)
    assert second == first == 7 * 1.5
    assert off == np.inf  # NT has switched it off
    never = Network(XOR, 1e6)
    for layer in placed(quantise(never), never, ALL_PAIRS).layers:
        most = np.maximum(layer.codes, 0).sum(axis=1)
        np.testing.assert_allclose(layer.thresholds(1e6), np.maximum(1.25 * most, most + 3.5))


@pytest.mark.parametrize("seed", range(4))
def test_networks_of_whole_weights_decide_on_hardware_as_they_do(neurons, curve, seed):
    rng = np.random.default_rng(seed)
    most = (1, 7)[seed % 2]
    sizes = rng.choice([4, 8, 16], 3)
    layers = tuple(
        Layer.of(
            rng.integers(-most, most + 1, (b, a)) if most > 1 else rng.choice([-1, 1], (b, a)),
            rng.integers(-most, most + 1, b),
        )
        for a, b in pairwise(sizes)
    )
    network = Network(layers, float(most))
    inputs = rng.random((100, sizes[0])) < 0.5
    made = placed(quantise(network), network, inputs).layers
    ideal = deploy(neurons, made, network, curve).trimmed(inputs)
    wanted = decisions(network, inputs)
    for hardware in (ideal, ideal.remapped(5)):
        for ran, must in zip(hardware.run(inputs), wanted, strict=True):
            np.testing.assert_array_equal(ran.spikes, must)
