"""`[parameters.stimulus.<pin>]` of a flow: a shape, and its numbers."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from anaspike.errors import InputError, foremost, reason_of
from anaspike.experiments.netlist_pins import Source, level_of, train
from anaspike.experiments.stimulus import MOST_SPIKES
from anaspike.spice.statements import small
from anaspike.units import parse_quantity, printable, quantity_reader, suggestion, whole_reader

_Second = Annotated[float, BeforeValidator(quantity_reader("s"))]
_Whole = Annotated[int, BeforeValidator(whole_reader())]
_EDGE_S = 1e-9


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def levels(self, pair: tuple[str, str], what: str) -> tuple[float, float, str]:
        """Return two levels and their unit."""
        (low, unit), (high, other) = (level_of(text, what) for text in pair)
        if unit != other:
            raise InputError(f"{what}: {pair[0]} and {pair[1]} are of two kinds")
        return low, high, unit


class Pulse(_Shape):
    """One pulse between two levels."""

    pulse: tuple[str, str]
    start_s: _Second
    width_s: _Second
    edge_s: _Second = _EDGE_S

    def source(self, pin: str, what: str) -> Source:
        """Return the source."""
        low, high, unit = self.levels(self.pulse, what)
        times = (self.start_s, self.width_s, self.edge_s, self.start_s + self.width_s)
        points = train(low, high, *times, spikes=1)
        return Source(pin, unit, points)


class Train(_Shape):
    """Several pulses, one a period."""

    train: tuple[str, str]
    start_s: _Second
    width_s: _Second
    period_s: _Second
    spikes: _Whole
    edge_s: _Second = _EDGE_S

    def source(self, pin: str, what: str) -> Source:
        """Return the source."""
        low, high, unit = self.levels(self.train, what)
        times = (self.start_s, self.width_s, self.edge_s, self.period_s)
        return Source(pin, unit, train(low, high, *times, self.spikes))


class Ramp(_Shape):
    """From one level to another."""

    ramp: tuple[str, str]
    start_s: _Second
    end_s: _Second

    def source(self, pin: str, what: str) -> Source:
        """Return the source."""
        low, high, unit = self.levels(self.ramp, what)
        if not 0 <= self.start_s < self.end_s:
            raise InputError("`end_s` has to come after `start_s`, and neither before 0")
        points = ((0.0, low), (self.start_s, low), (self.end_s, high))
        return Source(pin, unit, points[self.start_s == 0 :])


class Pwl(_Shape):
    """Straight lines from point to point: "0s 0V", "1us 0.9V"."""

    pwl: Annotated[tuple[str, ...], Field(min_length=1, max_length=4 * MOST_SPIKES)]

    def source(self, pin: str, what: str) -> Source:
        """Return the source."""
        points, units = list[tuple[float, float]](), set[str]()
        for text in self.pwl:
            time, _, level = text.strip().partition(" ")
            value, unit = level_of(level, what)
            points.append((parse_quantity(time, "s", what), value))
            units.add(unit)
        if len(units) > 1:
            raise InputError("volts and amperes in one source; use one of them")
        rises = all(a[0] < b[0] for a, b in pairwise(points))
        if not rises or points[0][0] < 0:
            raise InputError("its times have to rise from one to the next, from 0")
        return Source(pin, units.pop(), tuple(points))


_SHAPES: Mapping[str, type[Pulse | Train | Ramp | Pwl]] = {
    "pulse": Pulse, "train": Train, "ramp": Ramp, "pwl": Pwl,
}  # fmt: skip


def read_stimulus(pin: str, table: Mapping[str, Any]) -> Source:
    """Return the source that a table of a flow describes.

    Raises:
        InputError: it has no shape, several, or numbers that make none.
    """
    what = f"stimulus.{printable(pin)}"
    shapes = [name for name in _SHAPES if name in table]
    if len(shapes) != 1:
        wrong = " and ".join(shapes) + " at once" if shapes else "it has no shape"
        raise InputError(f"{what}: {wrong}; give one of {', '.join(_SHAPES)}")
    kind = _SHAPES[shapes[0]]
    try:
        return kind(**table).source(small(pin), what)
    except ValidationError as error:
        first = foremost(error.errors())
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            why = f"unknown; {suggestion(where, kind.model_fields)}"
        else:
            why = reason_of(first["type"], first["msg"])
        raise InputError(f"{what}.{printable(where)}: {why}") from None
    except InputError as error:
        said = str(error)
        raise InputError(said if said.startswith(what) else f"{what}: {said}") from None
