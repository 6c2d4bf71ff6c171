"""What a search may change: sizes of the neuron, their ranges, and sizes that follow others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from anaspike.campaign.optimise import Point
from anaspike.campaign.space import Interval, read_axis
from anaspike.circuits.designs import Design, check_devices, resized, sizes_of
from anaspike.errors import InputError
from anaspike.pdk.catalog import pdk_class
from anaspike.units import parse_quantity, printable, suggestion

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

    @property
    def name(self) -> str:
        """Dotted name of the size."""
        return self.interval.name

    def at(self, fraction: float) -> float:
        """Return the size at a fraction 0 to 1 of the range; each whole number has its share."""
        low, high = self.interval.low, self.interval.high
        if self.whole and not self.interval.log:
            return min(int(low + fraction * (high - low + 1)), int(high))
        (value,) = self.interval.at(np.array([fraction]))
        return round(value) if self.whole else min(max(_drawn(value), low), high)

    def fraction(self, value: float) -> float | None:
        """Return where in the range a size lies; None outside."""
        low, high = self.interval.low, self.interval.high
        if not low <= value <= high:
            return None
        if self.interval.log:
            return float(np.log(value / low) / np.log(high / low))
        return (
            (value - low + 0.5) / (high - low + 1) if self.whole else (value - low) / (high - low)
        )


@dataclass(frozen=True)
class Tie:
    """A size that follows another.

    Attributes:
        name: of the size.
        source: of the one that it follows.
        factor: how many times that it is.
    """

    name: str
    source: str
    factor: float = 1.0


@dataclass(frozen=True)
class Sizing:
    """The sizes that are searched: of a design, or entries of a netlist's tables.

    Attributes:
        design: that the search starts from; None for a netlist.
        ranges: of the sizes.
        ties: sizes that follow them.
        known: of a netlist, what may be searched -> what it is.

    Raises:
        InputError: there is no such size, or a range that the process does not allow.
    """

    design: Design | None
    ranges: tuple[Range, ...]
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
        for one in self.ranges:
            for end in (one.interval.low, one.interval.high):
                self._check(one.name, end)
                for tie in self.ties:
                    if tie.source == one.name:
                        self._check(tie.name, tie.factor * end)

    @property
    def start(self) -> dict[str, float]:
        """The searched sizes, and those that follow, as the design has them."""
        known = self.known if self.design is None else sizes_of(self.design)
        names = (*(one.name for one in self.ranges), *(tie.name for tie in self.ties))
        return {name: known[name] for name in names}

    @property
    def start_point(self) -> Point | None:
        """Where in the ranges the design lies; None outside of one."""
        fractions = [one.fraction(self.start[one.name]) for one in self.ranges]
        inside = [fraction for fraction in fractions if fraction is not None]
        return np.array(inside) if len(inside) == len(fractions) else None

    def at(self, point: Point) -> dict[str, float]:
        """Return the sizes at a point of the unit cube, shape (ranges,), and what follows them."""
        sizes = {one.name: one.at(float(x)) for one, x in zip(self.ranges, point, strict=True)}
        tied = {tie.name: _drawn(tie.factor * sizes[tie.source]) for tie in self.ties}
        return {**sizes, **tied}

    def of(self, sizes: Mapping[str, float]) -> Design | None:
        """Return the design with these sizes; None for a netlist."""
        return None if self.design is None else resized(self.design, sizes)

    def _check(self, name: str, value: float) -> None:
        """Refuse a size that the circuit or the process refuses."""
        if self.design is None:
            return  # it is the circuit's to refuse
        changed = resized(self.design, {name: value})
        try:
            check_devices(changed, pdk_class(self.design.pdk))
        except InputError as error:
            raise InputError(f"sizes.{name}: {error}") from None


def _drawn(value: float) -> float:
    """Return a size with four digits: nobody draws more."""
    return float(f"{value:.4g}")


def read_sizing(
    design: Design, sizes: Mapping[str, str], tied: Mapping[str, str] | None = None
) -> Sizing:
    """Read which sizes are searched, as a flow file says it.

    Args:
        design: that the search starts from.
        sizes: dotted name -> "1um:6um", "1um:6um:log".
        tied: dotted name -> "comparator.input_pair.w_m", "0.42 * comparator.input_pair.w_m".

    Raises:
        InputError: one of them makes no sense.
    """
    known = sizes_of(design)
    for name in sizes:
        if name not in known:
            _ = resized(design, {name: 1.0})  # says what may have been meant
    ranges = tuple(_range(known, name, text) for name, text in sizes.items())
    ties = tuple(_tie(name, text) for name, text in (tied or {}).items())
    return Sizing(design, ranges, ties)


def read_entries(
    known: Mapping[str, float], sizes: Mapping[str, str], tied: Mapping[str, str]
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
    ranges = tuple(_range(known, name, text) for name, text in sizes.items())
    return Sizing(None, ranges, tuple(_tie(name, text) for name, text in tied.items()), known)


def _range(known: Mapping[str, float], name: str, text: str) -> Range:
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


def _tie(name: str, text: str) -> Tie:
    said = _TIE.fullmatch(text)
    if said is None:
        raise InputError(
            f"tied.{printable(name)}: '{printable(text)}' names no size; write for example"
            " 0.5 * comparator.input_pair.w_m"
        )
    where = f"tied.{printable(name)}"
    factor = 1.0 if said["factor"] is None else parse_quantity(said["factor"].strip(), "", where)
    return Tie(name, said["name"], factor)
