"""A circuit without its hierarchy: every device with its nodes and numbers.

VACASK knows no `alter` of one transistor deep in a hierarchy, where mismatch goes;
and where all is a number, nothing is left for two simulators to read in two ways.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from anaspike.errors import InputError
from anaspike.spice.expressions import evaluate
from anaspike.spice.netlist import GROUND
from anaspike.spice.parts import Line
from anaspike.spice.vacask.behaviour import Behaviour, behaviour
from anaspike.spice.vacask.circuit import Block, Circuit, refused

_MOST_PLACED = 100_000  # elements and sub-circuits; a few lines can ask for any number
_DEEPEST = 20  # sub-circuits within sub-circuits, as ngspice has it
_MIL = re.compile(r"\d *mil")
_NODES = {"r": 2, "c": 2, "l": 2, "v": 2, "i": 2, "d": 2, "m": 4, "n": 4}
_TRANSISTORS = "mn"  # an N is one of a compiled model
_EDGE_M = 1e-9  # sizes this close to a bin's lower edge are in it, as in ngspice
_BIN = ("lmin", "lmax", "wmin", "wmax")


@dataclass(frozen=True)
class Device:
    """One element.

    Attributes:
        name: its path, with dots: `xneuron.xcomparator.m0`.
        nodes: by their paths; ground is `0`.
        model: name of its model among `Flat.models`; "" where it has none.
        words: what follows nodes and model, as written.
        values: parameter -> value, in base units.
        written: the line that it comes from.
        behaviour: of a B element; its nodes are the two and those that it depends on.
    """

    name: str
    nodes: tuple[str, ...]
    model: str
    words: tuple[str, ...]
    values: Mapping[str, float]
    written: str
    behaviour: Behaviour | None = None

    @property
    def kind(self) -> str:
        """Its letter: r, c, l, v, i, m, n or b."""
        return self.name.rpartition(".")[2][0]


@dataclass(frozen=True)
class Model:
    """A model card.

    Attributes:
        kind: `nmos`, `pmos`; of a compiled model, its module: `psp103va`.
        compiled: whether it is one of a compiled model.
        values: parameter -> value.
        written: the line that it comes from.
    """

    kind: str
    values: Mapping[str, float]
    written: str
    compiled: bool = False


@dataclass
class Flat:
    """All devices and the models that they use, by name."""

    devices: dict[str, Device] = field(default_factory=dict)
    models: dict[str, Model] = field(default_factory=dict)

    @property
    def nodes(self) -> set[str]:
        """Every node."""
        return {node for device in self.devices.values() for node in device.nodes}


@dataclass(frozen=True)
class _Scope:
    """Where a line stands: what its names mean.

    Attributes:
        path: of the placed sub-circuit, with a dot behind it; "" at the top.
        block: the sub-circuit.
        ports: pin -> node outside.
        values: parameter -> value.
        outer: the scope that places it, which is asked for other names, as ngspice does.
    """

    path: str
    block: Block
    ports: Mapping[str, str]
    values: Mapping[str, float]
    outer: "_Scope | None"

    def node(self, name: str) -> str:
        if name in GROUND:
            return "0"
        return self.ports.get(name, f"{self.path}{name}")

    def value(self, name: str) -> float:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.outer
        raise InputError(f"there is no parameter {name}")

    @property
    def depth(self) -> int:
        return 0 if self.outer is None else 1 + self.outer.depth


def flat(circuit: Circuit) -> Flat:
    """Return a circuit's devices.

    Raises:
        DeckRefused: something has no counterpart, or no value.
    """
    flattener = _Flattener(circuit)
    flattener.place(_Scope("", circuit.top, {}, _local(circuit.top, {}, None), None))
    return flattener.result


class _Flattener:
    def __init__(self, circuit: Circuit) -> None:
        self.result = Flat()
        self._blocks = circuit.blocks
        self._placed = 0

    def place(self, scope: _Scope) -> None:
        for line in scope.block.elements:
            self._placed += 1
            if self._placed > _MOST_PLACED:
                raise refused(line.written, f"there are more than {_MOST_PLACED} elements")
            if line.name[0] == "x":
                self.place(self._inside(line, scope))
            elif line.name[0] == "b":
                does, controls = behaviour(line, scope.value, scope.node)
                nodes = (scope.node(line.words[1]), scope.node(line.words[2]), *controls)
                name = f"{scope.path}{line.name}"
                self._add(Device(name, nodes, "", (), {}, line.written, does))
            elif line.name[0] in _NODES:
                self._add(self._device(line, scope))
            else:
                kind = f"an element {line.name[0].upper()}"
                raise refused(
                    line.written, f"{kind} is not translated (R, C, L, V, I, B, D, M, N and X are)"
                )

    def _add(self, device: Device) -> None:
        if device.name in self.result.devices:
            raise refused(device.written, f"there are two elements {device.name}")
        self.result.devices[device.name] = device

    def _inside(self, line: Line, scope: _Scope) -> _Scope:
        *nodes, called = line.words[1:] or ("",)
        block = self._blocks.get(called)
        if block is None:
            raise refused(line.written, f"there is no sub-circuit {called}")
        if len(nodes) != len(block.ports):
            raise refused(line.written, f"{called} has {len(block.ports)} pins, not {len(nodes)}")
        if scope.depth >= _DEEPEST:
            raise refused(line.written, f"sub-circuits are placed more than {_DEEPEST} deep")
        if unknown := [name for name in line.given if name not in block.parameters]:
            raise refused(line.written, f"{called} has no parameter {unknown[0]}")
        given = {name: _number(text, line, scope) for name, text in line.given.items()}
        ports = {pin: scope.node(n) for pin, n in zip(block.ports, nodes, strict=True)}
        path = f"{scope.path}{line.name}."
        return _Scope(path, block, ports, _local(block, given, scope), scope)

    def _device(self, line: Line, scope: _Scope) -> Device:
        count = _NODES[line.name[0]]
        nodes, rest = line.words[1 : count + 1], line.words[count + 1 :]
        if len(nodes) < count:
            raise refused(line.written, f"it has fewer than {count} nodes")
        values = {name: _number(text, line, scope) for name, text in line.given.items()}
        model = ""
        if line.name[0] in _TRANSISTORS:
            if len(rest) != 1:
                raise refused(line.written, "a transistor has four nodes and a model")
            if not {"w", "l"} <= {*values}:  # what they are otherwise is each simulator's own
                raise refused(line.written, "a transistor needs its w and l")
            model, rest = self._model(rest[0], values, line, scope), ()
        elif line.name[0] == "d":
            if len(rest) != 1:
                raise refused(line.written, "a diode has two nodes and a model")
            model, rest = self._model(rest[0], values, line, scope), ()
        elif line.name[0] in "rcl" and rest:
            if len(rest) > 1 or line.name[0] in values:
                raise refused(line.written, "an element's model is not translated")
            values, rest = {line.name[0]: _number(rest[0], line, scope), **values}, ()
        elif line.name[0] in "vi":
            rest = tuple(_plain(word, line, scope) for word in rest)
        placed = tuple(scope.node(node) for node in nodes)
        return Device(f"{scope.path}{line.name}", placed, model, rest, values, line.written)

    def _model(self, name: str, sizes: Mapping[str, float], line: Line, scope: _Scope) -> str:
        """Return the name under which a model is kept; of one in bins, that of the size's."""
        found = list(_candidates(name, scope))
        whole = [(card, place) for card, place in found if card.name == name]
        cards = whole[:1] or [(card, place) for card, place in found if _in_bin(card, place, sizes)]
        if len(cards) != 1:
            many = "more than one bin of the" if cards else "no"
            raise refused(line.written, f"there is {many} model {name} for its size")
        card, place = cards[0]
        key = f"{place.path}{card.name}"
        if key not in self.result.models:
            values, compiled = _values(card, place), line.name[0] == "n"
            self.result.models[key] = Model(card.words[1], values, card.written, compiled)
        return key


