"""`anaspike calibrate`: supplies that restore the nominal spikes."""

from typing import Any

import click

from anaspike.cli.conditions import condition_options
from anaspike.cli.design import drawn_options
from anaspike.cli.options import VOLT
from anaspike.cli.study import OUTPUT, output_options, run_study


@click.command("calibrate")
@click.argument("target", default="neuron")
@click.option("--pdk", default="generic28", show_default=True, help="process, as in `pdk list`")
@click.option("--reading", default="wide", show_default=True, help="of the XOR: wide or paper")
@click.option(
    "--vdd-syn", "vdd_syn_V", type=VOLT,
    help="nominal supply of the neuron  [default: 0.65, gf180mcu: 0.95]",
)  # fmt: skip
@click.option(
    "--from", "from_V", type=VOLT, default=0.45, show_default=True, help="lowest supply allowed"
)
@click.option(
    "--to", "to_V", type=VOLT, help="highest supply allowed  [default: 50 mV below the core's]"
)
@click.option(
    "--resolution", "resolution_V", type=VOLT, default=0.01, show_default=True, help="of the search"
)
@click.option(
    "--sinks", default="follow", show_default=True,
    help="gates of the sinks: follow (each neuron's supply) or set (one supply a chip)",
)  # fmt: skip
@drawn_options
@condition_options
@output_options
def calibrate(target: Any, conditions: Any, **options: Any) -> int:
    """Find the synapse supplies that restore the nominal spikes, on every chip.

    TARGET is neuron or xor. A chip is a corner, a temperature and a mismatch
    sample; without --corner, --temp, --mc or --seed, the five corners. Each
    neuron's supply is bisected, a handful of runs a neuron; the table shows
    every chip before and after, and how much yield that buys.

    \b
    Exit code: 0 no yield lost, 1 a point failed or yield was lost, 2 bad input.
    """
    from anaspike.studies.networks.calibrate import Calibrate  # noqa: PLC0415

    output = {name: options.pop(name) for name in OUTPUT}
    return run_study(Calibrate(target=target, conditions=conditions, **options), **output)
