"""Blood cells (BCCD): the labelled originals; the augmented copies are in kaggle.py."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree  # see _tree

from anaspike.errors import InputError
from anaspike.files import read_csv, read_text
from anaspike.learning.datasets import kaggle
from anaspike.learning.datasets.location import complete, within
from anaspike.learning.images import Box, Collection, Sample, some

CLASSES = ("EOSINOPHIL", "LYMPHOCYTE", "MONOCYTE", "NEUTROPHIL")
_ORIGINALS = ("", "bccd", "BCCD", "BCCD_Dataset/BCCD", "BCCD_Dataset-master/BCCD",
              "dataset-master", "dataset-master/dataset-master")  # fmt: skip
_KAGGLE = ("", "dataset2-master", "dataset2-master/dataset2-master", "bccd",
           "bccd/dataset2-master", "bccd/dataset2-master/dataset2-master", "blood-cells",
           "blood-cells/dataset2-master",
           "blood-cells/dataset2-master/dataset2-master")  # fmt: skip
# Two photographs of one cell, shifted or in another focus, which no digest can tell. Found by
# correlating every pair of cells at every shift, then looking; there may be more.
_TWICE = {38: 37, 276: 205, 277: 204, 278: 206, 252: 237, 254: 233, 250: 243, 247: 244, 256: 231,
          257: 230, 258: 229, 259: 228, 260: 227, 261: 226, 262: 225, 264: 224, 391: 386, 393: 384,
          395: 382, 400: 377, 263: 223, 253: 236}  # fmt: skip
_NUMBER = re.compile(r"[0-9]{1,9}")
_MOST_ROWS, _MOST_COLUMNS = 100_000, 100
_LARGEST_XML_B = 1_000_000
_WIDEST = 1_000_000  # pixels
_MOST_MISSING = 0.1  # of labelled images; the published set lacks 4 of 349


def find(folder: Path) -> Collection | None:
    """Return the cells below a folder, the originals before the copies, or None.

    Raises:
        InputError: the data set is there but incomplete or not as published.
    """
    place = within(folder, _ORIGINALS, ("JPEGImages", "Annotations", "labels.csv"))
    if place is not None:
        return _originals(place)
    place = within(folder, _KAGGLE, ("images/TRAIN", "images/TEST", "images/TEST_SIMPLE"))
    if place is not None:
        return kaggle.copies(place / "images", CLASSES)
    if any((folder / part).is_dir() for part in ("TRAIN", "TEST", "TEST_SIMPLE")):
        return kaggle.copies(folder, CLASSES)
    return None


def _originals(place: Path) -> Collection:
    """JPEGImages/BloodImage_<n>.jpg, Annotations/BloodImage_<n>.xml, labels.csv by number."""
    complete("bccd", place, ["JPEGImages", "Annotations", "labels.csv"])
    labels = dict(_labels(place / "labels.csv"))
    images = {path.stem: path for path in sorted((place / "JPEGImages").glob("*.jp*g"))}
    single = {stem: cells[0] for stem, cells in labels.items() if len(cells) == 1}
    absent = [stem for stem in single if stem not in images]
    if len(absent) > _MOST_MISSING * len(single):
        raise InputError(
            f"bccd in {place} is incomplete: {len(absent)} of {len(single)} labelled images are"
            f" missing, the first is JPEGImages/{absent[0]}.jpg; extract the archive again"
        )
    samples: list[Sample] = []
    boxless: list[str] = []
    for stem, name in single.items():
        if name in CLASSES and stem in images:
            box = _box(place / "Annotations" / f"{stem}.xml")
            if box is None:
                boxless.append(stem)
            label, path = CLASSES.index(name), images[stem]
            samples.append(Sample(path.name, label, _source(stem), path, box=box))
    twice = [
        f"{sample.group} = {Path(sample.name).stem}"
        for sample in samples
        if sample.group != Path(sample.name).stem
    ]
    notes = _left_out(labels, absent, [stem for stem in images if stem not in labels])
    if boxless:
        notes.append(f"{len(boxless)} without a white cell's box, searched whole: {some(boxless)}")
    if twice:
        notes.append(f"{len(twice)} cells photographed twice, one source each: {some(twice)}")
    layout = "originals with boxes (Pascal VOC) and labels.csv"
    return Collection("bccd", layout, place, CLASSES, tuple(samples), tuple(notes))


def _source(stem: str) -> str:
    """Return the image that first shows the cell."""
    number = int(stem.removeprefix("BloodImage_"))
    return f"BloodImage_{_TWICE.get(number, number):05d}"


def _left_out(
    labels: dict[str, tuple[str, ...]], absent: list[str], unlabelled: list[str]
) -> list[str]:
    """Count the rows and images that are no sample, by reason."""
    reasons = {
        "blank labels": [stem for stem, cells in labels.items() if not cells],
        "labels with several cells": [stem for stem, cells in labels.items() if len(cells) > 1],
        "labels without image": absent,
        "images without label": unlabelled,
    }
    notes = [f"{len(stems)} {why}: {some(stems)}" for why, stems in reasons.items() if stems]
    others = Counter(
        cells[0] for cells in labels.values() if len(cells) == 1 and cells[0] not in CLASSES
    )
    return notes + [f"{count} of class {name}, left out" for name, count in others.items()]


def _labels(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (image, its cells) for each row; several cells stand as "A, B" or "A,B"."""
    for line, row in enumerate(_rows(path), 2):
        number, cells = (row.get("Image") or "").strip(), row.get("Category")
        if not _NUMBER.fullmatch(number) or cells is None:
            raise InputError(f"{path}, line {line}: expected an image number and a Category")
        if line > _MOST_ROWS:
            raise InputError(f"{path} has more than {_MOST_ROWS} rows, the most it may have")
        names = tuple(cell.strip().upper() for cell in cells.split(",") if cell.strip())
        yield f"BloodImage_{int(number):05d}", names


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows below the heading that hold anything, by column."""
    rows = csv.reader(io.StringIO(read_csv(path)))
    try:
        heading = next(rows, [])
        if len(heading) > _MOST_COLUMNS:
            raise InputError(f"{path} has {len(heading)} columns; expected Image and Category")
        for row in rows:
            if row:
                yield dict(zip(heading, row, strict=False))
    except csv.Error as error:
        raise InputError(f"{path} cannot be read: {error}") from None


def _box(path: Path) -> Box | None:
    """Return the largest box of a white cell, or None where there is none to read."""
    edges = ("xmin", "ymin", "xmax", "ymax")
    boxes: list[Box] = []
    for cell in _tree(path).iter("object"):
        if (cell.findtext("name") or "").strip() == "WBC":
            try:
                left, top, right, bottom = (
                    int(float(cell.findtext(f"bndbox/{edge}", ""))) for edge in edges
                )
            except (ValueError, OverflowError):  # "inf" is a number too
                continue
            box = left, top, right, bottom
            if all(abs(edge) <= _WIDEST for edge in box):
                boxes.append(box)
    return max(boxes, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]), default=None)


def _tree(path: Path) -> ElementTree.Element:
    """Parse an annotation; one that declares entities or is broken counts as having no box.

    Raises:
        InputError: it cannot be read, is no plain file, or larger than any annotation.
    """
    try:
        # As text, so that no other encoding hides what is looked for. Entities are how a small
        # XML file eats all memory, or reads others; annotations have none.
        text = read_text(path, _LARGEST_XML_B, "replace") if path.exists() else ""
        return ElementTree.fromstring("" if "<!" in text else text)  # noqa: S314
    except (ValueError, ElementTree.ParseError):
        return ElementTree.Element("annotation")
