"""Where each neuron's threshold lies, in codes: with all the margin that its decisions leave.

Spikes are 0 or 1, so what codes add up to are whole numbers, and often multiples of a larger step.
Any threshold between the last sum that must not fire and the first that must decides alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anaspike.learning.network import Layer, Network, Spikes
from anaspike.mapping.agreement import ROUNDING, decisions
from anaspike.mapping.quantise import EXACT, CodedLayer

Floats = NDArray[np.float64]

# Inhibition switches off a gate later than excitation, and the more there is of it the less a
# difference counts. Above this share of it neither moves a threshold by as much as a code.
_OF_INHIBITION = 0.3


@dataclass(frozen=True)
class Placed:
    """Coded layers whose thresholds have been placed.

    Attributes:
        layers: from the inputs on.
        raised: by how many codes the thresholds were raised, and biases with them, of each layer:
            (n_out,).
    """

    layers: tuple[CodedLayer, ...]
    raised: tuple[NDArray[np.int64], ...]


def placed(coded: Sequence[CodedLayer], network: Network, inputs: Spikes) -> Placed:
    """Return a network's codes, each threshold where its decisions have the most margin.

    - Weights that are multiples of a step: midway between the last sum that must not fire and the
      first that must. This holds for all inputs, and for any bias.
    - Other weights: midway between two whole numbers, of all such places where the fewest decisions
      on `inputs` differ from the network's the one nearest to theta's own.
    - A neuron that nothing makes fire: as most others of its layer, if that keeps it silent.
    - A threshold that is low against the inhibition it meets is raised with the neuron's bias.

    Args:
        coded: the layers as codes.
        network: what they came from.
        inputs: patterns, (patterns, n_in).
    """
    wanted = decisions(network, inputs)
    signals = [inputs, *wanted]
    made = [
        _placed(codes, layer, network.theta, signal, must)
        for codes, layer, signal, must in zip(coded, network.layers, signals, wanted, strict=False)
    ]
    layers, raised = zip(*made, strict=True)
    return Placed(layers, raised)


def _placed(
    coded: CodedLayer, layer: Layer, theta: float, inputs: Spikes, must: Spikes
) -> tuple[CodedLayer, NDArray[np.int64]]:
    own = replace(coded, shift=0.0).thresholds(theta)
    silent = ~np.isfinite(own)  # a is 0: no supply makes it fire
    own = np.where(silent, 1.0, own)
    codes = coded.codes.astype(np.int64)
    # Single precision holds such whole numbers exactly.
    sums = inputs.astype(np.float32) @ codes.T.astype(np.float32) + coded.bias_codes
    middle, half = _middles(coded, layer, own)
    middle = _fewest_wrong(middle, sums, must)
    most = np.maximum(codes, 0).sum(axis=1) + coded.bias_codes
    able = (most > middle) & ~silent
    inhibit = inputs.astype(np.float32) @ np.maximum(-codes, 0).T.astype(np.float32)
    share = _OF_INHIBITION * (inhibit.mean(axis=0) + np.maximum(-coded.bias_codes, 0))
    least = np.maximum(share[able].max(initial=0.0), half)
    lack = np.where(able, np.maximum(np.ceil(least - middle), 0), 0).astype(np.int64)
    lack = np.minimum(lack, np.iinfo(np.int16).max - coded.bias_codes.astype(np.int64))
    others = np.median((middle + lack)[able]) if able.any() else 0.0
    # A quarter beyond the most it can get: more would widen the converter for it alone.
    idle = np.maximum.reduce([1.25 * most, most + half, half, np.full(len(half), others)])
    threshold = np.where(able, middle + lack, idle)
    bias_codes = (coded.bias_codes + lack).astype(np.int16)
    shift = np.where(silent, 0.0, threshold - own)
    return replace(coded, bias_codes=bias_codes, shift=shift), lack


def _middles(coded: CodedLayer, layer: Layer, own: Floats) -> tuple[Floats, Floats]:
    """Return midway from the last sum that must not fire to the first that must, and half the gap.

    Args:
        coded: the layer as codes.
        layer: what it came from.
        own: the thresholds as theta says, in codes, (n_out,).
    """
    codes = coded.codes.astype(np.int64)
    sign = np.where(coded.flipped, -1, 1)
    multiples = layer.weights * (sign / coded.scale)[:, None]
    exact = np.all(np.abs(multiples - codes) < EXACT, axis=1)
    step = np.where(exact, np.gcd.reduce(codes, axis=1), 1)
    step = np.where(step > 0, step, np.maximum(np.abs(coded.bias_codes), 1)).astype(float)
    # What a bias is beyond whole codes need not be lost where weights lose nothing.
    bias = np.where(exact, layer.bias * sign / coded.scale, coded.bias_codes)
    size = own + np.abs(bias) + np.abs(codes).sum(axis=1)
    first = step * np.ceil((own - bias - ROUNDING * size) / step) + coded.bias_codes
    return first - step / 2, step / 2


def _fewest_wrong(middle: Floats, sums: NDArray[np.float32], must: Spikes) -> Floats:
    """Move thresholds to where the fewest decisions are wrong, and no further than that takes.

    Args:
        middle: where they are, (n_out,).
        sums: of codes, (patterns, n_out).
        must: who must fire, (patterns, n_out).
    """
    moved = middle.copy()
    for i in np.flatnonzero(np.any((sums > middle) != must, axis=0)):
        values, place = np.unique(sums[:, i], return_inverse=True)
        fire = np.bincount(place, must[:, i])
        silent = np.bincount(place) - fire
        # Below all sums, between each and the next, above all.
        between = np.floor((values[:-1] + values[1:]) / 2) + 0.5
        tried = np.concatenate(([values[0] - 0.5], between, [values[-1] + 0.5]))
        # Wrong are all that must fire up to there, and all that must not beyond.
        wrong = np.append(0, np.cumsum(fire)) + silent.sum() - np.append(0, np.cumsum(silent))
        tried, wrong = tried[tried > 0], wrong[tried > 0]
        if len(wrong) and wrong.min() < np.sum((sums[:, i] > middle[i]) != must[:, i]):
            best = tried[wrong == wrong.min()]
            moved[i] = best[np.argmin(np.abs(best - middle[i]))]
    return moved
