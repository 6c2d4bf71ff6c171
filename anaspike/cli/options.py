"""Option types and the options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from anaspike.errors import InputError
from anaspike.units import parse_quantity, parse_whole, printable

Command = TypeVar("Command", bound=Callable[..., Any])


class QuantityType(click.ParamType):  # type: ignore[type-arg]  # generic only in recent click
    """A number with SI suffix and optional unit: `50n`, `0.9V`."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.name = unit or "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number in base units, or complain as all of anaspike does."""
        return parse_quantity(value, self.unit, _option(param))


class CountType(click.ParamType):  # type: ignore[type-arg]  # generic only in recent click
    """A whole number, SI suffixes allowed: `20`, `1k`."""

    name = "count"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the whole number."""
        return parse_whole(value, _option(param))


class PathType(click.Path):
    """A file or a folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; an empty one, which means here to pathlib, is a mistake."""
        if not str(value):
            raise InputError(f"{_option(param)}: the path is empty; write . for this folder")
        return super().convert(value, param, ctx)


class CodesType(click.ParamType):  # type: ignore[type-arg]  # generic only in recent click
    """Weight codes: `+3,-1,+2`."""

    name = "codes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return one whole number for each synapse; their range is the synapse's to check."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(parse_whole(part) for part in value.split(","))
        except InputError:
            raise InputError(
                f"{_option(param)}: '{printable(value)}' is not a list of codes;"
                " write for example +3,-1,+2"
            ) from None


class ListType(click.ParamType):  # type: ignore[type-arg]  # generic only in recent click
    """Several values, separated by commas, each of one type."""

    name = "list"

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Any, ...]:
        """Return the values; none may be empty."""
        if isinstance(value, tuple):
            return value
        parts = [part.strip() for part in value.split(",")]
        if not all(parts):
            raise InputError(
                f"{_option(param)}: '{printable(value)}' has an empty place; write a,b"
            )
        if self.kind is None:
            return tuple(parts)
        return tuple(self.kind.convert(part, param, ctx) for part in parts)


def listed(kind: Any = None) -> ListType:
    """Return the type of an option that takes several values: `0.1,0.01`."""
    return ListType(kind)


BYTES = QuantityType("B")
VOLT, SECOND, FARAD = QuantityType("V"), QuantityType("s"), QuantityType("F")
CELSIUS, NUMBER = QuantityType("C"), QuantityType("")
OHM = QuantityType("ohm")
COUNT, CODES, PATH = CountType(), CodesType(), PathType(path_type=Path)
SIMULATORS = ("ngspice", "vacask")  # as `anaspike.spice.simulators` has them, which loads slowly


def max_size_option(command: Command) -> Command:
    """Add what a user allows a file to unpack to, `max_size_B`."""
    return click.option(
        "--max-size", "max_size_B", type=BYTES,
        help="bytes that a file may unpack to (4G)  [default: 8 times its size, 128 MB to 1 GB]",
    )(command)  # fmt: skip


def simulator_option(
    shown: str = "ngspice; vacask for models that it cannot load",
) -> Callable[[Command], Command]:
    """Return what adds `--simulator`, whose value is `simulator`.

    Args:
        shown: what it is where none is given, as the help has it; the value is None then.
    """
    return click.option(
        "--simulator", type=click.Choice(SIMULATORS), show_default=shown,
        help="what runs the decks; vacask needs the extra anaspike[vacask]",
    )  # fmt: skip


def named_values(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """Return what an option that may be given several times says: name=value each.

    Raises:
        InputError: one is none, or a name stands there twice.
    """
    named: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise InputError(f"{option}: '{printable(text)}' is not name=value")
        if name in named:
            raise InputError(f"{option}: '{printable(name)}' stands there twice; give it once")
        named[name] = value
    return named


def _option(param: click.Parameter | None) -> str:
    return param.opts[0] if param is not None else "value"
