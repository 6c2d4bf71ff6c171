"""Timing in alternating pairs: the ratio holds when the machine's speed drifts."""

import statistics
import time
from collections.abc import Callable

REPEATS = 5


def ratio(
    first: Callable[[], object],
    second: Callable[[], object],
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the median over pairs of (time of first) / (time of second)."""
    first(), second()  # warm caches
    return statistics.median(
        _seconds(first, clock) / _seconds(second, clock) for _ in range(REPEATS)
    )


def row(what: str, measured: float, bound: float, at_most: bool) -> tuple[str, str, str, str]:
    """Return one line of the page."""
    met = measured <= bound if at_most else measured >= bound
    sign = "at most" if at_most else "at least"
    return what, f"{measured:.3g}", f"{sign} {bound:g}", "yes" if met else "NO"


def _seconds(work: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start
