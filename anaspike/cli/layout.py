"""`anaspike layout`: draw any block as GDS."""

from pathlib import Path
from typing import Any

import click

from anaspike.cli.check_layout import tell
from anaspike.cli.design import design_options
from anaspike.cli.options import COUNT, PATH
from anaspike.errors import InputError
from anaspike.report.streams import say


@click.command("layout")
@click.argument("block")
@click.option("--pdk", default="sky130", show_default=True, help="process with layout rules")
@click.option(
    "--out",
    type=PATH,
    default=Path("layout"),
    show_default=True,
    help="folder for GDS, pins and colours",
)
@click.option(
    "--seed",
    type=COUNT,
    default=1,
    show_default=True,
    help="of placing; where no way is found for the wires, the next ones are tried",
)
@click.option("--rows", type=COUNT, help="rows of transistors  [default: the block's own]")
@design_options
def layout(
    block: str, pdk: str, out: Path, seed: int, rows: int | None, sized: Any, sizes: Any
) -> int:  # fmt: skip
    """Draw BLOCK of the neuron in SkyWater 130.

    \b
    BLOCK is pseudo_resistor, synapse, weight_memory, comparator, clock_gate,
    spike_generator, bias_mirror, reset_switch, membrane, core or neuron. What is
    drawn comes from the netlist that `anaspike netlist BLOCK` writes: transistor
    by transistor. It is checked against the process's rules and that netlist; the
    exit code is 1 where it fails. `anaspike check-layout` extracts it.
    """
    from anaspike.circuits.designs import design_for, resized  # noqa: PLC0415
    from anaspike.layout.catalog import block_named, drawn_block, process_of  # noqa: PLC0415
    from anaspike.layout.compare import compare  # noqa: PLC0415
    from anaspike.layout.files import realised, write_layout  # noqa: PLC0415
    from anaspike.layout.library import klayout_db  # noqa: PLC0415
    from anaspike.layout.process import layout_process  # noqa: PLC0415
    from anaspike.layout.rules import check_rules  # noqa: PLC0415

    klayout_db()
    process = layout_process(pdk)
    design = resized(sized or design_for(pdk), sizes)
    if design.pdk != pdk:
        raise InputError(f"--design is for {design.pdk}; give --pdk {design.pdk}")
    drawn = drawn_block(block, process_of(pdk), design, seed, rows)
    drawing = realised(block, drawn, process)
    files = write_layout(out, block, drawn, drawing)
    area_um2 = drawn.width_um * drawn.height_um
    say(f"{block}: {drawn.width_um:.2f} x {drawn.height_um:.2f} um, {area_um2:.1f} um2")
    broken = check_rules(drawing)
    compared = compare(drawing, block_named(block, process_of(pdk), design))
    tell(broken, compared.findings)
    say(f"wrote {', '.join(map(str, files))}")
    return 0 if compared.clean and not broken else 1
