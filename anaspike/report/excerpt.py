"""Tables in a page: the first rows of a file, and how many there are."""

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from anaspike.errors import InputError
from anaspike.files import open_plain
from anaspike.report.foreign import Allowance, ForeignFolder
from anaspike.report.schema import shortened
from anaspike.report.tables import TABLE_FORMATS, unit_name
from anaspike.units import format_named, label_of

_MOST_ROWS = 60
_MOST_B = 50_000_000  # a larger one is for programs
_LONGEST_LINE_B, _LONGEST_CELL = 1_000_000, 1_000
_UNSHOWN = ("retry", "message")
_MICRO = re.compile(r"(?<=\d) u(?=[A-Za-zΩ²])")


@dataclass(frozen=True)
class Excerpt:
    """A table as a page shows it.

    Attributes:
        name: for people.
        path: of the file that has all.
        count: rows of all; None where the table is named and not shown, as one for programs is.
        headings: of the columns.
        rows: cells of the first rows.
        columns: names of the columns, as programs know them.
    """

    name: str
    path: Path
    count: int | None = None
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    columns: Sequence[str] = ()


def excerpt(folder: ForeignFolder, name: str, left_B: Allowance) -> Excerpt:
    """Return a table of a folder for a page.

    Args:
        folder: in which it lies.
        name: of the table, without its suffix.
        left_B: what tables may measure together; one that finds none left is named.

    Raises:
        InputError: it is missing, cannot be read, or is damaged.
    """
    paths = (folder.file(f"{name}.{format_}") for format_ in TABLE_FORMATS)
    path = next((path for path in paths if os.path.lexists(path)), None)
    if path is None:
        raise InputError(f"the table {name} is missing")
    if path.suffix == ".parquet":
        return Excerpt(label_of(name), path)
    with open_plain(path) as file:
        size_B = os.fstat(file.fileno()).st_size
        if size_B > _MOST_B or not left_B.holds(size_B):
            return Excerpt(label_of(name), path)
        left_B.take(size_B)
        try:
            count, rows = _csv(file) if path.suffix == ".csv" else _json(folder, path.name)
        except (csv.Error, ValueError, RecursionError) as error:
            raise InputError(f"{path.name} is damaged: {error}") from None
    names = [column for column in (rows[0] if rows else {}) if column not in _UNSHOWN]
    cells = [
        [_cell(unit_name(column, row), row.get(column, "")) for column in names] for row in rows
    ]
    headings = [label_of(column) for column in names]
    return Excerpt(label_of(name), path, count, headings, cells, names)


def typeset(text: str) -> str:
    """Return a number with its unit as pictures write it: with µ, which terminals may lack."""
    return _MICRO.sub(" µ", text)


def _csv(file: BinaryIO) -> tuple[int, list[dict[str, str]]]:
    """Return how many rows a file of comma-separated values has, and the first of them."""
    content = file.read(_MOST_B)
    for start in range(0, len(content) - _LONGEST_LINE_B, _LONGEST_LINE_B):
        if content.find(b"\n", start, start + _LONGEST_LINE_B) < 0:
            raise ValueError(f"a line has more than {_LONGEST_LINE_B} characters")
    with io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline="") as text:
        reader = csv.reader(text)
        headings = next(filter(None, reader), [])
        rows = list(islice(filter(None, reader), _MOST_ROWS))
        # Millions are counted without a line of Python for each; an empty line is no row.
        lengths = Counter(map(len, rows)) + Counter(map(len, reader))
    if max(lengths, default=0) > len(headings):
        raise ValueError("a row has more cells than there are columns")
    count = sum(lengths.values()) - lengths[0]
    return count, [dict(zip(headings, row, strict=False)) for row in rows]


def _json(folder: ForeignFolder, name: str) -> tuple[int, list[dict[str, str]]]:
    """Return how many rows a JSON file has, and the first of them, every cell as text."""
    rows = folder.json(name, _MOST_B)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("it should be a list of rows")
    return len(rows), [
        {column: _text(value) for column, value in row.items()} for row in islice(rows, _MOST_ROWS)
    ]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _cell(name: str, text: str) -> str:
    if not text:
        return "—"
    try:
        return typeset(format_named(name, float(text)))
    except ValueError:
        return shortened(text, _LONGEST_CELL)
