"""Table 9: ours beside the published neurons, and the search for the highest rate."""

import json
from pathlib import Path

import pandas as pd
import pytest

from anaspike.campaign.bench import Batch, Bench
from anaspike.circuits.area import area_rules
from anaspike.circuits.designs import design_for, design_named
from anaspike.cli import run
from anaspike.errors import InputError
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.layout.drawing import read_gds
from anaspike.layout.sky130 import SKY130
from anaspike.pdk.generic28 import Generic28
from anaspike.studies.blocks import table9
from anaspike.studies.blocks.max_rate import fastest, search_max_rate
from anaspike.studies.blocks.table9 import Table9

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def answer(ngspice):
    study = Table9(pdks=("generic28",), spikes_in=3, resolution=0.5)
    return study.answer(Bench(ngspice))


def test_the_paper_s_rate_and_energy_are_met(answer):
    assert answer.ok
    quantities = answer.findings.quantities
    assert quantities["max_rate_generic28_Hz"] >= 3.3e6
    assert 20e-15 < quantities["energy_per_spike_3MHz_generic28_J"] < 1.08e-12


def test_ours_stands_above_the_five_of_the_paper_and_those_since(answer):
    table = answer.findings.tables["table9"]
    assert table["design"].iloc[0] == "ours, generic28"
    assert list(table["process_nm"])[:6] == [28, 28, 65, 90, 90, 350]
    assert list(table["energy_per_spike_J"].iloc[1:6]) == [1.08e-12, 41e-12, 0.4e-12, 1e-12, 9e-12]
    since = table.iloc[6:].set_index("design")
    assert since.loc["Besrour et al. 2024", "energy_per_spike_J"] == 1.61e-15
    assert since.loc["Sourikopoulos et al. 2017", "energy_per_spike_J"] == 4e-15
    assert table["source"].str.len().gt(0).all()
    assert since["kind"].str.contains("no weights").all()


def test_energy_without_references_is_less_and_is_what_the_points_say(answer):
    row = answer.findings.tables["table9"].iloc[0]
    first = answer.findings.tables["max_rate"].iloc[0]
    spent_J = first["energy_total_J"] - first["energy_references_J"]
    assert row["energy_less_references_3MHz_J"] == pytest.approx(spent_J / first["spikes_out"])
    assert row["energy_less_references_3MHz_J"] < row["energy_per_spike_3MHz_J"]


def test_what_is_better_without_layout_says_so(answer):
    compared = answer.findings.tables["compared"].set_index("figure")
    assert compared.loc["energy per spike 3MHz", "verdict"] == "met"
    assert "not laid out yet" in compared.loc["energy per spike 3MHz", "assumes"]
    assert compared.loc["area core", "verdict"] == "not judged"


class _Layout:
    """What knows a neuron as it is drawn, by its frames alone."""

    def circuit_of(self, block):
        return None

    def frames_um2(self, block):
        sizes = {"logic": 10, "comparator": 20, "membrane": 30, "synapse1": 100}
        return {block.name: 160, **sizes} if "xcore" in block.children else None

    def parts(self):
        return {}

    def check_used(self, study):
        pass


@pytest.mark.sky130
def test_a_drawn_memory_counts_in_the_total_and_not_in_the_core(klayout, sky130_models):
    class Committed(_Layout):
        def frames_um2(self, block):
            return read_gds(drawn / "neuron.gds", SKY130).frames_um2()

    drawn = ROOT / "netlists/layouts/stored_weights"
    sized = design_named("sky130_stored_weights")
    area = Table9(pdks=("sky130",), layout=Committed(), sized=sized)._area("sky130")
    facts = json.loads((drawn / "neuron.json").read_text(encoding="utf-8"))
    assert area.total_um2 == pytest.approx(facts["area_um2"], rel=1e-3)
    parts = {part.name: part for part in area.parts}
    assert {name for name, part in parts.items() if part.in_core} == {
        "logic", "comparator", "membrane",
    }  # fmt: skip
    assert area.core_um2 == pytest.approx(366.2, abs=0.1)
    assert [parts[name].transistors for name in ("memory1", "synapse1")] == [58, 36]


@pytest.mark.sky130
def test_a_drawn_neuron_is_told_by_the_word_layout(sky130_models):
    study = Table9(pdks=("sky130",), layout=_Layout())
    area = study._area("sky130")
    bits_um2 = area.parts[-1].area_um2
    assert (area.core_um2, area.total_um2) == (60, 160 + bits_um2)
    assert [part.transistors for part in area.parts] == [51, 19, 0, 36, 0]
    quantities = {table9._quantity(figure, "sky130"): 1.0 for figure in table9._COMPARED}
    assumed = study._compared(quantities)["assumes"]
    assert [text for text in assumed if "layout" not in text] == []
    assert list(assumed)[:2] == ["layout", "estimate: the layout, and weights from cells"]
    stored = Table9(pdks=("sky130",), layout=_Layout(), sized=design_named("sky130_stored_weights"))
    assert stored._area("sky130").total_um2 == 160
    assert stored._assumes("sky130", "area_total_um2", 1.0) == "layout"
    tied, kept = (Table9(pdks=("sky130",), sized=one.sized)._notes()[-2] for one in (study, stored))
    assert "18 flip-flops of weight" in tied
    assert "the memory of their weights" in kept
    assert study._ours("sky130") == "ours, sky130, drawn"
    assert stored._ours("sky130") == "ours, sky130, drawn, with its weight memory"


