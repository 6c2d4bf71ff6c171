"""The page shows tables whole or says what is left out, and counts what nobody judged."""

import json
import re

import pandas as pd
import pytest

from anaspike.campaign.answer import Answer, Findings
from anaspike.campaign.specs import Spec, Unjudged, judge
from anaspike.report.answers import save
from anaspike.report.comparison import compared
from anaspike.report.conditioned import in_words
from anaspike.report.foreign import Allowance
from anaspike.report.page import page
from anaspike.report.saved import latest, saved_answers
from anaspike.report.sections import Section
from anaspike.report.story import STORY, in_order, of_ours
from anaspike.studies.catalog import STUDIES

MANIFEST = {
    "points": [], "interrupted": False, "created": "2026-01-01", "pdk": {"name": "generic28",
    "models_sha256": ["x"]}, "parameters": {}, "options": {}, "anaspike": "1",
    "ngspice": {"version": "39"},
}  # fmt: skip
QUANTITIES = {
    "delay_s": pd.Series([1e-9, 4e-9, None], pd.Index(["tt", "ss", "ff"], name="corner")),
    "energy_J": 1e-15,
}
LEFT = (Unjudged("energy_J"), Unjudged("gain", "its limits are for sky130"))


def written(folder, rows=61, format_="csv", quantities=QUANTITIES, left=LEFT, parameters=None):
    table = pd.DataFrame({"x_V": [0.001 * i for i in range(rows)], "word": "<b>"})
    verdicts = judge([Spec("delay_s", most=3e-9, why="as fast as asked")], quantities)
    manifest = {**MANIFEST, "parameters": parameters or {}}
    answer = Answer("mine", "Mine", Findings({"runs": table}, quantities), verdicts, manifest,
                    unjudged=left)  # fmt: skip
    save(answer, folder, format_)
    return page(latest(saved_answers([folder])))


