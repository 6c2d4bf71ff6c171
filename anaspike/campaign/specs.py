"""Specifications: a measured quantity against its limits, judged with its margin."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anaspike.campaign.quantities import Quantity, as_rows, condition_of, number_of
from anaspike.errors import InputError
from anaspike.units import unit_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Spec:
    """Limits of one quantity; each may be missing, not both of least and most.

    Attributes:
        quantity: name, with its unit: `max_rate_Hz`.
        least, most: the limits, in the quantity's unit.
        typical: what is hoped for; shown, not judged.
        why: where the limit comes from, in words.
        share: of the conditions that must meet it, where there are several.
        pdk: the process that it is for; None for all that have no bound of their own.
    """

    quantity: str
    least: float | None = None
    most: float | None = None
    typical: float | None = None
    why: str = ""
    share: float = 1.0
    pdk: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise InputError(
                f"spec {self.quantity}: a yield of {self.share:g} is none; use above 0 to 1"
            )
        limits = [limit for limit in (self.least, self.most) if limit is not None]
        if not limits or not all(math.isfinite(limit) for limit in limits):
            raise InputError(f"spec {self.quantity} needs a finite min or max")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise InputError(
                f"spec {self.quantity}: min {self.least:g} is above max {self.most:g}; swap them"
            )
        if self.typical is not None and not self.distance(self.typical) >= 0:
            raise InputError(
                f"spec {self.quantity}: typ {self.typical:g} is not within its own min and max"
            )

    def distance(self, measured: float | None) -> float:
        """Return how far within its limits a value is, in the quantity's unit; negative outside.

        What could not be measured is infinitely far outside.
        """
        if measured is None or not math.isfinite(measured):
            return -math.inf
        below = math.inf if self.least is None else measured - self.least
        above = math.inf if self.most is None else self.most - measured
        return min(below, above)

    def margin(self, measured: float | None) -> float | None:
        """Return the distance to the nearest limit over that limit's size, negative outside.

        None when nothing was measured, or the limit is 0.
        """
        if measured is None or not math.isfinite(measured):
            return None
        margins = [
            (measured - limit if lower else limit - measured) / abs(limit)
            for limit, lower in ((self.least, True), (self.most, False))
            if limit
        ]
        return min(margins, default=None)


@dataclass(frozen=True)
class Verdict:
    """A quantity judged, under all conditions that it was measured under.

    Attributes:
        spec: what it was judged by.
        measured: the worst value; None when one could not be measured, which fails.
        met: whether it is within all limits, under as many conditions as must be.
        margin: of the worst value.
        rows: under how many conditions it was judged.
        within: under how many of them it is within its limits.
        counted: what is counted in both: "conditions", or "chips" where several conditions
            are one chip.
        worst: in words, the condition of the worst value; "" where there is one alone.
    """

    spec: Spec
    measured: float | None
    met: bool
    margin: float | None
    rows: int = 1
    within: int = 0
    counted: str = "conditions"
    worst: str = ""


@dataclass(frozen=True)
class Unjudged:
    """A quantity that no verdict is about.

    Attributes:
        quantity: its name.
        why: "" where it has no limit; else why that does not hold here.
    """

    quantity: str
    why: str = ""


def judge(specs: Iterable[Spec], quantities: Mapping[str, Quantity]) -> tuple[Verdict, ...]:
    """Judge each quantity that has a spec, by its worst condition.

    Raises:
        InputError: a spec names a quantity that was not asked of the circuit.
    """
    return tuple(_judged(spec, quantities) for spec in specs)


def for_process(specs: Iterable[Spec], pdk: str) -> list[Spec]:
    """Return the specs that hold on a process: its own bound takes the place of everybody's."""
    every = list(specs)
    own = {spec.quantity for spec in every if spec.pdk == pdk}
    return [
        spec for spec in every if spec.pdk == pdk or (spec.pdk is None and spec.quantity not in own)
    ]


def unjudged(
    specs: Iterable[Spec], judged: Sequence[Spec], quantities: Iterable[str], why: str = ""
) -> tuple[Unjudged, ...]:
    """Return what no verdict is about: quantities without a limit, limits of other processes.

    Args:
        specs: all that were given.
        judged: those of them that led to a verdict.
        quantities: names of all that was measured.
        why: what kept specs of this process from being judged.
    """
    done = {spec.quantity for spec in judged}
    others: dict[str, list[str]] = {}
    for spec in specs:
        if spec.quantity not in done:
            others.setdefault(spec.quantity, []).append(spec.pdk or "")
    reasons = {
        name: why if "" in pdks else f"its limits are for {', '.join(dict.fromkeys(pdks))}"
        for name, pdks in others.items()
    }
    left = dict.fromkeys([*reasons, *(name for name in quantities if name not in done)])
    return tuple(Unjudged(name, reasons.get(name, "")) for name in left)


def flat(quantities: Mapping[str, Quantity], specs: Iterable[Spec]) -> dict[str, float | None]:
    """Return quantities as one number each, for a row of a table.

    Of several values it is the worst by its spec; without one, the least and the most:
    `period_least_s`, `period_most_s`.
    """
    by_name = {spec.quantity: spec for spec in specs}
    numbers: dict[str, float | None] = {}
    for name, quantity in quantities.items():
        values = as_rows(quantity)
        if len(values) < 2 or name in by_name:
            numbers[name] = _at(values, _worst(by_name.get(name), values))
        else:
            least, most = ends_of(name)
            numbers |= {least: number_of(values.min()), most: number_of(values.max())}
    return numbers


def ends_of(name: str) -> tuple[str, str]:
    """Return the names of a quantity's least and most; its unit stays last."""
    unit = unit_of(name)
    bare = name.removesuffix(f"_{unit}") if unit else name
    least, most = (f"{bare}_{end}_{unit}" if unit else f"{bare}_{end}" for end in ("least", "most"))
    return least, most


def _judged(spec: Spec, quantities: Mapping[str, Quantity]) -> Verdict:
    if spec.quantity not in quantities:
        raise InputError(
            f"spec {spec.quantity} names no measured quantity; there is {', '.join(quantities)}"
        )
    values = as_rows(quantities[spec.quantity])
    within = sum(spec.distance(value) >= 0 for value in values)
    place = _worst(spec, values)
    measured = _at(values, place)
    return Verdict(
        spec,
        measured,
        met=len(values) > 0 and within >= spec.share * len(values) - 1e-9,
        margin=spec.margin(measured),
        rows=len(values),
        within=within,
        worst="" if place is None else condition_of(values, place),
    )


def _worst(spec: Spec | None, values: "pd.Series[float]") -> int | None:
    """Return the place of the value that is nearest to missing a spec, or misses it most."""
    places = range(len(values))
    if spec is None or not places:
        return next(iter(places), None)
    distances = [spec.distance(value) for value in values]
    return min(places, key=distances.__getitem__)


def _at(values: "pd.Series[float]", place: int | None) -> float | None:
    return None if place is None else number_of(values.iloc[place])
