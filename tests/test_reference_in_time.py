"""What the references of networks in time and of learning on the chip hold."""

import json
from pathlib import Path

import pytest

from anaspike.mapping.verify_windows import timed_quantities
from anaspike.report.tables import read_table
from anaspike.studies.flow import read_flow
from anaspike.studies.learning.tune_in_loop import AS_MEANT, BOTH, NOMINAL, NT

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "results/reference"


def quantities(flow, pdk):
    text = (REFERENCE / flow / pdk / "answer.json").read_text(encoding="utf-8")
    return json.loads(text)["quantities"]


@pytest.mark.parametrize(
    ("flow", "pdk", "neurons"),
    [
        ("charge_in_time", "generic28", 200),
        ("map_in_time", "generic28", 4),
        ("time/charge_in_time_sky130", "sky130", 10),
    ],
)
def test_every_neuron_ran_over_ten_windows_and_counts(flow, pdk, neurons):
    proof = read_table(REFERENCE / flow / pdk / "proof.csv")
    assert proof.groupby("case").size().tolist() == [10] * neurons
    assert (proof["status"] == "ok").all()
    kept = quantities(flow, pdk)
    for name, value in timed_quantities(proof).items():
        assert kept[name] == pytest.approx(value), name


@pytest.mark.parametrize(("flow", "chips"), [("tune_xor", 2), ("tune_xor_mismatch", 3)])
@pytest.mark.parametrize("pdk", ["generic28", "sky130"])
def test_the_xor_learns_on_every_chip(flow, chips, pdk):
    table = read_table(REFERENCE / flow / pdk / "updates.csv")
    each = table.groupby("corner" if "corner" in table else "seed")
    assert len(each) == chips
    for _, updates in each:
        assert updates.filter(like="vdd_syn").iloc[0].nunique() == 1  # from one supply everywhere
        assert not updates["right"].iloc[0]
        assert updates["right"].iloc[-1]
        assert updates["margin_spikes"].iloc[-1] >= 3
        assert len(updates) <= 40


def asked_in(folder):
    """Return (flow, process) of every answer that the flows of a folder ask for."""
    return {
        (path.stem, study.pdk)
        for path in (ROOT / "flows" / folder).glob("*.toml")
        for study in read_flow(path).studies
    }


@pytest.mark.parametrize("folder", ["in_loop", "time"])
def test_every_flow_of_a_folder_has_its_reference(folder):
    found = {path.parts[-3:-1] for path in (REFERENCE / folder).glob("*/*/answer.json")}
    assert found == asked_in(folder)


@pytest.mark.parametrize(("flow", "chips"), [("tune_in_loop", 4), ("tune_drifted", 2)])
def test_what_a_chip_has_lost_it_learns(flow, chips):
    folder = REFERENCE / "in_loop" / flow / "generic28"
    answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    assert answer["ok"]
    steps = read_table(folder / "steps.csv")
    by = [name for name in ("corner", "seed") if name in steps]
    share = steps.pivot_table(index=by, columns="step", values="balanced")
    assert len(share) == chips
    lost = share[NOMINAL] - share[BOTH]
    assert lost.max() == pytest.approx(answer["quantities"]["worst_lost_to_nominal"])
    assert lost.max() <= 0.05
    assert (share[AS_MEANT] - share[[NT, BOTH]].min(axis=1)).max() <= 0.02
    assert steps["presentations"].max() <= 100 * 2 * 64  # each batch is presented twice


def test_digits_are_read_on_five_calibrated_chips():
    table = read_table(REFERENCE / "time/map_in_time_chips/generic28/conditions.csv")
    assert len(table) == 5
    assert (table["accuracy_mapped"] >= 0.90).all()
