"""The field of edges: to the edge of the same layer that faces it, and to plates below and above.

An edge is looked at in stretches, a column of the grid each: what lies before a stretch is a run
of cells, and what it sees of them ends at the next wire of its own layer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anaspike.layout.plates import Cells, Ints, Plates, Wires

_UM = 1e-3  # per unit of a coordinate
# um, per (um2/aF): how the field of an edge falls off with the distance, as Magic has it.
_FALL = 0.02
_WELL, _DIFFUSION, _POLY = range(3)  # numbers of layers
_AT_ONCE = 200_000  # cells
Found = NDArray[np.float64]


def edge_fields(plates: Plates, wires: Wires, halo_nm: int) -> Found:
    """Return what all edges of all wires have to others.

    Args:
        plates: all shapes.
        wires: coefficients.
        halo_nm: how far is looked.

    Returns:
        aF between any two nets by their numbers, shape (n + 1, n + 1); both halves count.
    """
    found = np.zeros((len(plates.names) + 1,) * 2)
    for along, away, cells, channels in plates.views():
        for at in range(_POLY, len(wires.layers)):
            side = _Side(at, wires, along, away, cells, found)
            for chunk in side.stretches(channels, halo_nm):
                side.to_plates(chunk)
    return found


@dataclass(frozen=True)
class _Stretches:
    """Some stretches of edges.

    Attributes:
        column: of the grid.
        first: cell before each.
        end: the cell at which the next wire of the layer, or nothing, begins.
        last_nm: where that is, along the axis away from the edge.
        mine: number of the net.
        gate: whether it is the edge of a channel.
    """

    column: Ints
    first: Ints
    end: Ints
    last_nm: Ints
    mine: Ints
    gate: NDArray[np.bool_]

    def part(self, which: Ints) -> "_Stretches":
        """Return some of them."""
        return _Stretches(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class _Side:
    """The edges of one layer that look one way.

    Attributes:
        at: number of the layer.
        wires: as of `edge_fields`.
        along, away, cells: as `Plates.views` gives them.
        found: to which is added.
    """

    at: int
    wires: Wires
    along: Ints
    away: Ints
    cells: Cells
    found: Found

    def stretches(self, channels: NDArray[np.bool_], halo_nm: int) -> Iterator[_Stretches]:
        """Yield all of them, those that see about as much together; add what they face."""
        mine = self.cells[self.at]
        column, inside = np.nonzero((mine[:, :-1] > 0) & (mine[:, 1:] == 0))
        if not len(column):
            return
        first = inside + 1
        facing = _next(mine)[column, first]
        start_nm = self.away[first]
        faces = (facing < mine.shape[1]) & (self.away[facing] - start_nm <= halo_nm)
        last_nm = np.where(faces, self.away[facing], start_nm + halo_nm)
        end = np.searchsorted(self.away, last_nm)
        own = mine[column, inside].astype(np.int64)
        all_of_them = _Stretches(column, first, end, last_nm, own, channels[column, inside])
        self._to_facing(all_of_them.part(np.flatnonzero(faces)))
        depths = end - first
        order = np.argsort(depths, kind="stable")
        while len(order):
            # From the deepest down, as many as fit: each takes the room of the deepest.
            count = max(1, _AT_ONCE // int(depths[order[-1]]))
            yield all_of_them.part(order[-count:])
            order = order[:-count]

    def _to_facing(self, some: _Stretches) -> None:
        aF, um = self.wires.facing[self.wires.layers[self.at]]
        apart_um = (some.last_nm - self.away[some.first]) * _UM
        length_um = (self.along[some.column + 1] - self.along[some.column]) * _UM
        other = self.cells[self.at][some.column, some.end]
        self._add(some.mine, other, aF / 2 * length_um / (apart_um + um))

    def to_plates(self, some: _Stretches) -> None:
        """Add what some stretches have to plates below and above; what lies between shades."""
        depth = int((some.end - some.first).max())
        cell = some.first[:, None] + np.arange(depth)
        open_ = cell < some.end[:, None]
        cell = np.minimum(cell, self.cells.shape[2] - 1)
        start_nm = self.away[some.first][:, None]
        near_um = (self.away[cell] - start_nm) * _UM
        far_um = (np.minimum(self.away[cell + 1], some.last_nm[:, None]) - start_nm) * _UM
        for way in (range(self.at - 1, -1, -1), range(self.at + 1, len(self.wires.layers))):
            seen = open_.copy()
            for plate in way:
                nets = self.cells[plate][some.column[:, None], cell]
                self._to_plate(some, plate, np.where(seen, nets, 0), near_um, far_um)
                seen &= nets == 0

    def _to_plate(
        self, some: _Stretches, plate: int, nets: Cells, near_um: Found, far_um: Found
    ) -> None:
        layers = self.wires.layers
        per_um = self.wires.edge.get((layers[self.at], layers[plate]))
        # What a gate's edge has to its channel and to source and drain is its model's.
        if per_um is None or (self.at, plate) == (_POLY, _DIFFUSION):
            return
        sees = (nets > 0) & (nets != some.mine[:, None])
        if (self.at, plate) == (_POLY, _WELL):
            sees &= ~some.gate[:, None]
        stretch, cell = np.nonzero(sees)
        low, high = sorted((plate, self.at))
        fall = self.wires.area[layers[high], layers[low]] * _FALL
        part = np.arctan(fall * far_um[sees]) - np.arctan(fall * near_um[sees])
        length_um = (self.along[some.column + 1] - self.along[some.column]) * _UM
        aF = per_um * length_um[stretch] * 2 / np.pi * part
        self._add(some.mine[stretch], nets[stretch, cell], aF)

    def _add(self, mine: Ints, other: Cells | Ints, aF: Found) -> None:
        nets = len(self.found)
        sums = np.bincount(mine * nets + other, aF, nets * nets)
        np.add(self.found, sums.reshape(nets, nets), out=self.found)


def _next(cells: Cells) -> Ints:
    """Return for each cell the first that is taken, from it on; their number where none is."""
    count = cells.shape[1]
    taken = np.where(cells > 0, np.arange(count), count)
    return np.minimum.accumulate(taken[:, ::-1], axis=1)[:, ::-1]
