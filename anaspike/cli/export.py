"""`anaspike export`: the traces of a run for other programs."""

from pathlib import Path

import click

from anaspike.cli.options import COUNT, PATH
from anaspike.report.streams import say


@click.command("export")
@click.argument("run", type=PATH)
@click.option("--format", "format_", default="csv", show_default=True, help="raw, csv or vcd")
@click.option("--point", "points", type=COUNT, multiple=True, help="this one only; several times")
@click.option("--out", type=PATH, help="folder  [default: RUN/export]")
def export(run: Path, format_: str, points: tuple[int, ...], out: Path | None) -> int:
    """Write the traces of the run in folder RUN, a file a point, for other programs.

    \b
    raw  as ngspice writes it: gaw, gwave, LTspice, PyLTSpice
    csv  time_s, then each vector with its unit in its name
    vcd  real numbers over femtoseconds: GTKWave, Surfer

    The run was made with --keep-waveforms; POINT is its index in RUN/manifest.json.
    RUN is read as data, whoever made it.

    \b
    Exit code: 0 written, 2 bad input.
    """
    from anaspike.campaign.traces import in_words, read_trace  # noqa: PLC0415
    from anaspike.folders import held, refuse_links, unfinished  # noqa: PLC0415
    from anaspike.report.exporting import traces_of  # noqa: PLC0415
    from anaspike.report.saved import run_in  # noqa: PLC0415
    from anaspike.report.traces_out import writer  # noqa: PLC0415

    write = writer(format_)
    run = run_in(run)
    kept = traces_of(run, points)
    folder = out or run / "export"
    with held(refuse_links(folder, run)), unfinished(folder):
        for trace in kept:
            path = refuse_links(folder / f"point-{trace.point}.{format_}", run)
            write(path, read_trace(run, trace.point), in_words(trace))
            say(f"wrote {path} ({in_words(trace)})")
    return 0
