"""Splits that keep every source image whole, stratified by class, seeded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.datasets.base import PARTS, Dataset

Indices = NDArray[np.int64]
FOLDS = 5  # each tests a fifth of the sources


@dataclass(frozen=True, eq=False)
class Split:
    """Rows of a data set, each (n,) sorted: to learn from, to choose by, to judge once."""

    train: Indices
    validation: Indices
    test: Indices

    def clean(self, dataset: Dataset) -> bool:
        """Return whether no copy of what is learned from can be among what is chosen by."""
        unknown = dataset.unknown
        return not (unknown[self.train].any() and unknown[self.validation].any())


def grouped_split(
    dataset: Dataset, seed: int, *, validation: float = 0.15, test: float = 0.2
) -> Split:
    """Divide the sources of each class among training, validation and test.

    Where the publisher divides the data his test part stays the test part, and validation is
    taken from his training part unless he names one; where the sources of that are unknown, it
    is taken sample by sample and not clean. A truth table is whole in every part.

    Args:
        dataset: what to divide.
        seed: decides which source goes where; equal seeds give equal splits.
        validation: share of a class's sources to choose the best epoch by.
        test: share of a class's sources to judge by; not used where the publisher divides.

    Raises:
        InputError: shares that leave nothing to learn from, a class with too few sources, or
            sources that are unknown and the publisher has not divided.
    """
    if not (0 < validation < 1 and 0 < test < 1 and validation + test < 1):
        raise InputError(
            f"validation {validation:g} and test {test:g} must be above 0 and below 1 together"
        )
    if dataset.complete:
        return _whole(dataset)
    groups = _Groups.of(dataset)
    if groups.parts is None:
        _check_known(dataset)
        return _dealt(dataset, groups, seed, validation, test)
    return _published(dataset, groups, seed, validation)


def grouped_folds(
    dataset: Dataset, seed: int, *, folds: int = FOLDS, validation: float = 0.15
) -> list[Split]:
    """Return one split for each fold: every source is in the test part exactly once.

    The publisher's own division is not looked at. `validation` is a share of what a fold leaves
    to learn from.

    Raises:
        InputError: fewer than two folds, a class with fewer sources than folds, sources that
            are unknown.
    """
    if folds < 2:
        raise InputError(f"{folds} folds: at least 2 are needed")
    if dataset.complete:
        return [_whole(dataset)] * folds
    _check_known(dataset)
    groups = _Groups.of(dataset)
    _check_sources(dataset, groups, max(folds, 3))
    generator = np.random.default_rng(seed)
    fold = np.empty(len(groups.label), dtype=np.int64)
    for members in groups.shuffled_by_class(generator):
        # The class's largest folds start anywhere, or fold 0 would get the odd ones of all classes.
        fold[members] = (np.arange(len(members)) + generator.integers(folds)) % folds
    splits = []
    for held in range(folds):
        role = np.where(fold == held, 2, 0)
        _hold_back(groups, role, generator, validation)
        splits.append(groups.split(role))
    return splits


def repeated_splits(dataset: Dataset, seed: int, count: int) -> list[Split]:
    """Return splits to judge by again and again, so that chance in the test part averages out.

    Where the publisher names a test part, it is each time his. Elsewhere they are folds, five from
    one dealing: five splits test every sample once, where five drawn ones would test some twice
    and others never.

    Raises:
        InputError: too few sources for the parts.
    """
    if dataset.parts is not None or dataset.complete:
        return [grouped_split(dataset, seed + i) for i in range(count)]
    dealt = [grouped_folds(dataset, seed + i) for i in range(-(-count // FOLDS))]
    return [split for folds in dealt for split in folds][:count]


@dataclass(frozen=True, eq=False)
class _Groups:
    """The groups of a data set: their class, their part, and where each sample belongs."""

    label: Indices  # (groups,), of most of its samples: a duplicate may stand under two classes
    parts: Indices | None  # (groups,), index into PARTS
    of_sample: Indices  # (samples,)

    @classmethod
    def of(cls, dataset: Dataset) -> "_Groups":
        # A sample of unknown source is a group of its own here; that is not clean, and said.
        own = [f"\0{row}" for row in range(len(dataset.groups))]
        names, of_sample = np.unique(
            np.where(dataset.unknown, own, dataset.groups), return_inverse=True
        )
        votes = np.zeros((len(names), len(dataset.classes)), dtype=np.int64)
        np.add.at(votes, (of_sample, dataset.labels), 1)
        parts = None
        if dataset.parts is not None:
            # A source that the publisher has on both sides may not be judged by: first part wins.
            parts = np.full(len(names), len(PARTS))
            index = np.array([PARTS.index(str(part)) for part in dataset.parts])
            np.minimum.at(parts, of_sample, index)
        return cls(votes.argmax(axis=1), parts, of_sample)

    def shuffled_by_class(self, generator: np.random.Generator) -> Sequence[Indices]:
        return [
            generator.permutation(np.flatnonzero(self.label == label))
            for label in np.unique(self.label)
        ]

    def split(self, role: Indices) -> Split:
        train, validation, test = (
            np.flatnonzero(role[self.of_sample] == wanted) for wanted in range(3)
        )
        return Split(train, validation, test)


def _whole(dataset: Dataset) -> Split:
    everything = np.arange(len(dataset.labels))
    return Split(everything, everything, everything)


def _dealt(dataset: Dataset, groups: _Groups, seed: int, validation: float, test: float) -> Split:
    _check_sources(dataset, groups, 3)
    generator = np.random.default_rng(seed)
    role = np.zeros(len(groups.label), dtype=np.int64)
    for members in groups.shuffled_by_class(generator):
        for_test = _share(test, len(members), leave=2)
        for_validation = _share(validation, len(members), leave=1 + for_test)
        role[members[:for_test]] = 2
        role[members[for_test : for_test + for_validation]] = 1
    return groups.split(role)


def _published(dataset: Dataset, groups: _Groups, seed: int, validation: float) -> Split:
    assert groups.parts is not None  # noqa: S101  # the caller's case
    role = groups.parts.copy()
    for part in ("train", "test"):
        present = np.unique(groups.label[role == PARTS.index(part)])
        absent = set(range(len(dataset.classes))) - set(present.tolist())
        if absent:
            names = ", ".join(dataset.classes[index] for index in sorted(absent))
            raise InputError(f"data set {dataset.name}: the {part} part has no class {names}")
    if not (role == 1).any():
        _hold_back(groups, role, np.random.default_rng(seed), validation)
    return groups.split(role)


def _hold_back(
    groups: _Groups, role: Indices, generator: np.random.Generator, share: float
) -> None:
    """Move a share of the training groups of each class to validation, in place."""
    for members in groups.shuffled_by_class(generator):
        training = members[role[members] == 0]
        role[training[: _share(share, len(training), leave=1)]] = 1


def _share(share: float, count: int, leave: int) -> int:
    """At least one of `count`, unless that leaves fewer than `leave`."""
    return min(max(1, round(share * count)), max(0, count - leave))


def _check_known(dataset: Dataset) -> None:
    unknown = int(dataset.unknown.sum())
    if unknown:
        raise InputError(
            f"data set {dataset.name}: the sources of {unknown} samples are unknown; divided,"
            " copies of one image would be learned from and judged by"
        )


def _check_sources(dataset: Dataset, groups: _Groups, least: int) -> None:
    numbers = np.bincount(groups.label, minlength=len(dataset.classes))
    for name, number in zip(dataset.classes, numbers.tolist(), strict=True):
        if number < least:
            raise InputError(
                f"data set {dataset.name}: class {name} comes from {number} source images;"
                f" at least {least} are needed to divide it"
            )