def text(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<body>")[1]).split())


@pytest.mark.parametrize("format_", ["csv", "json"])
def test_a_cut_table_names_the_file_that_has_all(tmp_path, format_):
    html = written(tmp_path, format_=format_)
    assert f"60 of 61 rows; all in {tmp_path / f'runs.{format_}'}" in text(html)
    assert html.count("&lt;b&gt;") == 60
    assert "60 rows" in text(written(tmp_path, rows=60, format_=format_))


def test_a_table_for_programs_is_named(tmp_path):
    pytest.importorskip("pyarrow")
    assert f"runs: all in {tmp_path / 'runs.parquet'}" in text(written(tmp_path, format_="parquet"))


def test_verdicts_say_how_many_and_which_is_the_worst(tmp_path):
    said = text(written(tmp_path))
    assert "0 met, 1 missed, 2 quantities not judged." in said
    assert "delay generic28 MISSED 1 of 3 conditions — at ff 3 ns" in said
    assert "energy generic28 not judged 1 fJ no limit" in said
    assert "gain generic28 not judged — its limits are for sky130" in said


def test_every_limit_says_why_and_every_row_under_which_conditions(tmp_path):
    said = text(written(tmp_path, parameters={"corner": "tt", "temperature_C": 27.0, "mc": 20}))
    row = "delay generic28, tt, 27 °C, 20 mismatch samples MISSED 1 of 3 conditions — at ff 3 ns"
    assert f"{row} as fast as asked" in said


@pytest.mark.parametrize(
    ("parameters", "conditions", "said"),
    [
        ({"corners": ["tt", "ss"], "temperatures_C": [-40.0, 85]}, None, "tt, ss, -40 to 85 °C"),
        ({"corner": "tt", "seed": 7}, None, "tt, mismatch sample 7"),
        ({"corner": "tt"}, [{"corner": "ff", "seed": 0}, {"corner": "ff", "seed": 1}],
         "ff, 2 mismatch samples"),
        ({"conditions": {"corners": list("abcdef"), "mc": 4}}, None,
         "6 corners, 4 mismatch samples"),
        ({"corner": 3, "temperature_C": True, "seed": "x", "sized": {"a": 1}}, "no list",
         "sizes of its own"),
    ],
)  # fmt: skip
def test_conditions_are_told_in_words_whatever_is_in_them(parameters, conditions, said):
    assert in_words(parameters, conditions) == said


def test_questions_tell_the_story_and_none_is_forgotten():
    assert list(STORY) == in_order(study.name for study in STUDIES)
    assert in_order(["zz-mine", "leak", "table9"]) == ["table9", "leak", "zz-mine"]
    assert all(question.asked and question.why for question in STORY.values())


TABLE9 = pd.DataFrame(
    {"design": ["ours, generic28", "Barton et al. 2022 (the paper)"], "process_nm": [28, 28],
     "area_core_um2": [42.0, 132.0], "max_rate_Hz": [16e6, 3.3e6],
     "energy_per_spike_J": [66e-15, 1.08e-12], "energy_per_spike_3MHz_J": [89e-15, None],
     "kind": ["schematic", "layout"], "source": ["this run", "Table 9"]}
)  # fmt: skip


def test_the_page_opens_with_the_neuron_beside_the_papers(tmp_path):
    quantities = {"max_rate_generic28_Hz": 16e6, "area_core_generic28_um2": 42.0,
                  "energy_per_spike_generic28_J": 2e-12}  # fmt: skip
    limits = [Spec("max_rate_generic28_Hz", 3.3e6),
              Spec("energy_per_spike_generic28_J", most=1.08e-12)]  # fmt: skip
    answer = Answer("table9", "Table 9", Findings({"table9": TABLE9}, quantities),
                    judge(limits, quantities), MANIFEST,
                    unjudged=(Unjudged("area_core_generic28_um2"),))  # fmt: skip
    save(answer, tmp_path / "table9" / "generic28")
    written(tmp_path / "other")
    said = text(page(latest(saved_answers([tmp_path]))))
    opening = said.split("Contents")[0]
    assert "2 questions were asked" in opening
    ours = "ours, generic28 28 nm 42 µm² not judged 16 MHz met 66 fJ MISSED 89 fJ 1, 2 , 3"
    assert ours in opening
    assert "Barton et al. 2022 (the paper) 28 nm 132 µm² 3.3 MHz 1.08 pJ — layout" in opening
    assert said.index("How does it stand") < said.index("Mine")


def test_a_drawn_neuron_stands_beside_the_sized_one(tmp_path):
    names = ("ours, generic28, drawn", "ours, generic28", "ours, generic28x, drawn")
    for number, name in enumerate(names):
        table = TABLE9.replace("ours, generic28", name).iloc[:1]
        quantities = {"max_rate_generic28_Hz": 16e6}
        met = judge([Spec("max_rate_generic28_Hz", 3.3e6)], quantities)
        answer = Answer("table9", "Table 9", Findings({"table9": table}, quantities), met, MANIFEST)
        save(answer, tmp_path / f"flow{number}" / "generic28")
    rows = compared([Section(n, a, Allowance(10**6), Allowance(10**6))
                     for n, a in enumerate(latest(saved_answers([tmp_path])), 1)])  # fmt: skip
    ours = [row for row in rows if row.ours]
    assert [row.name for row in ours] == ["ours, generic28", "ours, generic28, drawn"]
    # What is met and missed on a process is counted once.
    assert [row.tally for row in ours] == [{"met": 3, "MISSED": 0, "not judged": 0}, None]
    assert [word for row in ours for _, word in row.figures].count("met") == 2


def test_what_was_not_compared_says_so(tmp_path):
    assert "ours, generic28 not compared" in text(written(tmp_path)).split("Contents")[0]


def test_circuits_that_others_drew_are_beside_no_neuron(tmp_path):
    for name in ("netlist", "optimise-mine"):
        quantities = {"conditions": 2.0, "delay_s": pd.Series([1e-9, 3e-9])}
        answer = Answer(name, name, Findings({}, quantities), (), MANIFEST,
                        unjudged=(Unjudged("delay_s"),))  # fmt: skip
        save(answer, tmp_path / name)
    said = text(page(latest(saved_answers([tmp_path]))))
    opening, _, rest = said.partition("Contents")
    assert "2 questions were asked of circuits on generic28." in opening
    assert "ours" not in opening
    assert "delay generic28 not judged 1 ns to 3 ns (2 conditions)" in rest
    assert of_ours(["netlist", "energy", "mine"]) == {"energy", "mine"}
    assert of_ours(["mine"]) == {"mine"}


def test_an_answer_of_before_counts_what_has_no_verdict(tmp_path):
    written(tmp_path)
    path = tmp_path / "answer.json"
    content = json.loads(path.read_text())
    del content["not_judged"]
    content["quantities"] = {"delay_s": 1e-9, "energy_J": 1e-15, "gain": None}
    for name in ("of", "within", "counted", "worst"):
        del content["verdicts"][0][name]
    path.write_text(json.dumps(content))
    said = text(page(latest(saved_answers([tmp_path]))))
    assert "0 met, 1 missed, 2 quantities not judged." in said
    assert "energy generic28 not judged 1 fJ no limit" in said
    assert "gain generic28 not judged — no limit" in said
