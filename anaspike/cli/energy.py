"""`anaspike energy`: what a spike costs, and where it goes."""

from typing import Any

import click

from anaspike.cli.conditions import condition_options
from anaspike.cli.design import drawn_options
from anaspike.cli.options import CODES, COUNT, VOLT
from anaspike.cli.study import OUTPUT, output_options, run_study


@click.command("energy")
@click.option("--pdk", default="generic28", show_default=True, help="process, as in `pdk list`")
@click.option(
    "--codes-list", "code_list", type=CODES,
    help="one curve for each weight  [default: 1,3,7; sky130: 1,2]",
)  # fmt: skip
@click.option("--from", "from_V", type=VOLT, help="lowest supply  [default: 0.55, gf180mcu: 0.8]")
@click.option("--to", "to_V", type=VOLT, help="highest supply  [default: 0.75, gf180mcu: 1.1]")
@click.option("--points", type=COUNT, default=5, show_default=True, help="supplies in the range")
@click.option("--spikes-in", type=COUNT, default=10, show_default=True, help="of the input train")
@drawn_options
@condition_options
@output_options
def energy(conditions: Any, **options: Any) -> int:
    """Energy of a spike against rate and supply, and how the core's power divides.

    Reproduces the paper's Figures 8 and 7, with 2 fF of wire at each node,
    and without and with 5 fF for the middle code. The default runs 26
    simulations of a few processor seconds each.

    \b
    Exit code: 0 done, 1 a point failed or a bound is missed, 2 bad input or a
    missing tool, 130 interrupted.
    """
    from anaspike.studies.blocks.energy import Energy  # noqa: PLC0415
    from anaspike.studies.conditions import under  # noqa: PLC0415

    output = {name: options.pop(name) for name in OUTPUT}
    return run_study(under(Energy(**options), conditions), **output)
