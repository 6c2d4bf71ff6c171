"""The retry ladder: what climbs it, what does not, and what is written down."""

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
from anaspike.spice.retry import LADDER, run_with_retries
from anaspike.spice.waveforms import Waveforms

DECK = Deck("test", "", ModelFiles("", {}), 1e-6, ("v(a)",))
WAVES = Waveforms(np.zeros(1), {})


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
        run_with_retries(simulator, DECK)
    assert caught.value is failures[-1]
    assert [failed.rung for failed in caught.value.failures] == [rung.name for rung in LADDER]
    assert len(simulator.options) == len(LADDER)


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
