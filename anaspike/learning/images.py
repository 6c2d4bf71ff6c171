"""Collections of labelled images: read, counted, and none trusted to be what its name says."""

import hashlib
import io
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from anaspike.bounds import Bound
from anaspike.errors import InputError
from anaspike.extras import need
from anaspike.files import read_bytes
from anaspike.processes import Died, on_processes

Box = tuple[int, int, int, int]
Pixels = NDArray[np.uint8]
Row = NDArray[np.float32]
Progress = Callable[[int, int], None]
_NOTHING: Row = np.empty(0, dtype=np.float32)
_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP")
_PIXEL_B = 4  # as pillow keeps it
_SCAN, _MOST_SCANS = b"\xff\xda", 100  # of a JPEG; progressive ones have about ten
_NAMED = 5  # names in one note; the rest is counted
UNKNOWN = ""  # the source of a sample that may be a copy of any other's


@dataclass(frozen=True, eq=False)
class Sample:
    """One labelled image, not yet read.

    Attributes:
        name: as it is shown: the path inside the data set's folder.
        label: index into the collection's classes.
        group: its source image; `UNKNOWN` where nothing tells it.
        content: a file, or (h, w, 3) pixels.
        part: "train", "validation" or "test" where the publisher divides, or empty.
        box: (left, top, right, bottom) in pixels of the image: where to look.
    """

    name: str
    label: int
    group: str
    content: Path | Pixels
    part: str = ""
    box: Box | None = None


class Matcher(Protocol):
    """Tells the sources of samples by their pictures, where names do not."""

    def look(self, sample: Sample, pixels: Pixels, max_size_B: float | None) -> Any:
        """Return what there is to remember of one image.

        Args:
            sample, pixels: the image.
            max_size_B: what another that is read for it may unpack to.  [default: 128 MB]
        """

    def settle(
        self, samples: Sequence[Sample], seen: Sequence[Any]
    ) -> tuple[Sequence[str | None], Sequence[str]]:
        """Return each sample's source, None for one that is left out, and what to note.

        Args:
            samples: all that could be read.
            seen: what `look` returned for each.
        """


@dataclass(frozen=True, eq=False)
class Collection:
    """The images of one data set, as found in a folder.

    Attributes:
        name: as `load_dataset` takes it.
        layout: which of the data set's layouts was found, in words.
        folder: where.
        classes: their names.
        samples: the images.
        notes: what was left out while reading names and labels.
        matcher: tells the samples' sources, where names do not.
    """

    name: str
    layout: str
    folder: Path
    classes: tuple[str, ...]
    samples: tuple[Sample, ...]
    notes: tuple[str, ...] = ()
    matcher: Matcher | None = None

    def __post_init__(self) -> None:
        for index, name in enumerate(self.classes):
            if not any(sample.label == index for sample in self.samples):
                raise InputError(f"{self.name} in {self.folder}: class {name} is empty")


@dataclass(frozen=True, eq=False)
class Examined:
    """A collection after every image was read.

    Attributes:
        kept: samples that could be read (and, where asked, turned into numbers).
        rows: what `extract` made of each of them.
        groups: their source images, those with the same content made one.
        duplicates: names of samples with equal content, by content.
        unreadable: names of samples that could not be read.
        empty: names of samples that `extract` found nothing in.
        matched: what was found out about their sources, in words.
    """

    kept: tuple[Sample, ...]
    rows: tuple[Row, ...]
    groups: tuple[str, ...]
    duplicates: tuple[tuple[str, ...], ...]
    unreadable: tuple[str, ...]
    empty: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()

    def notes(self) -> tuple[str, ...]:
        """Say what was skipped and what is there twice."""
        said = list(self.matched)
        if self.unreadable:
            said.append(f"{len(self.unreadable)} unreadable, skipped: {some(self.unreadable)}")
        if self.empty:
            said.append(f"{len(self.empty)} without a cell, skipped: {some(self.empty)}")
        if self.duplicates:
            pairs = [" = ".join(names) for names in self.duplicates]
            copies = sum(len(names) - 1 for names in self.duplicates)
            said.append(f"{copies} duplicates by content, one source each: {some(pairs)}")
        return tuple(said)


