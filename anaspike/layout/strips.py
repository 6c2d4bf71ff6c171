"""The shapes of rows up to local interconnect, and where wires may reach them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from anaspike.layout.rows import COLUMN, ISLAND, N_BASE, TRACK, Placed
from anaspike.layout.sketch import Sketch
from anaspike.layout.stack import Laid, Stack
from anaspike.layout.units import GROUND

_STAGGER = 15  # nm: contacts of m1 on neighbouring columns and tracks stand so much off their track


@dataclass(frozen=True)
class Access:
    """How a wire of m1 on a track reaches a contact.

    Attributes:
        x: middle of the contact, in nm.
        y: of the cut to m1.
        low, high: span of its local interconnect.
    """

    x: int
    y: int
    low: int
    high: int


@dataclass(frozen=True)
class Pens:
    """Where shapes go.

    In a block whose other half is its mirror image some transistors stand on one side only; the
    other side gets their poly, contacts of wires and wires alone: the same capacitances.

    Attributes:
        sketch: what is drawn.
        lone: what stands on one side only.
        single: wires of nets that have no counterpart.
        units: names of the transistors of `lone`.
        nets: the nets of `single`.
    """

    sketch: Sketch
    lone: Sketch = field(default_factory=Sketch)
    single: Sketch = field(default_factory=Sketch)
    units: frozenset[str] = frozenset()
    nets: frozenset[str] = frozenset()

    def device(self, *placed: Placed) -> Sketch:
        """Return where what makes transistors goes: diffusion, its contacts, marks."""
        return self.lone if all(one.unit.name in self.units for one in placed) else self.sketch

    def wire(self, net: str) -> Sketch:
        """Return where a net's wires go."""
        return self.single if net in self.nets else self.sketch


@dataclass(frozen=True)
class Terminal:
    """One place that a net must reach.

    Attributes:
        net: its name.
        at: (column, track) -> how it is reached there.
    """

    net: str
    at: Mapping[tuple[int, int], Access]


def contacts_of(stack: Stack, ports: Iterable[str]) -> dict[str, int]:
    """Return how many places of each net must be joined; a net with one needs no contact."""
    count: dict[str, int] = defaultdict(int)
    for row in stack.rows:
        ends = {(one.unit.kind, x, net) for one in row.units for x, net in _ends(one)}
        for _, _, net in ends:
            count[net] += 1
        for one in row.units:
            count[one.unit.g] += 1
    for net in (*ports, *stack.rails.values()):
        count[net] += 1
    return count


def _ends(one: Placed) -> tuple[tuple[int, str], tuple[int, str]]:
    return (one.x0, one.left), (one.x1, one.right)


def draw_rails(sketch: Sketch, stack: Stack) -> None:
    """Draw every rail with the contacts of well or substrate under it, and ground's straps."""
    left, right = -stack.half * COLUMN, stack.half * COLUMN
    for track, net in stack.rails.items():
        y, implant = track * TRACK, "psdm" if net == GROUND else "nsdm"
        sketch.box("tap", left, y - 125, right, y + 125)
        sketch.box(implant, left - 125, y - 260, right + 125, y + 260)
        sketch.box("li", left, y - 85, right, y + 85, net)
        sketch.box("m1", left, y - 70, right, y + 70, net)
        for x in range(-stack.half + 1, stack.half, 2):
            sketch.square("licon", x * COLUMN, y, 85)
        for x in stack.taps:
            sketch.square("mcon", x * COLUMN, y, 85)
            sketch.box("m1", x * COLUMN - 145, y - 115, x * COLUMN + 145, y + 115, net)
    for column in stack.straps:
        x = column * COLUMN
        sketch.box("m2", x - 70, 0, x + 70, stack.tracks * TRACK, GROUND)
        for y in (track * TRACK for track, net in stack.rails.items() if net == GROUND):
            sketch.square("via", x, y, 75)
            sketch.box("m1", x - 160, y - 130, x + 160, y + 130, GROUND)
            sketch.box("m2", x - 130, y - 160, x + 130, y + 160, GROUND)


