"""Tables in Markdown, for pages that are regenerated and compared."""

import re
from collections.abc import Sequence
from pathlib import Path

from anaspike.errors import InputError
from anaspike.files import write_text
from anaspike.units import harmless

# What begins markup anywhere in a line. An underscore or a hash within a word does not.
_MARKUP = re.compile(r"[\\`*<\[\]|!]")


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; the first column is text, the others are set right.

    A cell stays a cell, whatever it holds: no markup, no line end.
    """
    rule = ["---", *("---:" for _ in headings[1:])]
    lines = [[_as_text(cell) for cell in cells] for cells in (headings, *rows)]
    lines.insert(1, rule)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def generated(page: Path, name: str) -> str:
    """Return what stands between `<!-- name -->` and `<!-- end name -->` on a page.

    Raises:
        InputError: the page has no such marks.
    """
    before, opened, rest = page.read_text(encoding="utf-8").partition(f"<!-- {name} -->\n")
    text, closed, _ = rest.partition(f"\n<!-- end {name} -->")
    if not (before and opened and closed):
        raise InputError(f"{page} has no marks <!-- {name} --> ... <!-- end {name} -->")
    return text


def regenerate(page: Path, name: str, text: str) -> None:
    """Replace what stands between the marks on a page.

    Raises:
        InputError: the page has no such marks, or cannot be written.
    """
    old = generated(page, name)
    mark = f"<!-- {name} -->\n"
    whole = page.read_text(encoding="utf-8")
    write_text(page, whole.replace(f"{mark}{old}\n<!-- end", f"{mark}{text}\n<!-- end"))


def _as_text(cell: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", harmless(cell).replace("\n", " "))
