"""The tutorials: what stands in them was shown by this code, and is shown again (`make proofs`)."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

import anaspike

ROOT = Path(__file__).parents[1]
TUTORIALS = sorted((ROOT / "docs/tutorials").glob("*.ipynb"))


def cells_of(path, kind):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def text_of(cell):
    return "".join(cell["source"])


def test_there_are_five_in_an_order():
    assert [path.name[:2] for path in TUTORIALS] == ["1-", "2-", "3-", "4-", "5-"]


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_is_whole(path):
    code = cells_of(path, "code")
    shown = [output for cell in code for output in cell["outputs"]]
    assert "image/png" in json.dumps(shown)
    assert any("text/html" in output.get("data", {}) for output in shown)
    for cell in code:
        failed = any(output["output_type"] == "error" for output in cell["outputs"])
        assert failed == ("raises-exception" in cell["metadata"].get("tags", ())), text_of(cell)
        assert cell["execution_count"] is not None, "make tutorials"
    assert not re.search(r"/(home|root|tmp|work)/|Traceback", json.dumps(shown))
    for cell in cells_of(path, "markdown"):
        for link in re.findall(r"\]\(([^)#:\s]+)\)", text_of(cell)):
            assert (path.parent / link).exists(), link
    used = {name for cell in code for name in re.findall(r"\banaspike\.(\w+)\(", text_of(cell))}
    assert used <= set(anaspike.__all__)


@pytest.mark.proof
@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_shows_what_it_showed(path, ngspice):
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("nbclient")
    place = importlib.util.spec_from_file_location("execute", ROOT / "docs/tutorials/execute.py")
    execute = importlib.util.module_from_spec(place)
    place.loader.exec_module(execute)
    before = nbformat.read(path, as_version=4)
    after = execute.executed(path)

    def results(notebook):
        """Return what results say of themselves: limits met, rows, whether all is well."""
        texts = [text for cell in execute.said(notebook) for text in cell]
        return [re.findall(r"<[\w-]+: .*>", text) for text in texts]

    assert results(after) == results(before)
    assert any(results(after))
