"""Safetensors files: a length, a JSON header, raw numbers; nothing to execute."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.units import printable

_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4",
    "I16": "<i2", "I8": "i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip
_LARGEST_HEADER = 10_000_000  # bytes; the format's own limit is 100 MB


def read_safetensors(
    path: Path, wanted: Callable[[str], bool] = lambda name: True
) -> dict[str, NDArray[Any]]:
    """Read the arrays of a safetensors file; bfloat16 becomes float32, which holds it exactly.

    Args:
        path: the file.
        wanted: whether the array of that name is read at all.

    Raises:
        InputError: it cannot be read, is damaged, or holds numbers of a type NumPy lacks.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        length = int.from_bytes(content[:8], "little")
        if not 2 <= length <= min(_LARGEST_HEADER, len(content) - 8):
            raise ValueError("its header's length makes no sense")
        header = json.loads(content[8 : 8 + length], object_pairs_hook=_each_once)
        data = memoryview(content)[8 + length :]
        if not isinstance(header, dict) or not all(map(_is_entry, header.items())):
            raise ValueError("its header is no table of arrays")
        header.pop("__metadata__", None)
        for name, entry in header.items():
            if entry["dtype"] not in _TYPES and wanted(name):
                raise InputError(
                    f"{path}: {printable(name)} is of type {printable(entry['dtype'])};"
                    " convert it to F32"
                )
        return {name: _tensor(name, entry, data) for name, entry in header.items() if wanted(name)}
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no safetensors file: {printable(str(error))}") from error


def _is_entry(item: tuple[str, Any]) -> bool:
    """Tell whether a header's item is what the format wants of it."""
    name, entry = item
    if name == "__metadata__":
        return True
    if not isinstance(entry, dict) or not isinstance(entry.get("dtype"), str):
        return False
    shape, place = entry.get("shape"), entry.get("data_offsets")
    return isinstance(shape, list) and isinstance(place, list) and len(place) == 2


def _tensor(name: str, entry: dict[str, Any], data: memoryview) -> NDArray[Any]:
    shape, (start, stop) = entry["shape"], entry["data_offsets"]
    numbers = np.dtype(_TYPES[entry["dtype"]])
    if any(type(n) is not int or n < 0 for n in (*shape, start, stop)):
        raise ValueError(f"{name} has a shape or a place that makes no sense")
    if stop > len(data) or stop - start != math.prod(shape) * numbers.itemsize:
        raise ValueError(f"{name} does not fit the file")
    values = np.frombuffer(data[start:stop], numbers).reshape(shape)
    if entry["dtype"] == "BF16":  # the upper half of a float32
        return (values.astype("<u4") << 16).view("<f4")
    return values


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a JSON object of its pairs; of two of one name none may win silently."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it holds two entries of one name")
    return found
