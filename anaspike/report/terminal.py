"""Any study's answer on the terminal."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rich.table import Table
from rich.text import Text

from anaspike.campaign.answer import Answer
from anaspike.campaign.specs import Verdict
from anaspike.report.console import Terminal
from anaspike.report.points import show_points
from anaspike.report.tables import unit_name
from anaspike.units import format_named, label_of

_HIDDEN = ("retry", "message", "count")
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
    console.print(answer.title, style="bold")
    name, table = next(iter(answer.findings.tables.items()))
    console.print(_terminal_table(table, answer.findings.show))
    if len(table) > _MOST_ROWS:
        console.print(f"... {len(table) - _MOST_ROWS} more rows in {name}")
    for further in answer.findings.also:
        console.print(label_of(further))
        console.print(_terminal_table(answer.findings.tables[further], ()))
    show_points(console, answer.manifest["points"], files[0].parent if files else None)
    if answer.verdicts:
        console.print(_verdict_table(answer.verdicts))
    for note in answer.findings.notes:
        console.print(f"note: {note}")
    for path in files:
        console.print(f"wrote {path}", soft_wrap=True)


def _terminal_table(table: pd.DataFrame, chosen: Sequence[str]) -> Table:
    wanted = (*chosen, "status") if chosen else tuple(table)
    columns = [str(name) for name in table if name in wanted and name not in _HIDDEN]
    if "status" in columns and (table["status"] == "ok").all():
        columns.remove("status")
    shown = Table(header_style="bold")
    for name in columns:
        shown.add_column(_heading(name), justify="right")
    for row in table.head(_MOST_ROWS).to_dict("records"):
        failed = row.get("status", "ok") != "ok"
        cells = [cell(unit_name(name, row), _shown(name, row[name])) for name in columns]
        shown.add_row(*cells, style="red" if failed else None)
    return shown


def _shown(name: str, value: object) -> object:
    """Return a name of a quantity or parameter as people read it; anything else as it is."""
    named = name in {"quantity", "parameter", "spec"} and isinstance(value, str)
    return _heading(str(value)) if named else value


def _heading(name: str) -> str:
    """Return a name for people; of a size in the design, device and dimension."""
    return label_of(" ".join(name.split(".")[-2:]))


def _verdict_table(verdicts: Sequence[Verdict]) -> Table:
    shown = Table(header_style="bold")
    for heading in ("quantity", "min", "measured", "max", "margin", "verdict"):
        shown.add_column(heading, justify="left" if heading == "quantity" else "right")
    for verdict in verdicts:
        spec = verdict.spec
        shown.add_row(
            label_of(spec.quantity),
            "" if spec.least is None else cell(spec.quantity, spec.least),
            cell(spec.quantity, verdict.measured),
            "" if spec.most is None else cell(spec.quantity, spec.most),
            "" if verdict.margin is None else f"{verdict.margin:+.1%}",
            Text("met", "green") if verdict.met else Text("MISSED", "bold red"),
        )
    return shown
