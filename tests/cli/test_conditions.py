"""Conditions on every command; `explore` and `calibrate` as a user meets them."""

import json
from pathlib import Path

import pytest

COMMANDS = ("sweep-vdd", "energy", "table9", "xor-test", "simulate-network", "characterise",
            "explore", "calibrate", "map", "train-and-map", "tune-in-loop")  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_conditions(anaspike, command):
    code, out, _ = anaspike(command, "--help")
    assert code == 0
    for option in ("--corner", "--temp", "--mc", "--seed"):
        assert option in out, option


def test_a_spread_at_the_command_line(anaspike, ngspice):
    code, out, err = anaspike(
        "characterise", "pseudo-resistor", "--corner", "tt,ss", "--mc", "2", "--out", "o", "--json"
    )
    assert (code, err) == (1, "")  # no chip of these meets the nominal spec, and that is said
    answer = json.loads(out)
    assert answer["name"] == "pseudo-resistor-over-corner-seed"
    rows = [(row["corner"], row["seed"]) for row in answer["tables"]["conditions"]]
    assert rows == [("tt", 0), ("tt", 1), ("ss", 0), ("ss", 1)]


def test_exploring_sizes(anaspike, ngspice):
    code, out, _ = anaspike(
        "explore", "pseudo-resistor", "--set", "corners=tt,", "--over",
        "sizes.pseudo_resistor.diode.w_m=80n:160n", "--sample", "lhs:3", "--out", "o",
    )  # fmt: skip
    assert code in {0, 1}
    assert "diode w" in out
    assert "Pseudo-resistor: the membrane's leak (Figure 6): 3 conditions" in out


def test_a_size_that_the_process_refuses_is_named_and_the_others_run(anaspike, ngspice):
    code, out, err = anaspike(
        "explore", "pseudo-resistor", "--set", "corners=tt,", "--set", "temperatures_C=27,",
        "--over", "sizes.pseudo_resistor.diode.w_m=10n,120n", "--out", "o",
    )  # fmt: skip
    assert (code, err) == (1, "")
    assert "refused: generic28 pmos_lvt: width 10 nm is below the process minimum of 80 nm" in out
    assert "2 points, the first is 0" in out
    points = json.loads(Path("o/manifest.json").read_text())["points"]
    assert sorted(point["status"] for point in points) == ["ok", "ok", "refused", "refused"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sweep-vdd", "--corner", "tt,"), "generic28 has no corner ''; choose one of tt, ff"),
        (("energy", "--temp", "27,300"), "a temperature of 300 °C is outside -100 to 200 °C"),
        (("energy", "--temp", "hot"), "--temp: 'hot' is not a number; write for example 85"),
        (("table9", "--mc", "0"), "0 mismatch samples are none; use 1 or more, or leave it out"),
        (("sweep-vdd", "--mc", "200000"), "200000 conditions are too many; use at most 100000"),
        (("explore", "pseudo-resister"), "unknown study 'pseudo-resister'; did you mean"),
        (("explore", "sweep-vdd", "--over", "from_V"), "--over: 'from_V' is not name=value"),
        (
            ("explore", "sweep-vdd", "--over", "form_V=0.5,0.6"),
            "sweep-vdd has no parameter 'form_V'; did you mean 'from_V'?",
        ),
        (
            ("explore", "sweep-vdd", "--over", "from_V=0.6:0.5:3"),
            "from_V: the range runs backwards: from 0.6 to 0.5; swap the two",
        ),
        (
            ("explore", "sweep-vdd", "--over", "from_V=0.5:0.6"),
            "from_V is a range without points; write from:to:points, or sample it: sobol:64",
        ),
        (
            ("explore", "sweep-vdd", "--over", "sizes.comparator.tail.w=1u,2u"),
            "there is no size 'comparator.tail.w'; did you mean 'comparator.tail.w_m'?",
        ),
        (
            ("explore", "sweep-vdd", "--over", "from_V=0.5,0.6", "--over", "from_V=0.7,0.8"),
            "--over: 'from_V' stands there twice; give it once",
        ),
        (("explore", "sweep-vdd", "--set", "pints=3"), "sweep-vdd has no parameter 'pints'; did"),
        (("calibrate", "and"), "calibrate: target: Input should be 'neuron' or 'xor'"),
        (
            ("calibrate", "--vdd-syn", "0.4"),
            "the nominal supply of neuron, 0.4 V, is outside the allowed 0.45 to 0.85 V",
        ),
    ],
)
def test_bad_input(anaspike, simulator, arguments, message):
    simulator("exit 3")
    code, out, err = anaspike(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1
