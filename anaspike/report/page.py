"""One HTML page of answers: opens offline, reads on a phone."""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from anaspike.errors import InputError
from anaspike.folders import UNFINISHED
from anaspike.report.tables import TABLE_FORMATS, unit_name
from anaspike.units import format_named, label_of

_MOST_ROWS = 60
_NEEDED = ("title", "ok", "quantities", "verdicts", "notes", "tables", "figures")
_UNSHOWN = ("retry", "message")


@dataclass(frozen=True)
class SavedAnswer:
    """An answer as it lies on disk.

    Attributes:
        folder: where.
        content: `answer.json`, with `manifest.json` below the key "manifest".
    """

    folder: Path
    content: dict[str, Any]

    @property
    def flow(self) -> str:
        """Name of the flow file it answers, "" where a command asked: OUT/<flow>/<process>."""
        return self.folder.parent.name if self.folder.name == self.pdk else ""

    @property
    def pdk(self) -> str:
        """Name of the process."""
        return str(self.content["manifest"]["pdk"]["name"])

    @property
    def subject(self) -> tuple[str, str, str]:
        """Study, flow and process: of each there is one answer on a page, the latest."""
        return self.content["name"], self.flow, self.pdk

    @property
    def created(self) -> str:
        """When it was made, in UTC, as ISO text."""
        return str(self.content["manifest"]["created"])


def latest(answers: Iterable[SavedAnswer]) -> list[SavedAnswer]:
    """Return the latest answer of each study and flow on each process."""
    by_subject = {answer.subject: answer for answer in sorted(answers, key=_by_time)}
    return [by_subject[subject] for subject in sorted(by_subject)]


def saved_answers(folders: Iterable[Path]) -> list[SavedAnswer]:
    """Return every answer below the folders.

    A folder is looked through only if those before it held none.

    Raises:
        InputError: no folder holds an answer, or one is damaged.
    """
    looked = []
    for folder in folders:
        found = [
            _read(path)
            for path in sorted(folder.rglob("answer.json"))
            if not (path.parent / UNFINISHED).exists()
        ]
        if found:
            return found
        looked.append(str(folder))
    raise InputError(
        f"no answers below {' or '.join(looked)}; run a study first,"
        " for example `anaspike run --all`"
    )


def page(answers: Sequence[SavedAnswer], found: int | None = None) -> str:
    """Return the page: verdicts first, then each answer with pictures, numbers, provenance.

    Args:
        answers: to show.
        found: of how many they are the latest, where there are more.
    """
    environment = Environment(
        loader=PackageLoader("anaspike.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["named"] = _named
    environment.filters["label"] = label_of
    sections = [_readable_section(number, answer) for number, answer in enumerate(answers, 1)]
    verdicts = [(section, verdict) for section in sections for verdict in section["verdicts"]]
    left = sum(len(names) for section in sections for names in section["unjudged"].values())
    # What failed comes first.
    verdicts.sort(key=lambda pair: pair[1]["met"])
    return environment.get_template("page.html.j2").render(
        sections=sections,
        verdicts=verdicts,
        unjudged=left,
        found=len(answers) if found is None else found,
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


def _by_time(answer: SavedAnswer) -> str:
    return answer.created


def _read(path: Path) -> SavedAnswer:
    try:
        content, manifest = (
            json.loads((path.parent / f"{name}.json").read_text(encoding="utf-8-sig"))
            for name in ("answer", "manifest")
        )
        answer = SavedAnswer(path.parent, {**content, "manifest": manifest})
        _ = answer.subject, answer.created, [content[key] for key in _NEEDED]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"cannot read {path}: {error}; remove its folder, or run it again"
        ) from None
    return answer


def _readable_section(number: int, answer: SavedAnswer) -> dict[str, Any]:
    try:
        return _section(number, answer)
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise InputError(
            f"cannot read the answer in {answer.folder}: {error};"
            " remove the folder, or run it again"
        ) from None


def _section(number: int, answer: SavedAnswer) -> dict[str, Any]:
    content = answer.content
    folder = answer.folder
    return {
        **content,
        "anchor": f"answer-{number}",
        # One study asks several processes at once.
        "pdk": ", ".join(content["manifest"]["parameters"].get("pdks") or [answer.pdk]),
        "flow": answer.flow,
        "pictures": [
            _picture(folder / f"{name}.svg", f"a{number}-{i}-")
            for i, name in enumerate(content["figures"])
        ],
        "shown": [_table(folder, name) for name in content["tables"]],
        "unjudged": _unjudged(content),
        "failed": [p for p in content["manifest"]["points"] if p["status"] != "ok"],
    }


def _picture(path: Path, prefix: str) -> Markup:
    """Return a picture's markup, its ids made the picture's own: on one page they would clash."""
    text = path.read_text(encoding="utf-8")
    if "<svg" not in text:
        raise ValueError(f"{path.name} is no SVG")
    text = text[text.index("<svg") :]
    text = re.sub(r'\bid="', f'id="{prefix}', text)
    text = re.sub(r"url\(#", f"url(#{prefix}", text)
    text = re.sub(r'href="#', f'href="#{prefix}', text)
    # The page sets the width, but a narrow picture is not blown up to it.
    text = re.sub(
        r'<svg([^>]*?) width="([\d.]+)pt"',
        lambda found: f'<svg{found[1]} style="max-width:{1.5 * float(found[2]):g}pt"',
        text,
        count=1,
    )
    text = re.sub(r'<svg([^>]*?) height="[^"]*"', r"<svg\1", text, count=1)
    return Markup(text)  # noqa: S704  # our own matplotlib wrote it


def _unjudged(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return why -> what is not judged for that reason; of an older answer what has no verdict."""
    judged = {verdict["quantity"] for verdict in content["verdicts"]}
    older = [{"quantity": name, "why": ""} for name in content["quantities"] if name not in judged]
    reasons: dict[str, list[str]] = {}
    for one in content.get("not_judged", older):
        reasons.setdefault(one["why"] or "no limit", []).append(label_of(one["quantity"]))
    return reasons


def _table(folder: Path, name: str) -> dict[str, Any]:
    """Return a table as the page shows it: its name and file, headings, the first rows, its size.

    A Parquet file is for programs: it is named, and not shown.
    """
    path = next((p for f in TABLE_FORMATS if (p := folder / f"{name}.{f}").is_file()), None)
    shown: dict[str, Any] = {"name": label_of(name), "path": str(path or folder), "count": None}
    if path is None or path.suffix == ".parquet":
        return shown
    rows = _records(path)
    names = [column for column in (rows[0] if rows else {}) if column not in _UNSHOWN]
    cells = [
        [_cell(unit_name(column, row), row[column]) for column in names]
        for row in rows[:_MOST_ROWS]
    ]
    headings = [label_of(column) for column in names]
    return {**shown, "count": len(rows), "headings": headings, "rows": cells}


def _records(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table's file, every cell as text; "" where one is missing."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix == ".csv":
            return list(csv.DictReader(file))
        rows = json.load(file)
    return [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]


def _cell(name: str, text: str) -> str:
    if not text:
        return "—"
    try:
        return format_named(name, float(text))
    except ValueError:
        return text


def _named(value: float | Mapping[str, Any] | None, name: str) -> str:
    if not isinstance(value, Mapping):
        return "—" if value is None else format_named(name, value)
    least, most = (_named(value[end], name) for end in ("least", "most"))
    missing = f", {value['missing']} missing" if value["missing"] else ""
    return f"{least} to {most} ({value['conditions']} conditions{missing})"
