"""The comparator's left half: which transistor stands where, from the axis outwards.

Its right half is the mirror image. The side of the membrane (`_n` in the netlist) is drawn; what
has no counterpart, the driver and a tail of an odd number of fingers, stands on the right alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from anaspike.errors import InputError
from anaspike.layout.rows import BREAK, Heights, Placed, Row, pitch
from anaspike.layout.stack import CLOSING, Laid, Stack
from anaspike.layout.units import GROUND, SUPPLY, Unit

MIRROR = {"mem": "v_th", "latch_n": "latch_p", "inner_n": "inner_p", "unused": "fire_b"}
SAME = frozenset(("hold", "top", GROUND, SUPPLY))  # nets that are their own image
ALONE = frozenset(("fire",))
_EDGE = 2


def image(net: str) -> str:
    """Return the net at the same place on the other side."""
    both = {**MIRROR, **{right: left for left, right in MIRROR.items()}}
    return both.get(net, net)


@dataclass
class Outward:
    """A strip that is filled from the axis to the left."""

    x: int = 0
    net: str = ""
    last: Unit | None = None
    placed: list[Placed] = field(default_factory=list)

    def add(self, unit: Unit, right: str, at: int | None = None) -> None:
        """Add a unit; its right end is on `right` unless it shares its neighbour's diffusion.

        Args:
            unit: to add.
            right: net of its right end where it starts anew.
            at: column to start anew from, at most.
        """
        if self.last is not None and self._shares(unit) and at is None:
            right, x1 = self.net, self.x
        else:
            free = 0 if self.last is None else self.x - BREAK
            x1 = free if at is None else min(free, at)
        left = unit.s if right == unit.d else unit.d
        x0 = x1 - pitch([unit])
        self.placed.append(Placed(unit, x0, x1, left, right))
        self.x, self.net, self.last = x0, left, unit

    def add_all(self, units: Sequence[Unit], right: str, at: int | None = None) -> None:
        """Add several, each beside the one before."""
        for i, unit in enumerate(units):
            self.add(unit, right, None if i else at)

    def _shares(self, unit: Unit) -> bool:
        last = self.last
        alike = last is not None and (last.flavour, last.b) == (unit.flavour, unit.b)
        return alike and self.net in (unit.d, unit.s)

    def next_free(self) -> int:
        """Return the column at which diffusion may begin anew."""
        return 0 if self.last is None else self.x - BREAK


@dataclass(frozen=True)
class Half:
    """The left half.

    Attributes:
        stack: its rows; columns up to 0.
        lone: names of units that stand on the right alone.
    """

    stack: Stack
    lone: frozenset[str]


def left_half(
    units: Sequence[Unit], extra: int, inner_first: bool, half: int | None = None
) -> Half:
    """Place the left half.

    Args:
        units: of the whole comparator.
        extra: tracks more between the gates of the first row, for the crossing.
        inner_first: whether the inner node is the right end of the cross-coupled PMOS.
        half: columns from the axis to the edge; None for as few as there must be.

    Raises:
        InputError: the two sides differ, or the width does not suffice.
    """
    by_name = _by_name(units)
    main_n, main_p, top_n, top_p, well_p = (Outward() for _ in range(5))
    for name in ("cross_n_n", "reset_n", "reset_inner_n"):
        main_n.add_all(by_name[name], GROUND)
    main_p.add_all(by_name["input_n"], "top")
    main_p.add_all(by_name["cross_p_n"], "inner_n" if inner_first else "latch_n")
    tail, lone = _tail(by_name["tail"])
    own_well = by_name["dummy_n"][0].b != SUPPLY
    if not lone:
        top_p.add_all(tail, "top")
    (well_p if own_well else top_p).add_all(by_name["dummy_n"], "hold")
    for name in ("buffer_n", "driver"):
        at = min(top_n.next_free(), top_p.next_free())
        n, p = by_name[f"{name}.n"][0], by_name[f"{name}.p"][0]
        if name == "driver":  # it is the right half's: here stands its image
            n, p = _seen(n), _seen(p)
        top_n.add(n, GROUND, at)
        top_p.add(p, SUPPLY, at)
    if lone:
        top_p.add_all(tail, SUPPLY, top_p.next_free())
    driver = {unit.name for name in ("driver.n", "driver.p") for unit in by_name[name]}
    rows: list[tuple[str | None, int, Outward, Outward]]
    rows = [(SUPPLY, extra, main_n, main_p), (SUPPLY, 1, top_n, top_p)]
    if own_well:
        rows.append((None, 1, Outward(), well_p))
    return Half(_stacked(rows, half), frozenset(driver | lone))


def _seen(unit: Unit) -> Unit:
    """Return a unit of the other side in the mirror."""
    return replace(unit, d=image(unit.d), g=image(unit.g), s=image(unit.s))


def _by_name(units: Sequence[Unit]) -> dict[str, list[Unit]]:
    """Return name in the netlist -> its fingers; the two sides must be alike."""
    found: dict[str, list[Unit]] = {}
    for unit in units:
        name = unit.name.partition("#")[0].replace(".x", ".").removeprefix("x")
        found.setdefault(name, []).append(unit)
    for name, fingers in found.items():
        other = found.get(f"{name[:-2]}_p") if name.endswith("_n") else None
        if other and [(u.w_nm, u.l_nm) for u in fingers] != [(u.w_nm, u.l_nm) for u in other]:
            raise InputError(f"{name}: the comparator's two sides must have the same sizes")
    return found


def _tail(units: list[Unit]) -> tuple[list[Unit], set[str]]:
    """Put half of the tail's fingers on each side; a number that is odd stands on one."""
    if len(units) % 2 == 0:
        return units[: len(units) // 2], set()
    return [_seen(unit) for unit in units], {unit.name for unit in units}


def _stacked(rows: Sequence[tuple[str | None, int, Outward, Outward]], half: int | None) -> Stack:
    least = max(-strip.x for _, _, *strips in rows for strip in strips) + _EDGE
    if half is not None and half < least:
        raise InputError(f"the comparator needs {2 * least} columns; there are {2 * half}")
    laid: list[Laid] = []
    rails, base = {0: GROUND}, 0
    for i, (well, extra, n_strip, p_strip) in enumerate(rows):
        items = [(one.unit, None) for one in n_strip.placed]
        row = Row(well, [*items, *((None, one.unit) for one in p_strip.placed)], extra)
        heights = Heights.of(row)
        units = (*n_strip.placed, *p_strip.placed)
        laid.append(Laid(well, units, heights, base, flipped=i == 1))
        base += heights.tracks
        rails[base] = (SUPPLY, GROUND, GROUND)[i]
        if i == 2:
            del rails[base]
            base += CLOSING
            rails[base] = GROUND
    return Stack(half or least, tuple(laid), rails, base)
