"""A search for sizes: which quantities are to be small, which limits are kept, and what was found.

Every candidate is asked as the studies are, and the ones that keep all limits and are not beaten
are asked again under further conditions. Each evaluation is a study's, through the bench: cached,
in parallel, a failure is a candidate that keeps no limit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from anaspike.campaign.answer import Answer
from anaspike.campaign.bench import SIMULATING, Bench
from anaspike.campaign.optimise import Cube, Ended, Point, Score, dominates, search
from anaspike.campaign.space import Assignment, Space, Value
from anaspike.campaign.specs import Spec, judge
from anaspike.errors import InputError
from anaspike.spice.modules import Module
from anaspike.studies.asked import found_under
from anaspike.studies.base import Study
from anaspike.studies.conditions import Conditions
from anaspike.studies.optimised import findings, why_none
from anaspike.studies.searched import SEARCH, flows_of, search_text
from anaspike.studies.sizing import Sizing
from anaspike.studies.tried import Aim, Tried, best_of, condition_name, front_of


@dataclass(frozen=True)
class Optimisation:
    """What is searched, and how.

    Attributes:
        name: what files call it.
        title: one line for people.
        studies: the flow's name -> the question; all of one process and one design.
        minimise: quantities, one or several.
        specs: limits to keep.
        sizing: sizes to search, and their ranges; kinds, and what there is to choose from.
        confirm: further conditions, for those that keep the limits without.
        evaluations: candidates in all, the design itself not counted.
        method: of `campaign.optimise.METHODS`.
        seed: of the search.
    """

    name: str
    title: str
    studies: Mapping[str, Study]
    minimise: tuple[str, ...]
    specs: tuple[Spec, ...]
    sizing: Sizing
    confirm: Conditions = field(default_factory=Conditions)
    evaluations: int = 200
    method: str = "evolution"
    seed: int = 0

    @property
    def further(self) -> tuple[Assignment, ...]:
        """The further conditions, all combined."""
        space = Space(self.confirm.axes())
        return tuple(space.assignments()) if space.axes else ()

    @property
    def _first(self) -> Study:
        return next(iter(self.studies.values()))

    @property
    def pdk(self) -> str:
        """Name of the process."""
        return self._first.pdk

    @property
    def modules(self) -> tuple[Module, ...]:
        """Compiled models that a simulator needs for it; mostly none."""
        return self._first.modules

    @property
    def simulates(self) -> bool:
        """Whether it asks SPICE anything."""
        return self._first.simulates

    def approximated(self) -> "Optimisation":
        """Return the same search, asked of the process's named approximation."""
        fast = {name: study.approximated() for name, study in self.studies.items()}
        return replace(self, studies=fast)

    def check(self) -> None:
        """Refuse, before anything is run, conditions that no circuit can be under.

        Raises:
            InputError: as the studies raise it.
        """
        for study in self.studies.values():
            study.check()
            for condition in self.further:
                study.under(condition).check()

    def asked_for(self) -> dict[str, Any]:
        """Return what is searched, in plain values: what a search that goes on must share."""
        return {
            "pdk": self.pdk,
            "studies": {
                name: {"study": study.name, **study.parameters()}
                for name, study in self.studies.items()
            },
            "minimise": list(self.minimise),
            "specs": {
                spec.quantity: {"min": spec.least, "max": spec.most, "yield": spec.share}
                for spec in self.specs
            },
            "sizes": {one.name: one.said for one in self.sizing.ranges},
            "tied": {tie.name: [tie.factor, tie.source] for tie in self.sizing.ties},
            "confirm": [dict(condition) for condition in self.further],
            "method": self.method,
            "seed": self.seed,
        }

    def answer(self, bench: Bench, specs: Sequence[Spec] | None = None) -> Answer:
        """Search, and return the best sizes, judged by the limits.

        Args:
            bench: where the points run.
            specs: for the sake of those who ask any study; a search has its own.

        Raises:
            InputError: no study measures what is to be small or to keep a limit, or the design
                that the search starts from cannot be asked.
        """
        ran = _Search(self, bench)
        ran.begin()
        cube = Cube(tuple(one.among for one in self.sizing.ranges), len(self.minimise))
        search(
            self.method, ran.evaluate, cube, self.evaluations, self.seed, self.sizing.start_point
        )
        bench.doing = SIMULATING
        best, aim = best_of(ran.tried), ran.aim
        found = findings(ran.tried, aim, self.sizing, f"{self.name} on {self.pdk}")
        texts = {SEARCH: search_text(self.asked_for()), **found.texts}
        if found.texts:
            texts |= flows_of(self.studies, aim, self.confirm)
        manifest = self._first.manifest(bench)
        return Answer(
            self.name,
            self.title,
            replace(found, texts=texts),
            judge(self.specs, {n.called: best.rows(n) for n, _ in aim.limits}),
            {**manifest, "command": self.name, "parameters": self.asked_for()},
            bench.decks,
            (),
            self._first.process.approximation,
            searched=True,
        )

    def missed(self, answer: Answer) -> str:
        """Return why no sizes are an answer, in one line; "" where some are."""
        return why_none(answer, self.specs)


