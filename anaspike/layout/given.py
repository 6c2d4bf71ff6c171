"""Layouts in the place of netlists: what is asked of a block is asked of its drawing.

`Generated` draws each block as it is asked for, the outermost that can be drawn; `GivenFile` is one
block, drawn by anybody. Both are what `circuits.block.built_once` asks; nobody else need know.
"""

import hashlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anaspike.circuits.block import Block
from anaspike.errors import InputError
from anaspike.files import read_bytes
from anaspike.layout.catalog import RECIPES, drawn_of, recipe_name
from anaspike.layout.drawing import MOST_GDS_B, Drawing, drawing_of
from anaspike.layout.extract import Extraction, extract
from anaspike.layout.files import COLOURS, realised
from anaspike.layout.library import klayout_db
from anaspike.layout.process import layout_process
from anaspike.units import printable, suggestion

GENERATED = "generated"
_DRAWN_IN = "sky130"  # the one process that there are rules of
# Several points may ask for a block at once, and to draw a neuron takes half a minute.
_DRAWING = threading.Lock()


@dataclass(frozen=True)
class Laid:
    """A block that is drawn.

    Attributes:
        drawing: its layout.
        extraction: what circuit that is.
    """

    drawing: Drawing
    extraction: Extraction


class _Layouts(ABC):
    """What both have in common."""

    @abstractmethod
    def laid(self, block: Block) -> Laid | None:
        """Return a block as it is drawn; None where it is not drawn as a whole.

        Raises:
            InputError: it cannot be drawn, or the drawing is of another circuit.
        """

    def circuit_of(self, block: Block) -> Block | None:
        """Return what circuit a block's layout is, as `circuits.block.Layouts`."""
        found = self.laid(block)
        return None if found is None else found.extraction.block

    def shapes_um(self, block: Block) -> dict[str, tuple[str, NDArray[np.float64]]]:
        """Return what there is to see of a block's layout; nothing where it is not drawn.

        Returns:
            layer -> its colour and rectangles, shape (n, 4): left, bottom, right, top in um.
        """
        found = self.laid(block)
        return {} if found is None else found.drawing.rectangles_um(COLOURS)

    def frames_um2(self, block: Block) -> Mapping[str, float] | None:
        """Return the area of a block and of its parts, as `circuits.block.Layouts`."""
        found = self.laid(block)
        return None if found is None else found.drawing.frames_um2()


@dataclass(frozen=True)
class Generated(_Layouts):
    """Every block as `anaspike layout` draws it.

    Attributes:
        seed: of placing.
    """

    seed: int = 1

    def laid(self, block: Block) -> Laid | None:
        """Return a block as it is drawn; None where there is no recipe to draw it by.

        Raises:
            InputError: it cannot be drawn.
        """
        if recipe_name(block) is None:
            return None
        with _DRAWING:
            return _generated(self.seed, block)

    def check_used(self, study: str) -> None:
        """Accept any study: whatever it builds is drawn."""

    def parts(self) -> Mapping[str, object]:
        """Return what a manifest says of it."""
        return {"layout": GENERATED, "seed": self.seed}


@dataclass(frozen=True)
class GivenFile(_Layouts):
    """One block as a file has it.

    Attributes:
        name: of the file.
        content: of it, a GDS.
        cell: the block that it is of: its top cell is named as `anaspike layout` names it.
        met: what a study has built of blocks that can be drawn; grows.
    """

    name: str
    content: bytes = field(repr=False)
    cell: str
    met: set[str] = field(default_factory=set, compare=False, repr=False)

    def laid(self, block: Block) -> Laid | None:
        """Return what the file holds, where it is of such a block.

        Raises:
            InputError: it is of another size, or another circuit.
        """
        recipe = recipe_name(block)
        if recipe is not None:
            self.met.add(recipe)
        if recipe != self.cell:
            return None
        with _DRAWING:
            return _of_file(self, block)

    def check_used(self, study: str) -> None:
        """Refuse a study that has built no such block: its answer would be the netlist's.

        Raises:
            InputError: it has built others; the line names them.
        """
        if self.cell not in self.met:
            built = ", ".join(sorted(self.met)) or "none that can be drawn"
            raise InputError(
                f"{self.name} is a layout of {self.cell}, and {study} asks none by itself; it is"
                f" built of {built}"
            )

    def parts(self) -> Mapping[str, object]:
        """Return what a manifest says of it."""
        return {"layout": self.cell, "gds_sha256": hashlib.sha256(self.content).hexdigest()}

    def key_parts(self) -> Mapping[str, object]:
        """Return what results depend on: not where the file lies."""
        return self.parts()


Given = Generated | GivenFile


def layout_asked(asked: str, folder: Path = Path()) -> Given:
    """Return the layouts that a user names: a GDS file, or `generated`.

    Args:
        asked: path of a file, or that word.
        folder: that the path starts from.

    Raises:
        InputError: klayout is missing, or the file is no layout of a block.
    """
    process = layout_process(_DRAWN_IN)
    klayout_db()
    if asked == GENERATED:
        return Generated()
    path = folder / asked
    content = read_bytes(path, MOST_GDS_B)
    cell = drawing_of(path, content, process).name
    if cell not in RECIPES:
        raise InputError(
            f"{path}: its top cell {printable(cell)} is no block; {suggestion(cell, RECIPES)}"
        )
    return GivenFile(path.name, content, cell)


@lru_cache(maxsize=32)
def _generated(seed: int, block: Block) -> Laid:
    process = layout_process(block.technology.pdk.name)
    name = recipe_name(block) or block.name
    return _laid(realised(name, drawn_of(block, seed), process), block)


@lru_cache(maxsize=32)
def _of_file(given: GivenFile, block: Block) -> Laid:
    process = layout_process(block.technology.pdk.name)
    drawing = drawing_of(Path(given.name), given.content, process)
    try:
        return _laid(drawing, block)
    except InputError as error:
        raise InputError(f"{given.name}: {error}") from None


def _laid(drawing: Drawing, block: Block) -> Laid:
    return Laid(drawing, extract(drawing, block))
