"""`anaspike rerun`: one point of a run, again and alone."""

import os
from pathlib import Path

import click

from anaspike.cli.options import COUNT, PATH, SECOND, simulator_option
from anaspike.report.streams import say


@click.command("rerun")
@click.argument("run", type=PATH)
@click.argument("point", type=COUNT)
@click.option("--keep", is_flag=True, help="keep deck, settings, log and raw file, say where")
@click.option("--out", type=PATH, help="where  [default: RUN/point-POINT]")
@simulator_option("the run's")
@click.option(
    "--timeout", "timeout_s", type=SECOND, default=600.0, show_default=True,
    help="wall-clock limit of one simulation",
)  # fmt: skip
def rerun(
    run: Path, point: int, keep: bool, out: Path | None, simulator: str | None, timeout_s: float
) -> int:
    """Run one point of the run in folder RUN again, alone.

    POINT is its index in RUN/manifest.json, as the summary of failures names
    it. The deck is the one that ran then, whatever has changed since; the
    retry ladder is climbed as then. Another --simulator gives a second opinion.

    \b
    Exit code: 0 it delivered, 1 it failed, 2 bad input or a missing tool.
    """
    from anaspike.campaign.rerun import rerun as run_again  # noqa: PLC0415
    from anaspike.campaign.rerun import simulator_of  # noqa: PLC0415
    from anaspike.report.saved import run_in  # noqa: PLC0415
    from anaspike.spice.simulators import find_simulator  # noqa: PLC0415

    if run.is_dir() and not os.path.lexists(run / "manifest.json"):  # a link is refused below
        run = run_in(run)
    wanted = (out or run / f"point-{point}") if keep or out else None
    runs = find_simulator(simulator or simulator_of(run), timeout_s)
    again = run_again(run, point, runs, wanted)
    before = again.before
    why = f": {before['message']}" if before["message"] else ""
    say(f"then: {before['status']}{why}")
    for failed in again.failed:
        say(f"now: {failed.rung}: {failed.kind}: {failed.log_line}")
    if again.waveforms is None:
        say(f"now: {again.message}")
    else:
        size = f"{len(again.waveforms.names)} vectors of {len(again.waveforms.time_s)} points"
        say(f"now: {again.rung}: {size}")
    for folder in again.folders:
        say(f"kept {folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")
    return 0 if again.waveforms is not None else 1
