"""Which blocks a core or a neuron is assembled from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from anaspike.circuits.block import Block
from anaspike.layout.assembly import Assembly, Part, upside_down
from anaspike.layout.block import Ask, Drawn, first_routed, planned, rows_block
from anaspike.layout.capacitor import capacitor, least_farad
from anaspike.layout.comparator import comparator_block, least_comparator_half
from anaspike.layout.membrane import MEMBRANE, fitted
from anaspike.layout.stack import least_half
from anaspike.layout.units import GROUND, Unit, ports, unit_transistors

_SYNAPSE_ROWS, _MEMORY_ROWS = 3, 2
MEMORY_EXTRA = 2  # tracks more in each row: all latches want the same few lines
_COMPARATOR = "xcomparator."
_BESIDE, _PASSING = 8, 4  # columns on each side of the comparator, for so many wires that pass it
_PITCH = 3  # columns from wire to wire of metal 4
_ENDING = 3  # wires that end there: mem, v_th, vdd


@dataclass(frozen=True)
class Group:
    """Transistors that are drawn as one block.

    Attributes:
        name: of the block.
        units: with the assembly's nets.
        rows: with rails.
        extra: tracks more in each row, for wires.
        upper: nets that the block above goes on with, across the edge between them.
        lower: the same of the block below.
    """

    name: str
    units: tuple[Unit, ...]
    rows: int
    extra: int = 1
    upper: tuple[str, ...] = ()
    lower: tuple[str, ...] = ()

    @property
    def nets(self) -> set[str]:
        """All of its nets."""
        return {net for unit in self.units for net in (unit.d, unit.g, unit.s, unit.b)}


def assembled(
    block: Block,
    core: Block,
    membrane_F: float,
    seed: int = 1,
    rows: int = 2,
) -> Drawn:
    """Draw a core or a neuron.

    Args:
        block: its netlist: `core`, or what holds it as its child `xcore`.
        core: the core's netlist.
        membrane_F: of the membrane, in farad: its capacitor and its wires.
        seed: the first to be tried.
        rows: of the core's logic.

    Raises:
        InputError: a device that no row holds, or no way found for the wires.
    """
    return first_routed(
        lambda attempt: _attempt(block, core, membrane_F, attempt, rows),
        seed,
        "between the blocks ",
    )


def _attempt(block: Block, core: Block, membrane_F: float, seed: int, rows: int) -> Drawn:
    """Draw the blocks of a core or a neuron and join them; NotRouted where there is no way."""
    units, pins = unit_transistors(block), ports(block)
    prefix = "" if block is core else "xcore."
    groups = _groups(units, pins, prefix, rows)
    comparing = [unit for unit in units if unit.name.startswith(f"{prefix}{_COMPARATOR}")]
    alone = unit_transistors(core.children["xcomparator"])
    wanted = _wanted(groups, comparing, pins)
    asks = [_ask(group, wanted, pins) for group in groups]
    own = [pin for pin in pins if pin.startswith(("in", "out", "word"))]
    half = max(
        least_comparator_half(alone) + _beside(len(own)),
        *(least_half(*planned(g.units, a, seed)) for g, a in zip(groups, asks, strict=True)),
    )
    parts: list[Part] = []
    known: list[tuple[Group, Drawn]] = []
    for group, ask in zip(groups, asks, strict=True):
        lower = {net: parts[-1].column(net) for net in group.lower}
        parts.append(_part(group, replace(ask, half=half, lower=lower), known, seed))
    names = _renamed(alone, comparing)
    landings = tuple(port for port, net in names.items() if net in wanted)
    ask = Ask(tuple(ports(core.children["xcomparator"])), ("vdd",), half=half, landings=landings)
    parts.append(Part("comparator", comparator_block(alone, ask), names))
    shared = [pin for pin in pins if pin not in own and pin != MEMBRANE]

    def whole(capacitor_F: float) -> Drawn:
        plate = upside_down(capacitor(MEMBRANE, capacitor_F, half))
        lowest = Part("membrane", plate, {MEMBRANE: MEMBRANE})
        return Assembly([lowest, *parts], shared, own, (MEMBRANE,)).drawn()

    return fitted(whole, block, membrane_F, least_farad(half))


def _groups(units: Sequence[Unit], pins: Sequence[str], prefix: str, core_rows: int) -> list[Group]:
    """Return what is drawn in rows: each synapse on its memory, then the rest of the core."""
    groups = []
    synapses = (u.name.partition(".")[0] for u in units if u.name.startswith("xsynapse"))
    numbers = [name.removeprefix("xsynapse") for name in dict.fromkeys(synapses)]
    for number in numbers:
        synapse = [u for u in units if u.name.startswith(f"xsynapse{number}.")]
        memory = [u for u in units if u.name.startswith(f"xweights{number}.")]
        above = Group(f"synapse{number}", tuple(synapse), _SYNAPSE_ROWS)
        if memory:
            below = Group(f"memory{number}", tuple(memory), _MEMORY_ROWS, MEMORY_EXTRA)
            bits = tuple(sorted((below.nets & above.nets) - {GROUND, *pins}))
            groups.append(replace(below, upper=bits))
            above = replace(above, lower=bits)
        groups.append(above)
    rest = [
        unit
        for unit in units
        if unit.name.startswith(prefix)
        and not unit.name.startswith((f"{prefix}{_COMPARATOR}", "xsynapse", "xweights"))
    ]
    return [*groups, Group("logic", tuple(rest), core_rows)]


def _wanted(groups: Sequence[Group], comparing: Sequence[Unit], pins: Sequence[str]) -> set[str]:
    """Return the nets that must be joined above the blocks."""
    sets = [group.nets for group in groups]
    sets.append({net for unit in comparing for net in (unit.d, unit.g, unit.s, unit.b)})
    several = {net for one in sets for net in one if sum(net in other for other in sets) > 1}
    abutting = {net for group in groups for net in group.upper}
    return (several | set(pins) | {MEMBRANE}) - {GROUND} - abutting


def _ask(group: Group, wanted: set[str], pins: Sequence[str]) -> Ask:
    landings = tuple(sorted(group.nets & wanted))
    supplies = tuple(pin for pin in pins if pin.startswith("vdd"))
    return Ask(
        landings, supplies, group.rows, landings=landings, extra=group.extra, upper=group.upper
    )


def _beside(passing: int) -> int:
    """Return the columns on each side of the comparator that so many wires take that pass it."""
    return _BESIDE if passing <= _PASSING else _PITCH * -(-(passing + _ENDING) // 2)


def _part(group: Group, ask: Ask, known: list[tuple[Group, Drawn]], seed: int) -> Part:
    """Draw a group, or take the drawing of one that differs in the names of its nets alone."""
    for other, drawn in known:
        names = _renamed(other.units, group.units)
        if names and len(set(names.values())) == len(names):
            return Part(group.name, drawn, names)
    drawn = rows_block(group.units, ask, seed)
    known.append((group, drawn))
    return Part(group.name, drawn, {net: net for net in group.nets})


def _renamed(units: Sequence[Unit], others: Sequence[Unit]) -> Mapping[str, str]:
    """Return net -> net of the same place in other units; nothing where they are no copy."""
    names: dict[str, str] = {}
    if len(units) != len(others):
        return {}
    for one, other in zip(units, others, strict=True):
        if (one.kind, one.flavour, one.w_nm, one.l_nm) != (
            other.kind, other.flavour, other.w_nm, other.l_nm,
        ):  # fmt: skip
            return {}
        for a, b in zip(
            (one.d, one.g, one.s, one.b), (other.d, other.g, other.s, other.b), strict=True
        ):
            if names.setdefault(a, b) != b or (a == GROUND) != (b == GROUND):
                return {}
    return names
