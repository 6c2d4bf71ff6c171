"""A netlist as somebody wrote it, or a program left it: its sub-circuits, each line with its place.

What a schematic editor or an extraction writes is read with ngspice's own eyes (`statements`), goes
through the one door, and nothing of it is lost: what has no place in a circuit is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path

from anaspike.errors import InputError
from anaspike.spice.carried import Carried, carried
from anaspike.spice.door import forbid_commands
from anaspike.spice.netlist import GROUND, Files, statements_of
from anaspike.spice.parts import Line, taken_apart
from anaspike.spice.statements import Statement, small
from anaspike.units import printable, suggestion

# xschem comments the sub-circuit of the sheet that is netlisted, and its end, with two stars.
_SHEET = re.compile(r"^\*\*(?=\.(?:subckt|ends)\b)", re.IGNORECASE | re.MULTILINE)
_SLASH = re.compile(r"\s/\s")
_DEEPEST = 20
_IGNORED = frozenset({".end", ".title"})
_OUR_BUSINESS = (
    "a netlist is a circuit alone: what is run, saved and measured the flow says; leave it out"
)
# Words of what is run, saved and measured; of other directives it is said what is read.
_ASKED = frozenset({
    ".ac", ".dc", ".disto", ".four", ".meas", ".measure", ".noise", ".op", ".plot", ".print",
    ".probe", ".pz", ".save", ".sens", ".step", ".temp", ".tf", ".tran", ".width",
})  # fmt: skip
_NOT_READ = (
    "it is not read here; a netlist holds .subckt, .ends, .param, .model, .func, .include, .lib,"
    " .global and .option scale"
)
_OTHER_LANGUAGE = (
    "that is another language (Spectre, Verilog); let your program write SPICE, or CDL"
)
_OTHERS = frozenset({"simulator", "subckt", "module", "inline", "library", "endmodule"})
_OUTSIDE = (
    "it stands outside of every sub-circuit; what is around the circuit the flow's pins and"
    " stimulus say"
)
_TITLE = "of a title make a remark, with a * before it"
_STARTS = frozenset({".ic", ".nodeset"})
_INITIAL = "where nodes start the flow says, in [parameters.initial_V]; leave it out"
_SHOWN = 60


@dataclass(frozen=True)
class Placed:
    """A line of a netlist, and where it stands.

    Attributes:
        line: taken apart.
        text: the statement in small letters, as it may stand in a deck.
        where: file and line, for messages.
    """

    line: Line
    text: str
    where: str

    @property
    def name(self) -> str:
        """Of the element."""
        return self.line.name

    def refused(self, why: str) -> InputError:
        """Return the refusal of the line; it quotes it."""
        written = self.line.written
        shown = written if len(written) <= _SHOWN else f"{written[:_SHOWN]}..."
        return InputError(f"{self.where}, '{printable(shown)}': {why}")


@dataclass(eq=False)
class SubCircuit:
    """A sub-circuit, or the netlist around all; not changed once it is read.

    Attributes:
        name: of it; "" of the netlist itself.
        ports: its pins, in order.
        defaults: parameters that whoever places it may give -> their values otherwise.
        local: parameters that it sets itself.
        elements: in their order.
        kept: its models and functions, as text.
        models: names of its models.
        inner: that are defined in it, by name.
        outer: that it is defined in.
        common: nodes that are the same everywhere.
        scale: what it says its sizes are to be multiplied by; None where it says nothing.
    """

    name: str = ""
    ports: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    local: dict[str, str] = field(default_factory=dict)
    elements: list[Placed] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    models: set[str] = field(default_factory=set)
    inner: dict[str, "SubCircuit"] = field(default_factory=dict)
    outer: "SubCircuit | None" = None
    common: dict[str, None] = field(default_factory=dict)
    scale: str | None = None

    def called(self, name: str) -> "SubCircuit | None":
        """Return the sub-circuit that a name means in it; None where there is none."""
        if name in self.inner:
            return self.inner[name]
        return None if self.outer is None else self.outer.called(name)

    def has_model(self, name: str) -> bool:
        """Return whether a model of that name, or in bins of it, is in reach."""
        here = name in self.models or any(
            known.rpartition(".")[0] == name and known.rpartition(".")[2].isdigit()
            for known in self.models
        )
        return here or (self.outer is not None and self.outer.has_model(name))


@dataclass(frozen=True)
class Netlist:
    """A netlist with the files that it calls.

    Attributes:
        name: of the file, for messages.
        text: of it, which calls its files by plain names.
        files: (name, text) of those.
    """

    name: str
    text: str
    files: Files

    @cached_property
    def whole(self) -> SubCircuit:
        """All that it holds.

        Raises:
            InputError: a line that is no part of a circuit.
        """
        return _read(self.name, self.text, self.files)

    def subcircuit(self, name: str) -> SubCircuit:
        """Return one of its sub-circuits.

        Raises:
            InputError: there is none of that name; the message says which there are.
        """
        found = self.whole.inner.get(small(name))
        if found is None:
            known = list(self.whole.inner)
            if not known:
                raise InputError(f"{self.name} has no sub-circuit; write .subckt ... .ends")
            raise InputError(
                f"{self.name} has no sub-circuit '{printable(name)}'; {suggestion(name, known)}"
            )
        return found

    @property
    def data(self) -> dict[str, str]:
        """The files that its models read while they run: what a deck has to carry."""
        called = {s.file for t in (self.text, *dict(self.files).values()) for s in _all_of(t)}
        return {name: text for name, text in self.files if name not in called}


def read_netlist(file: str, folder: Path) -> Netlist:
    """Read a netlist, and what it calls.

    Args:
        file: its name in the folder.
        folder: that no file may lie outside of.

    Raises:
        InputError: a file is missing, empty, no text or outside of the folder, or does more
            than describe a circuit; the message names the line.
    """
    if any(mark in file for mark in "'\"\n\r") or not file.strip():
        raise InputError(f"'{printable(file)}' is no name of a netlist's file")
    if not (folder / file).resolve().is_relative_to(folder.resolve()):
        raise InputError(f"the netlist {printable(file)} lies outside of {folder}; put it there")
    if not (folder / file).exists():
        raise InputError(f"there is no netlist {folder / file}")
    net = carried(f".include '{file}'", folder, what="the flow", inside=folder)
    return _netlist(file, net)


def _netlist(file: str, net: Carried) -> Netlist:
    (first, *_), texts = net.files, dict(net.files)
    own = frozenset(texts)
    for name, text in texts.items():
        forbid_commands(text, file if name == first else name, own)
    body = _SHEET.sub("", texts.pop(first))
    # What a sheet's two stars hid goes through the same door.
    forbid_commands(body, file, own)
    if not body.strip():
        raise InputError(f"{file} is empty; a netlist holds a sub-circuit, .subckt ... .ends")
    return Netlist(file, body, tuple(texts.items()))


def _all_of(text: str) -> Iterator[Statement]:
    return (s for s in statements_of(text) if s.file)


@lru_cache(maxsize=8)  # the points of a campaign share their netlist
def _read(name: str, text: str, files: Files) -> SubCircuit:
    reader = _Reader(dict(files))
    reader.read(name, text, "")
    return reader.finished()


class _Reader:
    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._whole = self._here = SubCircuit()
        self._begun: list[Placed] = []

    def finished(self) -> SubCircuit:
        if self._begun:
            raise self._begun[-1].refused("it has no .ends")
        return self._whole

    def read(self, file: str, text: str, section: str, depth: int = 0) -> None:
        for statement in statements_of(text, section):
            where = f"line {statement.line} of {file}"
            if self._here is self._whole and statement.words[0] in _OTHERS:
                raise _bare(statement, where).refused(_OTHER_LANGUAGE)
            if statement.file:
                if depth >= _DEEPEST:
                    raise InputError(f"{where}: files call files more than {_DEEPEST} deep")
                inner = self._files.get(statement.file, "")
                self.read(statement.file, inner, statement.section, depth + 1)
                continue
            if not depth and statement.line == 1 and statement.text[0] != ".":
                raise _bare(statement, where).refused(f"{_OUTSIDE}; {_TITLE}")
            placed = _placed(statement, where)
            if statement.text[0] == ".":
                self._directive(placed, statement)
            else:
                self._element(placed)

    def _element(self, placed: Placed) -> None:
        if self._here is self._whole:
            raise placed.refused(_OUTSIDE)
        self._here.elements.append(placed)

    def _directive(self, placed: Placed, statement: Statement) -> None:
        word = statement.words[0]
        if word in {".subckt", ".macro"}:
            self._open(_apart(placed, statement))
        elif word in {".ends", ".eom"}:
            self._close(placed, statement.words[1:2])
        elif word.startswith(".param"):
            self._here.local.update(_apart(placed, statement).line.given)
        elif word.startswith((".model", ".func", ".csparam")):
            if word == ".model":
                self._here.models.add("".join(statement.words[1:2]))
            self._here.kept.append(statement.text)
        elif word == ".global":
            common = (node for node in statement.words[1:] if node not in GROUND)
            self._whole.common.update(dict.fromkeys(common))
        elif word.startswith(".opt"):
            self._option(_apart(placed, statement))
        elif word not in _IGNORED:
            about = _OUR_BUSINESS if word in _ASKED else _NOT_READ
            raise placed.refused(_INITIAL if word in _STARTS else about)

    def _option(self, placed: Placed) -> None:
        if set(placed.line.given) != {"scale"} or len(placed.line.words) > 1:
            raise placed.refused("of options a netlist may set `scale` alone")
        self._whole.scale = placed.line.given["scale"]

    def _open(self, placed: Placed) -> None:
        words = placed.line.words
        if len(words) < 2:
            raise placed.refused("it names no sub-circuit")
        if words[1] in self._here.inner:
            raise placed.refused(f"there is another sub-circuit {words[1]}; leave one of them out")
        if len(self._begun) >= _DEEPEST:
            raise placed.refused(f"sub-circuits are defined more than {_DEEPEST} deep")
        if twice := next((pin for pin in words[2:] if words[2:].count(pin) > 1), ""):
            raise placed.refused(f"its pin {twice} is given twice")
        inner = SubCircuit(words[1], words[2:], placed.line.given, outer=self._here)
        self._here.inner[words[1]] = inner
        self._here = inner
        self._begun.append(placed)

    def _close(self, placed: Placed, named: tuple[str, ...]) -> None:
        if self._here.outer is None:
            raise placed.refused("nothing is open that it could end")
        if named and named[0] != self._here.name:
            raise placed.refused(f"open is {self._here.name}, which has no .ends before it")
        self._here = self._here.outer
        self._begun.pop()


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
# Elements whose parameters count; of others the text is enough.
_TAKEN_APART = frozenset("xmrcldqj")


def _placed(statement: Statement, where: str) -> Placed:
    """Return a line taken apart; of one whose parameters nobody asks, its words alone."""
    plain = _bare(statement, where)
    kind = statement.text[0]
    if kind != "." and kind not in _LETTERS:
        raise plain.refused("it is no element")
    if kind in _TAKEN_APART:
        try:
            return _called(Placed(taken_apart(statement), statement.text, where))
        except ValueError as error:
            if kind in "xm":
                raise plain.refused(str(error)) from None
    return plain


def _called(placed: Placed) -> Placed:
    """Return the call of a sub-circuit without the slash that CDL has before its name."""
    words = placed.line.words
    if placed.name[0] != "x" or words[-2:-1] != ("/",):
        return placed
    line = replace(placed.line, words=(*words[:-2], words[-1]))
    return replace(placed, line=line, text=_SLASH.sub(" ", placed.text, count=1))


def _bare(statement: Statement, where: str) -> Placed:
    return Placed(Line(statement.words, {}, statement.written), statement.text, where)


def _apart(placed: Placed, statement: Statement) -> Placed:
    try:
        return Placed(taken_apart(statement), placed.text, placed.where)
    except ValueError as error:
        raise placed.refused(str(error)) from None
