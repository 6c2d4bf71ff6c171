"""`anaspike characterise BLOCK`: every figure of one block."""

from typing import Any

import click

from anaspike.cli.options import COUNT
from anaspike.cli.study import output_options, run_study


@click.command("characterise")
@click.argument("block")
@click.option("--pdk", default="generic28", show_default=True, help="process: generic28, sky130")
@click.option("--mc", type=COUNT, help="mismatch samples (synapse)")
@click.option("--seed", type=COUNT, help="of the first sample  [default: 0]")
@output_options
def characterise(block: str, pdk: str, mc: int | None, seed: int | None, **output: Any) -> int:
    """Characterise BLOCK: tables, pictures and a verdict.

    \b
    BLOCK is pseudo-resistor, synapse, comparator, spike-generator, neuron or
    charge-model (a fast model of the whole neuron, against SPICE).
    """
    from anaspike.studies.catalog import CHARACTERISE, study_class  # noqa: PLC0415

    given = {name: value for name, value in (("mc", mc), ("seed", seed)) if value is not None}
    return run_study(study_class(block, CHARACTERISE)(pdk=pdk, **given), **output)
