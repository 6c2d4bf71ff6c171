"""What the references of networks in time and of learning on the chip hold."""

import json
from pathlib import Path

import pytest

from anaspike.mapping.verify_windows import timed_quantities
from anaspike.report.tables import read_table

REFERENCE = Path(__file__).parents[1] / "results/reference"


def quantities(flow, pdk):
    text = (REFERENCE / flow / pdk / "answer.json").read_text(encoding="utf-8")
    return json.loads(text)["quantities"]


@pytest.mark.parametrize(
    ("flow", "pdk", "neurons"),
    [("charge_in_time", "generic28", 200), ("map_in_time", "generic28", 4)],
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
