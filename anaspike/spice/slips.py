"""Slips of a body's writer that ngspice runs without a word, as another circuit."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from anaspike.spice.netlist import GROUND, Element, Scope
from anaspike.spice.statements import Statement, small, statements
from anaspike.units import printable

_PASSIVE = {"r": 2, "c": 2, "l": 2, "d": 2, "q": 3, "j": 3}  # how many nodes come first
_CALLED_GROUND = re.compile(r"[adps]?(?:gnd|ground|vss|earth)[adps]?[!#]?|0+[!#]?")
_NODE = re.compile(r"[^\s()\[\]=,{}'\"]+")
_SIZE = re.compile(
    r"(?<![\w.])(?P<name>[wl])\s*=\s*(?:(?P<value>(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(?![\w.])|-)"
)
_ENCLOSED = re.compile(r"\{[^{}]*\}|\([^()]*\)|'[^']*'|\"[^\"]*\"")
_LONGEST_M = 0.01  # of a gate
_DEEPEST = 100  # brackets within brackets


def misnamed_ground(circuit: Scope, body: str, wanted: Collection[str]) -> tuple[str, str] | None:
    """Return a line at a ground that is called otherwise than 0, and what is wrong; or None.

    To ngspice it is a node that hangs on nothing else, and floats. One that a source, a
    sub-circuit or a second element is at may be a supply of its own.

    Args:
        circuit: what the body describes.
        body: as written.
        wanted: nodes that somebody asked for.
    """
    named = Counter(node for element in circuit.elements.values() for node in element.nodes)
    known = GROUND | circuit.common | set(wanted)
    loose = {
        node: element
        for element in circuit.elements.values()
        for node in _terminals(element)
        if named[node] == 1 and node not in known and _CALLED_GROUND.fullmatch(node)
    }
    if not loose:
        return None
    # A source may look at a node in an expression, an .ic may hold it.
    written = Counter(_NODE.findall(small(body)))
    for node, element in loose.items():
        if written[node] == 1:
            shown = printable(node)
            why = f"the node {shown} hangs on nothing else; ground is 0"
            return element.written, f"{why} (or save v({shown}) if it is meant to float)"
    return None


def parameter_twice(body: str) -> tuple[str, str] | None:
    """Return the second line of a body that gives a parameter, and what is wrong; or None."""
    if small(body).count(".par") < 2 or ".if" in small(body):
        return None
    scopes: list[set[str]] = [set()]
    for statement in statements(body):
        word = statement.words[0]
        if word in {".subckt", ".macro"}:
            scopes.append(set())
        elif word in {".ends", ".eom"} and len(scopes) > 1:
            scopes.pop()
        elif word.startswith(".para"):
            name = statement.text.partition("=")[0].split()[-1]
            if name in scopes[-1]:
                return statement.written, f"{name} has a value already; ngspice takes the last"
            scopes[-1].add(name)
    return None


def comma_between(statement: Statement) -> str:
    """Return that a comma parts parameters, at which ngspice 39 reads without end; or ""."""
    if "," not in statement.text or not statement.text.startswith((".para", ".csparam")):
        return ""
    bare = statement.text
    for _ in range(_DEEPEST):  # from the innermost brackets outwards
        bare, before = _ENCLOSED.sub("", bare), bare
        if bare == before:
            break
    return "a comma parts no parameters; write a blank" if "," in bare else ""


def wrong_gate(lines: Sequence[Statement]) -> tuple[str, str] | None:
    """Return a line with a transistor whose gate is none, and what is wrong; or None."""
    for statement in lines:
        if statement.text.startswith("m"):
            for found in _SIZE.finditer(statement.text):
                if not 0 < float(found["value"] or -1) <= _LONGEST_M:
                    shown = f"{found['value']} m" if found["value"] else "less than nothing"
                    why = f"a gate of {shown}; write {found['name']}=1u for a micrometre"
                    return statement.written, why
    return None


def _terminals(element: Element) -> tuple[str, ...]:
    """Return an element's nodes where it has no say in what their voltage is."""
    kind = element.name[0]
    return element.words[:-1] if kind == "m" else element.words[: _PASSIVE.get(kind, 0)]
