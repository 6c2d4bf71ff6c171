"""The data sets that anaspike knows, by the name that `--dataset` takes."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anaspike.errors import InputError
from anaspike.learning.datasets import bccd, food11, small, stl10
from anaspike.learning.datasets.base import Dataset
from anaspike.learning.datasets.location import VARIABLE, data_folder
from anaspike.learning.datasets.table import embedded_bccd, read_table
from anaspike.learning.features.catalog import extractor
from anaspike.learning.images import UNKNOWN, Collection, Progress, examine
from anaspike.units import printable, suggestion

_TABLE = ".npz"


@dataclass(frozen=True)
class Images:
    """A data set of images: how it is found, what it takes, what its files are."""

    find: Callable[[Path], Collection | None]
    features: str
    files: str


_MADE: Mapping[str, Callable[[], Dataset]] = {
    "digits": small.digits, "wine": small.wine, "xor": small.xor,
}  # fmt: skip
_IMAGES: Mapping[str, Images] = {
    "bccd": Images(bccd.find, "cells", "JPEGImages/ or images/TRAIN/"),
    "stl10": Images(stl10.find, "vgg19", "train_X.bin"),
    "food11": Images(food11.find, "vgg19", "training/"),
}


def dataset_names() -> tuple[str, ...]:
    """Return the names of all data sets."""
    return (*_IMAGES, *_MADE)


def load_dataset(
    name: str,
    data: Path | None = None,
    features: str | None = None,
    *,
    weights: Path | None = None,
    cache: Path | None = None,
    max_size_B: float | None = None,
    progress: Progress | None = None,
    environ: Mapping[str, str] = os.environ,
    jobs: int = 1,
) -> Dataset:
    """Return a data set as a table of features.

    Args:
        name: one of `dataset_names`, or the path of an npz table of features.
        data: folder of the images.  [default: $ANASPIKE_DATA; bccd has an embedded table]
        features: how images become numbers: cells, vgg19, pixels.  [default: the data set's own]
        weights: VGG-19's weights, for `vgg19`.
        cache: folder for VGG-19's embeddings.
        max_size_B: what a file may unpack to.  [default: as `anaspike.bounds` says]
        progress: told (done, total) as images are read.
        environ: where $ANASPIKE_DATA is looked up.
        jobs: processes that read images.

    Raises:
        InputError: unknown name, missing or broken files, a missing extra.
    """
    if name.endswith(_TABLE):
        return read_table(Path(name), max_size_B=max_size_B)
    check_name(name)
    if name in _MADE:
        return _MADE[name]()
    collection = find_images(name, data, environ)
    if collection is None:
        if features not in {None, "cells"}:
            raise InputError(
                f"the embedded table of bccd holds the features cells; for {printable(features)}"
                " give the images with --data"
            )
        return read_table(embedded_bccd(), "bccd")
    features = features or _IMAGES[name].features
    return extracted(collection, features, weights, cache, progress, max_size_B, jobs=jobs)


def check_name(name: str) -> None:
    """Check that a data set is known.

    Raises:
        InputError: it is not; the line lists those that are.
    """
    known = dataset_names()
    if name not in known:
        guess = suggestion(name, known)
        raise InputError(
            f"unknown data set '{printable(name)}'; there is {', '.join(known)}, or a table of"
            " features (.npz)" + (f"; {guess}" if "did you mean" in guess else "")
        )


def find_images(
    name: str, data: Path | None, environ: Mapping[str, str] = os.environ
) -> Collection | None:
    """Return the images of a data set, or None where it needs none: made, or bccd's own table.

    Raises:
        InputError: the folder is missing, or does not hold the data set whole.
    """
    if name not in _IMAGES:
        return None
    folder = data_folder(data, environ)
    files = _IMAGES[name].files
    if folder is None:
        if name == "bccd":
            return None
        raise InputError(
            f"{name} needs its files ({files}): give their folder with --data or ${VARIABLE};"
            " docs/datasets.md says where to get them"
        )
    try:
        collection = _IMAGES[name].find(folder)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"cannot read {error.filename or folder}: {reason}") from None
    # $ANASPIKE_DATA serves all data sets: that bccd is not among them is no mistake.
    if collection is None and (data is not None or name != "bccd"):
        raise InputError(f"no {name} in {folder}: it holds no {files}")
    return collection


def extracted(
    collection: Collection,
    features: str,
    weights: Path | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
    max_size_B: float | None = None,
    any_width: bool = False,
    jobs: int = 1,
) -> Dataset:
    """Turn the images of a collection into a table of features."""
    extract = extractor(features, weights, cache, max_size_B, any_width=any_width)
    found = examine(collection, extract, progress, max_size_B, jobs)
    labels = np.array([sample.label for sample in found.kept], dtype=np.int64)
    parts = np.array([sample.part for sample in found.kept])
    return Dataset(
        name=collection.name,
        features=np.array(found.rows, dtype=np.float32),
        labels=labels,
        classes=collection.classes,
        groups=np.array(found.groups),
        feature_names=tuple(extract.names),
        parts=parts if all(parts) else None,
        notes=(
            f"{collection.layout}: {_counted(found.groups)}, features {features}",
            *collection.notes,
            *found.notes(),
        ),
    )


def _counted(groups: Sequence[str]) -> str:
    known = [group for group in groups if group != UNKNOWN]
    said = f"{len(known)} images from {len(set(known))} sources" if known else ""
    unknown = len(groups) - len(known)
    return " and ".join(filter(None, (said, f"{unknown} of unknown sources" if unknown else "")))
