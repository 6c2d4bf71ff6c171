"""`anaspike datasets`: what there is to learn from, and what is in it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from anaspike.cli.options import PATH, max_size_option
from anaspike.cli.progress import progress_bar
from anaspike.report.streams import pour

if TYPE_CHECKING:
    from anaspike.learning.datasets.survey import Survey
    from anaspike.report.console import Terminal


@click.command("datasets")
@click.argument("name", required=False)
@click.option("--data", type=PATH, help="folder of data sets  [default: $ANASPIKE_DATA]")
@max_size_option
@click.option("--json", "as_json", is_flag=True, help="print the numbers as JSON")
def datasets(
    name: str | None,
    data: Path | None,
    max_size_B: float | None,  # as all that has a unit
    as_json: bool,
) -> None:
    """List the data sets, or only NAME: images by class, sources, duplicates, skipped files.

    Every image is read once. Sources are what a split divides: copies of one image count as one.
    Kaggle's blood cells are matched to the images that they are copies of.
    """
    import dataclasses  # noqa: PLC0415
    import json  # noqa: PLC0415

    from anaspike.errors import InputError  # noqa: PLC0415
    from anaspike.learning.datasets import dataset_names  # noqa: PLC0415
    from anaspike.learning.datasets.location import data_folder  # noqa: PLC0415
    from anaspike.learning.datasets.survey import survey  # noqa: PLC0415
    from anaspike.report.console import Terminal  # noqa: PLC0415

    if data is not None:
        data_folder(data, {})  # one that is not there is a mistake, not an absent data set
    console = Terminal(soft_wrap=True)
    found: list[Survey | dict[str, str]] = []
    for known in [name] if name else dataset_names():
        try:
            with progress_bar(f"reading {known}") as progress:
                found.append(survey(known, data, progress=progress, max_size_B=max_size_B))
        except InputError as error:
            if name:
                raise
            found.append({"name": known, "absent": str(error)})
    if as_json:
        rows = [row if isinstance(row, dict) else dataclasses.asdict(row) for row in found]
        pour(json.dumps(rows, indent=2).replace('"class_"', '"class"') + "\n")
        return
    for row in found:
        if isinstance(row, dict):
            console.parts(("absent", "yellow"), " ", (row["name"], "bold"), f"  {row['absent']}")
        else:
            _show(row, console)


def _show(found: "Survey", console: "Terminal") -> None:
    console.parts(("here", "green"), "   ", (found.name, "bold"), f"  {found.where}")
    for part in dict.fromkeys(count.part for count in found.counts):
        counts = [count for count in found.counts if count.part == part]
        total = sum(count.samples for count in counts)
        known = [count.sources for count in counts if count.sources is not None]
        all_of = f"from {sum(known)} sources" if len(known) == len(counts) else "of unknown sources"
        console.print(f"       {part}: {total} images {all_of}")
        for count in counts:
            alone = count.sources in {count.samples, None}
            of = "" if alone else f" from {count.sources} sources"
            console.print(f"         {count.class_:<12}{count.samples:>6}{of}")
    for note in found.notes:
        console.print(f"       {note}")
