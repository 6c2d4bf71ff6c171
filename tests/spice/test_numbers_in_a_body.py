"""Numbers in a body: what SPICE and a reader take for the same, and what they do not."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.spice.numbers import as_spice, misread, wrong_number
from anaspike.spice.rawfile import read_raw
from anaspike.spice.statements import Statement
from anaspike.units import spice_number

AGREED = """
1 1. .5 0.5 1e3 1E-9 1e+3 2.5e-3 1k 1K 10kohm 10kOhm 2Meg 2MEG 2meg 2Mega 1MegHz 5g 5G 1T 3m 3mA
10u 10uF 10UF 10uA 10n 10N 10ns 1p 1P 1pF 2f 2fF 2FF 10fF 1um 100nm 3.3V 1s 1sec 50Hz 1e-9s
1e3ohm 10ohm 1H 1nH 10\u00b5 10\u00b5F 90deg
"""


@pytest.mark.parametrize("text", AGREED.split())
def test_what_spice_and_a_reader_agree_on(text):
    assert misread(text) == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2M", "'2M' is 0.002 to SPICE; write 2Meg or 2m"),
        ("400M", "'400M' is 0.4 to SPICE; write 400Meg or 400m"),
        ("1MHz", "'1MHz' is 0.001 to SPICE; write 1Meg or 1m"),
        ("2MV", "'2MV' is 0.002 to SPICE; write 2Meg or 2m"),
        ("1k5", "'1k5' is 1000 to SPICE; write 1.5k"),
        ("2M2", "'2M2' is 0.002 to SPICE; write 2.2Meg"),
        ("4R7", "'4R7' is 4 to SPICE; write 4.7"),
        ("3V3", "'3V3' is 3 to SPICE; write 3.3"),
        ("4n7", "'4n7' is 4e-09 to SPICE; write 4.7n"),
        ("1F", "'1F' is 1e-15 to SPICE; write 1 for farads, 1f for femtofarads"),
        ("1\u03bc", "'1\u03bc' is 1 to SPICE; write 1u"),
        ("10\u03bcF", "'10\u03bcF' is 10 to SPICE; write 10u"),
        ("5A", "'5A' is 5 to SPICE; write 5, or 5e-18"),
        ("1kk", "'1kk' is 1000 to SPICE; write it plainly, as 1.5k, 2Meg, 10u or 3e-9"),
        ("1_000", "'1_000' is 1 to SPICE; write it plainly, as 1.5k, 2Meg, 10u or 3e-9"),
        ("1milli", "'1milli' is 2.54e-05 to SPICE; write it plainly, as 1.5k, 2Meg, 10u or 3e-9"),
        ("1mil", "'1mil' is 2.54e-05 to SPICE; write it plainly, as 1.5k, 2Meg, 10u or 3e-9"),
        ("1min", "'1min' is 0.001 to SPICE; write it plainly, as 1.5k, 2Meg, 10u or 3e-9"),
        ("1e-15F", "'1e-15F' is 1e-30 to SPICE; write it plainly, as 1.5k, 2Meg, 10u or 3e-9"),
        ("1e3k", "'1e3k' is 1e+06 to SPICE; write it plainly, as 1.5k, 2Meg, 10u or 3e-9"),
        ("1e", "'1e' is 1 to SPICE; write it plainly, as 1.5k, 2Meg, 10u or 3e-9"),
        ("1d3", "'1d3' is 1000 to SPICE; write it plainly, as 1.5k, 2Meg, 10u or 3e-9"),
        ("0x10", "'0x10' is 0 to SPICE; write it plainly, as 1.5k, 2Meg, 10u or 3e-9"),
        ("1.5.3", "'1.5.3' is 1.5 to SPICE; write it plainly, as 1.5k, 2Meg, 10u or 3e-9"),
        ("1e999", "'1e999' is inf to SPICE; write it plainly, as 1.5k, 2Meg, 10u or 3e-9"),
    ],
)
def test_what_they_do_not_agree_on(text, message):
    assert misread(text) == message


@given(st.floats(1e-16, 1e12))
def test_what_anaspike_writes_is_agreed_on(value):
    text = spice_number(value)
    assert misread(text) == ""
    assert as_spice(text) == pytest.approx(value, rel=1e-12)


@given(st.text("0123456789.eEdDkKmMgGuUnNpPfFtTaAilrxs_+-\u03bc", max_size=30).map("1{}".format))
def test_any_text_is_answered(text):
    assert misread(text).isprintable()


@pytest.mark.parametrize(
    "line",
    [
        "r1 3v3 0 1k tc=0.1,0.2",
        "R1 3V3 1k5 10k",
        "r1 a 0 {2*k1k5}",
        "r1 a 0 rmod w=1u l={3*2e-6}",
        "c1 a 0 1p ic=0.5",
        "v1 3v3 0 dc 3.3 ac 1 0",
        "v1 a 0 pulse(0 1.8 1n 1n 1n 10n 20n)",
        "v1 a 0 pwl(0,0 1n,1.8)",
        "v1 a 0 pwl(0, 0, 1n, {vdd})",
        "v1 a 0 PWL 0 0 1n 1",
        "v1 a 0 pwl(0 0 1n 1 r=0)",
        "r1 a 0 rmod",
        "b1 3v3 0 v = v(1k5)*2 + i(v1k5) > 0 ? 1k : 2k",
        "e1 3v3 0 1k5 0 10",
        "e1 a 0 poly(2) 3v3 0 b 0 0 1 1",
        "e1 a 0 poly(1) (1k5,0) 0 2m",
        "f1 a 0 POLY (2) v1k5 v2M 0 1 1k",
        "e1 a 0 vol='2*v(3v3)'",
        "e1 a 0 table {v(b)} = (0,0) (1,2)",
        "r1 a 0 r={1k*(1+v(b))} TC=0.1,0.2",
        "c1 a 0 c='1p*(1+v(b))'",
        "g1 a 0 value={1m*v(b)}",
        "f1 3v3 0 v1k5 10",
        "d1 3v3 0 1n4148 2",
        "m1 d g 3v3 1k5 2n7002 w=1u l=180n ic=0,0.5,0",
        "m1 d g s b 2n7002 ic=0,0.5,0 w=1u",
        "q1 3v3 b 1k5 2n2222 2",
        "x1 3v3 1k5 2m7 r=1k m=2",
        "k1 l1 l2 0.99",
        ".model 2n7002 nmos level=54 version=4.5.0 (vto=1 kp=1m)",
        ".param k=1k s='2*3'",
        ".subckt 2m7 3v3 1k5 r=1k",
        ".ic v(3v3)=3.3",
        ".func f(x,y) {x*2+log10(y)}",
        '.model t table2d(file="x1k5.txt")',
        ".lib '1k5.lib' 3v3",
        "a1 [3v3 1k5] [out] gate",
    ],
)
def test_names_are_no_numbers_and_what_is_right_stays(line):
    assert wrong_number(Statement(1, line)) == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("r1 a 0 1,5k", "'1,5k' is two numbers to SPICE, 1 and 5000; write 1.5k"),
        ("c1 a 0 -1,5\u03bcF", "'1,5\u03bcF' is two numbers to SPICE, 1 and 5; write 1.5uF"),
        ("r1 a 0 1k 5", "1k and 5 are two values, of which SPICE takes one"),
        ("c1 a 0", "it has no value"),
        ("r1 a 0 \uff11k", "'\uff11k' is 0 to SPICE"),
        ("r1 a 0 1 000", "1 and 000 are two values, of which SPICE takes one"),
        ("r1 a 0 1/2", "'1/2' is 1 to SPICE; what is to be worked out stands in {}"),
        ("r1 a 0 5%", "'5%' is 5 to SPICE; what is to be worked out stands in {}"),
        ("r1 a 0 r=2M", "'2M' is 0.002 to SPICE"),
        ("r1 a 0 {2M}", "'2M' is 0.002 to SPICE"),
        ("r1 a 0 '2M * k'", "'2M' is 0.002 to SPICE"),
        (
            "r1 a 0 r=1k*(1+v(b))",
            "of '1k*' SPICE takes a part; what is to be worked out stands in {}",
        ),
        (
            "r1 a 0 R = 2k+1k",
            "of '2k+1k' SPICE takes a part; what is to be worked out stands in {}",
        ),
        ("c1 a 0 C=1n*v(b)", "of '1n*' SPICE takes a part; what is to be worked out stands in {}"),
        ("l1 a 0 1uHy", "'1uHy' is 1e-06 to SPICE"),
        ("i1 0 a 5A", "'5A' is 5 to SPICE"),
        ("v1 a 0 dc 1,8", "'1,8' is two numbers to SPICE, 1 and 8; write 1.8"),
        ("v1 a 0 pulse(0 1,8 1n 1n)", "'1,8' is two numbers to SPICE, 1 and 8; write 1.8"),
        ("v1 a 0 pulse(0 1V8 1n 1n)", "'1V8' is 1 to SPICE"),
        ("v1 a 0 pwl(0 0 1,5n 1)", "'1,5n' is two numbers to SPICE, 1 and 5e-09; write 1.5n"),
        ("v1 a 0 pwl(0 0 1n)", "a pwl has an odd number of values"),
        ("i1 a 0 sin(0 1 2M)", "'2M' is 0.002 to SPICE"),
        ("e1 a 0 b 0 1k5", "'1k5' is 1000 to SPICE"),
        ("e1 a 0 b 0 2 3", "2 and 3 are two values, of which SPICE takes one"),
        ("h1 a 0 v1 1k 5", "1k and 5 are two values, of which SPICE takes one"),
        ("e1 a 0 poly(1) 1k5 0 0 2M", "'2M' is 0.002 to SPICE"),
        ("f1 a 0 poly(1) v1k5 0 1k5", "'1k5' is 1000 to SPICE"),
        ("v1 a 0 pwl(0 0 1u 1) pulse(0 1)", "pwl and pulse are two functions, of which SPICE"),
        ("g1 a 0 b 0 1,5m", "'1,5m' is two numbers to SPICE, 1 and 0.005; write 1.5m"),
        ("k1 l1 l2 0,99", "'0,99' is two numbers to SPICE, 0 and 99; write 0.99"),
        ("b1 a 0 v = 2M*v(b)", "'2M' is 0.002 to SPICE"),
        ("x1 a 0 load r=1,5k", "'1,5k' is two numbers to SPICE, 1 and 5000; write 1.5k"),
        ("x1 a 0 load r = 2M", "'2M' is 0.002 to SPICE"),
        ("m1 d g s b nm w=1\u03bc l=1u", "'1\u03bc' is 1 to SPICE"),
        ("d1 a 0 dm 2x", "'2x' is 2 to SPICE"),
        (".param k=2M", "'2M' is 0.002 to SPICE"),
        (".model dm d (rs=2M)", "'2M' is 0.002 to SPICE"),
        (".subckt s a b r=1k5", "'1k5' is 1000 to SPICE"),
        (".ic v(a)=0,5", "'0,5' is two numbers to SPICE, 0 and 5; write 0.5"),
        (".func f(x) {2M*x}", "'2M' is 0.002 to SPICE"),
        ("r1 a 0\u00a01k", r"'\xa0' is no sign that SPICE knows"),
        ("r1 a\u2126 0 1k", "'\u2126' is no sign that SPICE knows"),
    ],
)
def test_what_is_refused_with_what_spice_would_have_made_of_it(line, said):
    assert wrong_number(Statement(1, line)).startswith(said)


@pytest.mark.parametrize(
    "text", ["1k5", "2M", "1kk", "1e3k", "1d3", "1milli", "1min", "1.5.3", "1_0"]
)
def test_ngspice_makes_of_it_what_is_said(ngspice, tmp_path, text):
    deck = f"* t\ni1 0 a 1\nr1 a 0 {text}\n.tran 1n 2n\n.save v(a)\n.end\n"
    (tmp_path / "deck.cir").write_text(deck)
    command = [ngspice.executable, "-b", "-r", "out.raw", "deck.cir"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    read = read_raw(tmp_path / "out.raw")[0]
    assert read.data[1][-1] == pytest.approx(as_spice(text), rel=1e-6)
