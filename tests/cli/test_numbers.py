"""Numbers as a user writes them: read alike at every door, refused before anything is run."""

import json
from pathlib import Path

import pytest

from anaspike.errors import InputError
from anaspike.studies.base import Study, Volt
from anaspike.studies.flow import read_flow

ONE = 'inputs = ["a"]\noutputs = ["n"]\n[neurons.n]\nvdd_syn = "0.75V"\nsynapses = { a = 7 }\n'

REFUSED = {
    "a small c": (
        ("sweep-vdd", "--temp", "85c"),
        "--temp: '85c' is in c, expected C; write 85C",
    ),
    "a small c among others": (
        ("characterise", "pseudo-resistor", "--temp", "27,85c"),
        "--temp: '85c' is in c, expected C; write 85C",
    ),
    "a small c to explore": (
        ("explore", "pseudo-resistor", "--over", "temperature_C=85c"),
        "pseudo-resistor: temperatures_C.0: '85c' is in c, expected C; write 85C",
    ),
    "a range in small c": (
        ("explore", "pseudo-resistor", "--over", "temperature_C=27:85c:3"),
        "temperature_C: '85c' is in c, expected C; write 85C",
    ),
    "a size as SPICE writes it": (
        ("explore", "pseudo-resistor", "--over", "sizes.pseudo_resistor.diode.w_m=1u5"),
        "pseudo-resistor: sizes: pseudo_resistor.diode.w_m: '1u5' is in u5, expected m; write 1.5u",
    ),
    "centivolt": (
        ("sweep-vdd", "--from", "65c"),
        "--from: '65c' is in c, expected V; write for example 0.65 or 650mV",
    ),
    "exavolt": (
        ("sweep-vdd", "--to", "1E"),
        "--to: '1E' is in E, expected V; write for example 0.65 or 650mV",
    ),
    "a limit of ages": (
        ("sweep-vdd", "--timeout", "1e30"),
        "--timeout: 1e30 is out of range; use at most 1 Ms",
    ),
    "a limit of a year": (
        ("rerun", "run", "0", "--timeout", "31.6M"),
        "--timeout: 31.6M is out of range; use at most 1 Ms",
    ),
    "jobs without end": (
        ("sweep-vdd", "--jobs", "1e19"),
        "--jobs: 1e19 is out of range; use at most 9007199254740992",
    ),
    "too many jobs": (
        ("sweep-vdd", "--jobs", "20000"),
        "20000 jobs are more than any machine runs; use at most 10000",
    ),
    "a step of nothing": (
        ("sweep-vdd", "--step", "1e-320"),
        "--step: 1e-320 is out of range; use 0, or at least 1e-30 V",
    ),
    "a small step": (
        ("sweep-vdd", "--step", "1f"),
        "a step of 1e-15 V makes more than 10000 points; give a larger one",
    ),
    "a wire without end": (
        ("sweep-vdd", "--wire-cap", "1e30"),
        "--wire-cap: 1e30 is out of range; use at most 1 mF",
    ),
    "a wire of a microfarad": (
        ("sweep-vdd", "--wire-cap", "1u"),
        "wire capacitance: 1e-06 is out of range; use at most 1 nF",
    ),
    "a period of ages": (
        ("sweep-vdd", "--period", "1e15"),
        "--period: 1e15 is out of range; use at most 1 Ms",
    ),
    "a period of a minute": (
        ("sweep-vdd", "--period", "60"),
        "--period: 60 is out of range; use at most 1 s",
    ),
    "a spike of nothing": (
        ("sweep-vdd", "--width", "1f"),
        "a spike of 1e-15 s is over before it has risen, which takes 2e-10 s; give a longer"
        " --width",
    ),
    "spikes that do not fit": (
        ("sweep-vdd", "--width", "400n"),
        "a spike of 4e-07 s does not fit a period of 3e-07 s; give a shorter --width or a longer"
        " --period",
    ),
    "a seed without end": (
        ("sweep-vdd", "--seed", "1e30"),
        "--seed: 1e30 is out of range; use at most 9007199254740992",
    ),
    "a sample without end": (
        ("explore", "pseudo-resistor", "--over", "temperature_C=27:85", "--sample", "lhs:1e30"),
        "lhs: 1e30 is out of range; use at most 9007199254740992",
    ),
    "half a sample": (
        ("explore", "pseudo-resistor", "--over", "temperature_C=27:85", "--sample", "lhs:2.5"),
        "lhs: '2.5' is not a whole number",
    ),
    "conditions without end": (
        (
            "explore", "sweep-vdd", "--over", "from_V=0.5:0.6:90000",
            "--over", "to_V=0.7:0.8:90000", "--over", "temperature_C=27:85:90000",
            "--over", "step_V=0.01:0.02:90000", "--over", "wire_capacitance_F=1f:2f:90000",
        ),
        "5904900000000000000000000 conditions are too many; use at most 100000",
    ),
    "a code without end": (
        ("sweep-vdd", "--codes", "1e30"),
        "--codes: '1e30' is not a list of codes; write for example +3,-1,+2",
    ),
    "spikes without end": (
        ("simulate-network", "one.toml", "--inputs", f"a={'9' * 5000}"),
        f"--inputs: a: {'9' * 57}... has 5000 characters; a number has at most 64",
    ),
    "negative spikes": (
        ("simulate-network", "one.toml", "--inputs", "a=-1"),
        "--inputs: a: -1 is out of range; use at least 0",
    ),
    "a search without end": (
        ("calibrate", "--resolution", "1e-20"),
        "a search in steps of 1e-20 has more than 100000 of them; give a larger one",
    ),
    "a negative supply": (
        ("calibrate", "--from", "-1"),
        "--from is -1; a supply is 0 V or more",
    ),
    "samples without end": (
        ("train-and-map", "--samples", "1e9"),
        "--samples: Input should be less than or equal to 100000",
    ),
    "epochs without end": (
        ("train", "--dataset", "bccd", "--epochs", "1e9"),
        "--epochs: Input should be less than or equal to 100000",
    ),
    "a reading that there is not": (
        ("xor-test", "--reading", "x"),
        "--reading: Input should be 'wide', 'paper' or 'five'",
    ),
    "no rails": (
        ("train-and-map", "--domains", "0"),
        "--domains 0: the neurons need at least 1 rail",
    ),
    "too fine a converter": (
        ("train-and-map", "--dac-bits", "17"),
        "--dac-bits 17: a converter has 1 to 16 bits",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_before_anything_is_run(anaspike, simulator, case):
    simulator("echo this must not run >&2; exit 3")
    Path("one.toml").write_text(ONE)
    arguments, message = REFUSED[case]
    code, out, err = anaspike(*arguments)
    assert (code, out) == (2, "")
    assert err.splitlines()[0].startswith(f"error: {message}")
    assert err.count("\n") == 1
    assert not Path("results").exists()


def test_a_flow_speaks_of_its_keys(anaspike, simulator):
    simulator("exit 3")
    Path("f.toml").write_text('study = "sweep-vdd"\n[parameters]\nwidth_s = "-50n"\n')
    assert anaspike("run", "f.toml")[2] == (
        "error: f.toml: `width_s` is -5e-08; it must be a finite number, positive\n"
    )
    Path("n.toml").write_text(ONE + '[drive]\nwidth = "1"\nperiod = "2n"\n')
    assert anaspike("simulate-network", "n.toml", "--inputs", "a=1")[2] == (
        "error: a spike of 1 s does not fit a period of 2e-09 s; give a shorter `drive.width` or"
        " a longer `drive.period`\n"
    )


def test_what_tables_show_is_read_in_flows(tmp_path):
    path = tmp_path / "f.toml"
    path.write_bytes(
        b"\xef\xbb\xbf"
        + 'study = "pseudo-resistor"\r\n[parameters]\r\n'
        'temperatures_C = ["27 °C", "−40 °C", "85C"]\r\n'
        '[specs.resistance_50mV_ohm]\r\nmin = "320 MΩ"\r\nmax = "480\u00a0M\u2126"\r\n'.encode()
    )
    flow = read_flow(path)
    assert flow.studies[0].temperatures_C == (27.0, -40.0, 85.0)
    ((spec,),) = flow.specs
    assert (spec.least, spec.most) == (320e6, 480e6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[parameters]\nself = 1", "pseudo-resistor has no parameter 'self'"),
        ("self = 1", "unknown key 'self'"),
        ("[conditions]\nself = 1", "unknown key 'conditions.self'"),
        ("[specs.asymmetry]\nself = 1", "unknown key 'specs.asymmetry.self'"),
        ("[parameters]\nseed = 1e300", "seed: 1e+300 is out of range; use at most 1e+30"),
        ("[parameters]\nseed = true", "seed: True is not a number"),
        ('[parameters]\ntemperatures_C = ["85c"]', "'85c' is in c, expected C; write 85C"),
        ("[parameters]\nsizes = { membrane_F = 1e30 }", "membrane_F: 1e+30 is out of range; use"),
        ("[conditions]\nmc = 1e19", "conditions.mc: 1e+19 is out of range"),
        ('[conditions]\nseed = "1k5"', "conditions.seed: '1k5' is in k5, expected a plain number"),
        ("[space]\nseed = 1e300", "space.seed: 1e+300 is out of range"),
        ('[specs.asymmetry]\nmax = "—"', "'—' stands for a missing value; give a number"),
        ("[specs.asymmetry]\nmax = 1e300", "specs.asymmetry: 1e+300 is out of range"),
        ('[specs."a\\u001b[31m"]\nmax = true', "specs.a\\x1b[31m.max: true is not a number"),
    ],
)
def test_flows_that_cannot_be(tmp_path, text, message):
    path = tmp_path / "f.toml"
    path.write_text(f'study = "pseudo-resistor"\n{text}\n')
    with pytest.raises(InputError) as caught:
        for study in read_flow(path).studies:
            study.check()
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


class Mine(Study):
    """A study as a user writes one: with plain numbers."""

    name = "mine"
    title = "Mine"
    period_s: float = 1e-6
    gain: float | None = None
    codes: tuple[int, ...] = ()
    levels_V: tuple[float, ...] = ()
    top_V: Volt | None = None
    count: int = 1

    def find(self, bench):
        raise NotImplementedError


def test_plain_fields_of_ones_own_are_read_alike():
    mine = Mine(
        period_s="20 µs", gain="5 %", codes=("+3", -1), levels_V=("650 mV", 1), top_V="0.9V",
        count="1k",
    )  # fmt: skip
    assert (mine.period_s, mine.gain, mine.codes) == (20e-6, 0.05, (3, -1))
    assert (mine.levels_V, mine.top_V, mine.count) == ((0.65, 1.0), 0.9, 1000)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"period_s": "20"}, None),
        ({"period_s": "20c"}, "mine: period_s: '20c' is in c, expected s; write for example 50n"),
        ({"period_s": float("inf")}, "mine: period_s: inf is not a finite number"),
        ({"period_s": 1e30}, "mine: period_s: 1e+30 is out of range; use at most 1 Ms"),
        ({"period_s": True}, "mine: period_s: True is not a number"),
        ({"count": 10**400}, "mine: count: 1000000"),
        ({"count": 2.5}, "mine: count: '2.5' is not a whole number"),
        ({"levels_V": ("1A",)}, "mine: levels_V: '1A' is in A, expected V"),
        ({"levels_V": 3}, "mine: levels_V: give a list, in []"),
        ({"self": 1}, "mine has no parameter 'self'"),
    ],
)
def test_plain_fields_of_ones_own_are_bounded_alike(given, message):
    if message is None:
        assert Mine(**given).period_s == 20.0
        return
    with pytest.raises(InputError) as caught:
        Mine(**given)
    assert str(caught.value).startswith(message)


def test_the_temperature_that_was_asked_for_is_the_one_that_is_run(anaspike, ngspice):
    code, _, _ = anaspike(
        "characterise", "pseudo-resistor", "--corner", "tt", "--temp", "85 °C", "--out", "o"
    )
    assert code in {0, 1}
    points = json.loads(Path("o/answer.json").read_text())
    assert 40e6 < points["quantities"]["resistance_50mV_ohm"] < 60e6  # 52 Mohm, not 1.4 Gohm
