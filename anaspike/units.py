"""Numbers with SI suffixes, in and out: `50n`, `0.9V`, `-40`.

Parsing is SI (`M` is mega, `m` is milli) and meets SPICE, where `M` is milli,
only through `spice_number`, which never writes a suffix.
"""

import difflib
import math
from collections.abc import Callable, Iterable

from quantiphy import InvalidNumber, Quantity, UnknownConversion

from anaspike.errors import InputError

# The unit that a name ends with -> how it is shown.
_SHOWN = {
    "V": "V", "A": "A", "J": "J", "W": "W", "s": "s", "Hz": "Hz", "F": "F", "C": "°C", "ohm": "Ω",
    "coulomb": "C", "S": "S", "m": "m", "m2": "m²", "um2": "µm²", "lsb": "LSB",
}  # fmt: skip
_UNSCALED = ("C", "m2", "um2", "lsb")  # no kilo-LSB, no milli-degree


def parse_quantity(text: str | float, unit: str = "", name: str = "value") -> float:
    """Read a number with optional SI suffix and unit, in base units.

    Args:
        text: for example "50n", "50ns", "0.9 V", 3e-9.
        unit: the unit that may follow ("s", "V", "F", ...).
        name: what the number is, for the message.

    Raises:
        InputError: not a number, not finite, or of another unit.
    """
    if isinstance(text, (int, float)):
        value, found = float(text), ""
    else:
        try:
            if "," in text:  # quantiphy drops commas: a decimal comma would be 10 times too much
                raise InvalidNumber(text)
            quantity = Quantity(text.strip())
        except (InvalidNumber, UnknownConversion):
            raise InputError(
                f"{name}: '{printable(text)}' is not a number; write for example {_example(unit)}"
            ) from None
        value, found = float(quantity), quantity.units
    if found not in {"", unit}:
        raise InputError(
            f"{name}: '{printable(str(text))}' is in {printable(found)}, expected"
            f" {unit or 'a plain number'}; write for example {_example(unit)}"
        )
    if not math.isfinite(value):
        raise InputError(f"{name}: {printable(str(text))} is not a finite number")
    return value


def quantity_reader(unit: str) -> Callable[[object], float]:
    """Return a reader of numbers with that unit for a pydantic field, which knows its name.

    It raises ValueError, as pydantic wants it, where `parse_quantity` raises InputError.
    """

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(f"{value!r} is not a number")
        try:
            return parse_quantity(value, unit)
        except InputError as error:
            raise ValueError(str(error).removeprefix("value: ")) from None

    return read


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
    return last if last in _SHOWN else ""


def label_of(name: str) -> str:
    """Return a name for people: without its unit, underscores as spaces."""
    unit = unit_of(name)
    bare = name.removesuffix(f"_{unit}") if unit else name
    return bare.replace("_", " ")


def format_named(name: str, value: float) -> str:
    """Write a number for people, in the unit that its name ends with."""
    unit = unit_of(name)
    if unit in _UNSCALED:
        return f"{value:.4g} {_SHOWN[unit]}"
    return format_quantity(value, _SHOWN[unit], 4) if unit else f"{value:.4g}"


def printable(text: str) -> str:
    """A user's text safe to show on one line: control characters escaped, long ones cut."""
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def suggestion(word: str, choices: Iterable[str]) -> str:
    """Return what may have been meant by an unknown word, or all there is."""
    known = list(choices)
    near = difflib.get_close_matches(word, known, 1)
    return f"did you mean '{near[0]}'?" if near else f"there is {', '.join(known)}"


def _example(unit: str) -> str:
    return {"s": "50n or 50ns", "V": "0.65 or 650mV", "F": "2f or 2fF"}.get(unit, "0.5")
