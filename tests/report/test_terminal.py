"""What the terminal shows is whole, or says what is left out and where it is."""

import re
from pathlib import Path

import pandas as pd
import pytest

from anaspike.campaign.answer import Answer, Findings
from anaspike.campaign.specs import Spec, Unjudged, judge
from anaspike.report.terminal import show


def printed(capsys, monkeypatch, answer, columns=80, files=()):
    monkeypatch.setenv("COLUMNS", str(columns))
    show(answer, [Path(name) for name in files])
    return capsys.readouterr().out


def answer_of(tables, quantities=None, specs=(), unjudged=(), **further):
    quantities = quantities or {}
    findings = Findings(tables, quantities, **further)
    manifest = {"points": [], "interrupted": False}
    return Answer("x", "A title [of mine]", findings, judge(specs, quantities), manifest,
                  unjudged=unjudged)  # fmt: skip


def numbers(rows, columns=2):
    return pd.DataFrame({f"c{i}_V": [i + 0.001 * n for n in range(rows)] for i in range(columns)})


def test_a_table_that_is_whole_says_nothing(capsys, monkeypatch):
    out = printed(capsys, monkeypatch, answer_of({"runs": numbers(40)}), files=["o/runs.csv"])
    assert " rows" not in out
    assert out.count("mV │") >= 39


@pytest.mark.parametrize("suffix", ["csv", "parquet", "json"])
def test_each_table_that_is_cut_says_so_and_names_its_file(capsys, monkeypatch, suffix):
    tables = {"runs": numbers(41), "more": numbers(1000)}
    files = [f"o/runs.{suffix}", f"o/more.{suffix}", "o/more.png"]
    out = printed(capsys, monkeypatch, answer_of(tables, also=("more",)), files=files)
    assert f"40 of 41 rows; all in runs.{suffix}" in out
    assert f"40 of 1000 rows; all in more.{suffix}" in out


def test_columns_that_are_not_shown_are_counted(capsys, monkeypatch):
    table = numbers(3, 5).assign(status="ok", retry="as asked", message="")
    chosen = printed(capsys, monkeypatch, answer_of({"runs": table}, show=("c0_V", "c1_V")))
    assert "2 of 5 columns; all in the table runs" in chosen
    # All of them, where there is room.
    assert "columns;" not in printed(capsys, monkeypatch, answer_of({"runs": table}))


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_no_number_is_cut_at_any_width(capsys, monkeypatch, width):
    table = numbers(3, 12).assign(status=["ok", "timeout", "ok"])
    out = printed(capsys, monkeypatch, answer_of({"runs": table}), width, ["o/runs.csv"])
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= width
    rows = [line for line in out.splitlines() if line.startswith("│")]
    shown = len(re.findall(r"\d+(?:\.\d+)? m?V|0 V", rows[0]))
    if width >= 40:
        assert "timeout" in out
        said = re.search(r"(\d+) of 12 columns; all in runs.csv", " ".join(out.split()))
        assert shown == (int(said[1]) if said else 12)


def test_a_user_s_words_are_no_markup(capsys, monkeypatch):
    table = pd.DataFrame({"case": ["[red]x[/]", "[/]"], "q": [1.0, 2.0]})
    out = printed(capsys, monkeypatch, answer_of({"runs": table}))
    assert "[red]x[/]" in out
    assert "A title [of mine]" in out


QUANTITIES = {
    "delay_s": pd.Series([1e-9, 4e-9], pd.Index(["tt", "ss"], name="corner")),
    "energy_J": 1e-15,
    "width_s": None,
    "area_m2": 1e-12,
}
SPECS = (Spec("delay_s", most=3e-9), Spec("energy_J", most=2e-15), Spec("width_s", least=1e-9))
LEFT = (Unjudged("area_m2"), Unjudged("gain", "its limits are for generic28"))


def test_verdicts_count_what_nobody_judged(capsys, monkeypatch):
    answer = answer_of({"runs": numbers(1)}, QUANTITIES, SPECS, LEFT)
    out = printed(capsys, monkeypatch, answer, 120)
    assert "1 met, 2 missed, 2 quantities not judged" in out
    assert "not judged, no limit: area" in out
    assert "not judged, its limits are for generic28: gain" in out
    assert re.search(r"delay .* 4 ns .* MISSED, 1 of 2 within .* ss", out)
    assert re.search(r"width .*│ +1 ns │ +— │.*MISSED", out)


def test_without_a_verdict_it_is_said_too(capsys, monkeypatch):
    out = printed(capsys, monkeypatch, answer_of({"runs": numbers(1)}, {"a": 1.0}, (), LEFT[:1]))
    assert "0 met, 0 missed, 1 quantity not judged" in out


@pytest.mark.parametrize("width", [30, 50, 70, 90])
def test_verdicts_are_whole_at_any_width(capsys, monkeypatch, width):
    answer = answer_of({"runs": numbers(1)}, QUANTITIES, SPECS, LEFT)
    out = printed(capsys, monkeypatch, answer, width)
    for said in ("4 ns", "3 ns", "-33.3%", "MISSED,", "1 fJ", "+50.0%"):
        assert said in re.sub(r"\s+", " ", out), said
