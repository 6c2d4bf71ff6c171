"""`anaspike run`, `characterise` and `report`: flows in, answers and one page out."""

import json
import re
from pathlib import Path

import pytest

FLOW = 'study = "pseudo-resistor"\n[parameters]\ncorners = ["tt", "ss"]\ntemperatures_C = [27]\n'


@pytest.fixture
def flow():
    Path("flows").mkdir()
    Path("flows/leak.toml").write_text(FLOW)
    return "flows/leak.toml"


def test_a_flow_runs_and_its_page_opens_offline(anaspike, ngspice, flow):
    code, out, err = anaspike("run", flow, "--out", "results/runs")
    assert (code, err) == (0, "")
    assert "met" in out
    folder = Path("results/runs/leak/generic28")
    answer = json.loads((folder / "answer.json").read_text())
    assert answer["ok"]
    assert [verdict["met"] for verdict in answer["verdicts"]] == [True, True, True]
    code, out, _ = anaspike("report", "-o", "page.html")
    assert (code, out) == (0, "wrote page.html (1 answer)\n")
    page = Path("page.html").read_text()
    assert page.count('<img src="data:image/svg+xml;base64,') == 2
    page = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)  # test_curves.py has those
    assert "<svg" not in page
    assert "419.9 MΩ" in page
    # Nothing is fetched: no link, script, style or picture from elsewhere.
    assert not re.search(r'(src|href)="(?!#|data:image/svg\+xml;base64,)', page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_all_flows_and_a_missed_spec(anaspike, ngspice, flow):
    Path(flow).write_text(FLOW + '[specs.asymmetry]\nmin = 1\nwhy = "impossible"\n')
    code, out, _ = anaspike("run", "--all")
    assert code == 1
    assert "MISSED" in out
    assert "MISSED" in (anaspike("report", "-o", "p.html") and Path("p.html").read_text())


OWN = """
from typing import ClassVar
from anaspike.campaign.answer import Findings
from anaspike.campaign.specs import Spec
from anaspike.studies.base import Study
from anaspike.studies.blocks.pseudo_resistor import PseudoResistor

class Mine(Study):
    name: ClassVar[str] = "mine"
    title: ClassVar[str] = "Mine"

    def specs(self):
        return (Spec("asymmetry", most=1e-3), Spec("leak_ohm", 1e6, pdk="sky130"))

    def find(self, bench):
        points = PseudoResistor(corners=("tt", "ff"), temperatures_C=(27,)).asked()
        table = bench.run(points).table
        first = table.iloc[0]
        return Findings({"mine": table}, {"asymmetry": first["asymmetry"], "leak_ohm": 4e8})
"""


def test_a_study_that_takes_the_first_row_for_all_is_judged_by_all(anaspike, ngspice):
    Path("mine.py").write_text(OWN)
    Path("mine.toml").write_text('study = "mine.py:Mine"\n')
    code, out, _ = anaspike("run", "mine.toml", "--out", "o")
    assert code == 1
    # The device of one string alone is asymmetric, and stands in the table.
    assert "MISSED, 2 of 3 within" in out
    assert "row 2 of mine" in out
    assert "0 met, 1 missed, 1 quantity not judged" in out
    assert "not judged, its limits are for sky130: leak" in out
    answer = json.loads(Path("o/mine/generic28/answer.json").read_text())
    (verdict,) = answer["verdicts"]
    assert (verdict["met"], verdict["within"], verdict["of"]) == (False, 2, 3)
    assert verdict["counted"] == "conditions"
    assert verdict["worst"] == "row 2 of mine, tt, 27 °C"
    assert answer["quantities"]["asymmetry"]["conditions"] == 3
    assert answer["not_judged"] == [{"quantity": "leak_ohm", "why": "its limits are for sky130"}]


def test_several_flows_end_with_what_they_came_to(anaspike, ngspice, flow):
    Path("flows/more.toml").write_text(
        FLOW + '[specs.asymmetry]\nmin = 1\n[specs.resistance_50mV_ohm]\nmin = 1\npdk = "sky130"\n'
    )
    code, out, _ = anaspike("run", "--all", "--out", "o")
    assert code == 1
    summary = out[out.index("points failed") :]
    rows = [re.findall(r"[\w ]+", line) for line in summary.splitlines() if "generic28" in line]
    assert [[cell.strip() for cell in row if cell.strip()] for row in rows] == [
        ["leak", "generic28", "3", "0", "0", "0 of 3"],
        ["more", "generic28", "0", "1", "2", "0 of 3"],
    ]
    assert summary.splitlines()[-1] == "3 met, 1 missed, 2 quantities not judged"
    code, out, _ = anaspike("run", "--all", "--out", "o", "--quiet")
    assert (code, out) == (1, "")


def test_what_was_not_run_is_said(anaspike, flow, monkeypatch):
    Path("flows/more.toml").write_text(FLOW)
    monkeypatch.setattr("anaspike.cli.run_flows.run_study", lambda *_, **__: 130)
    code, out, _ = anaspike("run", "--all")
    assert code == 130
    assert "not run: leak on generic28, more on generic28" in out


@pytest.mark.parametrize(("code", "asked"), [(1, 2), (130, 1)])
def test_ctrl_c_in_one_flow_ends_them_all(anaspike, flow, monkeypatch, code, asked):
    Path("flows/more.toml").write_text(FLOW)
    places = []

    def run_study(study, out, **_):
        places.append(out)
        return code

    monkeypatch.setattr("anaspike.cli.run_flows.run_study", run_study)
    assert anaspike("run", "--all")[0] == code
    assert len(places) == asked


def test_characterise_names_its_files(anaspike, ngspice):
    code, out, _ = anaspike("characterise", "pseudo-resistor", "--out", "o", "--json")
    assert code == 0
    assert json.loads(out)["name"] == "pseudo-resistor"
    assert {path.name for path in Path("o").iterdir()} == {
        "pseudo_resistor.csv", "figure6.svg", "figure6.png", "figure6.curves.json",
        "spread.svg", "spread.png", "spread.curves.json",
        "answer.json", "manifest.json", "decks.zip",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run",), "error: name flow files, or give --all for every one in flows/"),
        (("run", "x.toml", "--all"), "error: name flow files, or give --all for every one"),
        (("run", "--all"), "error: there is no flow in flows/; name the files"),
        (("run", "none.toml"), "error: cannot read none.toml: No such file or directory"),
        (("characterise", "synapses"), "error: unknown study 'synapses'; "),
        (
            ("characterise", "pseudo-resistor", "--pdk", "gf28"),
            "error: unknown PDK 'gf28'; choose one of generic28, sky130",
        ),
        (
            ("report",),
            "error: no answers below results/runs or results/reference; run a study first,",
        ),
    ],
)
def test_bad_input(anaspike, simulator, arguments, message):
    simulator("exit 3")
    code, out, err = anaspike(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1


def test_a_damaged_answer_is_named(anaspike):
    Path("results/runs/x").mkdir(parents=True)
    Path("results/runs/x/answer.json").write_text('{"name": "x"')
    code, _, err = anaspike("report")
    assert code == 2
    assert "cannot read results/runs/x/answer.json" in err
    assert "remove its folder, or run it again" in err


@pytest.mark.parametrize(
    ("study", "parameters", "message"),
    [
        ("comparator", "samples = 0", "comparator: 0 samples have no spread; give 2 or more"),
        ("comparator", "temperature_C = 300", "a temperature of 300 °C is outside -100 to 200 °C"),
        ("spike-generator", 'corners = ["tt", "xx"]',
         "generic28 has no corner 'xx'; choose one of tt, ff, ss, sf, fs"),
        ("spike-generator", "samples = 0",
         "spike-generator: 0 samples have no spread; give 2 or more"),
        ("neuron", 'currents_A = ["10nA", "1nA"]',
         "neuron: currents must rise from one to the next, above 0 A and up to 1 uA;"
         " write for example 1nA, 10nA"),
        ("neuron", "temperature_C = nan",
         "neuron: temperature_C: nan is not a finite number"),
    ],
)  # fmt: skip
def test_a_parameter_that_makes_no_sense(anaspike, simulator, study, parameters, message):
    simulator("exit 3")
    Path("bad.toml").write_text(f'study = "{study}"\n[parameters]\n{parameters}\n')
    assert anaspike("run", "bad.toml") == (2, "", f"error: bad.toml: {message}\n")


@pytest.fixture
def answer_folder():
    folder = Path("answers/leak")
    folder.mkdir(parents=True)
    reference = Path(__file__).parents[2] / "results/reference/pseudo_resistor/generic28"
    for path in reference.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("figure6.svg", None, "No such file or directory"),
        ("figure6.svg", b"hello", "figure6.svg is no SVG"),
        ("pseudo_resistor.csv", bytes(range(256)), "codec can't decode"),
        ("answer.json", b"[]", ""),
        ("answer.json", b'{"name": "x"}', "'title'"),
        ("answer.json", bytes(range(256)), "is not in UTF-8: byte 0x80 in line 2"),
    ],
)
def test_a_damaged_file_of_an_answer_is_named(anaspike, answer_folder, name, content, says):
    if content is None:
        (answer_folder / name).unlink()
    else:
        (answer_folder / name).write_bytes(content)
    code, out, err = anaspike("report", "answers", "-o", "page.html")
    assert (code, out) == (2, "")
    assert err.startswith("error: cannot read ")
    assert "answers/leak" in err
    assert says in err
    assert err.rstrip().endswith("or run it again")
    assert err.count("\n") == 1
    assert not Path("page.html").exists()


