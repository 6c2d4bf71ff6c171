"""`anaspike train`: tune a spiking network to a data set."""

from typing import Any

import click

from anaspike.cli.options import COUNT, NUMBER, PATH, listed, max_size_option
from anaspike.cli.study import LEARNING_OUTPUT, learning_options, run_study


@click.command("train")
@click.option("--dataset", required=True, help="bccd, digits, ... or table.npz")
@click.option("--data", type=PATH, help="folder of the images")
@max_size_option
@click.option("--source", help="source task  [default: what suits the data set]")
@click.option("--inputs", help="spikes or features  [default: what suits the data set]")
@click.option(
    "--variant", default="spiking", show_default=True, help="spiking, or feed-forward (section 4)"
)
@click.option(
    "--method", "methods", type=listed(), default="nt1", show_default=True,
    help="nt1, nt2, additive, bitfit, tft or none, or several: nt1,tft",
)  # fmt: skip
@click.option(
    "--rule", "rules", type=listed(), default="windowed", show_default=True,
    help="paper, windowed or surrogate, or several",
)  # fmt: skip
@click.option(
    "--rate", "rates", type=listed(NUMBER),
    help="learning rate, or several: 0.1,0.01  [default: what suits method and rule]",
)  # fmt: skip
@click.option(
    "--batch", "batches", type=listed(COUNT), default="64", show_default=True,
    help="samples a step, or several",
)  # fmt: skip
@click.option("--epochs", type=COUNT, default=100, show_default=True, help="of tuning")
@click.option("--votes", type=COUNT, help="outputs of each class  [default: what suits the rule]")
@click.option("--seed", type=COUNT, default=0, show_default=True, help="of split, source, order")
@click.option(
    "--repeat", type=COUNT, default=1, show_default=True,
    help="trainings of each setting, each with a seed and a fold of its own",
)  # fmt: skip
@click.option(
    "--from", "start", type=PATH,
    help="network to start from, as `train` or `import-weights` wrote it",
)  # fmt: skip
@click.option("--head", is_flag=True, help="append a new output layer, whatever the source")
@click.option("--outputs", type=listed(COUNT), help="with --from: its output for each class: 3,0,7")
@click.option("--scale", type=NUMBER, help="with --from: spread to give its drives, in thetas")
@click.option(
    "--checkpoint", type=PATH,
    help="file of one training; where it exists, training goes on from it",
)  # fmt: skip
@learning_options
def train(**options: Any) -> int:
    """Pre-train a source network, tune it to a data set, judge it on held-out samples.

    Accuracy is exact match (only the right output neuron fires), and beside it
    argmax (the neuron nearest to firing). Every tuning stands beside what is
    simpler: one spiking layer without source or NT, the head trained alone,
    ordinary classifiers. No source image is on two sides of a split; where
    sources are unknown that is said.

    \b
    Exit code: 0 done, 1 a training failed, 2 bad input, 130 interrupted.
    """
    from anaspike.studies.learning.train import Train  # noqa: PLC0415

    output = {name: options.pop(name) for name in LEARNING_OUTPUT}
    given = {name: value for name, value in options.items() if value is not None}
    return run_study(Train(**given), **output)
