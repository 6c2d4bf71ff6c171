"""The two families of errors that a user can meet.

    AnaspikeError
    +-- NoSuchName          no attribute of the package, which is an AttributeError too
    +-- InputError          what was asked cannot be done as asked: exit code 2
    +-- SimulationFailure   the simulator ran and did not deliver: exit code 1
                            (its kinds stand in `anaspike.spice.failures`)

Both carry one line that says what is wrong and how to mend it; the command
line prints that line and no traceback.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

Slip = TypeVar("Slip", bound=Mapping[str, Any])

_LONGEST = 2000  # characters of a line; what is longer loses its middle
# No letters, but they steer nothing: spaces that hold on.
SPACES = "\u00a0\u2007\u2009\u202f"


class AnaspikeError(Exception):
    """Base of every error that anaspike raises on purpose."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the line, and no eighty lines of calls before it."""
        return [f"{type(self).__name__}: {on_one_line(str(self))}"]


class InputError(AnaspikeError):
    """Bad input or a missing tool: one line that says what and how to mend it.

    Args:
        said: the line; what it quotes of a stranger's names and texts cannot break it or
            steer a terminal, for it is escaped here.
    """

    exit_code = 2

    def __init__(self, said: str) -> None:
        super().__init__(on_one_line(said))


class NoSuchName(AnaspikeError, AttributeError):
    """A name that anaspike does not have; Python looks for it as for any attribute."""


def on_one_line(said: str) -> str:
    """Return what is said as one line that steers no terminal and is not without end."""
    line = escaped(said, SPACES)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} ... {line[-200:]}"


def escaped(text: str, but: str = "") -> str:
    """Return a text with what would steer a terminal as what it is: `\\x1b`.

    Args:
        text: of any kind.
        but: characters that stay.
    """
    if text.isprintable():  # as nearly all are
        return text
    return "".join(c if c.isprintable() or c in but else _code(c) for c in text)


def text_of(error: BaseException) -> str:
    """Return what an error says; nothing where even that goes wrong, as it may in a user's own."""
    try:
        return str(error)
    except BaseException:
        return ""


def foremost(slips: Sequence[Slip]) -> Slip:
    """Return which of pydantic's errors to tell: what is called wrongly is why another is missing.

    Args:
        slips: of one text, each with its "type".
    """
    return next((slip for slip in slips if slip["type"] == "extra_forbidden"), slips[0])


def reason_of(kind: str, said: str) -> str:
    """Return what is wrong with a field, for who knows no Python.

    Args:
        kind: of pydantic's error: "tuple_type".
        said: its message.
    """
    if kind == "missing":
        return "nothing is given for it, and it has no value of its own"
    if kind == "string_type":
        return 'give a text, in ""'
    # Files and commands have lists; they become tuples here.
    return "give a list, in []" if kind == "tuple_type" else said.removeprefix("Value error, ")


def _code(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
