"""The options that every command mapping a network has."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import click

from anaspike.cli.conditions import condition_options
from anaspike.cli.design import design_options
from anaspike.cli.options import COUNT, NUMBER, OHM, VOLT

Command = TypeVar("Command", bound=Callable[..., Any])


def mapping_options(samples: int) -> Callable[[Command], Command]:
    """Add what says how a network is mapped and proven.

    Args:
        samples: neurons proven where the user says nothing.
    """

    def add(command: Command) -> Command:
        for option in (
            click.option(
                "--samples", type=COUNT, default=samples, show_default=True,
                help="neurons proven in SPICE",
            ),
            click.option(
                "--source-resistance", "source_ohm", type=OHM, default=0.0, show_default=True,
                help="from a stiff supply to each rail; said is what it costs",
            ),
            click.option(
                "--noise", "noise_V", type=VOLT, default=0.0, show_default=True,
                help="rms at each decision; said is what it costs",
            ),
            click.option(
                "--calibrate", is_flag=True, help="set each neuron's supply by what it does"
            ),
            click.option(
                "--mismatch", type=NUMBER, default=0.0, show_default=True,
                help="sigma of gains of neurons, beside --seed",
            ),
            click.option(
                "--domains", type=COUNT, help="rails that all neurons share  [default: one each]"
            ),
            click.option(
                "--dac-bits", type=COUNT, default=5, show_default=True,
                help="of the converter of supplies",
            ),
        ):  # fmt: skip
            command = option(command)
        return cast("Command", design_options(condition_options(command)))

    return add
