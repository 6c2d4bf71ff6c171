"""A bench: where points run, shared by all who ask at once; it remembers every outcome."""

import threading
from collections.abc import Callable, Collection, Generator, Hashable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from anaspike.campaign.calls import Call, run_calls
from anaspike.campaign.decks import DeckArchive
from anaspike.campaign.engine import Engine, default_jobs
from anaspike.campaign.forecast import Announced, Forecast
from anaspike.campaign.opinion import CONVERGENCE, SECOND_OPINION, Again, Opinion
from anaspike.campaign.outcome import CANCELLED, REFUSED, STOPPED, Outcome
from anaspike.campaign.store import UNFINISHED, Cache
from anaspike.campaign.table import tidy
from anaspike.campaign.traces import Kept, Trace
from anaspike.errors import InputError
from anaspike.experiments.protocol import Experiment
from anaspike.spice.deck import Deck
from anaspike.spice.effort import effort
from anaspike.spice.ngspice.run import Ngspice
from anaspike.spice.protocol import Simulator
from anaspike.spice.tightened import Tightened
from anaspike.spice.waveforms import Waveforms

Progress = Callable[[int, int], None]
Made = TypeVar("Made")

SIMULATING = "simulating"


@dataclass(frozen=True)
class Batch:
    """Points that have run.

    Attributes:
        table: a row for each, in the order given, whatever became of it.
        waveforms: index of the point -> its traces, for those kept.
    """

    table: pd.DataFrame
    waveforms: Mapping[int, Waveforms]

    @property
    def ok(self) -> pd.DataFrame:
        """The rows that hold a result."""
        return self.table[self.table["status"] == "ok"]


