"""Figure 6 in SPICE: 400 Mohm, symmetric, over corners and temperature."""

import pytest

from anaspike.campaign.bench import Bench
from anaspike.studies.blocks.pseudo_resistor import PseudoResistor


@pytest.fixture(scope="module")
def answer(ngspice):
    return PseudoResistor().answer(Bench(ngspice))


def test_the_project_s_own_bounds_are_met(answer):
    assert answer.ok
    assert [verdict.spec.quantity for verdict in answer.verdicts] == [
        "resistance_50mV_ohm",
        "asymmetry",
    ]


def test_one_string_alone_is_asymmetric(answer):
    table = answer.findings.tables["pseudo_resistor"]
    one = table[table["device"] == "one-directional"].iloc[0]
    assert one["asymmetry"] > 0.3
    # Two strings in parallel conduct the sum of one string's two directions.
    both = table.iloc[0]
    together = 1 / (1 / one["resistance_+50mV_ohm"] + 1 / one["resistance_-50mV_ohm"])
    assert both["resistance_+50mV_ohm"] == pytest.approx(together, rel=0.01)


def test_a_fast_or_hot_device_leaks_more(answer):
    table = answer.findings.tables["pseudo_resistor"].set_index(
        ["device", "corner", "temperature_C"]
    )
    ohm = table.loc["symmetric"]["resistance_+50mV_ohm"]
    assert ohm["ff", 27.0] < ohm["tt", 27.0] < ohm["ss", 27.0]
    assert ohm["tt", 85.0] < ohm["tt", 27.0] < ohm["tt", -40.0]


def test_the_sweep_is_slow_enough_and_converged(ngspice):
    from anaspike.circuits.designs import design_for
    from anaspike.experiments.pseudo_resistor import PseudoResistorCurve
    from anaspike.pdk.generic28 import Generic28

    point = PseudoResistorCurve(Generic28(), design_for("generic28"), "tt")
    rows = [p.measure(ngspice.run(p.build())) for p in (point, point.tightened())]
    assert rows[0]["resistance_+10mV_ohm"] == pytest.approx(
        rows[1]["resistance_+10mV_ohm"], rel=1e-3
    )
