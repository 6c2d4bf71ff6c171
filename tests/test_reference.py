"""A fresh sweep against the committed one, and what both must show of the paper."""

import json
from pathlib import Path

import numpy as np
import pytest

import anaspike
from anaspike.campaign.bench import Bench
from anaspike.circuits.designs import design_for
from anaspike.experiments.calibration import Chip
from anaspike.experiments.network import NetworkTransient
from anaspike.experiments.network_file import read_network
from anaspike.experiments.neuron_current import MembraneLeak
from anaspike.pdk.generic28 import Generic28
from anaspike.report.tables import read_table
from anaspike.studies.blocks.comparator import Comparator
from anaspike.studies.blocks.energy import Energy
from anaspike.studies.blocks.pseudo_resistor import PseudoResistor
from anaspike.studies.blocks.spike_generator import SpikeGenerator
from anaspike.studies.blocks.synapse import Synapse
from anaspike.studies.blocks.table9 import Table9
from anaspike.studies.flow import read_flow
from anaspike.studies.networks.calibrate import Calibrate

FLOWS = Path(__file__).parents[1] / "flows"
REFERENCE = Path(__file__).parents[1] / "results/reference/sweep_vdd"
# Another ngspice or another machine's libm may choose other time steps.
ENERGY_TOLERANCE = 0.02


def reference(pdk):
    return read_table(REFERENCE / pdk / "sweep_vdd.csv")


@pytest.mark.parametrize("pdk", ["generic28", "sky130"])
def test_the_reference_shows_figure_4_and_the_start_of_figure_8(pdk):
    table = reference(pdk)
    assert (table["status"] == "ok").all()
    assert (table["vdd_syn_V"].iloc[0], table["vdd_syn_V"].iloc[-1]) == (0.55, 0.75)
    assert table["spikes_out"].is_monotonic_increasing
    assert table["spikes_out"].iloc[-1] > 2 * table["spikes_out"].iloc[0] > 0
    energy = table["energy_per_spike_J"]
    # It falls with every spike gained; where the count stands still, the synapses' supply
    # rises for nothing.
    gained = table["spikes_out"].diff() > 0
    assert (energy.diff()[gained] < 0).all()
    assert energy.iloc[-1] < 0.6 * energy.iloc[0]


@pytest.mark.parametrize("pdk", ["generic28", "sky130"])
def test_the_energies_add_up(pdk):
    table = reference(pdk)
    parts = [
        f"energy_{consumer}_J"
        for consumer in ("core", "comparator", "clock_gate", "flip_flop", "delay", "synapse",
                         "references")
    ]  # fmt: skip
    assert table[parts].sum(axis=1).to_numpy() == pytest.approx(table["energy_total_J"])
    assert (table[parts] >= 0).all(axis=None)
    assert table["static_share"].between(0, 1).all()


@pytest.mark.parametrize("pdk", ["generic28", "sky130"])
def test_the_reference_is_numerically_converged(pdk):
    audit = read_table(REFERENCE / pdk / "convergence.csv")
    assert (audit["verdict"] == "agrees").all()
    assert (audit["counts"] == audit["second_counts"]).all()
    assert audit["energy_change"].abs().max() < 0.01


