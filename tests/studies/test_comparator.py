"""The comparator in SPICE: one threshold, found and confirmed; offset as Pelgrom has it."""

from dataclasses import replace

import numpy as np
import pytest

from anaspike.campaign.bench import Bench
from anaspike.circuits.designs import design_for, resized
from anaspike.errors import InputError
from anaspike.experiments.comparator import ComparatorDecision, ComparatorThreshold
from anaspike.experiments.protocol import NoAnswer
from anaspike.pdk.generic28 import Generic28
from anaspike.spice.tightened import Tightened
from anaspike.studies.blocks.comparator import Comparator


@pytest.fixture(scope="module")
def answer(ngspice):
    return Comparator(overdrives_V=(2e-3, 20e-3), samples=3).answer(Bench(ngspice))


def test_every_point_gave_a_result(answer):
    tables = answer.findings.tables
    assert all((tables[name]["status"] == "ok").all() for name in ("thresholds", "decisions"))
    assert len(tables["offsets"]) == 2 * 3
    judged = {verdict.spec.quantity: verdict.met for verdict in answer.verdicts}
    assert set(judged) == {"offset_sigma_V", "threshold_nominal_V", "settled_shift_V"}
    assert judged["threshold_nominal_V"]
    assert judged["settled_shift_V"]


def test_what_lies_above_the_threshold_fires_and_what_lies_below_does_not(answer):
    decisions = answer.findings.tables["decisions"]
    assert (decisions["fired"] == (decisions["overdrive_V"] > 0)).all()
    assert (answer.findings.tables["thresholds"]["resolution_V"] < 0.2e-3).all()


def test_less_overdrive_takes_longer_by_the_latchs_logarithm(answer):
    ours = answer.findings.tables["decisions"].query("comparator == 'ours'")
    time_s = ours.set_index("overdrive_V")["decision_time_s"]
    assert time_s[2e-3] > time_s[10e-3] > time_s[20e-3] > 0
    # One time constant of regeneration for each factor of e, the same on both stretches.
    taus = [
        (time_s[low] - time_s[high]) / np.log(high / low)
        for low, high in ((2e-3, 10e-3), (10e-3, 20e-3))
    ]
    assert taus[0] == pytest.approx(taus[1], rel=0.5)


def test_a_low_offset_costs_energy_and_kickback(answer):
    quantities = answer.findings.quantities
    assert 1.5 < quantities["energy_over_smallest"] < 2.5
    table = answer.findings.tables["summary"].set_index("comparator")
    assert table.loc["ours", "kickback_peak_V"] < 5 * table.loc["smallest", "kickback_peak_V"] < 0
    # Where it decides, the membrane is pulled below where it was asked: it must lie higher.
    nominal_V = quantities["offset_V"].iloc[0]
    assert 0.005 < nominal_V < -quantities["kickback_peak_V"]
    assert len(quantities["offset_V"]) == 1 + 3  # a limit on it is one on every sample
    mean_V = quantities["offset_mean_V"]
    assert quantities["offset_mean_low_V"] < mean_V < quantities["offset_mean_high_V"]


def test_an_overcompensated_input_pulls_the_membrane_down_while_hold_is_low(ngspice):
    """More dummy takes more charge out of it: what stays until `hold` rises, and is gone then."""
    design = design_for("generic28")
    settled_V = {}
    for share in (0.4, 0.6, 0.8):
        dummy_m = share * design.neuron.comparator.input_pair.w_m
        other = resized(design, {"comparator.dummy.w_m": dummy_m})
        point = ComparatorDecision(Generic28(), other, threshold_V=0.4, overdrive_V=0.02)
        row = point.measure(ngspice.run(point.build()))
        settled_V[share] = row["kickback_settled_V"]
        assert abs(row["kickback_left_V"]) < 1e-3
    assert settled_V[0.4] > settled_V[0.6] > settled_V[0.8]
    assert settled_V[0.8] < -5e-3


