"""Regenerate everything that is committed and compared: `make reference`.

The decks in netlists/, the table of generic28's devices, and the answer of
every flow on both processes.
"""

from pathlib import Path

import anaspike
from anaspike.cli import run
from anaspike.experiments.benches import block_names
from anaspike.report.devices import device_table
from anaspike.report.markdown import regenerate

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MODELS = "../pdk_models/generic28"


def main() -> None:
    """Write it all."""
    for block in block_names():
        path = ROOT / "netlists" / f"{block}.cir"
        run(["netlist", block, "--models", MODELS, "-o", str(path)])
    table = device_table(anaspike.measure_devices().to_dict("records"))
    regenerate(ROOT / "pdk_models/generic28/README.md", "targets", table)
    run(["run", "--all", "--out", str(HERE)])


if __name__ == "__main__":
    main()
