"""`anaspike paper-table`: the paper's Tables 1 to 8."""

from pathlib import Path
from typing import Any

import click

from anaspike.cli.options import COUNT, PATH, listed, max_size_option
from anaspike.cli.study import LEARNING_OUTPUT, learning_options, run_study
from anaspike.errors import InputError
from anaspike.units import parse_whole

_ALL = "all"


@click.command("paper-table")
@click.argument("number", metavar="N")
@click.option("--dataset", "datasets", type=listed(), help="or several  [default: digits,bccd]")
@click.option(
    "--data-dir", type=PATH,
    help="folder with STL-10, Food-11, BCCD and VGG-19's weights: the paper's own experiment",
)  # fmt: skip
@click.option("--repeat", type=COUNT, help="trainings of each cell  [default: as the paper]")
@click.option("--epochs", type=COUNT, help="of each training  [default: as the paper]")
@click.option("--seed", type=COUNT, default=0, show_default=True, help="of the first training")
@max_size_option
@learning_options
def paper_table(number: str, **options: Any) -> int:
    """Train the paper's Table N, 1 to 8, or all of them, its figures beside ours.

    Rows and columns are the paper's, for the data sets that you have. Every
    answer goes to a folder of its own, results/runs/paper_table_N, from which
    `anaspike report` makes one page.

    \b
    Exit code: 0 done, 1 a training failed, 2 bad input, 130 interrupted.
    """
    from anaspike.learning.paper import TABLES  # noqa: PLC0415
    from anaspike.studies.learning.paper_table import PaperTableStudy  # noqa: PLC0415

    output = {name: options.pop(name) for name in LEARNING_OUTPUT}
    given = {name: value for name, value in options.items() if value is not None}
    if any(given.get(name) == 0 for name in ("repeat", "epochs")):
        raise InputError("--repeat and --epochs count from 1")
    asked = sorted(TABLES) if number == _ALL else [parse_whole(number, "N")]
    studies = [PaperTableStudy(number=one, **given) for one in asked]
    for study in studies:
        study.check()
    root, worst = output.pop("out") or Path("results") / "runs", 0
    for study in studies:
        place = root / f"paper_table_{study.number}" / study.pdk
        worst = max(worst, run_study(study, out=place, **output))
    return worst
