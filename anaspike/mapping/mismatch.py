"""A chip's own devices: a mapped network's synapses, comparators, spikes, each drawn for itself.

A code's bits are 1, 2 and 4 equal devices, so by Pelgrom's law the charge of a code c scatters by
sigma / sqrt(c), sigma that of a unit, whatever bits it is made of. On the supplies of synapses a
current goes with the exponential of its threshold: charges are lognormal. What a synapse's devices
are does not change with its supply; how much of it shows does, the less the higher the supply.
What a spike gives to the next layer is proportional to its width.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from anaspike.errors import InputError
from anaspike.learning.network import Spikes
from anaspike.mapping.quantise import CodedLayer, all_codes
from anaspike.mapping.supplies import MappedNetwork

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scatter:
    """How far the devices of one process scatter, measured at one corner and temperature.

    Attributes:
        supply_V: of synapses, rising, (s,), in volt.
        unit_sigma: of the logarithm of a unit's charge, excitation and inhibition, (2, s).
        offset_sigma_V: of a comparator's threshold, in volt.
        width_sigma: of the logarithm of a spike's width, from neuron to neuron: their bias
            mirror is one for all, and a chip's one current is taken to make good what it lacks.
    """

    supply_V: Floats
    unit_sigma: Floats
    offset_sigma_V: float
    width_sigma: float

    def sigma(self, supply_V: Floats) -> Floats:
        """Return the units' sigma at supplies, (2, n)."""
        return np.array([np.interp(supply_V, self.supply_V, side) for side in self.unit_sigma])


@dataclass(frozen=True)
class DrawnSynapses:
    """The synapses of a layer of one chip.

    Attributes:
        coded: the layer.
        codes: of each synapse: weights, in parallel, then bias, (n, synapses).
        normals: standard normal, of each synapse, (n, synapses).
        scatter: what they are scaled by.
    """

    coded: CodedLayer
    codes: NDArray[np.int16]
    normals: Floats
    scatter: Scatter

    def units(self, supply_V: Floats) -> tuple[Floats, Floats]:
        """Return what weights and biases come to, in nominal units of code: (n, n_in) and (n,).

        Args:
            supply_V: of each neuron, (n,), in volt.
        """
        excite, inhibit = self.scatter.sigma(supply_V)[:, :, None]
        sigma = np.where(self.codes > 0, excite, inhibit)
        root = np.sqrt(np.maximum(np.abs(self.codes), 1))
        charge = self.codes * np.exp(sigma / root * self.normals)
        n, n_in = self.coded.codes.shape
        weights, bias = np.split(charge, [n_in * self.coded.synapses], axis=1)
        return weights.reshape(n, -1, n_in).sum(axis=1), bias.sum(axis=1)

    def shares(self, supply_V: Floats, active: Floats, arriving: Floats) -> tuple[Floats, Floats]:
        """Return by which factors excitation and inhibition differ from nominal ones, (n,) each.

        Args:
            supply_V: of each neuron, (n,), in volt.
            active: how often each neuron's inputs spike, (n, n_in), 0 to 1.
            arriving: the same, each spike worth its width, 1 for a nominal one.
        """
        made = (arriving, *self.units(supply_V))
        meant = (active, self.coded.codes, self.coded.bias_codes)
        factors = []
        for sign in (1, -1):
            got, wanted = (
                np.sum(activity * np.maximum(sign * weights, 0), axis=1)
                + np.maximum(sign * bias, 0)
                for activity, weights, bias in (made, meant)
            )
            factors.append(np.divide(got, wanted, out=np.ones(len(got)), where=wanted > 0))
        return factors[0], factors[1]


@dataclass(frozen=True)
class Deviation:
    """How one layer's neurons differ from nominal ones; None where they do not.

    Attributes:
        gain: factor on all that a neuron's synapses push, (n,).
        offset_V: of each comparator, (n,), in volt.
        synapses: each drawn for itself.
        width: of each neuron's spikes, over the nominal one, (n,).
        leak: factor on each neuron's leak, (n,); of networks in time.
    """

    gain: Floats | None = None
    offset_V: Floats | None = None
    synapses: DrawnSynapses | None = None
    width: Floats | None = None
    leak: Floats | None = None

    def sent(self, spikes: Spikes) -> Spikes | Floats:
        """Return what the layer's spikes, (patterns, n), are worth to the next: their widths."""
        return spikes if self.width is None else spikes * self.width


