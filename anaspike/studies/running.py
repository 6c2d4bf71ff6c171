"""How a study is answered, as every command and every notebook says it: a bench, and a folder."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from anaspike.campaign.bench import Bench
from anaspike.campaign.engine import check_jobs
from anaspike.campaign.forecast import Forecast
from anaspike.campaign.opinion import with_opinions
from anaspike.campaign.point import shown
from anaspike.campaign.store import Cache, cache_folder
from anaspike.campaign.traces import InFolder, Kept, clear, with_traces
from anaspike.errors import AnaspikeError, InputError
from anaspike.extras import installs
from anaspike.folders import held, unfinished
from anaspike.report import answers
from anaspike.spice.modules import Module
from anaspike.spice.protocol import Simulator
from anaspike.spice.simulators import SIMULATORS, find_simulator
from anaspike.spice.without import NoSimulator
from anaspike.studies.own import is_users

if TYPE_CHECKING:
    from anaspike.campaign.answer import Answer
    from anaspike.campaign.specs import Spec


# Called with how many points are done, of how many, what is done now, and how many failed.
Move = Callable[[int, int, str, int], None]


class Question(Protocol):
    """What is asked: a study, a spread of it over conditions, a search."""

    @property
    def name(self) -> str:
        """What files call it."""

    @property
    def simulates(self) -> bool:
        """Whether it asks SPICE anything."""

    @property
    def modules(self) -> tuple[Module, ...]:
        """Compiled models that a simulator needs for it."""

    def check(self) -> None:
        """Refuse, before anything is run, what cannot be asked."""

    def answer(self, bench: Bench, specs: "Sequence[Spec] | None" = None) -> "Answer":
        """Ask it."""


@dataclass(frozen=True)
class Running:
    """The options of every command that runs a study.

    Attributes:
        jobs: simulations at once; None for one each processor.
        timeout_s: wall-clock limit of one simulation, in seconds.
        no_cache: run all afresh and keep no results.
        fail_fast: stop at the first point that fails.
        scheduler: address of a Dask cluster to run on; None for this machine.
        simulator: "ngspice" or "vacask", or one that is there; None for what fits the models.
        second_opinion: run each point on the other simulator too, and compare.
        check_convergence: run each point again at tighter settings, and compare.
    """

    jobs: int | None = None
    timeout_s: float = 600.0
    no_cache: bool = False
    fail_fast: bool = False
    scheduler: str | None = None
    simulator: str | Simulator | None = None
    second_opinion: bool = False
    check_convergence: bool = False

    def __post_init__(self) -> None:
        if self.jobs is not None:
            check_jobs(self.jobs)

    @property
    def cache(self) -> Cache | None:
        """Where results are looked up and kept; None for nowhere."""
        return None if self.no_cache else Cache(cache_folder())

    @contextmanager
    def bench(
        self,
        study: Question,
        move: Move | None = None,
        foresee: Callable[[Forecast], None] | None = None,
        tell: Callable[[str], None] = lambda _: None,
        traces: Kept | None = None,
    ) -> Iterator[Bench]:
        """Open a bench for a study; a cluster is left when the block ends.

        Args:
            study: what will be asked.
            move: called as points finish.
            foresee: told once how long it will take, where that is long.
            tell: told in a line what is run otherwise than one may think.
            traces: where the points' traces go, beside the study.

        Raises:
            InputError: a simulator is missing, or two of the options exclude each other.
        """
        if self.second_opinion and self.scheduler is not None:
            raise InputError("`second_opinion` runs on this machine; leave out `scheduler`")
        with ExitStack() as open_now:
            runs, slots = self._found(study, tell, open_now)

            def progress(done: int, total: int) -> None:
                if move is not None:
                    move(done, total, bench.doing, bench.failed)

            bench = Bench(
                runs,
                slots if self.jobs is None else self.jobs,
                progress,
                self.cache,
                self.fail_fast,
                foresee,
                self._other(runs.name, study),
                self.check_convergence and study.simulates,
                traces,
            )
            yield bench

    def _found(
        self, study: Question, tell: Callable[[str], None], open_now: ExitStack
    ) -> tuple[Simulator, int | None]:
        """Return what runs decks, and how many it can at once where that is not for us to say."""
        if not study.simulates:
            return NoSimulator(), None
        if self.scheduler is not None:
            return self._cluster(study, tell, open_now)
        if self.simulator is not None and not isinstance(self.simulator, str):
            return self.simulator, None
        found = find_simulator(
            self.simulator, self.timeout_s, study.modules, lambda why: tell(f"{study.name} {why}")
        )
        return found, None

    def _cluster(
        self, study: Question, tell: Callable[[str], None], open_now: ExitStack
    ) -> tuple[Simulator, int]:
        if self.simulator not in {None, "ngspice"}:
            raise InputError(
                f"`scheduler`: its workers run ngspice, not {self.simulator}; leave one of them out"
            )
        if study.modules:
            raise InputError(
                f"`scheduler`: {study.modules[0].name} is compiled on each machine for itself;"
                " leave it out"
            )
        try:
            from anaspike.campaign.cluster import Cluster  # noqa: PLC0415  # an extra
        except ImportError as error:
            raise InputError(
                f"`scheduler` needs an extra ({error}): {installs('distributed')}"
            ) from None
        cluster = open_now.enter_context(Cluster.connect(str(self.scheduler), self.timeout_s))
        tell(
            f"runs on the cluster at {self.scheduler}: its machines and this one trust each"
            " other's code"
        )
        # One more for each that runs: a worker need not wait for us to measure.
        return cluster, 2 * cluster.slots

    def _other(self, name: str, study: Question) -> Simulator | None:
        """Return the simulator that is asked for a second opinion, where one is wanted."""
        if not (self.second_opinion and study.simulates):
            return None
        other = next(other for other in SIMULATORS if other != name)
        return find_simulator(other, self.timeout_s, study.modules)


@dataclass(frozen=True)
class Place:
    """Where an answer's files go.

    Attributes:
        folder: made if need be, and kept from other commands until all is written.
        table_format: of its tables.
        instead: what else to do than to wait for another command, for people.
        is_held: whether the caller keeps others out itself.
    """

    folder: Path
    table_format: str = "csv"
    instead: str = "choose another --out"
    is_held: bool = False


@dataclass(frozen=True)
class Answered:
    """An answer, and what came with it.

    Attributes:
        answer: whole, or of what was finished when it was interrupted.
        files: that were written.
        interrupted: whether it was.
    """

    answer: "Answer"
    files: tuple[Path, ...]
    interrupted: bool


def answered(
    question: Question,
    how: Running,
    place: Place | None = None,
    specs: "Sequence[Spec] | None" = None,
    kept: Kept | None = None,
    bar: AbstractContextManager[Move | None] | None = None,
    foresee: Callable[[Forecast], None] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Answered:
    """Ask a question, and write its answer.

    Args:
        question: to ask.
        how: its points are run.
        place: where its files go; None for nowhere.
        specs: limits to judge by instead of the question's own.
        kept: where the points' traces go.
        bar: stands while points run, and is moved as they finish.
        foresee, tell: as of `Running.bench`.

    Raises:
        InputError: it cannot be asked so.
    """
    question.check()
    moves: list[Move] = []

    def move(done: int, total: int, doing: str, failed: int) -> None:
        for one in moves:
            one(done, total, doing, failed)

    with ExitStack() as to_the_end, ExitStack() as open_now:
        bench = open_now.enter_context(how.bench(question, move, foresee, tell, kept))
        if place is not None:
            if not place.is_held:
                to_the_end.enter_context(held(place.folder, place.instead))
            if isinstance(kept, InFolder):
                to_the_end.enter_context(unfinished(place.folder))
            clear(place.folder)
        moves += filter(None, [open_now.enter_context(bar or nullcontext())])
        with _kept_results_named(bench):
            answer = with_opinions(question.answer(bench, specs), bench)
            open_now.close()  # the bar goes before anything is said
            answer = with_traces(answer, kept.found) if isinstance(kept, InFolder) else answer
            files = _saved(answer, place, how.cache)
        return Answered(answer, files, bench.interrupted)


def _saved(answer: "Answer", place: Place | None, cache: Cache | None) -> tuple[Path, ...]:
    if place is None:
        return ()
    return tuple(answers.save(answer, place.folder, place.table_format, cache))


@contextmanager
def _kept_results_named(bench: Bench) -> Iterator[None]:
    """Say that the cache took part in what went wrong: a result in it may be anyone's, and odd."""
    try:
        yield
    except (AnaspikeError, OSError, MemoryError):
        raise
    except Exception as error:
        if is_users(error) or all(outcome.made is None for outcome in bench.outcomes):
            raise
        raise InputError(
            f"{shown(error)}, with results from the cache; if it works with `no_cache`, they are"
            " at fault: anaspike cache prune --all"
        ) from error
