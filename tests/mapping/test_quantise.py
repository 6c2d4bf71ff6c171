"""Weights as codes: what rounding may cost, and signs that are made explicit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anaspike.errors import InputError
from anaspike.learning.network import Layer, Network
from anaspike.mapping.quantise import (
    SCALES,
    code_arrays,
    coded_network,
    parallel,
    quantise,
    quantise_layer,
)


@pytest.fixture
def layer():
    rng = np.random.default_rng(3)
    return Layer.of(rng.normal(size=(20, 30)), rng.normal(size=20), rng.uniform(0.3, 3, 20))


@pytest.mark.parametrize("scale", SCALES)
def test_codes_fit_three_bits_and_come_near_the_weights(layer, scale):
    coded = quantise_layer(layer, scale)
    assert np.abs(coded.codes).max() <= 7
    back = coded.layer()
    inside = np.abs(layer.weights) <= 7 * coded.scale[:, None]
    error = np.abs(back.weights - layer.weights)
    assert (
        error[inside] <= np.broadcast_to(coded.scale[:, None] / 2, error.shape)[inside] + 1e-6
    ).all()
    assert np.abs(back.bias - layer.bias).max() <= coded.scale.max() / 2 + 1e-6
    np.testing.assert_allclose(back.amplifier, layer.amplifier)


def test_a_fitted_scale_is_never_worse_than_the_largest_weights(layer):
    def error(scale):
        return np.sum((quantise_layer(layer, scale).layer().weights - layer.weights) ** 2, axis=1)

    assert (error("neuron-fit") <= error("neuron-max")).all()


def test_weights_that_are_codes_survive_exactly():
    codes = np.array([[7, -3, 0], [1, 2, -7]])
    coded = quantise_layer(Layer.of(codes * 0.25, [0.5, -2.0]), "neuron-max")
    assert coded.codes.tolist() == codes.tolist()
    assert coded.bias_codes.tolist() == [2, -8]  # eight units: two synapses


@pytest.mark.parametrize("kind", [np.float32, np.float16])
@pytest.mark.parametrize("step", [0.1, 1 / 3, 2.0])
@pytest.mark.parametrize("highest", [1, 2, 3, 5, 7])
def test_multiples_of_a_step_are_codes_whatever_the_highest(highest, step, kind):
    whole = np.random.default_rng(highest).integers(-highest, highest + 1, (4, 9))
    whole[0, 0] = highest
    weights = (whole * step).astype(kind).astype(np.float32)
    coded = quantise_layer(Layer.of(weights))
    times = 7 // highest
    assert coded.codes.tolist() == (whole * times).tolist()
    assert np.ptp(coded.scale) == 0  # one size, so that one supply does
    np.testing.assert_allclose(coded.scale, step / times, rtol=1e-3)


def test_neurons_with_steps_of_their_own_are_codes_too():
    coded = quantise_layer(Layer.of([[0.3, -0.1, 0.2], [0.5, 0.0, -3.5], [np.pi, 1.0, -0.5]]))
    assert coded.codes[:2].tolist() == [[6, -2, 4], [1, 0, -7]]
    np.testing.assert_allclose(coded.scale[:2], [0.05, 0.5], rtol=1e-6)


def test_a_negative_amplifier_flips_all_signs_of_its_neuron_bias_included():
    layer = Layer.of([[0.7, -0.2], [0.7, -0.2]], [0.1, 0.1], [-2.0, 2.0])
    coded = quantise_layer(layer, "neuron-max")
    assert coded.codes.tolist() == [[-7, 2], [7, -2]]
    assert coded.bias_codes.tolist() == [-1, 1]
    assert coded.flipped.tolist() == [True, False]
    assert (coded.amplifier > 0).all()
    inputs = np.array([[1, 0], [0, 1], [1, 1]], np.float32)
    np.testing.assert_allclose(coded.layer().drive(inputs), layer.drive(inputs), rtol=1e-5)


def test_a_sign_flipped_twice_is_the_first_again():
    layer = Layer.of([[1.0, -1.0]], [1.0], [-1.0])
    again = quantise_layer(layer).tuned(np.array([-3.0]))
    assert again.codes.tolist() == quantise_layer(Layer.of([[1.0, -1.0]], [1.0])).codes.tolist()
    assert again.flipped.tolist() == [False]
    assert again.amplifier.tolist() == [3.0]


def test_a_neuron_of_zeros_has_codes_of_zero():
    coded = quantise_layer(Layer.of([[0.0, 0.0], [1.0, 0.5]]))
    assert coded.codes[0].tolist() == [0, 0]
    assert np.isfinite(coded.scale).all()


def test_a_head_gets_two_synapses_a_weight(layer):
    network = Network((layer, Layer.of(np.random.default_rng(0).normal(size=(4, 20)))), head=True)
    hidden, head = quantise(network)
    assert (hidden.synapses, head.synapses) == (1, 2)
    assert 7 < np.abs(head.codes).max() <= 14
    dealt = parallel(head.codes, 2)
    assert dealt.shape == (2, 4, 20)
    assert np.abs(dealt).max() <= 7
    assert (dealt.sum(axis=0) == head.codes).all()


@given(arrays(np.int16, (5,), elements=st.integers(-21, 21)), st.integers(3, 5))
def test_parallel_synapses_add_up_and_are_even(codes, synapses):
    dealt = parallel(codes, synapses)
    assert (dealt.sum(axis=0) == codes).all()
    assert np.ptp(dealt, axis=0).max() <= 1


def test_the_codes_as_a_network_are_a_network(layer):
    network = Network((layer,), theta=1.5)
    coded = quantise(network)
    back = coded_network(coded, network)
    assert back.theta == 1.5
    assert set(code_arrays(coded)) == {"codes_0", "bias_codes_0"}


def test_an_unknown_scale_is_named(layer):
    with pytest.raises(InputError) as caught:
        quantise_layer(layer, "neuron-min")
    assert str(caught.value) == "no weight scale 'neuron-min'; did you mean 'neuron-max'?"
