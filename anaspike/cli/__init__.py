"""The command line: parse, call, print. One module a command."""

import gc
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

import anaspike
from anaspike.cli.study import INTERRUPTED
from anaspike.errors import AnaspikeError
from anaspike.units import printable, suggestion

# Each lies in the module of its name, but for two.
_COMMANDS = (
    "cache", "calibrate", "characterise", "datasets", "doctor", "energy", "explore", "features",
    "import-weights", "map", "netlist", "parameters", "pdk", "report", "rerun", "run",
    "simulate-network", "sweep-vdd", "table9", "train", "train-and-map", "xor-test",
)  # fmt: skip
_ELSEWHERE = {"map": "map_network", "run": "run_flows"}
# What newer releases of click raise, with the whole help as message, where no command is given.
_HELP: type[click.ClickException] | tuple[()] = getattr(click.exceptions, "NoArgsIsHelpError", ())


class _Commands(click.Group):
    """The commands, each loaded when it is asked for: none waits for the others."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = _ELSEWHERE.get(name, name.replace("-", "_"))
        command: click.Command = getattr(import_module(f"anaspike.cli.{module}"), module)
        return command

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = arguments[0]
        if name not in _COMMANDS and not name.startswith("-"):
            hint = suggestion(name, _COMMANDS)
            raise click.UsageError(f"No such command '{printable(name)}'; {hint}")
        return super().resolve_command(context, arguments)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(anaspike.__version__, prog_name="anaspike")
def cli() -> None:
    """Design and verify analog spiking neurons in SPICE."""


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
    except _HELP as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        return _complain(error.format_message(), error.exit_code)
    except click.Abort:
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    # Loading makes objects by the hundred thousand, and all of them stay: to look them through
    # for waste after each 700, as Python does, takes a seventh of a short run.
    gc.set_threshold(20_000, 20, 20)
    code = run()
    gc.freeze()  # nor need it all be looked through once more at the end
    sys.exit(code)


def _complain(message: str, code: int) -> int:
    """Say what is wrong in one line; return the exit code."""
    click.secho("error: ", fg="red", bold=True, nl=False, err=True)
    click.echo(" ".join(message.split()), err=True)
    return code
