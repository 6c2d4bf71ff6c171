"""The live bar of everything that takes longer than two seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class Move(Protocol):
    """What moves a bar."""

    def __call__(self, done: int, total: int, label: str | None = None) -> None:
        """Say how much is done, of how much; a label replaces the one before."""


@contextmanager
def progress_bar(label: str) -> Iterator[Move]:
    """Show a bar on the error stream while the block runs; yield what moves it.

    The bar is for people: where the error stream is no terminal there is none.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)

        def move(done: int, total: int, label: str | None = None) -> None:
            bar.update(task, completed=done, total=total, description=label)

        yield move