@dataclass
class _Search:
    """A search that is under way.

    Attributes:
        tried: every candidate so far, the design first.
        aim: what it is for, known once the design was asked.
    """

    asked_for: Optimisation
    bench: Bench
    tried: list[Tried] = field(default_factory=list)
    _known: dict[tuple[Value, ...], Tried] = field(default_factory=dict)
    _aim: Aim | None = None

    @property
    def aim(self) -> Aim:
        assert self._aim is not None  # noqa: S101
        return self._aim

    def begin(self) -> None:
        """Ask the design itself: what it measures is what can be searched for."""
        (start,) = self._screened([self.asked_for.sizing.start])
        broken = next((found for (found,) in start.found.values() if found.findings is None), None)
        if start.cancelled:
            raise InputError("the search was stopped before the design itself was asked")
        if broken is not None:
            raise InputError(f"the design that the search starts from: {broken.message}")
        self._aim = Aim.of(self.asked_for.minimise, self.asked_for.specs, start)
        self._take(self._survivors_confirmed([start]))

    def evaluate(self, points: Sequence[Point]) -> list[Score]:
        """Return the scores of a batch: of each candidate once, those of before remembered.

        Raises:
            Ended: nothing is run any more.
        """
        sizing = self.asked_for.sizing
        sizes = [self._sizes(sizing, point) for point in points]
        fresh = {_key(one): one for one in sizes if _key(one) not in self._known}
        self._say(len(fresh))
        self._take(self._survivors_confirmed(self._screened([*fresh.values()])))
        if self.bench.stopped:
            raise Ended
        return [self._known[_key(one)].score for one in sizes]

    def _sizes(self, sizing: Sizing, point: Point) -> dict[str, Value]:
        """Return the sizes at a point; the design's own where the search begins there."""
        start = sizing.start_point
        if start is not None and (point == start).all():
            return sizing.start
        return sizing.at(point)

    def _screened(self, candidates: Sequence[Mapping[str, Value]]) -> list[Tried]:
        """Ask every candidate as the studies are."""
        conditions = [_as_condition(sizes) for sizes in candidates]
        found = {
            name: found_under(study, conditions, self.bench).found
            for name, study in self.asked_for.studies.items()
        }
        return [
            Tried(len(self.tried) + i, sizes, {name: [each[i]] for name, each in found.items()})
            for i, sizes in enumerate(candidates)
        ]

    def _survivors_confirmed(self, screened: Sequence[Tried]) -> list[Tried]:
        """Ask the candidates that may be an answer under the further conditions too."""
        screened = [self.aim.scored(one) for one in screened]
        survivors = [one for one in screened if self._may_be_best(one)]
        further = self.asked_for.further
        conditions = [
            {**_as_condition(one.sizes), **condition} for one in survivors for condition in further
        ]
        more = {
            name: found_under(study, conditions, self.bench).found if conditions else []
            for name, study in self.asked_for.studies.items()
        }
        confirmed = {}
        for i, one in enumerate(survivors):
            mine = slice(i * len(further), (i + 1) * len(further))
            both = {name: [*one.found[name], *each[mine]] for name, each in more.items()}
            confirmed[one.number] = self.aim.scored(replace(one, found=both, survived=True))
        return [confirmed.get(one.number, one) for one in screened]

    def _may_be_best(self, one: Tried) -> bool:
        """Whether it keeps all limits as it was asked, and none of the front beats it."""
        best = front_of(self.tried)
        return one.score.kept and not any(
            dominates(other.score.costs, one.score.costs) for other in best
        )

    def _take(self, tried: Sequence[Tried]) -> None:
        for one in tried:
            if not one.cancelled:
                light = replace(one, number=len(self.tried))
                self.tried.append(light)
                self._known[_key(one.sizes)] = light

    def _say(self, fresh: int) -> None:
        done = len(self.tried)
        self.bench.say(f"candidates {done} to {done + fresh - 1} of {self.asked_for.evaluations}")


def _key(sizes: Mapping[str, Value]) -> tuple[Value, ...]:
    return tuple(sizes.values())


def _as_condition(sizes: Mapping[str, Value]) -> Assignment:
    return {condition_name(name): value for name, value in sizes.items()}
