"""`anaspike train`: tune a spiking network to a data set."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anaspike.cli.options import COUNT, QuantityType, max_size_option
from anaspike.cli.progress import progress_bar

if TYPE_CHECKING:
    from anaspike.learning.comparison import Comparison
    from anaspike.learning.loop import Report
    from anaspike.learning.tasks import Task

RATE = QuantityType("")


@click.command("train")
@click.option("--dataset", required=True, help="bccd, digits, stl10, food11, ...")
@click.option("--data", type=click.Path(path_type=Path), help="folder of the images")
@max_size_option
@click.option("--source", help="source task  [default: what suits the data set]")
@click.option("--inputs", help="spikes or features  [default: what suits the data set]")
@click.option(
    "--method", default="nt1", show_default=True, help="nt1, nt2, additive, bitfit, tft or none"
)
@click.option("--rule", default="windowed", show_default=True, help="windowed, or the paper's")
@click.option("--rate", type=RATE, help="learning rate  [default: what suits method and rule]")
@click.option("--epochs", type=COUNT, default=100, show_default=True, help="of tuning")
@click.option("--batch", type=COUNT, default=64, show_default=True, help="samples a step")
@click.option("--seed", type=COUNT, default=0, show_default=True, help="of split, source, order")
@click.option(
    "--checkpoint", type=click.Path(path_type=Path),
    help="file written after each epoch; where it exists, training goes on from it",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("network.npz"),
    show_default=True, help="network; history, scores and picture lie beside it",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="print nothing but errors")
def train(  # options, explained by --help
    dataset: str,
    data: Path | None,
    max_size_B: float | None,  # as all that has a unit
    source: str | None,
    inputs: str | None,
    output: Path,
    checkpoint: Path | None,
    quiet: bool,
    **tuning: Any,
) -> None:
    """Pre-train a source network, tune it to a data set, judge it once on held-out samples.

    Prints exact match (only the right output neuron fires) before and after,
    beside chance, the head trained alone, full fine-tuning and an ordinary
    classifier, each with a 95 % confidence interval. The best epoch is chosen
    on a validation part; no source image is on two sides of a split, and
    where sources are unknown that is said.

    \b
    Exit code: 0 done, 2 bad input.
    """
    from dataclasses import replace  # noqa: PLC0415

    from anaspike.learning.comparison import compare  # noqa: PLC0415
    from anaspike.learning.datasets import load_dataset  # noqa: PLC0415
    from anaspike.learning.settings import Settings  # noqa: PLC0415
    from anaspike.learning.tasks import make_task, recipe_for  # noqa: PLC0415

    settings = Settings(**tuning)
    table = load_dataset(dataset, data, max_size_B=max_size_B)
    suits = recipe_for(table)
    recipe = replace(suits, source=source or suits.source, inputs=inputs or suits.inputs)
    with ExitStack() as bars:
        report = _reporter(bars, quiet)
        task = make_task(table, settings.seed, recipe, report("source network"))
        comparison = compare(task, settings, report=report, checkpoint=checkpoint)
    unclean = "" if task.clean else "; validation is not clean"
    files = _save(
        task, comparison, output, f"{table.name}: {settings.method}, {settings.rule} rule{unclean}"
    )
    if not quiet:
        _show(task, comparison, table.notes, files)


def _reporter(bars: ExitStack, quiet: bool) -> "Callable[[str], Report | None]":
    """Return what makes, for each training, a bar with its loss and accuracy."""

    def bar(what: str) -> "Report | None":
        bars.close()  # the bar before; a terminal has room for one
        if quiet:
            return None
        move = bars.enter_context(progress_bar(what))
        return lambda epoch, epochs: move(
            epoch.epoch, epochs,
            f"{what}: loss {epoch.loss:.2f}, validation {epoch.validation_balanced:.2f}",
        )  # fmt: skip

    return bar


def _save(task: "Task", comparison: "Comparison", output: Path, title: str) -> list[Path]:
    from anaspike.files import replacing  # noqa: PLC0415
    from anaspike.learning.arrays import write_arrays  # noqa: PLC0415
    from anaspike.learning.scores import confusion  # noqa: PLC0415
    from anaspike.report.pictures import drawn  # noqa: PLC0415
    from anaspike.report.tables import write_table  # noqa: PLC0415
    from anaspike.report.training import history_table, scores_table, training_figure  # noqa: PLC0415

    encoder = task.encoder.arrays() if task.encoder else {}
    write_arrays(output, {**comparison.tuned.network.arrays(), **encoder})
    beside = [output.with_name(f"{output.stem}_{name}") for name in ("history.csv", "scores.csv")]
    write_table(history_table(comparison.tuned.history), beside[0])
    write_table(scores_table(comparison.scores), beside[1])
    picture = output.with_name(f"{output.stem}_training.png")
    counts = confusion(comparison.answered, task.test.labels, len(task.classes))
    tuned = comparison.tuned
    drawing = partial(training_figure, tuned.history, tuned.best, counts, task.classes, title)
    with replacing(picture) as temporary:
        temporary.write_bytes(drawn("training", drawing, ["png"])["png"])
    return [output, *beside, picture]


def _show(
    task: "Task", comparison: "Comparison", notes: tuple[str, ...], files: list[Path]
) -> None:
    from rich.table import Table  # noqa: PLC0415

    from anaspike.report.console import Terminal  # noqa: PLC0415

    console = Terminal()
    sizes = [len(part.labels) for part in (task.train, task.validation, task.test)]
    layers = "-".join(
        str(n) for n in (task.network.n_inputs, *(len(x.weights) for x in task.network.layers))
    )
    console.print(f"source: {task.source}")
    unclean = "" if task.clean else " (sources unknown: not clean)"
    console.print(
        f"network {layers}; samples: {sizes[0]} train, {sizes[1]} validation{unclean},"
        f" {sizes[2]} test",
        soft_wrap=True,
    )
    table = Table("", "exact", "95 %", "class mean", "95 %", "epoch")
    for score in comparison.scores:
        bare = score.what in ("chance", "majority class")
        cells: list[str] = []
        for share in (score.accuracy, score.balanced):
            shown = f"{share.low:.2f}–{share.high:.2f}" if share.known else "unknown"
            cells += [f"{share.value:.3f}", "" if bare else shown]
        table.add_row(score.what, *cells, "" if score.best_epoch is None else str(score.best_epoch))
    console.print(table)
    for note in notes:
        console.print(f"note: {note}")
    for path in files:
        console.print(f"wrote {path}", soft_wrap=True)
