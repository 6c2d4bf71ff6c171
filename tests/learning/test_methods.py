"""What each method moves, and by how much: one step on numbers that fit on a page."""

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.methods import METHODS, Push, method_named
from anaspike.learning.network import Layer, Network
from anaspike.learning.rules import PAPER
from anaspike.learning.samples import Samples
from anaspike.learning.spiking import SpikingLearner

RATE = 0.5
# Two samples, two inputs, one neuron with a = 2: sums 1.5 and 2.5.
LAYER = Layer.of([[1.0, 0.5]], [1.0], [2.0])
INPUTS = np.array([[0, 1], [1, 1]], np.float32)
PUSH = Push(np.array([[1.0], [-2.0]], np.float32), LAYER.sums(INPUTS), INPUTS, RATE, PAPER)


def moved(name):
    method = METHODS[name]
    layer = method.start(LAYER, np.random.default_rng(0))
    before = {key: values.copy() for key, values in vars(layer).items()}
    method.move(layer, PUSH)
    return {
        key: (values - before[key]).tolist()
        for key, values in vars(layer).items()
        if (values != before[key]).any()
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nt1", {"amplifier": [RATE * (1 * 1.5 - 2 * 2.5)]}),
        ("nt2", {"bias": [RATE * (1 - 2) * 2]}),
        ("additive", {"weights": [[RATE * (1 * 1 - 2 * 2) * 2] * 2]}),
        ("bitfit", {"bias": [RATE * (1 - 2) / 2]}),
        ("tft", {"weights": [[RATE * -2 * 2, RATE * (1 - 2) * 2]], "bias": [RATE * (1 - 2) * 2]}),
        ("none", {}),
    ],
)
def test_one_step_by_hand(name, expected):
    got = moved(name)
    assert got.keys() == expected.keys()
    for key, values in expected.items():
        assert np.allclose(got[key], values, rtol=1e-6)


def test_a_start_leaves_the_network_as_it_was():
    for method in METHODS.values():
        layer = method.start(LAYER, np.random.default_rng(0))
        method.move(layer, PUSH)
    assert LAYER.weights.tolist() == [[1.0, 0.5]]
    assert (LAYER.bias.tolist(), LAYER.amplifier.tolist()) == ([1.0], [2.0])


def test_additive_adds_one_value_to_every_weight_and_bitfit_one_to_the_drive():
    rng = np.random.default_rng
    added = METHODS["additive"].start(LAYER, rng(1)).weights - LAYER.weights
    assert added[0, 0] == pytest.approx(added[0, 1], abs=1e-6)
    assert 0 <= added[0, 0] < 1
    fitted = METHODS["bitfit"].start(LAYER, rng(1))
    shift = fitted.drive(INPUTS) - LAYER.drive(INPUTS)
    assert np.allclose(shift, added[0, 0], atol=1e-6)


def test_bitfit_refuses_a_dead_amplifier():
    with pytest.raises(InputError, match="bitfit cannot tune a neuron whose amplifier is 0"):
        METHODS["bitfit"].start(Layer.of([[1.0]], None, [0.0]), np.random.default_rng(0))


def test_unknown_method():
    with pytest.raises(InputError, match="unknown method 'sgd'; choose one of nt1, nt2, additive"):
        method_named("sgd")


def test_the_hidden_error_by_hand():
    """One sample, 1-2-1: the output should fire and does not; equations 11 and 12."""
    network = Network((Layer.of([[2.0], [1.5]], None, [1.0, 0.5]), Layer.of([[0.25, 9.0]])))
    sample = Samples.of([[1.0]], [0])
    learner = SpikingLearner(
        network, METHODS["nt1"], PAPER, sample, sample, np.random.default_rng(0)
    )
    assert learner.step(np.array([0]), 0.125, 1.0) == (1, 0)
    # drives 2 and 0.75: only the first fires; output drive 0.25. Errors below: 0.25 and 9.
    hidden, output = (layer.amplifier.tolist() for layer in learner.network().layers)
    assert output == [1 + 0.125 * 0.25]
    assert hidden == [1 + 0.125 * 0.25 * 2, 0.5 + 0.125 * 9 * 1.5]


def test_cached_first_products_change_no_bit(small_network, blobs):
    """The same steps with products kept and computed anew: nothing but speed may differ."""
    states = []
    for caching in (True, False):
        learner = SpikingLearner(
            small_network, METHODS["nt1"], PAPER, *blobs, np.random.default_rng(0), caching
        )
        for start in range(0, 90, 30):
            learner.step(np.arange(start, start + 30), 0.01, 0.01)
        states.append(learner.state())
    assert states[0].keys() == {"amplifier_0", "amplifier_1"}
    for name, values in states[0].items():
        assert np.allclose(values, states[1][name], rtol=1e-5)
