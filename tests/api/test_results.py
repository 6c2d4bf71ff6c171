"""Results: shown, read back, and what is no run refused in a line."""

import json
import re
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import anaspike
from anaspike.api.asking import answered
from anaspike.api.bar import Bar
from anaspike.api.result import of_answer
from anaspike.campaign.answer import Answer, Findings
from anaspike.campaign.specs import Spec, judge
from anaspike.campaign.traces import Trace
from anaspike.errors import InputError
from anaspike.report import answers
from anaspike.report.style import new_figure
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.ngspice.version import NgspiceVersion
from anaspike.spice.rawfile import read_traces
from anaspike.spice.waveforms import Waveforms
from anaspike.studies.base import Study
from anaspike.studies.running import Running

EVIL = "<script>alert(1)</script>\u202e&"
MANIFEST = {
    "created": "2026-11-27T12:00:00+00:00", "anaspike": "0.1.0", "ngspice": {"version": "39"},
    "pdk": {"name": "generic28", "models_sha256": []}, "parameters": {}, "options": [],
    "points": [{"status": "ok", "message": "", "deck_sha256": ""}], "interrupted": False,
}  # fmt: skip
WAVES = Waveforms(
    np.array([0.0, 1e-9, 3e-9]),
    {"v(mem)": np.array([0.1, 1 / 3, 5e-324]), "i(vdd)": np.array([-0.0, 1e-6, 2e-6])},
)


def answer_of(text=EVIL, rows=2):
    table = pd.DataFrame(
        {
            "vdd_syn_V": [0.6] * rows,
            text: [text] * rows,
            "spikes_out": pd.array([3] * rows, "Int64"),
        }
    )
    findings = Findings(
        {"sweep": table}, {"rate_out_Hz": 2e6}, {"sweep": partial(new_figure, text, 2.0, 1.0)},
        notes=(text,),
    )  # fmt: skip
    verdicts = judge([Spec("rate_out_Hz", 1e6, why=text)], findings.quantities)
    return Answer("sweep-vdd", text, findings, verdicts, MANIFEST)


def result_of(answer):
    return of_answer(answer, {4: (Trace(4, {"vdd_syn_V": 0.6}), WAVES)}, None, None)


def test_a_result_shows_verdicts_table_and_picture_and_runs_nothing():
    result = result_of(answer_of(rows=40))
    page = result._repr_html_()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u202e&amp;" in page
    assert re.findall(r"<(\w+)", page).count("table") == 2
    assert "2 MHz" in page and "✓ met" in page and "28 more rows in .table" in page
    assert page.count('src="data:image/png;base64,') == 1
    assert repr(result) == "<sweep-vdd: 1 of 1 limits met, 40 rows, ok>"
    assert repr(result.tables) == "<tables: sweep>"
    assert result.ok and result.table is result.tables["sweep"]
    assert result.verdicts["met"].tolist() == [True]


def test_a_picture_shows_itself_and_is_matplotlib_s_too():
    picture = result_of(answer_of("plain")).figures["sweep"]
    assert picture._repr_png_().startswith(b"\x89PNG")
    assert picture.figure.get_suptitle() == "plain"
    with pytest.raises(anaspike.InputError, match="no picture is called 'swep'; did you mean"):
        _ = result_of(answer_of("plain")).figures["swep"]


def test_traces_go_by_name_to_tables_files_and_pictures(tmp_path):
    traces = result_of(answer_of()).waveforms
    waves = traces.at(vdd_syn_V=0.6)
    assert waves["mem"] is waves["v(mem)"] is waves["V(MEM)"]
    assert repr(waves) == "<2 vectors of 3 samples to 3 ns: v(mem), i(vdd)>"
    assert list(waves.to_dataframe()) == ["time_s", "mem_V", "i(vdd)_A"]
    back = read_traces(waves.to_raw(tmp_path / "w.raw"))
    assert back.time_s.tobytes() == WAVES.time_s.tobytes()
    assert {n: v.tobytes() for n, v in back.vectors.items()} == {
        n: v.tobytes() for n, v in WAVES.vectors.items()
    }
    assert [len(ax.lines) for ax in waves.plot().figure.axes] == [1, 1]
    assert [len(ax.lines) for ax in waves.plot("mem").figure.axes] == [1]
    with pytest.raises(anaspike.InputError, match="no vector 'out' was saved; there is v\\(mem"):
        waves.plot("out")
    with pytest.raises(anaspike.InputError, match="no traces of point 7 were kept; there are poi"):
        _ = traces[7]
    with pytest.raises(anaspike.InputError, match="no traces of a point with corner=ss"):
        traces.at(corner="ss")


