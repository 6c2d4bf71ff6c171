"""What is measured of a circuit that others drew: one line each, in words.

spikes of v(out)                       rate of v(out)          width of v(out) above 0.5V below 0.2V
period of v(out) from 1us              latency of v(out) after 200ns
energy of i(vdd) per spike of v(out)   mean power of i(vdd) from 1us to 2us
v(mem) at 1us                          max of v(mem)           crossing of v(mem) at 0.4V falling
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anaspike.errors import InputError
from anaspike.experiments.measure import Array, Spikes, find_spikes, integrate
from anaspike.experiments.netlist_pins import DUT, Pins
from anaspike.experiments.protocol import Traces
from anaspike.spice.statements import small
from anaspike.units import (
    parse_quantity,
    parse_whole,
    printable,
    suggestion,
    unit_of,
)

_SIGNAL = re.compile(r"(?P<kind>[vi])\((?P<name>[^()\s]+)\)", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z]\w{0,80}", re.ASCII)
_TAKEN = frozenset({"corner", "temperature_C", "seed", "status", "pdk", "message"})
# Word before a number -> the field that it sets, and the number's unit.
_OPTIONS = {
    "above": ("high", "V"), "below": ("low", "V"), "from": ("from_s", "s"), "to": ("to_s", "s"),
    "after": ("after_s", "s"),
}  # fmt: skip
_WINDOW = frozenset({"from", "to"})
_THRESHOLDS = frozenset({"above", "below"})
_HIGH, _LOW = 0.7, 0.3  # of the supply: where a spike begins and ends


@dataclass(frozen=True)
class Measure:
    """One measurement.

    Attributes:
        name: of the quantity, with its unit.
        kind: what is measured, as in `KINDS`.
        signal: vector that it is measured of.
        voltage: vector of the voltage where that current flows, of energy and power.
        spikes: vector whose spikes an energy is shared by; "" for all of it.
        high, low: thresholds of a spike; of a crossing `high` is its level.
        from_s, to_s: window, in seconds.
        after_s: of a latency, from when it counts.
        at_s: of a value, when.
        number: which crossing.
        falling: whether a crossing falls; None where either does.
    """

    name: str
    kind: str
    signal: str
    voltage: str = ""
    spikes: str = ""
    high: float = math.nan
    low: float = math.nan
    from_s: float = 0.0
    to_s: float = math.inf
    after_s: float = 0.0
    at_s: float = math.nan
    number: int = 1
    falling: bool | None = None

    @property
    def vectors(self) -> tuple[str, ...]:
        """What it needs of a run."""
        return tuple(filter(None, (self.signal, self.voltage, self.spikes)))

    def value(self, traces: Traces) -> float | None:
        """Return what came out, in base units; None where it did not happen."""
        found = KINDS[self.kind].value(self, traces)
        return None if found is None or not math.isfinite(found) else float(found)

    def trace(self, traces: Traces) -> Array:
        """Return what is measured: a voltage, or the current that a source drives into its pin."""
        values = traces[self.signal]
        return -values if self.signal.startswith("i(") else values

    def end_s(self, traces: Traces) -> float:
        """Return the end of its window."""
        return min(self.to_s, float(traces.time_s[-1]))

    def found(self, traces: Traces, vector: str = "") -> Spikes:
        """Return the spikes that begin in its window."""
        spikes = find_spikes(traces.time_s, traces[vector or self.signal], self.high, self.low)
        inside = (spikes.rise_s >= max(self.from_s, self.after_s)) & (spikes.rise_s <= self.to_s)
        return Spikes(spikes.rise_s[inside], spikes.width_s[inside])


@dataclass(frozen=True)
class _Kind:
    """A kind of measurement.

    Attributes:
        unit: of what comes out; None for that of the signal.
        of: "v", "i" or "vi": what it is of.
        options: words that it takes.
        value: what works it out.
    """

    unit: str | None
    of: str
    options: frozenset[str]
    value: Callable[[Measure, Traces], float | None]


def _rate(one: Measure, traces: Traces) -> float | None:
    period = _period(one, traces)
    return None if period is None else 1 / period


def _period(one: Measure, traces: Traces) -> float | None:
    rises = one.found(traces).rise_s
    return float(rises[-1] - rises[0]) / (len(rises) - 1) if len(rises) > 1 else None


def _width(one: Measure, traces: Traces) -> float | None:
    widths = one.found(traces).width_s
    whole = widths[~np.isnan(widths)]
    return float(whole.mean()) if len(whole) else None


def _latency(one: Measure, traces: Traces) -> float | None:
    rises = one.found(traces).rise_s
    return float(rises[0]) - one.after_s if len(rises) else None


def _energy(one: Measure, traces: Traces) -> float | None:
    power_W = traces[one.voltage] * one.trace(traces)
    energy_J = integrate(traces.time_s, power_W, one.from_s, one.end_s(traces))
    if not one.spikes:
        return energy_J
    spikes = len(one.found(traces, one.spikes))
    return energy_J / spikes if spikes else None


def _power(one: Measure, traces: Traces) -> float | None:
    energy_J = _energy(one, traces)
    return None if energy_J is None else energy_J / (one.end_s(traces) - one.from_s)


def _inside(one: Measure, traces: Traces) -> Array:
    """Return the samples in a window, its ends interpolated."""
    time_s, values = traces.time_s, one.trace(traces)
    end_s = one.end_s(traces)
    ends = np.interp([one.from_s, end_s], time_s, values)
    return np.concatenate((ends, values[(time_s > one.from_s) & (time_s < end_s)]))


def _mean(one: Measure, traces: Traces) -> float | None:
    end_s = one.end_s(traces)
    return integrate(traces.time_s, one.trace(traces), one.from_s, end_s) / (end_s - one.from_s)


def _crossing(one: Measure, traces: Traces) -> float | None:
    time_s, values = traces.time_s, one.trace(traces) - one.high
    rises = (values[:-1] < 0) & (values[1:] >= 0)
    falls = (values[:-1] > 0) & (values[1:] <= 0)
    wanted = rises | falls if one.falling is None else falls if one.falling else rises
    at = np.flatnonzero(wanted)
    part = -values[at] / (values[at + 1] - values[at])
    times = time_s[at] + part * (time_s[at + 1] - time_s[at])
    inside = times[(times >= one.from_s) & (times <= one.to_s)]
    return float(inside[one.number - 1]) if len(inside) >= one.number else None


_OF_SPIKES = _WINDOW | _THRESHOLDS
KINDS: Mapping[str, _Kind] = {
    "spikes": _Kind("", "v", _OF_SPIKES, lambda one, traces: float(len(one.found(traces)))),
    "rate": _Kind("Hz", "v", _OF_SPIKES, _rate),
    "width": _Kind("s", "v", _OF_SPIKES, _width),
    "period": _Kind("s", "v", _OF_SPIKES, _period),
    "latency": _Kind("s", "v", _THRESHOLDS | {"after"}, _latency),
    "energy": _Kind("J", "i", _OF_SPIKES, _energy),
    "power": _Kind("W", "i", _WINDOW, _power),
    "max": _Kind(None, "vi", _WINDOW, lambda one, traces: float(_inside(one, traces).max())),
    "min": _Kind(None, "vi", _WINDOW, lambda one, traces: float(_inside(one, traces).min())),
    "mean": _Kind(None, "vi", _WINDOW, _mean),
    "crossing": _Kind("s", "vi", _WINDOW | {"number"}, _crossing),
    "value": _Kind(
        None, "vi", frozenset(),
        lambda one, traces: float(np.interp(one.at_s, traces.time_s, one.trace(traces))),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class _Reader:
    """Reads measurements of one bench."""

    pins: Pins
    stop_s: float
    supply_V: float

    def read(self, name: str, text: str) -> Measure:
        what = f"measure.{printable(name)}"
        if not _NAME.fullmatch(name) or name in _TAKEN:
            raise InputError(f"{what}: that is no name of a quantity; use letters, digits and _")
        words = [small(word) if word.isalpha() else word for word in text.split()]
        if len(words) > 2 and words[0] == "mean" and words[1] == "power":
            del words[0]
        if len(words) == 3 and words[1] == "at":
            one = Measure(name, "value", words[0], at_s=self._time(words[2], what))
            rest = list[str]()
        elif len(words) >= 3 and words[1] == "of" and words[0] in KINDS:
            one, rest = Measure(name, words[0], words[2]), words[3:]
        else:
            kinds = ", ".join(kind for kind in KINDS if kind != "value")
            raise InputError(
                f"{what}: '{printable(text)}' measures nothing; write v(x) at 1us, or one of"
                f" {kinds}, as in: spikes of v(out)"
            )
        kind = KINDS[one.kind]
        letter, vector, voltage = self._signal(one.signal, kind.of, what)
        unit = {"v": "V", "i": "A"}[letter] if kind.unit is None else kind.unit
        if unit_of(name) != unit:
            is_in = (
                f"is in {unit}; call it {name.rpartition('_')[0] or name}_{unit}"
                if unit
                else (f"is a plain number; call it without the {unit_of(name)}")
            )
            raise InputError(f"{what}: what '{one.kind}' gives {is_in}")
        one = replace(one, signal=vector, voltage=voltage if kind.unit in {"J", "W"} else "")
        return self._checked(self._options(one, rest, kind, unit_of_signal(letter), what), what)

    def _options(
        self, one: Measure, rest: list[str], kind: _Kind, signal_unit: str, what: str
    ) -> Measure:
        high_V = self.supply_V
        one = replace(one, high=_HIGH * high_V, low=_LOW * high_V)
        if one.kind == "latency":
            one = replace(one, after_s=self.pins.begins_s)
        if one.kind == "crossing":
            if len(rest) < 2 or rest[0] != "at":
                raise InputError(f"{what}: of which level? Write crossing of v(x) at 0.4V")
            one, rest = replace(one, high=parse_quantity(rest[1], signal_unit, what)), rest[2:]
            if rest[:1] in (["rising"], ["falling"]):
                one, rest = replace(one, falling=rest[0] == "falling"), rest[1:]
        if one.kind == "energy" and rest[:3] == ["per", "spike", "of"] and len(rest) > 3:
            _, vector, _ = self._signal(rest[3], "v", what)
            one, rest = replace(one, spikes=vector), rest[4:]
        seen: set[str] = set()
        while rest:
            word, number = (*rest[:2], "")[:2]
            if word not in kind.options or not number or word in seen:
                known = ", ".join(sorted(kind.options - seen))
                mend = f"it takes {known}" if known else "leave it out"
                raise InputError(f"{what}: '{printable(' '.join(rest))}' is not understood; {mend}")
            seen.add(word)
            one = _with_option(one, word, number, what)
            rest = rest[2:]
        return one

    def _checked(self, one: Measure, what: str) -> Measure:
        """Refuse what no run can give."""
        for time_s in (one.from_s, one.after_s, *([] if math.isnan(one.at_s) else [one.at_s])):
            if not 0 <= time_s <= self.stop_s:
                raise InputError(
                    f"{what}: {time_s:g} s is not in the run, which ends at {self.stop_s:g} s"
                )
        if one.from_s >= min(one.to_s, self.stop_s):
            raise InputError(f"{what}: its window is empty; set from before to")
        if math.isfinite(one.to_s) and one.to_s > self.stop_s:
            raise InputError(f"{what}: its window ends after the run, {self.stop_s:g} s")
        if one.kind != "crossing" and not one.low < one.high:
            raise InputError(f"{what}: a spike ends below where it begins; set below under above")
        return one

    def _time(self, text: str, what: str) -> float:
        return parse_quantity(text, "s", what)

    def _signal(self, text: str, of: str, what: str) -> tuple[str, str, str]:
        """Return a signal's letter, its vector, and the voltage at the same pin."""
        found = _SIGNAL.fullmatch(text)
        letter = small(found["kind"]) if found else ""
        if found is None or letter not in of:
            wanted = " or ".join({"v": "v(node)", "i": "i(pin)"}[one] for one in of)
            raise InputError(f"{what}: '{printable(text)}' is not {wanted}")
        name = small(found["name"])
        return (
            letter,
            *(self._voltage(name, what) if letter == "v" else self._current(name, what)),
        )

    def _voltage(self, name: str, what: str) -> tuple[str, str]:
        node = self.pins.node.get(name)
        if node == "0":
            raise InputError(f"{what}: {printable(name)} is ground")
        return f"v({node or f'{DUT}.{name}'})", ""

    def _current(self, name: str, what: str) -> tuple[str, str]:
        fed = [source.pin for source in self.pins.sources]
        if name not in fed:
            hint = suggestion(name, fed) if fed else "none has"
            raise InputError(f"{what}: no source is at {printable(name)}; {hint}")
        node = self.pins.node[name]
        return f"i(v{node})", f"v({node})"


def _with_option(one: Measure, word: str, number: str, what: str) -> Measure:
    if word == "number":
        return replace(one, number=parse_whole(number, what, 1))
    field, unit = _OPTIONS[word]
    changes: dict[str, Any] = {field: parse_quantity(number, unit, what)}
    return replace(one, **changes)


def unit_of_signal(letter: str) -> str:
    """Return the unit of a voltage or a current."""
    return {"v": "V", "i": "A"}[letter]


def read_measures(
    given: Mapping[str, str], pins: Pins, stop_s: float, vdd_V: float
) -> tuple[Measure, ...]:
    """Return the measurements that a flow names.

    Args:
        given: quantity -> what it is, in words.
        pins: of the bench.
        stop_s: end of the run, in seconds.
        vdd_V: what a spike's thresholds are taken of where no voltage is supplied.

    Raises:
        InputError: one is not understood, names what is not there, or no run can give it.
    """
    if not given:
        raise InputError('measure is empty; write for example spikes = "spikes of v(out)"')
    reader = _Reader(pins, stop_s, pins.nominal or vdd_V)
    return tuple(reader.read(name, text) for name, text in given.items())
