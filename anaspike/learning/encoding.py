"""Features to spikes: a thermometer code, for hardware takes spikes, not numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.network import Floats, Spikes


@dataclass(frozen=True, eq=False)
class Encoder:
    """Input j spikes where feature columns[j] is at least thresholds[j].

    Attributes:
        columns: (n_spikes,), of the features.
        thresholds: (n_spikes,), in the features' own units.
    """

    columns: NDArray[np.int64]
    thresholds: Floats

    def __post_init__(self) -> None:
        if self.columns.ndim != 1 or self.columns.shape != self.thresholds.shape:
            raise InputError(
                f"an encoder of {self.columns.shape} columns and {self.thresholds.shape} thresholds"
            )
        if not np.isfinite(self.thresholds).all() or (self.columns < 0).any():
            raise InputError("an encoder holds thresholds or columns that make no sense")

    def encode(self, features: Floats) -> Spikes:
        """Return the spikes of features (n_samples, d): (n_samples, n_spikes).

        Raises:
            InputError: fewer features than the encoder was made for.
        """
        if features.shape[1] <= self.columns.max():
            raise InputError(
                f"the encoder reads feature {self.columns.max()}, but there are only"
                f" {features.shape[1]}"
            )
        spikes: Spikes = features[:, self.columns] >= self.thresholds
        return spikes

    @classmethod
    def fit(cls, features: Floats, n_spikes: int = 120, levels: int = 2) -> Self:
        """Choose features and thresholds by the training part alone; no label is looked at.

        The features chosen are those that stand for most of the others: one after another the
        one that adds most to the sum over all features of the closest correlation with a chosen
        one. Each spikes at `levels` evenly spaced quantiles.

        Args:
            features: (n_samples, d), of the training part.
            n_spikes: the most inputs that a neuron of the hardware takes.
            levels: thresholds a feature.

        Raises:
            InputError: features that are all constant, or no room for one feature.
        """
        if levels < 1 or n_spikes < levels:
            raise InputError(f"{n_spikes} spikes leave no room for {levels} levels of a feature")
        columns = _representative(features, n_spikes // levels)
        shares = (np.arange(levels) + 1) / (levels + 1)
        thresholds = np.quantile(features[:, columns], shares, axis=0).T
        return cls(np.repeat(columns, levels), thresholds.ravel().astype(np.float32))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what a file holds."""
        return {"encoder_columns": self.columns, "encoder_thresholds": self.thresholds}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make an encoder from what `arrays` gave."""
        columns, thresholds = arrays["encoder_columns"], arrays["encoder_thresholds"]
        if columns.dtype.kind not in "iu" or thresholds.dtype.kind != "f":
            raise InputError("the encoder's arrays hold no numbers")
        return cls(columns.astype(np.int64), thresholds.astype(np.float32))


def _representative(features: Floats, count: int) -> NDArray[np.int64]:
    varying = np.flatnonzero(features.std(0) > 0)
    if not len(varying):
        raise InputError("no feature differs between samples; there is nothing to encode")
    if count >= len(varying):
        return varying
    closeness = np.abs(np.corrcoef(features[:, varying].astype(np.float64).T))
    chosen: list[int] = []
    covered = np.zeros(len(varying))
    for _ in range(count):
        gains = np.maximum(closeness, covered).sum(1)
        gains[chosen] = -np.inf
        # Rounded, so that the last bit of a matrix product decides nothing.
        chosen.append(int(np.round(gains, 6).argmax()))
        covered = np.maximum(covered, closeness[chosen[-1]])
    columns: NDArray[np.int64] = varying[np.sort(chosen)]
    return columns
