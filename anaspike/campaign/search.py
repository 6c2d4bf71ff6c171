"""How a supply is searched, apart from what is measured: bisection of many curves at once."""

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from anaspike.errors import InputError

Key = TypeVar("Key", bound=Hashable)
# value asked of each curve -> what was measured there; None where that gave no result
Measure = Callable[[Mapping[Key, float]], Mapping[Key, float | None]]

_MOST_STEPS = 100_000


@dataclass(frozen=True)
class Window:
    """Where to search: a grid from low to high.

    Raises:
        InputError: it is none.
    """

    low: float
    high: float
    step: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(x) for x in (self.low, self.high, self.step)):
            raise InputError("a search needs a finite range and step")
        if self.low >= self.high or not 0 < self.step < self.high - self.low:
            raise InputError(
                f"a search from {self.low:g} to {self.high:g} in steps of {self.step:g} finds"
                " nothing; give a range that rises, and a positive step smaller than it"
            )
        if (self.high - self.low) / self.step > _MOST_STEPS:
            raise InputError(
                f"a search in steps of {self.step:g} has more than {_MOST_STEPS} of them; give a"
                " larger one"
            )

    @property
    def grid(self) -> tuple[float, ...]:
        """The values that may be found, lowest first."""
        count = math.floor((self.high - self.low) / self.step + 1e-9) + 1
        # Twelve digits, whatever the unit: of volts and of nanoamperes.
        return tuple(float(f"{self.low + i * self.step:.12g}") for i in range(count))


@dataclass(frozen=True)
class Crossing:
    """Where a rising curve first reaches what is wanted.

    Attributes:
        status: "ok"; "above" the window, which it does not reach anywhere in
            it; "below", which it reaches everywhere; "failed", a measurement
            that gave no result.
        at: the lowest value of the grid that reaches it; None unless ok.
        runs: measurements it took.
    """

    status: Literal["ok", "above", "below", "failed"]
    at: float | None
    runs: int


def first_reaching(
    measure: Measure[Key], wanted: Mapping[Key, float], window: Window
) -> dict[Key, Crossing]:
    """Bisect many rising curves side by side, each for the first value that reaches its target.

    Every round asks for one value of each curve that is still open, so that
    all of them can be measured at once; log2 of the grid is how many rounds.

    Args:
        measure: asked for one value of each open curve.
        wanted: curve -> its target.
        window: where to search.
    """
    grid = window.grid
    # Not reached at the first index, reached at the second; both may lie outside the grid.
    brackets = {key: (-1, len(grid)) for key in wanted}
    runs = dict.fromkeys(wanted, 0)
    failed: set[Key] = set()
    while opened := {
        key: (low + high) // 2
        for key, (low, high) in brackets.items()
        if high - low > 1 and key not in failed
    }:
        measured = measure({key: grid[middle] for key, middle in opened.items()})
        for key, middle in opened.items():
            runs[key] += 1
            value = measured.get(key)
            low, high = brackets[key]
            if value is None:
                failed.add(key)
            elif value >= wanted[key]:
                brackets[key] = (low, middle)
            else:
                brackets[key] = (middle, high)
    return {
        key: _crossing(high, grid, runs[key], key in failed) for key, (_, high) in brackets.items()
    }


def _crossing(high: int, grid: tuple[float, ...], runs: int, failed: bool) -> Crossing:
    if failed:
        return Crossing("failed", None, runs)
    if high == len(grid):
        return Crossing("above", None, runs)
    if high == 0:
        return Crossing("below", None, runs)
    return Crossing("ok", grid[high], runs)
