"""What a search may change: sizes within ranges, kinds of transistors, and what follows others."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from anaspike.campaign.optimise import Point, chosen, share_of
from anaspike.campaign.space import Axis, Interval, Value, read_axis
from anaspike.circuits.designs import (
    Design,
    check_devices,
    is_role,
    resized,
    size_given,
    sizes_of,
)
from anaspike.errors import InputError
from anaspike.pdk.catalog import pdk_class
from anaspike.pdk.roles import of_kind
from anaspike.units import parse_quantity, printable, suggestion, unit_of

_TIE = re.compile(r"(?:(?P<factor>[^*]+)\*)?\s*(?P<name>[\w.]+)\s*", re.ASCII)


@dataclass(frozen=True)
class Range:
    """A size that is searched.

    Attributes:
        interval: its dotted name, ends and scale.
        whole: whether it is a whole number: devices in parallel, stages.
    """

    interval: Interval
    whole: bool = False
    among: ClassVar[int] = 0  # it chooses nothing: every fraction counts

    @property
    def name(self) -> str:
        """Dotted name of the size."""
        return self.interval.name

    @property
    def ends(self) -> tuple[Value, ...]:
        """Its smallest and its largest size."""
        return self.interval.low, self.interval.high

    @property
    def said(self) -> list[Value]:
        """The range in plain values."""
        return [*self.ends, "log" if self.interval.log else ""]

    def at(self, fraction: float) -> Value:
        """Return the size at a fraction 0 to 1 of the range; each whole number has its share."""
        low, high = self.interval.low, self.interval.high
        if self.whole and not self.interval.log:
            return min(int(low + fraction * (high - low + 1)), int(high))
        (value,) = self.interval.at(np.array([fraction]))
        return round(value) if self.whole else min(max(_drawn(value), low), high)

    def fraction(self, value: Value) -> float | None:
        """Return where in the range a size lies; None outside."""
        low, high = self.interval.low, self.interval.high
        if isinstance(value, str) or not low <= value <= high:
            return None
        if self.interval.log:
            return float(np.log(value / low) / np.log(high / low))
        return (
            (value - low + 0.5) / (high - low + 1) if self.whole else (value - low) / (high - low)
        )


@dataclass(frozen=True)
class Choice:
    """What is searched among a few: a transistor's kind, or a size of which there are only some.

    Attributes:
        axis: its dotted name, and what it may be.
    """

    axis: Axis

    @property
    def name(self) -> str:
        """Dotted name of the size."""
        return self.axis.name

    @property
    def among(self) -> int:
        """How many there are."""
        return len(self.axis.values)

    @property
    def ends(self) -> tuple[Value, ...]:
        """The smallest and the largest; of kinds, which have no order, all."""
        values = self.axis.values
        numbers = [value for value in values if not isinstance(value, str)]
        return (min(numbers), max(numbers)) if numbers else values

    @property
    def said(self) -> list[Value]:
        """What there is to choose from, in plain values."""
        return [*self.axis.values]

    def at(self, fraction: float) -> Value:
        """Return what a fraction 0 to 1 chooses; each has its share."""
        return self.axis.values[chosen(fraction, self.among)]

    def fraction(self, value: Value) -> float | None:
        """Return the middle of a size's share; None where it is none of them."""
        values = self.axis.values
        return share_of(values.index(value), self.among) if value in values else None


@dataclass(frozen=True)
class Tie:
    """A size that follows another.

    Attributes:
        name: of the size.
        source: of the one that it follows.
        factor: how many times that it is.
        role: of a kind, the design's own: its polarity stays.
    """

    name: str
    source: str
    factor: float = 1.0
    role: str = ""

    def of(self, followed: Value) -> Value:
        """Return the size, of the one that it follows."""
        if isinstance(followed, str):
            return of_kind(self.role, followed)
        return _drawn(self.factor * followed)


