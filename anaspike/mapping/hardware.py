"""A mapped network on the charge model: layer by layer, each one window of spikes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anaspike.circuits.synapse import MAX_CODE
from anaspike.errors import InputError
from anaspike.learning.network import Spikes
from anaspike.mapping.characterise import Conditions, Runs, measure_geometry
from anaspike.mapping.charge_model import ChargeLayer, ChargeTables, Geometry
from anaspike.mapping.quantise import CodedLayer, parallel
from anaspike.mapping.supplies import MappedLayer, MappedNetwork

Floats = NDArray[np.float64]

LEAST_MEMBRANE_F = 5e-15  # a smaller one would be no more than its own wires
_LIFT_V = 0.02  # by which a threshold lies above the comparator's reference, about


@dataclass(frozen=True)
class Deviation:
    """How one layer's neurons differ from nominal ones.

    Attributes:
        gain: factor on all that a neuron's synapses push, (n,).
        offset_V: of each comparator, (n,), in volt.
    """

    gain: Floats
    offset_V: Floats


@dataclass(frozen=True)
class Ran:
    """What a layer did.

    Attributes:
        spikes: who fired, (patterns, neurons).
        margin_V: distance to the threshold at the decision, (patterns, neurons).
        membrane_V: at the end of the window, (patterns, neurons).
    """

    spikes: Spikes
    margin_V: Floats
    membrane_V: Floats


def synapses_of(coded: CodedLayer) -> int:
    """Return how many synapses a neuron of the layer has, bias included."""
    bias = int(np.max(np.abs(coded.bias_codes), initial=0))
    return int(coded.codes.shape[1] * coded.synapses + -(-bias // MAX_CODE))


def all_codes(coded: CodedLayer, neuron: int) -> NDArray[np.int16]:
    """Return the code of each of a neuron's synapses: weights, in parallel, then bias."""
    weights = parallel(coded.codes[neuron], coded.synapses).reshape(-1)
    count = synapses_of(coded) - len(weights)
    if not count:
        return weights
    return np.concatenate((weights, parallel(coded.bias_codes[neuron], count).reshape(-1)))


def all_active(coded: CodedLayer, inputs: Spikes) -> Spikes:
    """Return which of a neuron's synapses spike for one pattern of inputs; the bias ever does."""
    active = np.tile(inputs, coded.synapses)
    return np.concatenate((active, np.ones(synapses_of(coded) - len(active), bool)))


def pulls(coded: CodedLayer, inputs: Spikes) -> tuple[Floats, Floats]:
    """Return the units of code that excite and inhibit, (patterns, neurons) each.

    Args:
        coded: the layer.
        inputs: who spikes, (patterns, n_in).
    """
    spikes = inputs.astype(np.float32)
    sides = []
    for sign in (1, -1):
        codes = np.maximum(sign * coded.codes, 0).astype(np.float32)
        bias = np.maximum(sign * coded.bias_codes, 0)
        sides.append((spikes @ codes.T + bias).astype(float))
    return sides[0], sides[1]


def membrane_for(tables: ChargeTables, synapses: int, unit_theta: float, supply_V: float,
                 rise_V: float) -> float:  # fmt: skip
    """Return the membrane capacitor for which that many units just reach the threshold, in farad.

    Never less than `LEAST_MEMBRANE_F`: what junctions and channels store is there anyway.
    """
    stored_F = unit_theta * tables.unit_charge(supply_V) / rise_V
    return max(LEAST_MEMBRANE_F, stored_F - _parasitic(tables, synapses))


def unit_theta_of(tables: ChargeTables, geometry: Geometry, supply_V: float) -> float:
    """Return how many units of code reach a layer's threshold at a supply."""
    stored_F = geometry.membrane_F + _parasitic(tables, geometry.synapses)
    rise_V = geometry.threshold_V - tables.rest_V
    return stored_F * rise_V / tables.unit_charge(supply_V)


