"""A study under many conditions: in real ngspice, with failures, in any order."""

import json
from pathlib import Path

import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.space import Axis, Space
from anaspike.campaign.specs import Spec
from anaspike.circuits.designs import design_for, resized, sizes_of
from anaspike.errors import InputError
from anaspike.studies.blocks.energy import Energy
from anaspike.studies.blocks.pseudo_resistor import PseudoResistor
from anaspike.studies.blocks.sweep_vdd import SweepVdd
from anaspike.studies.blocks.table9 import Table9
from anaspike.studies.conditions import Conditions, SpaceTable, under
from anaspike.studies.flow import read_flow
from anaspike.studies.networks.xor import Xor
from anaspike.studies.spread import Spread

LEAK = PseudoResistor(corners=("tt",), temperatures_C=(27,))
BLIND = (Spec("resistance_50mV_ohm", 320e6, 480e6, share=0.5),)


def test_corners_and_mismatch_combine(ngspice):
    spread = under(LEAK, Conditions(corners=("tt", "ss"), mc=3, seed=5))
    answer = spread.answer(Bench(ngspice), BLIND)
    table = answer.findings.tables["conditions"]
    assert list(zip(table["corner"], table["seed"], strict=True)) == [
        (corner, seed) for corner in ("tt", "ss") for seed in (5, 6, 7)
    ]
    assert (table["status"] == "ok").all()
    by_corner = table.groupby("corner")["resistance_50mV_ohm"]
    # The corner moves all, the draws come on top, in the same order at both.
    assert by_corner.mean()["ss"] > 2 * by_corner.mean()["tt"]
    assert table["resistance_50mV_ohm"].nunique() == 6
    assert (by_corner.rank().loc[:2].tolist()) == by_corner.rank().loc[3:].tolist()
    inner = answer.findings.tables["pseudo_resistor"]
    assert len(inner) == 12  # two devices at each condition
    assert set(inner["corner"]) == {"tt", "ss"}
    assert set(answer.findings.tables["yield"]["corner"]) == {"all", "tt", "ss"}
    assert set(answer.findings.figures) >= {"figure6", "histograms", "normal_plot"}
    assert answer.manifest["conditions"][0] == {"corner": "tt", "seed": 5}


def test_a_sample_is_the_same_in_any_order_and_with_any_jobs(ngspice):
    def measured(conditions, jobs):
        answer = under(LEAK, conditions).answer(Bench(ngspice, jobs), ())
        table = answer.findings.tables["conditions"]
        return dict(zip(table["seed"], table["resistance_50mV_ohm"], strict=True))

    together = measured(Conditions(mc=3), 2)
    backwards = {}
    space = Space((Axis("seed", (2, 1, 0)),))
    table = Spread(LEAK, space).answer(Bench(ngspice, 1), ()).findings.tables["conditions"]
    backwards = dict(zip(table["seed"], table["resistance_50mV_ohm"], strict=True))
    assert together == backwards
    alone = under(LEAK, Conditions(seed=2)).find(Bench(ngspice, 1))
    assert alone.quantities["resistance_50mV_ohm"].tolist() == [together[2]]


def test_a_condition_that_is_refused_is_a_row(ngspice):
    spread = under(
        LEAK, Conditions(), SpaceTable(over={"sizes.pseudo_resistor.diode.w_m": "10n,120n"})
    )
    answer = spread.answer(Bench(ngspice), BLIND)
    table = answer.findings.tables["conditions"]
    assert table["status"].tolist() == ["refused", "ok"]
    assert "width 10 nm is below the process minimum of 80 nm" in table["message"][0]
    assert table["meets_specs"].tolist() == [False, True]
    assert not answer.ok
    assert answer.verdicts[0].met  # half of the conditions were asked for
    assert answer.verdicts[0].margin is None  # the worst was not measured at all


def test_a_size_changes_the_circuit(ngspice):
    spread = under(
        LEAK, Conditions(), SpaceTable(over={"sizes.pseudo_resistor.diode.w_m": [120e-9, "240n"]})
    )
    table = spread.answer(Bench(ngspice), ()).findings.tables["conditions"]
    narrow, wide = table["resistance_50mV_ohm"]
    assert narrow / wide == pytest.approx(2, rel=0.1)  # twice the width, half the resistance


