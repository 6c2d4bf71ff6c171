"""The live bar of everything that takes longer than two seconds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from anaspike.report.console import Terminal
from anaspike.report.streams import say
from anaspike.units import harmless

_LINE_S = 60.0  # between two lines, where there is no terminal


class _Rate(ProgressColumn):
    """How many a second, or a minute where that is more telling."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed:.3g}/s" if speed >= 1 else f"{speed * 60:.3g}/min")


class Move(Protocol):
    """What moves a bar."""

    def __call__(self, done: int, total: int, label: str | None = None, failed: int = 0) -> None:
        """Say how much is done, of how much, and failed; a label replaces the one before."""


def _a_line_a_minute(label: str) -> Move:
    """Return what says how far it is, not more often than once a minute."""
    said_s, doing = time.monotonic(), label

    def move(done: int, total: int, label: str | None = None, failed: int = 0) -> None:
        nonlocal said_s, doing
        doing = label or doing
        if time.monotonic() - said_s < _LINE_S:
            return
        said_s = time.monotonic()
        count = f": {done} of {total}" if total else ""
        say(harmless(f"{doing}{count}") + (f", {failed} failed" if failed else ""), err=True)

    return move


@contextmanager
def progress_bar(label: str) -> Iterator[Move]:
    """Show a bar on the error stream while the block runs; yield what moves it.

    The bar is for people: where the error stream is no terminal there is a line a minute.
    """
    console = Terminal(stderr=True)
    if not console.is_terminal:
        yield _a_line_a_minute(label)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]}", style="red", markup=False),
        _Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(harmless(label), total=None, failed="")

        def move(done: int, total: int, label: str | None = None, failed: int = 0) -> None:
            said = f"{failed} failed" if failed else ""
            # A name may be a stranger's; columns of a bar are not looked through by the console.
            said_so = None if label is None else harmless(label)
            # Where nothing is to be counted yet, the bar pulses.
            bar.update(task, completed=done, total=total or None, description=said_so, failed=said)

        yield move
