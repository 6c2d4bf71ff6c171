"""What stands in a circuit: its sub-circuits, their parameters, elements and nodes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from anaspike.spice.statements import Statement, statements

Files = tuple[tuple[str, str], ...]
GROUND = frozenset({"0", "gnd"})
_ENCLOSED = re.compile(r"\{[^{}]*\}|'[^']*'|\"[^\"]*\"")
_SIMPLE = re.compile(r"[\w.#:+\- ]*", re.ASCII)  # most lines of an extracted netlist
_GIVEN = re.compile(r"(?<![\w.])([a-z_][\w.]*)\s*=(?!=)")
_DEEPEST = 20  # braces within braces
# Where a sub-circuit begins and where one ends, outermost or not; and what goes on from before.
_BOUNDARY = re.compile(
    r"^[ \t]*(?:(?P<begins>\.(?:subckt|macro)\b)|\.(?:ends|eom)\b.*\n?)",
    re.IGNORECASE | re.MULTILINE,
)
_CONTINUES = re.compile(r"(?:[ \t]*(?:[*$#].*)?\n)*+[ \t]*(?:[*$#].*|//.*)?\+")
_TWO_NODES = frozenset("rclvib")


@dataclass(frozen=True)
class Element:
    """One element of a circuit.

    Attributes:
        name: of it.
        words: what stands behind the name, up to the first parameter.
        given: names of the parameters that it gives, in their order.
        written: the whole of it, as written.
    """

    name: str
    words: tuple[str, ...]
    given: tuple[str, ...]
    written: str

    @property
    def calls(self) -> str:
        """The sub-circuit that it places; "" of any other element."""
        return self.words[-1] if self.name.startswith("x") and self.words else ""

    @property
    def nodes(self) -> tuple[str, ...]:
        """Its nodes; of elements that have any number, all words that may be one."""
        if self.name.startswith("x"):
            return self.words[:-1]
        return self.words[:2] if self.name[0] in _TWO_NODES else self.words


@dataclass
class Scope:
    """A circuit, or the inside of a sub-circuit; not changed once it is read.

    Attributes:
        ports: its pins, in order.
        parameters: that whoever places it may give.
        elements: by name.
        subcircuits: that are defined in it, by name.
        models: name -> the line that defines it, as written.
        doubled: lines that define a model of a name that is taken.
        common: nodes that are the same everywhere.
        whole: whether every file that it calls was there to be read.
    """

    ports: tuple[str, ...] = ()
    parameters: set[str] = field(default_factory=set)
    elements: dict[str, Element] = field(default_factory=dict)
    subcircuits: dict[str, "Scope"] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)
    common: set[str] = field(default_factory=set)
    whole: bool = True

    @cached_property
    def nodes(self) -> frozenset[str]:
        """Every node that its elements name, ground and pins among them."""
        named = (node for element in self.elements.values() for node in element.nodes)
        return frozenset((*self.ports, *self.common, *named))

    @cached_property
    def placed(self) -> Mapping[tuple[str, tuple[str, ...]], Element]:
        """(sub-circuit, parameters given) -> an element that places it with them."""
        return {(e.calls, e.given): e for e in self.elements.values() if e.calls}

    def add(self, other: "Scope") -> None:
        """Take over what another part of the same circuit holds."""
        self.elements.update(other.elements)
        self.parameters.update(other.parameters)
        self.subcircuits.update(other.subcircuits)
        self.doubled += [*other.doubled, *(w for n, w in other.models.items() if n in self.models)]
        self.models.update(other.models)
        self.common.update(other.common)
        self.whole = self.whole and other.whole


def pieces(text: str) -> list[str]:
    """Return a text in pieces, none of which goes on in another: its sub-circuits, and the rest.

    The bodies of a campaign differ in a line or two; what they share is read once.
    """
    if "\\\\" in text or "\r" in text or "\0" in text or "\n@" in text:
        return [text]
    cuts, depth = [0], 0
    for found in _BOUNDARY.finditer(text):
        begins = found["begins"] is not None
        if begins and depth == 0:
            cuts.append(found.start())
        depth += 1 if begins else -1
        if not begins and depth == 0:
            cuts.append(found.end())
    parts = [text[i:j] for i, j in zip(cuts, [*cuts[1:], len(text)], strict=True) if i < j]
    return [text] if depth or any(map(_CONTINUES.match, parts)) else parts


@lru_cache(maxsize=512)
def statements_of(text: str, section: str = "") -> tuple[Statement, ...]:
    """Return the statements of a text outside of its sections, or of one of its sections.

    The calls of files are among them; where sections begin and end is not.
    """
    found, current = [], ""
    for statement in statements(text):
        if statement.text.startswith(".endl"):
            current = ""
        elif statement.text.startswith(".lib") and not statement.file:
            current = statement.section
        elif current == section:
            found.append(statement)
    return tuple(found)


@lru_cache(maxsize=512)
def circuit_of(
    text: str, files: Files, section: str = "", within: tuple[tuple[str, str], ...] = ()
) -> Scope:
    """Return the circuit that a text describes, with the files that it calls.

    Args:
        text: a body, lines that call models, a file.
        files: (name, text) of those that may be called.
        section: of the text, where it is a library's that is meant.
        within: the (file, section) that this one is called from.
    """
    open_ones, choice = [Scope()], False
    for statement in statements_of(text, section):
        word = statement.words[0]
        if statement.file:
            open_ones[-1].add(_called(statement, files, within))
        elif word in {".subckt", ".macro"}:
            open_ones.append(_opened(statement, open_ones[-1]))
        elif word in {".ends", ".eom"}:
            open_ones[1:] = open_ones[1:-1]
        else:
            choice = choice or word == ".if"  # of two definitions one counts
            _take_up(open_ones[-1], statement, choice)
    return open_ones[0]


def _called(statement: Statement, files: Files, within: tuple[tuple[str, str], ...]) -> Scope:
    place = (statement.file, statement.section)
    text = dict(files).get(statement.file)
    if text is None or place in within:
        return Scope(whole=False)
    return circuit_of(text, files, statement.section, (*within, place))


def _take_up(here: Scope, statement: Statement, choice: bool) -> None:
    word = statement.words[0]
    if word.startswith((".para", ".csparam")):
        here.parameters.update(_parts(statement.text)[1])
    elif word.startswith((".model", ".cmodel")):
        name = "".join(statement.words[1:2])
        if name in here.models and not choice:
            here.doubled.append(statement.written)
        here.models.setdefault(name, statement.written)
    elif word == ".global":
        here.common.update(statement.words[1:])
    elif word[0].isalpha():
        here.elements.setdefault(word, element(statement))


def _opened(statement: Statement, outer: Scope) -> Scope:
    words, given = _parts(statement.text)
    inner = Scope(tuple(words[2:]), set(given))
    if len(words) > 1:
        outer.subcircuits.setdefault(words[1], inner)
    return inner


def element(statement: Statement) -> Element:
    """Return an element's line as its parts."""
    words, given = _parts(statement.text)
    return Element(statement.words[0], tuple(words[1:]), tuple(given), statement.written)


def _parts(text: str) -> tuple[list[str], list[str]]:
    """Return the words before the first parameter, and the names of the parameters."""
    if _SIMPLE.fullmatch(text):
        return text.split(), []
    bare = text
    for _ in range(_DEEPEST):  # from the innermost braces outwards
        if not any(mark in bare for mark in "{'\""):
            break
        bare = _ENCLOSED.sub(" 0 ", bare)
    first = _GIVEN.search(bare)
    head = bare[: first.start()] if first else bare
    words = re.sub(r"[(),\[\]]", " ", head).split()
    return [word for word in words if word != "params:"], _GIVEN.findall(bare)
