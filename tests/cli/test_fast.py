"""`--fast`: on every command that simulates, named by all that comes of it, and sky130's alone."""

import json
import re
from pathlib import Path

import pytest

from anaspike.api.questions import sweep_vdd
from anaspike.campaign.decks import read_deck
from anaspike.cli import cli
from anaspike.errors import InputError
from anaspike.learning.network import Layer, Network
from anaspike.studies.blocks.sweep_vdd import SweepVdd
from anaspike.studies.conditions import Conditions, under

NAMED = "fast: no body-resistance network, no source/drain squares"
REFUSED = "generic28 has no fast approximation: only sky130 has one"
ONE = 'inputs = ["a"]\noutputs = ["n"]\n[neurons.n]\nvdd_syn = "0.75V"\nsynapses = { a = 7 }\n'
FLOW = 'study = "sweep-vdd"\n[parameters]\npoints = 2\nspikes_in = 1\ncodes = [7]\n'
SHORT = ("sweep-vdd", "--pdk", "sky130", "--points", 2, "--spikes-in", 1, "--codes", 7)
# What each command that has the option needs to be asked at all.
ASKED = {
    "calibrate": (), "characterise": ("synapse",), "energy": (),
    "explore": ("synapse", "--over", "temperature_C=27,85"), "map": ("net.npz",),
    "run": ("flow.toml",), "simulate-network": ("one.toml",), "sweep-vdd": (),
    "table9": ("--pdk", "sky130", "--pdk", "generic28"), "train-and-map": (),
    "tune-in-loop": (), "xor-test": (),
}  # fmt: skip


def options_of(command: str) -> set[str]:
    return {name for option in cli.get_command(None, command).params for name in option.opts}


def test_every_command_that_simulates_has_it():
    has = {name: options_of(name) for name in cli.list_commands(None)}
    # A point that runs again is of its deck, which is a fast one or is not.
    # A search's studies are of a flow of its own, and have tests of their own.
    asked = {*ASKED, "optimise"}
    assert {name for name in has if "--fast" in has[name]} == asked
    assert {name for name in has if "--simulator" in has[name]} == {*asked, "rerun"}


@pytest.mark.parametrize("command", ASKED)
def test_another_process_is_refused_before_anything_runs(anaspike, simulator, command):
    simulator("exit 3")
    Path("one.toml").write_text(ONE)
    Path("flow.toml").write_text(FLOW)
    Network((Layer.of([[1.0, -0.5]]),)).save(Path("net.npz"))
    before = sorted(Path().iterdir())
    code, out, err = anaspike(command, *ASKED[command], "--fast")
    assert (code, out) == (2, "")
    assert err.endswith("\n") and err.count("\n") == 1
    assert REFUSED in err and "run generic28 without" in err
    assert sorted(Path().iterdir()) == before


def test_a_flow_says_it_in_its_parameters_or_is_asked_so(anaspike, simulator):
    simulator("exit 3")
    Path("flow.toml").write_text(f"{FLOW}fast = true\n")
    code, _, err = anaspike("run", "flow.toml")
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith(f"error: flow.toml: {REFUSED}")


def test_it_is_no_condition_to_go_through(anaspike):
    code, _, err = anaspike("explore", "synapse", "--over", "fast=0,1")
    assert code == 2
    assert err.startswith("error: synapse has no parameter 'fast'")


def test_a_study_over_conditions_is_asked_as_a_whole():
    study = under(SweepVdd(pdk="sky130"), Conditions(corners=("tt", "ss"), seed=1))
    assert [one.fast for _, one in study.approximated().studies] == [True, True]
    assert [one.fast for _, one in study.studies] == [False, False]


def test_the_library_refuses_it_likewise(ngspice):
    with pytest.raises(InputError, match=REFUSED):
        sweep_vdd(points=2, fast=True)


@pytest.mark.sky130
def test_all_that_comes_of_it_is_named(anaspike, ngspice, sky130_models, own_cache):
    assert anaspike(*SHORT, "--out", "runs/exact")[0] == 0
    code, out, err = anaspike(*SHORT, "--fast", "--check-convergence", "--out", "runs/fast")
    assert (code, err) == (0, "")
    assert NAMED in " ".join(out.splitlines()[0:2])
    assert "from the cache" not in out  # the other's results are none of its own
    assert Path("runs/fast/convergence.csv").exists()
    exact, fast = ({n: json.loads(Path("runs", run, f"{n}.json").read_text())
                    for n in ("answer", "manifest")} for run in ("exact", "fast"))  # fmt: skip
    assert fast["answer"]["title"] == f"{exact['answer']['title']} ({NAMED})"
    assert [one["manifest"]["pdk"]["approximation"] for one in (exact, fast)] == ["", NAMED]
    assert [one["manifest"]["parameters"]["fast"] for one in (exact, fast)] == [False, True]
    # An SVG's text is text, and its title says it once more.
    pictures = [Path("runs", run, "sweep_vdd.svg").read_text() for run in ("exact", "fast")]
    assert [picture.count(NAMED) for picture in pictures] == [0, 2]

    # The same again comes from the cache; a point runs again as it ran.
    assert " points from the cache" in anaspike(*SHORT, "--fast", "--out", "again")[1]
    assert anaspike("rerun", "runs/fast", 0)[0] == 0
    deck = read_deck(Path("runs/fast/decks.zip"), fast["manifest"]["points"][0]["deck_sha256"])
    assert "rbodymod=0 " in "".join(deck.models.files.values())

    # A page holds both: neither takes the other's place.
    assert anaspike("report", "runs", "-o", "page.html")[0] == 0
    headings = re.findall(r"<h4 id=[^>]*>.*? <small>(.*?)</small>", Path("page.html").read_text())
    assert headings == [exact["answer"]["title"], fast["answer"]["title"]]
