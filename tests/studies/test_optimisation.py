"""Sizes searched: front, survivors, limits that bind, failures, what goes on and what does not."""

import importlib.util
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.specs import Spec
from anaspike.circuits.designs import design_for, read_design, resized, written
from anaspike.cli.options import named_values
from anaspike.errors import InputError
from anaspike.report.answers import save
from anaspike.spice.ngspice.version import NgspiceVersion
from anaspike.studies.base import Study
from anaspike.studies.conditions import Conditions
from anaspike.studies.optimisation import Optimisation
from anaspike.studies.optimised import as_options
from anaspike.studies.searched import refuse_another
from anaspike.studies.sizing import read_sizing
from anaspike.studies.tried import Tried, violation

optuna = pytest.mark.skipif(
    importlib.util.find_spec("optuna") is None, reason="the extra anaspike[optimise] is missing"
)
WIDTH, LENGTH = "comparator.input_pair.w_m", "comparator.input_pair.l_m"
KIND, MULT = "comparator.input_pair.role", "comparator.input_pair.mult"
KINDS = ["pmos_svt", "pmos_lvt", "pmos_hvt"]
SIZES = {WIDTH: "0.5um:6um:log", LENGTH: "60nm:600nm"}


START = resized(design_for("generic28"), {WIDTH: 3e-6, LENGTH: 200e-9})


class Area(Study):
    """An area, which is to be small, and an offset, which grows as it does."""

    name: ClassVar[str] = "area"
    title: ClassVar[str] = "Area"

    corner: str = "tt"

    def find(self, bench):
        pair = self.design.neuron.comparator.input_pair
        if pair.w_m > 4e-6:
            raise InputError("too wide to be drawn")
        area_m2 = pair.w_m * pair.l_m
        worse = 1.5 if self.corner == "ss" else 1.0
        return Findings({}, {"area_m2": area_m2, "offset_V": worse * 2.5e-9 / area_m2**0.5})


class Leak(Study):
    """An area, larger of a high threshold, and a leak, which only that makes small."""

    name: ClassVar[str] = "leak-toy"
    title: ClassVar[str] = "Leak"

    def find(self, bench):
        pair = self.design.neuron.comparator.input_pair
        times, leak_A = {"lvt": (1, 1e-9), "svt": (1.1, 1e-10), "hvt": (2, 1e-11)}[pair.role[-3:]]
        return Findings({}, {"area_m2": pair.w_m * pair.l_m * times, "leak_A": leak_A})


class Delay(Study):
    """A delay, shorter as the area is larger."""

    name: ClassVar[str] = "delay"
    title: ClassVar[str] = "Delay"

    def find(self, bench):
        pair = self.design.neuron.comparator.input_pair
        delay_s = 0.25e-21 / (pair.w_m * pair.l_m) + 1e-10 * pair.l_m / pair.w_m
        return Findings({}, {"delay_s": delay_s, "area_m2": 1.0})


class Idle:
    name = "ngspice"
    version, identity = NgspiceVersion(39), "stand-in"

    def run(self, deck):
        raise AssertionError("nothing here is simulated")

    def cancel(self):
        pass


def asked(**changes):
    given = {
        "name": "optimise-toy", "title": "Toy", "studies": {"area": Area()},
        "minimise": ("area_m2",), "specs": (Spec("offset_V", most=5e-3, why="small"),),
        "sizing": read_sizing(START, SIZES), "evaluations": 80,
    }  # fmt: skip
    return Optimisation(**{**given, **changes})


def test_it_finds_the_least_area_for_an_offset_and_writes_it_down(tmp_path):
    search = asked()
    answer = search.answer(Bench(Idle(), 2))
    assert answer.ok
    assert search.missed(answer) == ""
    quantities = answer.findings.quantities
    assert quantities["start_area_m2"] == pytest.approx(0.6e-12, abs=0)
    assert 0.25e-12 <= quantities["area_m2"] < 0.3e-12  # 2.5 mV um over 5 mV, squared
    (verdict,) = answer.verdicts
    assert verdict.met
    (limit,) = answer.findings.tables["limits"].to_dict("records")
    assert limit["binds"]
    assert limit["missed_by"] > 10
    evaluations = answer.findings.tables["evaluations"]
    assert list(evaluations["evaluation"]) == list(range(len(evaluations)))
    # Failures are candidates that keep no limit, and rows.
    refused = evaluations[evaluations[WIDTH] > 4e-6]
    assert set(refused["status"]) == {"refused"}
    assert set(refused["message"]) == {"too wide to be drawn"}
    assert not refused["keeps_limits"].any()
    save(answer, tmp_path)
    pair = read_design(tmp_path / "best.toml").neuron.comparator.input_pair
    assert pair.w_m * pair.l_m == pytest.approx(quantities["area_m2"], abs=0)
    assert f"--size {WIDTH}=" in " ".join(answer.findings.notes)
    answer.findings.figures["history"]()
    plt.close("all")


