"""The surrogate rule: it learns, its codes are what hardware holds, it resumes to the bit."""

from dataclasses import replace

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.network import Layer, Network
from anaspike.learning.samples import Samples
from anaspike.learning.scores import answers
from anaspike.learning.settings import Settings
from anaspike.learning.source import headed
from anaspike.learning.surrogate import Chip, SurrogateLearner, coded
from anaspike.learning.training import tune, values_trained
from anaspike.mapping.quantise import coded_network, quantise

SURROGATE = Settings(rule="surrogate", rate=0.05, head_rate=0.05, epochs=60, batch=16, last=True)


@pytest.fixture(scope="module")
def start(small_network, blobs):
    """The hidden layer of a source network, and a head that votes."""
    return headed(small_network.layers[:1], 1.0, 3, blobs[0].inputs, votes=4)


def test_a_head_on_hidden_neurons_learns(start, blobs):
    tuned = tune(start, *blobs, SURROGATE)
    assert tuned.best.epoch == 60  # no epoch is chosen
    assert tuned.history[0].validation_exact < 0.5
    assert tuned.best.validation_exact > 0.9
    assert tuned.network.votes == 4
    assert (tuned.network.layers[0].amplifier != 1).any()
    assert values_trained(start, SURROGATE) == 32 + 12 * 32 + 12


def test_its_weights_are_codes_that_quantising_finds_again(start, blobs):
    network = tune(start, *blobs, SURROGATE).network
    layers = quantise(network)
    again = coded_network(layers, network)
    for ours, theirs in zip(network.drives(blobs[1].inputs), again.drives(blobs[1].inputs),
                            strict=True):  # fmt: skip
        assert np.allclose(ours, theirs, atol=1e-5)
    assert [np.abs(layer.codes).max() for layer in layers] == [7, 14]


def test_codes_are_multiples_of_one_size_a_neuron():
    layer = coded(Layer.of([[0.7, -0.31, 0.0], [0.0, 0.0, 0.0]], [0.26, 0.1]), 7)
    assert np.allclose(layer.weights, [[0.7, -0.3, 0.0], [0, 0, 0]])
    assert np.allclose(layer.bias[0], 0.3)


def test_nothing_moves_but_what_the_method_trains(start, blobs):
    free = replace(SURROGATE, chip=Chip(bits=None), epochs=2)
    for method, moved in (("none", []), ("nt1", ["amplifier"]), ("nt2", ["bias"]),
                          ("tft", ["weights", "bias"])):  # fmt: skip
        network = tune(start, *blobs, replace(free, method=method)).network
        hidden, before = network.layers[0], start.layers[0]
        changed = [n for n in ("weights", "bias", "amplifier")
                   if (getattr(hidden, n) != getattr(before, n)).any()]  # fmt: skip
        assert changed == moved
        assert (network.layers[1].weights != start.layers[1].weights).any()


def test_an_interrupted_training_goes_on_to_the_same_bits(start, blobs, tmp_path):
    whole = tune(start, *blobs, replace(SURROGATE, epochs=4))

    def interrupt(epoch, _):
        if epoch.epoch == 2:
            raise KeyboardInterrupt

    file = tmp_path / "c.npz"
    settings = replace(SURROGATE, epochs=4)
    with pytest.raises(KeyboardInterrupt):
        tune(start, *blobs, settings, interrupt, file)
    resumed = tune(start, *blobs, settings, None, file)
    for ours, theirs in zip(whole.network.layers, resumed.network.layers, strict=True):
        assert (ours.weights == theirs.weights).all()
        assert (ours.amplifier == theirs.amplifier).all()


def test_the_slope_of_the_head_is_that_of_the_loss():
    """Against a difference of the cross entropy, without noise, dropping and rounding."""
    rng = np.random.default_rng(0)
    inputs, labels = (rng.random((20, 6)) < 0.5).astype(np.float32), rng.integers(3, size=20)
    samples = Samples.of(inputs, labels)
    chip = Chip(noise=0.0, bits=None, dropped=0.0, decay=0.0)
    weights = rng.normal(size=(6, 6))

    def loss(matrix):
        drive = inputs @ matrix.T - 1.0
        soft = 1 / (1 + np.exp(-drive / chip.softness))
        logits = chip.sharpness * soft.reshape(20, 3, 2).sum(2)
        return -(logits[np.arange(20), labels] - np.log(np.exp(logits).sum(1))).mean()

    network = Network((Layer.of(weights),), 1.0, True, 2)
    learner = SurrogateLearner(network, "none", chip, samples, samples, 0)
    seen = {}
    learner._adam.move = lambda name, values, slope, rate: seen.update({name: slope})
    learner.step(np.arange(20), 0.1, 0.1)
    for row, column in ((0, 0), (3, 2), (5, 5)):
        moved = weights.copy()
        moved[row, column] += 1e-5
        slope = (loss(moved) - loss(weights)) / 1e-5
        assert seen["weights_0"][row, column] == pytest.approx(slope, abs=2e-4)


def test_methods_that_it_does_not_know_are_refused():
    with pytest.raises(InputError, match="the surrogate rule does not tune by additive; choose"):
        Settings(rule="surrogate", method="additive")


def test_answers_are_of_votes(start, blobs):
    learner = SurrogateLearner(start, "none", Chip(), *blobs, 0)
    outputs = learner.network().spikes(blobs[1].inputs)[-1]
    assert (learner.validation_answers() == answers(outputs, 4)).all()