@pytest.mark.parametrize("table_format", ["csv", "json", "parquet"])
def test_a_saved_run_comes_back_as_it_was(tmp_path, table_format):
    result = result_of(answer_of())
    result.save(tmp_path / "run", table_format)
    back = anaspike.load(tmp_path / "run")
    assert back.table.to_dict("list") == result.table.to_dict("list")
    assert back.table["spikes_out"].dtype == "Int64"
    assert (back.name, back.ok, back.notes) == (result.name, True, result.notes)
    assert back.quantities == result.quantities
    assert back.manifest == MANIFEST
    assert back.figures["sweep"].png.startswith(b"\x89PNG")
    assert "<script" not in back._repr_html_()
    assert len(back.waveforms) == 0
    with pytest.raises(anaspike.InputError, match="was read back and is an image"):
        back.figure()
    with pytest.raises(anaspike.InputError, match="was read back: its files are there"):
        back.save(tmp_path / "other")
    with pytest.raises(anaspike.InputError, match="none were: ask with keep_waveforms=True"):
        _ = back.waveforms[0]


def missing(run):
    return run / "nothing"


def a_file(run):
    return run / "answer.json"


def several(run):
    shutil.copytree(run, run.parent / "two")
    return run.parent


def empty(run):
    (run.parent / "empty").mkdir()
    return run.parent / "empty"


def older(run):
    (run / "answer.json").unlink()
    return run


def older_still_with_an_answer(run):
    content = json.loads((run / "answer.json").read_text())
    del content["notes"]
    (run / "answer.json").write_text(json.dumps(content))
    return run


def half_written(run):
    (run / ".unfinished").write_text("")
    return run


def no_json(run):
    (run / "manifest.json").write_text("{")
    return run


def no_traces_list(run):
    (run / "manifest.json").write_text(json.dumps({**MANIFEST, "waveforms": [{"point": "a"}]}))
    return run


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (missing, "nothing is not there; name the folder of a run"),
        (a_file, "answer.json is a file; name the folder of a run"),
        (several, "holds several runs: run, two; name one of them"),
        (empty, "empty is no run: it holds no answer.json"),
        (older, "was written by an older version, without answer.json; run it again"),
        (older_still_with_an_answer, "'notes': Field required; remove its folder, or run it again"),
        (half_written, "is half-written by a run that was ended"),
        (no_json, "manifest.json is no JSON"),
        (no_traces_list, "'waveforms' is no list of traces"),
    ],
)
def test_what_is_no_run_is_refused_in_a_line(tmp_path, made, said):
    answers.save(answer_of(), tmp_path / "run")
    with pytest.raises(anaspike.InputError) as caught:
        anaspike.load(made(tmp_path / "run"))
    assert said in str(caught.value)


def test_the_only_run_below_a_folder_is_the_one_that_is_meant(tmp_path):
    """`anaspike run mine.toml --out RUN` puts the answer into RUN/mine/generic28."""
    answers.save(answer_of(), tmp_path / "out/mine/generic28")
    assert anaspike.load(tmp_path / "out").table.equals(
        anaspike.load(tmp_path / "out/mine/generic28").table
    )
    half_written(tmp_path / "out/mine/generic28")
    with pytest.raises(anaspike.InputError, match="is half-written by a run that was ended"):
        anaspike.load(tmp_path / "out")


def gone(path):
    path.unlink()


def led_away(path):
    path.unlink()
    path.symlink_to("/etc/hostname")


def rubbish(path):
    path.write_bytes(b"<svg onload='alert(1)'>\xff\xfe")


@pytest.mark.parametrize("done", [gone, led_away, rubbish])
def test_a_damaged_part_is_named_when_it_is_asked_for(tmp_path, done):
    answers.save(answer_of(), tmp_path / "run")
    for name in ("sweep.csv", "sweep.png"):
        done(tmp_path / "run" / name)
    back = anaspike.load(tmp_path / "run")
    for ask in (lambda: back.table, lambda: back.figures["sweep"].png):
        with pytest.raises(anaspike.InputError, match=r"cannot read the answer in .*run") as caught:
            ask()
        assert "sweep" in str(caught.value)


class Still:
    """A simulator in whose circuits nothing moves."""

    name, version, identity = "ngspice", NgspiceVersion(39), "still"

    def run(self, deck):
        time_s = np.linspace(0.0, deck.stop_s, 100)
        return Waveforms(time_s, {name: np.full(100, 0.1 * i) for i, name in enumerate(deck.save)})

    def cancel(self):
        pass


