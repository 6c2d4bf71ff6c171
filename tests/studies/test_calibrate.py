"""Calibration: what it sets and names, and one slow corner in SPICE."""

import pandas as pd
import pytest

from anaspike.campaign.bench import Batch, Bench
from anaspike.campaign.search import Crossing, Window
from anaspike.campaign.statistics import wilson
from anaspike.circuits.network import Network, NetworkNeuron
from anaspike.errors import InputError
from anaspike.experiments.calibration import Chip
from anaspike.studies.conditions import Conditions
from anaspike.studies.flow import read_flow
from anaspike.studies.networks.calibrate import Calibrate, _set, _xor_margin

WINDOW = Window(0.45, 0.85, 0.01)


@pytest.mark.parametrize(
    ("crossing", "nominal", "expected"),
    [
        # The nominal neuron reaches its count 50 mV below its supply: so will the chip.
        (Crossing("ok", 0.70, 5), Crossing("ok", 0.60, 5), (0.75, "")),
        (Crossing("ok", 0.55, 5), Crossing("ok", 0.60, 5), (0.60, "")),
        (Crossing("ok", 0.84, 5), Crossing("ok", 0.60, 5), (0.85, "needs 0.89 V")),
        (Crossing("above", None, 5), Crossing("ok", 0.6, 5), (0.85, "not reached up to 0.85 V")),
        (Crossing("below", None, 5), Crossing("ok", 0.6, 5), (0.45, "reached below 0.45 V")),
        (Crossing("failed", None, 1), Crossing("ok", 0.6, 5), (0.65, "a measurement failed")),
        (Crossing("ok", 0.7, 5), Crossing("below", None, 5),
         (0.65, "the nominal neuron's own count is below the range")),
    ],
)  # fmt: skip
def test_a_supply_keeps_the_nominal_slack_and_names_its_limit(crossing, nominal, expected):
    assert _set(crossing, nominal, 0.65, WINDOW) == expected


def test_the_margin_of_a_truth_table():
    assert _xor_margin((0, 10, 10, 0)) == (3, True)
    assert _xor_margin((0, 3, 10, 2)) == (1, True)
    assert _xor_margin((0, 2, 10, 0)) == (0, False)


def test_a_neuron_is_measured_with_those_it_hears():
    cells = (
        NetworkNeuron("h1", (("a", 1),), 0.7),
        NetworkNeuron("h2", (("b", 1),), 0.7),
        NetworkNeuron("out", (("h1", 1), ("b", 2)), 0.7),
    )
    network = Network(("a", "b"), cells, ("out",))
    assert network.levels() == (("h1", "h2"), ("out",))
    assert [cell.name for cell in network.cone("out").neurons] == ["h1", "out"]
    assert [cell.name for cell in network.cone("h2").neurons] == ["h2"]


def test_a_chip_is_the_same_alone_and_in_the_network():
    counter = Calibrate(target="xor").counter
    chip, supplies = Chip("ss", 27.0, 3), Calibrate(target="xor").nominal_supplies
    alone = dict.fromkeys(counter.one_neuron(chip, "h1", {"a": 1, "b": 0}, supplies).build().alter)
    whole = dict.fromkeys(counter.all_neurons(chip, {"a": 1, "b": 0}, supplies).build().alter)
    assert alone.keys() < whole.keys()
    assert {device.split(".")[1] for device, _, _ in alone} == {"xh1", "xbias"}


class ModelBench(Bench):
    """A bench whose neuron fires floor((supply - threshold) / 25 mV) times; no simulator.

    The threshold is 0.5 V, 80 mV more at ss, 10 mV more for each seed.
    """

    def __init__(self):
        self.ran = 0

    def run(self, points, keep=(), order=None):
        self.ran += len(points)
        rows = []
        for point in points:
            (cell,) = point.network.neurons
            threshold_V = 0.5 + 0.08 * (point.corner == "ss") + 0.01 * (point.seed or 0)
            count = max(0, int((cell.vdd_syn_V - threshold_V) / 0.025 + 1e-9))
            status = "timeout" if point.seed == 9 and point.tag == "neuron" else "ok"
            rows.append({**point.conditions(), "spikes_neuron": count, "status": status})
        return Batch(pd.DataFrame(rows), {})


def calibrated(**parameters):
    study = Calibrate(resolution_V=0.005, **parameters)
    bench = ModelBench()
    return study.find(bench), bench


