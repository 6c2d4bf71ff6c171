"""The command line: parse, call, print. One module a command."""

import gc
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

import click

import anaspike
from anaspike.cli.completion import completed
from anaspike.cli.study import INTERRUPTED
from anaspike.errors import AnaspikeError, InputError, on_one_line
from anaspike.report.streams import finish, prepare, say, silence
from anaspike.units import printable, suggestion

# What people want, and the commands for it. Each lies in the module of its name, but for two.
_GROUPS = {
    "Ask a neuron": (
        "sweep-vdd", "energy", "characterise", "table9", "explore", "optimise",
    ),
    "Ask a network": ("xor-test", "simulate-network", "calibrate"),
    "Train, and map to supplies": (
        "train", "paper-table", "parameters", "import-weights", "map", "train-and-map",
        "tune-in-loop", "datasets", "features",
    ),
    "Flows and finished runs": ("run", "report", "export", "rerun", "cache"),
    "Netlists and layouts": ("netlist", "layout", "check-layout"),
    "Set-up": ("doctor", "pdk"),
}  # fmt: skip
_COMMANDS = tuple(sorted(name for names in _GROUPS.values() for name in names))
_ELSEWHERE = {"map": "map_network", "run": "run_flows"}
# Parameters of studies -> the option that all commands have for them.
_CONDITIONS = {"corners": "corner", "temperature_C": "temp", "temperatures_C": "temp"}
# What newer releases of click raise, with the whole help as message, where no command is given.
_HELP: type[click.ClickException] | tuple[()] = getattr(click.exceptions, "NoArgsIsHelpError", ())


class _Commands(click.Group):
    """The commands, each loaded when it is asked for: none waits for the others."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(_COMMANDS)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by what people want, each with its whole first sentence."""
        longest = max(map(len, _COMMANDS))
        for title, names in _GROUPS.items():
            rows = []
            for name in names:
                command = self.get_command(context, name)
                said = command.get_short_help_str(limit=1000) if command is not None else ""
                rows.append((name.ljust(longest), said))
            with formatter.section(title):
                formatter.write_dl(rows)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = _ELSEWHERE.get(name, name.replace("-", "_"))
        command: click.Command = getattr(import_module(f"anaspike.cli.{module}"), module)
        return completed(command)

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = arguments[0]
        if name not in _COMMANDS and not name.startswith("-"):
            hint = suggestion(name, _COMMANDS)
            raise click.UsageError(f"No such command '{printable(name)}'; {hint}")
        return super().resolve_command(context, arguments)

    def invoke(self, context: click.Context) -> Any:
        """Run the command; its bad input is told in the words of its options."""
        try:
            return super().invoke(context)
        except InputError as error:
            command = self.get_command(context, context.invoked_subcommand or "")
            raise InputError(_in_options(str(error), command)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(anaspike.__version__, prog_name="anaspike")
def cli() -> None:
    """Design and verify analog spiking neurons in SPICE."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done; 1 a simulation failed, its row says how; 2 bad input or a missing
    tool; 130 interrupted.
    """
    # A polite kill, and a terminal that goes, take the same way out as Ctrl-C, so that no
    # simulator and no folder stays behind; under nohup the latter means nothing.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        code = _ran(arguments)
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


def _ran(arguments: Sequence[str] | None) -> object:
    """Run one command; return its exit code. What streams refuse where click writes is a line."""
    streams = sys.stdout, sys.stderr
    try:
        code = cli.main(arguments, prog_name="anaspike", standalone_mode=False)
        finish()
    except OSError as error:  # --help on a full disk
        silence(sys.stdout)
        where = f": {error.filename}" if error.filename else ""
        raise InputError(f"the system says: {error.strerror or error}{where}") from error
    except SystemExit:
        if sys.stdout is streams[0]:
            raise
        # Click puts others in their place and leaves where nobody reads its help.
        sys.stdout, sys.stderr = streams
        silence(sys.stdout)
        return 0
    return code


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    # Loading makes objects by the hundred thousand, and all of them stay: to look them through
    # for waste after each 700, as Python does, takes a seventh of a short run.
    gc.set_threshold(20_000, 20, 20)
    prepare()
    code = run()
    gc.freeze()  # nor need it all be looked through once more at the end
    sys.exit(code)


def _complain(message: str, code: int) -> int:
    """Say what is wrong in one line; return the exit code."""
    with suppress(InputError, OSError):  # nobody is there to be told
        click.secho("error: ", fg="red", bold=True, nl=False, err=True)
        say(on_one_line(" ".join(message.split())), err=True)
    return code


def _in_options(message: str, command: click.Command | None) -> str:
    """Return a message with the parameters that it names as the command's options.

    Studies and circuits know nothing of commands: they write `width_s` where the
    command says --width, and a flow file width_s.
    """
    options = {
        str(parameter.name): max(parameter.opts, key=len)
        for parameter in (command.params if command is not None else ())
        if isinstance(parameter, click.Option)
    }
    # What a study refuses at once begins with its name and the parameter's.
    named = re.match(r"[a-z0-9-]+: (\w+)(?=[:.])", message)
    if named is not None and named[1] in options:
        message = options[named[1]] + message[named.end() :]
    for field, option in _CONDITIONS.items():
        if option in options:
            options.setdefault(field, options[option])
    return re.sub(r"`(\w+)`", lambda found: options.get(found[1], found[0]), message)
