"""`study = "netlist"` as a designer meets it: a netlist, a flow, and what comes of it."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from anaspike.studies.flow import read_flow

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
NET = """\
.subckt rc in out gnd r=1k
r1 in out {r}
c1 out gnd 1n
.ends
"""
FLOW = """\
study = "netlist"
[parameters]
file = "rc.sp"
subckt = "rc"
stop_s = "2us"
[parameters.pins]
in = "stimulus"
out = "open"
gnd = "ground"
[parameters.stimulus.in]
pulse = ["0V", "1V"]
start_s = "100ns"
width_s = "10us"
[parameters.initial_V]
out = 0
[parameters.measure]
end_V = "v(out) at 1.1us"
half_s = "crossing of v(out) at 0.5V"
drawn_J = "energy of i(in)"
"""


@pytest.fixture
def rc(anaspike):
    """Write the netlist and its flow; return the command."""
    Path("rc.sp").write_text(NET)
    Path("rc.toml").write_text(FLOW)
    return anaspike


def row(folder, name="netlist", pdk="generic28"):
    return pd.read_csv(f"{folder}/{name}/{pdk}/netlist.csv").iloc[0]


def test_an_rc_is_what_a_sheet_of_paper_says(rc, ngspice):
    code, out, err = rc("run", "rc.toml", "--out", "first")
    assert code == 0, err
    found = row("first", "rc")
    assert found["end_V"] == pytest.approx(0.632, abs=2e-3)
    assert found["half_s"] == pytest.approx(100e-9 + 693e-9, abs=3e-9)
    # The source gives what the capacitor takes and as much again, and less for the end.
    assert found["drawn_J"] == pytest.approx(1e-9 * (1 - 0.15), rel=0.01)
    assert "0 transistors of generic28 are known" in " ".join(out.split())
    kinds = {path.suffix for path in Path("first/rc/generic28").iterdir()}
    assert {".csv", ".json", ".png", ".svg", ".zip"} <= kinds
    # Another resistor in the netlist is another point; the first one is run again as it was.
    Path("rc.sp").write_text(NET.replace("1k", "10k"))
    rc("run", "rc.toml", "--out", "second")
    assert row("second", "rc")["end_V"] == pytest.approx(0.0952, abs=1e-3)
    code, out, _ = rc("rerun", "first/rc/generic28", "0")
    assert code == 0
    assert "then: ok" in out


def test_a_global_node_that_is_ground(rc, ngspice):
    Path("rc.sp").write_text(".GLOBAL VSS\n" + NET.replace("out gnd 1n", "out VSS 1n"))
    Path("rc.toml").write_text(FLOW.replace('gnd = "ground"', 'gnd = "ground"\nvss = "ground"'))
    code, _, err = rc("run", "rc.toml", "--out", "o")
    assert code == 0, err
    assert row("o", "rc")["end_V"] == pytest.approx(0.632, abs=2e-3)


def test_the_example_under_corners_and_mismatch(anaspike, ngspice, monkeypatch):
    for name in ("axon_hillock.spice", "netlist.toml"):
        shutil.copy(EXAMPLES / name, name)
    text = Path("netlist.toml").read_text().replace('"8us"', '"3us"')
    Path("netlist.toml").write_text(
        text.split("[conditions]")[0].split("[specs")[0]
        + '[conditions]\ncorners = ["tt", "ss"]\nmc = 2\n'
        + '[specs.period_s]\nmin = "1us"\nmax = "1.4us"\n'
    )
    code, _, err = anaspike("run", "netlist.toml", "--out", "runs")
    assert code == 0, err
    (folder,) = Path("runs/netlist").iterdir()
    table = pd.read_csv(folder / "conditions.csv")
    assert list(table["corner"]) == ["tt", "tt", "ss", "ss"]
    assert table["period_s"].nunique() == 4
    assert table["period_s"].between(1.0e-6, 1.3e-6).all()
    assert json.loads((folder / "answer.json").read_text())["quantities"]["yield"] == 1.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"rc.sp"', '"no.sp"'), "there is no netlist no.sp"),
        (('"rc.sp"', '"../rc.sp"'), "the netlist ../rc.sp lies outside of"),
        (('subckt = "rc"', 'subckt = "cr"'), "rc.sp has no sub-circuit 'cr'; there is rc"),
        (('out = "open"\n', ""), "pins: nothing is said of out; write ground, supply 0.9V"),
        (('gnd = "ground"', 'gnd = "supply 1V"'), "pins.gnd: to SPICE gnd is ground itself"),
        (("v(out) at 1.1us", "v(oot) at 1.1us"), "there is no node oot in rc"),
        (("v(out) at 1.1us", "v(out) at 1.1ms"), "is not in the run, which ends at 2e-06 s"),
        (('stop_s = "2us"', 'stop_s = "2us"\nflow_folder = "/"'), "files lie beside the flow"),
        (("out = 0", "oot = 0"), "there is no node oot in rc"),
        (
            ('stop_s = "2us"', 'stop = "2us"'),
            "netlist has no parameter 'stop'; did you mean 'stop_s'",
        ),
        (('stop_s = "2us"', "stop_s = 0"), "netlist: `stop_s` of 0 s is no run; give more than 0"),
        (('start_s = "100ns"', 'start_s = "100"'), "stimulus.in: it begins at 100 s, but the run"),
        (
            ('stop_s = "2us"', 'stop_s = "20"'),
            "netlist: `stop_s` of 20 s would be 2e+09 steps of 10 ns; is a unit left out",
        ),
        (('out = "open"', "out = 3"), 'netlist: pins.out: give a text, in ""'),
        (
            ('width_s = "10us"', "widht_s = 1"),
            "stimulus.in.widht_s: unknown; did you mean 'width_s",
        ),
        (('stop_s = "2us"', 'stop_s = "2us"\nmodels = ["x.lib"]'), "calls x.lib, but there is no"),
        (('stop_s = "2us"', 'stop_s = "2us"\nparams = {rr = "2k"}'), "rc has no parameter 'rr'"),
    ],
)
def test_what_is_refused_before_anything_is_run(rc, change, said):
    assert change[0] in FLOW
    Path("rc.toml").write_text(FLOW.replace(*change))
    code, _, err = rc("run", "rc.toml", "--out", "none")
    assert code == 2
    assert said in err
    assert err.startswith("error: rc.toml: ")
    assert err.count("\n") == 1
    assert not Path("none").exists()


def test_a_netlist_is_no_flow(rc):
    for command in (("run", "rc.sp"), ("explore", "rc.sp", "--over", "params.r=1k,2k")):
        code, _, err = rc(*command)
        assert code == 2
        assert err.startswith("error: rc.sp is a netlist, and no flow; write one beside it with")


@pytest.mark.parametrize(
    "trick",
    [".control\nshell touch ran\n.endc", ".\rcontrol\nshell touch ran\n.endc", "*#shell touch ran",
     ".include ../out.sp", ".model a d_process (process_file=\"touch\")"],
)  # fmt: skip
def test_what_a_stranger_hides_in_a_netlist_is_never_run(rc, trick):
    Path("../out.sp").write_text(".control\nshell touch ran\n.endc\n")
    Path("rc.sp").write_text(NET.replace("c1", f"{trick}\nc1"))
    code, _, err = rc("run", "rc.toml", "--out", "none")
    assert code == 2
    assert re.match(r"error: rc\.toml: line \d+ of ", err)
    assert not Path("ran").exists()


def test_models_of_ones_own_know_no_corner_and_no_mismatch(anaspike, ngspice):
    Path("cards.lib").write_text(".lib one\n.model nm nmos level=1 vto=0.4 kp=100u\n.endl\n")
    Path("rc.sp").write_text(".subckt rc in out gnd\nm1 out in 0 0 nm w=1u l=1u\n.ends\n")
    flow = FLOW.replace('stop_s = "2us"', 'stop_s = "2us"\nmodels = ["cards.lib one"]')
    flow = flow.replace('out = "open"', 'out = "supply 1V"').replace("out = 0\n", "")
    flow = re.sub(r"(?s)end_V.*", 'on_A = "max of i(out)"\n', flow)
    Path("mine.toml").write_text(flow)
    code, out, err = anaspike("run", "mine.toml", "--out", "runs")
    assert code == 0, err
    assert row("runs", "mine")["on_A"] == pytest.approx(18e-6, rel=0.01)  # kp / 2 (1 - 0.4)^2
    assert "models of the user's own: no corners, and no mismatch" in out
    Path("mine.toml").write_text(flow + "[conditions]\nmc = 2\n")
    code, _, err = anaspike("run", "mine.toml")
    assert code == 2
    assert "`models` of your own have no mismatch" in err


def test_a_flow_is_explored_over_sources_and_parameters(rc, ngspice):
    code, _, err = rc(
        "explore", "rc.toml", "--over", "sources.IN_V=1,2V", "--over", "params.R=1k,10k",
        "--set", "params.r=1k", "--out", "o",
    )  # fmt: skip
    assert code == 0, err
    table = pd.read_csv("o/conditions.csv")
    assert list(table["end_V"]) == pytest.approx([0.632, 0.095, 1.264, 0.19], abs=3e-3)
    found = json.loads(Path("o/answer.json").read_text())["quantities"]["end_V"]
    assert (found["least"], found["most"]) == (table["end_V"].min(), table["end_V"].max())
    assert (found["conditions"], found["missing"]) == (4, 0)
    for arguments, said in (
        (("--over", "params.rr=1,2"), "netlist: params has no 'rr'; did you mean 'r'?"),
        (("--over", "sources.in_A=1,2"), "netlist: sources has no 'in_A'; did you mean 'in_V'?"),
        (("--over", "file=a,b"), "netlist: file cannot be varied; vary params.NAME, sources.PIN_V"),
        (("--size", "membrane_F=1f"), "sizes, designs and layouts are of anaspike's own neuron"),
    ):
        code, _, err = rc("explore", "rc.toml", *arguments)
        assert (code, said in err) == (2, True), err


def test_run_takes_conditions_in_the_place_of_the_files_own(rc, ngspice):
    code, _, err = rc("run", "rc.toml", "--temp", "27,85", "--out", "o")
    assert code == 0, err
    (table,) = Path("o").rglob("conditions.csv")
    assert list(pd.read_csv(table)["temperature_C"]) == [27, 85]
    code, _, err = rc("run", "rc.toml", "--corner", "xx")
    assert code == 2
    assert "generic28 has no corner 'xx'" in err


def test_a_study_of_ones_own_is_explored(anaspike, ngspice):
    shutil.copy(EXAMPLES / "axon_hillock.py", "mine.py")
    code, _, err = anaspike(
        "explore",
        "mine.py:AxonHillock",
        "--set",
        "currents_A=50nA,",
        "--corner",
        "ss,",
        "--out",
        "o",
    )
    assert code == 2  # a corner of no name
    code, _, err = anaspike(
        "explore",
        "mine.py:AxonHillock",
        "--set",
        "currents_A=50nA,",
        "--corner",
        "ss",
        "--out",
        "o",
    )
    assert code == 0, err
    assert "runs Python of your own: mine.py" in err
    assert list(pd.read_csv("o/axon_hillock.csv")["corner"]) == ["ss"]
    code, _, err = anaspike("explore", "yours.py:AxonHillock")
    assert (code, err) == (2, "error: there is no yours.py; name a file and a class in it: "
                              "mine.py:MyStudy\n")  # fmt: skip


def test_a_level_is_searched_that_restores_the_nominal(rc, ngspice):
    """What falls on 85 % of a resistor at 85 degC is given back by its source."""
    Path("rc.sp").write_text(NET.replace("{r}", "{r} tc1=2m"))
    code, _, err = rc(
        "calibrate", "rc.toml", "--knob", "IN_V", "--quantity", "end_V", "--from", "0.5V",
        "--to", "2V", "--resolution", "2mV", "--temp", "27,85", "--out", "o",
    )  # fmt: skip
    assert code == 0, err
    table = pd.read_csv("o/calibrate.csv")
    assert table["deviation_before"][1] == pytest.approx(0.07, abs=0.01)
    assert table["deviation_after"].max() < 3e-3
    assert list(table["in_V"]) == pytest.approx([1.0, 0.632 / 0.592], abs=5e-3)
    for change, said in (
        (("--knob", "out_V"), "--knob: no source is called out_V; there is in_V"),
        (("--quantity", "rate"), "--quantity: nothing measures rate; there is end_V"),
        (("--to", "0.9V"), "the nominal level, 1 V, is outside of the range from 500 mV to 900 mV"),
    ):
        arguments = {"--knob": "in_V", "--quantity": "end_V", "--from": "0.5V", "--to": "2V",
                     "--resolution": "10mV", **dict([change])}  # fmt: skip
        code, _, err = rc(
            "calibrate", "rc.toml", *(part for pair in arguments.items() for part in pair)
        )
        assert (code, said in err) == (2, True), err
    assert rc("calibrate", "rc.toml")[0] == 2
    Path("c.toml").write_text('study = "calibrate"\n')
    code, _, err = rc("explore", "c.toml", "--over", "vdd_syn_V=0.6,0.65")
    assert (code, "calibrate asks chip by chip itself and varies nothing else" in err) == (2, True)
    assert rc("calibrate", "neuron", "--knob", "in_V")[0] == 2


def test_levels_of_a_search_have_all_their_digits(rc):
    flow = FLOW.replace('in = "stimulus"', 'in = "supply 20nA"')
    flow = re.sub(r"(?s)\[parameters\.stimulus.*?\n\[", "[", flow).replace(
        "stop_s",
        'knob = "IN_A"\nquantity = "end_V"\nlow = "10nA"\nhigh = "40nA"\nstep = "0.5nA"\nstop_s',
        1,
    )
    Path("rc.toml").write_text(flow.replace('"netlist"', '"calibrate-netlist"'))
    (study,) = read_flow(Path("rc.toml")).studies
    study.check()
    assert (study.nominal, len(study.window.grid)) == (20e-9, 61)
    assert list(study.window.grid[19:22]) == [19.5e-9, 20e-9, 20.5e-9]


SEARCH = """\
minimise = ["drawn_J"]
evaluations = 4
method = "evolution"
[studies.rc]
flow = "rc.toml"
[specs.end_V]
min = "0.5V"
[sizes]
"sources.in_V" = "0.6:1.2"
"params.r" = "0.5k:2k:log"
"""


def test_parameters_and_levels_of_a_netlist_are_searched(rc, ngspice):
    Path("search.toml").write_text(SEARCH)
    code, out, err = rc("optimise", "search.toml", "--out", "o")
    assert code == 0, err
    table = pd.read_csv("o/evaluations.csv")
    assert list(table[["sources.in_V", "params.r"]].iloc[0]) == [1.0, 1000.0]
    kept = table[table["keeps_limits"]]
    assert (kept["end_V"] >= 0.5).all()
    assert "--set sources.in_V=" in " ".join(out.split())
    assert "[parameters.params]" in Path("o/best.toml").read_text()
    for change, said in (
        (('"params.r"', '"params.rr"'), "sizes.params.rr: the netlist has none of that name; did"),
        (('flow = "rc.toml"', 'flow = "../rc.toml"'), "studies.rc: name a flow beside the search"),
        (("[specs", "[studies.energy]\n[specs"), "a search asks netlists, or anaspike's own neu"),
    ):
        Path("search.toml").write_text(SEARCH.replace(*change))
        code, _, err = rc("optimise", "search.toml")
        assert (code, said in err) == (2, True), err
