"""How near a sweep's decisions came to going the other way."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.campaign.bench import Batch, Bench
from anaspike.circuits.designs import design_for, driven
from anaspike.experiments.measure import Spikes, find_decisions
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.pdk.generic28 import Generic28
from anaspike.studies.blocks.margins import said_of_margins, with_margins
from anaspike.studies.blocks.sweep_vdd import SweepVdd
from anaspike.studies.conditions import Conditions, under

VDD_V = 0.9


def point(vdd_syn_V, codes=(4, 0, 0)):
    return NeuronTransient(
        Generic28(), driven(design_for("generic28"), codes, 3, None, None), vdd_syn_V, "tt"
    )


def pulses(time_s, falls_s):
    """A clock that is high for 10 ns before each fall."""
    high = np.zeros(len(time_s), dtype=bool)
    for fall_s in falls_s:
        high |= (time_s > fall_s - 10e-9) & (time_s < fall_s)
    return np.where(high, VDD_V, 0.0)


def test_a_decision_is_where_hold_falls_and_a_spike_answers_the_last_one_before_it():
    time_s = np.linspace(0, 1e-6, 10_001)
    hold_V = pulses(time_s, [200e-9, 400e-9, 600e-9])
    membrane_V = 0.3 + 0.1 * time_s / 1e-6  # 320, 340, 360 mV there
    out = Spikes(np.array([402e-9]), np.array([50e-9]))
    found = find_decisions(time_s, hold_V, membrane_V, out, VDD_V)
    assert found.lowest_fired_V == pytest.approx(0.34, abs=1e-4)
    assert found.highest_silent_V == pytest.approx(0.36, abs=1e-4)


def test_who_never_fires_or_never_stays_silent_has_no_such_decision():
    time_s = np.linspace(0, 1e-6, 10_001)
    hold_V, nothing = pulses(time_s, [300e-9]), Spikes(np.array([]), np.array([]))
    silent = find_decisions(time_s, hold_V, hold_V * 0 + 0.3, nothing, VDD_V)
    assert (silent.highest_silent_V, silent.lowest_fired_V) == (pytest.approx(0.3), None)
    out = Spikes(np.array([305e-9]), np.array([np.nan]))
    fired = find_decisions(time_s, hold_V, hold_V * 0 + 0.4, out, VDD_V)
    assert (fired.highest_silent_V, fired.lowest_fired_V) == (None, pytest.approx(0.4))
    unasked = find_decisions(time_s, hold_V * 0, hold_V * 0, nothing, VDD_V)
    assert (unasked.highest_silent_V, unasked.lowest_fired_V) == (None, None)


@dataclass
class Toy(Bench):
    """Neurons whose threshold and whose spike's lift are known; a spike saturates at `most_V`."""

    threshold_V: float
    lift_V: float
    most_V: float = 2.0
    fails: bool = False
    asked: list = field(default_factory=list)
    stopped: bool = False

    def run(self, points, keep=(), order=None, doubted=True):
        assert not doubted
        self.asked += points
        return Batch(pd.DataFrame([self._row(one) for one in points]), {})

    def _row(self, one):
        if self.fails:
            return {"status": "timeout"}
        share = max(0.0, 1 - one.start_V / self.most_V)  # the higher it is the less comes in
        at_V = 0.98 * one.start_V + self.lift_V * share
        fired = at_V > self.threshold_V
        decided = {"highest_silent_V": None if fired else at_V, "lowest_fired_V": at_V}
        return {**decided, "lowest_fired_V": at_V if fired else None, "status": "ok"}


def sweep(highest_silent_V, lowest_fired_V):
    rows = {"highest_silent_V": highest_silent_V, "lowest_fired_V": lowest_fired_V}
    return pd.DataFrame(rows).assign(vdd_syn_V=[0.55, 0.65, 0.75], status="ok", message="")


@given(threshold_V=st.floats(0.3, 0.45), lift_V=st.floats(-0.1, 0.3), most_V=st.floats(0.5, 2.0))
def test_the_threshold_is_found_from_any_start(threshold_V, lift_V, most_V):
    bench = Toy(threshold_V, lift_V, most_V)
    table = with_margins(
        sweep([0.2] * 3, [None, None, threshold_V + 5e-3]), [point(0.55), point(0.65), point(0.75)],
        bench,
    )  # fmt: skip
    assert table["margin_V"].iloc[-1] == pytest.approx(5e-3, abs=0.26e-3)
    assert len(bench.asked) < 32
    assert all(0 <= one.start_V <= VDD_V for one in bench.asked)
    assert all(one.design.drive.spikes_in == 1 for one in bench.asked)


