"""Equation 16 in SPICE: the current follows the supply."""

import numpy as np
import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.statistics import mean_interval
from anaspike.circuits.designs import design_for
from anaspike.errors import InputError
from anaspike.experiments.synapse import SynapseRamp
from anaspike.pdk.generic28 import Generic28
from anaspike.studies.blocks.synapse import Synapse


@pytest.fixture(scope="module")
def answer(ngspice):
    return Synapse(points=3, membranes_V=(0.3,)).answer(Bench(ngspice))


def test_the_projects_own_bounds_are_met(answer):
    assert answer.ok
    assert {v.spec.quantity for v in answer.verdicts} == {
        "k_monotone", "inl_max_lsb", "dnl_max_lsb", "sink_over_source_in_use",
    }  # fmt: skip


def test_k_is_one_at_the_reference_and_can_be_inverted(answer):
    k = answer.findings.tables["k_of_vdd_syn"]
    assert len(k) == 31
    assert k.set_index("vdd_syn_V").loc[0.65, "k"] == pytest.approx(1.0, rel=1e-6)
    assert (np.diff(k["k"]) > 0).all()
    # The range that a tuned network needs.
    assert k["k"].iloc[0] < 0.25
    assert k["k"].iloc[-1] > 4


def test_a_code_is_that_many_units_and_its_sign(answer):
    table = answer.findings.tables["currents"]
    at = table[table["vdd_syn_V"] == 0.65].set_index("code")["current_A"]
    assert at[7] / at[1] == pytest.approx(7, rel=1e-3)
    assert at[-7] / at[-1] == pytest.approx(7, rel=1e-3)
    assert at[1] == pytest.approx(16.9e-9, rel=0.05)
    assert at[-1] == pytest.approx(-at[1], rel=0.15)


def test_the_charge_of_a_spike_is_current_times_width(answer):
    table = answer.findings.tables["charges"]
    charge = table[(table["vdd_syn_V"] == 0.65) & (table["code"] == 4)]["charge_coulomb"].iloc[0]
    assert charge == pytest.approx(4 * 16.9e-9 * 50e-9, rel=0.15)


def test_a_current_finds_its_supply(ngspice):
    ramp = SynapseRamp(Generic28(), design_for("generic28"))
    traces = ngspice.run(ramp.build())
    assert ramp.supply_for(traces, ramp.current_at(traces, 0.62)) == pytest.approx(0.62, abs=1e-3)


def test_mismatch_bends_the_line_by_what_the_devices_areas_say(ngspice):
    study = Synapse(points=2, membranes_V=(0.3,), mc=4, seed=1)
    answer = study.answer(Bench(ngspice))
    samples = answer.findings.tables["mismatch"]
    assert sorted(set(samples["seed"])) == [1, 2, 3, 4]
    at = samples[samples["vdd_syn_V"] == 0.65]
    # By hand: a unit of 0.1 um x 4 um has sigma 1.8 mV / sqrt(0.4) = 2.8 mV; at gm/I of 12/V
    # that is 3.4 %, and the largest step, 3 to 4, compares 4 units with 3: sqrt(7) of it.
    expected = 12 * 1.8e-3 / 0.4**0.5 * 7**0.5
    assert at["dnl_max_lsb"].mean() == pytest.approx(expected, rel=0.5)
    assert (at["inl_max_lsb"] < at["dnl_max_lsb"]).all()
    assert at["inl_max_lsb"].nunique() == 4
    quantities = answer.findings.quantities
    # Every sample at every supply, the lowest the worst of all.
    assert quantities["dnl_mc_worst_lsb"].tolist() == samples["dnl_max_lsb"].tolist()
    verdict = next(v for v in answer.verdicts if v.spec.quantity == "dnl_mc_worst_lsb")
    assert (verdict.rows, verdict.measured) == (12, samples["dnl_max_lsb"].max())
    assert verdict.worst.startswith("vdd syn 500 mV, seed ")
    assert quantities["inl_mc_mean_lsb"] == at["inl_max_lsb"].mean()
    low, high = quantities["inl_mc_mean_low_lsb"], quantities["inl_mc_mean_high_lsb"]
    assert (low, high) == mean_interval(at["inl_max_lsb"].to_numpy())
    assert low < quantities["inl_mc_mean_lsb"] < high
    # The nominal figures are nominal still.
    assert quantities["inl_max_lsb"].max() < 1e-3
    assert {v.spec.quantity for v in answer.verdicts} >= {"inl_mc_worst_lsb", "dnl_mc_worst_lsb"}


def test_a_mismatch_sample_is_one_synapse_asked_for_every_code():
    alter = SynapseRamp(Generic28(), design_for("generic28"), seed=3).build().alter
    by_code = {}
    for device, parameter, value in alter:
        _, cell, rest = device.split(".", 2)
        by_code.setdefault(cell, {})[rest, parameter] = value
    assert len(by_code) == 15
    assert all(cell == by_code["xsynapse_mem_p1"] for cell in by_code.values())


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"mc": -1}, "synapse: -1 mismatch samples; give 0 to 10000"),
        ({"mc": 10**9}, "synapse: 1000000000 mismatch samples; give 0 to 10000"),
        ({"seed": -1}, "seed -1 is negative; use 0 or more"),
        ({"temperature_C": 900}, "a temperature of 900 °C is outside -100 to 200 °C"),
        ({"membranes_V": (0.3, 2.0)}, "synapse: a membrane at 2 V is outside 0 to the core supply"),
        ({"membranes_V": ()}, "synapse: give at least one membrane voltage"),
        ({"points": 10**8}, "a sweep of 100000000 points is no sweep; use 2 to 10000 points"),
        ({"from_V": 0.7}, "synapse: from 0.7 V, reference 0.65 V and to 0.8 V must rise in that"),
        ({"to_V": 0.95}, "synapse: from 0.5 V, reference 0.65 V and to 0.95 V must rise in that"),
        ({"points": 1}, "a sweep of 1 points is no sweep; use 2 to 10000 points"),
        ({"corner": "xx"}, "generic28 has no corner 'xx'"),
    ],
)
def test_ranges_that_are_none(parameters, message):
    with pytest.raises(InputError) as caught:
        Synapse(**parameters).check()
    assert str(caught.value).startswith(message)
