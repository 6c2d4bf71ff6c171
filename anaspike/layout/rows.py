"""Rows of transistors: a strip of NMOS below a strip of PMOS, on a grid of columns and tracks.

A column is where a contact or the middle of a gate stands, a track where a wire of m1 lies. A row
begins with a rail of ground, with contacts to the substrate under it; it ends with the rail of its
well. Rows whose wells are on the same net lie head to head and share that rail; any other row is
closed with a rail of ground. So each block begins and ends with ground, and blocks can be stacked
in any order.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from anaspike.layout.units import Unit

COLUMN, TRACK = 240, 340  # nm
_NARROWEST = 420  # a row is at least so high
BREAK = 3  # columns between diffusions that do not touch
ISLAND = 8  # the same where each lies in a well of its own: 1.27 um between the wells
_BEAM = 4

Item = tuple[Unit | None, Unit | None]


@dataclass(frozen=True)
class Placed:
    """A unit on columns: contact on `x0`, gate in the middle, contact on `x1`."""

    unit: Unit
    x0: int
    x1: int
    left: str
    right: str

    @property
    def mid(self) -> int:
        """The middle of its gate, in nm."""
        return (self.x0 + self.x1) * COLUMN // 2


class Strip(NamedTuple):
    """Where the last contact of a strip stands while it is filled from left to right."""

    x: int = 0
    net: str = ""
    unit: Unit | None = None

    def start(self, unit: Unit, left: str, from_x: int) -> int:
        """Return the first column at which the contact of one more unit may stand."""
        if self.unit is None:
            return max(0, from_x)
        if self.x >= from_x and self._shares(unit, left):
            return self.x
        apart = unit.kind == "p" and unit.b != self.unit.b
        return max(self.x + (ISLAND if apart else BREAK), from_x)

    def _shares(self, unit: Unit, left: str) -> bool:
        last = self.unit
        return (
            last is not None
            and self.net == left
            and last.flavour == unit.flavour
            and last.b == unit.b
        )


@dataclass
class Row:
    """One row.

    Attributes:
        well: net of the well; None where each PMOS has a well of its own.
        items: units from left to right: NMOS and PMOS with one gate, or one of them alone.
        extra: tracks more between the gates' contacts.
    """

    well: str | None
    items: list[Item] = field(default_factory=list)
    extra: int = 1

    @property
    def heights(self) -> "Heights":
        """Its heights."""
        return Heights.of(self)


@dataclass(frozen=True)
class Heights:
    """Heights in a row, from the middle of its rail of ground, in nm; tracks as numbers.

    Attributes:
        n_width, p_width: of the widest units; 0 where there are none.
        n_gate, p_gate: middle of the gates' contacts; `n_track`, `p_track` the tracks there.
        n_li, p_li: span of the contacts' local wire.
        p_base: bottom of the PMOS.
        tracks: height of the row: its well's rail.
    """

    n_width: int
    p_width: int
    n_gate: int
    p_gate: int
    n_track: int
    p_track: int
    n_li: tuple[int, int]
    p_li: tuple[int, int]
    p_base: int
    tracks: int

    @classmethod
    def of(cls, row: Row) -> "Heights":
        """Work them out."""
        n_width = max((n.w_nm for n, _ in row.items if n), default=0)
        p_width = max((p.w_nm for _, p in row.items if p), default=0)
        n_gate = max(N_BASE + max(n_width, _NARROWEST) + 275, 1100)
        p_gate = n_gate + 540 + row.extra * TRACK if n_width else 680
        p_base = p_gate + 320
        top = p_base + max(p_width, _NARROWEST) + 395
        if not p_width and row.well is None:
            top = n_gate + 600  # no well at all
        n_track, p_track = round(n_gate / TRACK), round(p_gate / TRACK)
        return cls(
            n_width, p_width, n_gate, p_gate, n_track, p_track,
            _contact_li(n_gate, n_track), _contact_li(p_gate, p_track), p_base, -(-top // TRACK),
        )  # fmt: skip

    @property
    def n_top(self) -> int:
        """Highest local wire of an NMOS source or drain."""
        return self.n_li[0] - 170

    @property
    def p_low(self) -> int:
        """Lowest local wire of a PMOS source or drain."""
        return self.p_li[1] + 170

    @property
    def n_tracks(self) -> list[int]:
        """Tracks on which m1 reaches NMOS sources and drains."""
        return [
            t for t in range(1, self.tracks) if t * TRACK >= 515 and t * TRACK + 85 <= self.n_top
        ]

    @property
    def p_tracks(self) -> list[int]:
        """Tracks on which m1 reaches PMOS sources and drains."""
        top = self.tracks * TRACK - 255
        return [
            t
            for t in range(1, self.tracks)
            if t >= self.p_track + 2 and t * TRACK - 85 >= self.p_low and t * TRACK + 85 <= top
        ]

    @property
    def gate_tracks(self) -> list[int]:
        """Tracks on which m1 reaches the gate of an NMOS alone."""
        return [t for t in range(self.n_track, self.p_track - 1) if t * TRACK <= self.p_li[0] - 255]


N_BASE = 400  # bottom of the NMOS: 0.275 um from the contact of the substrate


def _contact_li(middle: int, track: int) -> tuple[int, int]:
    return min(TRACK * track - 85, middle - 165), max(TRACK * track + 85, middle + 165)


def pitch(units: Iterable[Unit | None]) -> int:
    """Return the columns from contact to contact over the longest of some gates."""
    return -(-(max(unit.l_nm for unit in units if unit) + 280) // COLUMN)


def fold(items: Sequence[Item]) -> tuple[list[Placed], int]:
    """Turn and place a row's units so that it is short: neighbours share source or drain.

    Returns:
        the units in order, and the number of columns.
    """
    beam = [_Filled(0, 0, Strip(), Strip(), None, ())]
    for item in items:
        step: dict[tuple[int, str, int, str], _Filled] = {}
        columns = pitch(item)
        for state in beam:
            for new in _ways(item, columns, state):
                # The last units are the same in all of them: their ends alone may differ.
                step.setdefault((new.n.x, new.n.net, new.p.x, new.p.net), new)
        beam = sorted(step.values(), key=_Filled.length)[:_BEAM]
    last: _Filled | None = beam[0]
    placed: list[Placed] = []
    while last is not None:
        placed += [Placed(*one) for one in reversed(last.new)]
        last = last.before
    return placed[::-1], beam[0].width


class _Filled(NamedTuple):
    """A row that is filled so far: its width, that of both strips, their ends, what came last."""

    width: int
    both: int
    n: Strip
    p: Strip
    before: "_Filled | None"
    new: tuple[tuple[Unit, int, int, str, str], ...]

    def length(self) -> tuple[int, int]:
        """What is to be short."""
        return self.width, self.both


def _ways(item: Item, columns: int, state: _Filled) -> Iterator[_Filled]:
    """Yield the row with one more item, turned in every way."""
    n, p = item
    for turn in range(4):
        if (turn & 1 and (n is None or n.d == n.s)) or (turn & 2 and (p is None or p.d == p.s)):
            continue
        n_nets, p_nets = _nets(n, turn & 1), _nets(p, turn & 2)
        x, first = 0, -1
        while x != first:  # both strips must agree where one gate is for both
            first = x
            x = state.n.start(n, n_nets[0], x) if n else x
            x = state.p.start(p, p_nets[0], x) if p else x
        end = x + columns
        n_last = Strip(end, n_nets[1], n) if n else state.n
        p_last = Strip(end, p_nets[1], p) if p else state.p
        new = [(unit, x, end, *nets) for unit, nets in ((n, n_nets), (p, p_nets)) if unit]
        width = max(n_last.x, p_last.x)
        yield _Filled(width, n_last.x + p_last.x, n_last, p_last, state, tuple(new))


def _nets(unit: Unit | None, turned: int) -> tuple[str, str]:
    if unit is None:
        return "", ""
    return (unit.s, unit.d) if turned else (unit.d, unit.s)
