"""Weights as the codes of a 3-bit synapse: one scale a neuron or a layer, signs made explicit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anaspike.circuits.synapse import BITS, MAX_CODE
from anaspike.errors import InputError
from anaspike.learning.network import Layer, Network, Spikes
from anaspike.units import printable, suggestion

Floats = NDArray[np.float64]
Codes = NDArray[np.int16]

SCALES = ("neuron-fit", "neuron-max", "layer-p99", "layer-max")
HEAD_SYNAPSES = 2  # a head carries no NT value that could make good what rounding took
EXACT = 4e-3  # of a code: so near are multiples of one step that numbers of 16 bits hold


@dataclass(frozen=True)
class CodedLayer:
    """A layer as hardware holds it: v = a * scale * (codes @ spikes + bias_codes - shift).

    Attributes:
        codes: whole numbers, (n_out, n_in), |code| <= 7 * synapses.
        bias_codes: of the synapses that an ever-spiking input drives, (n_out,); as many
            synapses as it takes, all in the neuron's own supply domain (b is inside a's bracket).
        scale: the weight that one code stands for, (n_out,).
        amplifier: |a|, (n_out,).
        flipped: whether a was negative: the sign bits of all the neuron's synapses, its bias
            included, are flipped, (n_out,).
        synapses: in parallel for one weight.
        shift: by how many codes more than theta says a neuron's threshold is, (n_out,).
    """

    codes: Codes
    bias_codes: Codes
    scale: Floats
    amplifier: Floats
    flipped: NDArray[np.bool_]
    synapses: int = 1
    shift: Floats | float = 0.0

    def layer(self) -> Layer:
        """Return what the codes compute, exactly, as a layer that can be tuned again."""
        bias = (self.bias_codes - self.shift) * self.scale
        return Layer.of(self.codes * self.scale[:, None], bias, self.amplifier)

    def thresholds(self, theta: float) -> Floats:
        """Return from how many units of code on each neuron fires, (n_out,); infinite if a is 0."""
        weight = self.amplifier * self.scale
        own = np.divide(theta, weight, out=np.full(len(weight), np.inf), where=weight > 0)
        return np.asarray(own + self.shift)

    def tuned(self, amplifier: Floats) -> "CodedLayer":
        """Return the same codes with other NT values; a negative one flips its neuron's signs."""
        sign = np.where(amplifier < 0, -1, 1).astype(np.int16)
        return CodedLayer(
            self.codes * sign[:, None],
            self.bias_codes * sign,
            self.scale,
            np.abs(amplifier),
            self.flipped ^ (sign < 0),
            self.synapses,
            self.shift,
        )


def quantise(
    network: Network, scale: str = "neuron-fit", bits: int = BITS
) -> tuple[CodedLayer, ...]:
    """Return a network's layers as codes.

    A head, which carries no NT value to be tuned again, gets two synapses a weight.

    Args:
        network: to quantise.
        scale: where a code's size comes from: `layer-max`, `layer-p99` (the 99th percentile of
            the layer, what lies above saturates), `neuron-max`, or `neuron-fit` (of each
            neuron the size with the least squared error; where weights are multiples of a step
            that codes can hold, no error at all).
        bits: of a code's magnitude; other than 3 only to see what 3 cost.

    Raises:
        InputError: no such scale.
    """
    last = len(network.layers) - 1
    return tuple(
        quantise_layer(layer, scale, HEAD_SYNAPSES if network.head and i == last else 1, bits)
        for i, layer in enumerate(network.layers)
    )


def quantise_layer(
    layer: Layer, scale: str = "neuron-fit", synapses: int = 1, bits: int = BITS
) -> CodedLayer:
    """Return one layer as codes; see `quantise`."""
    if scale not in SCALES:
        raise InputError(f"no weight scale '{printable(scale)}'; {suggestion(scale, SCALES)}")
    weights = layer.weights.astype(np.float64)
    most = (2**bits - 1) * synapses
    size = _size(weights, scale, most)
    limit = np.iinfo(np.int16).max
    coded = CodedLayer(
        np.clip(np.rint(weights / size[:, None]), -most, most).astype(np.int16),
        np.clip(np.rint(layer.bias / size), -limit, limit).astype(np.int16),
        size,
        np.ones(len(size)),
        np.zeros(len(size), bool),
        synapses,
    )
    return coded.tuned(layer.amplifier.astype(np.float64))


def parallel(codes: Codes, synapses: int) -> Codes:
    """Return codes dealt out evenly to synapses in parallel: (synapses, *codes.shape)."""
    magnitude, sign = np.abs(codes), np.sign(codes)
    shares = [(magnitude + i) // synapses for i in reversed(range(synapses))]
    return (np.stack(shares) * sign).astype(np.int16)


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


def coded_network(layers: Sequence[CodedLayer], like: Network) -> Network:
    """Return what coded layers compute as a network, with `like`'s theta and head."""
    return replace(like, layers=tuple(coded.layer() for coded in layers))


def code_arrays(layers: Sequence[CodedLayer]) -> Mapping[str, Codes]:
    """Return the codes by name, as the npz file holds them."""
    return {
        name: values
        for i, coded in enumerate(layers)
        for name, values in ((f"codes_{i}", coded.codes), (f"bias_codes_{i}", coded.bias_codes))
    }


def _size(weights: Floats, scale: str, most: int) -> Floats:
    magnitude = np.abs(weights)
    if scale == "layer-max":
        top = np.full(len(weights), magnitude.max())
    elif scale == "layer-p99":
        top = np.full(len(weights), np.percentile(magnitude, 99))
    else:
        top = magnitude.max(axis=1)
    # Where all is zero any size does: the codes are zero.
    size = np.where(top > 0, top, 1.0) / most
    if scale != "neuron-fit":
        return size
    # One size for a whole layer if it can be: then its neurons need one supply.
    exact = np.broadcast_to(_lattice(weights.reshape(1, -1), most), size.shape)
    if np.isnan(exact).any():
        exact = _lattice(weights, most)
    return np.where(np.isnan(exact), _fitted(weights, size, most), exact)


def _fitted(weights: Floats, largest: Floats, most: int) -> Floats:
    """Return for each neuron the size, at most `largest`, with the least squared error."""
    best, least = largest, np.full(len(weights), np.inf)
    for factor in np.linspace(0.3, 1.0, 36):
        size = largest * factor
        codes = np.clip(np.rint(weights / size[:, None]), -most, most)
        error = np.sum((codes * size[:, None] - weights) ** 2, axis=1)
        best, least = np.where(error < least, size, best), np.minimum(error, least)
    return best


def _lattice(weights: Floats, most: int) -> Floats:
    """Return for each row the size of which all its weights are multiples; NaN where there is none.

    Of the sizes that codes can hold the smallest: mismatch is the less the larger a code.
    """
    top = np.abs(weights).max(axis=1)
    found = np.full(len(weights), np.nan)
    for highest in reversed(range(1, most + 1)):  # the fewest whole numbers come last, and stay
        step = np.where(top > 0, top, 1.0) / highest
        multiples = weights / step[:, None]
        exact = np.all(np.abs(multiples - np.rint(multiples)) < EXACT, axis=1)
        found = np.where(exact, step / (most // highest), found)
    return found
