"""The command line: parse, call, print. One module a command."""

import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

import anaspike
from anaspike.cli.cache import cache
from anaspike.cli.calibrate import calibrate
from anaspike.cli.characterise import characterise
from anaspike.cli.datasets import datasets
from anaspike.cli.doctor import doctor
from anaspike.cli.energy import energy
from anaspike.cli.explore import explore
from anaspike.cli.features import features
from anaspike.cli.import_weights import import_weights
from anaspike.cli.map_network import map_network
from anaspike.cli.netlist import netlist
from anaspike.cli.parameters import parameters
from anaspike.cli.pdk import pdk
from anaspike.cli.report import report
from anaspike.cli.rerun import rerun
from anaspike.cli.run import run as run_flows
from anaspike.cli.simulate_network import simulate_network
from anaspike.cli.study import INTERRUPTED
from anaspike.cli.sweep_vdd import sweep_vdd
from anaspike.cli.table9 import table9
from anaspike.cli.train import train
from anaspike.cli.train_and_map import train_and_map
from anaspike.cli.xor_test import xor_test
from anaspike.errors import AnaspikeError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(anaspike.__version__, prog_name="anaspike")
def cli() -> None:
    """Design and verify analog spiking neurons in SPICE."""


for command in (
    sweep_vdd,
    characterise,
    xor_test,
    simulate_network,
    energy,
    table9,
    train_and_map,
    map_network,
    parameters,
    train,
    import_weights,
    explore,
    calibrate,
    run_flows,
    rerun,
    report,
    datasets,
    features,
    cache,
    netlist,
    pdk,
    doctor,
):
    cli.add_command(command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done; 1 a simulation failed, its row says how; 2 bad input or a missing
    tool; 130 interrupted.
    """
    # A polite kill takes the same way out as Ctrl-C, so that no simulator stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = cli.main(arguments, prog_name="anaspike", standalone_mode=False)
    except AnaspikeError as error:
        return _complain(str(error), error.exit_code)
    except click.ClickException as error:
        return _complain(error.format_message(), error.exit_code)
    except click.Abort:
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    sys.exit(run())


def _complain(message: str, code: int) -> int:
    """Say what is wrong in one line; return the exit code."""
    click.secho("error: ", fg="red", bold=True, nl=False, err=True)
    click.echo(" ".join(message.split()), err=True)
    return code