def test_survivors_are_asked_under_further_conditions_and_no_others():
    corners = Conditions(corners=("ss", "ff"))
    answer = asked(confirm=corners).answer(Bench(Idle(), 2))
    least_m2 = (1.5 * 2.5e-9 / 5e-3) ** 2  # at ss
    assert least_m2 <= answer.findings.quantities["area_m2"] < 1.2 * least_m2
    (verdict,) = answer.verdicts
    assert (verdict.worst, verdict.rows) == ("ss", 3)
    evaluations = answer.findings.tables["evaluations"]
    survived = evaluations["survived"]
    assert 3 < survived.sum() < len(evaluations)
    at_tt = evaluations["area_m2"] >= (2.5e-9 / 5e-3) ** 2 * (1 - 1e-9)
    assert at_tt[survived].all()


def test_several_studies_and_several_quantities_make_a_front():
    studies = {"area": Area(), "speed": Delay()}
    answer = asked(studies=studies, minimise=("area.area_m2", "delay_s")).answer(Bench(Idle(), 2))
    front = answer.findings.tables["front"].sort_values("area.area_m2")
    assert len(front) > 2
    assert front["delay_s"].is_monotonic_decreasing
    files = answer.findings.texts
    assert {"best.toml", "search.json", "check-area.toml", "check-speed.toml"} <= set(files)
    assert sum(name.startswith("front-") for name in files) == min(20, len(front))
    answer.findings.figures["history"]()
    plt.close("all")


def test_it_begins_where_it_began_before_and_goes_on():
    tables = [
        asked(evaluations=number).answer(Bench(Idle(), 2)).findings.tables["evaluations"]
        for number in (16, 40)
    ]
    assert tables[1][:16].drop(columns="front").equals(tables[0][:16].drop(columns="front"))


def test_a_design_that_cannot_be_asked_is_no_start():
    wide = Area(sized=resized(design_for("generic28"), {WIDTH: 5e-6}))
    sizing = read_sizing(wide.design, SIZES)
    with pytest.raises(InputError) as caught:
        asked(sizing=sizing, studies={"area": wide}).answer(Bench(Idle(), 2))
    assert str(caught.value) == "the design that the search starts from: too wide to be drawn"


def test_sizes_that_follow_others_and_whole_numbers():
    mult = "spike_generator.starve_n.mult"
    design = resized(START, {mult: 5})
    sizing = read_sizing(
        design, {WIDTH: "1um:4um", mult: "1:3"},
        {"comparator.dummy.w_m": f"0.5*{WIDTH}", "spike_generator.starve_p.mult": mult},
    )  # fmt: skip
    assert sizing.at([0.5, 0.99]) == {
        WIDTH: 2.5e-6, mult: 3, "comparator.dummy.w_m": 1.25e-6, "spike_generator.starve_p.mult": 3,
    }  # fmt: skip
    assert [sizing.at([0, x])[mult] for x in (0, 0.3, 0.4, 0.6, 0.7, 1.0)] == [1, 1, 2, 2, 3, 3]
    assert sizing.of(sizing.at([0.5, 0.0])).neuron.comparator.dummy.w_m == 1.25e-6
    assert sizing.start_point is None  # the design has 5


KINDS_ASKED = {
    "studies": {"leak": Leak()},
    "specs": (Spec("leak_A", most=5e-11, why="it rests"),),
    "sizing": read_sizing(START, {**SIZES, KIND: KINDS}, {"comparator.tail.role": KIND}),
    "evaluations": 40,
}


@pytest.mark.parametrize("method", ["evolution", pytest.param("tpe", marks=optuna)])
def test_a_kind_is_found_and_said_wherever_a_size_is(method, tmp_path):
    search = asked(method=method, **KINDS_ASKED)
    answer = search.answer(Bench(Idle(), 2))
    assert answer.ok
    found = answer.findings
    assert found.tables["limits"]["missed_by"].min() > 0
    assert set(found.tables["evaluations"][KIND]) == set(KINDS)
    assert set(found.tables["front"][KIND]) == {"pmos_hvt"}
    assert {KIND, "comparator.tail.role"} <= set(found.show)
    assert f"--size {KIND}=pmos_hvt --size comparator.tail.role=pmos_hvt" in found.notes[0]
    asked_for = json.loads(found.texts["search.json"])
    assert (asked_for["sizes"][KIND], asked_for["tied"]["comparator.tail.role"]) == (
        KINDS, [1.0, KIND],
    )  # fmt: skip
    figure = found.figures["history"]()
    said = figure.axes[0].get_legend_handles_labels()[1]
    assert {"misses a limit, pmos_lvt", "keeps all limits, pmos_hvt"} <= set(said)
    save(answer, tmp_path)
    neuron = read_design(tmp_path / "best.toml").neuron
    assert neuron.comparator.tail.role == neuron.comparator.input_pair.role == "pmos_hvt"
    again = Leak(sized=read_design(tmp_path / "best.toml")).find(Bench(Idle(), 1))
    assert again.quantities["area_m2"] == found.quantities["area_m2"]


