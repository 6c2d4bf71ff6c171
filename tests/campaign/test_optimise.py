"""Searches of the unit cube: they find, keep limits, go on as they went, end with the budget."""

import importlib.util
import re

import numpy as np
import pytest

from anaspike.campaign.optimise import (
    METHODS,
    Cube,
    Ended,
    Score,
    chosen,
    dominates,
    search,
    share_of,
)
from anaspike.errors import InputError
from anaspike.extras import installs

optuna = pytest.mark.skipif(
    importlib.util.find_spec("optuna") is None, reason="the extra anaspike[optimise] is missing"
)
METHOD = pytest.mark.parametrize(
    "method", [pytest.param("tpe", marks=optuna), "evolution"], ids=METHODS
)

BOX = Cube((0, 0, 0))


class Bowl:
    """Least at (0.3, 0.3, 0.3); the limit keeps x above 0.5."""

    def __init__(self, end=1000):
        self.seen, self.scores, self._end = [], [], end

    def __call__(self, points):
        if len(self.seen) >= self._end:
            raise Ended
        scores = [
            Score((1 + float(((point - 0.3) ** 2).sum()),), (max(0.0, 0.5 - point[0]),))
            for point in points
        ]
        self.seen += [tuple(map(float, point)) for point in points]
        self.scores += scores
        return scores

    @property
    def best(self):
        return min(score.cost for score in self.scores)


@METHOD
def test_it_finds_the_least_that_keeps_the_limit(method):
    bowl = Bowl()
    search(method, bowl, BOX, 100, 0, np.array([0.9, 0.9, 0.9]))
    assert len(bowl.seen) == 100
    assert bowl.seen[0] == (0.9, 0.9, 0.9)
    assert bowl.best < 1.08  # at the limit it is 1.04, of 100 points at random 1.12


@METHOD
def test_a_longer_search_begins_as_a_shorter_one(method):
    short, long, other = Bowl(), Bowl(), Bowl()
    search(method, short, BOX, 24, 3)
    search(method, long, BOX, 40, 3)
    search(method, other, BOX, 24, 4)
    assert long.seen[:24] == short.seen != other.seen


@METHOD
def test_who_evaluates_may_end_it(method):
    bowl = Bowl(end=16)
    search(method, bowl, BOX, 1000, 0)
    assert 16 <= len(bowl.seen) < 32


@METHOD
@pytest.mark.parametrize("budget", [1, 5, 9])
def test_a_small_budget_is_spent_and_no_more(method, budget):
    bowl = Bowl()
    search(method, bowl, Cube((0, 0)), budget, 0)
    assert len(bowl.seen) == budget


@METHOD
def test_a_choice_among_few_is_found_from_another(method):
    """Of three kinds of bowl the second is the deepest by more than its shape gives."""
    seen = []

    def evaluate(points):
        kinds = [chosen(point[1], 3) for point in points]
        seen.extend(zip(map(tuple, points), kinds, strict=True))
        return [
            Score((abs(point[0] - 0.3) + (1.0, 0.0, 2.0)[kind],), ())
            for point, kind in zip(points, kinds, strict=True)
        ]

    search(method, evaluate, Cube((0, 3)), 48, 0, np.array([0.9, share_of(2, 3)]))
    assert seen[0] == ((0.9, share_of(2, 3)), 2)
    assert {kind for _, kind in seen} == {0, 1, 2}
    (x, _), kind = min(seen, key=lambda one: abs(one[0][0] - 0.3) + (1.0, 0.0, 2.0)[one[1]])
    assert kind == 1
    assert x == pytest.approx(0.3, abs=0.1)


@pytest.mark.parametrize("among", [2, 3, 7])
def test_each_choice_has_its_share(among):
    assert [chosen(share_of(i, among), among) for i in range(among)] == list(range(among))
    assert (chosen(0.0, among), chosen(1.0, among)) == (0, among - 1)


@METHOD
def test_points_without_a_result_are_points_that_miss(method):
    def evaluate(points):
        return [Score((float("inf"), float("inf")), (0.0, 10.0)) for _ in points]

    search(method, evaluate, Cube((0, 0), costs=2), 40, 0)


def test_what_keeps_the_limits_is_better_than_what_does_not():
    kept, missed = Score((5.0,), (0.0,)), Score((1.0,), (0.1,))
    assert kept.kept
    assert not missed.kept
    assert not Score((np.inf,), (0.0,)).kept
    assert kept.cost < missed.cost < Score((0.0,), (0.2,)).cost
    assert dominates((1, 2), (1, 3))
    assert not dominates((1, 2), (1, 2))
    assert not dominates((1, 2), (2, 1))


def test_without_the_extra_the_line_names_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(InputError, match=re.escape(installs("optimise"))):
        search("tpe", Bowl(), BOX, 10, 0)
