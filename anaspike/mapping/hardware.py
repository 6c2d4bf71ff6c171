"""A mapped network on the charge model: layer by layer, each one window of spikes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.network import Spikes
from anaspike.mapping.charge_model import ChargeLayer, ChargeTables, Geometry, Limits
from anaspike.mapping.disturbance import QUIET, Disturbance
from anaspike.mapping.mismatch import Deviation, DrawnSynapses
from anaspike.mapping.quantise import CodedLayer, synapses_of
from anaspike.mapping.supplies import MappedLayer, MappedNetwork

Floats = NDArray[np.float64]
Numbers = NDArray[np.float64] | NDArray[np.int16]

LEAST_MEMBRANE_F = 5e-15  # a smaller one would be no more than its own wires
_ROUNDS = 4


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


def pulls(
    coded: CodedLayer,
    inputs: Spikes | Floats,
    drawn: DrawnSynapses | None = None,
    supply_V: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Return the units of code that excite and inhibit, (patterns, neurons) each.

    Args:
        coded: the layer.
        inputs: who spikes, (patterns, n_in); of a chip's own neurons, how wide, over nominal.
        drawn: its synapses where they are a chip's own; None for nominal ones.
        supply_V: of each neuron, for those, (n,), in volt.
    """
    weights: Numbers = coded.codes
    bias: Numbers = coded.bias_codes
    kind: type = np.float32
    if drawn is not None and supply_V is not None:
        (weights, bias), kind = drawn.units(supply_V), np.float64
    sides = []
    for sign in (1, -1):
        # Codes add up to whole numbers, which single precision holds exactly.
        toward: NDArray[Any] = np.maximum(sign * weights, 0).astype(kind)
        pulled = inputs.astype(kind) @ toward.T + np.maximum(sign * bias, 0)
        sides.append(pulled.astype(float))
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
    inputs: Spikes | Floats,
    deviation: Deviation | None = None,
    disturbance: Disturbance = QUIET,
    number: int = 0,
) -> Ran:
    """Run one layer, that of this number; see `run`."""
    own = deviation or Deviation()
    layer = ChargeLayer(tables, geometry, mapped.supply_V, own.gain, own.offset_V)
    pulled = pulls(mapped.coded, inputs, own.synapses, mapped.supply_V)
    left = disturbance.weakened(tables, mapped.supply_V, mapped.rail, *pulled)
    margin_V, membrane_V = layer.run(*left)
    if disturbance.noise_V:
        margin_V = margin_V + disturbance.noise(number, margin_V.shape)
    return Ran(margin_V > 0, margin_V, membrane_V)


def run(
    tables: ChargeTables,
    geometries: Sequence[Geometry],
    mapped: MappedNetwork,
    inputs: Spikes,
    deviations: Sequence[Deviation] | None = None,
    disturbance: Disturbance = QUIET,
) -> list[Ran]:
    """Run a mapped network on patterns; a layer's spikes are the next one's inputs.

    Args:
        tables: the charge model's constants.
        geometries: one a layer.
        mapped: the network.
        inputs: who spikes, (patterns, n_in), boolean.
        deviations: of each layer's neurons; None for nominal ones.
        disturbance: noise, and sources that are not stiff.

    Raises:
        InputError: the inputs do not fit, or are no spikes.
    """
    n_in = mapped.layers[0].coded.codes.shape[1]
    if inputs.ndim != 2 or inputs.shape[1] != n_in:
        raise InputError(f"inputs of shape {inputs.shape} do not fit a network of {n_in} inputs")
    ran: list[Ran] = []
    signal: Spikes | Floats = inputs
    for i, (geometry, layer) in enumerate(zip(geometries, mapped.layers, strict=True)):
        own = Deviation() if deviations is None else deviations[i]
        ran.append(run_layer(tables, geometry, layer, signal, own, disturbance, i))
        signal = own.sent(ran[-1].spikes)
    return ran
