"""`anaspike netlist`: write any block as a deck that runs by itself."""

from pathlib import Path

import click

from anaspike.report.streams import pour, say


@click.command("netlist")
@click.argument("block")
@click.option("--pdk", default="generic28", show_default=True, help="process, as in `pdk list`")
@click.option("--corner", default="tt", show_default=True, help="tt, ff, ss, sf or fs")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="file  [default: print it]")
@click.option(
    "--models",
    metavar="DIR",
    help="call the model files in DIR, relative to the deck, instead of copying them into it",
)
def netlist(block: str, pdk: str, corner: str, output: Path | None, models: str | None) -> None:
    """Write BLOCK with a small testbench as a deck for plain `ngspice -b`.

    \b
    BLOCK is pseudo_resistor, synapse, comparator, clock_gate, spike_generator,
    bias_mirror, reset_switch, membrane or neuron.
    """
    from anaspike.circuits.designs import design_for  # noqa: PLC0415
    from anaspike.experiments.benches import block_deck  # noqa: PLC0415
    from anaspike.files import write_text  # noqa: PLC0415
    from anaspike.pdk.catalog import open_pdk  # noqa: PLC0415

    process = open_pdk(pdk)
    deck, measures = block_deck(block, process, design_for(pdk), process.check_corner(corner))
    lines = deck.models.inlined() if models is None else deck.models.in_folder(models)
    text = deck.render_standalone(lines, measures)
    if output is None:
        pour(text)
    else:
        write_text(output, text)
        say(f"wrote {output}")