@pytest.mark.parametrize("pdk", ["generic28", "sky130"])
def test_the_reference_says_what_it_was_made_with(pdk):
    text = (REFERENCE / pdk / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert manifest["pdk"]["name"] == pdk
    assert [len(digest) for digest in manifest["pdk"]["models_sha256"]] == [64]
    assert manifest["ngspice"]["version"]
    digests = [point["deck_sha256"] for point in manifest["points"]]
    assert len(set(digests)) == len(digests) > 9  # of the sweep, and of the search of the threshold
    assert "/home" not in text
    assert "/root" not in text  # no path of anybody's machine


def same(fresh, table):
    assert fresh["status"].tolist() == ["ok"] * len(fresh)
    assert fresh["spikes_out"].tolist() == table["spikes_out"].tolist()
    for column in ("energy_total_J", "energy_synapse_J", "static_power_W", "spike_width_s"):
        expected = pytest.approx(table[column].tolist(), rel=ENERGY_TOLERANCE)
        assert fresh[column].tolist() == expected, column


def test_a_fresh_generic28_sweep_is_the_reference(ngspice):
    fresh = anaspike.sweep_vdd(0.55, 0.75, points=5, simulator=ngspice).table
    same(fresh, reference("generic28").iloc[::2])


@pytest.mark.sky130
def test_a_fresh_sky130_point_is_the_reference(ngspice, sky130_models):
    fresh = anaspike.sweep_vdd(0.55, 0.60, points=2, pdk="sky130", simulator=ngspice).table
    table = reference("sky130")
    same(fresh, table[table["vdd_syn_V"].isin([0.55, 0.60])])


def test_the_api_gives_a_table_a_figure_and_traces(ngspice):
    sweep = anaspike.sweep_vdd(0.6, 0.7, points=2, spikes_in=2, simulator=ngspice)
    assert list(sweep.table["status"]) == ["ok", "ok"]
    assert len(sweep.figure().axes) == 8
    assert set(sweep.waveforms) == {0, 1}
    membrane_V = sweep.waveforms.at(vdd_syn_V=0.7)["v(mem)"]
    assert membrane_V[0] == pytest.approx(0.25, abs=1e-3)
    assert membrane_V.max() > 0.3


def test_a_mismatch_sample_is_the_same_every_time_and_differs_from_another(ngspice):
    def energies(seed):
        sweep = anaspike.sweep_vdd(0.6, 0.7, points=2, spikes_in=2, seed=seed, simulator=ngspice)
        return sweep.table["energy_total_J"].tolist()

    nominal, first, again, other = energies(None), energies(1), energies(1), energies(2)
    assert first == again
    assert len({nominal[0], first[0], other[0]}) == 3
    assert first == pytest.approx(nominal, rel=0.3)


@pytest.mark.parametrize("corner", ["ff", "ss", "sf", "fs"])
def test_every_corner_and_temperature_runs(ngspice, corner):
    sweep = anaspike.sweep_vdd(
        0.6, 0.7, points=2, spikes_in=2, corner=corner, temp=85.0, simulator=ngspice,
    )  # fmt: skip
    assert sweep.ok


def test_an_unknown_keep_or_format_is_named(ngspice, tmp_path):
    with pytest.raises(anaspike.InputError, match="sweep-vdd: keep: Input should be 'ends', 'all'"):
        anaspike.study("sweep-vdd", keep="some")
    sweep = anaspike.sweep_vdd(0.6, 0.7, points=2, spikes_in=1, simulator=ngspice)
    with pytest.raises(anaspike.InputError, match="unknown format 'xls'"):
        sweep.save(tmp_path, "xls")


@pytest.mark.sky130
def test_a_start_that_was_metastable_is_not(ngspice, sky130_models):
    # At ss and 85 °C the operating point was once half-way up in the reset loop.
    sweep = anaspike.sweep_vdd(
        0.6, 0.75, points=2, spikes_in=1, pdk="sky130", corner="ss", temp=85.0,
        simulator=ngspice,
    )  # fmt: skip
    assert list(sweep.table["status"]) == ["ok", "ok"]


def reference_answer(study, pdk):
    return json.loads((REFERENCE.parent / study / pdk / "answer.json").read_text(encoding="utf-8"))


def asked_for():
    """Return (flow, process) of every answer that the flows ask for."""
    return [
        (path.stem, study.pdk)
        for path in sorted(FLOWS.glob("*.toml"))
        for study in read_flow(path).studies
    ]


def test_every_flow_has_its_reference_on_each_of_its_processes():
    kept = {(path.parts[-3], path.parts[-2]) for path in REFERENCE.parent.glob("*/*/answer.json")}
    assert kept == set(asked_for())


# What the references miss, and say so. Half an LSB at every supply is more than sky130's
# synapse holds under mismatch: at 0.6 V and below 11 of 140 samples are beyond it.
# Hot, at ff, a leak is too quick for the design's own input; that of sky130 at sf is by far. And on
# sky130 the membrane settles 21 mV away while `hold` is low: its dummies share the supply's well.
# Bounds are the same on every process: sky130's wider transistors and 1.8 V cost twice the energy,
# and its leak of 493 Mohm is a fifth of that where it is hot.
MISSED = {
    ("energy", "sky130"): ["energy_less_references_3MHz_J"],
    ("neuron", "sky130"): ["energy_less_references_133ns_J"],
    ("pseudo_resistor", "sky130"): ["resistance_50mV_nominal_ohm", "resistance_50mV_ohm"],
    ("synapse", "sky130"): ["dnl_mc_worst_lsb"],
    ("leak", "generic28"): ["kept_for_s"],
    ("leak", "sky130"): ["kept_for_s"],
    ("comparator", "sky130"): ["settled_shift_V"],
}


@pytest.mark.parametrize(
    ("flow", "pdk"), [(f, p) for f, p in asked_for() if (REFERENCE.parent / f / p).is_dir()]
)
def test_every_reference_answer_is_whole_and_meets_its_specs(flow, pdk):
    answer = reference_answer(flow, pdk)
    missed = MISSED.get((flow, pdk), [])
    assert [v["quantity"] for v in answer["verdicts"] if not v["met"]] == missed
    assert answer["ok"] == (not missed)
    # Nothing is missing, and nothing is left from what an earlier study wrote.
    pictures = {f"{name}{suffix}" for name in answer["figures"] for suffix in (".svg", ".png")}
    found = {path.name for path in (REFERENCE.parent / flow / pdk).iterdir()} - {"decks.zip"}
    found -= {f"{name}.curves.json" for name in answer["figures"]}  # of pictures of lines alone
    assert found == {
        "answer.json", "manifest.json", *(f"{name}.csv" for name in answer["tables"]), *pictures,
        *(f"{name}.json" for name in answer.get("as_json", ())),
        *(f"{name}.npz" for name in answer.get("arrays", ())),
    }  # fmt: skip


@pytest.mark.parametrize("pdk", ["generic28", "sky130"])
def test_the_xor_is_right_at_every_corner_with_its_supplies_set(pdk):
    table = read_table(REFERENCE.parent / "xor" / pdk / "xor.csv")
    assert set(table["corner"]) == {"tt", "ff", "ss", "sf", "fs"}
    right = table.groupby(["corner", "supplies"])["right"].all()
    assert right.xs("set", level="supplies").all()
    # What the tunable supply buys: left as at tt, a corner of sky130 fails. generic28's threshold
    # and width hold well enough to be right without.
    nominal = table[table["supplies"] == "nominal"]
    assert nominal["right"].all() == (pdk == "generic28")
    if pdk == "sky130":
        assert nominal.loc[nominal["expected"] == 1, "spikes_out"].min() <= 5
    assert (
        table.loc[(table["supplies"] == "set") & (table["expected"] == 1), "spikes_out"].min() > 8
    )


@pytest.mark.parametrize(("flow", "a", "b"), [("xor", 1, 0), ("xor_paper", 1, 1)])
def test_a_fresh_case_of_the_xor_is_the_reference(ngspice, flow, a, b):
    file = read_network(FLOWS / "networks" / f"{flow}.toml", "generic28")
    spikes_in = {"a": 10 * a, "b": 10 * b}
    design = file.driving(design_for("generic28"))
    point = NetworkTransient(Generic28(), design, file.network, spikes_in)
    fresh = point.measure(ngspice.run(point.build()))
    table = read_table(REFERENCE.parent / flow / "generic28/xor.csv")
    (kept,) = table[(table["a"] == a) & (table["b"] == b)].iloc[:1].to_dict("records")
    for column in ("spikes_h1", "spikes_h2", "spikes_out"):
        assert fresh[column] == kept[column], column
    for column in ("energy_total_J", "static_power_W"):
        assert fresh[column] == pytest.approx(kept[column], rel=ENERGY_TOLERANCE), column


MORE_RUNS = {"sky130": [("out", "ss", 7)]}


@pytest.mark.parametrize(
    ("flow", "pdk", "chips", "mended"),
    [
        ("calibrate_xor_paper", "generic28", 20, {("tt", 12)}),
        ("calibrate_xor_paper_corners", "generic28", 5, {("ff", None), ("sf", None)}),
        ("calibrate_xor_sky130", "sky130", 10, {("ss", 0), ("ss", 1), ("fs", 0), ("fs", 1)}),
    ],
)
def test_setting_the_supplies_mends_every_chip(flow, pdk, chips, mended):
    table = read_table(REFERENCE.parent / flow / pdk / "calibrate.csv")
    assert len(table) == chips
    assert table["right_after"].all()
    wrong = table[~table["right_before"]]
    seeds = wrong["seed"].astype(object).where(wrong["seed"].notna(), None)
    assert set(zip(wrong["corner"], seeds, strict=True)) == mended
    quantities = reference_answer(flow, pdk)["quantities"]
    assert quantities["yield_before"] == pytest.approx(1 - len(mended) / chips)
    assert (quantities["chips_mended"], quantities["chips_spoiled"]) == (len(mended), 0)
    supplies = read_table(REFERENCE.parent / flow / pdk / "supplies.csv")
    more = supplies[
        supplies["runs"] > 6
    ]  # the bound; the one neuron of all that misses it is named
    assert [*zip(more["neuron"], more["corner"], more["runs"], strict=True)] == MORE_RUNS.get(
        pdk, []
    )
    # Who met an end of the allowed range is named.
    assert quantities["chips_limited"] == table["limited"].notna().sum()


def test_a_fresh_chip_of_the_calibration_is_the_reference(ngspice):
    folder = REFERENCE.parent / "calibrate_xor_paper/generic28"
    cases = read_table(folder / "cases.csv")
    supplies = read_table(folder / "supplies.csv")
    of_chip = supplies[supplies["seed"] == 12]
    study = Calibrate(target="xor", reading="paper")
    set_V = dict(zip(of_chip["neuron"], of_chip["vdd_syn_V"], strict=True))
    point = study.counter.all_neurons(Chip("tt", 27.0, 12), {"a": 10, "b": 0}, set_V)
    fresh = point.measure(ngspice.run(point.build()))
    (kept,) = cases[
        (cases["seed"] == 12) & (cases["supplies"] == "after")
        & (cases["in_a"] == 10) & (cases["in_b"] == 0)
    ].to_dict("records")  # fmt: skip
    for column in ("spikes_h1", "spikes_h2", "spikes_out"):
        assert fresh[column] == kept[column], column


def test_a_fresh_table9_is_the_reference(ngspice):
    # Searched more coarsely: its periods are the first of the reference.
    fresh = Table9(pdks=("generic28",), resolution=1).answer(Bench(ngspice))
    assert fresh.ok
    found, kept = fresh.findings.quantities, reference_answer("table9", "generic28")["quantities"]
    for name in ("energy_per_spike_3MHz_generic28_J", "static_power_generic28_W"):
        assert found[name] == pytest.approx(kept[name], rel=ENERGY_TOLERANCE), name
    for name in ("area_core_generic28_um2", "area_total_generic28_um2"):
        assert found[name] == pytest.approx(kept[name], rel=1e-9), name
    assert 3.3e6 < found["max_rate_generic28_Hz"] <= kept["max_rate_generic28_Hz"]
    table = read_table(REFERENCE.parent / "table9/generic28/max_rate.csv")
    table = table[table["pdk"] == "generic28"]
    for row in fresh.findings.tables["max_rate"].iloc[:3].to_dict("records"):
        (same_period,) = table[
            np.isclose(table["period_s"], row["period_s"], atol=0)
            & (table["spikes_in"] == row["spikes_in"])
        ].to_dict("records")
        assert row["spikes_out"] == same_period["spikes_out"]
        expected = pytest.approx(same_period["energy_per_spike_J"], rel=ENERGY_TOLERANCE)
        assert row["energy_per_spike_J"] == expected


def test_a_fresh_energy_is_the_reference(ngspice):
    study = Energy(code_list=(7,), points=2, wire_capacitances_F=(2e-15,))
    fresh = study.answer(Bench(ngspice)).findings.tables["energy"]
    table = read_table(REFERENCE.parent / "energy/generic28/energy.csv")
    keys = ["code", "wire_capacitance_F", "vdd_syn_V", "period_s"]
    both = fresh.merge(table, on=keys, suffixes=("", "_is"))
    assert len(both) == len(fresh) == 3
    assert both["spikes_out"].tolist() == both["spikes_out_is"].tolist()
    for column in ("energy_per_spike_J", "energy_comparator_J", "energy_synapse_J"):
        expected = pytest.approx(both[f"{column}_is"].tolist(), rel=ENERGY_TOLERANCE)
        assert both[column].tolist() == expected, column


@pytest.mark.parametrize("pdk", ["generic28", "sky130"])
def test_the_energy_of_a_spike_falls_until_the_output_saturates(pdk):
    table = read_table(REFERENCE.parent / "energy" / pdk / "energy.csv").iloc[:-1]
    for _, curve in table.groupby(["code", "wire_capacitance_F"]):
        fired = curve[curve["spikes_out"] > 0].sort_values("vdd_syn_V")
        gained = fired["spikes_out"].diff() > 0
        assert (fired["energy_per_spike_J"].diff()[gained] < 0).all()
        assert fired["spikes_out"].is_monotonic_increasing


def test_a_fresh_synapse_is_the_reference(ngspice):
    fresh = Synapse().answer(Bench(ngspice)).findings.tables["k_of_vdd_syn"]
    table = read_table(REFERENCE.parent / "synapse/generic28/k_of_vdd_syn.csv")
    assert fresh["k"].tolist() == pytest.approx(table["k"].tolist(), rel=0.01)


def test_a_fresh_pseudo_resistor_is_the_reference(ngspice):
    fresh = PseudoResistor().answer(Bench(ngspice)).findings.quantities
    table = reference_answer("pseudo_resistor", "generic28")["quantities"]
    nominal, everywhere = "resistance_50mV_nominal_ohm", "resistance_50mV_ohm"
    assert fresh[nominal] == pytest.approx(table[nominal], rel=0.01)
    assert len(fresh[everywhere]) == table[everywhere]["conditions"] == 7
    for end, value in (("least", fresh[everywhere].min()), ("most", fresh[everywhere].max())):
        assert value == pytest.approx(table[everywhere][end], rel=0.01)


def test_a_fresh_spike_generator_is_the_reference(ngspice):
    study = SpikeGenerator(bias_factors=(0.5, 1), corners=("tt", "ss"), samples=2)
    fresh = study.answer(Bench(ngspice)).findings.tables
    folder = REFERENCE.parent / "spike_generator/generic28"
    for name, keys in (("corners", ["corner", "temperature_C"]), ("bias", ["bias_current_A"])):
        table = fresh[name].merge(read_table(folder / f"{name}.csv"), on=keys, suffixes=("", "_is"))
        assert len(table) == len(fresh[name])
        for column in (column for column in fresh[name] if column.endswith(("_s", "_J"))):
            expected = pytest.approx(table[f"{column}_is"].tolist(), rel=0.03)
            assert table[column].tolist() == expected, column


def test_a_fresh_comparator_is_the_reference(ngspice):
    fresh = Comparator(overdrives_V=(10e-3,), samples=2).answer(Bench(ngspice)).findings
    folder = REFERENCE.parent / "comparator/generic28"
    offsets = read_table(folder / "offsets.csv").query("seed < 2")["offset_V"]
    # What the search resolves is a tenth of a millivolt.
    assert fresh.tables["offsets"]["offset_V"].tolist() == pytest.approx(list(offsets), abs=0.3e-3)
    quantities = reference_answer("comparator", "generic28")["quantities"]
    for name in ("energy_fired_J", "energy_not_fired_J", "decision_time_s", "kickback_peak_V"):
        assert fresh.quantities[name] == pytest.approx(quantities[name], rel=0.02), name


def test_the_offset_is_what_pelgrom_gives_the_input_pair_and_a_little_more():
    quantities = reference_answer("comparator", "generic28")["quantities"]
    for name, area_um2 in (("offset_sigma_V", 0.6), ("offset_sigma_of_smallest_V", 0.024)):
        pair_V = 2**0.5 * 1.8e-3 / area_um2**0.5
        assert pair_V < quantities[name] < 1.5 * pair_V
    assert len(read_table(REFERENCE.parent / "comparator/generic28/offsets.csv")) == 2 * 80


def test_a_fresh_membrane_leaks_as_the_reference(ngspice):
    table = read_table(REFERENCE.parent / "neuron/generic28/leak.csv")
    point = MembraneLeak(Generic28(), design_for("generic28"), window_s=250e-6)
    fresh = point.measure(ngspice.run(point.build()))
    for name in ("membrane_capacitance_F", "leak_time_constant_s"):
        assert fresh[name] == pytest.approx(table[name].iloc[0], rel=0.02), name


@pytest.mark.parametrize("pdk", ["generic28", "sky130"])
def test_the_highest_rate_is_that_of_table_9(pdk):
    quantities = reference_answer("neuron", pdk)["quantities"]
    table = reference_answer("table9", "generic28")["quantities"]
    # Both are found to 5 %, from different ends.
    assert quantities["max_rate_Hz"] == pytest.approx(table[f"max_rate_{pdk}_Hz"], rel=0.11)