def measure_geometries(
    bench: Runs,
    at: Conditions,
    tables: ChargeTables,
    coded: Sequence[CodedLayer],
    unit_thetas: Sequence[float],
    supply_V: float,
) -> tuple[Geometry, ...]:
    """Size each layer's membrane for its `unit_theta`, and measure threshold and delay with it.

    Args:
        bench, at: where and under which conditions.
        tables: the charge model's constants.
        coded: the layers.
        unit_thetas: wanted of each layer.
        supply_V: the reference supply, in volt.
    """
    rise_V = at.design.neuron.v_th_V + _LIFT_V - tables.rest_V
    return tuple(
        measure_geometry(
            bench, at, tables, synapses_of(layer),
            membrane_for(tables, synapses_of(layer), unit, supply_V, rise_V),
        )
        for layer, unit in zip(coded, unit_thetas, strict=True)
    )  # fmt: skip


def run_layer(
    tables: ChargeTables,
    geometry: Geometry,
    mapped: MappedLayer,
    inputs: Spikes,
    deviation: Deviation | None = None,
) -> Ran:
    """Run one layer; see `run`."""
    gain, offset_V = (None, None) if deviation is None else (deviation.gain, deviation.offset_V)
    layer = ChargeLayer(tables, geometry, mapped.supply_V, gain, offset_V)
    margin_V, membrane_V = layer.run(*pulls(mapped.coded, inputs))
    return Ran(margin_V > 0, margin_V, membrane_V)


def run(
    tables: ChargeTables,
    geometries: Sequence[Geometry],
    mapped: MappedNetwork,
    inputs: Spikes,
    deviations: Sequence[Deviation] | None = None,
) -> list[Ran]:
    """Run a mapped network on patterns; a layer's spikes are the next one's inputs.

    Args:
        tables: the charge model's constants.
        geometries: one a layer.
        mapped: the network.
        inputs: who spikes, (patterns, n_in), boolean.
        deviations: of each layer's neurons; None for nominal ones.

    Raises:
        InputError: the inputs do not fit, or are no spikes.
    """
    n_in = mapped.layers[0].coded.codes.shape[1]
    if inputs.ndim != 2 or inputs.shape[1] != n_in:
        raise InputError(f"inputs of shape {inputs.shape} do not fit a network of {n_in} inputs")
    ran: list[Ran] = []
    signal = inputs
    for i, (geometry, layer) in enumerate(zip(geometries, mapped.layers, strict=True)):
        deviation = None if deviations is None else deviations[i]
        ran.append(run_layer(tables, geometry, layer, signal, deviation))
        signal = ran[-1].spikes
    return ran


def draw_deviations(
    mapped: MappedNetwork, sigma: float, seed: int, offset_sigma_V: float = 0.0
) -> list[Deviation]:
    """Draw lognormal gains, and comparator offsets, for every neuron of a network.

    Args:
        mapped: the network.
        sigma: of the logarithm of a neuron's gain.
        seed: of the draw.
        offset_sigma_V: of a comparator's offset, in volt.

    Raises:
        InputError: a sigma that is negative or absurd.
    """
    if not 0 <= sigma <= 2:
        raise InputError(f"--mismatch {sigma:g}: a sigma of gains is 0 to 2 (0.3 is 30 %)")
    rng = np.random.default_rng([seed, 11])
    return [
        Deviation(
            np.exp(sigma * rng.standard_normal(len(layer.k))),
            offset_sigma_V * rng.standard_normal(len(layer.k)),
        )
        for layer in mapped.layers
    ]


def _parasitic(tables: ChargeTables, synapses: int) -> float:
    """Return what is stored beside the membrane capacitor between rest and threshold, in farad."""
    near = np.abs(tables.membrane_V - tables.rest_V - 0.05) <= 0.051
    return float(np.mean(tables.core_F[near]) + synapses * np.mean(tables.idle_F[:, near]))
