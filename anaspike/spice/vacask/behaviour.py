"""Behavioural sources: what a B element says, as a module of Verilog-A, which VACASK compiles."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from anaspike.errors import InputError
from anaspike.spice.expressions import evaluate
from anaspike.spice.netlist import GROUND
from anaspike.spice.parts import Line
from anaspike.spice.vacask.circuit import refused

_LONGEST = 10_000  # letters of a formula; compiled, longer ones nest too deep
_NODE = r"\s*[\w.#:+-]+\s*"
_TOKEN = re.compile(
    rf"\s*(?:v\s*\((?P<nodes>{_NODE}(?:,{_NODE})?)\)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?[a-z]*)"
    r"|(?P<name>[a-z_]\w*)(?!\s*\(|\w)"
    r"|(?P<sign>[-+/()]|\*(?!\*)))",
    re.ASCII,
)


@dataclass(frozen=True)
class Behaviour:
    """A current or voltage as arithmetic on voltages of nodes.

    Attributes:
        what: `I` or `V`.
        formula: in Verilog-A, of the nodes c0, c1, ...
        controls: how many of them there are.
    """

    what: str
    formula: str
    controls: int

    def module(self, name: str) -> str:
        """Return the module that is this source."""
        pins = ", ".join(("p", "n", *(f"c{number}" for number in range(self.controls))))
        return (
            f"module {name}({pins});\n  inout {pins};\n  electrical {pins};\n"
            f"  analog {self.what}(p, n) <+ {self.formula};\nendmodule\n"
        )


def behaviour(
    line: Line, value: Callable[[str], float], node: Callable[[str], str]
) -> tuple[Behaviour, tuple[str, ...]]:
    """Return what a B element does, and the nodes that it depends on, in their order.

    Args:
        line: name, two nodes, `i` or `v`, and its formula.
        value: of a parameter.
        node: its path, of a node's name.

    Raises:
        DeckRefused: its formula is more than sums and products of voltages and numbers.
    """
    formula, nodes, place = list[str](), list[str](), 0
    text = line.words[4]
    if len(text) > _LONGEST:
        raise refused(line.written, f"a formula has at most {_LONGEST} letters")
    while text[place:].strip():
        found = _TOKEN.match(text, place)
        if found is None:
            rest = text[place:].strip()
            raise refused(line.written, f"'{rest}': a formula has v(node), numbers, + - * / and ()")
        place = found.end()
        try:
            formula.append(_word(found, nodes, value, node))
        except InputError as error:
            raise refused(line.written, str(error)) from None
    return Behaviour(line.words[3].upper(), " ".join(formula), len(nodes)), tuple(nodes)


def modules(behaviours: Iterable[tuple[str, Behaviour]]) -> str:
    """Return a file of Verilog-A with a module for each name."""
    head = '`include "disciplines.vams"\n'
    return head + "".join(one.module(name) for name, one in behaviours)


def _word(
    found: "re.Match[str]",
    nodes: list[str],
    value: Callable[[str], float],
    node: Callable[[str], str],
) -> str:
    if found["sign"]:
        return found["sign"]
    if found["nodes"]:
        names = map(str.strip, found["nodes"].split(","))
        return f"({' - '.join(_voltage(name, nodes, node) for name in names)})"
    # As real numbers: 1/2 of whole ones is 0 in Verilog-A.
    number = evaluate(found["number"], value) if found["number"] else value(found["name"])
    return f"({number!r})"


def _voltage(name: str, nodes: list[str], node: Callable[[str], str]) -> str:
    if name in GROUND:
        return "0.0"
    path = node(name)
    if path not in nodes:
        nodes.append(path)
    return f"V(c{nodes.index(path)})"