def test_one_condition_is_the_plain_study():
    plain = under(SweepVdd(), Conditions(corners=("ss",), temperatures_C=(85,), seed=3))
    assert isinstance(plain, SweepVdd)
    assert (plain.corner, plain.temperature_C, plain.seed) == ("ss", 85, 3)
    assert under(LEAK, Conditions()) == LEAK
    assert under(PseudoResistor(), Conditions(corners=("ss",))).corners == ("ss",)


def test_one_kind_of_condition_that_a_study_goes_through_is_left_to_it():
    xor = under(Xor(), Conditions(corners=("ss",), mc=20, seed=3))
    assert (xor.corners, xor.mc, xor.seed) == (("ss",), 20, 3)
    assert under(Xor(), Conditions(corners=("tt", "ss"))).corners == ("tt", "ss")
    assert under(PseudoResistor(), Conditions(temperatures_C=(0, 50))).temperatures_C == (0, 50)
    both = under(Xor(), Conditions(corners=("tt", "ss"), mc=2))
    inner = [(study.corners, study.mc, study.seed) for _, study in both.studies]
    assert inner == [(("tt",), 1, 0), (("tt",), 1, 1), (("ss",), 1, 0), (("ss",), 1, 1)]


@pytest.mark.parametrize("study", [SweepVdd, Energy, Table9, PseudoResistor])
def test_every_neuron_study_takes_conditions_and_sizes(study):
    spread = under(study(), Conditions(corners=("tt", "ss"), temperatures_C=(27, 85), mc=2))
    assert len(spread.space) == 8
    spread.check()
    with_size = study(sizes={"comparator.input_pair.w_m": "2u"})
    assert with_size.design.neuron.comparator.input_pair.w_m == 2e-6


def test_a_gate_that_blocks_share_changes_in_all_of_them():
    design = design_for("generic28")
    changed = resized(design, {"logic.inverter_n.w_m": 200e-9}).neuron
    for gates in (changed.logic, changed.comparator.logic, changed.synapse.logic):
        assert gates.inverter_n.w_m == 200e-9
    assert "comparator.logic.inverter_n.w_m" not in sizes_of(design)
    sky130 = design_for("sky130")
    own = resized(sky130, {"logic.inverter_n.w_m": 1e-6}).neuron
    assert own.synapse.logic == sky130.neuron.synapse.logic  # gates of another kind
    assert own.comparator.logic.inverter_n.w_m == 1e-6


