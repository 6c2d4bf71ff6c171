"""What a data set holds, in numbers: classes, sources, duplicates, what was skipped."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from anaspike.learning.datasets import catalog
from anaspike.learning.datasets.base import PARTS, number_of_sources
from anaspike.learning.images import Progress, examine


@dataclass(frozen=True)
class Count:
    """One class in one part of a data set; how many sources it has may be unknown."""

    part: str
    class_: str
    samples: int
    sources: int | None


@dataclass(frozen=True)
class Survey:
    """A data set in numbers.

    Attributes:
        name: as `load_dataset` takes it.
        where: what was found, and the folder it lies in.
        counts: for each part that the publisher makes ("all" where he makes none) and class.
        notes: duplicates, what was skipped, licence.
    """

    name: str
    where: str
    counts: tuple[Count, ...]
    notes: tuple[str, ...]


def survey(
    name: str,
    data: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    progress: Progress | None = None,
    max_size_B: float | None = None,
) -> Survey:
    """Count a data set: every image is read once; `max_size_B` lifts the bound on each.

    Raises:
        InputError: unknown name, missing or broken files, a missing extra.
    """
    catalog.check_name(name)
    collection = catalog.find_images(name, data, environ)
    if collection is None:
        dataset = catalog.load_dataset(name, environ={})
        where = "embedded table" if name == "bccd" else "needs no files"
        labels = [dataset.classes[label] for label in dataset.labels]
        everywhere = [""] * len(labels)
        counts = _counts(dataset.classes, labels, dataset.groups.tolist(), everywhere)
        return Survey(name, where, counts, dataset.notes)
    found = examine(collection, progress=progress, max_size_B=max_size_B)
    labels = [collection.classes[sample.label] for sample in found.kept]
    parts = [sample.part for sample in found.kept]
    return Survey(
        name,
        f"{collection.layout}: {collection.folder}",
        _counts(collection.classes, labels, found.groups, parts),
        (*collection.notes, *found.notes()),
    )


def _counts(
    classes: Sequence[str], labels: Sequence[str], groups: Sequence[str], parts: Sequence[str]
) -> tuple[Count, ...]:
    rows = list(zip(parts, labels, groups, strict=True))
    counts = []
    for part in [known for known in (*PARTS, "") if known in parts]:
        for class_ in classes:
            sources = [g for p, label, g in rows if (p, label) == (part, class_)]
            counts.append(Count(part or "all", class_, len(sources), number_of_sources(sources)))
    return tuple(counts)
