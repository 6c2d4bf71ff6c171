"""What every data set is to the rest: a table of features with labels and sources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.images import UNKNOWN
from anaspike.units import printable

# The parts that publishers divide their data into, in the order a group falls to them.
PARTS = ("train", "validation", "test")
_LARGEST = 1e15  # of a feature: a hundred thousand squares of it add up in float32


@dataclass(frozen=True, eq=False)
class Dataset:
    """A table of features: one row a sample.

    Attributes:
        name: as `load_dataset` takes it.
        features: (n, d), as extracted: scale them on the training part only.
        labels: (n,), index into `classes`.
        classes: the names of the classes.
        groups: (n,), the source image of each sample. Samples of one source (augmented copies,
            duplicates under two names) are not independent: a split never divides a group.
            Empty where the source is not known: such a sample may be a copy of any other such.
        feature_names: (d,), or empty where the features have no names.
        parts: (n,), "train", "validation" or "test" where the publisher divides the data, or
            empty where he does not.
        notes: what was skipped, duplicates, number of sources, licence: for the report.
        complete: the samples are all there can be (a truth table): nothing to hold back.

    Raises:
        InputError: shapes that do not fit, a feature that is not finite or too large, an empty
            class.
    """

    name: str
    features: NDArray[np.float32]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    groups: NDArray[np.str_]
    feature_names: tuple[str, ...] = ()
    parts: NDArray[np.str_] | None = None
    notes: tuple[str, ...] = ()
    complete: bool = False

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or self.features.size == 0:
            self._refuse(f"features of shape {self.features.shape}; expected (samples, features)")
        samples, width = self.features.shape
        columns = {"labels": self.labels, "groups": self.groups, "parts": self.parts}
        for column, values in columns.items():
            if values is not None and values.shape != (samples,):
                self._refuse(f"{column} of shape {values.shape} beside {samples} samples")
        if self.feature_names and len(self.feature_names) != width:
            self._refuse(f"{len(self.feature_names)} feature names beside {width} features")
        self._check_features()
        if self.labels.min() < 0 or self.labels.max() >= len(self.classes):
            self._refuse(f"labels outside 0 to {len(self.classes) - 1}")
        empty = [name for name, count in self.counts().items() if count == 0]
        if empty:
            self._refuse(f"no sample of class {', '.join(empty)}")

    def _check_features(self) -> None:
        too_large = (
            f"beyond {_LARGEST:g}, so that the spread is no number in float32; scale the features"
        )
        for wrong, why in (
            (~np.isfinite(self.features), "not a finite number"),
            (np.abs(self.features) > _LARGEST, too_large),
        ):
            if wrong.any():
                row, column = np.argwhere(wrong)[0]
                self._refuse(f"feature {column} of sample {row} is {why}")

    def counts(self) -> Mapping[str, int]:
        """Return the number of samples of each class."""
        numbers = np.bincount(self.labels, minlength=len(self.classes))
        return dict(zip(self.classes, numbers.tolist(), strict=True))

    @property
    def unknown(self) -> NDArray[np.bool_]:
        """Which samples are of unknown source, (n,)."""
        found: NDArray[np.bool_] = self.groups == UNKNOWN
        return found

    def sources(self) -> Mapping[str, int | None]:
        """Return the number of source images of each class; None where one is not known."""
        return {
            name: number_of_sources(self.groups[self.labels == index].tolist())
            for index, name in enumerate(self.classes)
        }

    def _refuse(self, what: str) -> None:
        raise InputError(f"data set {printable(self.name)}: {what}")


def number_of_sources(groups: Sequence[str]) -> int | None:
    """Return how many sources samples come from; None where one of them is not known."""
    return None if UNKNOWN in groups else len(set(groups))
