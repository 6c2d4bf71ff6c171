"""`anaspike explore STUDY`: any question over any parameters."""

from collections.abc import Mapping
from pathlib import Path
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
@click.option("--pdk", help="process, as in `pdk list`  [default: the flow's first; generic28]")
@click.option("--trust", is_flag=True, help="run Python from outside of this folder unasked")
@drawn_options
@condition_options
@output_options
def explore(
    study: str, over: tuple[str, ...], sample: str, sample_seed: int, fixed: tuple[str, ...],
    pdk: str | None, trust: bool, conditions: Any, sized: Any, sizes: Any, layout: Any,
    **output: Any,
) -> int:  # fmt: skip
    """Ask STUDY's question over any of its parameters, and over sizes of the design.

    STUDY is what commands and flow files call it: sweep-vdd, pseudo-resistor,
    synapse, energy, xor-test, ... Or a flow file, whose parameters and limits
    hold then; or a study of your own, mine.py:MyStudy, which is run. A size is
    `sizes.` and its dotted name. All axes are combined, with --corner, --temp
    and --mc too.

    \b
      anaspike explore pseudo-resistor --over temperature_C=-40:125:6 --corner tt,ss
      anaspike explore pseudo-resistor --over sizes.pseudo_resistor.diode.w_m=100n:1u \\
          --over sizes.pseudo_resistor.diode.l_m=30n:100n --sample sobol:64
      anaspike explore mine.toml --over sources.vdd_V=0.8,0.9,1.0 --mc 20

    \b
    Exit code: 0 all specs met, 1 a point failed or a spec is missed, 2 bad input.
    """
    from anaspike.studies.catalog import study_class  # noqa: PLC0415
    from anaspike.studies.conditions import SpaceTable, under  # noqa: PLC0415
    from anaspike.studies.flow import names_file  # noqa: PLC0415

    space = SpaceTable(over={**named_values(over, "--over")}, sampling=sample, seed=sample_seed)
    parameters = {name: _value(text) for name, text in named_values(fixed, "--set").items()}
    given = {"sized": sized, "sizes": sizes, "layout": layout}
    if names_file(study) or ":" in study or study.endswith(".py"):
        given = {name: value for name, value in given.items() if value}
        return _explore_file(study, pdk, trust, conditions, space, {**parameters, **given}, output)
    kind = study_class(study)
    asked = kind(**{**parameters, "pdk": pdk or "generic28", **given})
    return run_study(under(asked, conditions, space), **output)


def _explore_file(
    study: str, pdk: str | None, trust: bool, conditions: Any, space: Any,
    parameters: Mapping[str, Any], output: dict[str, Any],
) -> int:  # fmt: skip
    """Ask the question of a flow file, or of the user's own program."""
    from anaspike.cli.trust import ask_once  # noqa: PLC0415
    from anaspike.studies.flow import declared, names_file, of_own_study  # noqa: PLC0415
    from anaspike.studies.own import own_errors  # noqa: PLC0415

    pdks = pdk or "generic28"
    written = declared(Path(study)) if names_file(study) else of_own_study(study, pdks)
    ask_once([written.own] if written.own else [], trust, output["quiet"])
    asked = written.asked(conditions, space, parameters)
    flow = asked.flow((pdk or asked.table.pdks[0],) if asked.table.pdks else ())
    again = {
        name: output[name] or getattr(flow, name)
        for name in ("check_convergence", "second_opinion")
    }
    with own_errors(written.own):
        return run_study(flow.studies[0], specs=flow.specs[0], **{**output, **again})


def _value(text: str) -> str | tuple[str, ...]:
    """Return a value, or several separated by commas; `tt,` is a list of one."""
    return tuple(part for part in text.split(",") if part) if "," in text else text