def test_a_flow_that_a_study_refuses_is_named_before_any_runs(anaspike, simulator, flow):
    simulator("exit 3")
    Path("bad.toml").write_text('study = "synapse"\n[parameters]\nfrom_V = 0.7\nto_V = 0.5\n')
    code, out, err = anaspike("run", flow, "bad.toml")
    assert (code, out) == (2, "")
    assert err.startswith("error: bad.toml: synapse: from 0.7 V, reference 0.65 V and to 0.5 V mu")
    assert not Path("results").exists()


def test_each_flow_of_a_study_has_its_place_on_the_page(anaspike):
    reference = Path(__file__).parents[2] / "results/reference"
    code, out, _ = anaspike("report", reference, "-o", "page.html")
    assert code == 0
    page = Path("page.html").read_text()
    rows = re.findall(r">xor right</a>\s*<small>(.*?)</small>", page)
    for said in ("tt, ff, ss, sf, fs, 27 °C", "tt, 27 °C, flow xor_paper", "20 mismatch samples"):
        for pdk in ("generic28", "sky130"):
            assert len([row for row in rows if row.startswith(pdk) and said in row]) == 1
    answers = len(list(reference.rglob("answer.json")))
    assert out == f"wrote page.html ({answers} answers)\n"


@pytest.mark.parametrize("command", [("sweep-vdd", "--out", ""), ("report", ""), ("run", "")])
def test_an_empty_path_is_not_taken_for_this_folder(anaspike, command):
    code, out, err = anaspike(*command)
    assert (code, out) == (2, "")
    assert err.endswith(": the path is empty; write . for this folder\n")
