"""Resistors and capacitors of a process as plain elements: a value, and what temperature does.

A foundry's sub-circuit works its values out of sizes, a corner and the temperature. At a corner and
a size all of it is numbers: a value at 27 C and two coefficients. What follows its own voltage,
holds a diode or is of a compiled model cannot be had so, and is refused by name.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from anaspike.errors import InputError
from anaspike.pdk.spicetext import Scope, assignments, parameters
from anaspike.spice.parts import Line, taken_apart
from anaspike.spice.statements import Statement, statements
from anaspike.units import printable

_SUBCIRCUIT = re.compile(
    r"^[ \t]*\.subckt[ \t]+(?P<name>\w+).*?(?=^[ \t]*\.ends)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_VOLTAGE, _VOLT = re.compile(r"\bv\([^()]*\)"), "its_voltage"
_NOMINAL_C, _STEP_C, _BETWEEN_C = 27.0, 100.0, 85.0  # two steps give the coefficients, one checks
_EXACT, _NOTHING = 1e-9, 1e-18  # of a value; of one, or of a coefficient
_OF_ELEMENT = {"r": {"r", "l", "w"}, "c": {"c", "l", "w", "scale"}}
_OF_ANY = {"m", "dtemp", "tc1", "tc2"}
_OF_MODEL = {
    "r": {"rsh", "tc1", "tc2", "tnom", "af", "kf", "noise"},
    "c": {"cap", "cj", "cox", "cjsw", "tc1", "tc2", "tnom"},
}
_UNKNOWN_SIZES = ("l", "w")  # defaults that say nothing: r_length=l


@dataclass(frozen=True)
class PlainDevices:
    """The resistors and capacitors of a process.

    Attributes:
        texts: its sub-circuits of them, and models beside those.
        values: `.param` statements that they are worked out of.
        named: what a name means; by itself, itself.
    """

    texts: str = ""
    values: str = ""
    named: Callable[[str], str] = str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What they are called, in small letters; some may turn out to be no plain elements."""
        return tuple(_subcircuits(self.texts))

    def has(self, device: str) -> bool:
        """Return whether there is one that a name means."""
        return self.named(device) in self.names

    def card(self, name: str, device: str, values: Mapping[str, float], count: int) -> str:
        """Return one as a sub-circuit of plain elements.

        Args:
            name: of the sub-circuit.
            device: what `has` says yes to.
            values: parameter -> what the netlist gives it.
            count: how many in parallel.

        Raises:
            InputError: it has no value of its own; the message says why.
        """
        try:
            found = _Device.read(
                self.named(device), self.texts, values, Scope(parameters(self.values))
            )
            for line in found.elements:
                found.check(line)
            lines = [found.element(line, count) for line in found.elements]
        except (InputError, ValueError) as error:
            raise InputError(f"{device} cannot be flattened: {error}") from None
        head = f".subckt {name} {' '.join(found.ports)}"
        return "\n".join((head, *lines, f".ends {name}", ""))


def _subcircuits(text: str) -> dict[str, str]:
    """Return the sub-circuits of a text but for their last lines: name -> text."""
    return {found["name"].lower(): found[0] for found in _SUBCIRCUIT.finditer(text)}


