"""How far a question is, in a notebook: a bar that comes by itself and goes when it is done."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, Self

from anaspike.units import harmless

_QUICK_S, _EACH_S = 1.0, 0.25  # what is sooner done needs no bar; time between two pictures of it


class Bar:
    """A bar below the cell that asks; elsewhere than in a notebook it is silent.

    Args:
        name: of the question.
    """

    def __init__(self, name: str) -> None:
        self._name, self._said = name, ""
        self._lock = threading.Lock()
        self._began_s = self._shown_s = time.monotonic()
        self._display = _display()
        self._handle: Any = None

    @contextmanager
    def moving(self) -> Iterator[Callable[[int, int, str, int], None]]:
        """Stand until the block ends; what is given moves it."""
        with self:
            yield self.move

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            self._handle.update({"text/plain": "", "text/html": ""}, raw=True)

    def say(self, text: str) -> None:
        """Show a line beside the bar for as long as it stands."""
        with self._lock:
            self._said = harmless(text)

    def move(self, done: int, total: int, doing: str = "", failed: int = 0) -> None:
        """Show how much is done, of how much, what is done now, and how much failed."""
        now_s = time.monotonic()
        with self._lock:
            waits = now_s - self._began_s < _QUICK_S or now_s - self._shown_s < _EACH_S
            if self._display is None or waits:
                return
            self._shown_s = now_s
            words = f"{self._name}: {harmless(doing)}, {done} of {total}"
            words += f", {failed} failed" if failed else ""
            page = (
                f'<progress value="{done}" max="{max(total, 1)}"></progress> {escape(words)}'
                f"<br><small>{escape(self._said)}</small>"
            )
            shown = {"text/plain": words, "text/html": page}
            if self._handle is None:
                self._handle = self._display(shown, raw=True, display_id=True)
            else:
                self._handle.update(shown, raw=True)


def _display() -> Any:
    """Return what shows things in a notebook; None where there is none."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import display  # noqa: PLC0415  # it is there: this is a notebook

    return display
