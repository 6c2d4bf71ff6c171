"""The one console: what is printed on it is text, never markup, whoever wrote it."""

import os
import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from anaspike.report.streams import fitting, silence, unwritten
from anaspike.units import harmless

_SIZES = ("COLUMNS", "LINES", "JUPYTER_COLUMNS", "JUPYTER_LINES")


class Terminal(Console):
    """A console that takes no text for markup and lets none steer the terminal.

    Colours are asked for beside the text: `print(text, style="red")`, or `parts` for
    several in one line. It ends no work: where the reader of a pipe has gone it is silent.

    Args:
        stderr: whether it prints on the error stream.
        soft_wrap: whether long lines are left to the terminal.

    Raises:
        InputError: from `print` and `parts`, when it cannot be written, as on a full disk.
    """

    def __init__(self, stderr: bool = False, soft_wrap: bool = False) -> None:
        super().__init__(
            stderr=stderr, soft_wrap=soft_wrap, highlight=False, markup=False, emoji=False,
            _environ={n: v for n, v in os.environ.items() if n not in _SIZES or _may_be(v)},
        )  # fmt: skip

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a text as rich shows it: of a line, a heading or a cell."""
        return super().render_str(fitting(harmless(text), self.encoding), **options)

    def parts(self, *texts: str | tuple[str, str]) -> None:
        """Print one line of parts; (text, style) where a part has a style of its own."""
        whole = Text()
        for part in texts:
            text, style = (part, "") if isinstance(part, str) else part
            whole.append_text(self.render_str(text, style=style))
        self.print(whole)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as `rich.console.Console.print` does."""
        try:
            super().print(*objects, **options)
        except BrokenPipeError:  # releases of rich without `on_broken_pipe`
            self.on_broken_pipe()
        except OSError as error:
            silence(sys.stdout)
            raise unwritten(error) from None

    def on_broken_pipe(self) -> None:
        """Be silent from now on."""
        self.quiet = True
        silence(sys.stderr if self.stderr else sys.stdout)


def _may_be(size: str) -> bool:
    """Return whether a variable tells a size that a terminal may have.

    With COLUMNS=0, as where no terminal is, rich would print nothing; of 5000 digits it dies.
    """
    return size.isascii() and size.isdigit() and len(size) <= 4 and int(size) > 0
