"""Sizes that were tried: what was measured, what it costs, which limits it keeps."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from anaspike.campaign.optimise import MISSED, Score, dominates
from anaspike.campaign.outcome import CANCELLED
from anaspike.campaign.quantities import Quantity, alone, as_rows, condition_of, in_words
from anaspike.campaign.space import Value
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.studies.gathered import Found
from anaspike.units import printable, suggestion

OF_NETLISTS = ("params", "sources")  # tables of a netlist that may be searched
_NO_SCORE = Score((), (MISSED,))


def condition_name(size: str) -> str:
    """Return what a size is called as a condition; an entry of a netlist's tables is one."""
    table, dot, _ = size.partition(".")
    return size if dot and table in OF_NETLISTS else f"sizes.{size}"


@dataclass(frozen=True)
class Named:
    """A quantity of one of several studies, by the name that a flow calls it.

    Attributes:
        called: in the flow: "energy_per_spike_J", "energy.energy_per_spike_J".
        study: the flow's name of the study that measures it.
        quantity: the study's name of it.
    """

    called: str
    study: str
    quantity: str


@dataclass(frozen=True)
class Tried:
    """One evaluation.

    Attributes:
        number: of the evaluation; 0 is the design that the search starts from.
        sizes: dotted name -> value.
        found: name of the study -> what was found, as asked first, then under each further
            condition.
        survived: whether the further conditions were asked, for it kept the limits without.
        score: how good the sizes are; `Aim.scored` says it.
    """

    number: int
    sizes: Mapping[str, Value]
    found: Mapping[str, Sequence[Found]]
    survived: bool = False
    score: Score = _NO_SCORE

    @property
    def status(self) -> str:
        """ "ok", or that of the first question that gave no result."""
        return next((one.status for one in self._all if one.status != "ok"), "ok")

    @property
    def message(self) -> str:
        """One line on that."""
        return next((one.message for one in self._all if one.status != "ok"), "")

    @property
    def cancelled(self) -> bool:
        """Whether it was not asked to its end: the run was stopped."""
        return any(one.status == CANCELLED for one in self._all)

    def cost(self, named: Named) -> float | None:
        """Return a quantity as it was asked first; of several values the largest."""
        values = as_rows(self.found[named.study][0].quantities.get(named.quantity)).dropna()
        return float(values.max()) if len(values) else None

    def rows(self, named: Named) -> "pd.Series[float]":
        """Return a quantity under all conditions, with what each is; missing where one failed."""
        parts = []
        for one in self.found[named.study]:
            quantity: Quantity = None
            if one.findings is not None:
                if named.quantity not in one.quantities:
                    continue  # a quantity of other conditions
                quantity = one.quantities[named.quantity]
            values = as_rows(quantity)
            sized = {condition_name(name) for name in self.sizes}
            outer = {k: v for k, v in one.condition.items() if k not in sized}
            whose = [
                ", ".join(filter(None, (in_words(outer) if outer else "", condition_of(values, i))))
                for i in range(len(values))
            ]
            parts.append(values.set_axis([name or "as asked" for name in whose]))
        return pd.concat(parts) if parts else alone(None)

    def worst(self, named: Named, spec: Spec) -> float | None:
        """Return the value that is nearest to missing a limit, or misses it most."""
        values = self.rows(named)
        value = float(min(values, key=spec.distance))
        return value if math.isfinite(value) else None

    @property
    def _all(self) -> Iterable[Found]:
        return (one for several in self.found.values() for one in several)


@dataclass(frozen=True)
class Aim:
    """What a search is for.

    Attributes:
        costs: quantities to minimise.
        limits: quantities and what they must keep to.
        units: of each cost: what it was where the search started.
    """

    costs: tuple[Named, ...]
    limits: tuple[tuple[Named, Spec], ...]
    units: tuple[float, ...]

    @classmethod
    def of(cls, minimise: Sequence[str], specs: Sequence[Spec], start: Tried) -> "Aim":
        """Return what quantities a flow means, now that it is known what its studies measure.

        Raises:
            InputError: none measures one of them, or several do.
        """
        costs = tuple(_named("minimise", name, start) for name in minimise)
        limits = tuple((_named("specs", spec.quantity, start), spec) for spec in specs)
        values = (start.cost(named) for named in costs)
        return cls(costs, limits, tuple(abs(value) if value else 1.0 for value in values))

    def scored(self, tried: Tried) -> Tried:
        """Return the same, with how good the sizes are."""
        costs = [tried.cost(named) for named in self.costs]
        violations = [violation(spec, tried.rows(named)) for named, spec in self.limits]
        failed = MISSED if tried.status != "ok" else 0.0
        relative = (
            math.inf if cost is None else cost / unit
            for cost, unit in zip(costs, self.units, strict=True)
        )
        return replace(tried, score=Score(tuple(relative), (*violations, failed)))


def front_of(tried: Sequence[Tried]) -> list[Tried]:
    """Return the survivors that keep all limits and that no others dominate, best first."""
    kept = [one for one in tried if one.survived and one.score.kept]
    best = [
        one
        for one in kept
        if not any(dominates(other.score.costs, one.score.costs) for other in kept)
    ]
    return sorted(best, key=lambda one: (one.score.cost, one.number))


def best_of(tried: Sequence[Tried]) -> Tried:
    """Return the best that keeps all limits; where none does, the one that misses them least."""
    front = front_of(tried)
    return front[0] if front else min(tried, key=lambda one: (one.score.cost, one.number))


def violation(spec: Spec, values: "pd.Series[float]") -> float:
    """Return by how much of its limit a quantity misses it, where as many as must keep it do."""
    distances = sorted((spec.distance(value) for value in values), reverse=True)
    needed = max(1, math.ceil(spec.share * len(distances) - 1e-9))
    size = max(abs(limit) for limit in (spec.least, spec.most) if limit is not None) or 1.0
    return min(MISSED, max(0.0, -distances[needed - 1] / size))


def _named(where: str, called: str, start: Tried) -> Named:
    """Return which study's quantity is meant."""
    measured = {study: [*found[0].quantities] for study, found in start.found.items()}
    study, dot, quantity = called.partition(".")
    if dot and quantity in measured.get(study, ()):
        return Named(called, study, quantity)
    having = [study for study, names in measured.items() if called in names]
    if len(having) > 1:
        raise InputError(
            f"{where}: {' and '.join(having)} measure {called}; write {having[0]}.{called}"
        )
    if not having:
        among = measured.get(study) or [name for names in measured.values() for name in names]
        hint = suggestion(quantity if study in measured else called, among)
        raise InputError(f"{where}: none of the studies measures '{printable(called)}'; {hint}")
    return Named(called, having[0], called)
