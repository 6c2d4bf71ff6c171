"""HDF5 files, as NIR's writer makes them: groups, texts and arrays of numbers; headers before data.

HDF5's own library reads a stranger's file in C, follows links out of it and loads plugins.
What NIR needs of the format is little (its first version, packed by deflate), and is read here:
whatever else a file uses is refused by name. Nothing is taken from outside the file, every place is
looked at once, and each array's shape is judged before there is room for it.
"""

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union

import numpy as np
from numpy.typing import NDArray

from anaspike.bounds import Bound
from anaspike.errors import InputError
from anaspike.files import cannot_read, open_plain
from anaspike.hdf5.headers import (
    NEWER,
    UNDEFINED,
    Damaged,
    Layout,
    filters_of,
    kind_of,
    layout_of,
    shape_of,
    unfiltered,
    within,
)  # fmt: skip
from anaspike.npz import in_order
from anaspike.units import printable

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MOST_OBJECTS = 10_000  # groups and arrays; a network has tens
_DEEPEST = 16
_MOST_BLOCKS = 200_000  # of trees, heaps and pieces that are walked
_MOST_TEXTS = 100_000

Tree = dict[str, Union["Tree", str, NDArray[Any]]]


def read_hdf5(path: Path, max_size_B: float | None = None) -> Tree:
    """Read all groups and arrays of an HDF5 file.

    Args:
        path: the file.
        max_size_B: what its arrays may unpack to.  [default: as `anaspike.bounds` says]

    Returns:
        Name -> a group (again such a table), a text, or an array. What is neither numbers nor
        texts is left out.

    Raises:
        InputError: it cannot be read, is damaged, too large, or uses what NIR's writer does not.
    """
    with open_plain(path) as file:
        try:
            size_B = os.fstat(file.fileno()).st_size
            bound = Bound.of(path, size_B, max_size_B)
            start = file.read(len(SIGNATURE))
            if start != SIGNATURE:
                raise InputError(f"{path} is no HDF5 file, as NIR's are")
            bound.check(size_B)
            content = start + file.read(size_B)
        except OSError as error:
            raise InputError(cannot_read(path, error)) from error
        except MemoryError as error:
            raise InputError(f"{path} is larger than this machine's memory") from error
    try:
        return _File(content, bound).root()
    except Damaged as error:
        raise InputError(f"{path} is damaged: {printable(str(error))}") from None
    except MemoryError as error:
        raise InputError(f"{path} holds arrays larger than this machine's memory") from error


