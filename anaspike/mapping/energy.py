"""Energy of an inference: events counted, each at the energy that SPICE measured for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from anaspike.experiments.decision import Decision
from anaspike.learning.network import Spikes
from anaspike.mapping.characterise import Conditions, NotMeasured, Runs, check_ran
from anaspike.mapping.hardware import Ran
from anaspike.mapping.supplies import MappedNetwork

_AFTER_S = 100e-9  # a spike has ended, and the neuron rests again
_SYNAPSES = 8
_CODE = 4
_MEMBRANES = (1, 2, 4, 8)  # times the design's

# Bits of an adder -> an addition, no memory: 45 nm, 0.9 V (M. Horowitz, ISSCC 2014, Figure 1.1.9).
# A sum of a hundred codes needs more than 8 bits and fewer than 32.
DIGITAL_ADD_J = {8: 0.03e-12, 32: 0.1e-12}


@dataclass(frozen=True)
class EventEnergies:
    """What events cost, at the reference supply; all supplies and references counted.

    Attributes:
        window_J: of a neuron that at least one input wakes: its clock and its comparator.
        synapse_J: of one active synapse.
        spike_J: of one output spike.
    """

    window_J: float
    synapse_J: float
    spike_J: float


def measure_energies(bench: Runs, at: Conditions, supply_V: float) -> EventEnergies:
    """Measure what windows, synapse events and spikes cost.

    Three neurons alike: one active synapse; all, half of them pulling down; all pulling up. The
    membrane is larger where a process's strong synapses would make one of the first two fire:
    what flows into it in a window hardly depends on its size.

    Raises:
        NotMeasured: a run failed, or the wrong neurons fired, whatever the membrane.
    """
    for larger in _MEMBRANES:
        table = bench.run(_three_neurons(at, supply_V, larger)).table
        check_ran(table, "the energy of a spike")
        if table["fired"].tolist() == [0, 0, 1]:
            one_J, all_J, fired_J = table["energy_J"].to_numpy(float)
            synapse_J = (all_J - one_J) / (_SYNAPSES - 1)
            return EventEnergies(one_J - synapse_J, synapse_J, fired_J - all_J)
    raise NotMeasured("the energy of a spike: the wrong neuron fired")


def _three_neurons(at: Conditions, supply_V: float, larger: float) -> list[Decision]:
    """Return the three, on a membrane that is so many times larger than the design's."""
    sizes = at.design.neuron
    design = replace(at.design, neuron=replace(sizes, membrane_F=larger * sizes.membrane_F))
    balanced = tuple(_CODE * (-1) ** i for i in range(_SYNAPSES))
    lone = (True,) + (False,) * (_SYNAPSES - 1)
    pulling, every = (_CODE,) * _SYNAPSES, (True,) * _SYNAPSES
    return [
        Decision(
            at.pdk, design, codes, active, supply_V,
            corner=at.corner, temperature_C=at.temperature_C, after_s=_AFTER_S,
        )
        for codes, active in ((balanced, lone), (balanced, every), (pulling, every))
    ]  # fmt: skip


@dataclass(frozen=True)
class Inference:
    """What one inference is made of and what it takes, means over patterns.

    Attributes:
        windows: neurons that an input wakes.
        synapse_events: active synapses whose code is not zero.
        spikes: of all neurons; the inputs' are not this network's.
        energy_J: all of these.
        additions: what a digital machine needs for the same: its inputs are spikes, so it has
            nothing to multiply, and it skips what is zero as the synapses do.
    """

    windows: float
    synapse_events: float
    spikes: float
    energy_J: float
    additions: float


def inference(
    energies: EventEnergies, mapped: MappedNetwork, inputs: Spikes, ran: Sequence[Ran]
) -> Inference:
    """Count the events of a run and return what an inference takes.

    Args:
        energies: of each event.
        mapped: the network.
        inputs: of the run, (patterns, n_in).
        ran: what its layers did.
    """
    windows = events = additions = 0.0
    signals = [inputs, *(layer.spikes for layer in ran)]
    for layer, signal in zip(mapped.layers, signals, strict=False):
        coded = layer.coded
        # A weight of more than 7 is on two synapses, a bias on as many as it takes.
        used = np.minimum(np.abs(coded.codes), coded.synapses).sum(axis=0)
        bias = np.ceil(np.abs(coded.bias_codes) / 7).sum()
        woken = signal.any(axis=1) | (bias > 0)
        windows += float(woken.mean()) * len(coded.codes)
        events += float((signal @ used).mean()) + float(bias)
        additions += float((signal @ (coded.codes != 0).sum(axis=0)).mean())
        additions += float(np.count_nonzero(coded.bias_codes))
    spikes = float(sum(layer.spikes.sum(axis=1).mean() for layer in ran))
    energy_J = windows * energies.window_J + events * energies.synapse_J + spikes * energies.spike_J
    return Inference(windows, events, spikes, energy_J, additions)
