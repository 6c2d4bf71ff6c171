"""Specifications: a measured quantity against its limits, judged with its margin."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from anaspike.errors import InputError


@dataclass(frozen=True)
class Spec:
    """Limits of one quantity; each may be missing, not both of least and most.

    Attributes:
        quantity: name, with its unit: `max_rate_Hz`.
        least, most: the limits, in the quantity's unit.
        typical: what is hoped for; shown, not judged.
        why: where the limit comes from, in words.
        share: of the conditions that must meet it, where there are several.
    """

    quantity: str
    least: float | None = None
    most: float | None = None
    typical: float | None = None
    why: str = ""
    share: float = 1.0

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


@dataclass(frozen=True)
class Verdict:
    """A quantity judged.

    Attributes:
        spec: what it was judged by.
        measured: the quantity; None when it could not be measured, which fails.
        met: whether it is within all limits.
        margin: distance to the nearest limit over that limit's size, negative
            outside; None when nothing was measured or the limit is 0.
    """

    spec: Spec
    measured: float | None
    met: bool
    margin: float | None


def judge(specs: Iterable[Spec], quantities: Mapping[str, float | None]) -> tuple[Verdict, ...]:
    """Judge each quantity that has a spec.

    Raises:
        InputError: a spec names a quantity that was not asked of the circuit.
    """
    return tuple(_judged(spec, quantities) for spec in specs)


def _judged(spec: Spec, quantities: Mapping[str, float | None]) -> Verdict:
    if spec.quantity not in quantities:
        raise InputError(
            f"spec {spec.quantity} names no measured quantity; there is {', '.join(quantities)}"
        )
    measured = quantities[spec.quantity]
    if measured is None or not math.isfinite(measured):
        return Verdict(spec, None, met=False, margin=None)
    distances = [
        (measured - limit if lower else limit - measured, limit)
        for limit, lower in ((spec.least, True), (spec.most, False))
        if limit is not None
    ]
    margins = [distance / abs(limit) for distance, limit in distances if limit]
    return Verdict(
        spec,
        measured,
        met=all(distance >= 0 for distance, _ in distances),
        margin=min(margins) if margins else None,
    )
