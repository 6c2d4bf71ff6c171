"""One question under many conditions at once: of each, what was found, or why nothing was."""

import threading
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from anaspike.campaign.bench import SIMULATING, Batch, Bench, Made
from anaspike.campaign.calls import Call
from anaspike.campaign.outcome import CANCELLED, ERROR, REFUSED, STOPPED, Outcome
from anaspike.campaign.point import shown
from anaspike.campaign.quantities import in_words
from anaspike.campaign.space import Assignment
from anaspike.errors import AnaspikeError
from anaspike.experiments.protocol import Experiment
from anaspike.studies.base import Study
from anaspike.studies.gathered import Draws, Found, Gathered


def found_under(study: Study, conditions: Iterable[Assignment], bench: Bench) -> Gathered:
    """Ask under several conditions at once; the bench shares its simulators among them.

    Args:
        study: the question.
        conditions: parameter or size -> value, each.
        bench: where the points run.
    """
    gathered, lock = Gathered(), threading.Lock()
    waiting = enumerate(conditions)

    def ask_on() -> None:
        while True:
            with lock:
                index, condition = next(waiting, (-1, None))
            if condition is None:
                return
            gathered.add(index, _under(study, condition, bench))

    threads = 2 * bench.jobs  # one's points run while another is looked at
    with ThreadPoolExecutor(threads, thread_name_prefix="condition") as executor:
        running = [executor.submit(ask_on) for _ in range(threads)]
        try:
            wait(running)
        except KeyboardInterrupt:
            # Only this thread sees it; what runs comes back as it is.
            bench.stop(interrupted=True)
        for future in running:
            future.result()
    return gathered


def _under(study: Study, condition: Assignment, bench: Bench) -> Found:
    """Ask the question; a condition that fails is a row that says so."""
    if bench.stopped:
        return Found(condition, CANCELLED, STOPPED)
    mine = _OneOfMany(bench, condition)
    try:
        findings = study.under(condition).find(mine)
    except AnaspikeError as error:
        return Found(condition, REFUSED, str(error))
    except BaseException as error:  # the study's own code, sys.exit() too: a row, not the end
        return Found(condition, ERROR, shown(error))
    return Found.of(condition, findings, mine.draws)


class _OneOfMany(Bench):
    """The bench as one condition among many sees it: what is refused is a row, not the end.

    Attributes:
        draws: the mismatch of the first point that has some.
    """

    def __init__(self, bench: Bench, condition: Assignment) -> None:
        self._bench, self._condition = bench, condition
        self.draws: Draws = ()

    def run(
        self,
        points: Sequence[Experiment],
        keep: Collection[int] = (),
        order: Sequence[int] | None = None,
        doubted: bool = True,
    ) -> Batch:
        """Run points; one that cannot be built as asked takes no other with it."""
        first = len(points) if not self.draws else 0

        def see(outcome: Outcome) -> None:
            nonlocal first
            if outcome.index < first and outcome.deck is not None and outcome.deck.alter:
                first, self.draws = outcome.index, outcome.deck.alter

        return self._bench.watched(points, see, keep, order, self._condition, doubted)

    def once(self, key: Hashable, make: Callable[[Bench], Made]) -> Made:
        """Return what other conditions need too; its draws are no condition's own."""
        return self._bench.once(key, make)

    def computed(self, calls: Sequence[Call], files: Sequence[Path] = ()) -> list[Outcome]:
        """Make calls of plain functions."""
        return self._bench.computed(calls, files)

    def place_of(self, call: Call) -> Path | None:
        """Return where the cache keeps what a call goes on from."""
        return self._bench.place_of(call)

    def say(self, doing: str) -> None:
        """Say what is done now, and under which condition."""
        among = "" if doing == SIMULATING else f"{in_words(self._condition)}: "
        self._bench.say(f"{among}{doing}")
