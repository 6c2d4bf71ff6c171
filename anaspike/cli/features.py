"""`anaspike features`: turn the images of a data set into a table to learn from."""

from contextlib import nullcontext
from pathlib import Path

import click

from anaspike.cli.options import COUNT, PATH, max_size_option
from anaspike.cli.progress import progress_bar
from anaspike.report.streams import say


@click.command("features")
@click.argument("dataset")
@click.option(
    "--data",
    type=PATH,
    help="folder of the images  [default: $ANASPIKE_DATA]",
)
@click.option("--features", help="cells, vgg19 or pixels  [default: the data set's own]")
@click.option("--weights", type=PATH, help="VGG-19's weights, for vgg19")
@click.option(
    "--cache",
    type=PATH,
    help="folder for what is read of each image  [default: in your user cache]",
)
@max_size_option
@click.option("-o", "--out", type=PATH, required=True, help="the npz file to write")
@click.option("--jobs", type=COUNT, help="images at once  [default: all cores]")
@click.option("--quiet", is_flag=True, help="print nothing but errors")
def features(
    dataset: str,
    data: Path | None,
    features: str | None,
    weights: Path | None,
    cache: Path | None,
    max_size_B: float | None,  # as all that has a unit
    out: Path,
    jobs: int | None,
    quiet: bool,
) -> None:
    """Extract the features of DATASET's images and write them as a table (npz).

    The table is a data set itself: give its path where a data set's name is asked for.
    What is read is kept in the cache: interrupted, it goes on from there.
    """
    from anaspike.campaign.engine import check_jobs, default_jobs  # noqa: PLC0415
    from anaspike.errors import InputError  # noqa: PLC0415
    from anaspike.learning.datasets import load_dataset  # noqa: PLC0415
    from anaspike.learning.datasets.table import write_table  # noqa: PLC0415
    from anaspike.units import printable  # noqa: PLC0415

    if out.suffix != ".npz":
        raise InputError(f"--out {printable(str(out))}: a table's name ends with .npz")
    with nullcontext() if quiet else progress_bar("reading images") as progress:
        table = load_dataset(
            dataset,
            data,
            features,
            weights=weights,
            cache=cache,
            max_size_B=max_size_B,
            progress=progress,
            jobs=default_jobs() if jobs is None else check_jobs(jobs),
        )
    write_table(table, out)
    if not quiet:
        for note in table.notes:
            say(note)
        say(f"{table.features.shape[0]} x {table.features.shape[1]} features: {out}")
