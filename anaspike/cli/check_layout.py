"""`anaspike check-layout`: judge a GDS file against a block."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anaspike.cli.design import design_options
from anaspike.cli.options import PATH
from anaspike.errors import InputError
from anaspike.report.streams import say

if TYPE_CHECKING:
    from anaspike.layout.rules import Broken

_SHOWN = 12  # nets whose capacitance is printed; the file has all


@click.command("check-layout")
@click.argument("file", type=PATH)
@click.argument("block")
@click.option("--pdk", default="sky130", show_default=True, help="process with layout rules")
@click.option("--corner", default="tt", show_default=True, help="of the models in --spice")
@click.option("--cell", help="the cell that is meant  [default: the file's only top cell]")
@click.option(
    "--spice",
    type=PATH,
    help="write the extracted circuit there, with models, for plain ngspice",
)
@design_options
def check_layout(
    file: Path, block: str, pdk: str, corner: str, cell: str | None, spice: Path | None,
    sized: Any, sizes: Any,
) -> int:  # fmt: skip
    """Check the layout in FILE (GDS): rules, and BLOCK's netlist; extract its capacitances.

    \b
    BLOCK is any that `anaspike layout` draws. The exit code is 1 where a rule is
    broken or the layout is another circuit.
    """
    from anaspike.circuits.designs import design_for, resized  # noqa: PLC0415
    from anaspike.files import write_text  # noqa: PLC0415
    from anaspike.layout.catalog import block_named, process_of  # noqa: PLC0415
    from anaspike.layout.drawing import read_gds  # noqa: PLC0415
    from anaspike.layout.extract import spice_text  # noqa: PLC0415
    from anaspike.layout.judge import judge  # noqa: PLC0415
    from anaspike.layout.process import layout_process  # noqa: PLC0415
    from anaspike.pdk.catalog import open_pdk  # noqa: PLC0415

    process = layout_process(pdk)
    design = resized(sized or design_for(pdk), sizes)
    if design.pdk != pdk:
        raise InputError(f"--design is for {design.pdk}; give --pdk {design.pdk}")
    # To judge, the models of the process need not be installed.
    opened = process_of(pdk) if spice is None else open_pdk(pdk)
    wanted = block_named(block, opened, design)
    found = judge(read_gds(file, process, cell), wanted)
    tell(found.broken, found.findings)
    if found.extraction is not None:
        by_net = found.extraction.by_net()
        for net, farad in list(by_net.items())[:_SHOWN]:
            say(f"{net:>32s} {farad * 1e15:8.2f} fF")
        if len(by_net) > _SHOWN:
            say(f"  and {len(by_net) - _SHOWN} nets more")
        if spice is not None:
            write_text(spice, spice_text(found.extraction.block, opened.check_corner(corner)))
            say(f"wrote {spice}")
    return 0 if found.clean else 1


def tell(broken: Sequence["Broken"], findings: Sequence[str]) -> None:
    """Print which rules are broken, and what differs from the netlist."""
    say(f"rules: {len(broken)} broken" if broken else "rules: clean")
    for rule in broken:
        say(f"  {rule}")
    say("netlist: another circuit" if findings else "netlist: the same circuit")
    for finding in findings:
        say(f"  {finding}")
