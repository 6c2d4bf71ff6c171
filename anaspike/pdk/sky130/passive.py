"""Resistors and capacitors of the PDK, as plain elements: each expression has one value.

What has no value until it runs (a resistance that follows its own voltage) and what holds a diode
cannot be had so, and is refused by name.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from anaspike.errors import InputError
from anaspike.pdk.sky130.flatten import subcircuit_text
from anaspike.pdk.spicetext import Scope, assignments, parameters
from anaspike.spice.parts import Line, taken_apart
from anaspike.spice.statements import Statement, statements

_DEVICE = re.compile(r"^[ \t]*\.subckt\s+(sky130_fd_pr__\w+)", re.IGNORECASE | re.MULTILINE)
_PARASITIC = "sky130_fd_pr__model__parasitic"
# Of a width of its own, xschem writes it into the name: sky130_fd_pr__res_high_po_0p35.
_WIDTH = re.compile(r"(?P<device>\w+_po)_(?P<width>\d+p\d+)\Z")
_DEEPEST = 4


@dataclass(frozen=True)
class Passives:
    """The PDK's resistors and capacitors.

    Attributes:
        texts: of `models_resistors.spice` and `models_capacitors.spice`, together.
        values: of the files of parameters beside them, together.
    """

    texts: str
    values: str

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called."""
        return tuple(name for name in _names(self.texts) if not name.startswith(_PARASITIC))

    def has(self, device: str) -> bool:
        """Return whether there is one of this name, or of its width."""
        return self._named(device)[0] in self.names

    def card(
        self, name: str, device: str, values: Mapping[str, float], count: int, corner: Scope
    ) -> str:
        """Return one as a sub-circuit of plain elements.

        Args:
            name: of the sub-circuit.
            device: the PDK's name.
            values: `w` and `l` in micrometres, and what else its sub-circuit takes.
            count: how many in parallel.
            corner: the transistors' parameters of the corner.

        Raises:
            InputError: it is not there, or cannot be flattened.
        """
        base, width = self._named(device)
        given = {**width, **values}
        scope = Scope({**parameters(self.values), **parameters(self.texts)}, corner)
        flat = _Flat(self.texts, device)
        try:
            lines = list(flat.lines(base, None, given, scope, count))
        except InputError as error:
            raise InputError(f"{device} cannot be flattened: {error}") from None
        return "\n".join((f".subckt {name} {' '.join(flat.ports)}", *lines, f".ends {name}", ""))

    def _named(self, device: str) -> tuple[str, dict[str, float]]:
        found = _WIDTH.match(device)
        if found is None or device in self.names:
            return device, {}
        return found["device"], {"w": float(found["width"].replace("p", "."))}


def _names(texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.lower() for name in _DEVICE.findall(texts)))


@dataclass
class _Flat:
    """A device being taken apart.

    Attributes:
        texts: that hold it.
        device: its name.
        ports: of it, once it is read.
    """

    texts: str
    device: str
    ports: tuple[str, ...] = ()

    def lines(
        self,
        name: str,
        placed: Mapping[str, str] | None,
        given: Mapping[str, float],
        outer: Scope,
        count: float,
        path: str = "",
    ) -> Iterator[str]:
        """Yield the elements of a sub-circuit.

        Args:
            name: of it.
            placed: pin -> node; None of the outermost.
            given: parameter -> value.
            outer: where names are looked for that are not its own.
            count: how many in parallel.
            path: what its elements' names begin with.
        """
        if path.count("_") > _DEEPEST:
            raise InputError(f"{name} holds itself")
        body = list(statements(subcircuit_text(name, self.texts)))
        head = taken_apart(body[0])
        if placed is None:
            self.ports, placed = head.words[2:], {pin: pin for pin in head.words[2:]}
        texts, elements, models = _parts(head, body[1:])
        strange = next((key for key in given if key not in texts), None)
        if strange is not None:
            raise InputError(f"it has no parameter {strange}")
        local = Scope({**texts, **{key: repr(value) for key, value in given.items()}}, outer)
        own = {model: f"{path}{model}" for model in models}
        for model, text in models.items():
            numbers = (f"{k}={local.evaluate(v)!r}" for k, v in text.items())
            yield f".model {own[model]} r {' '.join(numbers)}"
        for line in elements:
            yield from self._element(line, placed, own, local, count, path)

    def _element(
        self,
        line: Line,
        placed: Mapping[str, str],
        models: Mapping[str, str],
        local: Scope,
        count: float,
        path: str,
    ) -> Iterator[str]:
        kind, name = line.name[0], f"{line.name[0]}{path}{line.name[1:]}"
        values = {key: local.evaluate(text) for key, text in line.given.items()}
        parallel = values.pop("m", 1.0) * count
        if kind == "x":
            *nodes, called = line.words[1:]
            if called not in _names(self.texts):
                raise InputError(f"it holds {called}, which is no resistor and no capacitor")
            inner = taken_apart(next(statements(subcircuit_text(called, self.texts))))
            outside = (placed.get(node, f"{path}{node}") for node in nodes)
            pins = dict(zip(inner.words[2:], outside, strict=True))
            yield from self.lines(called, pins, values, local, parallel, f"{path}{line.name}_")
            return
        if kind not in "rc":
            raise InputError(f"it holds '{line.written}', which is no resistor and no capacitor")
        first, second, *model = line.words[1:]
        nodes = [placed.get(node, f"{path}{node}") for node in (first, second)]
        if strange := next((one for one in model if one not in models), None):
            raise InputError(f"its {line.name} is of the model {strange}")
        if parallel != 1:
            values["m"] = parallel
        numbers = (f"{key}={value!r}" for key, value in values.items())
        yield " ".join((name, *nodes, *(models[one] for one in model), *numbers))


def _parts(
    head: Line, body: list[Statement]
) -> tuple[dict[str, str], list[Line], dict[str, dict[str, str]]]:
    """Return a sub-circuit's parameters, elements and models of resistors."""
    texts, elements, models = dict(head.given), list[Line](), dict[str, dict[str, str]]()
    for statement in body:
        word = statement.words[0]
        if word == ".param":
            texts.update(assignments(statement.text))
        elif word == ".model":
            if statement.words[2] != "r":
                raise InputError(f"it holds a model of a {statement.words[2]}")
            models[statement.words[1]] = assignments(statement.text)
        else:
            try:
                elements.append(taken_apart(statement))
            except ValueError as error:
                raise InputError(str(error)) from None
    return texts, elements, models
