"""STL-10 in its binary files: uint8, N x 3 x 96 x 96, each plane column by column; labels 1-10."""

from pathlib import Path

import numpy as np

from anaspike.bounds import MOST_B, bytes_text
from anaspike.errors import InputError
from anaspike.files import read_bytes
from anaspike.learning.datasets.location import complete, within
from anaspike.learning.images import Collection, Pixels, Sample

CLASSES = ("airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")
_NESTINGS = ("", "stl10_binary", "stl10", "stl10/stl10_binary")
_PARTS = ("train", "test")
_SIDE = 96
_MOST_LABELS_B = 1_000_000
_BYTES = 3 * _SIDE * _SIDE


def find(folder: Path) -> Collection | None:
    """Return the labelled images below a folder, or None.

    Raises:
        InputError: a file is missing, cut short, or its labels do not fit.
    """
    files = [f"{part}_{kind}.bin" for part in _PARTS for kind in ("X", "y")]
    place = within(folder, _NESTINGS, files)
    if place is None:
        return None
    complete("stl10", place, files)
    samples = tuple(sample for part in _PARTS for sample in _part(place, part))
    return Collection("stl10", "binary files", place, CLASSES, samples)


def _part(place: Path, part: str) -> list[Sample]:
    images, labels = place / f"{part}_X.bin", place / f"{part}_y.bin"
    size = images.stat().st_size
    if size % _BYTES:
        raise InputError(
            f"{images} is cut short: {size} bytes are not a multiple of {_BYTES}"
            " (3 x 96 x 96 a picture); download it again"
        )
    if size > MOST_B:
        raise InputError(f"{images} is larger than {bytes_text(MOST_B)}, which STL-10's is not")
    numbers = np.frombuffer(read_bytes(labels, _MOST_LABELS_B), np.uint8)
    if len(numbers) != size // _BYTES:
        raise InputError(
            f"{labels} has {len(numbers)} labels beside {size // _BYTES} pictures in {images.name}"
        )
    if numbers.min() < 1 or numbers.max() > len(CLASSES):
        odd = int(numbers[(numbers < 1) | (numbers > len(CLASSES))][0])
        raise InputError(f"{labels} has the label {odd}; STL-10's are 1 to {len(CLASSES)}")
    # Mapped, not read: the training and test pictures together are 360 MB.
    planes = np.memmap(images, dtype=np.uint8, mode="r", shape=(len(numbers), 3, _SIDE, _SIDE))
    pictures: Pixels = planes.transpose(0, 3, 2, 1)
    return [
        Sample(f"{part}/{index}", int(number) - 1, f"{part}/{index}", pictures[index], part)
        for index, number in enumerate(numbers)
    ]
