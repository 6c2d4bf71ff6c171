"""What the headers of an HDF5 file say of an array: shape, elements, place, packing."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from anaspike.errors import InputError

NEWER = (
    "is laid out as newer versions of HDF5 do, which is not read; NIR's own writer, nir.write,"
    " saves the older one"
)
_DEFLATE, _SHUFFLE, _CHECKSUM = 1, 2, 3
UNDEFINED = 2**64 - 1


class Damaged(ValueError):
    """The file contradicts itself; why, in words."""


@dataclass(frozen=True)
class Kind:
    """What the elements of an array are: numbers, texts of a fixed length, or of any (`None`)."""

    numbers: np.dtype[Any] | None
    size: int
    text: bool = False


@dataclass(frozen=True)
class Layout:
    """Where an array lies: (start, size) in the file, or a tree of pieces and their shape."""

    content: bytes | None = None
    place: tuple[int, int] | None = None
    tree: int = UNDEFINED
    piece: tuple[int, ...] = ()


def within(text: bytes, at: int, size: int = 8) -> int:
    """Return a whole number of a part of a header."""
    if at + size > len(text):
        raise Damaged("a header is cut short")
    return int.from_bytes(text[at : at + size], "little")


def shape_of(text: bytes) -> tuple[int, ...] | None:
    """Return an array's shape; None where it has no elements by design."""
    version, rank = within(text, 0, 1), within(text, 1, 1)
    if version not in {1, 2} or rank > 32:
        raise Damaged("an array's shape makes no sense")
    if version == 2 and within(text, 3, 1) == 2:
        return None
    start = 8 if version == 1 else 4
    return tuple(within(text, start + 8 * i) for i in range(rank))


def kind_of(text: bytes) -> Kind | None:
    """Return what elements are; None where they are neither numbers nor texts."""
    first, bits, size = (within(text, at, n) for at, n in ((0, 1), (1, 3), (4, 4)))
    order = ">" if bits & 1 else "<"
    match first & 15:
        case 0 if size in {1, 2, 4, 8} and _whole(text, size):
            return Kind(np.dtype(f"{order}{'i' if bits & 8 else 'u'}{size}"), size)
        case 1 if size in {2, 4, 8} and _whole(text, size) and not bits & 64:
            return Kind(np.dtype(f"{order}f{size}"), size)
        case 3 if size:
            return Kind(None, size, text=True)
        case 9 if bits & 15 == 1 and size == 16:
            return Kind(None, size)
    return None


def _whole(text: bytes, size: int) -> bool:
    """Return whether a number fills its bytes."""
    return (within(text, 8, 2), within(text, 10, 2)) == (0, 8 * size)


def layout_of(text: bytes, rank: int, path: Path | str) -> Layout:
    """Return where an array lies."""
    if within(text, 0, 1) != 3:
        raise InputError(f"{path} {NEWER}")
    match within(text, 1, 1):
        case 0:
            size = within(text, 2, 2)
            return Layout(content=text[4 : 4 + size])
        case 1:
            return Layout(place=(within(text, 2), within(text, 10)))
        case 2 if within(text, 2, 1) == rank + 1:
            piece = tuple(within(text, 11 + 4 * i, 4) for i in range(rank))
            return Layout(tree=within(text, 3), piece=piece)
    raise Damaged("an array lies nowhere")


def filters_of(text: bytes, shown: str, path: Path | str) -> list[int]:
    """Return by what an array's pieces were packed, first to last."""
    version, count = within(text, 0, 1), within(text, 1, 1)
    found, now = [], 8 if version == 1 else 2
    for _ in range(count):
        found.append(within(text, now, 2))
        named = version == 1 or found[-1] >= 256
        name_B = within(text, now + 2, 2) if named else 0
        values = within(text, now + (6 if named else 4), 2)
        now += (8 if named else 6) + name_B + 4 * (values + (values % 2 if version == 1 else 0))
    if not set(found) <= {_DEFLATE, _SHUFFLE, _CHECKSUM}:
        raise InputError(f"{path}: {shown} is packed by another filter than gzip")
    return found


def unfiltered(what: int, text: bytes, size_B: int, item_B: int) -> bytes:
    """Undo one filter."""
    if what == _CHECKSUM:
        return text[:-4]
    if what == _SHUFFLE:
        if len(text) % item_B:
            raise Damaged("a piece holds more or less than its shape says")
        return np.frombuffer(text, np.uint8).reshape(item_B, -1).T.tobytes()
    unpack = zlib.decompressobj()
    try:
        found = unpack.decompress(text, size_B + 4)
    except zlib.error as error:
        raise Damaged(str(error)) from None
    if unpack.unconsumed_tail:
        raise Damaged("a piece holds more than its shape says")
    return found
