"""Samples to learn from and to judge by, and how batches are drawn from them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anaspike.errors import InputError
from anaspike.learning.network import Floats
from anaspike.learning.scores import Labels

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs with the output that should fire.

    Attributes:
        inputs: (n_samples, n_in).
        labels: (n_samples,), index of an output.

    Raises:
        InputError: no samples, shapes that do not fit, values that are not finite.
    """

    inputs: Floats
    labels: Labels

    @classmethod
    def of(cls, inputs: ArrayLike, labels: ArrayLike) -> "Samples":
        """Make samples from any numbers."""
        return cls(np.asarray(inputs, np.float32), np.asarray(labels, np.int64))

    def __post_init__(self) -> None:
        if self.inputs.ndim != 2 or not len(self.inputs):
            raise InputError(f"inputs of shape {self.inputs.shape}; expected (samples, inputs)")
        if self.labels.shape != (len(self.inputs),):
            raise InputError(f"labels of shape {self.labels.shape} for {len(self.inputs)} samples")
        if not np.isfinite(self.inputs).all():
            raise InputError("inputs hold values that are not finite (NaN or infinite)")

    def check(self, n_inputs: int, n_outputs: int) -> None:
        """Refuse samples that a network cannot take.

        Raises:
            InputError: another number of inputs, a label without an output.
        """
        if self.inputs.shape[1] != n_inputs:
            raise InputError(
                f"samples of {self.inputs.shape[1]} inputs do not fit a network of {n_inputs}"
            )
        if self.labels.min() < 0 or self.labels.max() >= n_outputs:
            raise InputError(f"labels must be 0 to {n_outputs - 1}, one for each output")


def balanced_batches(labels: Labels, size: int, rng: np.random.Generator) -> Iterator[Indices]:
    """Yield one epoch of batches in which every class is as frequent as the largest.

    The samples of smaller classes come several times, each about equally often; the paper's
    training sets are "balanced" too. Batches differ by at most one in size.
    """
    classes = np.unique(labels)
    largest = np.bincount(labels).max()
    order = np.concatenate(
        [np.resize(rng.permutation(np.flatnonzero(labels == c)), largest) for c in classes]
    )
    yield from np.array_split(rng.permutation(order), -(-len(order) // size))
