"""Numbers with SI suffixes, in and out: `50n`, `0.9V`, `-40`, `419.9 MΩ`, `27 °C`.

Every number that a person writes is read here, and what anaspike prints it reads. Reading
is SI (`M` is mega, `m` is milli) and meets SPICE, where `M` is milli, only through
`spice_number`, which never writes a suffix.
"""

import difflib
import math
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Real
from typing import TypeVar

from quantiphy import Quantity

from anaspike.errors import SPACES, InputError, escaped

T = TypeVar("T", int, float)

_MANY = 2000  # words among which a likely one is looked for
LONGEST = 64  # characters of a number; 17 digits, a suffix and a unit are all that mean anything
LARGEST_WHOLE = 2**53  # up to here a float counts by ones

# What may stand before a unit. No centi, no exa, no peta: nobody writes them in a circuit,
# and 85c, 1E, 5P are slips for 85 °C, 1e.., 5p.
SUFFIXES = {"T": 12, "G": 9, "M": 6, "k": 3, "K": 3,
            "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18}  # fmt: skip


@dataclass(frozen=True)
class _Unit:
    """How a unit is shown and written, and what a quantity of it can be in any circuit.

    Attributes:
        shown: as people see it.
        written: as it is read too.
        most: of its size.
        scaled: whether it takes suffixes; there is no milli-degree, and a kilo-m² is no 1000 m².
        example: of a number in it.
    """

    shown: str
    written: tuple[str, ...]
    most: float
    scaled: bool = True
    example: str = "20 or 0.5"


# The unit that a name ends with -> the unit.
_UNITS = {
    "V": _Unit("V", (), 1e3, example="0.65 or 650mV"),
    "A": _Unit("A", (), 1e3, example="20n or 20nA"),
    "J": _Unit("J", (), 1e3, example="100f or 100fJ"),
    "W": _Unit("W", (), 1e6, example="1u or 1uW"),
    "s": _Unit("s", (), 1e6, example="50n or 50ns"),
    "Hz": _Unit("Hz", (), 1e18, example="1M or 1MHz"),
    "F": _Unit("F", (), 1e-3, example="2f or 2fF"),
    "C": _Unit("°C", ("C", "°", "degC", "deg"), 1e3, scaled=False, example="85 or 85C"),
    "ohm": _Unit("Ω", ("ohm", "ohms", "Ohm", "Ohms"), 1e18, example="400M or 400Mohm"),
    "coulomb": _Unit("C", ("coulomb",), 1.0, example="2f or 2fC"),
    "S": _Unit("S", (), 1e9, example="1u or 1uS"),
    "m": _Unit("m", (), 1.0, example="100n or 100nm"),
    "m2": _Unit("m²", ("m2",), 1.0, scaled=False, example="1e-12"),
    "um2": _Unit("µm²", ("um2", "um²"), 1e12, scaled=False, example="12.5"),
    "lsb": _Unit("LSB", ("lsb",), 1e9, scaled=False),
}  # fmt: skip
_OTHER_UNITS = {
    "": _Unit("", (), 1e30),
    "B": _Unit("B", (), 1e18, example="500M or 2GB"),
    "d": _Unit("d", (), 1e6, scaled=False, example="30"),
}
_LEAST = 1e-30  # of any size that is not 0: nothing in a circuit is as small, not even a charge

_NUMBER = re.compile(
    r"(?P<mantissa>[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*))"
    r"(?:[eE](?P<exponent>[+-]?\d+))?(?P<space> *)(?P<rest>.*)",
    re.ASCII | re.DOTALL,
)
# What looks the same, or stands for it in print: minus, micro, ohm, degree, spaces that hold on.
_LOOKALIKES = str.maketrans(
    {"\u2212": "-", "\u00b5": "u", "\u03bc": "u", "\u2126": "Ω", "\u212a": "K", "\u00ba": "°",
     "\u02da": "°", "\u2103": "°C", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " "}
)  # fmt: skip
_DASHES = ("—", "–", "-", "‒", "―", "n/a", "N/A", "none", "None")


def parse_quantity(text: str | float, unit: str = "", name: str = "value") -> float:
    """Read a number with optional SI suffix and unit, in base units.

    Args:
        text: for example "50n", "50ns", "0.9 V", "419.9 MΩ", "27 °C", 3e-9.
        unit: the unit that may follow ("s", "V", "F", ...).
        name: what the number is, for the message.

    Raises:
        InputError: not a number, not finite, of another unit, or beyond what a
            quantity of that unit can be.
    """
    if isinstance(text, str):
        value = _read(text, unit, name)
    elif isinstance(text, Real) and not isinstance(text, bool):
        try:
            value = float(text)
        except OverflowError:  # a whole number larger than any float
            value = sys.float_info.max if text > 0 else -sys.float_info.max
    else:
        raise InputError(f"{name}: {printable(repr(text))} is not a number")
    if not math.isfinite(value):
        raise InputError(f"{name}: {_as_given(text)} is not a finite number")
    _check_size(value, unit, name, _as_given(text), None)
    return value


def parse_whole(
    text: str | float, name: str = "value", least: int = -LARGEST_WHOLE, most: int = LARGEST_WHOLE
) -> int:
    """Read a whole number, SI suffixes allowed: `20`, `1k`.

    Args:
        text: for example "20", "1k", 20.
        name: what the number is, for the message.
        least, most: what it may be.

    Raises:
        InputError: not a number, not whole, or not within least and most.
    """
    number = parse_quantity(text, "", name)
    if number != int(number):
        raise InputError(f"{name}: '{_as_given(text)}' is not a whole number")
    if not least <= number <= most:
        bound = f"at least {least}" if number < least else f"at most {most}"
        raise InputError(f"{name}: {_as_given(text)} is out of range; use {bound}")
    return int(number)


def quantity_reader(unit: str) -> Callable[[object], float]:
    """Return a reader of numbers with that unit for a pydantic field, which knows its name.

    It raises ValueError, as pydantic wants it, where `parse_quantity` raises InputError.
    """
    return _for_a_field(lambda value: parse_quantity(value, unit))


def whole_reader() -> Callable[[object], int]:
    """Return a reader of whole numbers for a pydantic field, as `quantity_reader` is."""
    return _for_a_field(parse_whole)


def check_size(value: float, unit: str, name: str, most: float | None = None) -> None:
    """Refuse a finite number that no quantity of its unit can be.

    Args:
        value: in base units.
        unit: of it.
        name: what the number is, for the message.
        most: the largest size where that is less than the unit's own.

    Raises:
        InputError: it is too large, or so small that it is nothing.
    """
    _check_size(value, unit, name, f"{value:g}", most)


def format_quantity(value: float | None, unit: str, digits: int = 3) -> str:
    """Write a number for people: 76.2 fJ. A missing value is an em dash."""
    if value is None or not math.isfinite(value):
        return "—"
    return Quantity(value, unit).render(prec=digits - 1, strip_zeros=True)


def spice_number(value: float) -> str:
    """Write a number for SPICE: `30n`, `2f`, `0.65`; 15 significant digits.

    Only f, p, n and u are ever written: `m` and `M` mean the same to SPICE.
    """
    for factor, suffix in ((1e-6, "u"), (1e-9, "n"), (1e-12, "p"), (1e-15, "f")):
        if factor <= abs(value) * (1 + 1e-12) < factor * 1e3:
            return f"{value / factor:.15g}{suffix}"
    return f"{value:.15g}"


def unit_of(name: str) -> str:
    """Return the unit at the end of a column's or quantity's name; "" when it has none."""
    _, _, last = name.rpartition("_")
    return last if last in _UNITS else ""


def written_unit(unit: str) -> str | None:
    """Return a unit as it is written after a suffix; None where it takes none."""
    known = _UNITS.get(unit)
    if known is None or not known.scaled:
        return None
    return known.shown if known.shown.isascii() else known.written[0]


def label_of(name: str) -> str:
    """Return a name for people: without its unit, underscores as spaces."""
    unit = unit_of(name)
    bare = name.removesuffix(f"_{unit}") if unit else name
    return bare.replace("_", " ")


def format_named(name: str, value: float) -> str:
    """Write a number for people, in the unit that its name ends with."""
    return _format(unit_of(name), value)


def printable(text: str) -> str:
    """A user's text safe to show on one line: control characters escaped, long ones cut."""
    shown = escaped(text[:61])
    return shown if len(shown) <= 60 else shown[:57] + "..."


def harmless(text: str) -> str:
    """A text of several lines safe for a terminal: what would steer it is escaped, not cut."""
    return escaped(text, f"\n\t{SPACES}")


def suggestion(word: str, choices: Iterable[str]) -> str:
    """Return what may have been meant by an unknown word, or all there is."""
    known = list(choices)
    near = difflib.get_close_matches(word, known[:_MANY], 1)
    return f"did you mean '{near[0]}'?" if near else f"there is {', '.join(known)}"


def _read(text: str, unit: str, name: str) -> float:
    """Return the number that a text says, whatever its size."""
    if len(text) > LONGEST:
        raise InputError(
            f"{name}: {printable(text)} has {len(text)} characters; a number has at most {LONGEST}"
        )
    plain = text.translate(_LOOKALIKES).strip()
    if plain.lstrip("+-").lower() in {"nan", "inf", "infinity", "∞"}:
        raise InputError(f"{name}: {printable(text)} is not a finite number")
    if plain in _DASHES:
        raise InputError(f"{name}: '{printable(text)}' stands for a missing value; give a number")
    value = _value(plain, unit)
    if value is None:
        found = _NUMBER.fullmatch(plain)
        rest = found["rest"] if found else ""
        what = "is not a number"
        if rest[:1].isalpha() or rest[:1] in {"°", "%"}:
            what = f"is in {_unit_in(rest) or printable(rest)}, expected {unit or 'a plain number'}"
        if found and found["exponent"] and rest in SUFFIXES and _exponent(rest, False, unit):
            mantissa, shown = found["mantissa"], _unit(unit).shown
            raise InputError(
                f"{name}: '{plain}' has an exponent and a suffix, 1e{SUFFIXES[rest]} once more;"
                f" write {mantissa}e{found['exponent']}{shown} or {mantissa}{rest}{shown}"
            )
        meant = [x for x in _meant(plain, rest, unit) if _value(x.strip("'"), unit) is not None]
        mend = " or ".join(meant) or f"for example {_unit(unit).example}"
        raise InputError(f"{name}: '{printable(text)}' {what}; write {mend}")
    return value


def _value(plain: str, unit: str) -> float | None:
    """Return the number that a text says; None where it says none in that unit."""
    found = _NUMBER.fullmatch(plain)
    exponent = _exponent(found["rest"], bool(found["space"]), unit) if found else None
    if found is None or exponent is None:
        return None
    if found["exponent"] and exponent and found["rest"] in SUFFIXES:
        return None  # 1e-15f is hardly ever meant as 1e-30
    # Put together as text: 50 * 1e-9 is not 50e-9 to the last digit.
    return float(f"{found['mantissa']}e{int(found['exponent'] or 0) + exponent}")


def _exponent(rest: str, apart: bool, unit: str) -> int | None:
    """Return the power of ten that suffix and unit after a number stand for; None if none.

    Where a letter is suffix and unit (`3m` of a length, `5a` of a current) it is
    nothing by itself; apart from the number it is the unit.
    """
    known = _unit(unit)
    spelled = _spelled(known)
    if rest == "%" and not unit:
        return -2
    if rest in {"", *spelled} and (apart or rest not in SUFFIXES):
        return 0
    if not known.scaled or rest[0] not in SUFFIXES or rest[1:] not in {"", *spelled}:
        return None
    if len(rest) == 1 and rest in {known.shown, known.shown.lower()} & {"m", "a"}:
        return None
    return SUFFIXES[rest[0]]


def _meant(plain: str, rest: str, unit: str) -> list[str]:
    """Return what may have been meant by a text that is no number.

    Args:
        plain: the text.
        rest: what follows its digits.
        unit: that it should have.
    """
    number, known = plain.removesuffix(rest).rstrip(), _unit(unit)
    inside = re.fullmatch(r"([A-Za-z])(\d+)(\D*)", rest)  # 1k5, 4R7
    if rest[:1] == "," or rest[:1].isdigit():
        return _without_marks(plain)
    if inside and inside[1] in {"r", "R", *SUFFIXES}:
        return [f"{number}.{inside[2]}{inside[1].strip('rR')}{inside[3]}"]
    if unit == "C" and rest == "K":
        return [f"{float(number) - 273.15:g}"]  # kelvin
    if rest[:3].lower() == "meg":
        return [f"{number}M{rest[3:]}"]
    if rest in {"m", "a"} and rest.lower() == known.shown.lower():  # suffix and unit at once
        return [f"{number}{rest}{known.shown}", f"'{number} {known.shown}'"]
    return [number + other for other in _in_other_letters(rest, known)]


def _without_marks(plain: str) -> list[str]:
    """Return a number without the commas or spaces that group its digits or stand for a point."""
    whole, pointed = plain.replace(",", "").replace(" ", ""), plain.replace(",", ".")
    grouped = re.fullmatch(r"[+-]?\d{1,3}(?:[ ,]\d{3})+(?:\.\d*)?\D*", plain)
    one_comma = re.fullmatch(r"[+-]?\d*,\d+[^,.\d]*", plain)
    return [whole] * bool(grouped) + [pointed] * bool(one_comma)


def _in_other_letters(rest: str, unit: _Unit) -> list[str]:
    """Return the suffixes with unit that differ from a text in large and small letters alone."""
    if _unit_in(rest):
        return []  # it is in another unit, and no slip
    suffixes = [suffix for suffix in ("", *SUFFIXES) if unit.scaled or not suffix]
    known = [suffix + word for word in ("", *_spelled(unit)) for suffix in suffixes]
    near = [other for other in known if other not in {"", "K"} and other.lower() == rest.lower()]
    kept = [other for other in near if len(other) > 1 and other[0] == rest[0]]
    return kept or near


def _unit_in(rest: str) -> str:
    """Return the unit of a known one, with or without a suffix; "" where it is none."""
    words = [word for name, unit in _UNITS.items() for word in (name, *_spelled(unit))]
    known = {suffix + word: word for suffix in (*SUFFIXES, "") for word in words}
    return known.get(rest, "")


def _spelled(unit: _Unit) -> tuple[str, ...]:
    return (unit.shown.translate(_LOOKALIKES), *unit.written)


def _check_size(value: float, unit: str, name: str, given: str, most: float | None) -> None:
    known, size = _unit(unit), abs(value)
    largest = min(known.most, math.inf if most is None else most)
    if size > largest:
        bound = "at most" if value > 0 else "at least"
        shown = _format(unit, math.copysign(largest, value))
        raise InputError(f"{name}: {given} is out of range; use {bound} {shown}")
    if 0 < size < _LEAST:
        least = f"{_LEAST:g} {known.shown}".rstrip()
        raise InputError(f"{name}: {given} is out of range; use 0, or at least {least}")


def _for_a_field(read: Callable[[str | float], T]) -> Callable[[object], T]:
    def reader(value: object) -> T:
        if isinstance(value, bool) or not isinstance(value, str | Real):
            raise ValueError(f"{printable(repr(value))} is not a number")
        try:
            return read(value)  # type: ignore[arg-type]
        except InputError as error:
            raise ValueError(str(error).removeprefix("value: ")) from None

    return reader


def _unit(unit: str) -> _Unit:
    known = _UNITS.get(unit) or _OTHER_UNITS.get(unit)
    return known or _Unit(unit, (), math.inf)


def _format(unit: str, value: float) -> str:
    known = _unit(unit)
    if not unit or not known.scaled:
        return f"{value:.4g} {known.shown}".rstrip()
    return format_quantity(value, known.shown, 4)


def _as_given(text: object) -> str:
    try:
        return printable(str(text))
    except ValueError:  # Python writes no whole number of more than 4300 digits
        return "a number of thousands of digits"
