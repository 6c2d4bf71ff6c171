"""How matrices lie: rows are neurons (PyTorch), or rows are inputs (Keras, Flax, x @ W)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.foreign.names import Layout
from anaspike.learning.foreign.sorting import shown

LAYOUTS: tuple[Layout, ...] = get_args(Layout)


@dataclass(frozen=True)
class Vector:
    """A bias or thresholds: its name in the file, and one value a neuron."""

    name: str
    values: NDArray[Any]


@dataclass(frozen=True)
class Parts:
    """One layer's arrays as the file has them; shapes are not yet known to fit each other.

    Attributes:
        name: of the weights.
        weights: the matrix.
        layout: of the matrix, where its name or the user tells it.
        bias, threshold: where there are any.
    """

    name: str
    weights: NDArray[Any]
    layout: Layout | None
    bias: Vector | None
    threshold: Vector | None

    def matrix(self, layout: Layout) -> NDArray[Any]:
        """Return the weights (neurons, inputs); they lie as `layout` says if nothing else does."""
        return self.weights.T if (self.layout or layout) == "in,out" else self.weights


def layout_of(parts: Sequence[Parts]) -> Layout:
    """Return how those matrices lie whose names do not tell: the one way in which all fits.

    Raises:
        InputError: nothing fits, or both ways do and make two networks.
    """
    problems = {layout: _problem(parts, layout) for layout in LAYOUTS}
    fitting = [layout for layout in LAYOUTS if not problems[layout]]
    if not fitting:
        untold = [replace(one, layout=None) for one in parts]
        turned = [layout for layout in LAYOUTS if not _problem(untold, layout)]
        hint = f"; it would fit with --orientation {turned[0]}" if turned else ""
        raise InputError(problems["out,in"] + hint)
    for one in parts if len(fitting) > 1 else ():
        if one.layout is None and not np.array_equal(one.weights, one.weights.T):
            raise InputError(
                f"{shown(one.name)} of shape {one.weights.shape} fits either way; say what rows and"
                " columns are: --orientation out,in or --orientation in,out"
            )
    return fitting[0]


def _problem(parts: Sequence[Parts], layout: Layout) -> str:
    """Return the first thing that does not fit, or nothing."""
    shapes = [one.matrix(layout).shape for one in parts]
    for one, shape in zip(parts, shapes, strict=True):
        for what, vector, sizes in (
            ("bias", one.bias, {shape[0]}),
            ("threshold", one.threshold, {1, shape[0]}),
        ):
            if vector is not None and vector.values.size not in sizes:
                return (
                    f"{shown(vector.name)}: {what} of shape {vector.values.shape} does not fit"
                    f" weights of shape {shape}; it needs one value a neuron"
                )
    for i, (below, above) in enumerate(pairwise(shapes)):
        if below[0] != above[1]:
            return (
                f"layer {i + 1} takes {above[1]} inputs, but layer {i} has {below[0]} neurons"
                f" ({shown(parts[i + 1].name)} after {shown(parts[i].name)})"
            )
    return ""
