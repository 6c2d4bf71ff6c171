"""A user's own study: the Axon-Hillock of docs/add-a-circuit.md, and files that are none."""

import re
from pathlib import Path

import pytest

from anaspike.campaign.bench import Bench
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


def test_the_documented_flow_runs_and_meets_its_specs(answer):
    assert answer.ok
    assert (answer.name, len(answer.verdicts)) == ("axon-hillock", 2)
    table = answer.findings.tables["axon_hillock"]
    assert len(table) == 3 + 2 + 4  # currents, further corners, samples
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
    assert samples["width_s"].max() > 1.5 * samples["width_s"].min()


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
