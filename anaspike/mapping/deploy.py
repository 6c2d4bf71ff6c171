"""A mapped network with all that running it takes; calibration; what is to be proven of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anaspike.circuits.designs import Design
from anaspike.learning.network import Network, Spikes
from anaspike.mapping.characterise import Conditions, Runs, measure_limits, measure_tables
from anaspike.mapping.charge_model import ChargeLayer, ChargeTables, Geometry, Limits
from anaspike.mapping.disturbance import QUIET, Disturbance
from anaspike.mapping.hardware import Ran, pulls, run, sized
from anaspike.mapping.mismatch import Deviation
from anaspike.mapping.quantise import CodedLayer, all_active, all_codes, synapses_of
from anaspike.mapping.supplies import (
    MappedLayer,
    MappedNetwork,
    assign_supplies,
    chosen_unit_thetas,
)
from anaspike.mapping.supply_curve import SupplyCurve
from anaspike.mapping.verify import Case

Floats = NDArray[np.float64]

WIDER = 2.0
HEADROOM = 2.0  # a neuron of half or twice the gain can still be calibrated
_TELLING = 80  # test patterns of each neuron, those nearest to its threshold
_TRIM_STEPS = 61
_LEAST_K = 1e-3  # of a silent neuron, which has none


@dataclass(frozen=True)
class Hardware:
    """A network on neurons of one process, under one set of conditions.

    Attributes:
        at: the conditions.
        tables: the charge model's constants there.
        geometries: of each layer's neurons.
        mapped: codes and supplies.
        disturbance: noise, and sources that are not stiff, as it runs; supplies are chosen, and
            calibrated, without.
    """

    at: Conditions
    tables: ChargeTables
    geometries: tuple[Geometry, ...]
    mapped: MappedNetwork
    disturbance: Disturbance = QUIET

    def run(self, inputs: Spikes, deviations: Sequence[Deviation] | None = None) -> list[Ran]:
        """Run patterns of spikes, (patterns, n_in), on the charge model; one `Ran` a layer."""
        own = self.tables, self.geometries, self.mapped
        return run(*own, inputs, deviations, self.disturbance)

    def outputs(self, inputs: Spikes, deviations: Sequence[Deviation] | None = None) -> Spikes:
        """Return which outputs fire for patterns, (patterns, n_out)."""
        return self.run(inputs, deviations)[-1].spikes

    def remapped(
        self, dac_bits: int | None, domains: int | None = None, headroom: float = 1.0
    ) -> "Hardware":
        """Return the same codes on other supplies: another converter, other rails."""
        asked = [layer.asked for layer in self.mapped.layers]
        return replace(self, mapped=self.mapped.asking(asked, dac_bits, domains, headroom))

    def trimmed(self, inputs: Spikes) -> "Hardware":
        """Return the network on continuous supplies that make up for what else a neuron does.

        k(V) is of one synapse into a membrane that is held. In a neuron much excitation and
        inhibition meet on a membrane that moves, and the more there is of both the less their
        difference counts. So each neuron gets the supply at which the charge model puts it just
        at its threshold, under its mean inhibition and the excitation that should do it.

        Args:
            inputs: patterns of the training part, (patterns, n_in).
        """
        signals = [inputs, *self._wanted(inputs)]
        asked = [
            self._trimmed_layer(i, layer, signals[i], Deviation(), signals[i])
            for i, layer in enumerate(self.mapped.layers)
        ]
        return replace(self, mapped=self.mapped.asking(asked))

    def calibrated(
        self, inputs: Spikes, deviations: Sequence[Deviation] | None = None
    ) -> "Hardware":
        """Return the network with each neuron's supply set by what the neuron itself does.

        Trimmed as `trimmed` does, but on this chip: the supply is raised until the neuron just
        fires under a test pattern that should just make it. One number a neuron is measured, its
        gain, and divided out; gain and offset are both in it.

        Args:
            inputs: patterns of the training part, (patterns, n_in).
            deviations: of this chip's neurons; None for nominal ones.
        """
        curve, dac = self.mapped.curve, self.mapped.dac
        signals = [inputs, *self._wanted(inputs)]
        # The inputs come from outside the chip, each layer's spikes from the neurons before it.
        own = [Deviation(), *(deviations or [Deviation()] * len(self.mapped.layers))]
        layers = []
        for i, layer in enumerate(self.mapped.layers):
            sent = own[i].sent(signals[i])
            asked = self._trimmed_layer(i, layer, signals[i], own[i + 1], sent)
            supply_V, _ = curve.supply_for(asked)
            given_V = supply_V if dac is None else dac.supply(dac.code(supply_V))
            given_V = np.clip(given_V, curve.supply_V[0], curve.supply_V[-1])
            layers.append(layer.at(given_V, curve, dac))
        return replace(self, mapped=replace(self.mapped, layers=tuple(layers)))

    def cases(self, inputs: Spikes, count: int, seed: int, first: int = 0) -> list[Case]:
        """Draw neurons with patterns that they really get, to be proven.

        Layers come in turn; in each, every other case is one of the hundredth part of all that
        are nearest to their threshold.

        Args:
            inputs: patterns to draw from, (patterns, n_in).
            count: how many.
            seed: of the draw.
            first: how many other networks have had before, where several take turns.
        """
        rng = np.random.default_rng([seed, 13])
        ran = self.run(inputs)
        signals = [inputs, *(layer.spikes for layer in ran[:-1])]
        return [
            self._case(number % len(ran), number // len(ran) % 2 == 1, signals, ran, rng)
            for number in range(first, first + count)
        ]

    def _case(
        self, i: int, near: bool, signals: list[Spikes], ran: list[Ran], rng: np.random.Generator
    ) -> Case:
        distance_V = np.abs(ran[i].margin_V)
        limit_V = np.quantile(distance_V, 0.01) if near else np.inf
        candidates = np.argwhere(distance_V <= limit_V)
        pattern, neuron = candidates[rng.integers(len(candidates))]
        layer = self.mapped.layers[i]
        return Case(
            self.geometries[i],
            all_codes(layer.coded, neuron),
            all_active(layer.coded, signals[i][pattern]),
            float(layer.supply_V[neuron]),
            f"layer {i}, neuron {neuron}, pattern {pattern}",
        )

    def _trimmed_layer(
        self,
        i: int,
        layer: MappedLayer,
        inputs: Spikes,
        own: Deviation,
        sent: Spikes | Floats,
    ) -> Floats:
        """Return the k to ask for, (n_out,).

        Args:
            i: number of the layer.
            layer: its codes.
            inputs: who spikes, (patterns, n_in).
            own: deviations of its neurons.
            sent: what the spikes are worth, (patterns, n_in).
        """
        excite, inhibit = pulls(layer.coded, inputs)
        telling = _telling(layer, excite - inhibit)
        down = np.take_along_axis(inhibit, telling, axis=0).mean(axis=0)
        up = down + layer.unit_theta / np.maximum(layer.k, _LEAST_K)
        drawn = own.synapses
        means = [] if drawn is None else [part[telling].mean(axis=0) for part in (inputs, sent)]
        curve = self.mapped.curve
        tried_V = np.linspace(curve.supply_V[0], curve.supply_V[-1], _TRIM_STEPS)
        margin_V = np.empty((len(tried_V), len(layer.k)))
        for row, supply_V in enumerate(tried_V):
            everywhere_V = np.full(len(up), supply_V)
            neurons = ChargeLayer(
                self.tables, self.geometries[i], everywhere_V, own.gain, own.offset_V
            )
            given = up, down
            if drawn is not None:  # the same patterns, as the chip's own synapses give them
                more, less = drawn.shares(everywhere_V, *means)
                given = more * up, less * down
            margin_V[row] = neurons.run(given[0][None], given[1][None])[0][0]
        return curve.k_at([_crossing(tried_V, margins) for margins in margin_V.T])

    def _wanted(self, inputs: Spikes) -> list[Spikes]:
        """Return what the layers should do: codes, and k as it was wanted."""
        layers = [replace(layer, k_given=layer.k) for layer in self.mapped.layers]
        return replace(self.mapped, layers=tuple(layers)).ideal.spikes(inputs)


def _telling(layer: MappedLayer, units: Floats) -> NDArray[np.intp]:
    """Return the patterns nearest to each neuron's threshold: others say nothing of its gain.

    Args:
        layer: the neurons.
        units: of code that the patterns add up to, (patterns, n_out).
    """
    distance = np.abs(layer.k * units - layer.unit_theta)
    return np.argsort(distance, axis=0, kind="stable")[:_TELLING]


def _crossing(tried_V: Floats, margin_V: Floats) -> float:
    """Return the lowest supply at which a margin becomes positive; the best where none does."""
    above = np.flatnonzero(margin_V > 0)
    if not len(above):
        return float(tried_V[np.argmax(margin_V)])
    last = int(above[0])
    if not last:
        return float(tried_V[0])
    return float(np.interp(0.0, margin_V[last - 1 : last + 1], tried_V[last - 1 : last + 1]))


@dataclass(frozen=True)
class Neurons:
    """What SPICE says of one process's neurons under one set of conditions.

    Attributes:
        at: the conditions.
        tables, limits: the charge model's constants.
    """

    at: Conditions
    tables: ChargeTables
    limits: Limits


def for_mapping(design: Design) -> Design:
    """Return a design with spikes twice as wide: their bias current is halved.

    On a low supply a synapse takes tens of nanoseconds to switch on, which a wide spike hardly
    notices; and twice the charge asks for twice the membrane, which hides the junctions of a
    hundred synapses.
    """
    generator = design.neuron.spike_generator
    slower = replace(generator, bias_current_A=generator.bias_current_A / WIDER)
    return replace(
        design,
        neuron=replace(design.neuron, spike_generator=slower),
        drive=replace(design.drive, width_s=design.drive.width_s * WIDER),
    )


def measure_neurons(
    bench: Runs, at: Conditions, curve: SupplyCurve, coded: Sequence[CodedLayer]
) -> Neurons:
    """Measure the charge model's constants, over the supplies of a curve, for layers like these."""
    tables = measure_tables(bench, at, float(curve.supply_V[0]), float(curve.supply_V[-1]))
    most = max(synapses_of(layer) for layer in coded)
    return Neurons(at, tables, measure_limits(bench, at, tables, most))


