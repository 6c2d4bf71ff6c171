"""Section 4's variant: gradients against finite differences, and that it learns."""

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.feedforward import TRAINED, FeedForwardLearner
from anaspike.learning.loop import Pace, run
from anaspike.learning.network import Layer, Network
from anaspike.learning.samples import Samples


@pytest.fixture
def network():
    rng = np.random.default_rng(0)
    return Network(
        tuple(
            Layer.of(rng.normal(0, 0.7, (n_out, n_in)), rng.normal(0, 0.3, n_out))
            for n_in, n_out in ((6, 8), (8, 7), (7, 3))
        )
    )


@pytest.fixture
def samples():
    rng = np.random.default_rng(1)
    return Samples.of(rng.normal(size=(20, 6)), np.arange(20) % 3)


def cross_entropy(learner, samples):
    sums = learner._forward(samples.inputs)[1][-1].astype(np.float64)
    top = sums.max(1, keepdims=True)
    logs = sums - top - np.log(np.exp(sums - top).sum(1, keepdims=True))
    return -logs[np.arange(len(sums)), samples.labels].mean()


@pytest.mark.parametrize("method", [m for m, names in TRAINED.items() if names])
def test_gradients_are_the_finite_differences(network, samples, method):
    def fresh():
        return FeedForwardLearner(network, method, samples, samples, np.random.default_rng(2))

    learner = fresh()
    learner.step(np.arange(20), 1e-9, 1e-9)
    for name, moment in learner.state().items():
        if not name.startswith("adam.mean."):
            continue
        parameter, _, layer = name.removeprefix("adam.mean.").rpartition("_")
        probe = fresh()
        values = getattr(probe._layers[int(layer)], parameter)
        for at in list(np.ndindex(values.shape))[:6]:
            middle, losses = values[at], []
            for step in (-1e-4, 1e-4):
                values[at] = middle + np.float32(step)
                losses.append(cross_entropy(probe, samples))
            values[at] = middle
            slope = (losses[1] - losses[0]) / 2e-4
            assert moment[at] / 0.1 == pytest.approx(slope, abs=5e-3, rel=0.02)


@pytest.mark.parametrize(
    ("method", "trained"),
    [
        ("nt1", {"gain_1", "gain_2"}),  # Table 5: each belongs to a neuron
        ("nt1-inputs", {"gain_0", "gain_1", "gain_2"}),  # Table 3: the first layer's inputs too
        ("nt2", {"bias_0", "bias_1", "bias_2"}),
        ("additive", {"added_0", "added_1", "added_2"}),
        ("none", set()),
    ],
)
def test_what_is_trained(network, samples, method, trained):
    learner = FeedForwardLearner(network, method, samples, samples, np.random.default_rng(0))
    assert {name for name in learner.state() if not name.startswith("adam")} == trained


@pytest.mark.parametrize("method", ["nt1", "nt2", "tft"])
def test_it_learns_and_the_network_it_gives_is_the_one_it_trained(network, blobs, method):
    train, validation = blobs
    rng = np.random.default_rng(0)
    wide = Network(
        tuple(
            Layer.of(rng.normal(0, (2 / n_in) ** 0.5, (n_out, n_in)))
            for n_in, n_out in ((24, 64), (64, 64), (64, 3))
        )
    )
    learner = FeedForwardLearner(wide, method, train, validation, rng)
    pace = Pace(20, 16, 0.01, 0.01, falls=False, seed=0)
    tuned = run(learner, train.labels, validation.labels, pace)
    assert tuned.best.validation_exact > max(0.8, tuned.history[0].validation_exact + 0.2)
    signal = validation.inputs
    for layer in tuned.network.layers:
        sums = layer.drive(signal)
        signal = np.maximum(sums, 0)
    assert (sums.argmax(1) == validation.labels).mean() == tuned.best.validation_exact


def test_state_and_restore_are_exact(network, samples):
    def fresh():
        return FeedForwardLearner(network, "tft", samples, samples, np.random.default_rng(0))

    one, other = fresh(), fresh()
    one.step(np.arange(10), 0.01, 0.01)
    other.restore(one.state())
    for learner in (one, other):
        learner.step(np.arange(10, 20), 0.01, 0.01)
    for name, values in one.state().items():
        assert (values == other.state()[name]).all()


def test_unknown_method(network, samples):
    with pytest.raises(InputError, match="unknown method 'lora'; choose one of nt1, nt1-inputs"):
        FeedForwardLearner(network, "lora", samples, samples, np.random.default_rng(0))
