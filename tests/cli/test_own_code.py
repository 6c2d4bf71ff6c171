"""Flows that bring Python along: said, asked once, and what it does wrong is a line."""

import io
import json
import sys
from pathlib import Path

import pytest

from anaspike.studies.flow import declared

STUDY = """\
from dataclasses import dataclass
from typing import Any
import sys
from pydantic import field_validator
from anaspike.campaign.answer import Findings
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.studies.base import Study
# module

class Bad(BaseException):
    def __str__(self):
        raise SystemExit(0)

def deeper():
    return deeper()

@dataclass(frozen=True)
class Rc:
    gain: float = 1.0

    def conditions(self):
        return {"gain": self.gain}

    def build(self):
        pass  # build
        body = "v1 a 0 1\\nr1 a b 1k\\nc1 b 0 1f"
        return Deck("rc", body, ModelFiles("", {}), 1e-9, ("v(b)",))

    def measure(self, traces):
        pass  # measure
        return {"end_V": traces["v(b)"][-1]}


class Mine(Study):
    name = "mine"
    title = "Mine"
    gain: float = 1.0

    @field_validator("gain")
    @classmethod
    def _gain(cls, value):
        pass  # validator
        return value

    def check(self):
        pass  # check

    def find(self, bench):
        pass  # find
        return Findings({"mine": bench.run([Rc(self.gain)]).table}, {}, {"drawn": self.draw})

    def draw(self):
        pass  # draw
        from matplotlib.figure import Figure
        return Figure()
"""
FLOW = 'study = "mine.py:Mine"\n[parameters]\ngain = 2\n'
MARKED = "with open({!r}, 'a') as mark:\n    mark.write('ran ')\n"


