"""`anaspike train-and-map`: from features to supply voltages, proven."""

from typing import Any

import click

from anaspike.cli.mapping import mapping_options
from anaspike.cli.options import COUNT, PATH, max_size_option
from anaspike.cli.study import OUTPUT, output_options, run_study


@click.command("train-and-map")
@click.option("--dataset", default="bccd", show_default=True, help="bccd, digits, ... or table.npz")
@click.option("--data", type=PATH, help="folder of the data set's images")
@click.option("--pdk", default="generic28", show_default=True, help="process, as in `pdk list`")
@click.option(
    "--train-seed", type=COUNT, default=0, show_default=True, help="of the first network's training"
)
@click.option(
    "--seeds", type=COUNT, default=5, show_default=True, help="networks; accuracies are pooled"
)
@max_size_option
@mapping_options(samples=24)
@click.option("--sweeps/--no-sweeps", default=True, help="accuracy over bits, rails, mismatch")
@click.option(
    "--windows", type=COUNT, default=1, show_default=True,
    help="times that a pattern is shown, the head's supplies shifted, votes counted",
)  # fmt: skip
@output_options
def train_and_map(conditions: Any, **options: Any) -> int:
    """Train a spiking network, tune it by NT, and map it to supply voltages.

    A source network is pre-trained on a task that never sees the target's
    labels, tuned to the target by one value a neuron, quantised to 3-bit
    synapses, and each neuron's value becomes a supply through the k(V) curve
    that SPICE measures. The mapped network then runs on a charge model made
    of SPICE's constants, and sampled neurons of it at transistor level.

    \b
    Exit code: 0 all bounds met, 1 one is missed or a point failed, 2 bad
    input or a missing tool, 130 interrupted.
    """
    from anaspike.studies.conditions import under  # noqa: PLC0415
    from anaspike.studies.learning.train_and_map import TrainAndMap  # noqa: PLC0415

    output = {name: options.pop(name) for name in OUTPUT}
    return run_study(under(TrainAndMap(**options), conditions), **output)
