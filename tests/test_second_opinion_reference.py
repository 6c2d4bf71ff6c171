"""The committed second opinion: what it holds, and one point of it asked afresh."""

import json
from pathlib import Path

import pytest

from anaspike.campaign.bench import Bench
from anaspike.report.tables import read_table
from anaspike.studies.flow import read_flow

ROOT = Path(__file__).parents[1]
FLOWS = sorted((ROOT / "flows/second_opinion").glob("*.toml"))
REFERENCE = ROOT / "results/reference/second_opinion"
PDKS = ("generic28", "sky130")


def table(flow, pdk):
    return read_table(REFERENCE / flow / pdk / "second_opinion.csv")


@pytest.mark.parametrize("pdk", PDKS)
@pytest.mark.parametrize("flow", [path.stem for path in FLOWS])
def test_each_flow_has_its_reference_and_all_points_agree(flow, pdk):
    rows = table(flow, pdk)
    assert len(rows) >= 6
    assert rows["verdict"].str.startswith("agrees").all()
    if "energy_change" in rows:
        certain = rows[rows["verdict"] == "agrees"]
        assert (certain["energy_change"].dropna().abs() <= 0.02).all()
    manifest = json.loads((REFERENCE / flow / pdk / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["ngspice"]["version"]
    assert manifest["second_opinion"]["simulator"] == "vacask"


@pytest.mark.parametrize("pdk", PDKS)
def test_they_cover_three_corners_and_three_mismatch_samples(pdk):
    assert {path.stem.split("_corners")[0].split("_samples")[0] for path in FLOWS} == {
        "sweep_vdd", "pseudo_resistor", "comparator", "xor",
    }  # fmt: skip
    for flow in ("sweep_vdd_corners", "pseudo_resistor_corners", "comparator", "xor_corners"):
        assert {"tt", "ss", "ff"} <= set(table(flow, pdk)["corner"])
    for flow in ("sweep_vdd_samples", "pseudo_resistor_samples", "comparator", "xor_samples"):
        assert {0, 1, 2} <= set(table(flow, pdk)["seed"].dropna())


@pytest.mark.ngspice
@pytest.mark.parametrize("pdk", PDKS)
def test_a_point_asked_afresh_says_the_same(ngspice, vacask, pdk, request):
    if pdk == "sky130":
        request.getfixturevalue("sky130_models")
    (flow,) = (path for path in FLOWS if path.stem == "sweep_vdd_corners")
    first = read_flow(flow, (pdk,)).studies[0].study.under({"corner": "ff"}).asked()[0]
    bench = Bench(ngspice, 2, second=vacask)
    bench.run([first])
    (opinion,) = bench.again[0].opinions
    fresh = opinion.row(("ngspice", "vacask"))
    rows = table("sweep_vdd_corners", pdk).set_index(["corner", "vdd_syn_V"])
    kept = rows.loc[("ff", first.vdd_syn_V)]
    assert fresh["verdict"] == kept["verdict"] == "agrees"
    for name in ("energy_J", "second_energy_J"):
        assert fresh[name] == pytest.approx(kept[name], rel=0.005)
    assert str(fresh["counts"]) == str(kept["counts"])
