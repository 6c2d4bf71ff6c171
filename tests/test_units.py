"""Numbers in and out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.report.streams import fitting
from anaspike.units import (
    format_named,
    format_quantity,
    harmless,
    parse_quantity,
    parse_whole,
    printable,
    spice_number,
)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("50n", "s", 50e-9),
        ("50ns", "s", 50e-9),
        ("0.9V", "V", 0.9),
        ("650 mV", "V", 0.65),
        ("2fF", "F", 2e-15),
        ("2f", "F", 2e-15),
        ("-40", "C", -40.0),
        ("5M", "", 5e6),  # SI: mega, whatever SPICE thinks
        ("5m", "", 5e-3),
        (0.65, "V", 0.65),
    ],
)
def test_si_suffixes(text, unit, value):
    assert parse_quantity(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("abc", "--from: 'abc' is not a number; write for example 0.65 or 650mV"),
        ("0,65", "--from: '0,65' is not a number; write 0.65"),
        ("nan", "--from: nan is not a finite number"),
        ("inf", "--from: inf is not a finite number"),
        ("50ns", "--from: '50ns' is in s, expected V; write for example 0.65 or 650mV"),
        (
            "1\n.control\nshell x",
            "--from: '1\\x0a.control\\x0ashell x' is not a number; write for example 0.65 or 650mV",
        ),
    ],
)
def test_what_is_no_number_is_named(text, message):
    with pytest.raises(InputError) as caught:
        parse_quantity(text, "V", "--from")
    assert str(caught.value) == message


@given(st.floats(-1e300, 1e300))
def test_spice_numbers_read_back(value):
    text = spice_number(value)
    factors = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6}
    read = float(text[:-1]) * factors[text[-1]] if text[-1] in factors else float(text)
    assert read == pytest.approx(value, rel=1e-13, abs=0)


def test_spice_numbers_never_say_m():
    assert [spice_number(v) for v in (1e-3, 30e-9, 2e-15, 0.65, 1e6, 0.0)] == [
        "0.001",
        "30n",
        "2f",
        "0.65",
        "1000000",
        "0",
    ]


def test_numbers_for_people():
    assert format_quantity(76.23e-15, "J") == "76.2 fJ"
    assert format_quantity(None, "J") == "—"
    assert format_quantity(math.nan, "J") == "—"


def test_control_characters_are_shown_not_printed():
    assert printable("a\x1b[31m\n" + "b" * 80) == "a\\x1b[31m\\x0a" + "b" * 44 + "..."


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("419.9 MΩ", "ohm", 419.9e6),
        ("419.9 M\u2126", "ohm", 419.9e6),  # the ohm sign, not the Greek letter
        ("419.9\u00a0M\u03a9", "ohm", 419.9e6),
        ("400ohm", "ohm", 400.0),
        ("400 Mohm", "ohm", 400e6),
        ("10K", "ohm", 10e3),
        ("27 °C", "C", 27.0),
        ("27°", "C", 27.0),
        ("27\u00baC", "C", 27.0),
        ("27 \u2103", "C", 27.0),
        ("27 degC", "C", 27.0),  # as it is shown where there is no degree sign
        ("\u221240", "C", -40.0),
        ("3\u00b5m", "m", 3e-6),
        ("3\u03bcm", "m", 3e-6),
        ("0.3 m", "m", 0.3),
        ("12.5 µm²", "um2", 12.5),
        ("12.5 um2", "um2", 12.5),
        ("1e-12 m²", "m2", 1e-12),
        ("0.5 LSB", "lsb", 0.5),
        ("1.2 fC", "coulomb", 1.2e-15),
        ("5 aA", "A", 5e-18),
        ("12 pJ", "J", 12e-12),
        ("1e3 kHz", "Hz", 1e6),
        ("1_000", "", 1000.0),
        ("5 %", "", 0.05),
        ("2GB", "B", 2e9),
        (7, "", 7.0),
    ],
)
def test_what_is_printed_is_read(text, unit, value):
    assert parse_quantity(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("85c", "C", "'85c' is in c, expected C; write 85C"),
        ("0.65c", "V", "'0.65c' is in c, expected V; write for example 0.65 or 650mV"),
        ("0.65v", "V", "'0.65v' is in v, expected V; write 0.65V"),
        ("50NS", "s", "'50NS' is in NS, expected s; write 50ns"),
        ("1E", "V", "'1E' is in E, expected V; write for example 0.65 or 650mV"),
        ("5P", "F", "'5P' is in P, expected F; write 5p"),
        ("1h", "V", "'1h' is in h, expected V; write for example 0.65 or 650mV"),
        ("1d", "V", "'1d' is in d, expected V; write for example 0.65 or 650mV"),
        ("85k", "C", "'85k' is in k, expected C; write for example 85 or 85C"),
        ("300 K", "C", "'300 K' is in K, expected C; write 26.85"),
        ("41um2", "m2", "'41um2' is in um2, expected m2; write for example 1e-12"),
        ("1 MΩ", "V", "'1 MΩ' is in Ω, expected V; write for example 0.65 or 650mV"),
        ("320Meg", "ohm", "'320Meg' is in Meg, expected ohm; write 320M"),
        ("320megohm", "ohm", "'320megohm' is in megohm, expected ohm; write 320Mohm"),
        ("1k5", "ohm", "'1k5' is in k5, expected ohm; write 1.5k"),
        ("4R7", "ohm", "'4R7' is in R7, expected ohm; write 4.7"),
        ("1,5k", "ohm", "'1,5k' is not a number; write 1.5k"),
        ("1,000", "ohm", "'1,000' is not a number; write 1000 or 1.000"),
        ("1 000 000", "ohm", "'1 000 000' is not a number; write 1000000"),
        ("1\u202f000", "ohm", "'1\\u202f000' is not a number; write 1000"),
        ("3m", "m", "'3m' is in m, expected m; write 3mm or '3 m'"),
        ("5a", "A", "'5a' is in a, expected A; write 5aA or '5 A'"),
        ("—", "V", "'—' stands for a missing value; give a number"),
        ("", "V", "'' is not a number; write for example 0.65 or 650mV"),
        ("0x10", "", "'0x10' is in x10, expected a plain number; write for example 20 or 0.5"),
        ("10²", "", "'10²' is not a number; write for example 20 or 0.5"),
        ("٣", "", "'٣' is not a number; write for example 20 or 0.5"),
        ("9" * 65, "", f"{'9' * 57}... has 65 characters; a number has at most 64"),
        ("1 F", "F", "1 F is out of range; use at most 1 mF"),
        ("1e-320", "V", "1e-320 is out of range; use 0, or at least 1e-30 V"),
        ("31.6M", "s", "31.6M is out of range; use at most 1 Ms"),
        ("2000", "C", "2000 is out of range; use at most 1000 °C"),
        ("1e999", "V", "1e999 is not a finite number"),
        (10**400, "V", f"1{'0' * 56}... is out of range; use at most 1 kV"),
        (True, "V", "True is not a number"),
        (None, "V", "None is not a number"),
    ],
)
def test_what_is_not_read_is_refused_with_what_was_meant(text, unit, said):
    with pytest.raises(InputError) as caught:
        parse_quantity(text, unit, "x")
    assert str(caught.value) == f"x: {said}"


UNITS = ("V", "A", "J", "W", "s", "Hz", "F", "C", "ohm", "coulomb", "S", "m", "m2", "um2", "lsb")
# Powers of ten that a quantity of the unit may reach.
MOST = {"C": 2, "coulomb": -1, "m2": -1, "m": -1, "F": -4}


@pytest.mark.parametrize("unit", UNITS)
@given(data=st.data())
def test_every_number_that_is_shown_reads_back(unit, data):
    size = 10 ** data.draw(st.floats(-29, MOST.get(unit, 2)))
    value = data.draw(st.sampled_from((size, -size))) if unit != "C" else size
    shown = format_named(f"quantity_{unit}", value)
    # Four digits are shown.
    assert parse_quantity(shown, unit) == pytest.approx(value, rel=5.1e-4)
    # So is what stands for the signs on a terminal without them.
    assert parse_quantity(fitting(shown, "ascii"), unit) == parse_quantity(shown, unit)


@given(st.floats(-1e15, 1e15).filter(lambda x: x == 0 or abs(x) > 1e-18), st.integers(2, 15))
def test_plain_numbers_that_are_shown_read_back(value, digits):
    shown = format_quantity(value, "", digits)
    assert parse_quantity(shown) == pytest.approx(value, rel=0.51 * 10 ** (1 - digits))


ALMOST_NUMBERS = st.from_regex(r"[+-]?[0-9.,_ ]{1,9}[a-zA-ZΩµ°%]{0,4}", fullmatch=True)


@given(st.text(max_size=80) | ALMOST_NUMBERS)
def test_any_text_is_a_number_or_one_line(text):
    for unit in ("", "V", "C", "ohm", "m", "d"):
        try:
            value = parse_quantity(text, unit)
        except InputError as error:
            said = str(error)
            assert said.isprintable() or "\u00a0" in said
            assert len(said) < 250
        else:
            assert math.isfinite(value)


@given(ALMOST_NUMBERS)
def test_what_is_meant_can_be_read(text):
    """A mend that is offered is none that is refused again."""
    for unit in ("V", "C", "ohm", "F", "m"):
        try:
            parse_quantity(text, unit)
        except InputError as error:
            _, offered, mend = str(error).partition("; write ")
            for choice in mend.removeprefix("for example ").split(" or ") if offered else ():
                try:
                    parse_quantity(choice.strip("'"), unit)
                except InputError as refused:
                    assert "is out of range" in str(refused)


def test_a_number_that_cannot_be_written_down():
    with pytest.raises(InputError, match="a number of thousands of digits is out of range"):
        parse_quantity(10**5000, "V")


def test_whole_numbers():
    assert [parse_whole(text) for text in ("20", "1k", "-3", "+7", 9, 9.0)] == [
        20, 1000, -3, 7, 9, 9,
    ]  # fmt: skip
    for text, said in {
        "2.5": "x: '2.5' is not a whole number",
        "1e19": "x: 1e19 is out of range; use at most 9007199254740992",
        "-1": "x: -1 is out of range; use at least 0",
        "50%": "x: '50%' is not a whole number",
        "1c": "x: '1c' is in c, expected a plain number; write for example 20 or 0.5",
    }.items():
        with pytest.raises(InputError) as caught:
            parse_whole(text, "x", *((0,) if text == "-1" else ()))
        assert str(caught.value) == said


def test_what_would_steer_a_terminal_is_shown():
    assert harmless("a\x1b[31mb\n\tc\u202e\x9b\ud800é—Ω") == (
        "a\\x1b[31mb\n\tc\\u202e\\x9b\\ud800é—Ω"
    )


def test_an_exponent_and_a_suffix_are_not_both_meant():
    with pytest.raises(InputError) as caught:
        parse_quantity("1e-15f", "F", "--wire-cap")
    assert str(caught.value) == (
        "--wire-cap: '1e-15f' has an exponent and a suffix, 1e-15 once more; write 1e-15F or 1fF"
    )
    assert parse_quantity("1e-15F", "F") == parse_quantity("1f", "F") == 1e-15
    with pytest.raises(InputError, match=r"write 1e3 or 1k$"):
        parse_quantity("1e3k")
