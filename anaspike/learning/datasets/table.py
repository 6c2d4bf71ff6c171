"""Tables of features on disk: the embedded one, and a user's own."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.files import shipped
from anaspike.learning.arrays import read_arrays, write_arrays
from anaspike.learning.datasets.base import PARTS, Dataset
from anaspike.learning.network import floats

_COLUMNS = ("features", "labels", "classes", "groups")
_OPTIONAL = ("feature_names", "parts", "notes")
_HOLDS = {"features": ("fiu", "numbers"), "labels": ("iu", "whole numbers")}  # others: texts


def write_table(dataset: Dataset, path: Path) -> None:
    """Write a data set to an npz file, features as float16: 3 digits are what images carry.

    Raises:
        InputError: the place cannot be written, a feature is too large for float16.
    """
    with np.errstate(over="ignore"):
        features = dataset.features.astype(np.float16)
    if not np.isfinite(features).all():
        raise InputError(f"data set {dataset.name}: features above 65504 do not fit into a table")
    arrays: dict[str, NDArray[Any]] = {
        "features": features,
        "labels": dataset.labels.astype(np.uint8),
        "classes": np.array(dataset.classes),
        "groups": dataset.groups,
        "feature_names": np.array(dataset.feature_names, dtype=np.str_),
        "notes": np.array(dataset.notes, dtype=np.str_),
    }
    if dataset.parts is not None:
        arrays["parts"] = dataset.parts
    write_arrays(path, arrays, compressed=True)


def read_table(path: Path, name: str | None = None, max_size_B: float | None = None) -> Dataset:
    """Read a table of features; nothing in it is ever executed.

    Args:
        path: an npz file with the arrays features (n, d), labels (n,), classes, groups (n,),
            and, if wanted, feature_names, parts, notes.
        name: what to call the data set.  [default: the file's name]
        max_size_B: what it may unpack to.  [default: as `anaspike.bounds` says]

    Raises:
        InputError: no such file, pickled objects, an array missing or of the wrong shape or kind.
    """
    arrays = read_arrays(path, max_size_B=max_size_B)
    missing = [column for column in _COLUMNS if column not in arrays]
    if missing:
        raise InputError(f"{path} is no table of features: it lacks {', '.join(missing)}")
    for column in (*_COLUMNS, *_OPTIONAL):
        values = arrays.get(column)
        if values is None:
            continue
        kinds, wanted = _HOLDS.get(column, ("U", "texts"))
        if values.dtype.kind not in kinds:
            raise InputError(f"{path}: {column} holds {values.dtype}; save {wanted}")
        ndim, shape = (2, "(samples, features)") if column == "features" else (1, "one row")
        if values.ndim != ndim:
            raise InputError(f"{path}: {column} is of shape {values.shape}; save {shape}")
    parts = arrays.get("parts")
    if parts is not None and not np.isin(parts, PARTS).all():
        raise InputError(f"{path}: parts may be {', '.join(PARTS)} only")
    return Dataset(
        name=name or path.stem,
        features=floats(arrays["features"]),
        labels=arrays["labels"].astype(np.int64),
        classes=tuple(arrays["classes"].tolist()),
        groups=arrays["groups"],
        feature_names=tuple(arrays["feature_names"].tolist()) if "feature_names" in arrays else (),
        parts=parts,
        notes=tuple(arrays["notes"].tolist()) if "notes" in arrays else (),
    )


def embedded_bccd() -> Path:
    """Return the table of the BCCD originals that comes with anaspike."""
    return shipped("learning/datasets/data") / "bccd.npz"
