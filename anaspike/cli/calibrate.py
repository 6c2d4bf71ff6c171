"""`anaspike calibrate`: supplies that restore the nominal spikes."""

from pathlib import Path
from typing import Any

import click

from anaspike.cli.conditions import condition_options
from anaspike.cli.design import drawn_options
from anaspike.cli.options import VOLT
from anaspike.cli.study import OUTPUT, output_options, run_study
from anaspike.errors import InputError


@click.command("calibrate")
@click.argument("target", default="neuron")
@click.option("--pdk", help="process, as in `pdk list`  [default: the flow's first; generic28]")
@click.option("--reading", default="wide", show_default=True, help="of the XOR: wide or paper")
@click.option(
    "--vdd-syn", "vdd_syn_V", type=VOLT,
    help="nominal supply of the neuron  [default: 0.65, gf180mcu: 0.95]",
)  # fmt: skip
@click.option(
    "--from", "from_V", default="0.45", show_default=True, help="lowest supply allowed, or level"
)
@click.option(
    "--to", "to_V", help="highest supply allowed, or level  [default: 50 mV below the core's]"
)
@click.option(
    "--resolution", "resolution_V", default="0.01", show_default=True, help="of the search"
)
@click.option(
    "--sinks", default="follow", show_default=True,
    help="gates of the sinks: follow (each neuron's supply) or set (one supply a chip)",
)  # fmt: skip
@click.option("--knob", metavar="PIN_UNIT", help="of a netlist: the source to set, as iin_A")
@click.option("--quantity", help="of a netlist: what to restore, as its flow names it")
@drawn_options
@condition_options
@output_options
def calibrate(target: Any, conditions: Any, **options: Any) -> int:
    """Find the synapse supplies that restore the nominal spikes, on every chip.

    TARGET is neuron or xor. A chip is a corner, a temperature and a mismatch
    sample; without --corner, --temp, --mc or --seed, the five corners. Each
    neuron's supply is bisected, a handful of runs a neuron; the table shows
    every chip before and after, and how much yield that buys.

    Or TARGET is the flow of a netlist: then --knob names the source that is
    set, and --quantity what it restores.

    \b
      anaspike calibrate mine.toml --knob iin_A --quantity rate_Hz \\
          --from 10nA --to 40nA --resolution 0.5nA --mc 20

    \b
    Exit code: 0 no yield lost, 1 a point failed or yield was lost, 2 bad input.
    """
    from anaspike.studies.networks.calibrate import Calibrate  # noqa: PLC0415

    output = {name: options.pop(name) for name in OUTPUT}
    knob, quantity = options.pop("knob"), options.pop("quantity")
    if target.endswith(".toml"):
        return run_study(_of_netlist(Path(target), knob, quantity, conditions, options), **output)
    if knob is not None or quantity is not None:
        raise InputError("--knob and --quantity are of a netlist's flow; name it as TARGET")
    options["pdk"] = options["pdk"] or "generic28"
    return run_study(Calibrate(target=target, conditions=conditions, **options), **output)


def _of_netlist(
    path: Path, knob: str | None, quantity: str | None, conditions: Any, options: dict[str, Any]
) -> Any:
    """Return the question of a netlist's flow: which level restores what is nominal."""
    from anaspike.studies.flow import declared  # noqa: PLC0415

    window = {"low": options["from_V"], "high": options["to_V"], "step": options["resolution_V"]}
    if knob is None or quantity is None or window["high"] is None:
        raise InputError(
            f"{path}: of a netlist give --knob PIN_UNIT, --quantity, --from, --to and --resolution"
        )
    flow = declared(path)
    if flow.table.study != "netlist":
        raise InputError(f"{path}: only flows of a netlist are calibrated; its study is another")
    asked = flow.asked(conditions, None, {"knob": knob, "quantity": quantity, **window})
    chosen = (options["pdk"],) if options["pdk"] else asked.table.pdks[:1]
    return asked.of("calibrate-netlist").flow(chosen).studies[0]