@dataclass(frozen=True)
class Point:
    stop_s: float

    def conditions(self):
        return {"stop_s": self.stop_s}

    def build(self):
        return Deck("test", "r1 a 0 1k", ModelFiles("", {}), self.stop_s, ("v(a)",))

    def measure(self, traces):
        return {"points": len(traces.time_s)}


class Flat(Study):
    name = "flat"
    title = "Flat"

    def find(self, bench):
        batch = bench.run([Point(1e-6), Point(2e-6)], keep={0})
        bench.run([Point(3e-6)], doubted=False)
        assert set(batch.waveforms) == {0}  # the study gets what it asked for
        return Findings({"flat": batch.table}, {})


def test_traces_kept_in_a_folder_are_those_kept_in_memory(tmp_path):
    how, run = Running(simulator=Still()), tmp_path / "run"
    held, written = answered(Flat(), how, None, True), answered(Flat(), how, run, True)
    back = anaspike.load(run)
    # Not the steps of a search.
    assert set(held.waveforms) == set(written.waveforms) == set(back.waveforms) == {0, 1}
    for stop_s in (1e-6, 2e-6):
        expected = held.waveforms.at(stop_s=stop_s)
        assert expected.time_s[-1] == stop_s
        for result in (written, back):
            assert result.waveforms.at(stop_s=stop_s)["a"].tobytes() == expected["a"].tobytes()
    (run / "waveforms/mine.txt").write_text("left alone")
    again = answered(Flat(), how, run, False)
    assert set(again.waveforms) == {0}  # the study looks at it itself: it is in memory
    there = [path.name for path in (run / "waveforms").iterdir()]
    assert there == ["mine.txt"]  # an earlier run's are gone
    assert len(anaspike.load(run).waveforms) == 0


def test_outside_of_a_notebook_the_bar_is_silent(capsys):
    with Bar("sweep") as bar:
        bar._began_s -= 10
        bar._shown_s -= 10
        bar.say("slow")
        bar.move(1, 2, "simulating", 1)
    assert capsys.readouterr() == ("", "")


def test_in_a_notebook_the_bar_comes_and_goes(monkeypatch):
    shown = []

    class Handle:
        def update(self, data, raw):
            shown.append(data)

    monkeypatch.setattr(
        "anaspike.api.bar._display", lambda: lambda data, **_: (shown.append(data), Handle())[1]
    )
    with Bar("<sweep>") as bar:
        bar.move(0, 3)  # what is quick needs none
        assert shown == []
        bar._began_s -= 10
        for done in (1, 2):
            bar._shown_s -= 10
            bar.say(EVIL)
            bar.move(done, 3, "simulating", 1)
    assert [data["text/plain"] for data in shown] == [
        "<sweep>: simulating, 1 of 3, 1 failed", "<sweep>: simulating, 2 of 3, 1 failed", "",
    ]  # fmt: skip
    assert "<script" not in shown[1]["text/html"] and "&lt;sweep&gt;" in shown[1]["text/html"]


def test_a_flow_file_is_asked_by_its_name(ngspice, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("rc.sp").write_text(".subckt rc a b gnd r=1k\nr1 a b {r}\nc1 b gnd 1n\n.ends\n")
    Path("mine.toml").write_text(
        'study = "netlist"\npdks = ["generic28", "sky130"]\n[parameters]\nfile = "rc.sp"\n'
        'subckt = "rc"\nstop_s = "2us"\n[parameters.pins]\na = "supply 1V"\nb = "open"\n'
        'gnd = "ground"\n[parameters.initial_V]\nb = 0\n[parameters.measure]\n'
        'end_V = "v(b) at 1us"\n[specs.end_V]\nmin = 0.6\nmax = 0.7\n'
    )
    plain = anaspike.study("mine.toml")
    assert plain.table["end_V"].iloc[0] == pytest.approx(0.632, abs=2e-3)
    assert plain.ok
    assert plain.manifest["pdk"]["name"] == "generic28"
    moved = anaspike.study("mine.toml", over={"sources.A_V": [1, 2]}, params={"r": "2k"})
    assert list(moved.tables["conditions"]["end_V"]) == pytest.approx([0.393, 0.787], abs=2e-3)
    assert not moved.ok
    Path("own.toml").write_text('study = "mine.py:Mine"\n')
    Path("mine.py").write_text("")
    with pytest.raises(InputError, match=r"own.toml runs Python of its own: ask it by `anaspike"):
        anaspike.study("own.toml")
