"""The options that every command running a study has: under which conditions."""

import functools
from collections.abc import Callable
from typing import Any

import click

from anaspike.cli.options import COUNT

Command = Callable[..., Any]


def condition_options(command: Command) -> Command:
    """Add --corner, --temp, --mc and --seed; the command gets them as one `conditions`."""

    @functools.wraps(command)
    def bundled(
        *arguments: Any, corner: str | None, temp: str | None, mc: int | None, seed: int | None,
        **options: Any,
    ) -> Any:  # fmt: skip
        from anaspike.studies.conditions import read_conditions  # noqa: PLC0415

        conditions = read_conditions(corner, temp, mc, seed)
        return command(*arguments, conditions=conditions, **options)

    for option in (
        click.option(
            "--seed", type=COUNT, help="of a mismatch sample, or of the first  [default: nominal]"
        ),
        click.option("--mc", type=COUNT, help="number of mismatch samples"),
        click.option("--temp", help="temperature in °C, or several: -40,27,125  [default: 27]"),
        click.option("--corner", help="tt, ff, ss, sf or fs, or several: tt,ss  [default: tt]"),
    ):
        bundled = option(bundled)
    return bundled
