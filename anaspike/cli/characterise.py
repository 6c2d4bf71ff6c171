"""`anaspike characterise BLOCK`: every figure of one block."""

from typing import Any

import click

from anaspike.cli.conditions import condition_options
from anaspike.cli.design import drawn_options
from anaspike.cli.study import output_options, run_study


@click.command("characterise")
@click.argument("block")
@click.option("--pdk", default="generic28", show_default=True, help="process, as in `pdk list`")
@drawn_options
@condition_options
@output_options
def characterise(
    block: str, pdk: str, conditions: Any, sized: Any, sizes: Any, layout: Any, **output: Any
) -> int:
    """Characterise BLOCK: tables, pictures and a verdict.

    \b
    BLOCK is pseudo-resistor, synapse, comparator, spike-generator, neuron,
    weight-memory, supply (what feeds the synapses, and how many share it),
    noise (at a decision), leak (over temperature and mismatch), rejection (of
    supplies and references that are off), layout (of sky130's neuron: as sized
    and as drawn), charge-model (a fast model of the whole neuron, against SPICE)
    or charge-in-time (the same over many windows).
    """
    from anaspike.studies.catalog import CHARACTERISE, study_class  # noqa: PLC0415
    from anaspike.studies.conditions import under  # noqa: PLC0415

    study = study_class(block, CHARACTERISE)(pdk=pdk, sized=sized, sizes=sizes, layout=layout)
    return run_study(under(study, conditions), **output)
