"""`anaspike simulate-network`: any network file."""

from pathlib import Path
from typing import Any

import click

from anaspike.cli.conditions import condition_options
from anaspike.cli.design import drawn_options
from anaspike.cli.options import PATH
from anaspike.cli.study import OUTPUT, output_options, run_study


@click.command("simulate-network")
@click.argument("file", type=PATH)
@click.option("--inputs", default="", help="spikes of each input: a=10,b=0  [default: none]")
@click.option("--pdk", default="generic28", show_default=True, help="process, as in `pdk list`")
@drawn_options
@condition_options
@output_options
def simulate_network(file: Path, inputs: str, conditions: Any, **options: Any) -> int:
    """Run the network in FILE: every neuron in one transistor-level deck.

    Prints the spikes of each neuron and the energy; draws a raster.
    """
    from anaspike.studies.conditions import under  # noqa: PLC0415
    from anaspike.studies.networks.network import SimulateNetwork, read_counts  # noqa: PLC0415

    output = {name: options.pop(name) for name in OUTPUT}
    study = SimulateNetwork(file=file, spikes_in=read_counts(inputs), **options)
    return run_study(under(study, conditions), **output)
