"""Numbers in and out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.units import format_quantity, parse_quantity, printable, spice_number


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
        ("0,65", "--from: '0,65' is not a number; write for example 0.65 or 650mV"),
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
