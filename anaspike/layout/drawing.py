"""A drawing: one cell of a process, in memory or in a GDS file.

Files are written whole and alike to the byte for the same shapes, and read with care: what is
no drawing of the process is refused with one line.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.files import read_bytes, replacing
from anaspike.layout.library import klayout_db
from anaspike.layout.process import Process
from anaspike.units import printable

DBU_UM = 0.001  # a unit of every coordinate, in micrometres
MOST_GDS_B = 200_000_000
MOST_SHAPES = 1_000_000  # with every cell counted as often as it is placed
_HEADER = b"\x00\x06\x00\x02"  # the record that every GDS file begins with
_NAMED = 6  # layers, nets and cells that a line of an error names


@dataclass(frozen=True)
class Drawing:
    """The shapes of one cell and of all below it.

    Attributes:
        process: what its layers mean.
        layout: klayout's `Layout`; its unit is 1 nm.
        cell: klayout's `Cell`, the top.
    """

    process: Process
    layout: Any
    cell: Any

    @classmethod
    def new(cls, process: Process, name: str) -> "Drawing":
        """Return an empty one."""
        layout = klayout_db().Layout()
        layout.dbu = DBU_UM
        return cls(process, layout, layout.create_cell(name))

    @property
    def name(self) -> str:
        """The cell's."""
        return str(self.cell.name)

    def box(self, layer: str, left: int, bottom: int, right: int, top: int) -> None:
        """Draw a rectangle, in nm."""
        box = klayout_db().Box(left, bottom, right, top)
        self.cell.shapes(self._index(layer)).insert(box)

    def add(self, layer: str, region: Any) -> None:
        """Draw all polygons of a region."""
        self.cell.shapes(self._index(layer)).insert(region)

    def label(self, layer: str, text: str, x: int, y: int) -> None:
        """Name the net of a wire at a place on it, in nm."""
        db = klayout_db()
        index = self.layout.layer(*self.process.labels[layer])
        self.cell.shapes(index).insert(db.Text(text, db.Trans(x, y)))

    def outline(self, name: str, left: int, bottom: int, right: int, top: int) -> None:
        """Frame the whole, or a part of it, in nm; its name stands in the middle."""
        db, shapes = klayout_db(), self.cell.shapes(self.layout.layer(*self.process.outline))
        shapes.insert(db.Box(left, bottom, right, top))
        shapes.insert(db.Text(name, db.Trans((left + right) // 2, (bottom + top) // 2)))

    def frames_um2(self) -> dict[str, float]:
        """Return the area of each frame that has a name, the largest first."""
        shapes = self.cell.begin_shapes_rec(self.layout.layer(*self.process.outline))
        boxes, names = [], {}
        for at in shapes.each():
            shape = at.shape()
            if shape.is_text():
                text = shape.text.transformed(at.trans())
                names[text.x, text.y] = text.string
            else:
                boxes.append(shape.bbox().transformed(at.trans()))
        boxes.sort(key=lambda box: -box.area())
        areas = {names.get((box.center().x, box.center().y)): box.area() for box in boxes}
        return {name: area * DBU_UM**2 for name, area in areas.items() if name is not None}

    def rectangles_um(
        self, colours: Mapping[str, str]
    ) -> dict[str, tuple[str, NDArray[np.float64]]]:
        """Return the shapes of layers as rectangles; a layer without any is left out.

        Args:
            colours: layer -> its colour.

        Returns:
            layer -> its colour and left, bottom, right and top in micrometres, shape (n, 4).
        """
        found = {}
        for layer, colour in colours.items():
            region = self.region(layer).decompose_trapezoids_to_region()
            boxes = [polygon.bbox() for polygon in region.each()]
            sides = [(box.left, box.bottom, box.right, box.top) for box in boxes]
            if sides:
                found[layer] = colour, np.array(sides, dtype=float) * DBU_UM
        return found

    def region(self, layer: str) -> Any:
        """Return the merged shapes of a drawn layer or a mark, as klayout's `Region`."""
        return klayout_db().Region(self.cell.begin_shapes_rec(self._index(layer))).merged()

    def layers(self) -> "Layers":
        """Return its drawn and derived layers by name."""
        drawn = (*self.process.layers, *self.process.marks)
        return Layers(self.process, {name: self.region(name) for name in drawn})

    def texts(self, layer: str) -> list[tuple[str, int, int]]:
        """Return the labels on a wire's layer: text, x and y in nm."""
        shapes = self.cell.begin_shapes_rec(self.layout.layer(*self.process.labels[layer]))
        found = []
        for at in shapes.each():
            if at.shape().is_text():
                text = at.shape().text.transformed(at.trans())
                found.append((text.string, text.x, text.y))
        return sorted(found)

    def write(self, path: Path) -> None:
        """Write it as GDS, whole or not at all; no time of day is in it.

        Raises:
            InputError: the file cannot be written.
        """
        with replacing(path) as temporary:
            temporary.write_bytes(self.gds())

    def gds(self) -> bytes:
        """Return what `write` writes."""
        options = klayout_db().SaveLayoutOptions()
        options.format = "GDS2"
        options.gds2_write_timestamps = False
        options.add_cell(self.cell.cell_index())
        return bytes(self.layout.write_bytes(options))

    def _index(self, layer: str) -> int:
        at = self.process.layers.get(layer) or self.process.marks[layer]
        return int(self.layout.layer(*at))


class Layers(Mapping[str, Any]):
    """Layers by name, drawn and derived; the derived ones are made when first asked for.

    Args:
        process: how they are derived.
        drawn: the drawn ones; klayout's `Region`.
    """

    def __init__(self, process: Process, drawn: Mapping[str, Any]) -> None:
        self._process = process
        self._made = dict(drawn)

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._process.derived[name](self)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._made, **self._process.derived})

    def __len__(self) -> int:
        return len({**self._made, **self._process.derived})


def read_gds(path: Path, process: Process, top: str | None = None) -> Drawing:
    """Read a drawing that anybody may have made.

    Args:
        path: of the GDS file.
        process: whose layers it must have.
        top: name of the cell that is meant; without it the file must have one top cell.

    Raises:
        InputError: the file cannot be read, is no GDS or cut short, is empty, has shapes on layers
            that the process does not have, has another unit, or lacks the cell.
    """
    return drawing_of(path, read_bytes(path, MOST_GDS_B), process, top)


def drawing_of(path: Path, content: bytes, process: Process, top: str | None = None) -> Drawing:
    """Return what `read_gds` does, of a file's content.

    Raises:
        InputError: as there; `path` is what the line names.
    """
    try:
        return _read(path, content, process, top)
    except (RuntimeError, UnicodeDecodeError) as error:  # of the library
        raise InputError(f"{path} {_what_is_wrong(error)}") from None


def _read(path: Path, content: bytes, process: Process, top: str | None) -> Drawing:
    layout = _loaded(path, content)
    if not layout.cells():
        raise InputError(f"{path} is empty: it has no cell")
    if abs(layout.dbu - DBU_UM) > 1e-9:
        raise InputError(
            f"{path} counts in {layout.dbu * 1e3:g} nm; {process.name} is drawn in units of 1 nm"
        )
    cell = _top(path, layout, top)
    _check_size(path, layout, cell)
    drawing = Drawing(process, layout, cell)
    _check_layers(path, drawing)
    for layer in process.labels:
        drawing.texts(layer)  # that they are texts is found out now
    return drawing


def _loaded(path: Path, content: bytes) -> Any:
    db = klayout_db()
    if not content:
        raise InputError(f"{path} is empty")
    if not content.startswith(_HEADER):
        raise InputError(f"{path} is no GDS file (unpacked, stream format); export it as GDS II")
    layout = db.Layout()
    options = db.LoadLayoutOptions()
    options.warn_level = 0  # else the library prints
    layout.read_bytes(content, options)
    return layout


def _what_is_wrong(error: Exception) -> str:
    said = str(error)
    if isinstance(error, UnicodeDecodeError) or "UnicodeDecodeError" in said:
        return "is a damaged GDS file: a name in it is no text"
    if "end-of-file" in said:
        return "is cut short; copy or export it again"
    said = re.sub(r" in Layout\.read_bytes$|, in file: data", "", said)
    return f"is a damaged GDS file: {said}"


def _top(path: Path, layout: Any, top: str | None) -> Any:
    tops = sorted(cell.name for cell in layout.top_cells())
    if top is None:
        if len(tops) != 1:
            raise InputError(f"{path} has {len(tops)} top cells, {_few(tops)}; say which is meant")
        return layout.top_cell()
    cell = layout.cell(top)
    if cell is None:
        raise InputError(f"{path} has no cell {printable(top)}; its top is {_few(tops)}")
    return cell


def _check_size(path: Path, layout: Any, cell: Any) -> None:
    """Refuse what a few cells placed in arrays would unfold to."""
    counts: dict[int, int] = {}
    for index in layout.each_cell_bottom_up():
        one = layout.cell(index)
        own = sum(one.shapes(layer).size() for layer in layout.layer_indexes())
        placed = sum(i.size() * counts[i.cell_index] for i in one.each_inst())
        counts[index] = own + placed
    if counts[cell.cell_index()] > MOST_SHAPES:
        raise InputError(
            f"{path} unfolds to {counts[cell.cell_index()]:.2g} shapes, more than {MOST_SHAPES:.0g}"
        )


def _check_layers(path: Path, drawing: Drawing) -> None:
    layout, cell, process = drawing.layout, drawing.cell, drawing.process
    filled = []
    for index in layout.layer_indexes():
        info = layout.get_info(index)
        if not cell.begin_shapes_rec(index).at_end():
            filled.append((info.layer, info.datatype))
    if not any(gds in process.layers.values() for gds in filled):
        raise InputError(f"{path}: cell {drawing.name} has no shape on a layer of {process.name}")
    if strange := sorted(gds for gds in filled if not process.known(gds)):
        named = _few([f"{layer}/{datatype}" for layer, datatype in strange])
        raise InputError(
            f"{path} has shapes on layers that {process.name} is not drawn on here: {named};"
            " is it of another process?"
        )


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(printable, names[:_NAMED])) + more