def _candidates(name: str, scope: _Scope) -> Iterator[tuple[Line, _Scope]]:
    """Yield cards of a model, or of its bins `name.1`, of the innermost scope that has some."""
    place: _Scope | None = scope
    while place is not None:
        cards = [card for card in place.block.models if _is_of(card.name, name)]
        if cards:
            yield from ((card, place) for card in cards)
            return
        place = place.outer


def _is_of(card: str, name: str) -> bool:
    base, _, number = card.rpartition(".")
    return card == name or (base == name and number.isdigit())


def _in_bin(card: Line, place: _Scope, sizes: Mapping[str, float]) -> bool:
    if not {*_BIN} <= {*card.given} or not {"l", "w"} <= {*sizes}:
        return False
    l_min, l_max, w_min, w_max = (_number(card.given[name], card, place) for name in _BIN)
    width = sizes["w"] / sizes.get("nf", 1.0)
    return _between(sizes["l"], l_min, l_max) and _between(width, w_min, w_max)


def _between(size: float, least: float, most: float) -> bool:
    return least - _EDGE_M < size < most and not math.isclose(size, most, rel_tol=1e-9)


def _values(card: Line, scope: _Scope) -> dict[str, float]:
    return {name: _number(text, card, scope) for name, text in card.given.items()}


def _local(block: Block, given: Mapping[str, float], outer: _Scope | None) -> Mapping[str, float]:
    """Return what a block's parameters are: as given, else as it has them, in any order."""
    texts = {**block.parameters, **block.local}
    values, asked = dict(given), set[str]()
    scope = _Scope("", block, {}, values, outer)

    def value(name: str) -> float:
        if name not in values and name in texts and name not in asked:
            asked.add(name)
            values[name] = worked_out(name)
        return scope.value(name)

    def worked_out(name: str) -> float:
        try:
            return evaluate(texts[name], value)
        except InputError as error:
            raise refused(f"{name}={texts[name]}", str(error)) from None

    for name in texts:
        value(name)
    return values


def _number(text: str, line: Line, scope: _Scope) -> float:
    if _MIL.search(text):  # to some readers of SPICE a milli
        raise refused(line.written, "a mil is no unit here; write metres")
    try:
        return evaluate(text, scope.value)
    except InputError as error:
        raise refused(line.written, str(error)) from None


def _plain(word: str, line: Line, scope: _Scope) -> str:
    """Return a word of a source, what stands in braces or quotes worked out."""
    return repr(_number(word, line, scope)) if word[0] in "{'" else word


def numbers(words: Iterable[str], written: str) -> list[float]:
    """Return words of a source as numbers.

    Raises:
        DeckRefused: one is none.
    """
    try:
        return [evaluate(word, _no_name) for word in words]
    except InputError as error:
        raise refused(written, str(error)) from None


def _no_name(name: str) -> float:
    raise InputError(f"{name} is no number")