@pytest.mark.parametrize("threshold_V", [0.3261, 0.3312, 0.3335, 0.3402])
def test_a_threshold_where_it_is_as_a_rule_takes_a_dozen_short_runs_or_so(threshold_V):
    bench = Toy(threshold_V, 0.05)
    ends = [point(0.55), point(0.65), point(0.75)]
    table = with_margins(sweep([0.2] * 3, [None, None, 0.4]), ends, bench)
    assert table["margin_V"].iloc[-1] == pytest.approx(0.4 - threshold_V, abs=0.26e-3)
    of_end = [[one for one in bench.asked if one.vdd_syn_V == volt] for volt in (0.55, 0.75)]
    assert len(of_end[0]) <= 9
    assert len(of_end[1]) <= 6  # it begins where the other end has ended
    assert all(one.stop_s < 410e-9 for one in bench.asked)


def test_the_nearest_decision_is_the_margin_and_less_than_twice_the_error_is_marginal():
    threshold_V = 0.3501
    error_V = design_for("generic28").membrane_error_V
    table = with_margins(
        sweep([0.3, threshold_V - 1.5 * error_V, 0.3], [0.4, 0.36, threshold_V + 2.6 * error_V]),
        [point(0.55), point(0.65), point(0.75)],
        Toy(threshold_V, 0.05),
    )
    assert table["margin_V"].tolist() == pytest.approx(
        [threshold_V + 0.05 - threshold_V, 1.5 * error_V, 2.6 * error_V], abs=0.26e-3
    )
    assert table["marginal"].tolist() == [False, True, False]
    assert list(table)[-4:] == ["margin_V", "marginal", "status", "message"]
    (note,) = said_of_margins(table)
    assert note.startswith("marginal: 0.65 V; ")


def test_a_decision_against_the_threshold_has_a_negative_margin():
    table = with_margins(
        sweep([0.36, 0.3, 0.3], [0.37, 0.37, 0.37]), [point(0.55), point(0.65), point(0.75)],
        Toy(0.355, 0.05),
    )  # fmt: skip
    assert table["margin_V"][0] == pytest.approx(-5e-3, abs=0.3e-3)
    assert table["marginal"].tolist() == [True, False, False]


@pytest.mark.parametrize("bench", [Toy(0.35, 0.05, fails=True), Toy(-1.0, 0.5)])
def test_without_a_threshold_there_is_no_margin_and_nothing_is_marginal(bench):
    table = with_margins(
        sweep([0.3] * 3, [0.4] * 3), [point(0.55), point(0.65), point(0.75)], bench
    )
    assert table["margin_V"].isna().all()
    assert table["marginal"].isna().all()
    assert said_of_margins(table) == ()
    assert len(bench.asked) <= 8


def test_a_sweep_that_failed_everywhere_stays_as_it_is():
    failed = pd.DataFrame({"vdd_syn_V": [0.55, 0.75], "status": "timeout"})
    assert with_margins(failed, [point(0.55), point(0.75)], Toy(0.35, 0.05)) is failed


@pytest.mark.ngspice
def test_a_real_sweep_says_how_near_it_came(ngspice):
    bench = Bench(ngspice, 2)
    findings = SweepVdd(points=2, spikes_in=3).find(bench)
    table = findings.tables["sweep_vdd"]
    # v_th, and what couples in; the higher supply fires at once, the lower one never.
    assert table["lowest_fired_V"].isna().tolist() == [True, False]
    assert (table["margin_V"] > 0.01).all()
    below_V = table["highest_silent_V"][0] + table["margin_V"][0]
    assert below_V == pytest.approx(design_for("generic28").neuron.v_th_V, abs=10e-3)
    assert table["marginal"].tolist() == [False, False]


@pytest.mark.ngspice
def test_under_several_conditions_each_has_its_own_margins(ngspice):
    study = SweepVdd(points=2, spikes_in=2)
    answer = under(study, Conditions(corners=("tt", "ff"))).answer(Bench(ngspice, 2))
    table = answer.findings.tables["sweep_vdd"]
    assert table["corner"].tolist() == ["tt", "tt", "ff", "ff"]
    assert (table["status"] == "ok").all()
    assert table["margin_V"].notna().all()
