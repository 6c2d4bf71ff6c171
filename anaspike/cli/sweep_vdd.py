"""`anaspike sweep-vdd`: one neuron over synapse supplies."""

from typing import Any

import click

from anaspike.cli.conditions import condition_options
from anaspike.cli.design import drawn_options
from anaspike.cli.options import CODES, COUNT, FARAD, SECOND, VOLT
from anaspike.cli.study import OUTPUT, output_options, run_study


@click.command("sweep-vdd")
@click.option("--from", "from_V", type=VOLT, help="lowest supply  [default: 0.55, gf180mcu: 0.8]")
@click.option("--to", "to_V", type=VOLT, help="highest supply  [default: 0.75, gf180mcu: 1.1]")
@click.option("--points", type=COUNT, help="supplies in the range, ends included  [default: 9]")
@click.option("--step", "step_V", type=VOLT, help="or the distance between them")
@click.option("--pdk", default="generic28", show_default=True, help="process, as in `pdk list`")
@click.option("--codes", type=CODES, help="weight of each synapse, -7..7: +3,-1,+2")
@click.option("--spikes-in", type=COUNT, help="spikes of the input train")
@click.option("--period", "period_s", type=SECOND, help="from input spike to input spike")
@click.option("--width", "width_s", type=SECOND, help="of an input spike")
@click.option(
    "--wire-cap", "wire_capacitance_F", type=FARAD, default=2e-15, show_default="2f",
    help="estimated wire capacitance of each node",
)  # fmt: skip
@drawn_options
@condition_options
@output_options
def sweep_vdd(conditions: Any, **options: Any) -> int:
    """Drive one neuron with the same spikes at each synapse supply.

    Reproduces the paper's Figure 4 (a higher supply gives more spikes) and
    the start of Figure 8 (the energy of a spike falls as the supply rises).
    What is not given is the design's own for the process.

    \b
    Exit code: 0 done, 1 a point failed (its row says how) or is not
    converged, 2 bad input or a missing tool, 130 interrupted.
    """
    from anaspike.studies.blocks.sweep_vdd import SweepVdd  # noqa: PLC0415
    from anaspike.studies.conditions import under  # noqa: PLC0415

    output = {name: options.pop(name) for name in OUTPUT}
    study = SweepVdd(**options)
    return run_study(under(study, conditions), specs=(), **output)  # of what it finds, none is bad
