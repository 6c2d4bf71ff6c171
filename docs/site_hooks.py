"""What the site needs beside its pages: files of the repository that pages link to.

On a forge a page links to whatever lies in the repository. In the site pages and pictures from
outside docs/ lie below project/, and a link to anything else is shown as the path that it is. The
tutorials are notebooks: each has a page, with what it shows.
"""

import base64
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
DOCS, BELOW = ROOT / "docs", "project"
# Pages that are part of the site though they lie outside docs/.
PAGES = (
    "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
    "results/reference/benchmarks.md", "pdk_models/generic28/README.md",
)  # fmt: skip
_PICTURES = {".png", ".svg"}
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#:\s]+)(#[^)\s]*)?\)")
_STYLE, _COLOUR = re.compile(r"<style.*?</style>", re.DOTALL), re.compile(r"\x1b\[[0-9;]*m")
_FENCE = re.compile(r"(^```.*?^```)", re.DOTALL | re.MULTILINE)


def on_files(files: Files, config: Any) -> Files:
    """Add the repository's pages, and each picture that a page shows."""
    for name in PAGES:
        files.append(_added(config, name))
    for notebook in sorted((DOCS / "tutorials").glob("*.ipynb")):
        for name, content in _page_of(notebook):
            files.append(File.generated(config, f"tutorials/{name}", content=content))
    sources = [file.abs_src_path for file in files if file.src_uri.endswith(".md")]
    pages = [source for source in sources if source is not None]
    shown = {
        target
        for page in pages
        for _, _, link, _ in _LINK.findall(Path(page).read_text(encoding="utf-8"))
        if (target := (Path(page).parent / link).resolve()).suffix in _PICTURES
        and target.is_file()
        and not target.is_relative_to(DOCS)
    }
    for target in sorted(shown):
        files.append(_added(config, target.relative_to(ROOT).as_posix()))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Turn links that leave docs/ to where their targets lie in the site."""
    here = Path(page.file.src_uri).parent
    source = page.file.abs_src_path  # none of a page that was made here
    origin = DOCS / here if source is None else Path(source).parent

    def turned(match: re.Match[str]) -> str:
        picture, text, link, anchor = match.groups()
        target = (origin / link).resolve()
        if target.suffix == ".ipynb":
            target = target.with_suffix(".md")
        inside = target.is_relative_to(DOCS)
        name = target.relative_to(DOCS if inside else ROOT).as_posix()
        uri = name if inside else f"{BELOW}/{name}"
        if files.get_file_from_path(uri) is None:
            said = text.strip("`")
            return f"{text}" if said in name else f"{text} (`{name}`)"
        return f"{picture}[{text}]({os.path.relpath(uri, here)}{anchor or ''})"

    parts = _FENCE.split(markdown)  # every second one is code
    return "".join(part if i % 2 else _LINK.sub(turned, part) for i, part in enumerate(parts))


def _page_of(notebook: Path) -> Iterator[tuple[str, str | bytes]]:
    """Yield a notebook's page, and before it the pictures in it: name -> content."""
    parts = [f"[This page is a notebook]({notebook.name}): run it, change it.\n"]
    for number, cell in enumerate(json.loads(notebook.read_text(encoding="utf-8"))["cells"]):
        text = "".join(cell["source"])
        parts.append(text if cell["cell_type"] == "markdown" else _fenced(text, "python"))
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/html" in data:
                shown = _STYLE.sub("", "".join(data["text/html"]))
                shown = re.sub(r"<table [^>]*>", "<table>", shown)
                parts.append(f'<div style="overflow-x: auto">{shown}</div>')
            elif "image/png" in data:
                name = f"{notebook.stem}-{number}.png"
                yield name, base64.b64decode("".join(data["image/png"]))
                parts.append(f"![what the cell shows]({name})")
            else:
                said = [*output.get("traceback", []), *output.get("text", [])]
                shown = "".join(said or data.get("text/plain", []))
                parts.append(_fenced(_COLOUR.sub("", shown).rstrip(), "text"))
    yield f"{notebook.stem}.md", "\n\n".join((parts[1], parts[0], *parts[2:])) + "\n"


def _fenced(text: str, language: str) -> str:
    return f"```{language}\n{text}\n```"


def _added(config: Any, name: str) -> File:
    return File.generated(config, f"{BELOW}/{name}", abs_src_path=str(ROOT / name))
