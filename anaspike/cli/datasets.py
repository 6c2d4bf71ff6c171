"""`anaspike datasets`: what there is to learn from, and what is in it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from anaspike.cli.progress import progress_bar

if TYPE_CHECKING:
    from rich.console import Console

    from anaspike.learning.datasets.survey import Survey


@click.command("datasets")
@click.argument("name", required=False)
@click.option(
    "--data", type=click.Path(path_type=Path), help="folder of data sets  [default: $ANASPIKE_DATA]"
)
@click.option("--json", "as_json", is_flag=True, help="print the numbers as JSON")
def datasets(name: str | None, data: Path | None, as_json: bool) -> None:
    """List the data sets, or only NAME: images by class, sources, duplicates, skipped files.

    Every image is read once. Sources are what a split divides: copies of one image count as one.
    """
    import dataclasses  # noqa: PLC0415
    import json  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    from anaspike.errors import InputError  # noqa: PLC0415
    from anaspike.learning.datasets import dataset_names  # noqa: PLC0415
    from anaspike.learning.datasets.location import data_folder  # noqa: PLC0415
    from anaspike.learning.datasets.survey import survey  # noqa: PLC0415

    if data is not None:
        data_folder(data, {})  # one that is not there is a mistake, not an absent data set
    console = Console(highlight=False, soft_wrap=True, markup=True)
    found: list[Survey | dict[str, str]] = []
    for known in [name] if name else dataset_names():
        try:
            with progress_bar(f"reading {known}") as progress:
                found.append(survey(known, data, progress=progress))
        except InputError as error:
            if name:
                raise
            found.append({"name": known, "absent": str(error)})
    if as_json:
        rows = [row if isinstance(row, dict) else dataclasses.asdict(row) for row in found]
        click.echo(json.dumps(rows, indent=2).replace('"class_"', '"class"'))
        return
    for row in found:
        if isinstance(row, dict):
            console.print(f"[yellow]absent[/] [bold]{row['name']}[/]  ", end="")
            console.print(row["absent"], markup=False)
        else:
            _show(row, console)


def _show(found: "Survey", console: "Console") -> None:
    console.print(f"[green]here[/]   [bold]{found.name}[/]  ", end="")
    console.print(found.where, markup=False)
    for part in dict.fromkeys(count.part for count in found.counts):
        counts = [count for count in found.counts if count.part == part]
        total, sources = (sum(getattr(c, key) for c in counts) for key in ("samples", "sources"))
        console.print(f"       {part}: {total} images from {sources} sources")
        for count in counts:
            of = "" if count.samples == count.sources else f" from {count.sources} sources"
            console.print(f"         {count.class_:<12}{count.samples:>6}{of}", markup=False)
    for note in found.notes:
        console.print(f"       {note}", markup=False)
