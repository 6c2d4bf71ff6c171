"""Any study's answer as files that the report gathers, and as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anaspike.campaign.answer import Answer
from anaspike.campaign.decks import FILE as DECKS
from anaspike.campaign.quantities import Quantity, as_rows
from anaspike.campaign.specs import Verdict
from anaspike.campaign.store import Cache
from anaspike.files import make_folder, replacing, write_text
from anaspike.folders import unfinished
from anaspike.learning.arrays import write_arrays
from anaspike.report.pictures import picture
from anaspike.report.tables import check_format, records, write_json, write_table


def save(
    answer: Answer, folder: Path, table_format: str = "csv", cache: Cache | None = None
) -> list[Path]:
    """Write an answer into a folder: tables, arrays, pictures as SVG and PNG, and
    `answer.json`.

    Args:
        answer: to write.
        folder: where.
        table_format: of the tables.
        cache: where pictures may lie, and go; None for none.

    Raises:
        InputError: the folder cannot be written, or the format not made; it is
            then marked as half-written.
    """
    check_format(table_format)
    make_folder(folder)
    with unfinished(folder):
        return _written(answer, folder, table_format, cache)


def _written(answer: Answer, folder: Path, table_format: str, cache: Cache | None) -> list[Path]:
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
    for name, text in answer.findings.texts.items():
        written.append(folder / name)
        write_text(written[-1], text)
    for name, drawing in answer.findings.figures.items():
        for suffix, drawn in picture(name, drawing, cache, answer.approximation).items():
            written.append(folder / f"{name}.{suffix}")
            with replacing(written[-1]) as temporary:
                temporary.write_bytes(drawn)
    for name, content in (("answer", answer_json(answer)), ("manifest", answer.manifest)):
        written.append(folder / f"{name}.json")
        write_json(content, written[-1])
    if any(point["deck_sha256"] for point in answer.manifest["points"]):
        written.append(folder / DECKS)
        answer.decks.save(written[-1])
    return written


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer for programs: all but the tables' rows, the pictures and the manifest."""
    return {
        "name": answer.name,
        "title": answer.full_title,
        "ok": answer.ok,
        "quantities": {
            name: quantity_json(value) for name, value in answer.findings.quantities.items()
        },
        "verdicts": [verdict_json(verdict) for verdict in answer.verdicts],
        "not_judged": [vars(one) for one in answer.unjudged],
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


def quantity_json(quantity: Quantity) -> float | dict[str, float | None] | None:
    """Return a quantity for programs: a number; of several conditions, from where to where."""
    values = as_rows(quantity)
    known = values[np.isfinite(values)]
    if len(values) == 1:
        return float(known.iloc[0]) if len(known) else None
    return {
        "least": float(known.min()) if len(known) else None,
        "most": float(known.max()) if len(known) else None,
        "conditions": len(values),
        "missing": len(values) - len(known),
    }


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
        "within": verdict.within,
        "of": verdict.rows,
        "counted": verdict.counted,
        "worst": verdict.worst,
        "why": spec.why,
    }