@dataclass(frozen=True)
class Sizing:
    """The sizes that are searched: of a design, or entries of a netlist's tables.

    Attributes:
        design: that the search starts from; None for a netlist.
        ranges: of the sizes, and what there is to choose from.
        ties: sizes that follow them.
        known: of a netlist, what may be searched -> what it is.

    Raises:
        InputError: there is no such size, or a range or choice that the process does not allow.
    """

    design: Design | None
    ranges: tuple[Range | Choice, ...]
    ties: tuple[Tie, ...] = ()
    known: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.ranges:
            raise InputError('sizes names nothing to search; write for example "membrane_F" = '
                             '"20fF:50fF"')  # fmt: skip
        names = [one.name for one in self.ranges]
        for tie in self.ties:
            if tie.source not in names or tie.name in names:
                raise InputError(
                    f"tied.{printable(tie.name)}: it follows {printable(tie.source)}; a tied size"
                    " has no range of its own, and follows one that has"
                )
            if bool(tie.role) is not (tie.source in self.kinds) or (tie.role and tie.factor != 1):
                raise InputError(
                    f"tied.{printable(tie.name)}: it follows {printable(tie.source)}; a kind of"
                    " transistor follows a kind, without a factor, and a number follows a number"
                )
        self._check_extremes()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of what is searched that is a transistor's kind, and no number."""
        return tuple(one.name for one in self.ranges if isinstance(one.ends[0], str))

    @property
    def start(self) -> dict[str, Value]:
        """The searched sizes, and those that follow, as the design has them."""
        known: Mapping[str, Value] = self.known if self.design is None else sizes_of(self.design)
        names = (*(one.name for one in self.ranges), *(tie.name for tie in self.ties))
        return {name: known[name] for name in names}

    @property
    def start_point(self) -> Point | None:
        """Where in the ranges the design lies; None outside of one."""
        fractions = [one.fraction(self.start[one.name]) for one in self.ranges]
        inside = [fraction for fraction in fractions if fraction is not None]
        return np.array(inside) if len(inside) == len(fractions) else None

    def at(self, point: Point) -> dict[str, Value]:
        """Return the sizes at a point of the unit cube, shape (ranges,), and what follows them."""
        sizes = {one.name: one.at(float(x)) for one, x in zip(self.ranges, point, strict=True)}
        return {**sizes, **{tie.name: tie.of(sizes[tie.source]) for tie in self.ties}}

    def of(self, sizes: Mapping[str, Value]) -> Design | None:
        """Return the design with these sizes; None for a netlist."""
        return None if self.design is None else resized(self.design, sizes)

    def _check_extremes(self) -> None:
        """Refuse ends of ranges that the process does not allow a transistor, of any searched kind.

        What a netlist's tables may hold is the circuit's to refuse.
        """
        ends = {one.name: one.ends for one in self.ranges}
        ends |= {tie.name: tuple(map(tie.of, ends[tie.source])) for tie in self.ties}
        for name in ends if self.design is not None else ():
            device = name.rpartition(".")[0]
            beside = [name, *(n for n in ends if n != name and n.rpartition(".")[0] == device)]
            together = beside if any(map(is_role, beside)) else [name]
            for values in itertools.product(*(ends[one] for one in together)):
                self._check(name, dict(zip(together, values, strict=True)))

    def _check(self, name: str, sizes: Mapping[str, Value]) -> None:
        """Refuse sizes of one transistor that the circuit or the process refuses."""
        assert self.design is not None  # noqa: S101
        changed = resized(self.design, sizes)
        try:
            check_devices(changed, pdk_class(self.design.pdk))
        except InputError as error:
            raise InputError(f"sizes.{name}: {error}") from None


def _drawn(value: float) -> float:
    """Return a size with four digits: nobody draws more."""
    return float(f"{value:.4g}")


