"""What is said before a run that takes long: once, by the deck that shows it, and not for less."""

from dataclasses import dataclass

import numpy as np
import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.forecast import Forecast
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.effort import Effort
from anaspike.spice.waveforms import Waveforms


@dataclass(frozen=True)
class Point:
    """One transistor, simulated for a time in steps of 10 ns."""

    stop_s: float

    def conditions(self):
        return {"stop_s": self.stop_s}

    def build(self):
        return Deck("test", "m1 a a 0 0 n", ModelFiles("", {}), self.stop_s, ("v(a)",))

    def measure(self, traces):
        return {"points": len(traces.time_s)}


class Simulator:
    version, identity = None, "a stand-in"

    def __init__(self):
        self.told = []

    def run(self, deck):
        self.told.append("ran")
        return Waveforms(np.array([0.0, deck.stop_s]), {"v(a)": np.zeros(2)})

    def cancel(self):
        self.told.append("cancelled")


def bench(jobs=1):
    simulator = Simulator()
    return simulator.told, Bench(simulator, jobs, foresee=simulator.told.append)


def test_it_is_told_once_and_before_the_run():
    told, here = bench()
    here.run([Point(3.0)] * 3)  # 3e8 steps of 3 us each: 15 minutes
    forecast, *runs = told
    assert runs == ["ran"] * 3
    assert forecast.simulations == 3
    assert forecast.total_s == pytest.approx(2700)
    assert str(forecast) == (
        "this will take about 45 minutes: 3 simulations of about 3e+08 time points, 15 minutes"
        " each, 1 at once"
    )
    here.run([Point(3.0)])
    assert len(told) == 5


def test_many_short_runs_are_long_too_and_jobs_share_them():
    told, here = bench()
    here.run([Point(0.5)] * 5)  # 2.5 minutes each
    assert next(word for word in told if word != "ran").simulations == 5
    told, here = bench(jobs=2)
    here.run([Point(0.5)] * 5)  # a little more than six minutes
    assert told == ["ran"] * 5


def test_the_deck_that_shows_it_need_not_be_the_first():
    told, here = bench()
    here.run([Point(1e-6), Point(3.0)])  # whether or not anybody has collected the first
    assert told[0] == told[2] == "ran"
    assert str(told[1]).startswith("this will take about 15 minutes: a simulation of about 3e+08")


def test_without_anybody_to_tell_nothing_is_counted():
    simulator = Simulator()
    Bench(simulator, 1).run([Point(3.0)])
    assert simulator.told == ["ran"]


@pytest.mark.parametrize(
    ("each_s", "simulations", "jobs", "long"),
    [(601, 1, 2, True), (599, 1, 1, False), (599, 2, 2, False), (301, 4, 2, True)],
)
def test_ten_minutes_is_long(each_s, simulations, jobs, long):
    forecast = Forecast(Effort(each_s / 3e-6, 1), simulations, jobs)
    assert forecast.long == long
