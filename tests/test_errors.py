"""What a user is told is one line, whatever of a stranger's it quotes."""

import pytest

from anaspike.errors import InputError
from anaspike.spice.failures import DeckRefused


@pytest.mark.parametrize("kind", [InputError, DeckRefused])
@pytest.mark.parametrize(
    ("quoted", "shown"),
    [
        ("a\nb", r"a\x0ab"), ("\x1b[2J", r"\x1b[2J"), ("\u202egnp", r"\u202egnp"),
        ("\U000e0041", r"\U000e0041"), ("27 °C, 5\u00a0Ω", "27 °C, 5\u00a0Ω"),
    ],
)  # fmt: skip
def test_what_would_steer_a_terminal_is_escaped(kind, quoted, shown):
    assert str(kind(f"the file {quoted} is damaged")) == f"the file {shown} is damaged"


def test_what_has_no_end_loses_its_middle():
    line = str(InputError(f"cannot read {'a' * 100_000}: File name too long; choose another"))
    assert len(line) < 1300
    assert line.startswith("cannot read aaa")
    assert line.endswith("aaa: File name too long; choose another")
