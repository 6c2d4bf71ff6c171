"""Reading model files: logical lines, assignments, and names that depend on names."""

import re
from collections.abc import Iterable, Iterator, Mapping

from anaspike.errors import InputError
from anaspike.spice.expressions import evaluate
from anaspike.spice.statements import statements
from anaspike.units import printable

_ASSIGNED = re.compile(r"([a-z_]\w*)\s*=")


def logical_lines(text: str) -> Iterator[str]:
    """Yield the lines in small letters, comments gone and continuations joined."""
    for statement in statements(text):
        yield statement.text


def assignments(line: str) -> dict[str, str]:
    """Return name -> text of every `name = value` of a logical line.

    A value runs to the next name, so that it may hold blanks; what stands
    before the first name (`.param`, `.model x nmos`) is not looked at.
    """
    _, *pieces = _ASSIGNED.split(line)
    return {name: value.strip() for name, value in zip(pieces[::2], pieces[1::2], strict=True)}


def parameters(text: str) -> dict[str, str]:
    """Return name -> text of all `.param` lines outside of sub-circuits."""
    return merged(line for line in logical_lines(text) if line.startswith(".param"))


def merged(lines: Iterable[str]) -> dict[str, str]:
    """Return the assignments of several lines together, the last one winning."""
    return {name: value for line in lines for name, value in assignments(line).items()}


class Scope:
    """Parameters by name, each evaluated when asked for, in whatever order they stand.

    Args:
        texts: name -> expression.
        outer: where names are looked for that are not here.
        whose: whose names they are, for messages.
    """

    def __init__(
        self, texts: Mapping[str, str], outer: "Scope | None" = None, whose: str = "the models"
    ):
        self._texts, self._outer, self._whose = texts, outer, whose
        self._values: dict[str, float] = {}
        self._open: set[str] = set()

    def evaluate(self, text: str) -> float:
        """Return the value of an expression in these names.

        Raises:
            InputError: as `expressions.evaluate`, or a name is unknown or is
                defined by itself.
        """
        try:
            return evaluate(text, self.value)
        except RecursionError:
            raise InputError(
                f"{self._whose} are worked out of one another in too long a row"
            ) from None

    def value(self, name: str) -> float:
        """Return the value of one parameter.

        Raises:
            InputError: as `evaluate`.
        """
        if name in self._values:
            return self._values[name]
        if name not in self._texts:
            if self._outer is None:
                raise InputError(f"{self._whose} use {printable(name)}, which nothing defines")
            return self._outer.value(name)
        if name in self._open:
            raise InputError(f"{self._whose} define {printable(name)} by itself")
        self._open.add(name)
        try:
            self._values[name] = self.evaluate(self._texts[name])
        finally:
            self._open.discard(name)
        return self._values[name]
