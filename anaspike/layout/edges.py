"""The field of edges: to the edge of the same layer that faces it, and to plates below and above.

All shapes are made of rectangles, so that along a stretch of an edge what lies before it is a list
of distances, from and to.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from anaspike.layout.library import klayout_db
from anaspike.layout.plates import Add, Plates, Wires

_UM = 1e-3  # per unit of a coordinate
# um, per (um2/aF): how the field of an edge falls off with the distance, as Magic has it.
_FALL = 0.02
_NET = "net"
_WELL, _DIFFUSION, _POLY = range(3)  # numbers of layers

Span = tuple[int, int]
Piece = tuple[int, int, Any]  # before a stretch of an edge: from, to, and the polygon


def edge_fields(plates: Plates, wires: Wires, halo_nm: int, add: Add) -> None:
    """Add what every edge of every wire has to others.

    Args:
        plates: all shapes.
        wires: coefficients.
        halo_nm: how far is looked.
        add: is told two nets and a capacitance, in aF.
    """
    db = klayout_db()
    node = db.CompoundRegionOperationNode
    regions = [_with_nets(plates, layer) for layer in wires.layers]
    for at in range(_POLY, len(regions)):
        if regions[at].is_empty():
            continue
        look = _visitor(_Edge(at, plates, wires, halo_nm, add))
        inputs = [node.new_secondary(region) for region in regions]
        inputs[at] = node.new_foreign()
        inputs.append(node.new_primary())
        regions[at].complex_op(node.new_edge_neighborhood(inputs, look, -1, -1, -1, halo_nm))
        if look.failed:
            raise look.failed[0]


def _with_nets(plates: Plates, layer: str) -> Any:
    """Return a layer as one region whose polygons know their nets, by number."""
    db = klayout_db()
    region = db.Region()
    region.enable_properties()
    for net, shapes in plates.by_layer[layer].items():
        number = plates.names.index(net)
        for polygon in shapes.each():
            region.insert(db.PolygonWithProperties(polygon, {_NET: number}))
    return region


@dataclass(frozen=True)
class _Edge:
    """What is done with an edge of one layer.

    Attributes:
        at: number of its layer.
        plates, wires, halo_nm, add: as of `edge_fields`.
    """

    at: int
    plates: Plates
    wires: Wires
    halo_nm: int
    add: Add

    def stretch(self, mine: int, length_nm: int, gate: bool, around: Any) -> None:
        """Add what a stretch of an edge has.

        Args:
            mine: number of its net.
            length_nm: of the stretch.
            gate: whether it is the edge of a channel.
            around: number of layer -> polygons before it, in coordinates along and away from it.
        """
        layers, names = self.wires.layers, self.plates.names
        facing = [p for c in (self.at, len(layers)) for p in around.get(c, ())]
        reach = self.halo_nm
        if facing:
            nearest = min(facing, key=_distance)
            reach = _distance(nearest)
            if reach == 0:
                return
            aF, um = self.wires.facing[layers[self.at]]
            facing_aF = aF / 2 * length_nm / (reach + um / _UM)
            self.add(names[mine], names[nearest.property(_NET)], facing_aF)
        # What lies farther than the next wire of the layer is not seen. To ask a polygon for its
        # net takes time, so that only those are asked that are seen.
        pieces = {
            c: [piece for piece in map(_spanned, found) if piece[0] < reach]
            for c, found in around.items()
            if c < len(layers) and c != self.at
        }
        for c, found in pieces.items():
            if found and not self._in_model(c, gate):
                self._to_plates(mine, length_nm, reach, c, pieces)

    def _in_model(self, plate: int, gate: bool) -> bool:
        """Return whether a gate's edge has that by its transistor's model."""
        return self.at == _POLY and (plate == _DIFFUSION or (plate == _WELL and gate))

    def _to_plates(
        self, mine: int, length_nm: int, reach: int, c: int, pieces: dict[int, list[Piece]]
    ) -> None:
        layers, names = self.wires.layers, self.plates.names
        per_um = self.wires.edge.get((layers[self.at], layers[c]))
        if per_um is None:
            return
        low, high = sorted((c, self.at))
        shades = [piece[:2] for s in range(low + 1, high) for piece in pieces.get(s, ())]
        shades.sort()
        fall = self.wires.area[layers[high], layers[low]] * _FALL * _UM
        for near, far, polygon in pieces[c]:
            part = sum(
                math.atan(fall * end) - math.atan(fall * start)
                for start, end in _unshaded(near, min(far, reach), shades)
            )
            if part and (net := polygon.property(_NET)) != mine:
                self.add(names[mine], names[net], per_um * length_nm * _UM * 2 / math.pi * part)


def _distance(polygon: Any) -> int:
    return int(max(0, polygon.bbox().bottom))


def _spanned(polygon: Any) -> Piece:
    box = polygon.bbox()
    return max(0, box.bottom), box.top, polygon


def _unshaded(start: int, end: int, shades: Iterable[Span]) -> list[Span]:
    """Return the parts of a span that no shade covers; the shades come in order."""
    left = []
    for low, high in shades:
        if low >= end:
            break
        if low > start:
            left.append((start, low))
        start = max(start, high)
    if start < end:
        left.append((start, end))
    return left


class _Visits:
    """What the library calls for each edge; it would swallow errors, so they are kept."""

    def __init__(self, edges: _Edge, channels: Any) -> None:
        super().__init__()
        self.edges, self.channels = edges, channels
        self.failed: list[Exception] = []

    def on_edge(self, _layout: Any, _cell: Any, edge: Any, around: Any) -> None:
        try:
            mine = edge.property(_NET)
            for (start, end), found in around:
                if end > start:
                    gate = self._beside_channel(edge, (start + end) // 2)
                    self.edges.stretch(mine, end - start, gate, found)
        except Exception as error:
            self.failed.append(error)

    def _beside_channel(self, edge: Any, at: int) -> bool:
        if self.edges.at != _POLY:
            return False
        db = klayout_db()
        inside = db.EdgeNeighborhoodVisitor.to_original_trans(edge) * db.Point(at, -1)
        here = self.channels.each_touching(db.Box(inside, inside))
        return any(True for _ in here)


def _visitor(edges: _Edge) -> Any:
    """Return one that the library takes for its own."""
    db = klayout_db()
    channels = db.Shapes()
    channels.insert(edges.plates.channels)
    return type("Visitor", (_Visits, db.EdgeNeighborhoodVisitor), {})(edges, channels)
