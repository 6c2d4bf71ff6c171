"""Figure 6 in SPICE: 400 Mohm, symmetric, over corners and temperature."""

import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.specs import Spec
from anaspike.studies.blocks.pseudo_resistor import PseudoResistor


@pytest.fixture(scope="module")
def answer(ngspice):
    return PseudoResistor().answer(Bench(ngspice))


def test_the_project_s_own_bounds_are_met(answer):
    assert answer.ok
    found = {verdict.spec.quantity: verdict for verdict in answer.verdicts}
    assert list(found) == ["resistance_50mV_nominal_ohm", "resistance_50mV_ohm", "asymmetry"]
    # Every corner and temperature, the device of one string alone left out.
    wherever = found["resistance_50mV_ohm"]
    assert (wherever.within, wherever.rows, wherever.worst) == (7, 7, "tt, 85 °C")
    assert 42e6 < wherever.measured < 100e6
    assert found["asymmetry"].rows == 7
    assert answer.unjudged == ()


@pytest.mark.parametrize(
    ("asked", "judged"),
    [
        ({"corners": ("ss", "tt"), "temperatures_C": (27,)}, 3),
        ({"corners": ("ss",), "temperatures_C": (27, 85)}, 2),
        ({"corners": ("tt",), "temperatures_C": (27,), "seed": 1}, 2),
    ],
)
def test_the_nominal_device_is_judged_where_it_was_asked_for(ngspice, asked, judged):
    answer = PseudoResistor(**asked).answer(Bench(ngspice))
    assert len(answer.verdicts) == judged
    named = "resistance_50mV_nominal_ohm" in answer.findings.quantities
    assert named == (judged == 3)


def test_a_limit_of_ones_own_holds_at_every_corner_and_temperature(ngspice):
    study = PseudoResistor(corners=("tt", "ff"), temperatures_C=(27, 85))
    limit = Spec("resistance_50mV_ohm", 320e6, 480e6)
    (verdict,) = study.answer(Bench(ngspice), [limit]).verdicts
    assert not verdict.met
    assert (verdict.within, verdict.rows, verdict.worst) == (1, 3, "tt, 85 °C")


def test_hardly_any_current_is_no_asymmetry(ngspice):
    from anaspike.circuits.designs import design_for
    from anaspike.experiments.pseudo_resistor import PseudoResistorCurve
    from anaspike.pdk.generic28 import Generic28

    # On a ramp of 3 s a femtofarad takes 0.1 fA, a 30,000th of what flows at 50 mV.
    point = PseudoResistorCurve(Generic28(), design_for("generic28"), "tt", -40.0)
    row = point.measure(ngspice.run(point.build()))
    assert row["resistance_+50mV_ohm"] > 10e9
    assert row["asymmetry"] < 1e-6


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
    from anaspike.spice.tightened import Tightened

    point = PseudoResistorCurve(Generic28(), design_for("generic28"), "tt")
    rows = [point.measure(s.run(point.build())) for s in (ngspice, Tightened(ngspice))]
    assert rows[0]["resistance_+10mV_ohm"] == pytest.approx(
        rows[1]["resistance_+10mV_ohm"], rel=1e-3
    )