def check_sigma(sigma: float) -> float:
    """Return the sigma of the neurons' gains when it can be one.

    Raises:
        InputError: it is negative or absurd.
    """
    if not 0 <= sigma <= 2:
        raise InputError(
            f"`mismatch` {sigma:g}: the sigma of a neuron's gain is 0 to 2 (30 %: 0.3)"
        )
    return sigma


def draw_gains(mapped: MappedNetwork, sigma: float, seed: int) -> list[Deviation]:
    """Draw a lognormal gain for every neuron of a network, and nothing else.

    Args:
        mapped: the network.
        sigma: of the logarithm of a neuron's gain.
        seed: of the draw.

    Raises:
        InputError: a sigma that is negative or absurd.
    """
    check_sigma(sigma)
    rng = np.random.default_rng([seed, 11])
    # The second row is not used; without it a seed would no longer be the chip that it was.
    drawn = [rng.standard_normal((2, len(layer.k)))[0] for layer in mapped.layers]
    return [Deviation(np.exp(sigma * normal)) for normal in drawn]


def draw_chip(
    mapped: MappedNetwork, scatter: Scatter, seed: int, gains: Sequence[Deviation] | None = None
) -> list[Deviation]:
    """Draw every synapse, comparator and spike generator of a network.

    A draw depends on the seed and on which layer, neuron and synapse it is of, and on nothing
    else: not on how many others there are, nor on the codes.

    Args:
        mapped: the network.
        scatter: by how much devices scatter.
        seed: of the chip.
        gains: deviations to add to.
    """
    gains = gains or [Deviation()] * len(mapped.layers)
    return [
        _drawn(i, layer.coded, scatter, seed, gain)
        for i, (layer, gain) in enumerate(zip(mapped.layers, gains, strict=True))
    ]


def draw_leaks(
    drawn: Sequence[Deviation], mapped: MappedNetwork, sigma: float, seed: int
) -> list[Deviation]:
    """Draw every neuron's leak, lognormal, beside what is drawn already.

    Args:
        drawn: what else deviates, of each layer.
        mapped: the network.
        sigma: of the logarithm of a leak.
        seed: of the chip.
    """
    return [
        replace(
            own,
            leak=np.exp(
                sigma
                * np.array(
                    [
                        standard_normals(seed, f"layer{i}.neuron{neuron}.leak", 1)[0]
                        for neuron in range(len(layer.k))
                    ]
                )
            ),
        )
        for i, (own, layer) in enumerate(zip(drawn, mapped.layers, strict=True))
    ]


def _drawn(
    layer: int, coded: CodedLayer, scatter: Scatter, seed: int, gain: Deviation
) -> Deviation:
    codes = np.array([all_codes(coded, neuron) for neuron in range(len(coded.codes))])
    normals = np.array(
        [
            standard_normals(seed, f"layer{layer}.neuron{neuron}", 2 + codes.shape[1])
            for neuron in range(len(codes))
        ]
    )
    return replace(
        gain,
        offset_V=scatter.offset_sigma_V * normals[:, 0],
        width=np.exp(scatter.width_sigma * normals[:, 1]),
        synapses=DrawnSynapses(coded, codes, normals[:, 2:], scatter),
    )


def standard_normals(seed: int, place: str, count: int) -> Floats:
    """Return standard normal numbers for a place on a chip: longer ones begin as shorter ones do.

    As `pdk.mismatch` does for one device, for the thousands of a neuron at once.
    """
    stream = hashlib.shake_256(f"{seed}:{place}".encode()).digest(8 * count)
    # 52 bits and a half keep the number strictly between 0 and 1.
    uniform = (np.frombuffer(stream, ">u8") // 2**12 + 0.5) / 2**52
    return np.asarray(ndtri(uniform), float)