@pytest.fixture
def outside(tmp_path_factory):
    """A flow and its Python in a folder elsewhere; running it leaves a mark."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "mine.toml").write_text(FLOW)
    (folder / "mine.py").write_text(MARKED.format(str(folder / "mark")) + STUDY)
    return folder


class Keyboard(io.StringIO):
    """Someone who types."""

    def isatty(self):
        return True


def typed(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", Keyboard(text))
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: sys.stdin.readline().strip())


def test_reading_what_a_flow_declares_runs_nothing(outside):
    one = declared(outside / "mine.toml")
    assert (one.own, one.table.study) == (outside / "mine.py", "mine.py:Mine")
    assert not (outside / "mark").exists()


def test_nobody_is_asked_and_nothing_run_where_there_is_no_terminal(
    anaspike, ngspice, outside, monkeypatch
):
    for stdin in (io.StringIO("y\n"), None):
        monkeypatch.setattr("sys.stdin", stdin)
        code, out, err = anaspike("run", outside / "mine.toml", "--out", "o", "--quiet")
        assert (code, out) == (2, "")
        assert err == (
            "error: a flow would run Python from outside of the current folder:"
            f" {outside}/mine.py; read it, then give --trust\n"
        )
    assert not (outside / "mark").exists()
    assert not Path("o").exists()


def test_trust_runs_it_and_says_so(anaspike, ngspice, outside):
    code, out, err = anaspike("run", outside / "mine.toml", "--out", "o", "--trust", "--json")
    assert code == 0
    assert err == f"runs Python of your own: {outside}/mine.py\n"
    assert json.loads(out)["name"] == "mine"
    assert (outside / "mark").read_text() == "ran "
    assert anaspike("run", outside / "mine.toml", "--trust", "--quiet", "--out", "o") == (0, "", "")


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 2), ("", 2)])
def test_of_several_it_is_asked_once(anaspike, ngspice, outside, monkeypatch, answer, code):
    (outside / "more.toml").write_text(FLOW)
    Path("here.py").write_text(STUDY)
    Path("here.toml").write_text(FLOW.replace("mine.py", "here.py"))
    typed(monkeypatch, f"{answer}\n")
    files = ("here.toml", outside / "mine.toml", outside / "more.toml")
    asked = anaspike("run", *files, "--out", "o", "--quiet")
    assert asked[0] == code
    assert asked[2].startswith(f"runs Python of your own: here.py, {outside}/mine.py\n")
    assert asked[2].count("mine.py") == (1 if code == 0 else 2)
    assert (outside / "mark").exists() == (code == 0)
    if code:
        assert asked[2].endswith(f"error: nothing was run: you do not trust {outside}/mine.py\n")


def test_below_the_current_folder_it_is_said_and_not_asked(anaspike, ngspice, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    Path("sub").mkdir()
    Path("sub/mine.py").write_text(STUDY)
    Path("sub/mine.toml").write_text(FLOW)
    code, _, err = anaspike("run", "sub/mine.toml", "--out", "o")
    assert (code, err) == (0, "runs Python of your own: sub/mine.py\n")


def test_a_link_lies_where_it_leads_to(anaspike, outside, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    Path("mine.py").symlink_to(outside / "mine.py")
    Path("mine.toml").write_text(FLOW)
    code, _, err = anaspike("run", "mine.toml")
    assert code == 2
    assert "would run Python from outside of the current folder: mine.py; read it" in err
    assert not (outside / "mark").exists()


def test_flows_of_anaspike_s_own_are_not_asked_about(anaspike, tmp_path_factory, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    path = tmp_path_factory.mktemp("elsewhere") / "leak.toml"
    path.write_text('study = "pseudo-resistor"\n')
    monkeypatch.setattr("anaspike.cli.run_flows.run_study", lambda *_, **__: 0)
    assert anaspike("run", path, "--out", "o", "--quiet") == (0, "", "")


HARM = {
    "sys.exit(3)": "SystemExit: 3",
    "sys.exit()": "SystemExit",
    "raise SystemExit": "SystemExit",
    "raise GeneratorExit": "GeneratorExit",
    "raise Bad": "Bad",
    "deeper()": "RecursionError: maximum recursion depth exceeded",
    "1 / 0": "ZeroDivisionError: division by zero",
}


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("place", ["module", "validator", "check", "find", "draw"])
def test_what_it_does_wrong_is_a_line_with_its_place(anaspike, ngspice, place, harm):
    text = STUDY.replace("pass  # " + place, harm)
    if place == "module":
        text = STUDY + ("from pydantic import nothing\n" if harm == "1 / 0" else f"{harm}\n")
    Path("mine.py").write_text(text)
    Path("mine.toml").write_text(FLOW)
    line = 1 + text[: text.rindex("from pydantic" if "nothing" in text else harm)].count("\n")
    if harm == "deeper()":
        line = 1 + text[: text.index("return deeper()")].count("\n")
    code, out, err = anaspike("run", "mine.toml", "--out", "o", "--quiet")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"mine.py, line {line}: " in err
    assert HARM[harm] in err or "nothing" in text


@pytest.mark.parametrize("harm", [*HARM, "raise KeyboardInterrupt"])
@pytest.mark.parametrize("place", ["build", "measure"])
def test_in_a_point_it_is_a_row(anaspike, ngspice, place, harm):
    Path("mine.py").write_text(STUDY.replace("pass  # " + place, harm))
    Path("mine.toml").write_text(FLOW)
    code, _, _ = anaspike("run", "mine.toml", "--out", "o", "--quiet")
    assert code == 1
    (point,) = json.loads(Path("o/mine/generic28/manifest.json").read_text())["points"]
    assert point["status"] == "error"
    assert "(mine.py:" in point["message"]


def test_under_one_of_many_conditions_it_is_a_row(anaspike, ngspice):
    Path("mine.py").write_text(STUDY.replace("pass  # find", "self.gain > 1 and sys.exit(3)"))
    Path("mine.toml").write_text(FLOW + "[space.over]\ngain = [1, 2]\n")
    assert anaspike("run", "mine.toml", "--out", "o", "--quiet")[0] == 1
    answer = json.loads(Path("o/mine/generic28/answer.json").read_text())
    assert answer["quantities"]["conditions_failed"] == 1