def draw_row(pens: Pens, row: Laid, half: int, count: Mapping[str, int]) -> list[Terminal]:
    """Draw a row and return its terminals.

    Args:
        pens: where to.
        row: what to draw.
        half: columns from the middle of the block to its edge.
        count: places of each net, as `contacts_of` gives them.
    """
    _draw_implants(pens.sketch, row, half)
    terminals = []
    for kind in ("n", "p"):
        units = [one for one in row.units if one.unit.kind == kind]
        for one in units:
            _draw_channel(pens, row, one, _meeting(units))
        terminals += _draw_ends(pens, row, units, count)
    return [*terminals, *_draw_gates(pens, row)]


def _meeting(units: Sequence[Placed]) -> dict[int, int]:
    """Return column -> width of the narrowest unit there."""
    widths: dict[int, int] = {}
    for one in units:
        for x, _ in _ends(one):
            widths[x] = min(widths.get(x, one.unit.w_nm), one.unit.w_nm)
    return widths


def _draw_implants(sketch: Sketch, row: Laid, half: int) -> None:
    """Draw wells, implants and the contacts of wells of their own."""
    heights = row.heights
    left, right, top = -half * COLUMN, half * COLUMN, heights.tracks * TRACK
    if heights.n_width:
        base = (N_BASE - 125, N_BASE + max(heights.n_width, 420) + 125)
        sketch.box("nsdm", left - 125, row.y(base[0]), right + 125, row.y(base[1]))
    spans = [(left + 125, right - 125, "")] if row.well else list(islands(row))
    for x0, x1, net in spans:
        p_top = heights.p_base + max(heights.p_width, 420)
        edge = (x0 - 125, x1 + 125)
        sketch.box(
            "nwell", edge[0] - 180, row.y(heights.p_base - 180), edge[1] + 180, row.y(top + 305)
        )
        sketch.box(
            "psdm", edge[0] - 125, row.y(heights.p_base - 125), edge[1] + 125, row.y(p_top + 125)
        )
        if net:
            sketch.box("tap", edge[0], row.y(top - 125), edge[1], row.y(top + 125))
            sketch.box("nsdm", edge[0] - 125, row.y(top - 260), edge[1] + 125, row.y(top + 260))
            sketch.box("li", edge[0], row.y(top - 85), edge[1], row.y(top + 85), net)
            for x in range(x0 + COLUMN, x1, 2 * COLUMN):
                sketch.square("licon", x, row.y(top), 85)


def islands(row: Laid) -> Iterable[tuple[int, int, str]]:
    """Yield the wells of a row that lie on no rail: first and last contact in nm, and net."""
    spans: list[tuple[int, int, str]] = []
    for one in row.units:
        if one.unit.kind != "p":
            continue
        if (
            spans
            and spans[-1][2] == one.unit.b
            and one.x0 * COLUMN - spans[-1][1] < ISLAND * COLUMN
        ):
            spans[-1] = (spans[-1][0], one.x1 * COLUMN, one.unit.b)
        else:
            spans.append((one.x0 * COLUMN, one.x1 * COLUMN, one.unit.b))
    return spans


def _draw_channel(pens: Pens, row: Laid, one: Placed, widths: Mapping[int, int]) -> None:
    """Draw diffusion, gate and the mark of its threshold."""
    unit, heights = one.unit, row.heights
    bottom = N_BASE if unit.kind == "n" else heights.p_base
    top = bottom + unit.w_nm
    x0, x1 = (
        x * COLUMN + sign * (125 if unit.w_nm == widths[x] else 85)
        for x, sign in ((one.x0, -1), (one.x1, 1))
    )
    sketch = pens.device(one)
    sketch.box("diff", x0, row.y(bottom), x1, row.y(top))
    left = one.mid - unit.l_nm // 10 * 5
    right = left + unit.l_nm
    mark = {"lvt": "lvtn", "hvt": "hvtp"}.get(unit.flavour)
    if mark:
        sketch.box(mark, left - 180, row.y(bottom - 180), right + 180, row.y(top + 180))
    ends = (bottom - 130, heights.n_gate) if unit.kind == "n" else (heights.p_gate, top + 130)
    pens.sketch.box("poly", left, row.y(ends[0]), right, row.y(ends[1]))


