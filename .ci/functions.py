"""Write the public functions, one a question, from the commands: `make functions`.

The command line is the one place where parameters, defaults and what they mean are written down.
A test compares what stands in anaspike/api with what this would write.
"""

import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_origin

import click

from anaspike.cli import cli
from anaspike.cli.options import CodesType, CountType, ListType, PathType, QuantityType
from anaspike.studies.base import Study
from anaspike.studies.catalog import CHARACTERISE, STUDIES
from anaspike.units import unit_of

API = Path(__file__).resolve().parents[1] / "anaspike" / "api"
WIDTH = 100
# What says how a command prints is nothing to a notebook.
PRINTS = frozenset({"as_json", "quiet", "table_format"})
# What says something of a flow file, which its command alone reads.
OF_FLOWS = {"calibrate": ("knob", "quantity")}
FIRST = ("from_V", "to_V")  # may be given without their names, as arguments are
KINDS = {
    "corner": "Words", "temp": "Numbers", "design": "Sized", "size": "Sizes", "simulator": "Runs",
    "pdks": "Words", "number": "Whole",
}  # fmt: skip
_HELD = "\x00"  # stands for a space at which no line breaks
# A circuit of the user's own; a command of two studies, which `study` asks by their names.
SEVERAL = ("netlist", "tune-in-loop")
# Python has a `map` of its own, and anaspike a folder `layout`.
NAMES = {"map": "map_network", "layout": "layout_block"}


def questions() -> dict[str, tuple[type[Study], click.Command]]:
    """Return the name of each function, the study that it asks and its command."""
    commands = set(cli.list_commands(None))  # type: ignore[arg-type]
    found = {}
    for study in STUDIES:
        command = "characterise" if study in CHARACTERISE else study.name
        if command in commands and command not in SEVERAL:
            name = NAMES.get(study.name, study.name.replace("-", "_"))
            found[name] = study, cli.get_command(None, command)  # type: ignore[arg-type]
    return found


def parameters(command: click.Command) -> list[click.Parameter]:
    """Return the parameters of a command that its function has too."""
    left = {*PRINTS, "block", *OF_FLOWS.get(str(command.name), ())}
    return [one for one in command.params if one.name not in left]


def module(title: str, names: Sequence[str]) -> str:
    """Return a module that holds these functions."""
    known = questions()
    functions = "\n\n\n".join(function(name, *known[name]) for name in names)
    literal = "from typing import Literal\n\n" if "Literal[" in functions else ""
    kinds = (
        "Counts", "Number", "Numbers", "Runs", "Sized", "Sizes", "Where", "Whole", "Wholes",
        "Words",
    )  # fmt: skip
    used = [kind for kind in kinds if re.search(rf": {kind}\b", functions)]
    imported = f"from anaspike.api.kinds import {', '.join(used)}\n"
    if len(imported) > WIDTH:
        imported = (
            "from anaspike.api.kinds import (\n" + "".join(f"    {one},\n" for one in used) + ")\n"
        )
    return (
        f'"""{title}\n\nWritten by .ci/functions.py from the commands: `make functions`.\n"""\n\n'
        f"{literal}from anaspike.api.asking import asked\n{imported}"
        f"from anaspike.api.result import Result\n\n\n{functions}\n"
    )


def function(name: str, study: type[Study], command: click.Command) -> str:
    """Return one function."""
    parts = [*_signature(study, parameters(command))]
    whole = ", ".join(part.replace(" ", _HELD) for part in parts)
    wrapped = textwrap.wrap(whole, WIDTH - 6, break_on_hyphens=False, break_long_words=False)
    lines = [line.replace(_HELD, " ") for line in wrapped]
    own = list(_said(parameters(command)))
    about = _about(study, command)
    args = "\n    Args:\n" + "\n".join(own) + "\n" if own else ""
    doc = (
        f'    """{about}\n\n    As `anaspike {_asked_as(study)}`; see `study` for what all have.\n'
    )
    body = f'    return asked("{study.name}", locals())'
    signature = "".join(f"    {line}\n" for line in lines[:-1]) + f"    {lines[-1]},\n"
    return f'def {name}(\n{signature}) -> Result:  # fmt: skip\n{doc}{args}    """\n{body}'


def _asked_as(study: type[Study]) -> str:
    return f"characterise {study.name}" if study in CHARACTERISE else study.name


def _about(study: type[Study], command: click.Command) -> str:
    text = f"{study.title}." if study in CHARACTERISE else (command.help or "").partition("\n\n")[0]
    said = " ".join(text.split())
    first = textwrap.wrap(said, WIDTH - 7, break_on_hyphens=False)
    return "\n    ".join(first)


def _signature(study: type[Study], options: Sequence[click.Parameter]) -> Iterator[str]:
    first = [o for o in options if isinstance(o, click.Argument) or o.name in FIRST]
    needed = [o for o in options if o not in first and o.required]
    others = [o for o in options if o not in first and o not in needed]
    yield from (_one(study, option) for option in first)
    yield "*"
    yield from (_one(study, option) for option in (*needed, *others))


def _one(study: type[Study], option: click.Parameter) -> str:
    kind = _kind(study, option)
    default = option.default
    if option.required:
        return f"{option.name}: {kind}"
    if isinstance(option, click.Option) and option.is_flag:
        return f"{option.name}: bool = {default is True}"
    if default is None or type(default).__name__ == "Sentinel" or default == "":
        return f"{option.name}: {kind} | None = None"
    written = f'"{default}"' if isinstance(default, str) else repr(default)
    return f"{option.name}: {kind} = {written}"


def _kind(study: type[Study], option: click.Parameter) -> str:
    name, type_ = str(option.name), option.type
    if name in KINDS or (name, study.name) == ("inputs", "simulate-network"):
        return KINDS.get(name, "Counts")
    field = study.model_fields.get(name)
    if field is not None and get_origin(field.annotation) is Literal:
        values: Any = field.annotation
        return f"Literal[{', '.join(repr(one) for one in values.__args__)}]".replace("'", '"')
    if type_ == click.STRING and unit_of(name):  # the study reads the number
        return "Number"
    if isinstance(type_, ListType):
        return {CountType: "Wholes", QuantityType: "Numbers"}.get(type(type_.kind), "Words")
    kinds = {
        QuantityType: "Number", CountType: "Whole", CodesType: "Wholes", PathType: "Where",
    }  # fmt: skip
    return kinds.get(type(type_), "str")


def _said(options: Sequence[click.Parameter]) -> Iterator[str]:
    """Yield what the function's own parameters mean, as the command's help has it."""
    common = {
        str(option.name)
        for option in cli.get_command(None, "characterise").params  # type: ignore[union-attr,arg-type]
    }
    for option in options:
        if isinstance(option, click.Option) and option.name not in common:
            said = " ".join((option.help or "").split()).partition("  [")
            text = f"{option.name}: {said[0]}" + (f" ({said[2].rstrip(']')})" if said[2] else "")
            yield from textwrap.wrap(
                text.rstrip(".") + ".", WIDTH - 2, initial_indent=" " * 8,
                subsequent_indent=" " * 12, break_on_hyphens=False,
            )  # fmt: skip


def written() -> dict[Path, str]:
    """Return each file and what it is to hold."""
    known = questions()
    blocks = [name for name, (study, _) in known.items() if study in CHARACTERISE]
    others = [name for name in known if name not in blocks]
    return {
        API / "questions.py": module("Networks, sweeps and trainings, a function each.", others),
        API / "blocks.py": module("Every figure of one block, a function a block.", blocks),
    }


if __name__ == "__main__":
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {path}\n")
