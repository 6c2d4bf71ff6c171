"""`anaspike xor-test`: the paper's XOR."""

from typing import Any

import click

from anaspike.cli.conditions import condition_options
from anaspike.cli.design import drawn_options
from anaspike.cli.study import OUTPUT, output_options, run_study


@click.command("xor-test")
@click.option("--pdk", default="generic28", show_default=True, help="process, as in `pdk list`")
@click.option(
    "--reading", default="wide", show_default=True, help="wide margin, the paper's, or five neurons"
)
@click.option("--no-calibrate", is_flag=True, help="leave the supplies of tt at other corners")
@drawn_options
@condition_options
@output_options
def xor_test(no_calibrate: bool, conditions: Any, **options: Any) -> int:
    """Run the XOR of spiking neurons: ten spikes are a one.

    Prints the truth table with spike counts and margins; fewer than three
    output spikes are a zero. At corners other than tt every synapse supply is
    set so that a unit of current is as large as at tt: the supply is what
    this architecture tunes.

    \b
    Exit code: 0 right in all cases, 1 wrong in one, 2 bad input.
    """
    from anaspike.studies.conditions import under  # noqa: PLC0415
    from anaspike.studies.networks.xor import Xor  # noqa: PLC0415

    output = {name: options.pop(name) for name in OUTPUT}
    study = Xor(calibrate=not no_calibrate, **options)
    return run_study(under(study, conditions), **output)