def deploy(
    neurons: Neurons,
    coded: Sequence[CodedLayer],
    like: Network,
    curve: SupplyCurve,
    dac_bits: int | None = None,
    domains: int | None = None,
    headroom: float = 1.0,
) -> Hardware:
    """Size the membranes and set the supplies of a network.

    Args:
        neurons: under the conditions that the supplies are meant for.
        coded: the layers as codes.
        like: the network they came from.
        curve: k(V).
        dac_bits, domains, headroom: as `assign_supplies` takes them.
    """
    reference_V = float(curve.supply_for(1.0)[0])
    wanted = chosen_unit_thetas(coded, like)
    pairs = [
        sized(neurons.tables, neurons.limits, layer, unit, reference_V)
        for layer, unit in zip(coded, wanted, strict=True)
    ]
    geometries, units = zip(*pairs, strict=True)
    mapped = assign_supplies(coded, like, curve, dac_bits, domains, units, headroom)
    return Hardware(neurons.at, neurons.tables, geometries, mapped)


def moved(hardware: Hardware, neurons: Neurons) -> Hardware:
    """Return the same chip, supplies as they are, under other conditions."""
    geometries = tuple(
        neurons.limits.geometry(neurons.tables, old.synapses, old.membrane_F)
        for old in hardware.geometries
    )
    return replace(hardware, at=neurons.at, tables=neurons.tables, geometries=geometries)
