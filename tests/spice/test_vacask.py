"""The second simulator: what a deck becomes for it, and what is refused."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import (
    DeckError,
    DeckRefused,
    SingularMatrix,
)
from anaspike.spice.vacask import text as vacask_text

CARDS = """* two bins and a wrapper
.param dvt=0.01 twice={2*once} once=0.02
.model n.1 nmos (level=54 version=4.8 toxe='1n*2' lmin=30n lmax=100n wmin=50n wmax=10u
+ vth0={0.3+dvt})
.model n.2 nmos level=54 toxe={once*1e-7} lmin=100n lmax=1u wmin=50n wmax=10u vth0={dvt==0.01}
.subckt nmos d g s b w=100n l=30n mult=1
m0 d g s b n w={w} l={l} m={mult} ad={w*70n}
.ends nmos
"""
BODY = """* an inverter of sorts
.subckt pair in out vdd
xa out in 0 0 nmos w=200n
xb vdd in OUT 0 nmos w=1u l=200n mult=2
Cw out 0 2f
.ends
vdd vdd 0 0.9
vin in 0 dc 0 pwl(1n 0 2n
+ {0.45*2})
xp in y vdd pair
rload y gnd 1meg
ibias vdd y 1u
"""


def deck(body, save=("v(y)",), models=CARDS, **more):
    files = ModelFiles(".include 'cards.inc'", {"cards.inc": models})
    return Deck("t", body, files, 10e-9, save, **more)


def translated(asked):
    return vacask_text.translated(asked)["deck.sim"]


def parts(line):
    """Return a device's or model's line as what it is, and its numbers."""
    head, *given = re.split(r" (?=[$\w]+=)", line)
    pairs = dict(one.split("=") for one in given)
    assert pairs.pop("version", '"4.8"') == '"4.8"'
    return head, {name: float(value) for name, value in pairs.items()}


RC = deck("v1 a 0 pwl(0 0 1p 1)\nr1 a y 1k\nc1 y 0 1n", initial_V={"y": 0.25})


def test_a_hierarchy_becomes_devices_with_numbers():
    lines = translated(deck(BODY, ("v(y)", "i(vdd)"))).splitlines()
    first, second = (parts(line) for line in lines if ".m0" in line)
    assert first == (
        "'xp.xa.m0' ('y' 'in' 0 0) 'n.1'",
        pytest.approx({"w": 200e-9, "l": 30e-9, "$mfactor": 1, "ad": 14e-15}),
    )
    assert second == (
        "'xp.xb.m0' ('vdd' 'in' 'y' 0) 'n.2'",
        pytest.approx({"w": 1e-6, "l": 200e-9, "$mfactor": 2, "ad": 70e-15}),
    )
    assert "'xp.cw' ('y' 0) a_capacitor c=2e-15" in lines
    assert "'rload' ('y' 0) a_resistor r=1000000" in lines
    assert "'ibias' ('vdd' 'y') a_current dc=1e-06" in lines
    assert "'vdd' ('vdd' 0) a_voltage dc=0.9" in lines
    # It holds its first value until then.
    assert "'vin' ('in' 0) a_voltage type=\"pwl\" wave=[0, 0, 1e-09, 0, 2e-09, 0.9]" in lines
    models = dict(parts(line) for line in lines if line.startswith("model 'n"))
    assert models["model 'n.1' sp_bsim4v8"] == pytest.approx(
        {"type": 1, "toxe": 2e-9, "lmin": 30e-9, "lmax": 100e-9, "wmin": 50e-9, "wmax": 10e-6}
        | {"vth0": 0.31}
    )
    assert models["model 'n.2' sp_bsim4v8"]["toxe"] == pytest.approx(2e-9)
    assert models["model 'n.2' sp_bsim4v8"]["vth0"] == 1
    assert "  save v('y') i('vdd')" in lines


def test_a_formula_becomes_a_module_of_numbers_and_voltages():
    inside = "b1 a 0 i=-g*v(a)*(1/2 - V( in , gnd)/v(x))"
    body = f".param g=1u\n.subckt s a\n{inside}\n.ends\nx1 y s\nr1 x in 1\nr2 y 0 1"
    texts = vacask_text.translated(deck(body))
    assert "'x1.b1' ('y' 0 'y' 'x1.in' 'x1.x') a_behaviour_0" in texts["deck.sim"]
    assert 'load "behaviours.va"' in texts["deck.sim"]
    assert texts["behaviours.va"] == (
        '`include "disciplines.vams"\nmodule behaviour_0(p, n, c0, c1, c2);\n'
        "  inout p, n, c0, c1, c2;\n  electrical p, n, c0, c1, c2;\n"
        "  analog I(p, n) <+ - (1e-06) * (V(c0)) * ( (1.0) / (2.0) - (V(c1) - 0.0) / (V(c2)) );\n"
        "endmodule\n"
    )


def test_what_is_altered_is_its_devices_own():
    altered = (
        ("m.xp.xa.m0", "delvto", 0.01),
        ("m.xp.xa.m0", "mulu0", 0.9),
        ("rload", "resistance", 5.0),
    )
    text = translated(deck(BODY, alter=altered))
    assert "delvto=0.01 mulu0=0.9" in next(
        x for x in text.splitlines() if x.startswith("'xp.xa.m0")
    )
    assert text.count("delvto") == 1
    assert "a_resistor r=5\n" in text


def test_settings_and_starting_voltages_are_passed_on():
    text = translated(replace(RC, temperature_C=85.0))
    assert "options temp=85 reltol=0.001 abstol=1e-13 vntol=1e-06 chgtol=1e-18 gmin=1e-15" in text
    assert 'tran_method="gear2"' in text
    assert "nr_residualcheck=0 nr_conviter=2 tran_redofactor=1.1" in text
    assert 'stop=1e-08 ic={"y", 0.25}' in text


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("b1 y 0 i=sin(v(y))", "a formula has"),
        ("b1 y 0 i=v(y)**2", "a formula has"),
        (f"b1 y 0 i={'-' * 10_000}1", "a formula has at most 10000 letters"),
        ("b1 y 0 i={v(y)}", "a formula has"),
        ("b1 y 0 i=v(y)*q", "there is no parameter q"),
        ("b1 y 0 i=i(v1)", "a formula has"),
        ("b1 y 0 tc1=1 i=v(y)", "of B elements"),
        ("q1 y 0 0 qq", "an element Q is not"),
        ("d1 y 0 dd", "no model dd"),
        ("d1 y 0", "a diode has two nodes and a model"),
        (".model dd d level=2\nd1 y 0 dd", "of diodes, those of level 1 and 3"),
        (".model dd d m=0.5\nd1 y 0 dd", "of diodes, those of level 1 and 3"),
        ("r1 y 0 1k tc1=0.1", "tc1 is not translated"),
        ("v1 y 0 sin(0 1 1k)", "of sources, a level"),
        ("v1 y 0 pulse(0 1)", "of 7 are translated"),
        ("v1 y 0 pwl(0 0 1n 1 1n 2)", "must rise"),
        ("v1 y 0 pwl(0 0 1n 1) r=0", "r of a source"),
        (".func f(x) {x}\nr1 y 0 1", "a .func is not translated"),
        (".global vdd\nr1 y 0 1", "a .global is not translated"),
        (".ic v(y)=1\nr1 y 0 1", "a .ic is not translated"),
        (".model d d\nr1 y 0 1\n.if (1)\n.endif", "a .if is not translated"),
        ("m1 y y 0 0 other w=1u l=1u", "no model other"),
        ("m1 y y 0 0 n w=1u l=5u", "no model n for its size"),
        (".model other nmos level=8\nm1 y y 0 0 other w=1u l=1u", "BSIM4's are translated"),
        ("xa y y 0 nmos", "nmos has 4 pins, not 3"),
        ("xa y y 0 0 nosuch", "no sub-circuit nosuch"),
        ("r1 y 0 {nosuch}", "no parameter nosuch"),
        ("r1 y 0 {sin(1)}", "unknown function sin"),
        ("r1 y 0 'x", "the ' has no counterpart"),
        ("m1 y y 0 0 n w=1u", "needs its w and l"),
        ("r1 y 0 {10mil}", "a mil is no unit"),
        (".subckt s a\n.ends\n.subckt t a\nx1 a s\n.subckt u a\n.ends\n.ends", "inside of another"),
        (".param p=1\n.param p=2\nr1 y 0 {p}", "p has a value already"),
        (".param p={q} q={p}\nr1 y 0 {p}", "there is no parameter"),
        ("r1 y/quit 0 1", "'y/quit' is no name to it"),
    ],
)
def test_what_has_no_counterpart_is_refused_by_name(body, why):
    with pytest.raises(DeckRefused, match=why):
        translated(deck(f"{body}\nr9 y 0 1"))


def test_a_few_lines_that_ask_for_millions_of_elements_are_refused_at_once():
    blocks = "".join(
        f".subckt s{n} a\n" + "".join(f"x{i} a s{n - 1}\n" for i in range(10)) + ".ends\n"
        for n in range(1, 15)
    )
    with pytest.raises(DeckRefused, match="more than 100000 elements"):
        translated(deck(f".subckt s0 a\nr1 a 0 1\n.ends\n{blocks}x1 y s14"))
    with pytest.raises(DeckRefused, match="placed more than 20 deep"):
        translated(deck(".subckt s a\nx1 a s\n.ends\nx1 y s"))


LINES = ("\n", "\n+ ", "\n.subckt s a\n", "\n.ends\n", "\n.param p=", "\n.model q nmos level=54 ")
WORDS = (
    "b1 y 0 i=",
    "v(y)",
    "r1 ",
    "m1 ",
    "x1 ",
    "v1 ",
    "c1 ",
    "y ",
    "0 ",
    "in ",
    "pair ",
    "nmos ",
    "n ",
    "1k ",
    "dc ",
)
SIGNS = (
    "w=1u ",
    "{2*",
    "}",
    "'",
    '"',
    "(",
    ")",
    "=",
    ",",
    "pwl(",
    "pulse(",
    "{p}",
    "$x",
    ";y",
    "\r",
)
PIECES = st.sampled_from((*LINES, *WORDS, *SIGNS, "\\\\", "params: ", "b1 y 0 i=", "v(y)"))


@given(st.lists(PIECES, max_size=30))
def test_any_body_is_translated_or_refused_in_one_line(pieces):
    try:
        text = translated(deck(f"{BODY}\n{''.join(pieces)}"))
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert text.startswith("anaspike\n")


def test_files_that_call_each_other_end():
    files = ModelFiles(".include 'a'", {"a": ".include 'b'\n", "b": ".include 'a'\n"})
    with pytest.raises(DeckRefused, match="more than 20 deep"):
        translated(replace(RC, models=files))


def test_what_draws_at_random_is_refused():
    with pytest.raises(DeckRefused, match="draws at random: agauss"):
        translated(deck("r1 y 0 {agauss(1k,1,1)}"))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"alter": (("m.xz.m0", "delvto", 1.0),)}, "is no device"),
        ({"alter": (("vdd", "dc", 1.0),)}, "not told to alter a source"),
        ({"save": ("@rload[i]",)}, "cannot be asked for '@rload"),
        ({"save": ("i(rload)",)}, "cannot be asked for"),
        ({"save": ("v(nowhere)",)}, "cannot be asked for"),
        ({"initial_V": {"nowhere": 1.0}}, "there is no such node"),
    ],
)
def test_what_is_asked_of_what_is_not_there_is_refused(more, why):
    with pytest.raises(DeckRefused, match=why):
        translated(deck(BODY, **more))


def test_no_text_of_a_users_comes_to_stand_in_its_input():
    text = translated(replace(RC, title='quit"\nexit'.replace("\n", " ")))
    assert "quit" not in text


@pytest.mark.vacask
def test_an_rc_charges_as_calculated(vacask):
    waves = vacask.run(replace(RC, stop_s=1e-6, save=("v(y)", "i(v1)"), initial_V={"y": 0.0}))
    expected = 1 - np.exp(-waves.time_s / 1e-6)
    np.testing.assert_allclose(waves["v(y)"], expected, atol=1e-3)
    np.testing.assert_allclose(waves["i(v1)"][10:], (expected[10:] - 1) / 1e3, atol=1e-5)


@pytest.mark.vacask
def test_sources_of_every_kind_are_as_in_ngspice(vacask, ngspice):
    body = (
        "b1 0 d i=1m*v(y)*(1-v(d,c)/2)\nr4 d 0 1k\nb2 e 0 v=v(y)/3\nr5 e 0 1k\n"
        "v1 y 0 pulse(0.1 1 1n 1n 2n 2n 100n)\nv2 b 0 pwl(2n 0.5 4n 1)\nr1 y 0 1k\nr2 b 0 1k\n"
        "i1 0 c 1m\nr3 c 0 1k\nc3 c 0 1p"
    )
    asked = deck(body, ("v(y)", "v(b)", "v(c)", "v(d)", "v(e)"))
    asked = replace(asked, options=replace(asked.options, max_step_s=2e-11))
    one, other = vacask.run(asked), ngspice.run(asked)
    for vector in asked.save:
        there = np.interp(other.time_s, one.time_s, one[vector])
        np.testing.assert_allclose(there, other[vector], atol=2e-3)


@pytest.mark.vacask
@pytest.mark.parametrize("temperature_C", [-40.0, 27.0, 85.0])
def test_a_diode_conducts_leaks_and_charges_as_in_ngspice(vacask, ngspice, temperature_C):
    card = ".model dd d level=3 tref=25 js=8 n=1.05 rs=3e-9 jtun=1000 ntun=72 cjo=1.8m mj=0.03"
    body = f"{card} pb=0.14 eg=0.61 xti=3 xtitun=-12\nd1 a y dd area=2.5p pj=6u m=2\nr1 y 0 100meg"
    asked = deck(f"{body}\nv1 a 0 pwl(0 -0.15 1 0.15)", ("v(y)",), temperature_C=temperature_C)
    asked = replace(asked, stop_s=1.0, options=replace(asked.options, max_step_s=2e-3))
    one, other = vacask.run(asked), ngspice.run(asked)
    np.testing.assert_allclose(
        np.interp(other.time_s, one.time_s, one["v(y)"]), other["v(y)"], atol=1e-5
    )


@pytest.mark.vacask
@pytest.mark.parametrize("parameter", ["w=1u l=1u nosuch=3", "w=1u l=1u delvto=0.1 mulu1=2"])
def test_a_parameter_that_it_does_not_know_is_a_failure(vacask, parameter):
    body = f".model q nmos level=54 version=4.8\nm1 y y 0 0 q {parameter}\nr1 y 0 1k\nv1 y 0 1"
    with pytest.raises(DeckError, match=r"Parameter '(nosuch|mulu1)' not found"):
        vacask.run(deck(body))


@pytest.mark.vacask
def test_a_circuit_without_a_solution_is_named(vacask):
    with pytest.raises(SingularMatrix, match="Factorization failed"):
        vacask.run(deck("v1 y 0 1\nv2 y 0 2\nr1 y 0 1"))


@pytest.mark.vacask
def test_a_users_own_settings_change_nothing(vacask, tmp_path, monkeypatch):
    before = vacask.run(RC)
    (tmp_path / ".vacaskrc.toml").write_text("nonsense = [")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SIM_MODULE_PATH", "/nowhere")
    np.testing.assert_array_equal(vacask.run(RC)["v(y)"], before["v(y)"])


@pytest.mark.vacask
@pytest.mark.parametrize(("parameter", "value"), [("delvto", 0.05), ("mulu0", 0.7)])
def test_mismatch_moves_a_transistor_as_in_ngspice(vacask, ngspice, parameter, value):
    from anaspike.pdk.generic28 import Generic28
    from anaspike.pdk.roles import MosSize

    models = Generic28().models("tt", [MosSize("nmos_svt", 1e-6, 30e-9)])
    body = "v1 d 0 0.9\nv2 g 0 0.5\nx1 d g 0 0 nmos_svt w=1u l=30n\nrd d 0 1g"
    asked = Deck("t", body, models, 1e-9, ("i(v1)",), alter=(("m.x1.m0", parameter, value),))
    currents = [
        s.run(d)["i(v1)"][-1] for s in (vacask, ngspice) for d in (asked, replace(asked, alter=()))
    ]
    assert currents[0] == pytest.approx(currents[2], rel=1e-3)
    assert currents[1] == pytest.approx(currents[3], rel=1e-3)
    assert abs(currents[0] / currents[1] - 1) > 0.1
