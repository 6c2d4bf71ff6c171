"""Run many points in parallel; stream their outcomes; lose none to another's failure.

Threads are enough: the work is done by ngspice processes, outside the GIL.
"""

import os
from collections.abc import Collection, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from anaspike.errors import InputError
from anaspike.experiments.protocol import Experiment, Row
from anaspike.spice.failures import Failed, SimulationFailure
from anaspike.spice.options import SimulationOptions
from anaspike.spice.retry import Simulator, run_with_retries
from anaspike.spice.run import Waveforms


@dataclass(frozen=True)
class Outcome:
    """What became of one point.

    Attributes:
        index: of the point in the list given.
        status: "ok", or the kind of the failure ("convergence", "timeout", ...).
        row: measured columns; empty unless ok.
        rung: name of the retry rung that gave the result.
        failed: the attempts before it, oldest first.
        message: one line on the failure; empty when ok.
        deck_digest: SHA-256 of deck and models as first asked.
        models_digest: SHA-256 of the models alone.
        options: numerical settings as first asked.
        waveforms: kept only where asked for.
    """

    index: int
    status: str
    row: Row
    rung: str
    failed: tuple[Failed, ...]
    message: str
    deck_digest: str
    models_digest: str
    options: SimulationOptions
    waveforms: Waveforms | None = None

    @property
    def ok(self) -> bool:
        """Whether the point holds a result."""
        return self.status == "ok"


def default_jobs() -> int:
    """Return the number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_jobs(jobs: int) -> int:
    """Return the number of jobs when it can be one.

    Raises:
        InputError: it is below 1.
    """
    if jobs < 1:
        raise InputError(f"{jobs} jobs cannot run anything; use 1 or more")
    return jobs


def run_points(
    points: Sequence[Experiment],
    simulator: Simulator,
    jobs: int,
    order: Sequence[int] | None = None,
    keep: Collection[int] = (),
) -> Generator[Outcome, None, None]:
    """Yield the outcome of each point as it finishes.

    When the consumer stops early or Ctrl-C comes, every simulator still
    running is killed before this returns.

    Args:
        points: what to run.
        simulator: runs decks; safe to share between threads.
        jobs: how many at once.
        order: indices in the order of starting. Longest first keeps the last
            job from running alone at the end.
        keep: indices of the points whose waveforms are wanted.

    Raises:
        InputError: a point that cannot be built.
    """
    executor = ThreadPoolExecutor(check_jobs(jobs), thread_name_prefix="ngspice")
    try:
        futures = [
            executor.submit(_run_point, index, points[index], simulator, index in keep)
            for index in (range(len(points)) if order is None else order)
        ]
        for future in as_completed(futures):
            yield future.result()
    except BaseException:
        simulator.cancel()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _run_point(index: int, point: Experiment, simulator: Simulator, keep: bool) -> Outcome:
    deck = point.build()
    origin = (deck.digest(), deck.models.digest(), deck.options)
    try:
        attempt = run_with_retries(simulator, deck)
        row = point.measure(attempt.waveforms)
    except SimulationFailure as failure:
        return Outcome(index, failure.kind, {}, "", failure.failures, str(failure), *origin)
    waveforms = attempt.waveforms if keep else None
    return Outcome(index, "ok", row, attempt.rung, attempt.failures, "", *origin, waveforms)
