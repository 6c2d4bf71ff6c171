"""The documentation: no dead link, a page for every command, an example that is the API's."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import anaspike
from anaspike.cli import cli
from anaspike.report.markdown import generated
from anaspike.studies.catalog import CHARACTERISE
from benchmarks import __main__ as benchmarks

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")),
         ROOT / "pdk_models/generic28/README.md"]  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_dead_link(page):
    links = re.findall(r"\]\(([^)#:\s]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_command_and_block_has_its_page():
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    for name in [name for name in cli.list_commands(None) if name != "characterise"]:
        assert f"[{name}](" in index, name
    for study in CHARACTERISE:
        assert f"[characterise {study.name}](" in index, study.name


def test_the_readmes_example_uses_what_there_is():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert len([line for line in example.splitlines() if line]) == 5
    used = set(re.findall(r"sweep\.(\w+)", example))
    assert used == {"table", "figures", "waveforms"}
    assert all(
        hasattr(anaspike.Result, name) or name in anaspike.Result.__annotations__ for name in used
    )


def test_every_page_has_its_place_in_the_site():
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r"[ :]([\w/-]+\.md)$", config, re.MULTILINE)
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    tutorials = {name for name in listed if name.startswith("tutorials/")}
    notebooks = (ROOT / "docs/tutorials").glob("*.ipynb")
    assert tutorials == {f"tutorials/{path.stem}.md" for path in notebooks}
    assert {name for name in listed if not name.startswith("project/")} - tutorials == pages
    assert len(listed) == len(set(listed))
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(pages - {"README.md"}) if f"]({name})" not in index] == []


def test_the_version_stands_everywhere():
    version = anaspike.__version__
    assert f"version: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+) ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert newest[1] == version


def test_samples_are_of_commands_that_there_are():
    pages = {page: page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md")}
    shown = [
        (page.name, command, first)
        for page, text in pages.items()
        for command, first in re.findall(r"<!-- sample: anaspike (.*) -->\n```text\n(.*)\n", text)
    ]
    assert len(shown) >= 2
    for page, command, first in shown:
        assert first == f"$ anaspike {command}", page
        assert command.split()[0] in cli.list_commands(None), page


@pytest.mark.proof
def test_the_site_is_built_and_no_link_of_it_is_dead(tmp_path):
    pytest.importorskip("mkdocs")
    pytest.importorskip("mkdocstrings")
    program = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    lesson = "tutorials/1-first-sweep.html"
    for page in ("index.html", "glossary.html", "project/CHANGELOG.html", lesson):
        assert (tmp_path / page).is_file()
    assert (tmp_path / lesson).read_text(encoding="utf-8").count("<table>") >= 2
    assert len(list((tmp_path / "tutorials").glob("1-first-sweep-*.png"))) == 2
    assert "sweep_vdd" in (tmp_path / "python.html").read_text(encoding="utf-8")
    assert (tmp_path / "search/search_index.json").stat().st_size > 100_000
    assert not re.search(r'(?:src|href)="https?://[^"]*\.(?:js|css)"',
                         (tmp_path / "index.html").read_text(encoding="utf-8"))  # fmt: skip


def test_every_benchmark_has_its_place_on_the_page():
    for name in benchmarks.NAMES:
        assert generated(benchmarks.PAGE, name)
