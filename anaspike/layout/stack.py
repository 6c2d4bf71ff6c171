"""Rows put on each other: where each lies, which way up, and the rails between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from anaspike.layout.rows import COLUMN, TRACK, Heights, Placed, Row
from anaspike.layout.units import GROUND

CLOSING = 2  # tracks from the rail of a well to the rail of ground that closes the row
_EDGE, _ISLAND_EDGE = 2, 4  # columns from the block's edge to the first contact
TAP_EVERY = 8  # columns from contact to contact of a rail


@dataclass(frozen=True)
class Laid:
    """One row in its place.

    Attributes:
        well: net of its well.
        units: its transistors; columns count from the block's middle.
        heights: its heights.
        base: track of its lower rail.
        flipped: whether its ground lies above.
    """

    well: str | None
    units: tuple[Placed, ...]
    heights: Heights
    base: int
    flipped: bool

    def y(self, y: int) -> int:
        """Return a height of the row in the block, in nm."""
        tracks = self.heights.tracks
        return self.base * TRACK + (tracks * TRACK - y if self.flipped else y)

    def track(self, t: int) -> int:
        """Return a track of the row in the block."""
        return self.base + (self.heights.tracks - t if self.flipped else t)


@dataclass(frozen=True)
class Stack:
    """All rows of a block.

    Attributes:
        half: columns from its middle to its edge.
        rows: from below.
        rails: track -> net.
        tracks: its height.
    """

    half: int
    rows: tuple[Laid, ...]
    rails: dict[int, str]
    tracks: int

    @property
    def taps(self) -> list[int]:
        """Columns on which every rail is joined to what lies under it: the same in each block."""
        inside = range(-self.half + 2, self.half - 1)
        return [x for x in inside if abs(x) % TAP_EVERY == TAP_EVERY // 2]

    @property
    def straps(self) -> tuple[int, int]:
        """Columns of the two wires of m2 that join all rails of ground."""
        return -self.half + 1, self.half - 1

    @property
    def size_um(self) -> tuple[float, float]:
        """Width and height."""
        return 2 * self.half * COLUMN / 1e3, self.tracks * TRACK / 1e3


def least_half(rows: Sequence[Row], placed: Sequence[Sequence[Placed]]) -> int:
    """Return the columns from middle to edge that the longest row needs."""
    halves = [6]
    for row, units in zip(rows, placed, strict=True):
        edge = _ISLAND_EDGE if row.well is None and row.heights.p_width else _EDGE
        halves.append(-(-max((one.x1 for one in units), default=0) // 2) + edge)
    return max(halves)


def stacked(rows: Sequence[Row], placed: Sequence[Sequence[Placed]], half: int) -> Stack:
    """Put rows on each other, each in the middle; neighbours on one well share its rail.

    Args:
        rows: from below.
        placed: their units, columns from 0.
        half: columns from the middle to the edge.
    """
    laid: list[Laid] = []
    rails, base = {0: GROUND}, 0
    for row, units in zip(rows, placed, strict=True):
        heights = row.heights
        shares = bool(laid) and rails[base] != GROUND
        centred = -(max((one.x1 for one in units), default=0) // 2)
        moved = tuple(
            Placed(one.unit, one.x0 + centred, one.x1 + centred, one.left, one.right)
            for one in units
        )
        laid.append(Laid(row.well, moved, heights, base, flipped=shares))
        base += heights.tracks
        following = rows[len(laid)].well if len(laid) < len(rows) else None
        if shares:
            rails[base] = GROUND
            continue
        if row.well is not None:
            rails[base] = row.well
            if following == row.well:
                continue
        if row.well is not None or heights.p_width:
            base += CLOSING
        rails[base] = GROUND
    return Stack(half, tuple(laid), rails, base)
