"""Safetensors files: a length, a JSON header, raw numbers; nothing to execute."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from anaspike.bounds import Bound
from anaspike.errors import InputError
from anaspike.files import cannot_read, open_plain
from anaspike.npz import in_order
from anaspike.units import printable

_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4",
    "I16": "<i2", "I8": "i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip
_LARGEST_HEADER = 2_000_000  # bytes, some 20,000 arrays; the format's own limit is 100 MB
_LONGEST = 2**63  # no length or place is larger


@dataclass(frozen=True)
class _Tensor:
    """An array as the header has it: type, shape, (start, stop) in the data."""

    kind: str
    shape: tuple[int, ...]
    place: tuple[int, int]


def read_safetensors(
    path: Path,
    wanted: Callable[[str], bool] = lambda name: True,
    max_size_B: float | None = None,
) -> dict[str, NDArray[Any]]:
    """Read the arrays of a safetensors file; bfloat16 becomes float32, which holds it exactly.

    Args:
        path: the file.
        wanted: whether the array of that name is read at all.
        max_size_B: what they may measure.  [default: as `anaspike.bounds` says]

    Raises:
        InputError: it cannot be read, is damaged, too large, or holds numbers of a type NumPy
            lacks.
    """
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size
        bound = Bound.of(path, size, max_size_B)
        try:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(_LARGEST_HEADER, size - 8):
                raise ValueError("its header's length makes no sense")
            tensors = _tensors(file.read(length), size - 8 - length)
            return _read(file, 8 + length, tensors, wanted, bound)
        except OSError as error:
            raise InputError(cannot_read(path, error)) from error
        except MemoryError as error:
            raise InputError(f"{path} holds arrays larger than this machine's memory") from error
        except RecursionError as error:  # each version of Python words it otherwise
            raise InputError(f"{path} is no safetensors file: it nests too deep") from error
        except ValueError as error:
            raise InputError(f"{path} is no safetensors file: {printable(str(error))}") from error


def _tensors(text: bytes, data_B: int) -> dict[str, _Tensor]:
    """Return what a header says of each array, once all of it fits the file."""
    header = json.loads(text, object_pairs_hook=_each_once)
    if not isinstance(header, dict) or not all(map(_is_entry, header.items())):
        raise ValueError("its header is no table of arrays")
    header.pop("__metadata__", None)
    tensors = {name: _tensor(name, entry) for name, entry in header.items()}
    end, before = 0, ""
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1].place):
        start, stop = tensor.place
        if stop > data_B:
            raise ValueError(f"{name} does not fit the file")
        if start < end and start < stop:
            raise ValueError(f"{name} lies over {before}")
        end, before = max(end, stop), name
    return tensors


def _read(
    file: BinaryIO,
    start: int,
    tensors: Mapping[str, _Tensor],
    wanted: Callable[[str], bool],
    bound: Bound,
) -> dict[str, NDArray[Any]]:
    """Read the numbers of those that are wanted, which begin at a place in the file."""
    chosen = {name: tensor for name, tensor in tensors.items() if wanted(name)}
    for name, tensor in chosen.items():
        if tensor.kind not in _TYPES:
            raise InputError(
                f"{bound.path}: {printable(name)} is of type {printable(tensor.kind)};"
                " convert it to F32"
            )
        numbers = np.dtype(_TYPES[tensor.kind])
        size_B = bound.check_shape(printable(name), tensor.shape, numbers.itemsize)
        if tensor.place[1] - tensor.place[0] != size_B:
            raise ValueError(f"{name} does not fit the file")
    bound.check(sum(tensor.place[1] - tensor.place[0] for tensor in chosen.values()))
    arrays = {}
    for name, tensor in chosen.items():
        raw = np.empty(tensor.place[1] - tensor.place[0], np.uint8)
        file.seek(start + tensor.place[0])
        if file.readinto(raw.data) != raw.size:  # type: ignore[attr-defined]
            raise ValueError(f"{name} does not fit the file")
        values = in_order(raw.view(_TYPES[tensor.kind])).reshape(tensor.shape)
        # Of a float32, bfloat16 is the upper half.
        arrays[name] = (
            (values.astype(np.uint32) << 16).view(np.float32) if tensor.kind == "BF16" else values
        )
    return arrays


def _is_entry(item: tuple[str, Any]) -> bool:
    """Tell whether a header's item is what the format wants of it."""
    name, entry = item
    if name == "__metadata__":
        return True
    if not isinstance(entry, dict) or not isinstance(entry.get("dtype"), str):
        return False
    shape, place = entry.get("shape"), entry.get("data_offsets")
    return isinstance(shape, list) and isinstance(place, list) and len(place) == 2


def _tensor(name: str, entry: Mapping[str, Any]) -> _Tensor:
    shape, place = entry["shape"], entry["data_offsets"]
    if any(type(n) is not int or not 0 <= n < _LONGEST for n in (*shape, *place)):
        raise ValueError(f"{name} has a shape or a place that makes no sense")
    if place[0] > place[1]:
        raise ValueError(f"{name} does not fit the file")
    return _Tensor(entry["dtype"], tuple(shape), (place[0], place[1]))


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a JSON object of its pairs; of two of one name none may win silently."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it holds two entries of one name")
    return found
