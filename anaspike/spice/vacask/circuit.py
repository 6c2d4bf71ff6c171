"""A deck's circuit, read so that nothing in it is lost: what is not understood is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from anaspike.spice import parts
from anaspike.spice.failures import DeckRefused
from anaspike.spice.netlist import Files, statements_of
from anaspike.spice.parts import Line
from anaspike.spice.statements import Statement
from anaspike.units import printable

_DEEPEST = 20
_TRANSLATED = frozenset({".subckt", ".ends", ".model", ".param", ".end"})
_FORMULA = re.compile(r"(b\S*)\s+(\S+)\s+(\S+)\s+([iv])\s*=\s*(\S.*)")
_NAME = re.compile(r"[\w.#:+-]+", re.ASCII)


@dataclass
class Block:
    """The circuit itself, or a sub-circuit; not changed once it is read.

    Attributes:
        ports: its pins, in order.
        parameters: that whoever places it may give -> their values otherwise.
        local: parameters that it sets itself, in their order.
        elements: in their order.
        models: of its own, in their order: name, kind and what they are given.
    """

    ports: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    local: dict[str, str] = field(default_factory=dict)
    elements: list[Line] = field(default_factory=list)
    models: list[Line] = field(default_factory=list)


@dataclass
class Circuit:
    """All that a deck describes: the circuit and its sub-circuits by name."""

    top: Block = field(default_factory=Block)
    blocks: dict[str, Block] = field(default_factory=dict)


def refused(written: str, why: str) -> DeckRefused:
    """Return the refusal of a line that has no counterpart; it quotes the line."""
    line = written if len(written) <= 120 else f"{written[:120]}..."
    return DeckRefused(
        f"VACASK cannot be given '{printable(line)}': {why}; --simulator ngspice can"
    )


@lru_cache(maxsize=8)  # the points of a campaign share their circuit
def read_circuit(body: str, model_lines: str, files: Files) -> Circuit:
    """Return what a deck's texts describe.

    Args:
        body: the circuit.
        model_lines: that call the models.
        files: (name, text) of the deck's own.

    Raises:
        DeckRefused: a line that is not translated.
    """
    reader = _Reader(dict(files))
    for text in (model_lines, body):
        reader.read(text, "")
    return reader.circuit


class _Reader:
    def __init__(self, files: Mapping[str, str]) -> None:
        self.circuit = Circuit()
        self._files = files
        self._here = self.circuit.top

    def read(self, text: str, section: str, depth: int = 0) -> None:
        for statement in statements_of(text, section):
            if statement.file:
                if statement.file not in self._files:
                    raise refused(statement.written, "the deck does not carry that file")
                if depth >= _DEEPEST:
                    raise refused(statement.written, f"files call files more than {_DEEPEST} deep")
                self.read(self._files[statement.file], statement.section, depth + 1)
            elif statement.text[0] == ".":
                self._directive(statement)
            else:
                self._here.elements.append(
                    _named(
                        _behavioural(statement)
                        if statement.text[0] == "b"
                        else taken_apart(statement)
                    )
                )

    def _directive(self, statement: Statement) -> None:
        word = statement.words[0]
        if word not in _TRANSLATED:
            raise refused(statement.written, f"a {word} is not translated")
        line = taken_apart(statement)
        match word:
            case ".subckt":
                self._here = self._begun(line)
            case ".ends":
                self._here = self.circuit.top
            case ".model":
                if len(line.words) != 3:
                    raise refused(line.written, "a model has a name, a kind and parameters")
                self._here.models.append(_named(Line(line.words[1:], line.given, line.written)))
            case ".param":
                taken = {*self._here.local, *self._here.parameters} & {*line.given}
                if taken or len(line.words) > 1:
                    what = f"{min(taken, default=line.words[-1])} has a value already, or none"
                    raise refused(line.written, what)
                self._here.local.update(line.given)

    def _begun(self, line: Line) -> Block:
        if self._here is not self.circuit.top:
            raise refused(line.written, "a sub-circuit inside of another is not translated")
        if len(line.words) < 2:
            raise refused(line.written, "it names no sub-circuit")
        if line.words[1] in self.circuit.blocks:
            raise refused(line.written, "there is another sub-circuit of this name")
        block = self.circuit.blocks[line.words[1]] = Block(line.words[2:], line.given)
        return block


def _behavioural(statement: Statement) -> Line:
    """Return a B element's line: name, two nodes, `i` or `v`, and its formula as one word.

    Raises:
        DeckRefused: it is none.
    """
    found = _FORMULA.fullmatch(statement.text)
    if found is None:
        raise refused(statement.written, "of B elements, i=formula and v=formula are translated")
    return Line(found.groups(), {}, statement.written)


def _named(line: Line) -> Line:
    """Return a line whose names are names: they come to stand in VACASK's input.

    Raises:
        DeckRefused: one is none.
    """
    names = line.words if line.name[0] in "xmn" else line.words[:3]
    if strange := next((name for name in names if not _NAME.fullmatch(name)), None):
        raise refused(line.written, f"'{strange}' is no name to it")
    return line


def taken_apart(statement: Statement) -> Line:
    """Return a statement's words and parameters.

    Raises:
        DeckRefused: it names nothing, or words stand between its parameters.
    """
    try:
        return parts.taken_apart(statement)
    except ValueError as error:
        raise refused(statement.written, str(error)) from None
