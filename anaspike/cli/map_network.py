"""`anaspike map`: a trained network on supply voltages."""

from pathlib import Path
from typing import Any

import click

from anaspike.cli.mapping import mapping_options
from anaspike.cli.options import max_size_option
from anaspike.cli.study import OUTPUT, output_options, run_study


@click.command("map")
@click.argument("network", type=click.Path(path_type=Path))
@click.option(
    "--inputs", type=click.Path(path_type=Path),
    help="npz with the patterns `inputs`, 0 or 1, (patterns, inputs)  [default: random ones]",
)  # fmt: skip
@click.option(
    "--labels", type=click.Path(path_type=Path),
    help="npy, npz or CSV: for each pattern the output that should fire",
)  # fmt: skip
@click.option(
    "--curve", type=click.Path(path_type=Path),
    help="k(V) as `characterise synapse` writes it  [default: measured now]",
)  # fmt: skip
@click.option("--pdk", default="generic28", show_default=True, help="process, as in `pdk list`")
@max_size_option
@mapping_options(samples=12)
@output_options
def map_network(conditions: Any, **options: Any) -> int:
    """Map NETWORK, an npz file of weights, biases and NT values, to supply voltages.

    Weights become 3-bit codes and every neuron's NT value the supply of its
    synapses; the network then runs on the patterns and is held against what
    NETWORK itself decides, and sampled neurons are proven at transistor level.
    `anaspike train` and `anaspike import-weights` write such files.

    \b
    Exit code: 0 it decides as NETWORK does and SPICE agrees, 1 a bound is
    missed or a point failed, 2 bad input or a missing tool, 130 interrupted.
    """
    from anaspike.studies.conditions import under  # noqa: PLC0415
    from anaspike.studies.learning.map import Map  # noqa: PLC0415

    output = {name: options.pop(name) for name in OUTPUT}
    return run_study(under(Map(**options), conditions), **output)
