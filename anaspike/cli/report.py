"""`anaspike report`: the latest answers on one page."""

from pathlib import Path

import click

from anaspike.cli.options import PATH
from anaspike.report.streams import say


@click.command("report")
@click.argument("folders", nargs=-1, type=PATH, metavar="FOLDER...")
@click.option(
    "-o", "--output", type=PATH, default=Path("results/report.html"),
    show_default=True, help="the page",
)  # fmt: skip
@click.option(
    "--interactive/--static", default=None,
    help="Curves to zoom into, with values under the cursor (4.8 MB more); where plotly is"
    " installed it is so unless --static.",
)  # fmt: skip
def report(folders: tuple[Path, ...], output: Path, interactive: bool | None) -> int:
    """Gather the latest answer of every study on each process into one HTML page.

    \b
    Answers are looked for below FOLDER, by default results/runs, and where
    that holds none results/reference. The page needs no network and no other
    file.
    """
    from anaspike.files import write_text  # noqa: PLC0415
    from anaspike.folders import half_written  # noqa: PLC0415
    from anaspike.report.interactive import available  # noqa: PLC0415
    from anaspike.report.page import page  # noqa: PLC0415
    from anaspike.report.saved import latest, saved_answers  # noqa: PLC0415

    looked_in = folders or (Path("results/runs"), Path("results/reference"))
    for folder in half_written(looked_in):
        say(f"left out: {folder} is half-written; run that command again", err=True)
    found = saved_answers(looked_in)
    answers = latest(found)
    drawn_anew = available() if interactive is None else interactive
    write_text(output, page(answers, len(found), drawn_anew))
    of = f", the latest of {len(found)}" if len(found) > len(answers) else ""
    count = "1 answer" if len(answers) == 1 else f"{len(answers)} answers"
    say(f"wrote {output} ({count}{of})")
    return 0
