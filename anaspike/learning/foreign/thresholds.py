"""Thresholds of a network from elsewhere as the one theta that a network here has."""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray

from anaspike.learning.network import Layer, floats

_MOST = 16  # different thresholds for which a common multiple is looked for
_LARGEST = 1024.0

Thresholds = NDArray[np.float64]


def one_theta(
    layers: Sequence[Layer], thresholds: Sequence[Thresholds]
) -> tuple[float, tuple[Layer, ...]]:
    """Return a theta for all neurons, and the layers that decide with it as they did.

    Thresholds that are all the same are the theta. Else a neuron's weights and bias are scaled
    by theta over its threshold: exactly, where a theta of 1 or a common multiple of the
    thresholds does that in float32, otherwise rounded to it.

    Args:
        layers: with amplifiers of 1.
        thresholds: of the neurons of each layer, positive.
    """
    different = np.unique(np.concatenate(thresholds))
    if len(different) == 1:
        return float(different[0]), tuple(layers)
    to_one = [_scaled(layer, 1.0, t) for layer, t in zip(layers, thresholds, strict=True)]
    multiple = _multiple(different)
    if not all(exact for _, exact in to_one) and multiple != 1:
        whole = [_scaled(layer, multiple, t) for layer, t in zip(layers, thresholds, strict=True)]
        if all(exact for _, exact in whole):
            return multiple, tuple(layer for layer, _ in whole)
    return 1.0, tuple(layer for layer, _ in to_one)


def _scaled(layer: Layer, theta: float, thresholds: Thresholds) -> tuple[Layer, bool]:
    exact = True
    parts = []
    for values, t in ((layer.weights, thresholds[:, None]), (layer.bias, thresholds)):
        wanted = values.astype(np.float64) * theta
        parts.append(floats(wanted / t))
        exact &= bool((parts[-1] * t == wanted).all())
    return Layer(parts[0], parts[1], layer.amplifier), exact


def _multiple(thresholds: Thresholds) -> float:
    """Return the least common multiple of thresholds; 1 where there is no small one."""
    if len(thresholds) > _MOST:
        return 1.0
    exact = [Fraction(float(t)) for t in thresholds]
    numerator = lcm(*(f.numerator for f in exact))
    denominator = gcd(*(f.denominator for f in exact))
    multiple = Fraction(numerator, denominator)
    return float(multiple) if multiple <= _LARGEST * Fraction(float(thresholds[0])) else 1.0
