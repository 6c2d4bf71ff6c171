"""SPICE arithmetic, evaluated without handing a file's text to Python.

A grammar of our own: the PDK has a parameter called `as`, which Python's
parser refuses, and numbers such as `60u`, which it does not know.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import NoReturn

from anaspike.errors import InputError
from anaspike.units import printable

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?[a-z]*)"
    r"|(?P<name>[a-z_]\w*)"
    r"|(?P<operator>\*\*|[<>=!]=|[-+*/(),^<>]))"
)
_NUMBER = re.compile(r"(?P<digits>[\d.]+(?:e[-+]?\d+)?)(?P<suffix>[a-z]*)\Z")
_SUFFIXES = {"t": 1e12, "g": 1e9, "meg": 1e6, "k": 1e3, "m": 1e-3} | {
    "u": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
    "a": 1e-18,
}
_FUNCTIONS: Mapping[str, tuple[int, Callable[..., float]]] = {
    "abs": (1, abs),
    "exp": (1, math.exp),
    "sqrt": (1, math.sqrt),
    "max": (2, max),
    "min": (2, min),
    # What schematic editors write into areas and perimeters of fingers.
    "int": (1, math.trunc),
    "floor": (1, math.floor),
    "ceil": (1, math.ceil),
    # Monte Carlo stands behind a switch that is off here: what is left is the mean.
    "agauss": (3, lambda mean, *_: mean),
    "gauss": (3, lambda mean, *_: mean),
}
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_DEEPEST = 50


def evaluate(text: str, lookup: Callable[[str], float]) -> float:
    """Return the value of a SPICE expression.

    Args:
        text: for example `{0.14/w}`, `'1.2e-8 - sw_polycd'`, `60u`; braces and
            quotes are brackets, capitals are small letters.
        lookup: the value of a name.

    Raises:
        InputError: it is not arithmetic, asks for an unknown function, divides
            by zero or has no finite value.
    """
    plain = re.sub(r"'([^']*)'", r"(\1)", text.lower()).translate(str.maketrans("{}", "()"))
    try:
        value = _Parser(plain, lookup).whole()
    except (ArithmeticError, ValueError) as error:
        raise InputError(f"'{printable(text)}' has no value: {error}") from None
    if not math.isfinite(value):
        raise InputError(f"'{printable(text)}' has no finite value")
    return value


class _Parser:
    """Recursive descent: comparison, sum, product, sign, power, atom."""

    def __init__(self, text: str, lookup: Callable[[str], float]):
        self._text, self._lookup = text, lookup
        self._position, self._depth = 0, 0
        self._kind, self._word = "", ""
        self._advance()

    def whole(self) -> float:
        value = self._comparison()
        if self._kind != "end":
            self._refuse()
        return value

    def _comparison(self) -> float:
        """Return a sum; of two compared 1 where it holds, else 0. A second one needs brackets."""
        value = self._sum()
        if self._word in _COMPARISONS:
            value = float(_COMPARISONS[self._take()](value, self._sum()))
        return value

    def _sum(self) -> float:
        value = self._product()
        while self._word in {"+", "-"}:
            sign = self._take()
            value = value + self._product() if sign == "+" else value - self._product()
        return value

    def _product(self) -> float:
        value = self._signed()
        while self._word in {"*", "/"}:
            operator = self._take()
            value = value * self._signed() if operator == "*" else value / self._signed()
        return value

    def _signed(self) -> float:
        if self._word in {"+", "-"}:
            return (
                self._deeper(self._signed) if self._take() == "+" else -self._deeper(self._signed)
            )
        return self._power()

    def _power(self) -> float:
        base = self._atom()
        if self._word not in {"**", "^"}:
            return base
        self._take()
        exponent = self._deeper(self._signed)
        if base < 0:  # simulators disagree on what this means
            raise ValueError("a negative number is raised to a power")
        return float(base**exponent)

    def _atom(self) -> float:
        if self._kind == "number":
            return self._number()
        if self._kind == "name":
            name = self._take()
            return self._call(name) if self._word == "(" else self._lookup(name)
        self._expect("(")
        value = self._deeper(self._comparison)
        self._expect(")")
        return value

    def _number(self) -> float:
        match = _NUMBER.match(self._take())
        if match is None:
            self._refuse()
        suffix = match["suffix"]
        scale = _SUFFIXES.get(suffix[:3]) or _SUFFIXES.get(suffix[:1], 1.0)
        return float(match["digits"]) * scale

    def _call(self, name: str) -> float:
        if name not in _FUNCTIONS:
            raise ValueError(f"unknown function {name}")
        count, function = _FUNCTIONS[name]
        self._expect("(")
        arguments = [self._deeper(self._comparison)]
        while self._word == ",":
            self._take()
            arguments.append(self._deeper(self._comparison))
        self._expect(")")
        if len(arguments) != count:
            raise ValueError(f"{name} takes {count} arguments")
        return float(function(*arguments))

    def _deeper(self, rule: Callable[[], float]) -> float:
        """Follow a rule one level down; a bound keeps hostile text off Python's stack."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("brackets too deep")
        value = rule()
        self._depth -= 1
        return value

    def _expect(self, token: str) -> None:
        if self._word != token:
            self._refuse()
        self._take()

    def _take(self) -> str:
        token = self._word
        self._advance()
        return token

    def _advance(self) -> None:
        match = _TOKEN.match(self._text, self._position)
        if match:
            self._kind, self._word = str(match.lastgroup), match[match.lastgroup or 0]
            self._position = match.end()
        elif self._text[self._position :].strip():
            self._refuse()
        else:
            self._kind, self._word = "end", ""

    def _refuse(self) -> NoReturn:
        rest = (self._word + self._text[self._position :]).strip()
        raise ValueError(f"cannot read '{printable(rest)}'" if rest else "it ends too early")
