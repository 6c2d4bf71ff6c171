"""Run every benchmark and write results/reference/benchmarks.md."""

import platform
from pathlib import Path

from anaspike.campaign.engine import default_jobs
from anaspike.files import write_text
from anaspike.report.markdown import markdown_table
from anaspike.spice.run import Ngspice
from benchmarks import (
    campaign,
    charge_model,
    dask_overhead,
    learning_bounds,
    nt_training,
    raw_reader,
    sky130_start,
    sky130_sweep,
    sweep_overhead,
)

PAGE = Path(__file__).parents[1] / "results/reference/benchmarks.md"
HEAD = """\
# Benchmarks

Ratios, each measured within one run of `make benchmarks`: a machine's speed cancels out. Medians
of {repeats} alternating pairs. Measured with ngspice {ngspice}, Python {python}, {cores} cores.

"""


def main() -> None:
    """Measure, print and write the page."""
    rows = []
    for benchmark in (
        *(raw_reader, sky130_start, sweep_overhead, charge_model),
        *(campaign, sky130_sweep, dask_overhead),
        *(nt_training, learning_bounds),
    ):
        for row in benchmark.measure():
            print(*row, sep=" | ", flush=True)
            rows.append(row)
    head = HEAD.format(
        repeats=5,
        ngspice=Ngspice.find().version,
        python=platform.python_version(),
        cores=default_jobs(),
    )
    table = markdown_table(("what", "measured", "bound", "met"), rows)
    write_text(PAGE, f"{head}{table}\n")


if __name__ == "__main__":
    main()
