"""What every study has in common: checked parameters in, an answer out."""

import threading
from abc import abstractmethod
from collections.abc import Callable, Collection, Generator, Hashable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Self, TypeVar

import pandas as pd
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from anaspike.campaign.answer import Answer, Findings
from anaspike.campaign.decks import DeckArchive
from anaspike.campaign.engine import Engine, default_jobs
from anaspike.campaign.outcome import REFUSED, Outcome
from anaspike.campaign.provenance import provenance
from anaspike.campaign.specs import Spec, judge
from anaspike.campaign.store import Cache
from anaspike.campaign.table import tidy
from anaspike.circuits.designs import Design, design_for, resized, sizes_of
from anaspike.errors import InputError
from anaspike.experiments.protocol import Experiment
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.roles import Pdk
from anaspike.spice.retry import Simulator
from anaspike.spice.run import Ngspice, Waveforms
from anaspike.units import parse_quantity, printable, quantity_reader, suggestion, unit_of

Progress = Callable[[int, int], None]
Made = TypeVar("Made")

SIMULATING = "simulating"


# Numbers in base units; text with SI suffix and unit is taken too: "50n", "0.65V".
Volt = Annotated[float, BeforeValidator(quantity_reader("V"))]
Second = Annotated[float, BeforeValidator(quantity_reader("s"))]
Farad = Annotated[float, BeforeValidator(quantity_reader("F"))]
Ampere = Annotated[float, BeforeValidator(quantity_reader("A"))]
Hertz = Annotated[float, BeforeValidator(quantity_reader("Hz"))]
Celsius = Annotated[float, BeforeValidator(quantity_reader("C"))]


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

    Attributes:
        outcomes: of every point so far, numbered in the order asked.
        decks: of all of them.
        jobs: how many run at once.
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
    ) -> None:
        self.simulator = simulator or Ngspice.find()
        self.outcomes: list[Outcome] = []
        self.decks = DeckArchive()
        self.failed = self.cached = 0
        self.interrupted = False
        self.doing = SIMULATING
        self.jobs = default_jobs() if jobs is None else jobs
        self._engine = Engine(self.simulator, self.jobs, cache)
        self._fail_fast = fail_fast
        self._progress = progress or (lambda done, total: None)
        self._lock = threading.Lock()
        self._asked = 0
        self._made: dict[Hashable, Future[Any]] = {}

    def run(
        self,
        points: Sequence[Experiment],
        keep: Collection[int] = (),
        order: Sequence[int] | None = None,
    ) -> Batch:
        """Run points; a study may do so again and again, each time from what it learned.

        Args:
            points: what to run.
            keep: indices of the points whose traces are wanted.
            order: indices in the order of starting; longest first is quickest.

        Raises:
            InputError: a point that cannot be built as asked; it stops the bench.
        """
        return self.watched(points, _none_refused, keep, order)

    def watched(
        self,
        points: Sequence[Experiment],
        see: Callable[[Outcome], None],
        keep: Collection[int] = (),
        order: Sequence[int] | None = None,
    ) -> Batch:
        """Run points as `run` does, but a point that is refused is a row like any other.

        Args:
            points, keep, order: as of `run`.
            see: called with each outcome, its deck still there; what it raises
                stops the bench.
        """
        with self._lock:
            first = self._asked
            self._asked += len(points)
        outcomes: list[Outcome] = []
        try:
            self._report()
            self._collect(self._engine.run(points, order, keep), see, outcomes, first)
        except KeyboardInterrupt:
            self.stop(interrupted=True)
        return Batch(
            tidy(points, outcomes),
            {o.index: o.waveforms for o in outcomes if o.waveforms is not None},
        )

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

    def _collect(
        self,
        running: Generator[Outcome, None, None],
        see: Callable[[Outcome], None],
        outcomes: list[Outcome],
        first: int,
    ) -> None:
        with closing(running):
            for outcome in running:
                see(outcome)
                if outcome.deck is not None:
                    self.decks.add(outcome.deck_digest, outcome.deck)
                outcomes.append(replace(outcome, deck=None))
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

    def _report(self) -> None:
        with self._lock:
            done, total = len(self.outcomes), self._asked
        self._progress(done, total)


def _none_refused(outcome: Outcome) -> None:
    if outcome.status == REFUSED:
        raise InputError(outcome.message)


