"""The committed answer of the drawn neuron: it is of the committed layout, and what it shows."""

import json
from pathlib import Path

import pytest

from anaspike.report.tables import read_table
from anaspike.studies.blocks.layout import DRAWN, ESTIMATED

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "results/reference/after_layout"
REFERENCE = FOLDER / "layout/sky130"


def table(name):
    return read_table(REFERENCE / f"{name}.csv")


def test_it_is_of_the_committed_neuron():
    facts = json.loads((ROOT / "netlists/layouts/neuron.json").read_text(encoding="utf-8"))
    areas_um2 = table("area").set_index("block")
    assert areas_um2.loc["neuron", "area_um2"] == pytest.approx(facts["area_um2"])


def test_the_drawn_neuron_fires_as_estimated():
    rows = table("layout")
    assert (rows["status"] == "ok").all()
    spikes = rows.pivot_table(index="vdd_syn_V", columns="made", values="spikes_out")
    assert (spikes[DRAWN] - spikes[ESTIMATED]).abs().max() <= 1


def test_the_membrane_is_the_estimated_one():
    answer = json.loads((REFERENCE / "answer.json").read_text(encoding="utf-8"))
    assert answer["quantities"]["membrane_ratio"] == pytest.approx(1, abs=0.02)
    nets = table("nets").set_index("net")
    assert nets.loc["mem", "capacitance_F"] == pytest.approx(50e-15, rel=0.02)


def test_the_neuron_with_its_weight_memory_is_tuned_as_the_one_with_tied_weights():
    tied = table("layout").query("made == @DRAWN").set_index("vdd_syn_V")
    stored = read_table(FOLDER / "sweep_stored_weights/sky130/sweep_vdd.csv").set_index("vdd_syn_V")
    assert (stored["status"] == "ok").all()
    assert stored["spikes_out"].tolist() == pytest.approx(tied["spikes_out"].tolist(), abs=1)
    ratio = stored["energy_per_spike_J"] / tied["energy_per_spike_J"]
    assert ratio.tolist() == pytest.approx([1, 1, 1], abs=0.1)


def test_drawn_neurons_answer_the_xor():
    rows = read_table(FOLDER / "xor_drawn/sky130/xor.csv")
    assert rows["right"].all()
    assert rows["spikes_out"].tolist() == [0, 10, 10, 0]


def test_five_drawn_neurons_answer_the_xor():
    rows = read_table(FOLDER / "xor_five_drawn/sky130/xor.csv")
    assert rows["right"].all()
    assert rows["spikes_out"].tolist() == [0, 10, 10, 0]
    # Each input is a neuron that answers its train spike by spike.
    assert rows["spikes_i1"].tolist() == [0, 0, 10, 10]
    assert rows["spikes_i2"].tolist() == [0, 10, 0, 10]


def test_table9_is_of_the_neuron_that_holds_its_weights():
    rows = read_table(FOLDER / "table9_stored_weights/sky130/table9.csv")
    (ours,) = rows[rows["source"] == "this run"].to_dict("records")
    drawn = ROOT / "netlists/layouts/stored_weights/neuron.json"
    facts = json.loads(drawn.read_text(encoding="utf-8"))
    assert ours["area_total_um2"] == pytest.approx(facts["area_um2"])
    assert ours["kind"].endswith("layout, extracted, simulated")
    written = FOLDER / "table9_stored_weights/sky130/answer.json"
    answer = json.loads(written.read_text(encoding="utf-8"))
    assert answer["ok"]


def test_table9_is_of_the_committed_layout():
    rows = read_table(FOLDER / "table9_drawn/sky130/table9.csv")
    (ours,) = rows[rows["source"] == "this run"].to_dict("records")
    areas_um2 = table("area").set_index("block")["area_um2"]
    core_um2 = areas_um2[["logic", "comparator", "membrane"]].sum()
    assert ours["area_core_um2"] == pytest.approx(core_um2)
    assert ours["kind"].endswith("layout, extracted, simulated")
    answer = json.loads((FOLDER / "table9_drawn/sky130/answer.json").read_text(encoding="utf-8"))
    assert answer["ok"]