def test_no_figure_of_a_schematic_is_a_layouts(answer):
    table = answer.findings.tables["table9"]
    assert "layout" not in table["kind"].iloc[0]
    assumed = answer.findings.tables["compared"]["assumes"]
    assert not assumed.str.replace("not laid out yet", "").str.contains("layout").any()


class _Neuron:
    """A bench whose neuron follows up to a rate, a lower one if the train is long."""

    def __init__(self, limit_Hz, status="ok", long_limit_Hz=None):
        self.limit_Hz, self.status = limit_Hz, status
        self.long_limit_Hz = long_limit_Hz or limit_Hz
        self.periods_s = []

    def run(self, points):
        drive = points[0].design.drive
        self.periods_s.append(drive.period_s)
        long = drive.spikes_in > 20
        works = 1 / drive.period_s <= (self.long_limit_Hz if long else self.limit_Hz)
        row = {
            "spikes_in": drive.spikes_in,
            "spikes_out": drive.spikes_in if works else drive.spikes_in // 2,
            "status": "ok" if works else self.status,
        }
        return Batch(pd.DataFrame([row]), {})


@pytest.fixture
def point():
    return NeuronTransient(Generic28(), design_for("generic28"), 0.75, "tt")


def test_the_bisection_closes_on_the_limit_from_below(point):
    tried = search_max_rate(_Neuron(12e6), point, 300e-9, 50e-9, 0.02)
    best = fastest(tried)
    assert 12e6 / 1.02 <= best["rate_in_Hz"] <= 12e6
    assert tried["period_s"].iloc[0] == 300e-9
    assert tried["period_s"].min() > 50e-9


def test_what_a_long_train_does_not_confirm_is_no_highest_rate(point):
    bench = _Neuron(12e6, long_limit_Hz=10e6)
    best = fastest(search_max_rate(bench, point, 300e-9, 50e-9, 0.02))
    assert 10e6 / 1.02 <= best["rate_in_Hz"] <= 10e6
    assert best["spikes_in"] == 80
    assert fastest(search_max_rate(_Neuron(12e6, long_limit_Hz=1e6), point, 300e-9, 50e-9)) is None


def test_a_neuron_that_fails_at_the_slowest_rate_has_no_highest(point):
    bench = _Neuron(1e6)
    assert fastest(search_max_rate(bench, point, 300e-9, 50e-9)) is None
    assert len(bench.periods_s) == 1


def test_a_failed_simulation_ends_the_search_unanswered(point):
    tried = search_max_rate(_Neuron(5e6, "timeout"), point, 300e-9, 50e-9)
    assert fastest(tried) is None
    assert tried["status"].iloc[-1] == "timeout"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"pdks": ()}, "needs a process"),
        ({"pdks": ("generic28", "generic28")}, "name each of them once"),
        ({"pdks": ("other",)}, "unknown PDK 'other'"),
        ({"resolution": 0}, "a resolution of 0 is outside"),
        ({"pdks": ("generic28",), "vdd_syn_V": 2}, "above the core supply"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        Table9(**wrong).check()


def test_a_process_without_area_rules_is_refused_before_the_search(monkeypatch):
    monkeypatch.setattr(table9, "area_rules", lambda _: area_rules("other"))
    with pytest.raises(InputError, match="no area rules for 'other'; there are some for generic28"):
        Table9(pdks=("generic28",)).check()


def test_each_process_is_driven_at_its_own_supply():
    assert Table9()._supply_of("generic28") == 0.75
    assert Table9()._supply_of("gf180mcu") == design_for("gf180mcu").supplies.high_V
    assert Table9(vdd_syn_V="0.7V")._supply_of("gf180mcu") == 0.7


def test_the_command_refuses_it_too(capsys):
    assert run(["table9", "--pdk", "generic28", "--codes", "9"]) == 2
    assert "code 9 does not fit" in capsys.readouterr().err


def test_a_process_whose_models_are_not_here_is_said_not_to_be_judged(stub, monkeypatch):
    from anaspike.spice.ngspice.run import Ngspice

    monkeypatch.setattr(table9, "_sky130_found", lambda: False)
    broken = Ngspice.find(10, {"ANASPIKE_NGSPICE": str(stub("exit 1"))})
    answer = Table9().answer(Bench(broken, jobs=1))
    assert [v.spec.quantity for v in answer.verdicts] == [
        "max_rate_generic28_Hz", "energy_per_spike_generic28_J",
        "energy_per_spike_3MHz_generic28_J",
    ]  # fmt: skip
    left = {one.quantity: one.why for one in answer.unjudged}
    assert left["max_rate_sky130_Hz"] == "its limits are for sky130"
    assert left["area_core_generic28_um2"] == ""
    asked = Table9(pdks=("generic28",)).specs()
    assert not any("sky130" in spec.quantity for spec in asked)


def test_failed_points_leave_gaps_and_miss_their_bounds(stub):
    from anaspike.spice.ngspice.run import Ngspice

    broken = Ngspice.find(10, {"ANASPIKE_NGSPICE": str(stub("exit 1"))})
    answer = Table9(pdks=("generic28",)).answer(Bench(broken, jobs=1))
    assert not answer.ok
    assert not any(verdict.met for verdict in answer.verdicts)
    ours = answer.findings.tables["table9"].iloc[0]
    assert pd.isna(ours["max_rate_Hz"])
    assert ours["area_core_um2"] > 0