def test_the_search_closes_in_though_the_input_is_as_large_as_the_membrane(ngspice):
    """20 um by 0.3 um is some 40 fF on a membrane of 50 fF."""
    large = resized(design_for("generic28"), {"comparator.input_pair.w_m": 20e-6})
    for seed in range(3):
        point = ComparatorThreshold(Generic28(), large, seed=seed)
        assert point.measure(ngspice.run(point.build()))["resolution_V"] < 0.2e-3


def test_the_energy_is_at_least_that_of_the_nodes_that_must_charge(answer):
    """By hand: hold (2 fF of wire) and one latch side with its buffer (4 fF) swing by VDD."""
    assert answer.findings.quantities["energy_fired_J"] > 6e-15 * 0.9**2


def test_a_shift_of_v_th_is_a_shift_of_the_threshold(ngspice):
    design = design_for("generic28")
    lower = replace(design, neuron=replace(design.neuron, v_th_V=design.neuron.v_th_V - 0.01))
    rows = [
        point.measure(simulator.run(point.build()))
        for point, simulator in (
            (ComparatorThreshold(Generic28(), design), ngspice),
            (ComparatorThreshold(Generic28(), design), Tightened(ngspice)),
            (ComparatorThreshold(Generic28(), lower), ngspice),
        )
    ]
    assert rows[1]["threshold_V"] == pytest.approx(rows[0]["threshold_V"], abs=0.3e-3)  # converged
    assert rows[0]["threshold_V"] - rows[2]["threshold_V"] == pytest.approx(0.01, abs=1e-3)


class Constant:
    """Traces that never move."""

    time_s = np.array([0.0, 1.0])

    def __getitem__(self, vector):
        return np.zeros(2)


def test_a_comparator_that_never_fires_has_no_threshold():
    point = ComparatorThreshold(Generic28(), design_for("generic28"))
    with pytest.raises(NoAnswer, match="all 14 decisions of the search came out the same"):
        point.measure(Constant())


@pytest.mark.sky130
@pytest.mark.parametrize(("corner", "temperature_C"), [("tt", 27.0), ("fs", -40.0)])
def test_a_sky130_comparator(ngspice, sky130_models, corner, temperature_C):
    from anaspike.pdk.catalog import open_pdk

    process, design = open_pdk("sky130"), design_for("sky130")
    at = (process, design, corner, temperature_C)  # cold at fs it takes 0.1 us
    point = ComparatorThreshold(*at)
    found = point.measure(ngspice.run(point.build()))
    decision = ComparatorDecision(*at, threshold_V=found["threshold_V"], overdrive_V=2e-3)
    assert decision.measure(ngspice.run(decision.build()))["fired"] == 1


_OVERDRIVES = (
    "comparator: overdrives must rise from one to the next, above 0 V and below 0.2 V;"
    " write for example 1mV, 10mV"
)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"samples": 0}, "comparator: 0 samples have no spread; give 2 or more"),
        ({"overdrives_V": ("10mV", "1mV")}, _OVERDRIVES),
        ({"overdrives_V": (0,)}, _OVERDRIVES),
        ({"overdrives_V": ()}, _OVERDRIVES),
        ({"corner": "xx"}, "generic28 has no corner 'xx'; choose one of tt, ff, ss, sf, fs"),
        ({"temperature_C": -300}, "a temperature of -300 °C is outside -100 to 200 °C"),
        ({"seed": -3}, "seed -3 is negative; use 0 or more"),
    ],
)
def test_what_cannot_be_asked(parameters, message):
    with pytest.raises(InputError) as caught:
        Comparator(**parameters).check()
    assert str(caught.value) == message


def test_an_overdrive_that_is_no_number():
    with pytest.raises(InputError) as caught:
        Comparator(overdrives_V=("1mV", "nan"))
    assert str(caught.value) == "comparator: overdrives_V.1: nan is not a finite number"
