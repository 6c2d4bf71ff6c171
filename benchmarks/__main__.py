"""Run benchmarks and write them to results/reference/benchmarks.md: all, or those named."""

import platform
import sys
from importlib import import_module
from pathlib import Path

from anaspike.campaign.engine import default_jobs
from anaspike.report.markdown import markdown_table, regenerate
from anaspike.spice.ngspice.run import Ngspice

PAGE = Path(__file__).parents[1] / "results/reference/benchmarks.md"
NAMES = (
    *("raw_reader", "sky130_start", "sweep_overhead", "charge_model", "charge_in_time"),
    *("campaign", "cost_curve", "in_process", "sky130_sweep", "dask_overhead"),
    *("nt_training", "surrogate_training", "learning_bounds", "in_loop", "layout_checks"),
)


def main(names: tuple[str, ...]) -> None:
    """Measure, print and write each benchmark's part of the page."""
    if unknown := set(names) - set(NAMES):
        raise SystemExit(f"no benchmark {', '.join(sorted(unknown))}; there is {', '.join(NAMES)}")
    made = (
        f"ngspice {Ngspice.find().version}, Python {platform.python_version()},"
        f" {default_jobs()} cores"
    )
    for name in names or NAMES:
        rows = []
        for row in import_module(f"benchmarks.{name}").measure():
            print(*row, sep=" | ", flush=True)
            rows.append(row)
        table = markdown_table(("what", "measured", "bound", "met"), rows)
        # Each part appears when it is measured: the last may take minutes more.
        regenerate(PAGE, name, f"{table}\n\nMeasured with {made}.")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
