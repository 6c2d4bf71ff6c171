"""One HTML page of answers: opens offline, reads on a phone and on paper, asks no network."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from anaspike.errors import InputError
from anaspike.report.comparison import FIGURES, compared
from anaspike.report.excerpt import typeset
from anaspike.report.foreign import Allowance
from anaspike.report.interactive import library, unwanted_styles
from anaspike.report.saved import SavedAnswer
from anaspike.report.schema import Range
from anaspike.report.sections import MET, MISSED, UNJUDGED, Section, chapters
from anaspike.units import format_named, harmless, label_of

_MOST_FAILED = 1_000  # points of an answer that are told one by one
_MOST_TABLES_B, _MOST_PARTS, _MOST_CHARACTERS = 100_000_000, 1_000_000, 32_000_000  # of a page


def page(
    answers: Sequence[SavedAnswer], found: int | None = None, interactive: bool = False
) -> str:
    """Return the page: what it all comes to, then question by question what was found.

    Args:
        answers: to show.
        found: of how many they are the latest, where there are more.
        interactive: whether curves can be zoomed into; the page then brings along what draws them.

    Raises:
        InputError: what draws them is not installed, a picture or a table cannot be read, or the
            page would be too large.
    """
    environment = _environment()
    tables, parts = Allowance(_MOST_TABLES_B), Allowance(_MOST_PARTS)
    sections = [
        Section(number, answer, tables, parts, interactive)
        for number, answer in enumerate(answers, 1)
    ]
    told = chapters(sections)
    style = environment.get_template("page.css").render()
    ours = environment.get_template("interactive.js").render()
    scripts = [library(), ours] if interactive else []
    return _bounded(
        environment.get_template("page.html.j2").generate(
            sections=sections,
            chapters=told,
            questions=[asked for questions in told.values() for asked in questions],
            compared=compared(sections),
            pdks=list(dict.fromkeys(pdk for section in sections for pdk in section.pdks)),
            figures=FIGURES,
            words={"met": MET, "missed": MISSED, "unjudged": UNJUDGED},
            found=len(answers) if found is None else found,
            most_failed=_MOST_FAILED,
            made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            style=style,
            scripts=scripts,
            taken=[name for script in scripts[:1] for name in unwanted_styles(script)],
            policy=_policy(style, scripts),
        )
    )


def _policy(style: str, scripts: Sequence[str]) -> str:
    """Return what the page allows itself: its own style and scripts by their digests, no network.

    What draws curves begins with an empty style of its own and sets styles of single elements.
    """
    styles = [style, *([""] * bool(scripts))]
    return "; ".join(
        (
            "default-src 'none'",
            "img-src data:",
            f"style-src {' '.join(map(_sha256, styles))}",
            *(
                (f"script-src {' '.join(map(_sha256, scripts))}", "style-src-attr 'unsafe-inline'")
                if scripts
                else ()
            ),
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _sha256(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


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
        return "—" if value is None else typeset(format_named(name, value))
    least, most = (_named(end, name) for end in (value.least, value.most))
    missing = f", {value.missing} missing" if value.missing else ""
    return f"{least} to {most} ({value.conditions} conditions{missing})"
