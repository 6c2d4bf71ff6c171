"""Supplies learned from spikes: on toys known by hand, and on the charge model's own."""

import numpy as np
import pytest

from anaspike.circuits.network import Network, NetworkNeuron
from anaspike.errors import InputError
from anaspike.learning.network import Layer
from anaspike.learning.network import Network as Spiking
from anaspike.mapping.charge_model import ChargeLayer
from anaspike.mapping.chips import ModelChip
from anaspike.mapping.deploy import deploy
from anaspike.mapping.energy import EventEnergies, inference
from anaspike.mapping.in_loop import (
    Codes,
    Lessons,
    NtInLoop,
    Perturbation,
    Tuned,
    learn,
    outputs_wrong,
    spikes_missing,
)
from anaspike.mapping.mismatch import Deviation
from anaspike.mapping.quantise import quantise
from anaspike.mapping.supply_curve import Dac

DAC = Dac(5, 0.5, 0.81)  # 10 mV a code


class OneNeuron:
    """Fires where its input spikes and its supply has reached 0.7 V."""

    def answer(self, supply_V, inputs):
        return [((inputs > 0) & (supply_V[0] >= 0.6999)).astype(float)]


def test_writes_are_counted_where_a_code_changes_and_presentations_always():
    tuned = Tuned(OneNeuron(), DAC, [np.array([0.6])])
    patterns = np.ones((3, 1))
    tuned.ask(patterns)
    assert (tuned.presentations, tuned.supply_writes) == (3, 0)
    tuned.ask(patterns, (1,))
    tuned.ask(patterns, (1,))
    assert (tuned.presentations, tuned.supply_writes) == (9, 1)
    tuned.move([np.array([0.4])])  # not yet another code
    tuned.ask(patterns, (1,))
    assert tuned.supply_writes == 1
    tuned.move([np.array([0.4])])
    assert tuned.supplies()[0] == pytest.approx([0.61])


@pytest.mark.parametrize(
    ("dac", "start_V", "message"),
    [
        (DAC, [0.4, 0.9], "every supply of the chip is at an end of its converter"),
        (None, [0.6, 0.6], "supplies are learned as codes of a converter"),
    ],
)
def test_supplies_that_cannot_be_learned_are_refused(dac, start_V, message):
    with pytest.raises(InputError, match=message):
        Tuned(OneNeuron(), dac, [np.array(start_V)])


def test_a_neuron_is_raised_until_it_fires_with_a_code_to_spare():
    tuned = Tuned(OneNeuron(), DAC, [np.array([0.6])])
    learner = NtInLoop(tuned, Codes((np.ones((1, 1)),), (np.zeros(1),)), spikes_missing)
    for _ in range(12):
        learner.update(np.ones((4, 1)), np.ones((4, 1), bool), 1.0)
    assert tuned.supplies()[0] == pytest.approx([0.71])
    # Where its input is silent it cannot be wrong, and no supply moves.
    learner.update(np.zeros((4, 1)), np.ones((4, 1), bool), 1.0)
    assert tuned.supplies()[0] == pytest.approx([0.71])
    learner.update(np.ones((4, 1)), np.zeros((4, 1), bool), 1.0)
    assert tuned.supplies()[0] == pytest.approx([0.70])


def xor():
    cells = (
        NetworkNeuron("h1", (("a", 4), ("b", -7)), 0.7),
        NetworkNeuron("h2", (("a", -7), ("b", 4)), 0.7),
        NetworkNeuron("out", (("h1", 7), ("h2", 7)), 0.7),
    )
    return Network(("a", "b"), cells, ("out",))


def test_codes_of_a_circuit_are_drives_of_its_strongest_source():
    codes = Codes.of_circuit(xor(), 10)
    assert codes.weights[0].tolist() == [[1, -1.75], [-1.75, 1]]
    assert codes.weights[1].tolist() == [[1, 1]]
    assert codes.drive(0, np.array([[10.0, 0], [10, 10]])).tolist() == [[1, -1.75], [-0.75, -0.75]]


def test_a_circuit_that_skips_a_layer_is_refused():
    cells = (*xor().neurons[:2], NetworkNeuron("out", (("h1", 7), ("a", 7)), 0.7))
    with pytest.raises(InputError, match="'out' cannot be tuned: it needs a source that excites"):
        Codes.of_circuit(Network(("a", "b"), cells, ("out",)), 10)


