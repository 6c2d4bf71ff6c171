"""Kaggle's blood cells: augmented copies, whose names do not say what they are copies of.

A generator drew the originals in a shuffled order and numbered what it wrote, so that the number
in `_<number>_<random>.jpeg` is a position in an epoch. TEST's originals are there: TEST_SIMPLE.
TRAIN's are not.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy.special import bdtr, bdtrc

from anaspike.learning.datasets.location import complete
from anaspike.learning.datasets.matching import Gallery, fingerprint, small
from anaspike.learning.images import UNKNOWN, Collection, Pixels, Sample, read_picture, some

_SUFFIXES = frozenset({".jpeg", ".jpg", ".png", ".bmp", ".gif", ".webp"})
_SIMPLE = "TEST_SIMPLE"
# Pictures of TEST_SIMPLE by fingerprint: the cell, where it was photographed twice, by the number
# of the first published original that shows it.
_TWICE = {
    0xE566EBD8E2E5EDAD: 204, 0x94C4DB8999A2AA68: 257, 0xA92D67D3D1594A29: 264,
    0xB369777755B73673: 377, 0x46C4C4D5D4F0E8FA: 223, 0x3213535551F2E1EA: 223,
    0xB7BCCECBDA9485F1: 237, 0x6A65743A8CD9D9B8: 237, 0x6165D2DA643614A4: 243,
    0x956A6AB61672B0E8: 243,
}  # fmt: skip
_AGAIN_IN_TRAIN = {204: 277, 257: 230, 264: 224, 377: 400}
_SAME_BITS = 6  # of 64 differ at most when a picture is stored anew; of two pictures, 15 and more
# How much more alike the best picture is than the next. Copies of other pictures reach 0.06, and
# 2 in 100 of them 0.04; of 100 true copies 95 exceed 0.05.
_CLEAR = 0.04
_MOST_UNCLEAR = 0.2  # of a class's files
# The generator made nearly as many copies of each original; a part drawn of them has its chances.
_LEAST_CHANCE = 1e-3


def copies(place: Path, classes: tuple[str, ...]) -> Collection:
    """Return what lies at {TRAIN,TEST,TEST_SIMPLE}/CLASS/.

    TEST_SIMPLE stands in where TEST is not there: it holds the very images that TEST's copies
    were made of.

    Raises:
        InputError: a part or a class is missing.
    """
    test = "TEST" if (place / "TEST").is_dir() else _SIMPLE
    parts = {"TRAIN": "train", test: "test"}
    complete("bccd", place, [f"{part}/{name}" for part in parts for name in classes])
    samples: list[Sample] = []
    odd: list[str] = []
    for folder, part in parts.items():
        for label, name in enumerate(classes):
            for path in sorted((place / folder / name).iterdir()):
                shown = str(path.relative_to(place))
                if path.suffix.lower() in _SUFFIXES:
                    samples.append(Sample(shown, label, UNKNOWN, path, part))
                else:
                    odd.append(shown)
    notes = (f"{len(odd)} files that are no images by their names, skipped: {some(odd)}",)
    layout = f"augmented copies (Kaggle), TRAIN and {test}"
    matcher = CellMatcher(place, test, classes)
    return Collection("bccd", layout, place, classes, tuple(samples), notes if odd else (), matcher)


@dataclass(frozen=True, eq=False)
class _Originals:
    """One class of TEST_SIMPLE.

    Attributes:
        cells: file name -> the cell that it shows; equal pictures and known twins show one.
        gallery: of its pictures, in the same order.
    """

    cells: Mapping[str, str]
    gallery: Gallery

    @classmethod
    def read(cls, folder: Path, max_size_B: float | None) -> "_Originals":
        there = sorted(folder.iterdir()) if folder.is_dir() else []
        paths = [path for path in there if path.suffix.lower() in _SUFFIXES]
        known = {bits: _cell(number) for bits, number in _TWICE.items()}
        cells: dict[str, str] = {}
        pictures: list[Pixels] = []
        for path in paths:
            found = read_picture(path, max_size_B)
            if found is None:
                continue
            pictures.append(small(found[1]))  # of the picture itself only one is held at a time
            bits = fingerprint(found[1])
            near = min(known, key=lambda other: (bits ^ other).bit_count())
            if (bits ^ near).bit_count() > _SAME_BITS:
                known[near := bits] = f"{_SIMPLE}/{folder.name}/{path.stem}"
            cells[path.name] = known[near]
        return cls(cells, Gallery(pictures))

    def shown(self, copy: Pixels) -> "_Match":
        """Return the cell that a copy shows most likely."""
        best: dict[str, float] = {}
        for cell, likeness in zip(self.cells.values(), self.gallery.likeness(copy), strict=True):
            best[cell] = max(likeness, best.get(cell, -1.0))
        first, *others = sorted(best, key=lambda cell: -best[cell])
        return _Match(first, best[first] - best[others[0]] if others else 0.0)

    def shares(self) -> Mapping[str, float]:
        """Return the share of the copies that each cell should have."""
        counts = Counter(self.cells.values())
        return {cell: count / counts.total() for cell, count in counts.items()}


@dataclass(frozen=True)
class _Match:
    """The cell that a file shows, and how much more alike it is than the next."""

    cell: str
    lead: float


class CellMatcher:
    """Finds the cell of each file of TEST in TEST_SIMPLE, and judges whether to believe it.

    Args:
        place: of the three parts.
        test: TEST, or TEST_SIMPLE itself.
        classes: names of their folders.
    """

    def __init__(self, place: Path, test: str, classes: tuple[str, ...]) -> None:
        self._place, self._test, self._classes = place, test, classes
        self._read: dict[int, _Originals] = {}

    def look(self, sample: Sample, pixels: Pixels, max_size_B: float | None) -> _Match | None:
        """Return the match of a file of the test part, where there is any."""
        if sample.part != "test":
            return None
        originals = self._originals(sample.label, max_size_B)
        if not originals.cells:
            return None
        if self._test == _SIMPLE:
            return _Match(originals.cells[Path(sample.name).name], 1.0)
        return originals.shown(pixels)

    def settle(
        self, samples: Sequence[Sample], seen: Sequence[_Match | None]
    ) -> tuple[Sequence[str | None], Sequence[str]]:
        """Return the sources: of TRAIN none is known, of TEST all or none."""
        of_test = [pair for pair in zip(samples, seen, strict=True) if pair[0].part == "test"]
        train, test = len(samples) - len(of_test), len(of_test)
        notes = [
            f"the sources of TRAIN's {train} files are unknown: no validation inside TRAIN is clean"
        ]
        doubts = self._doubts(of_test)
        if doubts:
            notes.append(f"the sources of {self._test}'s {test} files are unknown: {doubts[0]}")
            return [UNKNOWN] * len(samples), notes
        cells = [UNKNOWN if match is None else match.cell for match in seen]
        notes += self._told(of_test)
        again = {_cell(number) for number in _AGAIN_IN_TRAIN}
        return [None if cell in again else cell for cell in cells], notes

    def _originals(self, label: int, max_size_B: float | None = None) -> _Originals:
        if label not in self._read:
            folder = self._place / _SIMPLE / self._classes[label]
            self._read[label] = _Originals.read(folder, max_size_B)
        return self._read[label]

    def _told(self, of_test: Sequence[tuple[Sample, _Match | None]]) -> Iterator[str]:
        """Say what was matched, and which cells stand in TRAIN too."""
        if self._test != _SIMPLE:
            files = Counter(sample.label for sample, _ in of_test)
            told = [
                f"{files[label]} {name} to {len(self._originals(label).cells)}"
                for label, name in enumerate(self._classes)
            ]
            yield f"{self._test} matched to the pictures of {_SIMPLE}: {', '.join(told)}"
        counts = Counter(match.cell for _, match in of_test if match)
        again = {n: counts[_cell(n)] for n in _AGAIN_IN_TRAIN if counts[_cell(n)]}
        if again:
            pairs = [f"{_cell(number)} = {_AGAIN_IN_TRAIN[number]:05d}" for number in again]
            yield (
                f"{sum(again.values())} files of {self._test} left out, their cells stand in TRAIN"
                f" too: {some(pairs)}"
            )

    def _doubts(self, of_test: Sequence[tuple[Sample, _Match | None]]) -> list[str]:
        """Return why the matches are not to be believed, class by class."""
        doubts = []
        for label, name in enumerate(self._classes):
            originals = self._originals(label)
            matches = [match for sample, match in of_test if match and sample.label == label]
            if not originals.cells:
                doubts.append(f"{_SIMPLE}/{name}, which they are copies of, is not there")
            elif self._test == _SIMPLE:
                continue
            elif len(originals.shares()) == 1:
                doubts.append(f"{_SIMPLE}/{name} holds one cell, so that nothing can be compared")
            else:
                doubts += _doubtful(name, originals.shares(), matches)
        return doubts


def _doubtful(name: str, shares: Mapping[str, float], matches: Sequence[_Match]) -> Iterator[str]:
    """Yield what speaks against the matches of one class."""
    total = len(matches)
    unclear = sum(match.lead < _CLEAR for match in matches)
    if unclear > _MOST_UNCLEAR * total:
        yield f"{unclear} of {total} files of {name} are like no one picture of {_SIMPLE}"
    counts = Counter(match.cell for match in matches)
    for cell, share in shares.items():
        count = counts[cell]
        chance = min(bdtr(count, total, share), bdtrc(count - 1, total, share))
        if chance * 2 * len(shares) < _LEAST_CHANCE:
            yield (
                f"{count} files of {name} match {cell}, where about {share * total:.0f} of {total}"
                " should: each original has nearly as many copies"
            )


def _cell(number: int) -> str:
    """Return a cell's name: the published original that shows it first."""
    return f"BloodImage_{number:05d}"
