"""Tables on a terminal: no number is cut, whatever the width of the window."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.table import Table

_LONG = 16  # a longer cell is words, and may be broken between them
_EDGE = 3  # of each column: its border and two blanks


@dataclass(frozen=True)
class Column:
    """A column as it is printed.

    Attributes:
        heading: above it.
        cells: below it.
        name: of the table's column.
        left: whether its cells begin at the left, as words do; numbers end at the right.
    """

    heading: str
    cells: Sequence[str]
    name: str = ""
    left: bool = False

    @property
    def least(self) -> int:
        """The fewest characters that show it without breaking a number or a word."""
        whole = [text for text in self.cells if not self.left and len(text) <= _LONG]
        words = [word for text in (self.heading, *self.cells) for word in text.split()]
        return max((len(text) for text in (*whole, *words)), default=1)

    @property
    def most(self) -> int:
        """The characters that it needs to stand on one line."""
        return max(map(len, (self.heading, *self.cells)))


def fit(columns: Sequence[Column], room: int) -> bool:
    """Return whether a line of so many characters has room for all columns."""
    return _whole(column.least for column in columns) <= room


def fitting(columns: Sequence[Column], room: int) -> list[Column]:
    """Return the columns that a line of so many characters has room for, from the left.

    Two stay at least, and the status does.
    """
    shown = list(columns)
    while len(shown) > 2 and not fit(shown, room):
        shown.pop(-2 if shown[-1].name == "status" else -1)
    return shown


def laid_out(columns: Sequence[Column], room: int) -> Table:
    """Return a table of these columns, its rows yet to come."""
    table = Table(header_style="bold")
    widths = [column.least for column in columns]
    for i, column in enumerate(columns):  # what is over goes to the first that can use it
        free = max(0, room - _whole(widths))
        widths[i] += min(free, column.most - widths[i])
    for column, width in zip(columns, widths, strict=True):
        table.add_column(
            column.heading,
            justify="left" if column.left else "right",
            overflow="fold",
            width=width,
        )
    return table


def _whole(widths: Iterable[int]) -> int:
    return 1 + sum(width + _EDGE for width in widths)