class Bench:
    """Where a study runs its points; it remembers every outcome for the manifest.

    Several threads may call `run` at once, each with a batch of its own: they
    share the simulators, `jobs` of them at any time however many batches are
    under way, and the numbering of the points.

    Ctrl-C does not lose what is finished: the batch under way comes back with
    the other points cancelled, and later ones with all of theirs. It is seen
    by the main thread; where that only waits for others, it calls `stop`.

    Args:
        simulator: what runs decks; default: this machine's ngspice.
        jobs: how many at once; default: one for each processor.
        progress: called with (finished, all so far) after each point.
        cache: where results are looked up and kept; None for none.
        fail_fast: stop at the first point that fails.
        foresee: called once, before the first simulation that shows that all will take long.
        second: another simulator, which runs each point too: a second opinion.
        check_convergence: run each point again at tighter settings too.
        traces: where traces go, beside the study; None for nowhere.

    Attributes:
        outcomes: of every point so far, numbered in the order asked.
        decks: of all of them.
        jobs: how many run at once.
        again: what each point is asked again for, and what came of it.
        failed, cached: how many of them failed, and came from the cache.
        interrupted: whether Ctrl-C came.
        doing: what is done now, for people.
    """

    def __init__(
        self,
        simulator: Simulator | None = None,
        jobs: int | None = None,
        progress: Progress | None = None,
        cache: Cache | None = None,
        fail_fast: bool = False,
        foresee: Callable[[Forecast], None] | None = None,
        second: Simulator | None = None,
        check_convergence: bool = False,
        traces: Kept | None = None,
    ) -> None:
        self.simulator = simulator or Ngspice.find()
        self.outcomes: list[Outcome] = []
        self.decks = DeckArchive()
        self.failed = self.cached = 0
        self.interrupted = False
        self.doing = SIMULATING
        self.jobs = default_jobs() if jobs is None else jobs
        self._foresee, self._traces = foresee, traces
        self._announced = Announced(self.simulator, self._starting)
        self._cache = cache
        self._engine = Engine(
            self._announced if foresee or traces else self.simulator, self.jobs, cache
        )
        self.again = (
            *((Again(SECOND_OPINION, second),) if second is not None else ()),
            *((Again(CONVERGENCE, Tightened(self.simulator)),) if check_convergence else ()),
        )
        self._engines_again = [Engine(one.simulator, self.jobs, cache) for one in self.again]
        self._ran_again = 0
        self._fail_fast = fail_fast
        self._progress = progress or (lambda done, total: None)
        self._lock = threading.Lock()
        self._asked = self._asked_again = 0
        self._made: dict[Hashable, Future[Any]] = {}

    def run(
        self,
        points: Sequence[Experiment],
        keep: Collection[int] = (),
        order: Sequence[int] | None = None,
        doubted: bool = True,
    ) -> Batch:
        """Run points; a study may do so again and again, each time from what it learned.

        Args:
            points: what to run.
            keep: indices of the points whose traces are wanted.
            order: indices in the order of starting; longest first is quickest.
            doubted: whether they are asked again where the bench does that. A search's steps
                differ as soon as one does: what it found is compared where it is used.

        Raises:
            InputError: a point that cannot be built as asked; it stops the bench.
        """
        return self.watched(points, _none_refused, keep, order, doubted=doubted)

    def watched(
        self,
        points: Sequence[Experiment],
        see: Callable[[Outcome], None],
        keep: Collection[int] = (),
        order: Sequence[int] | None = None,
        about: Mapping[str, Any] | None = None,
        doubted: bool = True,
    ) -> Batch:
        """Run points as `run` does, but a point that is refused is a row like any other.

        Args:
            points, keep, order, doubted: as of `run`.
            see: called with each outcome, its deck still there; what it raises
                stops the bench.
            about: what all of them have in common, beside their own conditions.
        """
        with self._lock:
            first = self._asked
            self._asked += len(points)
            self._asked_again += len(points) * len(self.again) if doubted else 0
        outcomes: list[Outcome] = []
        # Of a search's steps there are hundreds, and none is what was asked for.
        every = self._traces is not None and self._traces.every and doubted
        wanted = range(len(points)) if every else keep

        def seen(outcome: Outcome) -> None:
            see(outcome)
            if self._traces is not None and outcome.waveforms is not None:
                if outcome.deck is not None:  # all may have come from the cache
                    self._traces.announce(outcome.deck, self._asked)
                under = {**(about or {}), **points[outcome.index].conditions()}
                self._traces.add(Trace(first + outcome.index, under), outcome.waveforms)

        try:
            self._report()
            running = self._engine.run(points, order, wanted)
            self._collect(running, seen, outcomes, first, keep)
            asked_again = zip(self.again, self._engines_again, strict=True) if doubted else ()
            for again, engine in asked_again:
                self._ask_again(again, engine, points, outcomes, first, about or {})
        except KeyboardInterrupt:
            self.stop(interrupted=True)
        return Batch(
            tidy(points, outcomes),
            {o.index: o.waveforms for o in outcomes if o.waveforms is not None},
        )

    def place_of(self, call: Call) -> Path | None:
        """Return where the cache keeps what a call goes on from; None where there is no cache."""
        if self._cache is None:
            return None
        return self._cache.path(self._cache.keys.of_call(call), UNFINISHED)

    def computed(self, calls: Sequence[Call], files: Sequence[Path] = ()) -> list[Outcome]:
        """Make calls of plain functions, each a row; return an outcome for each, in their order.

        Args:
            calls: what to make.
            files: what each goes on from, where that is to stay; see `campaign.calls`.
        """
        with self._lock:
            first = self._asked
            self._asked += len(calls)
        outcomes: list[Outcome] = []
        try:
            self._report()
            running = run_calls(
                calls, self.jobs, self._cache, lambda: self.stopped, self.say, files
            )
            self._collect(running, lambda _: None, outcomes, first)
        except KeyboardInterrupt:
            self.stop(interrupted=True)
        by_index = {outcome.index: outcome for outcome in outcomes}
        return [
            by_index.get(i, Outcome(i, CANCELLED, {}, "", (), STOPPED)) for i in range(len(calls))
        ]

    def once(self, key: Hashable, make: Callable[["Bench"], Made]) -> Made:
        """Return what studies under several conditions need alike: made by the first who asks.

        Others wait for it. What it runs is of this bench, not of one of the conditions.

        Args:
            key: all that it depends on.
            make: called with the bench to run on.
        """
        with self._lock:
            first = key not in self._made
            made = self._made.setdefault(key, Future())
        if first:
            try:
                made.set_result(make(self))
            except BaseException as error:
                made.set_exception(error)
                raise
        result: Made = made.result()
        return result

    def say(self, doing: str) -> None:
        """Say what is done now, where it takes its time."""
        self.doing = doing
        self._report()

    @property
    def stopped(self) -> bool:
        """Whether nothing is started any more."""
        return self._engine.stopped

    def stop(self, interrupted: bool = False) -> None:
        """Kill every simulator and start no more; each `run` returns with what it has."""
        self.interrupted = self.interrupted or interrupted
        self._engine.stop()
        for engine in self._engines_again:
            engine.stop()

    def _collect(
        self,
        running: Generator[Outcome, None, None],
        see: Callable[[Outcome], None],
        outcomes: list[Outcome],
        first: int,
        keep: Collection[int] = (),
    ) -> None:
        with closing(running):
            for outcome in running:
                see(outcome)
                if outcome.deck is not None:
                    self.decks.add(outcome.deck_digest, outcome.deck)
                held = outcome.waveforms if outcome.index in keep else None
                outcomes.append(replace(outcome, deck=None, waveforms=held))
                with self._lock:
                    # Its traces are the batch's; kept here too they would fill the memory.
                    self.outcomes.append(
                        replace(outcome, index=first + outcome.index, waveforms=None, deck=None)
                    )
                    self.failed += not outcome.ok
                    self.cached += outcome.cached
                self._report()
                if self._fail_fast and not outcome.ok:
                    self.stop()

    def _ask_again(
        self,
        again: Again,
        engine: Engine,
        points: Sequence[Experiment],
        outcomes: Sequence[Outcome],
        first: int,
        about: Mapping[str, Any],
    ) -> None:
        """Ask a second time for what the first has answered."""
        seconds: dict[int, Outcome] = {}
        asked = sorted(outcome.index for outcome in outcomes)
        with closing(engine.run(points, asked)) as running:
            for outcome in running:
                seconds[outcome.index] = outcome
                with self._lock:
                    self._ran_again += 1
                self._report()
        opinions = [
            Opinion.of(
                about,
                points[one.index].conditions(),
                replace(one, index=first + one.index),
                seconds.get(one.index),
                again.doubt.within,
            )
            for one in sorted(outcomes, key=lambda one: one.index)
        ]
        with self._lock:
            again.opinions.extend(opinions)

    def _starting(self, deck: Deck) -> None:
        """Tell once how long it will take, by the deck that shows it first."""
        with self._lock:
            left = max(1, self._asked - max(self._announced.ended, len(self.outcomes)))
            if self._traces is not None:
                self._traces.announce(deck, left)
            tell = self._foresee
            forecast = Forecast(effort(deck), left, self.jobs) if tell else None
            if tell is None or forecast is None or not forecast.long:
                return
            self._foresee = None
        tell(forecast)

    def _report(self) -> None:
        with self._lock:
            done, total = len(self.outcomes) + self._ran_again, self._asked + self._asked_again
        self._progress(done, total)


def _none_refused(outcome: Outcome) -> None:
    if outcome.status == REFUSED:
        raise InputError(outcome.message)
