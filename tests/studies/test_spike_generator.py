"""The spike generator in SPICE: its width follows its current, and the mirror holds it."""

from dataclasses import replace

import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.specs import Spec, judge
from anaspike.circuits.designs import design_for
from anaspike.errors import InputError
from anaspike.experiments.spike_generator import FixedBias, SpikeGeneratorPulse
from anaspike.pdk.generic28 import Generic28
from anaspike.spice.tightened import Tightened
from anaspike.studies.blocks.spike_generator import SpikeGenerator


@pytest.fixture(scope="module")
def answer(ngspice):
    return SpikeGenerator(bias_factors=(0.5, 1, 2), samples=8).answer(Bench(ngspice))


def test_the_projects_own_bound_is_met(answer):
    assert answer.ok
    assert {verdict.spec.quantity for verdict in answer.verdicts} == {
        "width_ratio_mirror", "width_log_sigma", "width_log_sigma_one_chip",
    }  # fmt: skip
    assert len(answer.findings.tables["runs"]) == 3 + 2 * 5 * 3


def test_twice_the_current_is_half_the_width(answer):
    slow, nominal, fast = answer.findings.tables["bias"]["spike_width_s"]
    assert slow == pytest.approx(2 * nominal, rel=0.05)
    assert fast == pytest.approx(nominal / 2, rel=0.05)


def test_the_width_is_charge_over_current(answer):
    """By hand: two starved edges, each with 2 fF of wire and four gates, over about half VDD."""
    sizes = design_for("generic28").neuron.spike_generator
    starved_A = sizes.bias_current_A * sizes.starve_n.mult / sizes.mirror_n.mult
    width_s = answer.findings.quantities["spike_width_s"].iloc[0]  # nominal
    charge_C = starved_A * width_s
    # Per edge 0.45 V: 2 fF of wire alone at least, and no more than twice that with its gates.
    assert 2 * 2e-15 * 0.45 * 0.9 < charge_C < 2 * 4e-15 * 0.45


def test_fixed_voltages_move_the_width_more_than_tenfold(answer):
    quantities = answer.findings.quantities
    assert quantities["width_ratio_mirror"] < 1.25
    assert quantities["width_ratio_fixed"] > 20
    widths = answer.findings.tables["corners"].set_index(["corner", "temperature_C"])
    fixed = widths["width_fixed_s"]
    assert fixed["ss", 27.0] > 1.8 * fixed["tt", 27.0] > 1.8**2 * fixed["ff", 27.0]
    # The devices conduct above the threshold, where it is less than the decades below it.
    assert fixed["tt", -40.0] > 2 * fixed["tt", 27.0] > 4 * fixed["tt", 125.0]


def test_mismatch_of_the_mirror_is_what_the_spread_shows(answer):
    quantities = answer.findings.quantities
    nominal_s = quantities["spike_width_s"].iloc[0]
    assert quantities["width_mismatch_least_s"] < nominal_s
    assert quantities["width_mismatch_most_s"] > nominal_s
    # A limit on the width is one on every corner, temperature and sample.
    assert len(quantities["spike_width_s"]) == 5 * 3 + 8
    (verdict,) = judge([Spec("spike_width_s", 49e-9, 51e-9)], quantities)
    assert not verdict.met
    assert verdict.worst.startswith("tt, 27 °C, seed ")
    samples = answer.findings.tables["samples"]
    assert samples["seed"].tolist() == [*range(8), *range(8)]
    # The mirror's part is common to a chip: without it a neuron scatters no more than with it.
    assert 0 < quantities["width_log_sigma_one_chip"] < 1.2 * quantities["width_log_sigma"]


def test_a_spike_is_converged(ngspice):
    design = design_for("generic28")
    point = SpikeGeneratorPulse(Generic28(), design, design.neuron.spike_generator.bias_current_A)
    row, tight = (point.measure(s.run(point.build())) for s in (ngspice, Tightened(ngspice)))
    assert row["spike_width_s"] == pytest.approx(tight["spike_width_s"], rel=0.005)
    assert row["energy_per_spike_J"] == pytest.approx(tight["energy_per_spike_J"], rel=0.02)


@pytest.mark.sky130
def test_a_sky130_spike(ngspice, sky130_models):
    study = SpikeGenerator(
        pdk="sky130", bias_factors=(1, 2), corners=("tt",), temperatures_C=(27,), samples=2
    )
    answer = study.answer(Bench(ngspice))
    for name in ("runs", "samples"):  # two samples are no spread: it is not looked at here
        assert (answer.findings.tables[name]["status"] == "ok").all()
    assert answer.findings.quantities["spike_width_s"].iloc[0] == pytest.approx(8.2e-9, rel=0.05)
    assert {verdict.spec.quantity for verdict in answer.verdicts} == {
        "width_ratio_mirror", "width_log_sigma", "width_log_sigma_one_chip",
    }  # fmt: skip
    assert {one.quantity: one.why for one in answer.unjudged}["spike_width_s"] == ""


_FACTORS = (
    "spike-generator: bias factors must rise from one to the next, lie within 0.001 to 1000,"
    " and 1 must be among them; write for example 0.5, 1, 2"
)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"bias_factors": (2, 1)}, _FACTORS),
        ({"bias_factors": (0.5, 2)}, _FACTORS),
        (
            {"bias_factors": (float("nan"), 1)},
            "spike-generator: bias_factors: nan is not a finite number",
        ),
        ({"bias_factors": (0, 1)}, _FACTORS),
        ({"corners": ()}, "spike-generator: give at least one corner and one temperature"),
        ({"samples": 0}, "spike-generator: 0 samples have no spread; give 2 or more"),
        (
            {"corners": ("tt", "xx")},
            "generic28 has no corner 'xx'; choose one of tt, ff, ss, sf, fs",
        ),
        ({"temperature_C": 300}, "a temperature of 300 °C is outside -100 to 200 °C"),
        ({"temperatures_C": (-273,)}, "a temperature of -273 °C is outside -100 to 200 °C"),
        ({"seed": -1}, "seed -1 is negative; use 0 or more"),
    ],
)
def test_what_cannot_be_asked(parameters, message):
    with pytest.raises(InputError) as caught:
        SpikeGenerator(**parameters).check()
    assert str(caught.value) == message


def test_a_temperature_that_is_no_number():
    with pytest.raises(InputError) as caught:
        SpikeGenerator(temperature_C="nan")
    assert str(caught.value) == "spike-generator: temperature_C: nan is not a finite number"


def test_no_mismatch_is_drawn_for_a_mirror_that_stiff_sources_replace():
    at_mirror = SpikeGeneratorPulse(Generic28(), design_for("generic28"), 20e-9, seed=1)
    fixed = replace(at_mirror, fixed=FixedBias(0.3, 0.6))
    assert any(".xbias." in device for device, _, _ in at_mirror.build().alter)
    assert not any(".xbias." in device for device, _, _ in fixed.build().alter)
    kept = [change for change in at_mirror.build().alter if ".xbias." not in change[0]]
    assert list(fixed.build().alter) == kept
