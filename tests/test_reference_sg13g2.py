"""IHP SG13G2's committed sweep: what it shows and was made with; a fresh point among the proofs."""

import json
import os
from pathlib import Path

import pytest

import anaspike
from anaspike.errors import InputError
from anaspike.pdk.catalog import open_pdk
from anaspike.report.tables import read_table

REFERENCE = Path(__file__).parents[1] / "results/reference/sweep_vdd_sg13g2/sg13g2"


@pytest.fixture
def table():
    return read_table(REFERENCE / "sweep_vdd.csv")


def test_the_reference_shows_figure_4_and_the_start_of_figure_8(table):
    assert (table["status"] == "ok").all()
    assert table["spikes_out"].tolist() == [1, 3, 6, 10, 20]
    assert table["energy_per_spike_J"].is_monotonic_decreasing


def test_the_reference_says_what_it_was_made_with():
    text = (REFERENCE / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert (manifest["pdk"]["name"], manifest["simulator"]) == ("sg13g2", "vacask")
    assert "/home" not in text
    assert "/root" not in text  # no path of anybody's machine


@pytest.mark.proof
@pytest.mark.sg13g2
def test_a_fresh_point_is_the_reference(table):
    try:
        open_pdk("sg13g2", os.environ)
    except InputError as error:
        pytest.skip(str(error))
    fresh = anaspike.sweep_vdd(0.65, 0.75, points=2, pdk="sg13g2").table
    # The other simulator's energies differ by 1 %.
    for (_, ours), (_, theirs) in zip(
        fresh.iterrows(), table[table["vdd_syn_V"] >= 0.65].iloc[::2].iterrows(), strict=True
    ):
        assert ours["spikes_out"] == theirs["spikes_out"]
        assert ours["energy_total_J"] == pytest.approx(theirs["energy_total_J"], rel=0.02)
