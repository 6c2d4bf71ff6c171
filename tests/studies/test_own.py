"""A user's own study: the Axon-Hillock of docs/add-a-circuit.md, and files that are none."""

import importlib
import re
import sys
from pathlib import Path

import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.store import Cache
from anaspike.errors import InputError
from anaspike.pdk.catalog import open_pdk
from anaspike.studies.flow import read_flow

DOCS = Path(__file__).parents[2] / "docs"
FLOW = DOCS / "examples/axon_hillock.toml"


@pytest.fixture(scope="module")
def kind():
    (study,) = read_flow(FLOW, ("generic28",)).studies
    return type(study)


@pytest.fixture(scope="module")
def answer(ngspice):
    flow = read_flow(FLOW, ("generic28",))
    (study,), (specs,) = flow.studies, flow.specs
    return study.answer(Bench(ngspice), specs)


def test_the_documented_flow_runs_and_says_what_is_within(answer):
    table = answer.findings.tables["axon_hillock"]
    assert len(table) == 3 + 2 + 4  # currents, further corners, samples
    assert (table["status"] == "ok").all()
    period, energy = answer.verdicts
    # At ff by a hair.
    error = table.set_index(["current_A", "corner"])["period_error"]
    assert error[20e-9, "ff"] == pytest.approx(0.093, abs=0.005)
    assert (period.met, period.within, period.rows) == (True, 9, 9)
    assert period.measured == table["period_error"].max() == error[20e-9, "ff"]
    assert period.worst == "current 20 nA, ff"
    assert (energy.met, energy.within, energy.rows) == (True, 9, 9)
    assert answer.ok
    assert [one.quantity for one in answer.unjudged] == ["period_s", "width_s"]
    assert answer.findings.figures["axon_hillock"]().axes


def test_the_period_is_what_a_sheet_of_paper_says(answer):
    table = answer.findings.tables["axon_hillock"].set_index("current_A")
    nominal = table[(table["corner"] == "tt") & table["seed"].isna()]
    # C_fb Vdd / I, and C_fb Vdd / (I_r - I): 25 fF, 0.9 V, 200 nA.
    for current_A, row in nominal.iterrows():
        low_s = 25e-15 * 0.9 / current_A
        high_s = 25e-15 * 0.9 / (200e-9 - current_A)
        assert row["by_hand_s"] == pytest.approx(low_s + high_s)
        assert row["period_s"] == pytest.approx(low_s + high_s, rel=0.1)
        assert row["width_s"] == pytest.approx(high_s, rel=0.2)


def test_corners_move_it_little_and_mismatch_its_reset(answer):
    table = answer.findings.tables["axon_hillock"]
    at_corners = table[(table["current_A"] == 20e-9) & table["seed"].isna()].set_index("corner")
    assert at_corners.loc["ff", "period_s"] < at_corners.loc["ss", "period_s"]
    assert at_corners["period_s"].max() < 1.15 * at_corners["period_s"].min()
    samples = table[table["seed"].notna()]
    assert samples["period_s"].nunique() == 4
    assert samples["width_s"].max() > 1.2 * samples["width_s"].min()


@pytest.mark.sky130
def test_the_same_file_runs_on_another_process(ngspice, sky130_models, kind):
    study = kind(pdk="sky130", currents_A=("20nA",))
    row = study.answer(Bench(ngspice)).findings.tables["axon_hillock"].iloc[0]
    vdd_V = open_pdk("sky130").vdd_V
    assert row["by_hand_s"] == pytest.approx(25e-15 * vdd_V * (1 / 20e-9 + 1 / 180e-9))
    assert row["period_s"] == pytest.approx(row["by_hand_s"], rel=0.25)


def test_the_page_shows_what_the_file_says():
    page = (DOCS / "add-a-circuit.md").read_text(encoding="utf-8")
    source = (DOCS / "examples/axon_hillock.py").read_text(encoding="utf-8")
    shown = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(shown) >= 3
    for block in shown:
        for piece in re.split(r"^ *\.\.\.\n", block, flags=re.MULTILINE):
            assert piece.strip("\n") in source, piece
    (flow,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert flow == FLOW.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"currents_A": ("200nA",)}, "axon-hillock: an input of 2e-07 A must be positive and bel"),
        ({"currents_A": ()}, "axon-hillock: give a current and a corner; mc and seed from 0"),
        ({"corners": ("tx",)}, "generic28 has no corner 'tx'"),
        ({"current_A": 1}, "axon-hillock has no parameter 'current_A'; did you mean 'currents_A'"),
        ({"currents_A": ("20nV",)}, "axon-hillock: currents_A.0: '20nV' is in V, expected A; "),
    ],
)
def test_its_parameters_are_checked_as_any_other_s(kind, parameters, message):
    with pytest.raises(InputError) as caught:
        kind(**parameters).check()
    assert str(caught.value).startswith(message)


