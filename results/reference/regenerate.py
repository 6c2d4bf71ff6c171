"""Regenerate everything that is committed and compared: `make reference`.

The decks in netlists/, the table of generic28's devices, and the answer of
every flow on each of its processes. `make reference ONLY="xor energy"`
regenerates those flows alone; `netlists` and `devices` are names too, the folders
of flows likewise, and so is `second_opinion`, which is not among all of them: it takes
the extra [vacask].
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import anaspike
from anaspike.cli import run
from anaspike.cli.study import INTERRUPTED
from anaspike.errors import InputError
from anaspike.experiments.benches import block_names
from anaspike.layout.catalog import drawable
from anaspike.report.devices import device_table
from anaspike.report.markdown import regenerate
from anaspike.units import printable, suggestion

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MODELS = "../pdk_models/generic28"
FOLDERS = ("after_layout", "in_loop", "time")


def netlists() -> int:
    """Write a deck for each block."""
    paths = {block: ROOT / "netlists" / f"{block}.cir" for block in block_names()}
    return max(
        run(["netlist", block, "--models", MODELS, "-o", str(path)])
        for block, path in paths.items()
    )


def layouts() -> int:
    """Draw every block that can be drawn; that takes the extra [layout], and minutes."""
    folder = ROOT / "netlists" / "layouts"
    stored = ["--design", "sky130_stored_weights", "--out", str(folder / "stored_weights")]
    asked = [*(["layout", block, "--out", str(folder)] for block in drawable()),
             ["layout", "neuron", *stored]]  # fmt: skip
    return in_turn(partial(run, arguments) for arguments in asked)


def devices() -> int:
    """Write the table of generic28's devices into its README."""
    table = device_table(anaspike.measure_devices().to_dict("records"))
    regenerate(ROOT / "pdk_models/generic28/README.md", "targets", table)
    return 0


def flow(path: Path, kept: Path = HERE) -> int:
    """Answer a flow on each of its processes; what was interrupted replaces no reference."""
    with tempfile.TemporaryDirectory() as folder:
        code = run(["run", str(path), "--out", folder])
        if code in {0, 1}:
            shutil.rmtree(kept / path.stem, ignore_errors=True)  # a file of another name would stay
            shutil.copytree(folder, kept, dirs_exist_ok=True)
    return code


def folder(name: str) -> int:
    """Answer the flows of a folder: after_layout takes the extra [layout], in_loop ten minutes."""
    return in_turn(
        partial(flow, path, HERE / name) for path in sorted(Path("flows", name).glob("*.toml"))
    )


def opinion(path: Path) -> int:
    """Ask a flow of both simulators; of what it answers only the comparison is kept."""
    with tempfile.TemporaryDirectory() as folder:
        code = run(["run", str(path), "--out", folder])
        if code in {0, 1}:
            for table in sorted(Path(folder).glob("*/*/second_opinion.csv")):
                kept = HERE / "second_opinion" / table.relative_to(folder)
                kept.parent.mkdir(parents=True, exist_ok=True)
                for file in (table, table.with_name("manifest.json")):
                    shutil.copy(file, kept.parent)
    return code


def opinions() -> int:
    """Ask every flow of flows/second_opinion; that takes the extra [vacask], and half an hour."""
    paths = sorted(Path("flows/second_opinion").glob("*.toml"))
    return in_turn(partial(opinion, path) for path in paths)


def in_turn(steps: Iterable[Callable[[], int]]) -> int:
    """Take one step after another until one is interrupted; return the worst exit code."""
    worst = 0
    for step in steps:
        worst = max(worst, step())
        if worst == INTERRUPTED:
            break
    return worst


def main(names: list[str], steps: Mapping[str, Callable[[], int]]) -> int:
    """Regenerate what is named, or everything; return the worst exit code."""
    for name in names:
        if name not in steps:
            raise InputError(f"nothing is called '{printable(name)}'; {suggestion(name, steps)}")
    asked = names or [name for name in steps if name != "second_opinion"]
    return in_turn(steps[name] for name in asked)


if __name__ == "__main__":
    os.chdir(ROOT)  # flows name their files from here
    all_steps = {
        "netlists": netlists,
        "devices": devices,
        "layouts": layouts,
        **{name: partial(folder, name) for name in FOLDERS},
        "second_opinion": opinions,
        **{path.stem: partial(flow, path) for path in sorted(Path("flows").glob("*.toml"))},
    }
    try:
        sys.exit(main(sys.argv[1:], all_steps))
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
