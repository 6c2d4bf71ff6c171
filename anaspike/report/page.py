"""One HTML page of answers: opens offline, reads on a phone, runs nothing."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from anaspike.errors import InputError
from anaspike.report.embedded import Embedded, embedded
from anaspike.report.excerpt import Excerpt, excerpt
from anaspike.report.foreign import Allowance, ForeignFolder
from anaspike.report.saved import SavedAnswer, unreadable
from anaspike.report.schema import Point, Range
from anaspike.units import format_named, harmless, label_of

_MOST_FAILED = 1_000  # points of an answer that are told one by one
_MOST_TABLES_B, _MOST_PARTS, _MOST_CHARACTERS = 100_000_000, 1_000_000, 32_000_000  # of a page


@dataclass
class _Section:
    """An answer as the page shows it. Pictures and tables are read as they are shown.

    Attributes:
        number: of the answer on the page.
        answer: as it was saved.
        tables_B: what the tables of all sections may measure together, in bytes.
        parts: how many parts all their pictures may have.
    """

    number: int
    answer: SavedAnswer
    tables_B: Allowance
    parts: Allowance
    pdk: str = field(init=False)
    failed: list[Point] = field(init=False)
    unjudged: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        manifest = self.answer.manifest
        # One study asks several processes at once.
        self.pdk = ", ".join(manifest.parameters.pdks or [self.answer.pdk])
        self.failed = [point for point in manifest.points if point.status != "ok"]
        self.unjudged = self.answer.unjudged

    @property
    def anchor(self) -> str:
        return f"answer-{self.number}"

    @property
    def pictures(self) -> Iterator[tuple[str, Embedded]]:
        folder = ForeignFolder(self.answer.folder)
        for name in self.answer.content.figures:
            try:
                yield label_of(name), embedded(folder, f"{name}.svg", self.parts)
            except InputError as error:
                raise unreadable(folder.path, error) from None

    @property
    def tables(self) -> Iterator[Excerpt]:
        folder = ForeignFolder(self.answer.folder)
        for name in self.answer.content.tables:
            try:
                yield excerpt(folder, name, self.tables_B)
            except InputError as error:
                raise unreadable(folder.path, error) from None


def page(answers: Sequence[SavedAnswer], found: int | None = None) -> str:
    """Return the page: verdicts first, then each answer with pictures, numbers, provenance.

    Args:
        answers: to show.
        found: of how many they are the latest, where there are more.

    Raises:
        InputError: a picture or a table cannot be read, or the page would be too large.
    """
    environment = _environment()
    tables, parts = Allowance(_MOST_TABLES_B), Allowance(_MOST_PARTS)
    sections = [_Section(number, answer, tables, parts) for number, answer in enumerate(answers, 1)]
    verdicts = [
        (section, verdict) for section in sections for verdict in section.answer.content.verdicts
    ]
    left = sum(len(names) for section in sections for names in section.unjudged.values())
    # What failed comes first.
    verdicts.sort(key=lambda pair: pair[1].met)
    style = environment.get_template("page.css").render()
    return _bounded(
        environment.get_template("page.html.j2").generate(
            sections=sections,
            verdicts=verdicts,
            unjudged=left,
            found=len(answers) if found is None else found,
            most_failed=_MOST_FAILED,
            made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            style=style,
            style_sha256=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        )
    )


def _environment() -> Environment:
    loader: BaseLoader = PackageLoader("anaspike.report")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    environment.filters["named"] = _named
    environment.filters["label"] = label_of
    return environment


def _bounded(pieces: Iterator[str]) -> str:
    kept, left = [], _MOST_CHARACTERS
    for piece in pieces:
        kept.append(piece)
        left -= len(piece)
        if left < 0:
            raise InputError(
                f"the page would have more than {_MOST_CHARACTERS / 1e6:g} million characters;"
                " report fewer answers at once"
            )
    return "".join(kept)


def _harmless(value: Any) -> Any:
    """Show what would steer a reader's eye, as text that runs from right to left, as what it is."""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _named(value: float | Range | None, name: str) -> str:
    if not isinstance(value, Range):
        return "—" if value is None else format_named(name, value)
    least, most = (_named(end, name) for end in (value.least, value.most))
    missing = f", {value.missing} missing" if value.missing else ""
    return f"{least} to {most} ({value.conditions} conditions{missing})"
