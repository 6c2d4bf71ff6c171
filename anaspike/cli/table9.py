"""`anaspike table9`: our neuron beside the published ones."""

from typing import Any

import click

from anaspike.cli.conditions import condition_options
from anaspike.cli.design import drawn_options
from anaspike.cli.options import CODES, COUNT, VOLT
from anaspike.cli.study import OUTPUT, output_options, run_study


@click.command("table9")
@click.option(
    "--pdk", "pdks", multiple=True,
    help="process, one row each  [default: generic28, and sky130 when it is installed]",
)  # fmt: skip
@click.option(
    "--codes", type=CODES, default="7,0,0", show_default=True, help="weight of each synapse, -7..7"
)
@click.option(
    "--vdd-syn",
    "vdd_syn_V",
    type=VOLT,
    help="synapse supply  [default: 0.75, gf180mcu: 1.1]",
)
@click.option("--spikes-in", type=COUNT, default=10, show_default=True, help="of each input train")
@drawn_options
@condition_options
@output_options
def table9(pdks: tuple[str, ...], conditions: Any, **options: Any) -> int:
    """Area, highest rate and energy of a spike beside the paper and the four it cites.

    Reproduces the paper's Table 9. The highest rate is bisected, then
    confirmed with a longer train: some ten simulations a process, one after
    another.

    \b
    Exit code: 0 done, 1 a point failed or a bound is missed, 2 bad input or a
    missing tool, 130 interrupted.
    """
    from anaspike.studies.blocks.table9 import Table9  # noqa: PLC0415
    from anaspike.studies.conditions import under  # noqa: PLC0415

    output = {name: options.pop(name) for name in OUTPUT}
    return run_study(under(Table9(pdks=pdks or None, **options), conditions), **output)
