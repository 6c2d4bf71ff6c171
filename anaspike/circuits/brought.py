"""A circuit that others drew, in a process of ours: its transistors known, the rest as it stands.

A sub-circuit stays one, so that nodes and devices are called as in the netlist. Where it is placed
with other parameters it is written once more, for a transistor's size is a number here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from anaspike.circuits.brought_devices import MOST_PARALLEL, Passive, Transistors
from anaspike.errors import InputError
from anaspike.pdk.cards import own_cards
from anaspike.pdk.roles import MosSize, Pdk
from anaspike.pdk.spicetext import Scope
from anaspike.spice.brought import Netlist, Placed, SubCircuit
from anaspike.spice.deck import ModelFiles
from anaspike.spice.netlist import GROUND
from anaspike.units import printable, spice_number, suggestion

_DEEPEST = 20  # sub-circuits within sub-circuits, as ngspice has it
_MOST_PLACED = 200_000
_MOST_WRITTEN = 5_000  # sub-circuits, each as often as it is placed with other parameters
_CARDS = "brought.spice"
# What takes a multiplier, should its sub-circuit be placed with one.
_MULTIPLIED = frozenset("rclmdqj")
_WITH_MODEL = {"r": 3, "c": 3, "l": 3, "d": 3, "q": 4, "j": 4, "m": 5}


@dataclass(frozen=True)
class Brought:
    """A sub-circuit of a netlist in a process.

    Attributes:
        name: of it, as the deck calls it.
        ports: its pins, in order.
        common: nodes that are the same everywhere, beside ground.
        text: its definition, with all below it.
        devices: (path, size) of each transistor of the process.
        pdk: the process; None where the models are the user's.
        cards: (sub-circuit, what it takes of each transistor) beside the process's own.
        passives: resistors and capacitors of the process.
        data: files that its models read while they run, name -> text.
        unknown: how many transistors, diodes and the like are of models of the netlist's own.
    """

    name: str
    ports: tuple[str, ...]
    common: tuple[str, ...]
    text: str
    devices: tuple[tuple[str, MosSize], ...]
    pdk: Pdk | None
    cards: tuple[tuple[str, tuple[str, ...]], ...]
    passives: tuple[Passive, ...]
    data: tuple[tuple[str, str], ...]
    unknown: int

    def transistors(self, path: str = "") -> Iterator[tuple[str, MosSize]]:
        """Yield (path, size) of every transistor of the process, as `Block.transistors` does."""
        for name, size in self.devices:
            yield f"{path}{name}", size

    def models(self, corner: str) -> ModelFiles:
        """Return the process's models of a corner, and what the netlist takes beside them.

        Raises:
            InputError: a size that the process does not offer.
        """
        if self.pdk is None:
            return ModelFiles("", {})
        known = self.pdk.models(corner, [size for _, size in self.devices])
        more = own_cards(known.inlined(), frozenset(self.cards)) if self.cards else ""
        more += "".join(one.text(self.pdk, corner) for one in self.passives)
        if not more:
            return known
        lines = f"{known.lines}\n.include '{_CARDS}'"
        return ModelFiles(lines, {**known.files, _CARDS: more}, known.modules)


@lru_cache(maxsize=64)  # the points of a campaign share their circuit
def brought(
    netlist: Netlist,
    subckt: str,
    pdk: Pdk | None,
    parameters: tuple[tuple[str, float], ...] = (),
    foreign: frozenset[str] = frozenset(),
) -> Brought:
    """Return a sub-circuit of a netlist in a process.

    Args:
        netlist: that holds it.
        subckt: its name.
        pdk: the process whose transistors are known by their models' names; None where all
            models are the user's own.
        parameters: (name, value) of its own, or of the netlist, instead of what stands there.
        foreign: names of models and sub-circuits that are given beside the netlist.

    Raises:
        InputError: there is no such sub-circuit or parameter, a device that the process does
            not have, or a line that makes no circuit; the message names it.
    """
    transistors = Transistors(pdk, netlist.whole.scale)
    bringer = _Bringer(netlist, pdk, foreign, transistors)
    return bringer.bring(netlist.subcircuit(subckt), dict(parameters))


@dataclass(frozen=True)
class _Within:
    """Where a sub-circuit is placed.

    Attributes:
        scope: parameters in reach.
        key: what tells it from others.
        factor: how many of it are in parallel.
        depth: sub-circuits around it.
    """

    scope: Scope
    key: tuple[object, ...] = ()
    factor: int = 1
    depth: int = 0


@dataclass(frozen=True)
class _Made:
    """A sub-circuit as written: its name in the deck, and the transistors in it by their paths."""

    name: str
    devices: tuple[tuple[str, MosSize], ...]


@dataclass
class _Bringer:
    """Writes a netlist's sub-circuits for a process.

    Attributes:
        netlist, pdk, foreign: as of `brought`.
        transistors: the process's devices that were met.
        texts: name in the deck -> definition, in the order in which they are called.
        made: sub-circuit and what it is placed with -> how it was written.
        numbers: name -> how many are called so.
        unknown: elements of the netlist's own models so far.
    """

    netlist: Netlist
    pdk: Pdk | None
    foreign: frozenset[str]
    transistors: Transistors
    texts: dict[str, str] = field(default_factory=dict)
    made: dict[tuple[object, ...], _Made] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    unknown: int = 0

    def bring(self, top: SubCircuit, parameters: Mapping[str, float]) -> Brought:
        whole = self.netlist.whole
        self._check_definitions(whole)
        known = {**whole.local, **top.defaults, **top.local}
        if strange := next((name for name in parameters if name not in known), None):
            hint = suggestion(strange, known) if known else "it has none"
            raise InputError(f"{top.name} has no parameter '{printable(strange)}'; {hint}")
        texts = {name: spice_number(value) for name, value in parameters.items()}
        shared = {**whole.local, **{k: v for k, v in texts.items() if k in whole.local}}
        outside = _Within(Scope(shared, whose="parameters"))
        one = self.variant(with_values(top, texts), {}, outside)
        head = [
            *whole.kept,
            *([f".global {' '.join(whole.common)}"] if whole.common else []),
            *(f".param {name}={text}" for name, text in shared.items()),
        ]
        return Brought(
            one.name,
            top.ports,
            tuple(whole.common),
            "\n".join((*head, *self.texts.values())),
            one.devices,
            self.pdk,
            tuple(sorted(self.transistors.cards)),
            tuple(self.transistors.passives.values()),
            tuple(self.netlist.data.items()),
            self.unknown,
        )

    def variant(self, sub: SubCircuit, given: Mapping[str, str], within: _Within) -> _Made:
        """Return a sub-circuit as it is placed, written once for the same parameters.

        Args:
            sub: the sub-circuit.
            given: parameter -> number that whoever places it gives.
            within: where it stands.
        """
        texts = {**sub.defaults, **given, **sub.local}
        own = (id(sub), tuple(sorted(given.items())), within.factor)
        key = (*own, within.key)
        if key not in self.made:
            scope = Scope(texts, within.scope, "parameters")
            # What a sub-circuit without parameters holds is the same wherever it stands.
            inner = _Within(
                scope, (own, within.key) if texts else within.key, within.factor, within.depth + 1
            )
            self.made[key] = self._written(sub, inner)
        return self.made[key]

    def _written(self, sub: SubCircuit, within: _Within) -> _Made:
        if len(self.texts) >= _MOST_WRITTEN:
            raise InputError(
                f"{self.netlist.name} places its sub-circuits with more than {_MOST_WRITTEN}"
                " sets of parameters"
            )
        name = self._free(sub.name)
        self.texts[name] = ""  # the name is taken
        names: set[str] = set()
        lines, devices = list[str](), list[tuple[str, MosSize]]()
        for placed in sub.elements:
            text, inside = self._element(placed, sub, within)
            called = text.split(maxsplit=1)[0]
            if called in names:
                raise placed.refused(f"there is another {called} in {sub.name}; rename one")
            names.add(called)
            lines.append(text)
            devices += inside
            if len(devices) > _MOST_PLACED:
                raise placed.refused(f"there are more than {_MOST_PLACED} transistors")
        defaults = "".join(f" {k}={v}" for k, v in sub.defaults.items())
        del self.texts[name]  # its parts stand before it
        self.texts[name] = "\n".join(
            (
                f".subckt {name} {' '.join(sub.ports)}{defaults}",
                *(f".param {k}={v}" for k, v in sub.local.items()),
                *_kept(sub),
                *lines,
                f".ends {name}",
            )
        )
        return _Made(name, tuple(devices))

    def _free(self, name: str) -> str:
        number = self.numbers.get(name, 0)
        while True:
            number += 1
            free = name if number == 1 else f"{name}__{number}"
            if free not in self.texts and free not in self.foreign:
                self.numbers[name] = number
                return free

    def _element(
        self, placed: Placed, sub: SubCircuit, within: _Within
    ) -> tuple[str, list[tuple[str, MosSize]]]:
        """Return an element as the deck has it, and the transistors in it."""
        words, kind = placed.line.words, placed.name[0]
        model = words[-1] if kind == "x" else words[5] if kind == "m" and len(words) > 5 else ""
        inner = sub.called(model) if kind == "x" else None
        if inner is not None:
            return self._placed(placed, inner, within)
        if kind in "xm" and not sub.has_model(model) and model not in self.foreign:
            return self.transistors.device(placed, within.scope, within.factor)
        self._check_model(placed, sub)
        text = self.transistors.scaled(placed, within.scope)
        if within.factor != 1:
            if kind not in _MULTIPLIED or "m" in placed.line.given:
                raise placed.refused(
                    f"its sub-circuit is placed {within.factor} times (m), which it cannot be"
                )
            return f"{text} m={within.factor}", []
        return text, []

    def _placed(
        self, placed: Placed, inner: SubCircuit, within: _Within
    ) -> tuple[str, list[tuple[str, MosSize]]]:
        name, *nodes, _ = placed.line.words
        if len(nodes) != len(inner.ports):
            raise placed.refused(
                f"{inner.name} has {len(inner.ports)} pins ({' '.join(inner.ports)}), here are"
                f" {len(nodes)}"
            )
        if within.depth >= _DEEPEST:
            raise placed.refused(f"sub-circuits are placed more than {_DEEPEST} deep, or in a ring")
        for pin, node in zip(inner.ports, nodes, strict=True):
            if (pin in GROUND) and node not in GROUND:
                raise placed.refused(f"to SPICE the pin {pin} of {inner.name} is ground itself")
        texts = dict(placed.line.given)
        count = self.transistors.count(placed, within.scope, texts.pop("m", "1"))
        if strange := next((key for key in texts if key not in inner.defaults), None):
            known = list(inner.defaults)
            hint = suggestion(strange, known) if known else "it has none"
            raise placed.refused(f"{inner.name} has no parameter {strange}; {hint}")
        factor = within.factor * count
        if factor > MOST_PARALLEL:
            raise placed.refused(
                f"with those around it, m puts more than {MOST_PARALLEL} in parallel"
            )
        values = _numbers(placed, texts, inner, within.scope)
        made = self.variant(inner, values, replace(within, factor=factor))
        assigned = "".join(f" {key}={text}" for key, text in texts.items())
        text = f"{name} {' '.join(nodes)} {made.name}{assigned}"
        return text, [(f"{name}.{path}", size) for path, size in made.devices]

    def _check_model(self, placed: Placed, sub: SubCircuit) -> None:
        """Refuse a resistor, diode, ... of a model that is nowhere."""
        place = _WITH_MODEL.get(placed.name[0])
        if placed.name[0] == "x":
            self.unknown += 1
            return
        words = placed.line.words[place:] if place else ()
        model = next((word for word in words if word[0].isalpha()), "")
        if placed.name[0] == "q":  # its substrate may come first
            model = words[-1] if words and words[-1][0].isalpha() else model
        if model and not (sub.has_model(model) or model in self.foreign):
            raise placed.refused(self.transistors.unknown(model))
        self.unknown += bool(model)

    def _check_definitions(self, whole: SubCircuit) -> None:
        for name in whole.inner:
            if self.pdk is not None and self.pdk.role_of(name) is not None:
                raise InputError(
                    f"{self.netlist.name} defines {name} itself, which {self.pdk.name} has; leave"
                    " it out, or give your own `models`"
                )


def with_values(sub: SubCircuit, given: Mapping[str, str]) -> SubCircuit:
    """Return a sub-circuit with other values of its parameters, of those that it sets itself too.

    Args:
        sub: the sub-circuit.
        given: name -> value; what it does not have is left out.
    """
    defaults, local = (
        {name: given.get(name, text) for name, text in known.items()}
        for known in (sub.defaults, sub.local)
    )
    return replace(sub, defaults=defaults, local=local)


def _numbers(
    placed: Placed, texts: Mapping[str, str], inner: SubCircuit, scope: Scope
) -> dict[str, str]:
    """Return what a sub-circuit's parameters are, in the order in which SPICE takes them up."""
    values: dict[str, str] = {}
    for name in inner.defaults:
        if name in texts:
            try:
                value = Scope(values, scope, "parameters").evaluate(texts[name])
            except InputError as error:
                raise placed.refused(f"{name}: {error}") from None
            values[name] = repr(value)
    return values


def _kept(sub: SubCircuit) -> Iterator[str]:
    """Yield its models and functions, and those around it, but for the netlist's own."""
    if sub.outer is not None and sub.outer.outer is not None:
        yield from _kept(sub.outer)
    yield from sub.kept
