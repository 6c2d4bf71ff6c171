"""What a shell completes: blocks, processes, studies, corners, flows, beside options and files."""

from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from anaspike.cli.options import PathType


def completed(command: click.Command) -> click.Command:
    """Return a command whose words of known kinds are completed."""
    for part in command.commands.values() if isinstance(command, click.Group) else ():
        completed(part)
    for parameter in command.params:
        known = _KNOWN.get((str(command.name), str(parameter.name))) or _KNOWN.get(
            ("", str(parameter.name))
        )
        if known is not None and type(parameter.type) is type(click.STRING):
            parameter.type = _Word(known)
        elif (command.name, parameter.name) in _FLOWS and isinstance(parameter.type, click.Path):
            parameter.type = _Flow(path_type=Path)
    return command


class _Word(click.types.StringParamType):
    """A text of which there are some that are known.

    Args:
        known: returns them.
    """

    def __init__(self, known: Callable[[], Iterable[str]]) -> None:
        self._known = known

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return those that begin so; of several with commas the last is completed."""
        before, comma, last = incomplete.rpartition(",")
        return [
            CompletionItem(f"{before}{comma}{word}")
            for word in self._known()
            if word.startswith(last)
        ]


class _Flow(PathType):
    """A flow file: those in flows/ by their names; elsewhere the shell completes files."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the flows that begin so, with or without their folder; else leave it to files."""
        flows = [
            *sorted(Path("flows").glob("*.toml")),
            *sorted(Path("flows/optimise").glob("*.toml")),
        ]
        found = [
            CompletionItem(str(path))
            for path in flows
            if str(path).startswith(incomplete) or path.name.startswith(incomplete)
        ]
        return found or super().shell_complete(ctx, param, incomplete)


def _processes() -> Iterable[str]:
    from anaspike.pdk.catalog import pdk_names  # noqa: PLC0415

    return pdk_names()


def _characterised() -> Iterable[str]:
    from anaspike.studies.catalog import CHARACTERISE  # noqa: PLC0415

    return [study.name for study in CHARACTERISE]


def _studies() -> Iterable[str]:
    from anaspike.studies.catalog import STUDIES  # noqa: PLC0415

    return [study.name for study in STUDIES]


def _blocks() -> Iterable[str]:
    from anaspike.experiments.benches import block_names  # noqa: PLC0415

    return block_names()


def _drawable() -> Iterable[str]:
    from anaspike.layout.catalog import drawable  # noqa: PLC0415

    return drawable()


def _corners() -> Iterable[str]:
    return ("tt", "ff", "ss", "sf", "fs")


# Command, "" for any, and parameter -> what it may be.
_KNOWN: dict[tuple[str, str], Callable[[], Iterable[str]]] = {
    ("", "pdk"): _processes,
    ("", "pdks"): _processes,
    ("", "corner"): _corners,
    ("characterise", "block"): _characterised,
    ("netlist", "block"): _blocks,
    ("layout", "block"): _drawable,
    ("explore", "study"): _studies,
    ("check-layout", "block"): _drawable,
    ("install", "name"): _processes,
    ("calibrate", "target"): lambda: ("neuron", "xor"),
}
_FLOWS = {("run", "files"), ("optimise", "flow")}