def _draw_ends(
    pens: Pens, row: Laid, units: Sequence[Placed], count: Mapping[str, int]
) -> list[Terminal]:
    """Draw the contacts of sources and drains; those on a rail's net reach it by themselves."""
    terminals = []
    widths = _meeting(units)
    nets = {x: net for one in units for x, net in _ends(one)}
    wells = {x: one.unit.b for one in units for x, _ in _ends(one)}
    for column, net in sorted(nets.items()):
        is_n = units[0].unit.kind == "n"
        rail = GROUND if is_n else row.well
        if count[net] < 2 and net != rail:
            continue
        cuts = pens.device(*(one for one in units if column in (one.x0, one.x1)))
        low, high = _draw_contact(cuts, row, column, is_n, widths[column])
        sketch = pens.wire(net)
        x, top = column * COLUMN, row.heights.tracks * TRACK
        sketch.box("li", x - 85, row.y(low), x + 85, row.y(high), net)
        if net == rail:
            ends = (0, high) if is_n else (low, top)
            sketch.box("li", x - 85, row.y(ends[0]), x + 85, row.y(ends[1]), net)
            continue
        if not is_n and row.well is None and net == wells[column]:
            sketch.box("li", x - 85, row.y(low), x + 85, row.y(top), net)
        tracks = row.heights.n_tracks if is_n else row.heights.p_tracks
        stagger = {row.heights.n_track - 1: -_STAGGER} if is_n else {}
        terminals.append(_terminal(row, net, column, x, (low, high), tracks, stagger))
    return terminals


def _draw_contact(
    sketch: Sketch, row: Laid, column: int, is_n: bool, width: int
) -> tuple[int, int]:
    """Draw as many cuts as a source or drain holds; return the span of its local wire."""
    heights, x = row.heights, column * COLUMN
    bottom = N_BASE if is_n else heights.p_base
    first = 595 if is_n else heights.p_low + 165
    last = first
    for y in range(first, bottom + width - 145 + 1, 360):
        if is_n and y + 165 > heights.n_top:
            break
        sketch.square("licon", x, row.y(y), 85)
        last = y
    return (430 if is_n else heights.p_low), last + 165


def _draw_gates(pens: Pens, row: Laid) -> list[Terminal]:
    """Draw the contacts of gates, one for an NMOS and a PMOS with one gate on one column."""
    heights, terminals = row.heights, []
    n_gates = {(one.x0, one.x1): one for one in row.units if one.unit.kind == "n"}
    p_gates = {(one.x0, one.x1): one for one in row.units if one.unit.kind == "p"}
    for span, one in (*n_gates.items(), *p_gates.items()):
        is_n, other = one.unit.kind == "n", p_gates.get(span)
        joined = other is not None and span in n_gates and other.unit.g == n_gates[span].unit.g
        if joined and not is_n:
            continue
        odd = (one.x0 + one.x1) % 2  # between columns: the contact stands on the next one
        column, x = (one.x0 + one.x1 + odd) // 2, one.mid + odd * COLUMN // 2
        y, li = (heights.n_gate, heights.n_li) if is_n else (heights.p_gate, heights.p_li)
        tracks = heights.gate_tracks if is_n else [heights.p_track]
        net, sketch = one.unit.g, pens.wire(one.unit.g)
        if joined:
            sketch.box(
                "poly", one.mid - 75, row.y(heights.n_gate), one.mid + 75, row.y(heights.p_gate)
            )
            tracks = list(range(heights.n_track, heights.p_track + 1))
        reach = (min(x - 135, one.mid - 75), max(x + 135, one.mid + 75))
        sketch.box("poly", reach[0], row.y(y - 165), reach[1], row.y(y + 165))
        sketch.square("licon", x, row.y(y), 85)
        sketch.square("npc", x, row.y(y), 185)
        sketch.box("li", x - 85, row.y(y - 165), x + 85, row.y(y + 165), net)
        stagger = {heights.n_track: _STAGGER}
        terminals.append(_terminal(row, net, column, x, li, tracks, stagger))
    return terminals


def _terminal(
    row: Laid, net: str, column: int, x: int, li: tuple[int, int], tracks: Iterable[int],
    stagger: Mapping[int, int],
) -> Terminal:  # fmt: skip
    low, high = sorted((row.y(li[0]), row.y(li[1])))
    at = {
        (column, row.track(t)): Access(x, row.y(t * TRACK + stagger.get(t, 0)), low, high)
        for t in tracks
    }
    return Terminal(net, at)