def read_sizing(
    design: Design, sizes: Mapping[str, object], tied: Mapping[str, str] | None = None
) -> Sizing:
    """Read which sizes are searched, as a flow file says it.

    Args:
        design: that the search starts from.
        sizes: dotted name -> "1um:6um", "1um:6um:log", or a list to choose from.
        tied: dotted name -> "comparator.input_pair.w_m", "0.42 * comparator.input_pair.w_m".

    Raises:
        InputError: one of them makes no sense.
    """
    known = sizes_of(design)
    for name in (*sizes, *(tied or {})):
        if name not in known:
            _ = resized(design, {name: 1.0})  # says what may have been meant
    ranges = tuple(_searched(known, name, said) for name, said in sizes.items())
    ties = tuple(_tie(known, name, text) for name, text in (tied or {}).items())
    return Sizing(design, ranges, ties)


def read_entries(
    known: Mapping[str, float], sizes: Mapping[str, object], tied: Mapping[str, str]
) -> Sizing:
    """Read which entries of a netlist's tables are searched, as `read_sizing` reads sizes.

    Args:
        known: "params.wn", "sources.vdd_V" -> what it is.
        sizes, tied: as there.

    Raises:
        InputError: one of them makes no sense.
    """
    for name in (*sizes, *tied):
        if name not in known:
            hint = suggestion(name, known) if known else "it has none"
            raise InputError(f"sizes.{printable(name)}: the netlist has none of that name; {hint}")
    ranges = tuple(_searched(known, name, said) for name, said in sizes.items())
    ties = tuple(_tie(known, name, text) for name, text in tied.items())
    return Sizing(None, ranges, ties, known)


def _searched(known: Mapping[str, Value], name: str, said: object) -> Range | Choice:
    if isinstance(said, list):
        return _choice(known, name, said)
    if isinstance(known[name], str):
        raise InputError(
            f"sizes.{name}: {printable(repr(said))} is no list of kinds; write one,"
            f' ["{known[name]}", ...]'
        )
    if not isinstance(said, str):
        raise InputError(
            f'sizes.{name}: {printable(repr(said))} is no range; write one, "from:to", or a list'
            " of what to choose from"
        )
    return _range(known, name, said)


def _choice(known: Mapping[str, Value], name: str, said: Sequence[object]) -> Choice:
    if len(said) < 2:
        raise InputError(f"sizes.{name}: a choice is among two or more; add one, or leave it out")
    return Choice(Axis(name, tuple(_one_of(known[name], name, one) for one in said)))


def _one_of(own: Value, name: str, said: object) -> Value:
    """Return one of what there is to choose from, as the design's own is: a kind or a number."""
    if isinstance(own, str):
        return size_given(name, said)
    value = parse_quantity(said, unit_of(name), f"sizes.{name}")  # type: ignore[arg-type]
    return _whole(name, value) if isinstance(own, int) else value


def _whole(name: str, value: float) -> int:
    if not value.is_integer():
        raise InputError(f"sizes.{name}: it is a whole number, not {value:g}")
    return int(value)


def _range(known: Mapping[str, Value], name: str, text: str) -> Range:
    found = read_axis(name, text)
    if not isinstance(found, Interval):
        raise InputError(
            f"sizes.{name}: '{printable(text)}' is no range; write from:to, or from:to:log for"
            " equal ratios"
        )
    whole = isinstance(known[name], int)
    if whole and not (found.low.is_integer() and found.high.is_integer()):
        raise InputError(f"sizes.{name}: it is a whole number; so are the ends of its range")
    return Range(found, whole)


def _tie(known: Mapping[str, Value], name: str, text: str) -> Tie:
    said = _TIE.fullmatch(text)
    if said is None:
        raise InputError(
            f"tied.{printable(name)}: '{printable(text)}' names no size; write for example"
            " 0.5 * comparator.input_pair.w_m"
        )
    where = f"tied.{printable(name)}"
    factor = 1.0 if said["factor"] is None else parse_quantity(said["factor"].strip(), "", where)
    own = known[name]
    return Tie(name, said["name"], factor, own if isinstance(own, str) else "")
