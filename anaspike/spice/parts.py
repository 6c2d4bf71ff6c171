"""One statement of a circuit, taken apart: its words, and its parameters with their values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from anaspike.spice.statements import Statement

# A word holds together what stands in quotes or braces; atomic, so that it stays linear.
_TOKEN = re.compile(
    r"""[=(),]|(?>'[^']*'|"[^"]*"|\{(?>[^{}]|\{[^{}]*\})*\}|[^\s='"{}(),])+|(?P<odd>\S)"""
)
_PARAMETER = re.compile(r"[a-z_]\w*", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One statement, taken apart.

    Attributes:
        words: before its parameters, brackets and commas left out, in small letters.
        given: parameter -> its value, as written.
        written: the whole of it.
    """

    words: tuple[str, ...]
    given: Mapping[str, str]
    written: str

    @property
    def name(self) -> str:
        """Of the element, model or sub-circuit."""
        return self.words[0]


def taken_apart(statement: Statement) -> Line:
    """Return a statement's words and parameters.

    Raises:
        ValueError: it names nothing, or words stand between its parameters; says which.
    """
    found = list(_TOKEN.finditer(statement.text))
    if odd := next((one["odd"] for one in found if one["odd"]), ""):
        raise ValueError(f"the {odd} has no counterpart")
    tokens = [one[0] for one in found]
    first = tokens.index("=") - 1 if "=" in tokens else len(tokens)
    words = [word for word in tokens[: max(first, 0)] if word not in {"(", ")", ",", "params:"}]
    if not words:
        raise ValueError("it names no element")
    given, rest = dict[str, str](), [word for word in tokens[max(first, 0) :] if word != ","]
    if rest and rest[-1] == ")" and "(" in tokens[:first]:  # of `.model x nmos (level=54)`
        rest.pop()
    while rest:
        name, equals, value = (*rest[:3], "", "")[:3]
        named = _PARAMETER.fullmatch(name) and equals == "=" and name not in given
        if not named or value in {"", "=", "(", ")"}:
            what = " ".join(rest[:3])
            raise ValueError(f"'{what}' is no parameter and its value")
        given[name] = value
        del rest[:3]
    return Line(tuple(words), given, statement.written)
