"""The documentation: no dead link, a page for every command, an example that is the API's."""

import re
from pathlib import Path

import pytest

import anaspike
from anaspike.cli import cli
from anaspike.studies.catalog import CHARACTERISE

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md")),
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
    assert used == {"table", "figure", "waveforms"}
    assert all(
        hasattr(anaspike.SweepResult, name) or name in anaspike.SweepResult.__annotations__
        for name in used
    )
