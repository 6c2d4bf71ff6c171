"""The retry ladder: what climbs it, what does not, and what is written down."""

from dataclasses import replace

import numpy as np
import pytest

from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import (
    ConvergenceFailure,
    Crashed,
    DeckError,
    Failed,
    SingularMatrix,
    Timeout,
    TimestepTooSmall,
)
from anaspike.spice.options import SimulationOptions
from anaspike.spice.retry import LADDER, run_with_retries
from anaspike.spice.waveforms import Waveforms

DECK = Deck("test", "", ModelFiles("", {}), 1e-6, ("v(a)",))
WAVES = Waveforms(np.zeros(1), {})
HASTY = replace(DECK, options=SimulationOptions(method="trap", bypass=True))


class Scripted:
    """A simulator that fails as told, then delivers; it keeps the options it was run with."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.options = []

    def run(self, deck):
        self.options.append(deck.options)
        if self.failures:
            raise self.failures.pop(0)
        return WAVES

    def cancel(self):
        raise AssertionError


@pytest.mark.parametrize("failure", [ConvergenceFailure, TimestepTooSmall, SingularMatrix])
def test_failures_to_converge_climb(failure):
    simulator = Scripted(failure("no", "the log says no"))
    attempt = run_with_retries(simulator, DECK)
    assert attempt.rung == "small steps"
    assert attempt.failures == (Failed("as asked", failure.kind, "the log says no"),)
    first, second = simulator.options
    assert first == DECK.options
    assert second.max_step_s == first.max_step_s / 4
    assert second.chgtol_C == first.chgtol_C


def test_the_top_of_the_ladder_is_the_end():
    failures = [ConvergenceFailure(f"no {i}") for i in range(len(LADDER))]
    simulator = Scripted(*failures)
    with pytest.raises(ConvergenceFailure) as caught:
        run_with_retries(simulator, HASTY)
    assert caught.value is failures[-1]
    assert [failed.rung for failed in caught.value.failures] == [rung.name for rung in LADDER]
    assert len(simulator.options) == len(LADDER)


def test_what_saves_time_is_given_up_first_and_does_not_come_back():
    simulator = Scripted(*(ConvergenceFailure("no") for _ in LADDER[1:]))
    assert run_with_retries(simulator, HASTY).rung == LADDER[-1].name
    asked, plain, *others = simulator.options
    assert (asked.method, asked.bypass) == ("trap", True)
    assert plain == replace(asked, method="gear", bypass=False)
    assert all((one.method, one.bypass) == ("gear", False) for one in others)


def test_a_rung_that_would_be_the_same_run_again_is_left_out():
    failures = [ConvergenceFailure(f"no {i}") for i in range(len(LADDER) - 1)]
    with pytest.raises(ConvergenceFailure) as caught:
        run_with_retries(Scripted(*failures), DECK)
    tried = [failed.rung for failed in caught.value.failures]
    assert tried == [rung.name for rung in LADDER if rung.name != "plain"]


def test_no_rung_loosens_a_tolerance():
    for rung in LADDER:
        options = rung.change(DECK.options)
        assert options.chgtol_C <= DECK.options.chgtol_C
        assert options.reltol <= DECK.options.reltol
        assert options.max_step_s <= DECK.options.max_step_s
        assert rung.why


@pytest.mark.parametrize("failure", [Timeout, DeckError])
def test_what_would_be_no_different_is_not_tried_again(failure):
    simulator = Scripted(failure("no"))
    with pytest.raises(failure):
        run_with_retries(simulator, DECK)
    assert len(simulator.options) == 1


def test_a_crash_is_tried_once_more_as_it_was():
    simulator = Scripted(Crashed("no"))
    assert run_with_retries(simulator, DECK).rung == "as asked"
    assert simulator.options == [DECK.options] * 2
    with pytest.raises(Crashed):
        run_with_retries(Scripted(Crashed("no"), Crashed("no")), DECK)
