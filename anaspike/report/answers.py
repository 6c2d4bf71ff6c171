"""Any study's answer: on the terminal, and as files that the report gathers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from rich.console import Console
from rich.table import Table

from anaspike.campaign.answer import Answer
from anaspike.campaign.decks import FILE as DECKS
from anaspike.campaign.specs import Verdict
from anaspike.files import make_folder, replacing
from anaspike.learning.arrays import write_arrays
from anaspike.report.points import show_points
from anaspike.report.tables import check_format, records, unit_name, write_json, write_table
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
    console = Console(highlight=False)
    console.print(f"[bold]{answer.title}[/]")
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
        console.print(f"note: {note}", markup=False)
    for path in files:
        console.print(f"wrote {path}", markup=False, soft_wrap=True)


def save(answer: Answer, folder: Path, table_format: str = "csv") -> list[Path]:
    """Write an answer into a folder: tables, arrays, pictures as SVG and PNG, and
    `answer.json`.

    Raises:
        InputError: the folder cannot be written, or the format not made.
    """
    check_format(table_format)
    make_folder(folder)
    written = []
    for name, table in answer.findings.tables.items():
        written.append(folder / f"{name}.{table_format}")
        write_table(table, written[-1])
    for name in answer.findings.as_json:
        if table_format != "json":
            written.append(folder / f"{name}.json")
            write_table(answer.findings.tables[name], written[-1])
    for name, arrays in answer.findings.arrays.items():
        written.append(folder / f"{name}.npz")
        write_arrays(written[-1], arrays)
    for name, draw in answer.findings.figures.items():
        figure = draw()
        for suffix in ("svg", "png"):
            written.append(folder / f"{name}.{suffix}")
            with replacing(written[-1]) as temporary, rc_context({"svg.hashsalt": name}):
                # No date and no chance in the file: the same picture is the same bytes.
                metadata = {"Date": None} if suffix == "svg" else {}
                figure.savefig(temporary, dpi=130, metadata=metadata)
    for name, content in (("answer", answer_json(answer)), ("manifest", answer.manifest)):
        written.append(folder / f"{name}.json")
        write_json(content, written[-1])
    if answer.manifest["points"]:
        written.append(folder / DECKS)
        answer.decks.save(written[-1])
    return written


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer for programs: all but the tables' rows, the pictures and the manifest."""
    return {
        "name": answer.name,
        "title": answer.title,
        "ok": answer.ok,
        "quantities": dict(answer.findings.quantities),
        "verdicts": [verdict_json(verdict) for verdict in answer.verdicts],
        "notes": list(answer.findings.notes),
        "tables": list(answer.findings.tables),
        "figures": list(answer.findings.figures),
        "as_json": list(answer.findings.as_json),
        "arrays": list(answer.findings.arrays),
    }


def whole_json(answer: Answer, files: Sequence[Path]) -> str:
    """Return everything but the pictures as one JSON text."""
    tables = {name: records(table) for name, table in answer.findings.tables.items()}
    return json.dumps(
        {
            **answer_json(answer),
            "tables": tables,
            "manifest": answer.manifest,
            "files": [str(path) for path in files],
        },
        indent=2,
        allow_nan=False,
    )


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict for programs."""
    spec = verdict.spec
    return {
        "quantity": spec.quantity,
        "measured": verdict.measured,
        "min": spec.least,
        "typ": spec.typical,
        "max": spec.most,
        "met": verdict.met,
        "margin": verdict.margin,
        "why": spec.why,
    }


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
            "[green]met[/]" if verdict.met else "[bold red]MISSED[/]",
        )
    return shown
