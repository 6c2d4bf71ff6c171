"""Execute the tutorials and write what they show into them: `make tutorials`.

Each runs in an empty folder of its own: what it writes is gone afterwards, and no path of this
machine comes into it. `make tutorials ONLY="1 3"` does those alone.
"""

import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
TIMEOUT_S = 900


def tutorials(only: list[str]) -> list[Path]:
    """Return the notebooks, in their order; those whose numbers are named."""
    return [
        path
        for path in sorted(HERE.glob("*.ipynb"))
        if not only or path.name.partition("-")[0] in only
    ]


def executed(path: Path) -> nbformat.NotebookNode:
    """Return a notebook with what it shows now.

    Raises:
        CellExecutionError: a cell failed that was not to.
    """
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT_S,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
        )
        client.execute()
    return tidied(notebook)


def tidied(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return it without what differs from run to run: times, the bar that has gone, who ran it."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place}"
        cell.metadata = {k: v for k, v in cell.metadata.items() if k == "tags"}
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if not gone(one)]
    return notebook


def gone(output: nbformat.NotebookNode) -> bool:
    """Return whether an output is a progress bar, of which nothing is left."""
    return output.output_type == "display_data" and not any(output.data.values())


def said(notebook: nbformat.NotebookNode) -> list[list[str]]:
    """Return for each cell what it says as text, what differs from run to run left out."""
    cells = []
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        texts = [one.get("text") or one.get("data", {}).get("text/plain", "") for one in outputs]
        cells.append([re.sub(r"\d{8}-\d{6}-\d{3}|0x[0-9a-f]+", "", text) for text in texts])
    return cells


if __name__ == "__main__":
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    for tutorial in tutorials(sys.argv[1:]):
        nbformat.write(executed(tutorial), tutorial)
        sys.stdout.write(f"wrote {tutorial.relative_to(HERE.parents[1])}\n")