def some(names: Sequence[str]) -> str:
    """Name the first few, count the rest."""
    shown = ", ".join("".join(c if c.isprintable() else "?" for c in n) for n in names[:_NAMED])
    return shown + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def examine(
    collection: Collection,
    extract: Callable[[Sample, Pixels], Row | None] | None = None,
    progress: Progress | None = None,
    max_size_B: float | None = None,
    jobs: int = 1,
) -> Examined:
    """Read every image once: find the unreadable and the duplicates, and extract features.

    Args:
        collection: what to read.
        extract: makes a row of numbers of an image, or None where it finds nothing in it.
        progress: told (done, total) as the images pass.
        max_size_B: what one image may unpack to.  [default: 128 MB]
        jobs: processes at once.

    Raises:
        InputError: pillow is not installed, no image is left, one is too large, or is a pipe or
            a device.
    """
    look = partial(_looked_at, extract, collection.matcher, max_size_B)
    kept: list[tuple[Sample, Row, str]] = []
    seen: list[Any] = []
    unreadable: list[str] = []
    empty: list[str] = []
    for sample, found in _looks(look, collection.samples, progress, jobs):
        if found is None:
            unreadable.append(sample.name)
        elif found.row is None:
            empty.append(sample.name)
        else:
            kept.append((sample, found.row, found.digest))
            seen.append(found.match)
            if isinstance(extract, Named) and not extract.names:
                extract.names.extend(found.names)
    if not kept:
        what = "shows a cell" if empty else "can be read"
        raise InputError(f"{collection.name} in {collection.folder}: no image {what}")
    matched: Sequence[str] = ()
    if collection.matcher:
        sources, matched = collection.matcher.settle([sample for sample, *_ in kept], seen)
        kept = [
            (replace(sample, group=source), row, digest)
            for (sample, row, digest), source in zip(kept, sources, strict=True)
            if source is not None
        ]
    samples, rows, digests = zip(*kept, strict=True)
    samples = _on_one_side(samples, digests)
    groups, duplicates = merged(samples, digests)
    return Examined(
        samples, rows, groups, duplicates, tuple(unreadable), tuple(empty), tuple(matched)
    )


