"""Run many points in parallel; stream their outcomes; lose none to another's failure.

Threads are enough: the work is done by ngspice processes, outside the GIL, or
on other machines.
"""

import os
import threading
from collections.abc import Collection, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice
from queue import SimpleQueue

from anaspike.campaign.outcome import CANCELLED, Outcome
from anaspike.campaign.point import run_point
from anaspike.campaign.store import Cache
from anaspike.errors import InputError
from anaspike.experiments.protocol import Experiment
from anaspike.spice.protocol import Simulator

_MOST_JOBS = 10_000  # each is a thread
_AHEAD = 2  # points handed out for each job: one runs, one waits


def default_jobs() -> int:
    """Return the number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_jobs(jobs: int) -> int:
    """Return the number of jobs when it can be one.

    Raises:
        InputError: it is below 1, or more than any machine runs.
    """
    if jobs < 1:
        raise InputError(f"{jobs} jobs cannot run anything; use 1 or more")
    if jobs > _MOST_JOBS:
        raise InputError(f"{jobs} jobs are more than any machine runs; use at most {_MOST_JOBS}")
    return jobs


class Engine:
    """A pool of jobs; several threads may run points on it at once and share it.

    Args:
        simulator: runs decks; safe to share between threads.
        jobs: how many at once.
        cache: where results are looked up and kept; None for none.
    """

    def __init__(self, simulator: Simulator, jobs: int, cache: Cache | None = None) -> None:
        self._simulator = simulator
        self._cache = cache
        self._jobs = check_jobs(jobs)
        self._pool = ThreadPoolExecutor(jobs, thread_name_prefix="ngspice")
        self._stopped = threading.Event()

    def run(
        self,
        points: Sequence[Experiment],
        order: Iterable[int] | None = None,
        keep: Collection[int] = (),
    ) -> Generator[Outcome, None, None]:
        """Yield the outcome of each point as it finishes.

        Only a few points are in hand at any time: memory does not grow with
        their number. When the consumer stops early or Ctrl-C comes, every
        simulator still running is killed before this returns.

        Args:
            points: what to run; a lazy sequence is asked for each point once.
            order: indices in the order of starting. Longest first keeps the
                last job from running alone at the end.
            keep: indices of the points whose waveforms are wanted.

        Raises:
            InputError: the simulator cannot be started.
        """
        waiting = iter(range(len(points)) if order is None else order)
        running: set[Future[Outcome]] = set()
        done = SimpleQueue[Future[Outcome]]()
        try:
            while not self._stopped.is_set():
                for index in islice(waiting, _AHEAD * self._jobs - len(running)):
                    future = self._pool.submit(self._one, index, points, index in keep)
                    running.add(future)
                    future.add_done_callback(done.put)
                if not running:
                    break
                ended = done.get()
                running.remove(ended)
                outcome = ended.result()
                if outcome.status != CANCELLED:
                    yield outcome
        except BaseException:
            self.stop()
            raise
        finally:
            for future in running:
                future.cancel()
            wait(running)

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called, or a run had to end."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Kill every simulator that runs, for all who share the pool, and start no more."""
        self._stopped.set()
        self._simulator.cancel()

    def _one(self, index: int, points: Sequence[Experiment], keep: bool) -> Outcome:
        return run_point(index, points[index], self._simulator, self._cache, keep)