def test_a_search_goes_on_with_the_same_kinds_only(tmp_path):
    save(asked(**KINDS_ASKED).answer(Bench(Idle(), 2)), tmp_path)
    other = read_sizing(START, {**SIZES, KIND: KINDS[:2]}, {"comparator.tail.role": KIND})
    refuse_another(asked(**KINDS_ASKED).asked_for(), tmp_path)
    with pytest.raises(InputError) as caught:
        refuse_another(asked(**{**KINDS_ASKED, "sizing": other}).asked_for(), tmp_path)
    assert str(caught.value) == (
        f'{tmp_path} is of a search with another sizes.{KIND}: ["pmos_svt", "pmos_lvt", "pmos_hvt"]'
        ' then, ["pmos_svt", "pmos_lvt"] now; ask as then, or choose another --out'
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_whatever_a_point_chooses_its_design_reads_back_from_file_and_from_options(point):
    sizing = read_sizing(
        START, {**SIZES, KIND: KINDS, MULT: [1, 2, 4]}, {"spike_generator.first_p.role": KIND}
    )
    sizes = sizing.at(np.array(point))
    design = sizing.of(sizes)
    options = as_options(Tried(1, sizes, {})).split("--size ")[1:]
    assert resized(START, named_values(tuple(map(str.strip, options)), "--size")) == design
    assert design.neuron.spike_generator.first_p.role == sizes[KIND]
    with TemporaryDirectory() as folder:
        (Path(folder) / "mine.toml").write_text(written(design))
        assert read_design(Path(folder) / "mine.toml") == design


def test_the_design_begins_a_search_where_its_kind_is_among_the_choices():
    within, without = (
        read_sizing(START, {KIND: kinds, MULT: [1, 2]}) for kinds in (KINDS, KINDS[1:])
    )
    assert within.at(within.start_point) == within.start == {KIND: "pmos_svt", MULT: 1}
    assert without.start_point is None


def test_no_sizes_keep_the_limits():
    search = asked(specs=(Spec("offset_V", most=1e-3), Spec("area_m2", most=2e-12)), evaluations=30)
    answer = search.answer(Bench(Idle(), 2))
    assert not answer.ok
    assert "best.toml" not in answer.findings.texts
    why = search.missed(answer)
    assert why.startswith(
        "no sizes keep all limits: offset_V fails most; it should be at most 1 mV,"
    )
    assert "times its limit away (" in why
    assert "miss it); widen a range or loosen the limit" in why


def test_a_yield_may_be_asked_of_a_limit():
    import pandas as pd

    values = pd.Series([1.0, 2.0, 3.0, 10.0])
    assert violation(Spec("q", most=3.0, share=0.75), values) == 0
    assert violation(Spec("q", most=2.5), values) == pytest.approx(3)
    assert violation(Spec("q", most=2.5), pd.Series([float("nan")])) == 10


BAD_NAMES = {
    "quantity": ({"minimise": ("aera_m2",)}, "minimise: none of the studies measures 'aera_m2';"
                 " did you mean 'area_m2'?"),
    "spec": ({"specs": (Spec("ofset_V", most=1.0),)}, "specs: none of the studies measures"
             " 'ofset_V'; did you mean 'offset_V'?"),
    "two": ({"studies": {"area": Area(), "speed": Delay()}}, "minimise: area and speed measure"
            " area_m2; write area.area_m2"),
    "of one": ({"minimise": ("area.aera_m2",)}, "minimise: none of the studies measures"
               " 'area.aera_m2'; did you mean 'area_m2'?"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_NAMES)
def test_what_no_study_measures(case):
    changes, message = BAD_NAMES[case]
    with pytest.raises(InputError) as caught:
        asked(**changes).answer(Bench(Idle(), 2))
    assert str(caught.value) == message


def test_another_search_in_the_same_folder_is_refused(tmp_path):
    first = asked(evaluations=8)
    refuse_another(first.asked_for(), tmp_path)
    save(first.answer(Bench(Idle(), 2)), tmp_path)
    refuse_another(asked(evaluations=20).asked_for(), tmp_path)  # it goes on
    other = read_sizing(START, {**SIZES, WIDTH: "0.5um:5um:log"})
    with pytest.raises(InputError) as caught:
        refuse_another(asked(sizing=other).asked_for(), tmp_path)
    assert str(caught.value) == (
        f'{tmp_path} is of a search with another sizes.{WIDTH}: [5e-07, 6e-06, "log"] then,'
        ' [5e-07, 5e-06, "log"] now; ask as then, or choose another --out'
    )
