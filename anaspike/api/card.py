"""A result on a page of a notebook: whatever its texts hold, they are shown and never run."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from anaspike.report.tables import unit_name
from anaspike.units import format_named, harmless, label_of

_MOST_ROWS, _MOST_COLUMNS, _LONGEST = 12, 12, 200
_UNSHOWN = ("retry", "message")
_SAYS = {True: "✓ met", False: "✗ missed"}


def card(
    title: str,
    ok: bool,
    verdicts: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    show: Sequence[str],
    image: bytes | None,
    notes: Iterable[str],
) -> str:
    """Return HTML that says what was found: verdicts, first table, picture.

    Args:
        title: one line.
        ok: whether all is well.
        verdicts: a row for each limit.
        tables: name -> table; the first is shown.
        show: its columns; those that there is room for where empty.
        image: a PNG.
        notes: below it all.
    """
    parts = [f"<b>{_text(title)}</b> {'✓' if ok else '✗'}"]
    if len(verdicts):
        parts.append(_verdicts(verdicts))
    if tables:
        name, table = next(iter(tables.items()))
        parts.append(_first_rows(table, show))
        if len(tables) > 1:
            others = ", ".join(other for other in tables if other != name)
            parts.append(f"<small>also in .tables: {_text(others)}</small>")
    if image is not None:
        shown = base64.b64encode(image).decode("ascii")
        parts.append(
            f'<img alt="{_text(title)}" style="max-width:100%" src="data:image/png;base64,{shown}">'
        )
    parts += [f"<small>{_text(note)}</small>" for note in notes]
    return "\n".join(f"<div>{part}</div>" for part in parts)


def _verdicts(verdicts: pd.DataFrame) -> str:
    rows = []
    for verdict in verdicts.to_dict("records"):
        name = str(verdict["quantity"])
        counted = f", {verdict['within']} of {verdict['of']}" if verdict["of"] > 1 else ""
        limits = [_cell(name, verdict[column]) for column in ("min", "measured", "max")]
        rows.append([label_of(name), *limits, _SAYS[bool(verdict["met"])] + counted])
    return _grid(["quantity", "min", "measured", "max", "verdict"], rows)


def _first_rows(table: pd.DataFrame, show: Sequence[str]) -> str:
    there = [name for name in map(str, table) if name not in _UNSHOWN]
    names = [name for name in show if name in there] or there[:_MOST_COLUMNS]
    names += ["status"] if "status" in table and (table["status"] != "ok").any() else []
    names = list(dict.fromkeys(names))
    rows = [
        [_cell(unit_name(name, row), row[name]) for name in names]
        for row in table.head(_MOST_ROWS).to_dict("records")
    ]
    left = [f"{len(table) - len(rows)} more rows"] if len(table) > len(rows) else []
    left += [f"{len(there) - len(names)} more columns"] if len(there) > len(names) else []
    more = f"<small>{' and '.join(left)} in .table</small>" if left else ""
    return _grid([label_of(name) for name in names], rows) + more


def _cell(name: str, value: Any) -> str:
    """Return a value for people, in the unit that its name ends with."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return "—"
    if isinstance(value, bool | str):
        return str(value)
    try:
        return format_named(name, float(value))
    except (TypeError, ValueError):
        return str(value)


def _grid(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{_text(heading)}</th>' for heading in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(text: str) -> str:
    """Return a text as HTML shows it: no tag, no mark that steers the eye, not without end."""
    plain = harmless(str(text))
    return escape(plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…")