def merged(
    samples: Sequence[Sample], digests: Sequence[str]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Make one group of all groups that share a content; return groups and duplicates.

    What has an unknown source takes the source of its equals, where one of them has one.
    """
    known: dict[str, str] = {}
    for sample, digest in zip(samples, digests, strict=True):
        if sample.group != UNKNOWN:
            known.setdefault(digest, sample.group)
    groups = [
        known.get(digest, UNKNOWN) if sample.group == UNKNOWN else sample.group
        for sample, digest in zip(samples, digests, strict=True)
    ]
    parent = {group: group for group in groups}

    def root(group: str) -> str:
        while parent[group] != group:
            group = parent[group]
        return group

    same: dict[str, list[int]] = {}
    for index, digest in enumerate(digests):
        same.setdefault(digest, []).append(index)
    for first, *others in same.values():
        for other in others:
            parent[root(groups[other])] = root(groups[first])
    duplicates = tuple(
        tuple(samples[index].name for index in copies)
        for copies in same.values()
        if len(copies) > 1
    )
    return tuple(root(group) for group in groups), duplicates


def _on_one_side(samples: Sequence[Sample], digests: Sequence[str]) -> tuple[Sample, ...]:
    """Put equal samples of unknown source into the part of the first: no group holds them."""
    first: dict[str, str] = {}
    return tuple(
        replace(sample, part=first.setdefault(digest, sample.part))
        if sample.group == UNKNOWN
        else sample
        for sample, digest in zip(samples, digests, strict=True)
    )


@runtime_checkable
class Named(Protocol):
    """What turns images into numbers, and knows their names once it has."""

    names: list[str]


@dataclass(frozen=True, eq=False)
class _Found:
    """What was found in one image: its digest, its numbers, their names, its source's match."""

    digest: str
    row: Row | None
    names: tuple[str, ...]
    match: Any


def _looks(
    look: Callable[[Sample], _Found | None],
    samples: Sequence[Sample],
    progress: Progress | None,
    jobs: int,
) -> Iterator[tuple[Sample, _Found | None]]:
    """Yield each sample with what was found in it, None where it cannot be read; in their order."""
    answers: dict[int, _Found | None] = {}
    asked = on_processes(look, samples, jobs) if jobs > 1 else enumerate(map(look, samples))
    following = 0
    for done, (index, found) in enumerate(asked, 1):
        if isinstance(found, Died):
            raise InputError(f"{samples[index].name}: {found}")
        answers[index] = found
        while following in answers:
            yield samples[following], answers.pop(following)
            following += 1
        if progress:
            progress(done, len(samples))


def _looked_at(
    extract: Callable[[Sample, Pixels], Row | None] | None,
    matcher: Matcher | None,
    max_size_B: float | None,
    sample: Sample,
) -> _Found | None:
    """Read one image, and look at it; None where it cannot be read."""
    if isinstance(sample.content, Path):
        content = read_picture(sample.content, max_size_B)
        if content is None:
            return None
    else:
        content = hashlib.sha256(sample.content.tobytes()).hexdigest(), sample.content
    digest, pixels = content
    row = extract(sample, pixels) if extract else _NOTHING
    match = None if matcher is None or row is None else matcher.look(sample, pixels, max_size_B)
    return _Found(digest, row, tuple(extract.names) if isinstance(extract, Named) else (), match)


def read_picture(path: Path, max_size_B: float | None) -> tuple[str, Pixels] | None:
    """Return (digest, pixels) of a file, or None where it is no image that can be read.

    Raises:
        InputError: pillow is not installed, the image is too large, or is a pipe or a device.
    """
    pillow = need("PIL.Image", "images")
    if not os.access(path, os.R_OK) or path.is_dir():
        return None
    bound = Bound.of(path, 0, max_size_B)
    data = read_bytes(path, int(bound.most_B))
    if data.count(_SCAN) > _MOST_SCANS:  # a few bytes each, and each goes over all pixels
        return None
    bound = replace(bound, size_B=len(data))
    try:
        # What pillow warns of is judged here. Only these formats: some others run programs.
        with (
            warnings.catch_warnings(action="ignore"),
            pillow.open(io.BytesIO(data), formats=_FORMATS) as image,
        ):
            width, height = image.size
            bound.check(_PIXEL_B * width * height)
            pixels = _eight_bits(image)
    except InputError:
        raise
    except pillow.DecompressionBombError:
        raise InputError(f"{path} has more pixels than pillow reads; scale it down") from None
    except MemoryError:
        raise InputError(f"{path} is an image larger than this machine's memory") from None
    # Decoders raise OSError, SyntaxError, ValueError, struct.error ... on bytes that are no image.
    except Exception:
        return None
    return (hashlib.sha256(data).hexdigest(), pixels) if pixels.size else None


def _eight_bits(image: Any) -> Pixels:
    """Return (h, w, 3) pixels; pillow would cut off what 16 bits have above 255."""
    if image.mode.startswith("I"):
        grey = np.clip(np.asarray(image), 0, 65535).astype(np.uint16) >> 8
        return np.repeat(grey.astype(np.uint8)[:, :, None], 3, axis=2)
    return np.asarray(image.convert("RGB"))


def resized(pixels: Pixels, width: int, height: int, *, bilinear: bool = False) -> Pixels:
    """Return the image in another size: means of what each pixel covers, or bilinear."""
    if pixels.shape[:2] == (height, width):
        return pixels
    pillow = need("PIL.Image", "images")
    image = pillow.fromarray(np.ascontiguousarray(pixels))
    how = pillow.Resampling.BILINEAR if bilinear else pillow.Resampling.BOX
    return np.asarray(image.resize((width, height), how))
