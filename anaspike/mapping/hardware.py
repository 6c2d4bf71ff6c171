"""A mapped network on the charge model: layer by layer, each one window of spikes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anaspike.circuits.synapse import MAX_CODE
from anaspike.errors import InputError
from anaspike.learning.network import Spikes
from anaspike.mapping.charge_model import ChargeLayer, ChargeTables, Geometry, Limits
from anaspike.mapping.quantise import CodedLayer, parallel
from anaspike.mapping.supplies import MappedLayer, MappedNetwork

Floats = NDArray[np.float64]

LEAST_MEMBRANE_F = 5e-15  # a smaller one would be no more than its own wires
_ROUNDS = 4


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


def sized(
    tables: ChargeTables,
    limits: Limits,
    coded: CodedLayer,
    unit_theta: float,
    supply_V: float,
) -> tuple[Geometry, float]:
    """Return a layer's neurons, their membranes sized so that `unit_theta` units just fire.

    Never less than `LEAST_MEMBRANE_F`: what junctions and channels store is there anyway.

    Args:
        tables, limits: the charge model's constants.
        coded: the layer.
        unit_theta: units of code wanted.
        supply_V: the reference supply, where k is 1.

    Returns:
        The neurons, and how many units it really takes.
    """
    synapses, unit_coulomb = synapses_of(coded), tables.unit_charge(supply_V)
    parasitic_F = tables.parasitic(synapses)
    geometry = limits.geometry(tables, synapses, LEAST_MEMBRANE_F)
    for _ in range(_ROUNDS):  # a larger membrane has a slightly lower threshold
        rise_V = geometry.threshold_V - tables.rest_V
        wanted_F = unit_theta * unit_coulomb / rise_V - parasitic_F
        geometry = limits.geometry(tables, synapses, max(LEAST_MEMBRANE_F, wanted_F))
    stored_F = geometry.membrane_F + parasitic_F
    return geometry, stored_F * (geometry.threshold_V - tables.rest_V) / unit_coulomb


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


def check_sigma(sigma: float) -> float:
    """Return the sigma of the neurons' gains when it can be one.

    Raises:
        InputError: it is negative or absurd.
    """
    if not 0 <= sigma <= 2:
        raise InputError(
            f"--mismatch {sigma:g}: the sigma of a neuron's gain is 0 to 2 (30 %: 0.3)"
        )
    return sigma


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
    check_sigma(sigma)
    rng = np.random.default_rng([seed, 11])
    return [
        Deviation(
            np.exp(sigma * rng.standard_normal(len(layer.k))),
            offset_sigma_V * rng.standard_normal(len(layer.k)),
        )
        for layer in mapped.layers
    ]