@dataclass
class _File:
    """A file's bytes, and how much of it was looked at."""

    content: bytes
    bound: Bound
    read_B: int = 0
    blocks: int = 0
    objects: set[int] = field(default_factory=set)

    def root(self) -> Tree:
        """Return what the file holds."""
        version = self.number(8, 1)
        if version > 1:
            raise InputError(f"{self.bound.path} {NEWER}")
        if (self.number(13, 1), self.number(14, 1)) != (8, 8) or self.number(24 + 4 * version, 8):
            raise InputError(f"{self.bound.path}: its places are not numbers of 64 bits from 0 on")
        return self.group(self.number(64 + 4 * version, 8), "", 0)

    # Places and numbers

    def at(self, place: int, size: int) -> bytes:
        """Return bytes of the file."""
        if place + size > len(self.content):
            raise Damaged("it ends before what it speaks of")
        return self.content[place : place + size]

    def number(self, place: int, size: int) -> int:
        """Return a whole number of the file."""
        return int.from_bytes(self.at(place, size), "little")

    def block(self, place: int, signature: bytes) -> int:
        """Return where a signed block goes on behind its signature; count it."""
        self.count()
        if self.at(place, 4) != signature:
            raise Damaged(f"there is no {signature.decode()} where one is said to be")
        return place + 4

    def count(self) -> None:
        """Count what is walked over: a small file may lead round in it for ever."""
        self.blocks += 1
        if self.blocks > _MOST_BLOCKS:
            raise Damaged("it has more parts than any network")

    # Objects

    def group(self, place: int, name: str, depth: int) -> Tree:
        """Return what the object at a place holds, which must be a group."""
        found = self.thing(place, name, depth)
        if not isinstance(found, dict):
            raise Damaged("its root is no group")
        return found

    def thing(self, place: int, name: str, depth: int) -> Tree | str | NDArray[Any] | None:
        """Return a group, a text or an array; None where it is none of these."""
        if place in self.objects or len(self.objects) >= MOST_OBJECTS or depth > _DEEPEST:
            raise Damaged(f"{name} stands for itself or for too much")
        self.objects.add(place)
        parts = self.messages(place)
        if 0x11 in parts:
            table = parts[0x11][0]
            tree, heap = (int.from_bytes(table[i : i + 8], "little") for i in (0, 8))
            found: Tree = {}
            for key, child in self.entries(tree, heap):
                value = self.thing(child, f"{name}/{key}", depth + 1)
                if key in found:
                    raise Damaged(f"it holds two of the name {name}/{key}")
                if value is not None:
                    found[key] = value
            return found
        if {2, 6, 0xA} & parts.keys():
            raise InputError(f"{self.bound.path}: {printable(name) or 'it'} {NEWER}")
        if not {1, 3, 8} <= parts.keys():
            return None
        if 7 in parts:
            raise InputError(f"{self.bound.path}: {printable(name)} lies in another file")
        return self.array(name, parts)

    def messages(self, place: int) -> dict[int, list[bytes]]:
        """Return what an object's header says, by kind."""
        if self.at(place, 4) == b"OHDR":
            raise InputError(f"{self.bound.path} {NEWER}")
        if self.number(place, 1) != 1:
            raise Damaged("an object has no header")
        parts: dict[int, list[bytes]] = {}
        rooms = [(place + 16, self.number(place + 8, 4))]
        for start, size in rooms:  # grows as continuations are met
            self.count()
            now, end = start, start + size
            while now + 8 <= end:
                self.count()
                kind, length = self.number(now, 2), self.number(now + 2, 2)
                if self.number(now + 4, 1) & 2:
                    raise InputError(f"{self.bound.path} {NEWER}")
                text = self.at(now + 8, length)
                if kind == 0x10:
                    rooms.append((within(text, 0), within(text, 8)))
                elif kind:
                    parts.setdefault(kind, []).append(text)
                now += 8 + length
        return parts

    def entries(self, tree: int, heap: int) -> Iterator[tuple[str, int]]:
        """Yield the members of a group: name, place."""
        names = self.block(heap, b"HEAP")
        heap_B, heap_at = self.number(names + 4, 8), self.number(names + 20, 8)
        text = self.at(heap_at, heap_B)
        for node in self.leaves(tree, 0, 8):
            start = self.block(node, b"SNOD")
            for i in range(self.number(start + 2, 2)):
                entry = start + 4 + 40 * i
                at, place, cached = (
                    self.number(entry + offset, n) for offset, n in ((0, 8), (8, 8), (16, 4))
                )
                end = text.find(b"\0", at)
                if at >= len(text) or end < 0:
                    raise Damaged("a member of a group has no name")
                name = text[at:end].decode("utf-8", "replace")
                if cached == 2:
                    raise InputError(f"{self.bound.path}: {printable(name)} is a link, no object")
                yield name, place

    def leaves(self, place: int, kind: int, key_B: int, level: int | None = None) -> Iterator[int]:
        """Yield the places that a tree leads to; of pieces, those of their keys."""
        start = self.block(place, b"TREE")
        found, here, count = (self.number(start + at, n) for at, n in ((0, 1), (1, 1), (2, 2)))
        if found != kind or (level is not None and here != level - 1):
            raise Damaged("a tree is none")
        for i in range(count):
            self.count()
            key = start + 20 + i * (key_B + 8)
            child = self.number(key + key_B, 8)
            if here:
                yield from self.leaves(child, kind, key_B, here)
            else:
                yield child if kind == 0 else key

    # Arrays

    def array(self, name: str, parts: dict[int, list[bytes]]) -> str | NDArray[Any] | None:
        """Return the array that a header speaks of."""
        shape, kind = shape_of(parts[1][0]), kind_of(parts[3][0])
        if kind is None or shape is None:
            return None
        shown = printable(name)
        size_B = self.bound.check_shape(shown, shape, kind.size)
        self.read_B += size_B
        self.bound.check(self.read_B)
        layout = layout_of(parts[8][0], len(shape), self.bound.path)
        filters = filters_of(parts[0xB][0], shown, self.bound.path) if 0xB in parts else []
        raw = self.raw(layout, shape, kind.size, filters)
        if kind.numbers is not None:
            return in_order(np.frombuffer(raw, kind.numbers)).reshape(shape)
        if size_B > _MOST_TEXTS * kind.size:
            raise Damaged(f"{name} holds more texts than any network")
        items = [raw[i : i + kind.size] for i in range(0, size_B, kind.size)]
        texts = [self.text(item) if kind.text else self.far_text(item) for item in items]
        if shape == ():
            return texts[0]
        self.bound.check(4 * len(texts) * max(map(len, texts), default=0))  # each as the longest
        return np.array(texts, str).reshape(shape)

    def raw(
        self, layout: Layout, shape: tuple[int, ...], item_B: int, filters: Sequence[int]
    ) -> bytes:
        """Return an array's bytes; those that were never written are 0."""
        size_B = math.prod(shape) * item_B
        content = layout.content
        if layout.place is not None:
            start, stored_B = layout.place
            content = bytes(size_B) if start == UNDEFINED else self.at(start, stored_B)
        if content is not None:
            if len(content) != size_B:
                raise Damaged("an array holds more or less than its shape says")
            return content
        if not all(layout.piece) or len(layout.piece) != len(shape):
            raise Damaged("an array's pieces make no sense")
        self.bound.check_shape("a piece", layout.piece, item_B)
        whole = np.zeros((*shape, item_B), np.uint8)
        if layout.tree != UNDEFINED and size_B:
            for key in self.leaves(layout.tree, 1, 8 + 8 * (len(shape) + 1)):
                self.put(whole, key, layout.piece, filters)
        return whole.tobytes()

    def put(
        self, whole: NDArray[np.uint8], key: int, piece: tuple[int, ...], filters: Sequence[int]
    ) -> None:
        """Put a piece where it belongs; what of it is beyond the array is none of it."""
        rank, item_B = len(piece), whole.shape[-1]
        packed_B, left_out = self.number(key, 4), self.number(key + 4, 4)
        start = [self.number(key + 8 + 8 * i, 8) for i in range(rank)]
        if any(at >= n for at, n in zip(start, whole.shape, strict=False)):
            raise Damaged("a piece lies outside its array")
        text = self.at(self.number(key + 8 + 8 * (rank + 1), 8), packed_B)
        size_B = math.prod(piece) * item_B
        self.unpack_more(size_B)
        for i, what in reversed(list(enumerate(filters))):
            if not left_out >> i & 1:
                text = unfiltered(what, text, size_B, item_B)
        if len(text) != size_B:
            raise Damaged("a piece holds more or less than its shape says")
        values = np.frombuffer(text, np.uint8).reshape((*piece, item_B))
        room = tuple(slice(at, at + n) for at, n in zip(start, piece, strict=True))
        part = whole[room]
        part[...] = values[tuple(slice(0, n) for n in part.shape[:-1])]

    def unpack_more(self, size_B: int) -> None:
        """Count what is unpacked: many pieces may overlap one small array."""
        self.read_B += size_B
        if self.read_B > 4 * self.bound.most_B:
            self.bound.check(self.read_B)

    # Texts

    def text(self, item: bytes) -> str:
        """Return a text of a fixed length, without what fills it up."""
        return item.rstrip(b"\0").decode("utf-8", "replace")

    def far_text(self, item: bytes) -> str:
        """Return a text of any length, which lies in a heap."""
        length, place, index = (
            int.from_bytes(item[a:b], "little") for a, b in ((0, 4), (4, 12), (12, 16))
        )
        if not length:
            return ""
        start = self.block(place, b"GCOL")
        end = place + self.number(start + 4, 8)
        now = start + 12
        while now + 16 <= end:
            self.count()
            here, size = self.number(now, 2), self.number(now + 8, 8)
            if here == index and length <= size:
                self.read_B += length
                self.bound.check(self.read_B)
                return self.at(now + 16, length).decode("utf-8", "replace")
            if not here:
                break
            now += 16 + size + -size % 8
        raise Damaged("a text is missing")