def test_an_output_is_right_only_with_its_supply_lower_and_higher():
    wanted = np.array([[True, True, True, False, False, False]])
    lower = np.array([[1.0, 0, 0, 0, 0, 1]])
    upper = np.array([[1.0, 1, 0, 0, 1, 1]])
    assert spikes_missing(lower, upper, wanted).tolist() == [[0, 1, 1, 0, -1, -1]]
    assert outputs_wrong(upper, wanted) == 3


@pytest.fixture
def placed(neurons, curve):
    """Two inputs, two hidden neurons and two classes of two votes each."""
    hidden = Layer.of([[1.0, -0.5], [-0.5, 1.0]])
    head = Layer.of([[1.0, 0], [1, 0], [0, 1], [0, 1]], [0.0] * 4, [1.1] * 4)
    network = Spiking((hidden, head), votes=2)
    return deploy(neurons, quantise(network), network, curve, dac_bits=5)


ENERGIES = EventEnergies(1e-14, 1e-15, 1e-13)
PATTERNS = np.array([[1.0, 0], [0, 1], [1, 1], [0, 0]])


def test_the_model_answers_as_the_hardware_runs(placed):
    own = [Deviation(np.array([1.2, 0.8]), width=np.array([1.1, 0.9])), Deviation()]
    chip = ModelChip(placed, own, ENERGIES)
    supply_V = [layer.supply_V for layer in placed.mapped.layers]
    ran = placed.run(PATTERNS > 0, own)
    for _ in range(2):  # the second time from what it remembers
        answer = chip.answer(supply_V, PATTERNS)
        for got, layer in zip(answer, ran, strict=True):
            assert (got == layer.spikes).all()
    expected = inference(ENERGIES, placed.mapped, PATTERNS > 0, ran).energy_J * len(PATTERNS)
    assert chip.energy_J == pytest.approx(2 * expected)
    # Another supply below is another answer above.
    low_V = [np.full(2, 0.5), supply_V[1]]
    assert not chip.answer(low_V, PATTERNS)[1].any()


# Where nothing fires, what every supply does at random says nothing: blind, it is less slow.
@pytest.mark.parametrize(("blind", "gain"), [(False, 0.7), (True, 1.0)])
def test_a_slow_chip_is_learned_to_be_right(placed, blind, gain):
    chip = ModelChip(placed, [Deviation(np.full(2, gain)), Deviation(np.full(4, gain))])
    dac = Dac(5, 0.52, 0.68)
    supplies = Tuned(chip, dac, [layer.supply_V for layer in placed.mapped.layers])
    kinds = np.tile([0, 1], 8)
    wanted = np.repeat(np.eye(2, dtype=bool)[kinds], 2, axis=1)
    lessons = Lessons(np.tile(PATTERNS[:2], (8, 1)), wanted, kinds)

    def wrong():
        return outputs_wrong(supplies.ask(lessons.inputs)[-1], wanted)

    assert wrong() > 0
    learner = (
        Perturbation(supplies, outputs_wrong, 0)
        if blind
        else NtInLoop(supplies, Codes.of(placed.mapped), spikes_missing)
    )
    seen = []
    learn(learner, lessons, 60, 8, 4.0, 0, seen.append)
    assert seen == list(range(1, 61))
    assert wrong() == 0


def test_neurons_of_one_supply_share_their_tables(tables, geometry):
    rng = np.random.default_rng(0)
    supply_V = rng.choice([0.52, 0.6, 0.655], 12)
    gain, offset_V = rng.uniform(0.8, 1.2, 12), rng.normal(0, 5e-3, 12)
    excite, inhibit = rng.integers(0, 30, (2, 5, 12)).astype(float)
    together = ChargeLayer(tables, geometry, supply_V, gain, offset_V).run(excite, inhibit)
    for i in range(12):
        own = slice(i, i + 1)
        one = ChargeLayer(tables, geometry, supply_V[own], gain[own], offset_V[own])
        for all_V, alone_V in zip(together, one.run(excite[:, own], inhibit[:, own]), strict=True):
            assert all_V[:, own] == pytest.approx(alone_V, abs=1e-13)
