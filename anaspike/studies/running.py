"""How a study's points are run, as every command and every notebook says it: a bench for it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from anaspike.campaign.bench import Bench
from anaspike.campaign.engine import check_jobs
from anaspike.campaign.forecast import Forecast
from anaspike.campaign.store import Cache, cache_folder
from anaspike.campaign.traces import Kept
from anaspike.errors import InputError
from anaspike.extras import installs
from anaspike.spice.modules import Module
from anaspike.spice.protocol import Simulator
from anaspike.spice.simulators import SIMULATORS, find_simulator
from anaspike.spice.without import NoSimulator

if TYPE_CHECKING:
    from anaspike.campaign.answer import Answer
    from anaspike.campaign.specs import Spec


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

    def answer(self, bench: Bench, specs: "tuple[Spec, ...] | None" = None) -> "Answer":
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
        move: Callable[[int, int, str, int], None] | None = None,
        foresee: Callable[[Forecast], None] | None = None,
        tell: Callable[[str], None] = lambda _: None,
        traces: Kept | None = None,
    ) -> Iterator[Bench]:
        """Open a bench for a study; a cluster is left when the block ends.

        Args:
            study: what will be asked.
            move: called with how many points are done, of how many, what is done now, and
                how many failed.
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