BAD = {
    "size": ({"sizes": {"comparator.input_pair.w": "3u"}},
             "there is no size 'comparator.input_pair.w'; did you mean"
             " 'comparator.input_pair.w_m'?"),
    "block": ({"sizes": {"comparater.tail.w_m": "3u"}},
              "there is no size 'comparater.tail.w_m'; did you mean 'comparator'?"),
    "negative": ({"sizes": {"comparator.input_pair.w_m": "-3u"}},
                 "sizes.comparator.input_pair.w_m is -3e-06; it must be a finite number, positive"),
    "NaN": ({"sizes": {"membrane_F": "nan"}},
            "pseudo-resistor: sizes: membrane_F: nan is not a finite number"),
    "unit": ({"sizes": {"membrane_F": "3V"}},
             "pseudo-resistor: sizes: membrane_F: '3V' is in V, expected F;"
             " write for example 2f or 2fF"),
    "half": ({"sizes": {"comparator.tail.mult": 1.5}},
             "comparator.tail.mult is 1.5; it must be a whole number"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_sizes_that_are_none(case):
    parameters, message = BAD[case]
    with pytest.raises(InputError) as caught:
        _ = PseudoResistor(**parameters).design
    assert str(caught.value) == message


BAD_CONDITIONS = {
    "parameter": ({}, {"cornr": "tt,ff"},
                  "pseudo-resistor has no parameter 'cornr'; did you mean 'corners'?"),
    "size": ({}, {"sizes.membrane": "1f:2f:3"},
             "there is no size 'membrane'; did you mean 'membrane_F'?"),
    "twice": ({"corners": ("tt", "ff")}, {"corner": "tt,ss"},
              "corner is varied twice; give it one axis"),
    "no samples": ({"mc": 0}, {}, "0 mismatch samples are none; use 1 or more, or leave it out"),
    "seed": ({"seed": -1}, {}, "seed -1 is negative; use 0 or more"),
    "same corner": ({"corners": ("tt", "tt")}, {}, "corner: tt stands there twice; give it once"),
    "corner": ({"corners": ("tt", "xx")}, {}, "generic28 has no corner 'xx'; choose one of tt, ff,"
               " ss, sf, fs"),
    "temperature": ({"temperatures_C": (27, 999)}, {},
                    "a temperature of 999 °C is outside -100 to 200 °C"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_CONDITIONS)
def test_conditions_that_make_no_sense(case):
    conditions, over, message = BAD_CONDITIONS[case]
    with pytest.raises(InputError) as caught:
        under(LEAK, Conditions(**conditions), SpaceTable(over=over)).check()
    assert str(caught.value) == message


def flow(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text('study = "pseudo-resistor"\n' + text)
    return path


def test_a_flow_over_conditions_and_space(tmp_path):
    text = (
        '[conditions]\ncorners = ["tt", "ss"]\nmc = 2\n[space]\nsampling = "sobol:4"\n'
        '[space.over]\n"sizes.membrane_F" = "40f:60f"\ntemperature_C = ["27C", 85]\n'
        "[specs.asymmetry]\nmax = 0.5\nyield = 0.9\n"
    )
    read = read_flow(flow(tmp_path, text))
    (spread,) = read.studies
    assert spread.space.names == ("corner", "seed", "temperature_C", "sizes.membrane_F")
    assert len(spread.space) == 2 * 2 * 2 * 4
    assert read.specs == ((Spec("asymmetry", most=0.5, share=0.9),),)
    assert spread.name == "pseudo-resistor-over-corner-seed-temperature-sizes_membrane"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[conditions]\ncorner = ["tt"]',
         "unknown key 'conditions.corner'; did you mean 'corners'?"),
        ("[space]\nover = 3", "space.over: Input should be a valid dictionary"),
        ("[specs.asymmetry]\nmax = 1\nyeild = 1",
         "unknown key 'specs.asymmetry.yeild'; did you mean 'yield'?"),
        ("[specs.asymmetry]\nmax = 1\nyield = 2",
         "spec asymmetry: a yield of 2 is none; use above 0 to 1"),
    ],
)  # fmt: skip
def test_a_flow_that_makes_no_sense(tmp_path, text, message):
    with pytest.raises(InputError) as caught:
        read_flow(flow(tmp_path, text))
    assert str(caught.value) == f"{tmp_path / 'mine.toml'}: {message}"


def test_the_files_of_a_spread_are_json_and_csv(ngspice, tmp_path):
    from anaspike.report.answers import save
    from anaspike.report.page import page
    from anaspike.report.saved import latest, saved_answers

    spread = under(LEAK, Conditions(corners=("tt", "ff"), mc=3))
    save(spread.answer(Bench(ngspice), BLIND), tmp_path)
    assert {path.name for path in Path(tmp_path).glob("*.csv")} == {
        "conditions.csv", "pseudo_resistor.csv", "statistics.csv", "yield.csv", "explained_by.csv",
    }  # fmt: skip
    answer = json.loads((tmp_path / "answer.json").read_text())
    assert answer["name"] == "pseudo-resistor-over-corner-seed"
    assert answer["quantities"]["conditions"] == 6
    assert 0 <= answer["quantities"]["yield_low"] <= answer["quantities"]["yield"]
    html = page(latest(saved_answers([tmp_path])))
    assert "normal plot" in html


def test_which_device_explains_it_is_asked_of_the_draws_themselves(ngspice):
    answer = under(LEAK, Conditions(mc=12)).answer(Bench(ngspice), ())
    found = answer.findings.tables.get("explained_by_devices")
    one = found[found["quantity"] == "resistance_50mV_ohm"].iloc[0]
    assert one["device"].startswith(("xdut.xforth.xd", "xdut.xback.xd"))
    assert one["device"].endswith("delvto")  # exponential in the threshold, linear in the rest
    assert one["correlation"] < 0  # BSIM4 adds it to a negative threshold: more conducts more
    assert len(found) == 6
