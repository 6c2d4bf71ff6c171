"""`anaspike netlist`: write any block as a deck that runs by itself."""

from pathlib import Path
from typing import Any

import click

from anaspike.cli.design import design_options
from anaspike.cli.options import PATH
from anaspike.errors import InputError
from anaspike.report.streams import pour, say


@click.command("netlist")
@click.argument("block")
@click.option("--pdk", default="generic28", show_default=True, help="process, as in `pdk list`")
@click.option("--corner", default="tt", show_default=True, help="tt, ff, ss, sf or fs")
@click.option("-o", "--output", type=PATH, help="file  [default: print it]")
@click.option(
    "--models",
    metavar="DIR",
    help="call the model files in DIR, relative to the deck, instead of copying them into it",
)
@design_options
def netlist(
    block: str, pdk: str, corner: str, output: Path | None, models: str | None, sized: Any,
    sizes: Any,
) -> None:  # fmt: skip
    """Write BLOCK with a small testbench as a deck for plain `ngspice -b`.

    \b
    BLOCK is pseudo_resistor, synapse, comparator, clock_gate, spike_generator,
    bias_mirror, reset_switch, membrane, weight_memory or neuron.
    """
    from anaspike.circuits.designs import design_for, resized  # noqa: PLC0415
    from anaspike.experiments.benches import block_deck  # noqa: PLC0415
    from anaspike.files import write_text  # noqa: PLC0415
    from anaspike.pdk.catalog import open_pdk  # noqa: PLC0415

    process = open_pdk(pdk)
    design = resized(sized or design_for(pdk), sizes)
    if design.pdk != pdk:
        raise InputError(f"--design is for {design.pdk}; give --pdk {design.pdk}")
    process = process.on_core(design.core_V)
    deck, measures = block_deck(block, process, design, process.check_corner(corner))
    lines = deck.models.inlined() if models is None else deck.models.in_folder(models)
    text = deck.render_standalone(lines, measures)
    if output is None:
        pour(text)
    else:
        write_text(output, text)
        say(f"wrote {output}")
