"""Labels of a user's own patterns: which outputs should fire, from npy, npz or CSV."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.bounds import Bound
from anaspike.errors import InputError
from anaspike.files import open_plain, read_csv
from anaspike.learning.arrays import read_arrays
from anaspike.learning.network import Spikes
from anaspike.npz import MAGIC, read_npy
from anaspike.units import printable

_NAMES = ("labels", "label")
_ZIP = b"PK"


def read_labels(
    path: Path, patterns: int, n_outputs: int, max_size_B: float | None = None
) -> Spikes:
    """Return which outputs should fire for each pattern, (patterns, n_outputs).

    A label is the number of the output that alone should fire; of a network with one output, 1
    where it should fire and 0 where not. A table of 0 and 1, (patterns, n_outputs), says it output
    by output.

    Args:
        path: an npy file, an npz file with the array `labels` (or one array), or a CSV table with
            the column `label` (or one column, or one for each output).
        patterns: that there are.
        n_outputs: of the network.
        max_size_B: what the file may unpack to.  [default: as `anaspike.bounds` says]

    Raises:
        InputError: it cannot be read, or does not fit the patterns and the outputs.
    """
    values = _read(path, n_outputs, max_size_B)
    if values.dtype.kind not in "biuf" or not np.all(np.rint(values) == values):
        raise InputError(f"{path}: labels are whole numbers, those of the outputs")
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.dtype.kind == "b" and values.ndim == 1 and n_outputs > 1:
        raise InputError(
            f"{path}: labels are yes or no, but there are {n_outputs} outputs; give the number of"
            f" one, or a table ({patterns}, {n_outputs})"
        )
    fits = values.ndim == 1 or (values.ndim == 2 and values.shape[1] == n_outputs)
    if not fits or len(values) != patterns:
        raise InputError(
            f"{path}: labels of shape {values.shape} do not fit {patterns} patterns; it needs one"
            f" a pattern, or a table ({patterns}, {n_outputs}) of 0 and 1"
        )
    each = values.ndim == 2 or n_outputs == 1
    last = 1 if each else n_outputs - 1
    odd = values[(values < 0) | (values > last)]
    if odd.size:
        what = "an output fires (1) or not (0)" if each else f"the outputs are 0 to {last}"
        raise InputError(f"{path}: there is a label {odd[0]:g}, but {what}")
    if each:
        return values.reshape(patterns, n_outputs).astype(bool)
    meant: Spikes = values[:, None] == np.arange(n_outputs)
    return meant


def _read(path: Path, n_outputs: int, max_size_B: float | None) -> NDArray[Any]:
    with open_plain(path) as file:
        start = file.read(len(MAGIC))
        if start == MAGIC:
            file.seek(0)
            return read_npy(file, Bound.of(path, os.fstat(file.fileno()).st_size, max_size_B))
    return _of_arrays(path, max_size_B) if start[:2] == _ZIP else _of_table(path, n_outputs)


def _of_arrays(path: Path, max_size_B: float | None) -> NDArray[Any]:
    arrays = read_arrays(path, max_size_B=max_size_B)
    for name in _NAMES:
        if name in arrays:
            return arrays[name]
    if len(arrays) != 1:
        raise InputError(f"{path} has no array 'labels' ({', '.join(arrays) or 'it is empty'})")
    return next(iter(arrays.values()))


def _of_table(path: Path, n_outputs: int) -> NDArray[Any]:
    text = read_csv(path)
    try:
        table = pd.read_csv(io.StringIO(text), header=None, dtype=str)
    except (ValueError, pd.errors.ParserError) as error:  # neither text nor a table
        raise InputError(f"{path} is no CSV table: {printable(str(error)).strip()}") from None
    cells = table.fillna("").map(str.strip)
    head = [name.lower() for name in cells.iloc[0]]
    named = [head.index(name) for name in _NAMES if name in head]
    if named:
        cells = cells.iloc[1:, [named[0]]]
    elif len(head) not in (1, n_outputs):
        raise InputError(f"{path} has {len(head)} columns and none of them is called 'label'")
    elif pd.to_numeric(pd.Series(head), errors="coerce").isna().any():
        cells = cells.iloc[1:]
    numbers = cells.apply(pd.to_numeric, errors="coerce").to_numpy(float)
    if np.isnan(numbers).any():
        odd = cells.to_numpy()[np.isnan(numbers)][0]
        raise InputError(
            f"{path}: '{printable(odd)}' is no label; labels are numbers, those of the outputs"
        )
    return np.asarray(numbers)
