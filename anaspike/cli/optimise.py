"""`anaspike optimise FLOW`: sizes for a user's own specs."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anaspike.cli.options import COUNT, PATH
from anaspike.cli.study import default_folder, output_options, run_study
from anaspike.errors import InputError

if TYPE_CHECKING:
    from anaspike.campaign.answer import Answer


@click.command("optimise")
@click.argument("flow", type=PATH)
@click.option("--evaluations", type=COUNT, help="candidates in all  [default: the flow's; 200]")
@click.option(
    "--method", help="tpe (needs the extra anaspike[optimise]) or evolution  [default: as the flow"
    " says; tpe where it is installed]",
)  # fmt: skip
@output_options
def optimise(
    flow: Path, evaluations: int | None, method: str | None, out: Path | None, **output: Any
) -> int:
    """Search the sizes that FLOW names for the least of what it names, within its specs.

    Every candidate is asked as FLOW's studies say, the survivors under its
    further conditions too. The best sizes are written as a design file,
    best.toml, for --design. Given the same --out again, a search that was
    ended goes on; what was simulated comes from the cache.

    \b
    Exit code: 0 found, 2 bad input, or no sizes keep the specs (said which
    one fails most), 130 interrupted.
    """
    from anaspike.studies.optimise_flow import read_search  # noqa: PLC0415
    from anaspike.studies.searched import refuse_another  # noqa: PLC0415

    asked = read_search(flow, evaluations, method)
    folder = out or default_folder(asked.name)
    asked.check()
    refuse_another(asked.asked_for(), folder)
    answers: list[Answer] = []
    code = run_study(asked, out=folder, seen=answers.append, **output)
    if answers and not answers[0].manifest["interrupted"] and (why := asked.missed(answers[0])):
        raise InputError(f"{flow}: {why}")
    return code
