"""What a point costs, simulator and all, in runs of 10 to 5,000 points.

A machine's speed wanders by more than what is asked about, and for minutes.
So runs of every size go on side by side, a slice of points each in turn, and
rest between: what the machine does meanwhile happens to all of them alike.
"""

import resource
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from anaspike.campaign.bench import Bench
from anaspike.campaign.engine import default_jobs
from anaspike.campaign.store import Cache
from anaspike.circuits.designs import design_for
from anaspike.experiments.protocol import Experiment, Row, Traces
from anaspike.experiments.pseudo_resistor import PseudoResistorCurve
from anaspike.pdk.catalog import open_pdk
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.ngspice.run import Ngspice
from benchmarks.pairs import row

SIZES = (10, 100, 1_000, 5_000)
SLICE = 100


def measure() -> Iterator[tuple[str, str, str, str]]:
    """Yield the cost of a point over the size of its run, of two decks."""
    process, design = open_pdk("generic28"), design_for("generic28")
    count = max(SIZES) + 1
    for what, points in (
        ("one resistor", [Resistor(1e3 + i) for i in range(count)]),
        (
            "pseudo-resistor",
            [PseudoResistorCurve(process, design, "tt", i / 100) for i in range(count)],
        ),
    ):
        costs_ms = {size: 1e3 * cost_s for size, cost_s in costs_a_point_s(points).items()}
        listed = ", ".join(f"{size:,}: {cost:.3g}" for size, cost in costs_ms.items())
        most = max(costs_ms.values()) / min(costs_ms.values())
        yield row(f"CPU a point of {what}, ms ({listed}): largest / smallest", most, 1.1, True)


def costs_a_point_s(points: Sequence[Experiment]) -> dict[int, float]:
    """Return the CPU time of a point by the size of its run.

    Each size runs the same points into a cache of its own: one run of 5,000, or
    500 of 10. None is found there.

    Args:
        points: the first warms each process, those after it are run.
    """
    spent_s = dict.fromkeys(SIZES, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        streams = {size: _slices_s(points, size, Path(folder, str(size))) for size in SIZES}
        for turn in range(max(SIZES) // SLICE):
            first = turn % len(SIZES)  # none is always the one after another
            for size in SIZES[first:] + SIZES[:first]:
                spent_s[size] += next(streams[size])
    return {size: total_s / max(SIZES) for size, total_s in spent_s.items()}


def _slices_s(points: Sequence[Experiment], size: int, cache: Path) -> Iterator[float]:
    """Yield the CPU time of a slice of points, in runs of one size, one after another."""
    warming, *others = points
    runs = (_Run(warming, others[i : i + size], cache) for i in range(0, len(others), size))
    if size > SLICE:
        yield from (run.go(SLICE) for run in runs for _ in range(size // SLICE))
    else:
        while True:
            yield sum(run.go(size) for run in islice(runs, SLICE // size))


class _Run:
    """A cold run by a warm process that goes on when it is told, and no further.

    Args:
        warming: a point that is run before time is taken.
        points: what is run.
        cache: where results go.
    """

    def __init__(self, warming: Experiment, points: Sequence[Experiment], cache: Path) -> None:
        self._points, self._rests = _Gated(points), threading.Event()
        self._bench = Bench(Ngspice.find(), default_jobs(), self._progress, Cache(cache))
        self._until, self._end = 1, 1 + len(points)
        self._bench.run([warming])
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def go(self, count: int) -> float:
        """Return the CPU time of the next points; before and after it nothing runs."""
        self._until += count
        self._rests.clear()
        start_s = _cpu_s()
        self._points.let(count)
        if self._until < self._end:
            self._rests.wait()
            return _cpu_s() - start_s
        self._thread.join()
        spent_s = _cpu_s() - start_s
        if not (self._table["status"] == "ok").all():
            raise SystemExit("a point failed: its time means nothing")
        return spent_s

    def _run(self) -> None:
        self._table = self._bench.run(self._points).table

    def _progress(self, done: int, total: int) -> None:
        if done == self._until:
            self._rests.set()


class _Gated(list[Experiment]):
    """Points that are given out only when they may be."""

    def __init__(self, points: Sequence[Experiment]) -> None:
        super().__init__(points)
        self._allowed = threading.Semaphore(0)

    def let(self, count: int) -> None:
        self._allowed.release(count)

    def __getitem__(self, index: Any) -> Any:
        self._allowed.acquire()
        return super().__getitem__(index)


@dataclass(frozen=True)
class Resistor:
    """The smallest deck there is."""

    r_ohm: float

    def conditions(self) -> Row:
        return {"r_ohm": self.r_ohm}

    def build(self) -> Deck:
        body = f"v1 a 0 1\nr1 a 0 {self.r_ohm}"
        return Deck("r", body, ModelFiles("", {}), 1e-6, ("i(v1)",))

    def measure(self, traces: Traces) -> Row:
        return {"current_A": float(-traces["i(v1)"][-1])}

    def tightened(self) -> "Resistor":
        return self


def _cpu_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    for line in measure():
        print(*line, sep=" | ", flush=True)
