"""`anaspike simulate-network`: any network file."""

from pathlib import Path
from typing import Any

import click

from anaspike.cli.conditions import condition_options
from anaspike.cli.design import drawn_options
from anaspike.cli.study import OUTPUT, output_options, run_study
from anaspike.errors import InputError
from anaspike.units import parse_whole, printable


@click.command("simulate-network")
@click.argument("file", type=click.Path(path_type=Path))
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
    from anaspike.studies.networks.network import SimulateNetwork  # noqa: PLC0415

    output = {name: options.pop(name) for name in OUTPUT}
    study = SimulateNetwork(file=file, spikes_in=_counts(inputs), **options)
    return run_study(under(study, conditions), **output)


def _counts(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part in filter(None, text.split(",")):
        name, equals, number = part.partition("=")
        if not equals:
            raise InputError(
                f"--inputs: '{printable(part)}' is not name=spikes; write for example a=10,b=0"
            )
        if name.strip() in counts:
            raise InputError(f"--inputs: '{printable(name.strip())}' stands there twice; give one")
        counts[name.strip()] = parse_whole(number, f"--inputs: {printable(name.strip())}", least=0)
    return counts
