"""Bisection of many curves at once, against going through every value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.campaign.search import Crossing, Window, first_reaching
from anaspike.errors import InputError

WINDOW = Window(0.45, 0.85, 0.01)


def test_the_grid_holds_both_ends():
    assert len(WINDOW.grid) == 41
    assert (WINDOW.grid[0], WINDOW.grid[-1]) == (0.45, 0.85)
    assert Window(0, 1, 0.3).grid == (0, 0.3, 0.6, 0.9)


@given(st.lists(st.floats(0.3, 1.0), min_size=1, max_size=8))
def test_it_finds_what_going_through_every_value_finds(thresholds):
    rounds = []

    def measure(asked):
        rounds.append(asked)
        return {key: 1.0 if value >= thresholds[key] else 0.0 for key, value in asked.items()}

    found = first_reaching(measure, dict.fromkeys(range(len(thresholds)), 1.0), WINDOW)
    for key, threshold in enumerate(thresholds):
        reached = [value for value in WINDOW.grid if value >= threshold]
        if not reached:
            assert found[key] == Crossing("above", None, found[key].runs)
        elif len(reached) == len(WINDOW.grid):
            assert found[key] == Crossing("below", None, found[key].runs)
        else:
            assert found[key] == Crossing("ok", reached[0], found[key].runs)
        assert found[key].runs <= 6  # log2 of 42
    # All curves are asked in the same round, so that they can run at once.
    assert len(rounds) <= 6
    assert set(rounds[0]) == set(range(len(thresholds)))


def test_a_measurement_that_fails_ends_its_own_search_only():
    def measure(asked):
        return {key: None if key == "bad" else float(value >= 0.6) for key, value in asked.items()}

    found = first_reaching(measure, {"bad": 1.0, "good": 1.0}, WINDOW)
    assert found["bad"] == Crossing("failed", None, 1)
    assert (found["good"].status, found["good"].at) == ("ok", 0.6)


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ((0.8, 0.5, 0.01), "a search from 0.8 to 0.5 in steps of 0.01 finds nothing; give a range"
         " that rises, and a positive step smaller than it"),
        ((0.5, 0.8, 0.0), "a search from 0.5 to 0.8 in steps of 0 finds nothing; give a range"
         " that rises, and a positive step smaller than it"),
        ((0.5, float("nan"), 0.1), "a search needs a finite range and step"),
    ],
)  # fmt: skip
def test_windows_that_are_none(window, message):
    with pytest.raises(InputError) as caught:
        Window(*window)
    assert str(caught.value) == message
