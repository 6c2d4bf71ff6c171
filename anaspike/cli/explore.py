"""`anaspike explore STUDY`: any question over any parameters."""

from typing import Any

import click

from anaspike.cli.conditions import condition_options
from anaspike.cli.design import drawn_options
from anaspike.cli.options import COUNT, named_values
from anaspike.cli.study import output_options, run_study


@click.command("explore")
@click.argument("study")
@click.option(
    "--over", multiple=True, metavar="NAME=VALUES",
    help="vary a parameter: a,b,c or from:to:points, or from:to to sample; :log for equal ratios",
)  # fmt: skip
@click.option(
    "--sample", default="grid", show_default=True,
    help="sobol:64 or lhs:64 for ranges without points; list: all axes side by side",
)  # fmt: skip
@click.option("--sample-seed", type=COUNT, default=0, show_default=True, help="of the sampling")
@click.option("--set", "fixed", multiple=True, metavar="NAME=VALUE", help="set a parameter")
@click.option("--pdk", default="generic28", show_default=True, help="process, as in `pdk list`")
@drawn_options
@condition_options
@output_options
def explore(
    study: str, over: tuple[str, ...], sample: str, sample_seed: int, fixed: tuple[str, ...],
    pdk: str, conditions: Any, sized: Any, sizes: Any, layout: Any, **output: Any,
) -> int:  # fmt: skip
    """Ask STUDY's question over any of its parameters, and over sizes of the design.

    STUDY is what commands and flow files call it: sweep-vdd, pseudo-resistor,
    synapse, energy, xor-test, ... A size is `sizes.` and its dotted name. All
    axes are combined, with --corner, --temp and --mc too.

    \b
      anaspike explore pseudo-resistor --over temperature_C=-40:125:6 --corner tt,ss
      anaspike explore pseudo-resistor --over sizes.pseudo_resistor.diode.w_m=100n:1u \\
          --over sizes.pseudo_resistor.diode.l_m=30n:100n --sample sobol:64

    \b
    Exit code: 0 all specs met, 1 a point failed or a spec is missed, 2 bad input.
    """
    from anaspike.studies.catalog import study_class  # noqa: PLC0415
    from anaspike.studies.conditions import SpaceTable, under  # noqa: PLC0415

    kind = study_class(study)
    space = SpaceTable(over={**named_values(over, "--over")}, sampling=sample, seed=sample_seed)
    parameters = {name: _value(text) for name, text in named_values(fixed, "--set").items()}
    asked = kind(**{**parameters, "pdk": pdk, "sized": sized, "sizes": sizes, "layout": layout})
    return run_study(under(asked, conditions, space), **output)


def _value(text: str) -> str | tuple[str, ...]:
    """Return a value, or several separated by commas; `tt,` is a list of one."""
    return tuple(part for part in text.split(",") if part) if "," in text else text
