"""A network in time on neurons: membranes and a period for its leak, supplies, runs, trims."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.network import Layer, Network, Spikes
from anaspike.learning.temporal import TemporalNetwork
from anaspike.mapping.characterise import Conditions
from anaspike.mapping.charge_model import ChargeTables, Geometry
from anaspike.mapping.deploy import Neurons
from anaspike.mapping.disturbance import QUIET, Disturbance
from anaspike.mapping.hardware import LEAST_MEMBRANE_F, pulls, sized
from anaspike.mapping.mismatch import Deviation
from anaspike.mapping.quantise import CodedLayer, all_codes, quantise_layer, synapses_of
from anaspike.mapping.supplies import MappedNetwork, chosen_unit_thetas
from anaspike.mapping.supply_curve import SupplyCurve
from anaspike.mapping.verify import NEAR_V
from anaspike.mapping.verify_windows import TimedCase
from anaspike.mapping.windows import (
    LEAST_WIDTHS,
    MOST_PERIOD_S,
    Aftermath,
    WindowLayer,
    check_period,
    kept,
    stored,
)

Floats = NDArray[np.float64]

_HALVINGS = 24  # of a period, or of a membrane: to a millionth
_TRIM_PATTERNS = 100
_COARSE, _FINE = 13, 9  # supplies tried: over all there are, then about the best


@dataclass(frozen=True)
class RanInTime:
    """What a layer did, each (patterns, windows, neurons).

    Attributes:
        spikes: who fired when.
        margin_V: distance to the threshold at each decision; minus infinity where nobody asked.
        membrane_V: at the end of each spike.
    """

    spikes: Spikes
    margin_V: Floats
    membrane_V: Floats


@dataclass(frozen=True)
class HardwareInTime:
    """A network in time on neurons of one process, under one set of conditions.

    Attributes:
        at: the conditions.
        tables: the charge model's constants there.
        geometries: of each layer's neurons.
        after: what windows leave behind, of each layer's.
        period_s: from window to window, in seconds.
        mapped: codes and supplies.
        disturbance: noise at each decision.
    """

    at: Conditions
    tables: ChargeTables
    geometries: tuple[Geometry, ...]
    after: tuple[Aftermath, ...]
    period_s: float
    mapped: MappedNetwork
    disturbance: Disturbance = QUIET

    def run(self, trains: Spikes, deviations: Sequence[Deviation] | None = None) -> list[RanInTime]:
        """Run trains (patterns, windows, n_in); a layer's spikes drive the next."""
        ran: list[RanInTime] = []
        signal: Spikes | Floats = trains
        for i, layer in enumerate(self.mapped.layers):
            own = Deviation() if deviations is None else deviations[i]
            ran.append(self.run_layer(i, layer.supply_V, signal, own))
            signal = own.sent(ran[-1].spikes)
        return ran

    def run_layer(
        self, i: int, supply_V: Floats, trains: Spikes | Floats, own: Deviation | None = None
    ) -> RanInTime:
        """Run one layer on any supplies, (n,).

        Args:
            i: number of the layer.
            supply_V: of each neuron, in volt.
            trains: what the spikes of its inputs are worth, (patterns, windows, n_in).
            own: deviations of its neurons.
        """
        coded, own = self.mapped.layers[i].coded, own or Deviation()
        patterns, windows, n_in = trains.shape
        pulled = pulls(coded, trains.reshape(-1, n_in), own.synapses, supply_V)
        left = self.disturbance.weakened(self.tables, supply_V, self.mapped.layers[i].rail, *pulled)
        shape = (patterns, windows, len(supply_V))
        excite, inhibit = (side.reshape(shape) for side in left)
        noise_V = self.disturbance.noise(i, shape) if self.disturbance.noise_V else None
        layer = WindowLayer(
            self.tables, self.geometries[i], self.after[i], self.period_s, supply_V,
            own.gain, own.offset_V, own.leak,
        )  # fmt: skip
        return RanInTime(*layer.run(excite, inhibit, asked(coded, trains), noise_V))

    def outputs(self, trains: Spikes, deviations: Sequence[Deviation] | None = None) -> Spikes:
        """Return which outputs spike when, (patterns, windows, n_out)."""
        return self.run(trains, deviations)[-1].spikes

    def remapped(
        self, dac_bits: int | None, domains: int | None = None, headroom: float = 1.0
    ) -> "HardwareInTime":
        """Return the same codes on other supplies: another converter, other rails."""
        asked_k = [layer.asked for layer in self.mapped.layers]
        return replace(self, mapped=self.mapped.asking(asked_k, dac_bits, domains, headroom))

    def trimmed(self, trains: Spikes, wanted: Sequence[Spikes]) -> "HardwareInTime":
        """Return the network on continuous supplies at which neurons spike as often as they should.

        k(V) is of one synapse and a membrane that is held. In time, more charge comes onto a
        membrane that is higher already, and what leaks does so by a curve. So each neuron gets
        the supply at which the charge model lets it spike as often as the network's own does, on
        the spikes that the network's own neurons send it.

        Args:
            trains: (patterns, windows, n_in).
            wanted: who spikes when in each layer of the network, (patterns, windows, n).
        """
        signals = [trains, *wanted]
        layers = range(len(self.mapped.layers))
        asked_V = [self._trim(i, signals[i], wanted[i], Deviation()) for i in layers]
        asked_k = [self.mapped.curve.k_at(volt) for volt in asked_V]
        return replace(self, mapped=self.mapped.asking(asked_k))

    def calibrated(
        self,
        trains: Spikes,
        wanted: Sequence[Spikes],
        deviations: Sequence[Deviation] | None = None,
    ) -> "HardwareInTime":
        """Return the network with each neuron's supply set by how often it itself spikes.

        As `trimmed`, on this chip: only spikes are counted, and one supply a neuron is set.
        """
        curve, dac = self.mapped.curve, self.mapped.dac
        signals = [trains, *wanted]
        own = [Deviation(), *(deviations or [Deviation()] * len(self.mapped.layers))]
        layers = []
        for i, layer in enumerate(self.mapped.layers):
            volt = self._trim(i, own[i].sent(signals[i]), wanted[i], own[i + 1])
            given_V = volt if dac is None else dac.supply(dac.code(volt))
            given_V = np.clip(given_V, curve.supply_V[0], curve.supply_V[-1])
            layers.append(layer.at(given_V, curve, dac))
        return replace(self, mapped=replace(self.mapped, layers=tuple(layers)))

    def cases(self, trains: Spikes, count: int, seed: int) -> list[TimedCase]:
        """Draw neurons with trains that they really get, to be proven.

        Layers come in turn; in each, every other neuron comes within 15 mV of its threshold.
        """
        rng = np.random.default_rng([seed, 13])
        ran = self.run(trains)
        signals = [trains, *(layer.spikes for layer in ran[:-1])]
        cases = []
        for number in range(count):
            i = number % len(ran)
            nearest_V = np.abs(ran[i].margin_V).min(axis=1)
            known = np.asarray(nearest_V < np.inf)
            near = np.asarray(nearest_V < NEAR_V)
            candidates = np.argwhere(near if number // len(ran) % 2 and near.any() else known)
            pattern, neuron = candidates[rng.integers(len(candidates))]
            layer = self.mapped.layers[i]
            cases.append(
                TimedCase(
                    self.geometries[i], self.after[i], all_codes(layer.coded, neuron),
                    _all_trains(layer.coded, signals[i][pattern]),
                    float(layer.supply_V[neuron]),
                    f"layer {i}, neuron {neuron}, pattern {pattern}",
                )
            )  # fmt: skip
        return cases

    def _trim(self, i: int, sent: Spikes | Floats, wanted: Spikes, own: Deviation) -> Floats:
        """Return for each neuron the supply at which it spikes as often as it should, (n,)."""
        layer, curve = self.mapped.layers[i], self.mapped.curve
        sent, counts = sent[:_TRIM_PATTERNS], wanted[:_TRIM_PATTERNS].sum(axis=1)

        def best(tried_V: Floats) -> Floats:
            """Return the best of supplies (tries, n)."""
            found = self._counts(i, tried_V, sent, own)
            wrong = np.abs(found - counts[:, None]).sum(axis=0)
            alike = wrong == wrong.min(axis=0)
            # Midway between those that are as good; who should be silent stays near where it is.
            middle = np.sum(tried_V * alike, axis=0) / alike.sum(axis=0)
            off = np.where(alike, np.abs(tried_V - layer.supply_V), np.inf)
            nearest = np.take_along_axis(tried_V, off.argmin(axis=0)[None], axis=0)[0]
            return np.asarray(np.where(counts.any(axis=0), middle, nearest))

        low_V, high_V = curve.supply_V[0], curve.supply_V[-1]
        coarse = np.linspace(low_V, high_V, _COARSE)
        found_V = best(np.tile(coarse[:, None], len(layer.k)))
        about = np.linspace(-1, 1, _FINE)[:, None] * (coarse[1] - coarse[0])
        return best(np.clip(found_V + about, low_V, high_V))

    def _counts(
        self, i: int, tried_V: Floats, sent: Spikes | Floats, own: Deviation
    ) -> NDArray[np.int64]:
        """Return how often neurons spike at several supplies each, (patterns, tries, n).

        All at once: each try of a neuron is one neuron more.
        """
        coded, (patterns, windows, n_in) = self.mapped.layers[i].coded, sent.shape
        pulled = [pulls(coded, sent.reshape(-1, n_in), own.synapses, volt) for volt in tried_V]
        excite, inhibit = (
            np.stack(side, axis=1).reshape(patterns, windows, tried_V.size)
            for side in zip(*pulled, strict=True)
        )
        each = [
            None if values is None else np.tile(values, len(tried_V))
            for values in (own.gain, own.offset_V, own.leak)
        ]
        layer = WindowLayer(
            self.tables, self.geometries[i], self.after[i], self.period_s, tried_V.ravel(), *each
        )
        spikes, _, _ = layer.run(excite, inhibit, asked(coded, sent))
        return np.asarray(spikes.sum(axis=1).reshape(patterns, *tried_V.shape))


def asked(coded: CodedLayer, trains: Spikes | Floats) -> Spikes:
    """Return in which windows a layer's clock rises, (patterns, windows): any input spikes."""
    return np.asarray((trains > 0).any(axis=2) | bool(coded.bias_codes.any()))


def _all_trains(coded: CodedLayer, trains: Spikes) -> Spikes:
    """Return the trains of all of a neuron's synapses, (windows, synapses); bias ever spikes."""
    each = np.tile(trains, (1, coded.synapses))
    more = synapses_of(coded) - each.shape[1]
    return np.concatenate((each, np.ones((len(trains), more), bool)), axis=1)


def static(network: TemporalNetwork) -> Network:
    """Return weights and thresholds as a network of one window: a is 1 over a threshold."""
    layers = [Layer.of(layer.weights, layer.bias, 1 / layer.threshold) for layer in network.layers]
    return Network(tuple(layers), 1.0)


def coded_in_time(network: TemporalNetwork) -> tuple[CodedLayer, ...]:
    """Return a network's layers as codes."""
    return tuple(quantise_layer(layer) for layer in static(network).layers)


def wanted_betas(network: TemporalNetwork) -> list[float]:
    """Return what each layer's membranes keep from step to step: the median of its neurons'."""
    return [float(np.median(layer.beta)) for layer in network.layers]


def sized_in_time(
    neurons: Neurons,
    coded: Sequence[CodedLayer],
    network: TemporalNetwork,
    curve: SupplyCurve,
    period_s: float | None,
) -> tuple[tuple[Geometry, ...], list[float], float]:
    """Return membranes, units of code that reach the threshold, and the period that makes beta.

    Each layer's membrane is first as large as suits its weights. Without a period given, it is the
    shortest that any layer then needs, and the other layers' membranes are made smaller until
    they leak as they should in it. Layers without leak need none, and get what that leaves.

    Args:
        neurons: under the conditions that the network is meant for.
        coded: the layers.
        network: that they came from.
        curve: k(V).
        period_s: from window to window, in seconds; None for the one that suits.

    Raises:
        InputError: a beta that no period makes, or a period that is none.
    """
    reference_V = float(curve.supply_for(1.0)[0])
    pairs = [
        sized(neurons.tables, neurons.limits, layer, unit, reference_V)
        for layer, unit in zip(coded, chosen_unit_thetas(coded, static(network)), strict=True)
    ]
    geometries, units = [list(part) for part in zip(*pairs, strict=True)]
    if period_s is not None:
        check_period(period_s, neurons.tables.width_s)
        return tuple(geometries), units, period_s
    betas = wanted_betas(network)
    leaky = [i for i, beta in enumerate(betas) if beta < 1]
    least_s = LEAST_WIDTHS * neurons.tables.width_s
    if not leaky:
        return tuple(geometries), units, least_s
    made_s = min(period_for(neurons.tables, geometries[i], reference_V, betas[i], i) for i in leaky)
    for i in leaky:
        geometries[i] = _leaking(neurons, geometries[i], reference_V, made_s, betas[i])
        rise_V = geometries[i].threshold_V - neurons.tables.rest_V
        stored_F = geometries[i].membrane_F + neurons.tables.parasitic(geometries[i].synapses)
        units[i] = stored_F * rise_V / neurons.tables.unit_charge(reference_V)
    return tuple(geometries), units, made_s


def period_for(
    tables: ChargeTables, geometry: Geometry, supply_V: float, beta: float, layer: int = 0
) -> float:
    """Return the period over which a membrane keeps `beta` of an excursion half-way to threshold.

    Raises:
        InputError: no period does.
    """
    ends_s = LEAST_WIDTHS * tables.width_s, MOST_PERIOD_S
    most, least = (beta_made(tables, geometry, supply_V, end_s) for end_s in ends_s)
    if not least < beta <= most:
        raise InputError(
            f"beta {beta:.4g} of layer {layer}: no period makes it on this process, which keeps"
            f" {max(least, 0):.3g} to {most:.4g} of that layer's membranes ({ends_s[1]:g} to"
            f" {ends_s[0]:g} s); with `period_s` the leak is taken as it comes"
        )
    low_s, high_s = ends_s
    for _ in range(_HALVINGS):
        middle_s = float(np.sqrt(low_s * high_s))
        if beta_made(tables, geometry, supply_V, middle_s) > beta:
            low_s = middle_s
        else:
            high_s = middle_s
    return high_s


def beta_made(tables: ChargeTables, geometry: Geometry, supply_V: float, period_s: float) -> float:
    """Return what a layer's membranes keep of an excursion half-way to threshold."""
    half_V = (geometry.threshold_V - tables.rest_V) / 2
    return float(kept(tables, stored(tables, geometry, np.array([supply_V])), period_s, half_V)[0])


def _leaking(
    neurons: Neurons, geometry: Geometry, supply_V: float, period_s: float, beta: float
) -> Geometry:
    """Return neurons on the membrane, no larger than they have, that keeps beta over a period."""
    low_F, high_F = LEAST_MEMBRANE_F, geometry.membrane_F
    for _ in range(_HALVINGS):
        middle_F = float(np.sqrt(low_F * high_F))
        geometry = neurons.limits.geometry(neurons.tables, geometry.synapses, middle_F)
        if beta_made(neurons.tables, geometry, supply_V, period_s) < beta:
            low_F = middle_F
        else:
            high_F = middle_F
    return geometry
