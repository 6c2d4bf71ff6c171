"""How sizes are searched: points of a unit cube in, scores out, a batch at a time.

Pure: nothing here knows what a coordinate means, or how a score comes about. The same seed and
the same scores give the same points, so that a search that was ended goes on where results are
kept.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.extras import need

METHODS = ("tpe", "evolution")
EXTRA = "optimise"
MISSED = 10.0  # violation of a limit by what could not be measured; none counts for more
_TOGETHER = 8  # points of a batch: as many whatever the machine, or the points would differ
_LEAST_POPULATION = 8
_FOREVER = 1_000_000  # generations; the budget ends it
_NO_COST = 1e6  # of what could not be measured: no infinity goes into a model

Point = NDArray[np.float64]


@dataclass(frozen=True)
class Cube:
    """What is searched: the unit cube, and how many costs each of its points has.

    Attributes:
        among: of each dimension, among how many it chooses, each with its share of 0 to 1; 0
            where every fraction counts.
        costs: quantities to minimise.
    """

    among: tuple[int, ...]
    costs: int = 1

    @property
    def dimensions(self) -> int:
        """How many coordinates a point has."""
        return len(self.among)


def share_of(index: int, among: int) -> float:
    """Return the middle of a choice's share of 0 to 1."""
    return (index + 0.5) / among


def chosen(fraction: float, among: int) -> int:
    """Return which choice has a fraction 0 to 1 in its share, from 0."""
    return min(int(fraction * among), among - 1)


@dataclass(frozen=True)
class Score:
    """What became of one point.

    Attributes:
        costs: one for each quantity to minimise, in units of where the search started; infinite
            where it could not be measured.
        violations: one for each limit: 0 where it is kept, else by how much of it it is missed.
    """

    costs: tuple[float, ...]
    violations: tuple[float, ...]

    @property
    def violation(self) -> float:
        """By how much limits are missed in all; 0 where all are kept."""
        return sum(self.violations)

    @property
    def kept(self) -> bool:
        """Whether all was measured, and within its limits."""
        return self.violation == 0 and all(map(math.isfinite, self.costs))

    @property
    def cost(self) -> float:
        """One number for searches that know no other: any kept point lies below any missed one."""
        if self.kept:
            return sum(self.costs)
        return 1e30 * (1 + self.violation)


Evaluate = Callable[[Sequence[Point]], Sequence[Score]]


class Ended(Exception):
    """The budget is spent, or nothing is run any more: raised by who evaluates, ends a search."""


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Return whether one point's costs are nowhere higher than another's, and lower somewhere."""
    pairs = list(zip(one, other, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def search(
    method: str,
    evaluate: Evaluate,
    cube: Cube,
    budget: int,
    seed: int,
    start: Point | None = None,
) -> None:
    """Search until the budget is spent; who evaluates keeps what it saw.

    Args:
        method: of `METHODS`; "tpe" needs the extra.
        evaluate: called with a batch of points, shape (dimensions,) each, within 0 to 1; it
            may raise `Ended`.
        cube: that is searched.
        budget: points in all.
        seed: of the search.
        start: a point to begin with.

    Raises:
        InputError: the method's library is not installed.
    """
    with suppress(Ended):
        (_tpe if method == "tpe" else _evolution)(evaluate, cube, budget, seed, start)


def _tpe(evaluate: Evaluate, cube: Cube, budget: int, seed: int, start: Point | None) -> None:
    """Search with optuna's tree of Parzen estimators, which takes limits and several costs."""
    optuna: Any = need("optuna", EXTRA)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    among = {f"x{i}": number for i, number in enumerate(cube.among)}
    choice = optuna.distributions.CategoricalDistribution
    fraction = optuna.distributions.FloatDistribution(0.0, 1.0)
    ranges = {name: choice(range(n)) if n else fraction for name, n in among.items()}
    sampler = optuna.samplers.TPESampler(
        seed=seed, n_startup_trials=2 * _TOGETHER, multivariate=True, constant_liar=True
    )
    study = optuna.create_study(sampler=sampler, directions=["minimize"] * cube.costs)
    if start is not None:
        values = zip(among.items(), map(float, start), strict=True)
        study.enqueue_trial({name: chosen(x, n) if n else x for (name, n), x in values})
    for first in range(0, budget, _TOGETHER):
        trials = [study.ask(ranges) for _ in range(min(_TOGETHER, budget - first))]
        points = [_point(trial.params, among) for trial in trials]
        for trial, score in zip(trials, evaluate(points), strict=True):
            for i, violation in enumerate(score.violations):
                trial.set_constraint(f"limit {i}", violation)
            trial.set_constraint(
                "measured", 0.0 if all(map(math.isfinite, score.costs)) else MISSED
            )
            study.tell(trial, [min(cost, _NO_COST) for cost in score.costs])


def _point(asked: Mapping[str, float], among: Mapping[str, int]) -> Point:
    """Return a trial as a point: of a choice, the middle of its share."""
    values = ((asked[name], n) for name, n in among.items())
    return np.array([share_of(int(value), n) if n else value for value, n in values])


def _evolution(evaluate: Evaluate, cube: Cube, budget: int, seed: int, start: Point | None) -> None:
    """Search by differential evolution, as scipy has it; of several costs the sum.

    A choice is a coordinate like any other: which share of it a point falls into is its index.
    """
    # Here, for it takes longer to load than most commands take to begin.
    from scipy.optimize import Bounds, differential_evolution  # noqa: PLC0415
    from scipy.stats import qmc  # noqa: PLC0415

    dimensions = cube.dimensions
    population = min(budget, max(_TOGETHER, 3 * dimensions))
    rng = np.random.default_rng(seed)
    first = qmc.LatinHypercube(dimensions, rng=rng).random(population)
    if start is not None:
        first[0] = start
    if population < _LEAST_POPULATION:  # too few to breed from
        evaluate(list(first))
        return
    left = budget

    def cost(points: NDArray[np.float64]) -> NDArray[np.float64]:
        nonlocal left
        batch = list(points.T)[:left]
        if not batch:
            raise Ended
        left -= len(batch)
        scores = [score.cost for score in evaluate(batch)]
        return np.array(scores + [math.inf] * (points.shape[1] - len(batch)))

    many: Any = cost  # of many points at once, as `vectorized` says; its stubs know those of one
    differential_evolution(
        many,
        Bounds([0.0] * dimensions, [1.0] * dimensions),
        init=first, maxiter=_FOREVER, tol=0, polish=False, updating="deferred",
        vectorized=True, rng=rng,
    )  # fmt: skip
