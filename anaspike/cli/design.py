"""The options of what simulates the neuron: which design, which sizes of it, drawn or not."""

import functools
from collections.abc import Callable
from typing import Any

import click

from anaspike.cli.options import named_values

Command = Callable[..., Any]


def design_options(command: Command) -> Command:
    """Add --design and --size; the command gets them as a study takes them: `sized`, `sizes`."""

    @functools.wraps(command)
    def bundled(*arguments: Any, design: str | None, size: tuple[str, ...], **options: Any) -> Any:
        from anaspike.circuits.designs import design_asked  # noqa: PLC0415

        sized = None if design is None else design_asked(design)
        return command(*arguments, sized=sized, sizes=named_values(size, "--size"), **options)

    for option in (
        click.option(
            "--size", multiple=True, metavar="NAME=VALUE",
            help="another size of the neuron: comparator.input_pair.w_m=2u",
        ),
        click.option(
            "--design", metavar="FILE.TOML",
            help="the neuron's design, or the name of a variant  [default: the process's own]",
        ),
    ):  # fmt: skip
        bundled = option(bundled)
    return bundled


def drawn_options(command: Command) -> Command:
    """Add what `design_options` adds, and --layout, which a study takes as `layout`."""
    return click.option(
        "--layout", metavar="FILE.gds|generated",
        help="sky130: after layout, of that file or as anaspike draws  [default: as sized]",
    )(design_options(command))  # fmt: skip
