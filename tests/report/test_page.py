"""The page shows tables whole or says what is left out, and counts what nobody judged."""

import json
import re

import pandas as pd
import pytest

from anaspike.campaign.answer import Answer, Findings
from anaspike.campaign.specs import Spec, Unjudged, judge
from anaspike.report.answers import save
from anaspike.report.page import page
from anaspike.report.saved import latest, saved_answers

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


def written(folder, rows=61, format_="csv", quantities=QUANTITIES, left=LEFT):
    table = pd.DataFrame({"x_V": [0.001 * i for i in range(rows)], "word": "<b>"})
    verdicts = judge([Spec("delay_s", most=3e-9)], quantities)
    answer = Answer("mine", "Mine", Findings({"runs": table}, quantities), verdicts, MANIFEST,
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
    assert "mine : delay MISSED 1 of 3 conditions — at ff generic28" in said
    assert "1 not judged, no limit: energy" in said
    assert "1 not judged, its limits are for sky130: gain" in said
    assert "delay 1 ns to 4 ns (3 conditions, 1 missing)" in said


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
    assert "2 not judged, no limit: energy, gain" in said