class Study(BaseModel):
    """A question with its parameters; subclasses are registered in `studies.catalog`.

    Attributes:
        pdk: name of the process.
        sizes: dotted name of a size of the neuron -> what it is instead of the
            design's own: "comparator.input_pair.w_m" -> "3u".

    Raises:
        InputError: at construction, on an unknown or impossible parameter.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    name: ClassVar[str]
    title: ClassVar[str]

    pdk: str = "generic28"
    sizes: dict[str, float] = Field(default_factory=dict)

    @field_validator("sizes", mode="before")
    @classmethod
    def _read_sizes(cls, sizes: Any) -> Any:
        if not isinstance(sizes, dict):
            return sizes
        try:
            return {name: parse_quantity(v, unit_of(name), name) for name, v in sizes.items()}
        except InputError as error:
            raise ValueError(str(error)) from None

    def __init__(self, **parameters: Any) -> None:
        try:
            super().__init__(**parameters)
        except ValidationError as error:
            raise InputError(_one_line(error, type(self))) from None

    @property
    def process(self) -> Pdk:
        """The process, its models found."""
        return open_pdk(self.pdk)

    @property
    def design(self) -> Design:
        """The neuron as sized for the process, with the sizes that were asked for."""
        return resized(design_for(self.pdk), self.sizes)

    def check(self) -> None:
        """Refuse, before anything is run or written, what the circuit would refuse.

        Raises:
            InputError: the PDK is missing, or a condition cannot be simulated.
        """
        self.process.source  # noqa: B018

    def parameters(self) -> dict[str, Any]:
        """Return what was asked for, in base units, for the manifest."""
        return self.model_dump(mode="json")

    def under(self, condition: Mapping[str, Any]) -> Self:
        """Return the same question under other conditions.

        A study that goes through several values by itself (`corners`, `mc`)
        goes through the one given; a size of the design is `sizes.<its name>`.

        Args:
            condition: parameter -> value.

        Raises:
            InputError: an unknown or impossible parameter.
        """
        study = self
        for name, value in condition.items():
            table, _, size = name.partition(".")
            if table == "sizes":
                study = study._with(sizes={**study.sizes, size: value})
            else:
                study = study.through(name, (value,)) or study._with(**{name: value})
        return study

    def through(self, name: str, values: Sequence[Any]) -> Self | None:
        """Return the study going through several values by itself; None where it does not.

        Args:
            name: of one of them: `corner`, `temperature_C`, `seed`.
            values: to go through; seeds follow one another.
        """
        fields, plural = type(self).model_fields, _plural(name)
        if name == "seed" and "mc" in fields:
            return self._with(mc=len(values), seed=values[0])
        if name not in fields and plural in fields:
            return self._with(**{plural: tuple(values)})
        return None

    def _with(self, **changes: Any) -> Self:
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**{**given, **changes})

    def variable(self, name: str) -> str:
        """Return the name of a parameter or size that conditions may set.

        Raises:
            InputError: there is none of that name; the nearest is suggested.
        """
        fields = [field for field in type(self).model_fields if field not in {"pdk", "sizes"}]
        table, _, size = name.partition(".")
        if table == "sizes":
            known = sizes_of(self.design)
            if size not in known:
                _ = resized(self.design, {size: 1.0})  # says what may have been meant
        elif name not in fields and _plural(name) not in fields:
            raise InputError(
                f"{self.name} has no parameter '{printable(name)}'; {suggestion(name, fields)}"
            )
        return name

    @abstractmethod
    def find(self, bench: Bench) -> Findings:
        """Run what is needed and return what was found."""

    def specs(self) -> tuple[Spec, ...]:
        """Return the limits that the project itself sets; a flow may set its own."""
        return ()

    def answer(self, bench: Bench, specs: Sequence[Spec] | None = None) -> Answer:
        """Answer the question.

        Args:
            bench: where the points run.
            specs: limits to judge by instead of the project's own.

        Raises:
            InputError: a parameter that only the circuit could refuse.
        """
        return self.judged(self.find(bench), bench, specs)

    def judged(
        self, findings: Findings, bench: Bench, specs: Sequence[Spec] | None = None
    ) -> Answer:
        """Return findings as an answer: judged, with what they were made with."""
        return Answer(
            self.name,
            self.title,
            findings,
            judge(self.specs() if specs is None else specs, findings.quantities),
            self.manifest(bench),
            bench.decks,
        )

    def manifest(self, bench: Bench) -> dict[str, Any]:
        """Return what the bench's points were made with, ready for JSON."""
        manifest = provenance(
            self.name, bench.simulator, self.process, self.parameters(), bench.outcomes
        )
        return {**manifest, "interrupted": bench.interrupted}


def _plural(name: str) -> str:
    """Return `corners` for `corner` and `temperatures_C` for `temperature_C`."""
    unit = unit_of(name)
    return f"{name.removesuffix(f'_{unit}')}s_{unit}" if unit else f"{name}s"


def _one_line(error: ValidationError, study: type[Study]) -> str:
    """Return the first thing that is wrong, as one line."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "parameters"
    if first["type"] == "extra_forbidden":
        hint = suggestion(where, study.model_fields)
        return f"{study.name} has no parameter '{printable(where)}'; {hint}"
    return f"{study.name}: {printable(where)}: {first['msg'].removeprefix('Value error, ')}"
