"""Which conditions to go through: axes over named parameters, as a grid or as a sample.

Pure values: nothing here knows what the parameters mean.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.units import parse_quantity, parse_whole, printable, suggestion, unit_of

Value = float | int | str
Assignment = Mapping[str, Value]
Sampling = Literal["grid", "list", "lhs", "sobol"]
SAMPLINGS: tuple[Sampling, ...] = get_args(Sampling)

MOST = 100_000
_HOW = "write name=a,b,c or name=from:to:points, :log for equal ratios"


@dataclass(frozen=True)
class Axis:
    """Values of one parameter, in the order given.

    Attributes:
        name: of the parameter, as the study calls it.
        values: at least one, none twice.
    """

    name: str
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise InputError(f"{self.name} has no values; {_HOW}")
        seen: set[Value] = set()
        for value in self.values:
            if value in seen:
                raise InputError(f"{self.name}: {value} stands there twice; give it once")
            seen.add(value)


@dataclass(frozen=True)
class Interval:
    """A range of one parameter, ends included, still without points.

    Attributes:
        name: of the parameter.
        low, high: its ends, in the parameter's unit.
        log: whether equal ratios count, not equal differences.
    """

    name: str
    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise InputError(f"{self.name}: a range needs finite ends")
        if self.low >= self.high:
            what = "is empty" if self.low == self.high else "runs backwards"
            raise InputError(
                f"{self.name}: the range {what}: from {self.low:g} to {self.high:g};"
                f" {'set the ends apart' if self.low == self.high else 'swap the two'}"
            )
        if self.log and self.low <= 0:
            raise InputError(f"{self.name}: equal ratios need a range above 0, not {self.low:g}")

    def at(self, fractions: NDArray[np.float64]) -> tuple[float, ...]:
        """Return the values at fractions 0 to 1 of the range, shape (n,)."""
        if self.log:
            values = self.low * (self.high / self.low) ** fractions
        else:
            values = self.low + (self.high - self.low) * fractions
        # Twelve digits: 0.6000000000000001 is nobody's value.
        return tuple(float(f"{value:.12g}") for value in values)

    def spaced(self, points: int) -> Axis:
        """Return that many values, evenly spaced, both ends included."""
        if not 2 <= points <= MOST:
            raise InputError(
                f"{self.name}: {points} points cannot span a range; use 2 to {MOST} points"
            )
        return Axis(self.name, self.at(np.linspace(0.0, 1.0, points)))


@dataclass(frozen=True)
class Space:
    """Conditions to go through.

    Intervals are sampled together; every axis is crossed with that sample
    and with every other axis (the last one changes fastest), or, as a
    "list", all axes are gone through side by side.

    Attributes:
        axes: parameters with their values.
        intervals: parameters to sample.
        sampling: "sobol" or "lhs" (Latin hypercube) where there are intervals.
        points: how many samples.
        seed: of the sampling.

    Raises:
        InputError: something in it makes no sense.
    """

    axes: tuple[Axis, ...] = ()
    intervals: tuple[Interval, ...] = ()
    sampling: Sampling = "grid"
    points: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        names = self.names
        for name, times in Counter(names).items():
            if times > 1:
                raise InputError(f"{name} is varied twice; give it one axis")
        if self.sampling in {"lhs", "sobol"}:
            self._check_sample()
        elif self.intervals:
            raise InputError(
                f"{self.intervals[0].name} is a range without points; write from:to:points,"
                " or sample it: sobol:64"
            )
        if self.sampling == "list" and len({len(axis.values) for axis in self.axes}) > 1:
            lengths = ", ".join(f"{axis.name} {len(axis.values)}" for axis in self.axes)
            raise InputError(f"a list goes through all axes side by side; their lengths: {lengths}")
        if self._count > MOST:
            raise InputError(f"{self._count} conditions are too many; use at most {MOST}")

    def __len__(self) -> int:
        return self._count

    @property
    def _count(self) -> int:
        """How many conditions; `len` itself knows no number that large."""
        if self.sampling == "list":
            return len(self.axes[0].values) if self.axes else 1
        return math.prod(len(axis.values) for axis in self.axes) * max(1, self.points)

    @property
    def names(self) -> tuple[str, ...]:
        """Every parameter that is varied."""
        return (*(axis.name for axis in self.axes), *(axis.name for axis in self.intervals))

    def assignments(self) -> Iterator[Assignment]:
        """Yield each condition: parameter -> value."""
        columns = [axis.values for axis in self.axes]
        rows = (
            zip(*columns, strict=True) if self.sampling == "list" else itertools.product(*columns)
        )
        samples = self._samples()
        for row in rows:
            for sample in samples:
                yield dict(zip(self.names, (*row, *sample), strict=True))

    def _samples(self) -> list[tuple[float, ...]]:
        if not self.intervals:
            return [()]
        # Here, for it takes longer to load than a command on a warm cache takes to run.
        from scipy.stats import qmc  # noqa: PLC0415

        rng = np.random.default_rng(self.seed)
        sampler: qmc.QMCEngine
        if self.sampling == "sobol":
            sampler = qmc.Sobol(len(self.intervals), scramble=True, rng=rng)
        else:
            sampler = qmc.LatinHypercube(len(self.intervals), rng=rng)
        unit = sampler.random(self.points)
        columns = [interval.at(unit[:, i]) for i, interval in enumerate(self.intervals)]
        return list(zip(*columns, strict=True))

    def _check_sample(self) -> None:
        if not self.intervals:
            raise InputError(
                f"{self.sampling} samples ranges, and there is none; write name=from:to"
            )
        if self.points < 1 or self.seed < 0:
            raise InputError(f"{self.sampling}: use 1 point or more, and a seed from 0")
        if self.sampling == "sobol" and self.points & (self.points - 1):
            power = 1 << self.points.bit_length()
            raise InputError(
                f"a Sobol sample of {self.points} points is unbalanced;"
                f" use a power of two: {power // 2} or {power}"
            )


def read_axis(name: str, text: str) -> Axis | Interval:
    """Read what a parameter goes through: `a,b,c`, `from:to:points`, `from:to`, each `:log`.

    Numbers may carry an SI suffix, and the unit that the name ends with.

    Raises:
        InputError: it is none of these.
    """
    if ":" not in text:
        return Axis(name, tuple(read_value(name, part) for part in text.split(",")))
    low, high, *rest = text.split(":")
    log = rest[-1:] == ["log"]
    rest = rest[:-1] if log else rest
    if len(rest) > 1:
        raise InputError(f"{name}: '{printable(text)}' is no range; {_HOW}")
    low_value, high_value = (parse_quantity(end, unit_of(name), name) for end in (low, high))
    interval = Interval(name, low_value, high_value, log)
    if not rest:
        return interval
    return interval.spaced(parse_whole(rest[0], f"{name}: the number of points"))


def read_value(name: str, value: Value) -> Value:
    """Return a number where it reads as one in the parameter's unit, else the text itself."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text:
        raise InputError(f"{name}: a value is empty; {_HOW}")
    try:
        number = parse_quantity(text, unit_of(name), name)
    except InputError:
        return text
    return int(number) if text.isdecimal() else number


def read_sampling(text: str) -> tuple[Sampling, int]:
    """Read `grid`, `list`, `sobol:64` or `lhs:64`: the way, and how many points.

    Raises:
        InputError: it is none of these.
    """
    way, colon, points = text.partition(":")
    for known in SAMPLINGS:
        if way == known and bool(colon) == (known in {"lhs", "sobol"}):
            return known, parse_whole(points, way) if colon else 0
    hint = "write sobol:64, lhs:64, list or grid"
    if way not in SAMPLINGS:
        hint = f"{suggestion(way, SAMPLINGS)}; {hint}"
    raise InputError(f"'{printable(text)}' is no sampling; {hint}")
