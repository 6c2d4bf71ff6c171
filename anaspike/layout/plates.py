"""The shapes between which capacitances are looked for, and what the process says of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError

Nets = Mapping[str, Mapping[str, Any]]
Ints = NDArray[np.int64]
Cells = NDArray[np.int16]

MOST_CELLS = 20_000_000  # of one layer


@dataclass(frozen=True)
class Wires:
    """Coefficients of a process.

    Attributes:
        layers: from below; the first is substrate and wells, the second diffusion.
        area: (upper, lower) -> aF/um2 of an overlap.
        edge: (layer of the edge, layer of the plate) -> aF/um.
        facing: layer -> (aF, um): two edges have aF times length over (distance + um), each half.
    """

    layers: tuple[str, ...]
    area: Mapping[tuple[str, str], float]
    edge: Mapping[tuple[str, str], float]
    facing: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Plates:
    """All shapes on one grid, whose lines lie where shapes begin and end.

    Attributes:
        names: of the nets; a net's number is its place here plus 1.
        x, y: lines of the grid in nm, rising.
        cells: number of the net in each cell or 0, shape (layers, len(x) - 1, len(y) - 1).
        channels: whether a cell is one, shape (len(x) - 1, len(y) - 1).
    """

    names: tuple[str, ...]
    x: Ints
    y: Ints
    cells: Cells
    channels: NDArray[np.bool_]

    @classmethod
    def of(cls, nets: Nets, wires: Wires, channels: Any, ground: str, halo_nm: int) -> "Plates":
        """Return the shapes of nets, the substrate where there is no well among them.

        Raises:
            InputError: there are more corners than a grid can have lines.
        """
        names = (*dict.fromkeys((*nets, ground)),)
        number = {name: i + 1 for i, name in enumerate(names)}
        shapes = [
            (wires.layers.index(layer), number[net], _boxes(region))
            for net, layers in nets.items()
            for layer, region in layers.items()
        ]
        gates = _boxes(channels)
        every = np.concatenate([gates[:0], *(boxes for _, _, boxes in shapes)])
        around = _around(every, halo_nm)
        lines = np.concatenate([every, gates, around])
        x, y = np.unique(lines[:, ::2]), np.unique(lines[:, 1::2])
        _check_size(len(x) * len(y))
        cells = np.zeros((len(wires.layers), len(x) - 1, len(y) - 1), np.int16)
        cells[0] = number[ground]
        for layer, net, boxes in shapes:
            _fill(cells[layer], x, y, boxes, net)
        under = np.zeros(cells.shape[1:], np.bool_)
        _fill(under, x, y, gates, True)
        cells[0][under] = 0  # under a gate lies its channel, and no other plate
        return cls(names, x, y, cells, under)

    def views(self) -> Iterator[tuple[Ints, Ints, Cells, NDArray[np.bool_]]]:
        """Yield it as each of four sides sees it: lines along, lines away, cells and channels."""
        for along, away, axes in ((self.x, self.y, (0, 1, 2)), (self.y, self.x, (0, 2, 1))):
            cells = self.cells.transpose(axes)
            channels = self.channels.transpose([axis - 1 for axis in axes[1:]])
            yield along, away, np.ascontiguousarray(cells), channels
            yield along, -away[::-1], np.ascontiguousarray(cells[:, :, ::-1]), channels[:, ::-1]


def _boxes(region: Any) -> Ints:
    """Return a region as rectangles, shape (n, 4): left, bottom, right, top in nm."""
    boxes = [
        (box.left, box.bottom, box.right, box.top)
        for box in (p.bbox() for p in region.merged().decompose_trapezoids_to_region().each())
    ]
    return np.array(boxes, np.int64).reshape(-1, 4)


def _around(boxes: Ints, halo_nm: int) -> Ints:
    """Return what holds all of them and their fields, shape (1, 4)."""
    if not len(boxes):
        return np.array([[0, 0, halo_nm, halo_nm]])
    low, high = boxes[:, :2].min(axis=0) - halo_nm, boxes[:, 2:].max(axis=0) + halo_nm
    return np.concatenate([low, high])[None]


def _fill(cells: NDArray[Any], x: Ints, y: Ints, boxes: Ints, value: int) -> None:
    columns, rows = np.searchsorted(x, boxes[:, ::2]), np.searchsorted(y, boxes[:, 1::2])
    for (x0, x1), (y0, y1) in zip(columns.tolist(), rows.tolist(), strict=True):
        cells[x0:x1, y0:y1] = value


def _check_size(cells: int) -> None:
    if cells > MOST_CELLS:
        raise InputError(
            f"the layout's corners lie on a grid of {cells:.2g} cells, more than {MOST_CELLS:.2g}:"
            " no capacitances are extracted of it; draw its shapes on fewer lines"
        )