GOOD = (
    "from anaspike.studies.base import Study\n"
    "class Mine(Study):\n    name = 'mine'\n    title = 'Mine'\n    def find(self, bench): ...\n"
)


@pytest.mark.parametrize(
    ("study", "source", "message"),
    [
        ("mine.py:Mime", GOOD, "mine.py holds no study 'Mime'; did you mean 'Mine'?"),
        ("mine.py:Study", GOOD, "mine.py holds no study 'Study'; there is Mine"),
        ("mine.py:Mine", "x = 1\n", "mine.py holds no study; a study is a class derived from Stu"),
        ("mine.py:Mine", "x = 1\ny = 1 / 0\n", "mine.py, line 2: ZeroDivisionError: division by z"),
        ("mine.py:Mine", "def (\n", "mine.py: SyntaxError: "),
        ("mine.py:Mine", GOOD.replace("    name = 'mine'\n", ""), "mine.py: Mine needs a `nam"),
        ("your.py:Mine", GOOD, "your.py: no such file beside the flow"),
        ("../mine.py:Mine", GOOD, "study '../mine.py:Mine' is no file and class; name a file besi"),
        ("/etc/x.py:Mine", GOOD, "study '/etc/x.py:Mine' is no file and class; name a file beside"),
        ("mine.py", GOOD, "study 'mine.py' is no file and class; name a file beside the flow, for"),
        ("mine.py:Mine()", GOOD, "study 'mine.py:Mine()' is no file and class; name a file beside"),
        ("os:system", GOOD, "study 'os:system' is no file and class; name a file beside the flow"),
    ],
)
def test_what_is_no_study_names_file_and_mend(tmp_path, study, source, message):
    (tmp_path / "mine.py").write_text(source)
    path = tmp_path / "flow.toml"
    path.write_text(f'study = "{study}"\n')
    with pytest.raises(InputError) as caught:
        read_flow(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert message in said
    assert "\n" not in said


def test_a_study_of_ones_own_is_a_study(tmp_path):
    (tmp_path / "mine.py").write_text(GOOD)
    (tmp_path / "flow.toml").write_text('study = "mine.py:Mine"\ntitle = "Ours"\n')
    flow = read_flow(tmp_path / "flow.toml")
    assert (flow.title, flow.studies[0].pdk) == ("Ours", "generic28")


IN_FILES = """\
from dataclasses import dataclass
import numbers_of.more
import sizes
from sizes import R_OHM
from anaspike.campaign.answer import Findings
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.studies.base import Study

@dataclass(frozen=True)
class Divider:
    r_ohm: float

    def conditions(self):
        return {"r_ohm": self.r_ohm}

    def build(self):
        body = f"v1 a 0 1\\nr1 a b {self.r_ohm}\\nr2 b 0 1k\\nc1 b 0 1f"
        return Deck("divider", body, ModelFiles("", {}), 1e-9, ("v(b)",))

    def measure(self, traces):
        from later import GAIN
        return {"end_V": GAIN * traces["v(b)"][-1] + sizes.OFFSET_V + numbers_of.more.OFFSET_V}


class Mine(Study):
    name = "mine"
    title = "Mine"
    def find(self, bench):
        table = bench.run([Divider(R_OHM)]).table
        return Findings({"mine": table}, {})
"""


def lay_out(folder, r_ohm, gain=1.0):
    (folder / "numbers_of").mkdir(parents=True, exist_ok=True)
    (folder / "mine.py").write_text(IN_FILES)
    (folder / "sizes.py").write_text(f"R_OHM = {r_ohm}\nOFFSET_V = 0.0\n")
    (folder / "later.py").write_text(f"GAIN = {gain}\n")
    (folder / "numbers_of/more.py").write_text("from .offset import OFFSET_V\n")
    (folder / "numbers_of/offset.py").write_text("import sizes\nOFFSET_V = sizes.OFFSET_V\n")
    (folder / "flow.toml").write_text('study = "mine.py:Mine"\n')
    return folder


def ended(folder, bench):
    (study,) = read_flow(folder / "flow.toml").studies
    return study.answer(bench).findings.tables["mine"]["end_V"].iloc[0]


def test_a_study_in_several_files_finds_what_lies_beside_it_and_no_other_s(ngspice, tmp_path):
    one, two = lay_out(tmp_path / "one", 1e3), lay_out(tmp_path / "two", 3e3, gain=2.0)
    path, loaded = list(sys.path), set(sys.modules)
    (first,), (second,) = (read_flow(f / "flow.toml").studies for f in (one, two))
    # Both are loaded before either runs: what `measure` imports then is still its own.
    for study in (first, second):
        table = study.answer(Bench(ngspice)).findings.tables["mine"]
        assert list(table["end_V"]) == [pytest.approx(0.5)]
    assert sys.path == path
    assert not {"sizes", "later", "mine", "numbers_of"} & set(sys.modules)
    assert list(one.rglob("__pycache__")) == []
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("sizes")
    assert loaded <= set(sys.modules)


@pytest.mark.parametrize(
    ("file", "before", "after", "end_V"),
    [
        ("sizes.py", "R_OHM = 1000.0", "R_OHM = 3000.0", 0.25),
        ("sizes.py", "OFFSET_V = 0.0", "OFFSET_V = 1.0", 2.5),
        ("later.py", "GAIN = 1.0", "GAIN = 2.0", 1.0),
        ("numbers_of/offset.py", "= sizes.OFFSET_V", "= 2.0", 2.5),
    ],
)
def test_the_key_follows_the_modules_beside(
    ngspice, tmp_path, own_cache, file, before, after, end_V
):
    folder = lay_out(tmp_path / "one", 1e3)
    asked = [Bench(ngspice, cache=Cache(own_cache)) for _ in range(4)]
    assert ended(folder, asked[0]) == pytest.approx(0.5)
    assert ended(folder, asked[1]) == pytest.approx(0.5)
    assert [bench.cached for bench in asked[:2]] == [0, 1]
    text = (folder / file).read_text()
    (folder / file).write_text(text.replace(before, after))
    assert ended(folder, asked[2]) == pytest.approx(end_V)
    assert asked[2].cached == 0
    # A folder that was moved is the same program.
    assert ended(folder.rename(tmp_path / "moved"), asked[3]) == pytest.approx(end_V)
    assert asked[3].cached == 1


def test_the_key_follows_a_package_that_is_imported_on_the_way(ngspice, tmp_path, own_cache):
    folder = lay_out(tmp_path / "one", 1e3)
    for offset_V, end_V, cached in ((0.0, 0.5, 0), (0.0, 0.5, 1), (1.0, 2.5, 0)):
        # It runs before `numbers_of.more`, and no statement names it alone.
        first = f"import sizes\nsizes.OFFSET_V = {offset_V}\n"
        (folder / "numbers_of/__init__.py").write_text(first)
        bench = Bench(ngspice, cache=Cache(own_cache))
        assert ended(folder, bench) == pytest.approx(end_V)
        assert bench.cached == cached


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        ("", "mine.py, line 1: ModuleNotFoundError: No module named 'sizes'; it lies neither bes"),
        ("\n1 / 0\n", "sizes.py, line 2: ZeroDivisionError: division by zero"),
        ("def (\n", "mine.py, line 1: SyntaxError: invalid syntax (sizes.py, line 1)"),
    ],
)
def test_what_is_wrong_beside_a_study_is_said_with_its_file(tmp_path, monkeypatch, beside, message):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("import sizes\n" + GOOD)
    if beside:
        Path("sizes.py").write_text(beside)
    Path("flow.toml").write_text('study = "mine.py:Mine"\n')
    before = set(sys.modules)
    with pytest.raises(InputError) as caught:
        read_flow(Path("flow.toml"))
    assert str(caught.value).startswith(f"flow.toml: {message}")
    assert {name for name in set(sys.modules) - before if "anaspike_own" in name} == set()


def test_what_lies_beside_a_flow_does_not_take_the_place_of_anaspike_or_python(tmp_path):
    for folder in ("anaspike", "numpy", "time"):  # a checkout, and folders of results
        (tmp_path / folder).mkdir()
    (tmp_path / "anaspike/__init__.py").write_text("1 / 0\n")
    (tmp_path / "time.py").write_text("1 / 0\n")
    (tmp_path / "mine.py").write_text("import numpy, time\nx = numpy.ones(2)\n" + GOOD)
    (tmp_path / "flow.toml").write_text('study = "mine.py:Mine"\n')
    assert read_flow(tmp_path / "flow.toml").title == "Mine"
