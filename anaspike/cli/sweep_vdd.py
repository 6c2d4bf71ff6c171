"""`anaspike sweep-vdd`: one neuron over synapse supplies."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from anaspike.cli.options import CELSIUS, CODES, COUNT, FARAD, SECOND, VOLT
from anaspike.cli.progress import progress_bar
from anaspike.cli.study import default_folder

if TYPE_CHECKING:
    from anaspike.api import SweepResult


@click.command("sweep-vdd")
@click.option("--from", "start_V", type=VOLT, default=0.55, show_default=True, help="lowest supply")
@click.option("--to", "stop_V", type=VOLT, default=0.75, show_default=True, help="highest supply")
@click.option("--points", type=COUNT, help="supplies in the range, ends included  [default: 9]")
@click.option("--step", "step_V", type=VOLT, help="or the distance between them")
@click.option("--pdk", default="generic28", show_default=True, help="process: generic28, sky130")
@click.option("--corner", default="tt", show_default=True, help="tt, ff, ss, sf or fs")
@click.option(
    "--temp", "temperature_C", type=CELSIUS, default=27.0, show_default=True, help="temperature"
)
@click.option("--codes", type=CODES, help="weight of each synapse, -7..7: +3,-1,+2")
@click.option("--spikes-in", type=COUNT, help="spikes of the input train")
@click.option("--period", "period_s", type=SECOND, help="from input spike to input spike")
@click.option("--width", "width_s", type=SECOND, help="of an input spike")
@click.option(
    "--wire-cap", "wire_capacitance_F", type=FARAD, default=2e-15, show_default="2f",
    help="estimated wire capacitance of each node",
)  # fmt: skip
@click.option("--seed", type=COUNT, help="of a mismatch sample  [default: nominal devices]")
@click.option("--jobs", type=COUNT, help="simulations at once  [default: all cores]")
@click.option(
    "--timeout", "timeout_s", type=SECOND, default=600.0, show_default=True,
    help="wall-clock limit of one simulation",
)  # fmt: skip
@click.option("--check-convergence", is_flag=True, help="run all again, tighter, and compare")
@click.option("--out", type=click.Path(path_type=Path), help="folder  [default: results/runs/...]")
@click.option(
    "--format", "table_format", default="csv", show_default=True, help="csv, parquet or json"
)
@click.option("--quiet", is_flag=True, help="print nothing but errors")
@click.option("--json", "as_json", is_flag=True, help="print the result as JSON, nothing else")
def sweep_vdd(out: Path | None, table_format: str, quiet: bool, as_json: bool, **asked: Any) -> int:
    """Drive one neuron with the same spikes at each synapse supply.

    Reproduces the paper's Figure 4 (a higher supply gives more spikes) and
    the start of Figure 8 (the energy of a spike falls as the supply rises).
    What is not given is the design's own for the process.

    \b
    Exit code: 0 done, 1 a point failed (its row says how) or is not
    converged, 2 bad input or a missing tool, 130 interrupted.
    """
    # Imported here so that --help answers at once.
    from anaspike import api  # noqa: PLC0415
    from anaspike.files import make_folder  # noqa: PLC0415
    from anaspike.report.tables import check_format  # noqa: PLC0415

    check_format(table_format)
    folder = out or default_folder("sweep_vdd")
    talk = not (quiet or as_json)
    with progress_bar("simulating") if talk else nullcontext() as progress:
        result = api.sweep_vdd(**asked, progress=progress, ready=lambda: make_folder(folder))
    files = result.save(folder, table_format)
    if as_json:
        click.echo(_as_json(result, files))
    elif talk:
        _show(result, files)
    if result.interrupted:
        return 130
    return 0 if result.ok else 1


def _as_json(result: "SweepResult", files: list[Path]) -> str:
    from anaspike.report.tables import records  # noqa: PLC0415

    return json.dumps(
        {
            "rows": records(result.table),
            "convergence": None if result.audit is None else records(result.audit),
            "manifest": result.manifest,
            "files": [str(path) for path in files],
        },
        indent=2,
        allow_nan=False,
    )


def _show(result: "SweepResult", files: list[Path]) -> None:
    from anaspike.campaign.audit import TIGHTENING  # noqa: PLC0415
    from anaspike.report import sweep_vdd as report  # noqa: PLC0415

    console = Console(highlight=False)
    console.print(report.terminal_table(result.table))
    for row in result.table.to_dict("records"):
        if row["status"] != "ok":
            console.print(f"{row['vdd_syn_V']:g} V: {row['message']}", style="red", markup=False)
    if result.audit is not None:
        console.print(f"\nConvergence audit ({TIGHTENING}; spikes equal, energy within 2 %):")
        console.print(report.audit_terminal_table(result.audit))
    for path in files:
        console.print(f"wrote {path}", markup=False, soft_wrap=True)
