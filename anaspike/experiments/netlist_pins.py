"""What stands at the pins of a circuit that others drew: supplies, stimuli, loads, ground."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from anaspike.errors import InputError
from anaspike.experiments.stimulus import MOST_SPIKES
from anaspike.spice.netlist import GROUND
from anaspike.spice.statements import small
from anaspike.units import parse_quantity, printable, spice_number, suggestion

DUT = "xdut"  # the circuit's name on the bench
_PLAIN = re.compile(r"[\w!#+-]+", re.ASCII)
_UNFIT = re.compile(r"\W", re.ASCII)
_ENDS = {"V": ("V",), "A": ("A",), "F": ("F",), "ohm": ("ohm", "ohms", "Ohm", "Ω")}
_HOW = "write ground, supply 0.9V, supply 20nA, stimulus, load 5fF, load 1Mohm, open, or with PIN"


@dataclass(frozen=True)
class Source:
    """A source from ground to a pin.

    Attributes:
        pin: that it feeds.
        unit: "V", or "A" of a current into the pin.
        points: (time in seconds, level), piecewise linear; one alone stands for ever.
    """

    pin: str
    unit: str
    points: tuple[tuple[float, float], ...]

    @property
    def most(self) -> float:
        """Its highest level."""
        return max(level for _, level in self.points)

    @property
    def begins_s(self) -> float | None:
        """When it first changes; None of a constant one."""
        return next((a[0] for a, b in pairwise(self.points) if a[1] != b[1]), None)

    def at(self, level: float) -> "Source":
        """Return it with another level: of one that changes, its highest one is moved there.

        Raises:
            InputError: it is never above where it begins, so that nothing can be moved.
        """
        if len(self.points) == 1:
            return replace(self, points=((0.0, level),))
        low, high = self.points[0][1], self.most
        if high == low:
            raise InputError(f"the stimulus of {self.pin} never rises; there is no level to move")
        scale = (level - low) / (high - low)
        moved = ((time_s, low + scale * (value - low)) for time_s, value in self.points)
        return replace(self, points=tuple(moved))

    def lines(self, node: str) -> tuple[str, ...]:
        """Return it as SPICE text. In `i(v<node>)` flows what comes out of the pin."""
        if len(self.points) == 1:
            value = spice_number(self.points[0][1])
        else:
            numbers = (f"{spice_number(t)} {spice_number(v)}" for t, v in self.points)
            value = "pwl(\n" + "\n".join(f"+ {pair}" for pair in numbers) + "\n+ )"
        if self.unit == "V":
            return (f"v{node} {node} 0 {value}",)
        return (f"v{node} {node} {node}_source 0", f"i{node} 0 {node}_source {value}")


@dataclass(frozen=True)
class Pins:
    """Where each pin of a circuit goes.

    Attributes:
        nodes: (pin, node) of each, in order; "0" is ground.
        sources: that feed them.
        loads: (node, unit, value): farad or ohm to ground.
    """

    nodes: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]
    loads: tuple[tuple[str, str, float], ...]

    @property
    def node(self) -> Mapping[str, str]:
        """Pin -> node."""
        return dict(self.nodes)

    @property
    def nominal(self) -> float | None:
        """The highest voltage of a constant source; None where there is none."""
        levels = [s.most for s in self.sources if s.unit == "V" and len(s.points) == 1]
        return max(levels, default=None)

    @property
    def begins_s(self) -> float:
        """When the first stimulus begins, in seconds; 0 without one."""
        times = (source.begins_s for source in self.sources)
        return min((time for time in times if time is not None), default=0.0)

    def text(self, ports: Iterable[str], called: str) -> str:
        """Return the bench as SPICE text.

        Args:
            ports: of the circuit, in its order.
            called: its name in the deck.
        """
        node, placed = self.node, tuple(ports)
        lines = [f"{DUT} {' '.join(node[pin] for pin in placed)} {called}"]
        # A node that is the same everywhere has its name, wherever it goes.
        tied = [(pin, at) for pin, at in self.nodes if pin not in placed and pin != at]
        lines += [f"vtie{i} {pin} {at} 0" for i, (pin, at) in enumerate(tied, 1)]
        for source in self.sources:
            lines += source.lines(node[source.pin])
        for at, unit, value in self.loads:
            kind = "c" if unit == "F" else "r"
            lines.append(f"{kind}load_{at} {at} 0 {spice_number(value)}")
        return "\n".join(lines)


def level_of(text: str, what: str, units: Iterable[str] = ("V", "A")) -> tuple[float, str]:
    """Return a number and which of several units it is in.

    Raises:
        InputError: it is in none of them.
    """
    for unit in units:
        if text.strip().endswith(_ENDS[unit]):
            return parse_quantity(text.strip(), unit, what), unit
    example = {"V": "0.9V", "A": "20nA", "F": "5fF", "ohm": "1Mohm"}
    raise InputError(
        f"{what}: '{printable(text)}' has no unit; write {' or '.join(example[u] for u in units)}"
    )


def read_pins(
    given: Mapping[str, str],
    stimuli: Mapping[str, Source],
    ports: Iterable[str],
    common: Iterable[str],
    vdd_V: float,
) -> Pins:
    """Return where the pins of a circuit go, as a flow says.

    Args:
        given: pin -> "ground", "supply", "supply 0.9V", "stimulus", "load 5fF", "open", "with PIN".
        stimuli: pin -> its stimulus.
        ports, common: the circuit's pins, and the nodes that are the same everywhere in it.
        vdd_V: of a supply without a number.

    Raises:
        InputError: a pin that is missing, or that the circuit does not have; what makes no sense.
    """
    said = {small(pin): text.split(maxsplit=1) for pin, text in given.items()}
    pins = dict.fromkeys((*ports, *common))
    _check_pins(said, stimuli, list(pins), len(given))
    names = {pin: _node(pin, list(pins)) for pin in pins}
    nodes, sources, loads = dict[str, str](), list[Source](), list[tuple[str, str, float]]()
    for pin in pins:
        kind, rest = (*said[pin], "", "")[:2]
        what, nodes[pin] = f"pins.{printable(pin)}", names[pin]
        if pin in GROUND and kind != "ground":
            raise InputError(f"{what}: to SPICE {pin} is ground itself; write ground")
        if kind == "with":
            nodes[pin] = _other(pin, small(rest), said, names)
        elif kind == "load" and rest:
            value, unit = level_of(rest, what, ("F", "ohm"))
            if value <= 0:
                raise InputError(f"{what}: a load of {printable(rest)} is none; leave it out: open")
            loads.append((names[pin], unit, value))
        elif kind == "supply":
            value, unit = level_of(rest, what) if rest else (vdd_V, "V")
            sources.append(Source(pin, unit, ((0.0, value),)))
        elif kind == "stimulus" and not rest:
            sources.append(stimuli[pin])
        elif kind == "ground" and not rest:
            nodes[pin] = "0"
        elif kind != "open" or rest:
            raise InputError(f"{what}: '{printable(' '.join(said[pin]))}' is nothing; {_HOW}")
    return Pins(tuple(nodes.items()), tuple(sources), tuple(loads))


def _check_pins(
    said: Mapping[str, list[str]], stimuli: Mapping[str, Source], pins: list[str], given: int
) -> None:
    if len(said) < given:
        raise InputError("pins: one is given twice, in large letters and in small; SPICE knows one")
    if strange := next((pin for pin in said if pin not in pins), None):
        raise InputError(
            f"pins.{printable(strange)}: the circuit has no such pin; {suggestion(strange, pins)}"
        )
    if missing := [pin for pin in pins if not said.get(pin)]:
        raise InputError(f"pins: nothing is said of {', '.join(map(printable, missing))}; {_HOW}")
    for pin, words in said.items():
        if (words[0] == "stimulus") != (pin in stimuli):
            shown = printable(pin)
            if pin in stimuli:
                raise InputError(f"stimulus.{shown}: the pin is no stimulus; write it in pins")
            raise InputError(
                f"pins.{shown}: a stimulus, but [parameters.stimulus.{shown}] is not there"
            )
    if strange := next((pin for pin in stimuli if pin not in said), None):
        hint = suggestion(strange, pins)
        raise InputError(f"stimulus.{printable(strange)}: there is no such pin; {hint}")


def _node(pin: str, pins: list[str]) -> str:
    """Return the node outside of a pin: of its name, where that is one outside too."""
    if pin in GROUND:
        return "0"
    if _PLAIN.fullmatch(pin):
        return pin
    return f"pin{pins.index(pin) + 1}_{_UNFIT.sub('_', pin)}"


def _other(pin: str, other: str, said: Mapping[str, list[str]], names: Mapping[str, str]) -> str:
    """Return the node of the pin that another goes with."""
    words = said.get(other, [])
    if other == pin or not words or words[0] == "with":
        known = [name for name, its in said.items() if its[0] != "with"]
        raise InputError(
            f"pins.{printable(pin)}: with {printable(other) or 'what'}? Name another pin;"
            f" {suggestion(other, known)}"
        )
    return "0" if words[0] == "ground" else names[other]


def train(
    low: float, high: float, start_s: float, width_s: float, edge_s: float, period_s: float,
    spikes: int,
) -> tuple[tuple[float, float], ...]:  # fmt: skip
    """Return a train as points; width from the start of a rise to the start of the fall.

    Raises:
        InputError: times that do not follow one another, or too many spikes.
    """
    if not 1 <= spikes <= MOST_SPIKES:
        raise InputError(f"a train of {spikes} spikes is none; use 1 to {MOST_SPIKES}")
    if start_s <= 0 or edge_s <= 0:
        raise InputError("`start_s` and `edge_s` have to be above 0: a step takes its time")
    if width_s < edge_s or (spikes > 1 and width_s + edge_s >= period_s):
        raise InputError("edge, width and period do not fit; edge_s <= width_s < period_s - edge_s")
    points = [(0.0, low)]
    for i in range(spikes):
        rise_s = start_s + i * period_s
        fall_s = rise_s + width_s
        points += [(rise_s, low), (rise_s + edge_s, high)]
        points += [(fall_s, high)] if width_s > edge_s else []
        points += [(fall_s + edge_s, low)]
    return tuple(points)