def test_the_nominal_count_is_restored_on_every_chip():
    conditions = Conditions(corners=("tt", "ss"), mc=4)
    findings, bench = calibrated(conditions=conditions)
    table = findings.tables["calibrate"]
    assert len(table) == 8
    # 0.65 V is 150 mV above the nominal threshold: 6 spikes; at ss 2 or fewer.
    assert table.loc[table["corner"] == "ss", "spikes_before"].max() == 2
    assert (table["spikes_after"] == 6).all()
    expected = [0.65 + 0.08 * (c == "ss") + 0.01 * s
                for c, s in zip(table["corner"], table["seed"], strict=True)]  # fmt: skip
    assert table["vdd_syn_neuron_V"].tolist() == pytest.approx(expected)
    quantities = findings.quantities
    before = int(table["right_before"].sum())
    assert (quantities["yield_before"], quantities["yield_after"]) == (before / 8, 1)
    # The same four samples at both corners are evidence once.
    assert (quantities["yield_before_low"], quantities["yield_before_high"]) == wilson(
        before / 2, 4
    )
    yields = findings.tables["yield"]
    assert yields["supplies"].tolist() == ["before", "after"] * 3  # all, tt, ss
    assert yields["right"].tolist()[:2] == [before, 8]
    assert quantities["runs_per_chip"] <= 7
    assert bench.ran <= 1 + 8 + 9 * 7 + 8


def test_a_chip_is_one_at_both_temperatures():
    findings, _ = calibrated(
        conditions=Conditions(temperatures_C=(27, 85), mc=2, seed=8), vdd_syn_V=0.7
    )
    table, quantities = findings.tables["calibrate"], findings.quantities
    assert len(table) == 4
    assert (quantities["chips"], quantities["chips_limited"]) == (2, 1)
    assert quantities["runs_per_chip"] == table["runs"].sum() / 2
    assert findings.tables["yield"]["of_chips"].tolist() == [2, 2]
    assert findings.tables["yield"]["draws"].tolist() == [2, 2]


def test_corners_alone_are_no_sample_so_their_yield_has_no_interval():
    findings, _ = calibrated()
    assert findings.quantities["yield_before"] == 0.8  # ss is slow
    assert findings.quantities["yield_before_low"] is None
    assert (findings.quantities["chips_mended"], findings.quantities["chips_spoiled"]) == (1, 0)
    assert "low" not in findings.tables["yield"]


def test_a_supply_that_would_leave_the_range_is_named():
    findings, _ = calibrated(conditions=Conditions(corners=("ss",)), to_V=0.7)
    (row,) = findings.tables["calibrate"].to_dict("records")
    assert row["limited"] == "not reached up to 0.7 V"
    assert row["vdd_syn_neuron_V"] == 0.7
    assert not row["right_after"]
    assert findings.quantities["chips_limited"] == 1


def test_a_chip_whose_measurement_fails_takes_no_other_with_it():
    findings, _ = calibrated(conditions=Conditions(mc=2, seed=8))
    limited = dict(zip(findings.tables["calibrate"]["seed"],
                       findings.tables["calibrate"]["limited"], strict=True))  # fmt: skip
    assert limited == {8: "", 9: "a measurement failed"}


def test_a_slow_corner_in_spice(ngspice):
    study = Calibrate(
        conditions=Conditions(corners=("ss",)), vdd_syn_V=0.725, spikes_in=4, from_V=0.65,
        resolution_V=0.025,
    )  # fmt: skip
    answer = study.answer(Bench(ngspice))
    (row,) = answer.findings.tables["calibrate"].to_dict("records")
    assert row["status"] == "ok"
    assert row["spikes_after"] >= row["spikes_before"]
    assert row["vdd_syn_neuron_V"] > 0.725
    assert row["right_after"]
    assert set(answer.findings.figures) == {"calibrate"}


BAD = {
    "target": ({"target": "and"}, "calibrate: target: Input should be 'neuron' or 'xor'"),
    "range": ({"from_V": 0.8, "to_V": 0.5}, "a search from 0.8 to 0.5 in steps of 0.01 finds"
              " nothing; give a range that rises, and a positive step smaller than it"),
    "outside": ({"to_V": 0.6}, "the nominal supply of neuron, 0.65 V, is outside the allowed"
                " 0.45 to 0.6 V"),
    "corner": ({"conditions": Conditions(corners=("xx",))},
               "generic28 has no corner 'xx'; choose one of tt, ff, ss, sf, fs"),
    "no chip": ({"conditions": Conditions(mc=0)},
                "0 mismatch samples are none; use 1 or more, or leave it out"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_makes_no_sense(case):
    parameters, message = BAD[case]
    with pytest.raises(InputError) as caught:
        Calibrate(**parameters).check()
    assert str(caught.value) == message


def test_a_flow_hands_its_conditions_over(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('study = "calibrate"\n[parameters]\ntarget = "xor"\n[conditions]\nmc = 3\n')
    (study,) = read_flow(path).studies
    assert isinstance(study, Calibrate)
    assert [chip.seed for chip in study.chips] == [0, 1, 2]
    assert len(Calibrate().chips) == 5  # the corners, where nothing is said
