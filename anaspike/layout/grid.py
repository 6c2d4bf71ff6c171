"""The places of a router: nodes of wires on four metals and cuts, and how near they may come.

A node is a number: metal, track and column. Around the block lies a margin that belongs to nobody,
so that an offset never leads to the other side.
"""

from collections.abc import Iterable
from dataclasses import dataclass

M1, M2, M3, M4 = range(4)
CONTACT, VIA, VIA2, VIA3 = range(4)  # the cut below each metal
_MARGIN = 3
FREE, NOBODY = 0, -1

_AROUND = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y]
_BESIDE = [(0, 1), (0, -1), (1, 0), (-1, 0)]
# Nodes of a metal on which no wire of another net may lie beside a wire, as (columns, tracks).
_WIRES = {
    M1: [(x, 0) for x in (-1, 0, 1)],
    M2: [(x, 0) for x in (-1, 0, 1)],
    M3: [(x, y) for x in range(-2, 3) for y in (-1, 0, 1)],
    M4: [(x, y) for x in range(-2, 3) for y in (-1, 0, 1)],
}
# Cuts that no other net may have near a cut. Contacts may stand cornerwise: one of the two is
# drawn off its track. Vias 3 are kept apart by their wires.
_CUTS = {
    CONTACT: {CONTACT: _BESIDE, VIA: _AROUND},
    VIA: {CONTACT: _AROUND, VIA: _AROUND, VIA2: _AROUND},
    VIA2: {VIA: _AROUND, VIA2: _AROUND},
    VIA3: {},
}


@dataclass(frozen=True)
class Grid:
    """Numbers of nodes and cuts.

    Attributes:
        half: columns from the middle to the edge.
        tracks: height.
    """

    half: int
    tracks: int

    @property
    def across(self) -> int:
        """Numbers from track to track."""
        return 2 * (self.half + _MARGIN) + 1

    @property
    def floor(self) -> int:
        """Numbers from metal to metal."""
        return self.across * (self.tracks + 2 * _MARGIN + 1)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return 4 * self.floor

    def node(self, metal: int, x: int, y: int) -> int:
        """Return the number of a node; of a cut, `metal` is the one above it."""
        return metal * self.floor + (y + _MARGIN) * self.across + x + self.half + _MARGIN

    def place(self, node: int) -> tuple[int, int, int]:
        """Return metal, column and track of a number."""
        metal, rest = divmod(node, self.floor)
        y, x = divmod(rest, self.across)
        return metal, x - self.half - _MARGIN, y - _MARGIN

    def beside(self, metal: int) -> list[int]:
        """Return the offsets of the nodes that a wire keeps to itself."""
        return [y * self.across + x for x, y in _WIRES[metal]]

    def near(self, cut: int) -> list[int]:
        """Return the offsets of the cuts, of any kind, that no other net may have near one."""
        return [
            (kind - cut) * self.floor + y * self.across + x
            for kind, places in _CUTS[cut].items()
            for x, y in places
        ]

    def around(self) -> list[int]:
        """Return the offsets of the cuts of its own kind that one net may not have near one."""
        return [y * self.across + x for x, y in _AROUND]

    def inside(self) -> Iterable[tuple[int, int]]:
        """Yield column and track of every place in the block."""
        return ((x, y) for y in range(self.tracks + 1) for x in range(-self.half, self.half + 1))