@dataclass(frozen=True)
class _Device:
    """A sub-circuit, read.

    Attributes:
        ports: its pins, in order.
        texts: parameter -> expression.
        outer: where names are looked for that are not its own.
        elements: in their order.
        models: name -> its line.
    """

    ports: tuple[str, ...]
    texts: Mapping[str, str]
    outer: Scope
    elements: tuple[Line, ...] = ()
    models: Mapping[str, Line] | None = None

    @classmethod
    def read(cls, device: str, whole: str, values: Mapping[str, float], outer: Scope) -> "_Device":
        first, *body = statements(_subcircuits(whole)[device])
        head = taken_apart(first)
        texts = dict(head.given)
        for statement in body:
            if statement.words[0] == ".param":
                texts |= assignments(statement.text)
        if strange := next((key for key in values if key not in texts), None):
            raise InputError(f"it has no parameter {printable(strange)}")
        for key, default in head.given.items():
            if default in _UNKNOWN_SIZES and key not in values:
                raise InputError(f"it is given no {key}")
        texts |= {key: repr(value) for key, value in values.items()}
        empty = cls(head.words[2:], texts, outer)
        lines = [taken_apart(one) for one in _chosen(body, empty.scope())]
        beside = _SUBCIRCUIT.sub("", whole)
        common = [taken_apart(one) for one in statements(beside) if one.words[0] == ".model"]
        models = {line.words[1]: line for line in (*common, *lines) if line.name == ".model"}
        elements = tuple(line for line in lines if line.name[0] != ".")
        return replace(empty, elements=elements, models=models)

    def scope(self, temperature_C: float = _NOMINAL_C, volt: float = 0.0) -> Scope:
        """Return its parameters at a temperature, with a voltage across whatever asks for one."""
        conditions = {"temper": repr(temperature_C), _VOLT: repr(volt)}
        return Scope({**self.texts, **conditions}, self.outer)

    def element(self, line: Line, count: int) -> str:
        """Return an element with its value and its coefficients of temperature."""
        kind = line.name[0]
        nominal = self._value(line, _NOMINAL_C)
        if nominal <= 0:
            raise InputError(f"its {line.name} is {nominal:g}: that is no size of it")
        warm, cold = (self._value(line, _NOMINAL_C + s * _STEP_C) / nominal for s in (1, -1))
        tc1, tc2 = (warm - cold) / (2 * _STEP_C), ((warm + cold) / 2 - 1) / _STEP_C**2
        step_C = _BETWEEN_C - _NOMINAL_C
        there = self._value(line, _BETWEEN_C) / nominal
        if abs(1 + tc1 * step_C + tc2 * step_C**2 - there) > _EXACT:
            raise InputError(f"its {line.name} follows temperature in a way of its own")
        numbers = {kind: nominal, "tc1": tc1, "tc2": tc2}
        parallel = count * self.scope().evaluate(line.given.get("m", "1"))
        given = {key: float(f"{value:.12g}") if abs(value) > _NOTHING else 0.0
                 for key, value in numbers.items()}  # fmt: skip
        given |= {"m": parallel} if parallel != 1 else {}
        return " ".join(
            (*line.words[:3], *(f"{key}={value!r}" for key, value in given.items() if value))
        )

    def check(self, line: Line) -> None:
        """Refuse what has no value, or more to it than one."""
        kind, called = line.name[0], line.words[-1]
        model = (self.models or {}).get(called)
        if kind == "n" and model is not None:
            raise InputError(
                f"its {line.name[1:]} is of the compiled model {model.words[2]}, which anaspike"
                " does not compile"
            )
        if kind not in _OF_ELEMENT:
            raise InputError(f"it holds {line.name}, which is no resistor and no capacitor")
        if len(line.words) > 3 and (model is None or model.words[2] != kind):
            raise InputError(f"its {line.name} is of the model {printable(called)}")
        known = _OF_ELEMENT[kind] | _OF_ANY
        more = [*(set(line.given) - known), *(set(model.given if model else ()) - _OF_MODEL[kind])]
        if more:
            raise InputError(f"its {line.name} has {min(more)}, which a plain element has not")
        text = line.given.get(kind, "")
        if _VOLTAGE.search(text) and not self._stays(line, text):
            raise InputError(f"its {line.name} follows its own voltage")

    def _stays(self, line: Line, text: str) -> bool:
        try:
            values = [self._own(text, self.scope(volt=volt)) for volt in (0.0, 0.5, 1.0)]
        except InputError:
            return False
        return len(set(values)) == 1

    def _own(self, text: str, scope: Scope) -> float:
        return scope.evaluate(_VOLTAGE.sub(_VOLT, text))

    def _value(self, line: Line, temperature_C: float) -> float:
        """Return what an element is at a temperature, as SPICE works it out."""
        scope, kind = self.scope(temperature_C), line.name[0]
        model = (self.models or {}).get(line.words[3]) if len(line.words) > 3 else None
        known = {**(model.given if model else {}), **line.given}

        def number(name: str, otherwise: float = 0.0) -> float:
            return scope.evaluate(known[name]) if name in known else otherwise

        above_C = temperature_C + number("dtemp") - number("tnom", _NOMINAL_C)
        warmth = 1 + number("tc1") * above_C + number("tc2") * above_C**2
        if kind in line.given:
            return self._own(line.given[kind], scope) * warmth
        length, width = number("l"), number("w")
        if kind == "r":
            return number("rsh") * length / width * warmth
        area = number("cj", number("cox")) * length * width
        return (number("cap") or area + number("cjsw") * 2 * (length + width)) * warmth


def _chosen(body: list[Statement], scope: Scope) -> Iterator[Statement]:
    """Yield the models and elements of a body, of its `.if`s those that hold."""
    holds = [True]
    for statement in body:
        word = statement.words[0]
        if word.startswith((".elseif", ".param")) and len(holds) > 1:
            raise ValueError(f"its {word} in an .if is not understood")
        if word == ".if":
            holds.append(holds[-1] and bool(scope.evaluate(statement.text[3:])))
        elif word in {".else", ".endif"} and len(holds) > 1:
            held = holds.pop()
            if word == ".else":
                holds.append(holds[-1] and not held)
        elif holds[-1] and word != ".param":
            yield statement
