"""Networks in time: steps by hand, trains as they are read, three ways to score."""

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.temporal import TemporalLayer, TemporalNetwork, answers, read_trains


def trains(*steps):
    return np.array(steps, bool)[None, :, None]


def test_a_membrane_leaks_adds_up_fires_and_starts_again():
    layer = TemporalLayer.of([[0.6]], None, 1.0, 0.5)
    # 0.6, 0.9, 0.45, 0.825, 1.01 fires, 0.6
    assert layer.run(trains(1, 1, 0, 1, 1, 1))[0, :, 0].tolist() == [0, 0, 0, 0, 1, 0]


def test_a_bias_comes_each_step_and_spikes_reach_the_next_layer_at_once():
    one = TemporalLayer.of([[0.0]], [0.4], 1.0, 1.0)
    network = TemporalNetwork((one, TemporalLayer.of([[2.0]], None, 1.0, 0.9)), 1e-4)
    first, second = network.run(trains(0, 0, 0, 0, 0, 0))
    assert np.flatnonzero(first).tolist() == [2, 5]
    assert np.array_equal(first, second)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (([[1.0]], None, 0.0, 0.9), "at or below rest"),
        (([[1.0]], None, 1.0, 0.0), "beta lies outside"),
        (([[1.0]], None, 1.0, 1.1), "beta lies outside"),
        (([[np.inf]], None, 1.0, 0.9), "not finite"),
        (([1.0], None, 1.0, 0.9), "no matrix"),
        (([[1.0]], [1, 2], 1.0, 0.9), "one value a neuron"),
    ],
)
def test_layers_that_cannot_be(values, said):
    with pytest.raises(InputError, match=said):
        TemporalLayer.of(*values)


def test_scores():
    spikes = np.zeros((5, 4, 3), bool)
    spikes[0, 1:3, 1] = spikes[0, 0, 2] = True  # 1 has most, 2 is first
    spikes[1, 2, 0] = spikes[1, 1, 2] = True  # as many: 2 is first
    spikes[2, 0, 0] = spikes[2, 0, 1] = True  # alike
    spikes[3, 3, 2] = True  # 2 alone
    assert answers(spikes, "most").tolist() == [1, 2, 0, 2, -1]
    assert answers(spikes, "first").tolist() == [2, 2, 0, 2, -1]
    assert answers(spikes, "exact").tolist() == [-1, -1, -1, 2, -1]
    with pytest.raises(InputError, match="no score 'mots'"):
        answers(spikes, "mots")


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (
            np.zeros((2, 9, 3)),
            r"inputs of shape \(2, 9, 3\) are no trains of 10 steps for 3 inputs",
        ),
        (np.zeros((2, 4)), "it needs"),
        (np.zeros((0, 10, 3)), "it needs"),
        (np.full((2, 10, 3), 0.5), "encode them"),
        (np.full((2, 10, 3), 2), "inputs are spikes, 0 or 1, or rates"),
        (np.full((2, 3), np.nan), "inputs are spikes, 0 or 1, or rates"),
        (np.array([["a"]]), "it needs"),
    ],
)
def test_trains_that_are_none(tmp_path, inputs, said):
    np.savez(tmp_path / "t.npz", inputs=inputs)
    with pytest.raises(InputError, match=said):
        read_trains(tmp_path / "t.npz", 3, 10)


def test_rates_are_drawn_and_trains_taken_as_they_are(tmp_path):
    path = tmp_path / "t.npz"
    np.savez(path, inputs=np.tile([0.0, 0.25, 1.0], (400, 1)))
    drawn = read_trains(path, 3, 10)
    assert drawn.shape == (400, 10, 3)
    assert drawn.mean(axis=(0, 1)) == pytest.approx([0, 0.25, 1], abs=0.03)
    assert np.array_equal(drawn, read_trains(path, 3, 10))
    np.savez(path, inputs=drawn)
    assert np.array_equal(drawn, read_trains(path, 3, 10))
