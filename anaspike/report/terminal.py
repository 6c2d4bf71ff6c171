"""Any study's answer on the terminal."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from anaspike.campaign.answer import Answer
from anaspike.report.columns import Column, fitting, laid_out
from anaspike.report.console import Terminal
from anaspike.report.points import show_points
from anaspike.report.tables import TABLE_FORMATS, unit_name
from anaspike.report.verdicts import show_verdicts
from anaspike.units import format_named, label_of

_HIDDEN = ("retry", "message")
_BOOKKEEPING = (*_HIDDEN, "status")
_MOST_ROWS = 40


def cell(name: str, value: object) -> str:
    """Return one value for people, scaled to its unit; a missing one is an em dash."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):  # type: ignore[call-overload]
        return "—"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return format_named(name, float(value))  # type: ignore[arg-type]


def show(answer: Answer, files: Sequence[Path] = ()) -> None:
    """Print an answer: its first table, what failed, verdicts, notes, where the files lie."""
    console = Terminal()
    console.print(answer.full_title, style="bold")
    tables = answer.findings.tables
    first = next(iter(tables))
    _show_table(console, first, tables[first], answer.findings.show, files)
    for further in answer.findings.also:
        console.print(label_of(further))
        _show_table(console, further, tables[further], (), files)
    show_points(console, answer.manifest["points"], files[0].parent if files else None)
    show_verdicts(console, answer)
    for note in answer.findings.notes:
        console.print(f"note: {note}")
    for path in files:
        console.print(f"wrote {path}", soft_wrap=True)


def _show_table(
    console: Terminal,
    name: str,
    table: pd.DataFrame,
    chosen: Sequence[str],
    files: Sequence[Path],
) -> None:
    """Print a table, as much of it as there is room for; say what is left out and where it is."""
    wanted = (*chosen, "status") if chosen else tuple(table)
    columns = [str(column) for column in table if column in wanted and column not in _HIDDEN]
    if "status" in columns and (table["status"] == "ok").all():
        columns.remove("status")
    rows = table.head(_MOST_ROWS).to_dict("records")
    there = [
        Column(
            _heading(name), [cell(unit_name(name, r), _shown(name, r[name])) for r in rows], name
        )
        for name in columns
    ]
    shown = fitting(there, console.width)
    printed = laid_out(shown, console.width)
    for i, row in enumerate(rows):
        failed = row.get("status", "ok") != "ok"
        line = [column.cells[i] for column in shown]
        printed.add_row(*line, style="red" if failed else None)
    console.print(printed)
    if left := _left_out(table, [column.name for column in shown]):
        console.print(f"{left}; all in {_file_of(name, files)}", style="dim")


def _left_out(table: pd.DataFrame, shown: Sequence[str]) -> str:
    """Return what of a table is not on the terminal: "40 of 120 rows, 6 of 21 columns"."""
    rows = f"{_MOST_ROWS} of {len(table)} rows" if len(table) > _MOST_ROWS else ""
    there = [str(column) for column in table if column not in _BOOKKEEPING]
    seen = sum(column not in _BOOKKEEPING for column in shown)
    columns = f"{seen} of {len(there)} columns" if seen < len(there) else ""
    return ", ".join(filter(None, (rows, columns)))


def _file_of(name: str, files: Sequence[Path]) -> str:
    """Return the name of the file that a table has been written to; its own where there is none."""
    suffixes = {f".{format_}" for format_ in TABLE_FORMATS}
    named = [path.name for path in files if path.stem == name and path.suffix in suffixes]
    return named[0] if named else f"the table {name}"


def _shown(name: str, value: Any) -> Any:
    """Return a name of a quantity or parameter as people read it; anything else as it is."""
    named = name in {"quantity", "parameter", "spec"} and isinstance(value, str)
    return _heading(str(value)) if named else value


def _heading(name: str) -> str:
    """Return a name for people; of a size in the design, device and dimension."""
    return label_of(" ".join(name.split(".")[-2:]))
