"""Numbers with SI suffixes, in and out: `50n`, `0.9V`, `-40`.

Parsing is SI (`M` is mega, `m` is milli) and meets SPICE, where `M` is milli,
only through `spice_number`, which never writes a suffix.
"""

import math

from quantiphy import InvalidNumber, Quantity, UnknownConversion

from anaspike.errors import InputError


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


def printable(text: str) -> str:
    """A user's text safe to show on one line: control characters escaped, long ones cut."""
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _example(unit: str) -> str:
    return {"s": "50n or 50ns", "V": "0.65 or 650mV", "F": "2f or 2fF"}.get(unit, "0.5")
