"""Python that a flow brings along: said before it is run, asked where it lies elsewhere."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from anaspike.errors import InputError
from anaspike.report.streams import say


def ask_once(files: Sequence[Path], trust: bool, quiet: bool) -> None:
    """Name the files that are about to be run; ask where one lies outside of the current folder.

    Args:
        files: of Python; a link lies where it leads to.
        trust: ask nothing.
        quiet: say nothing, but ask.

    Raises:
        InputError: nobody is there to be asked, or the answer is no.
    """
    asked = list(dict.fromkeys(files))
    here = Path.cwd().resolve()
    outside = [file for file in asked if not file.resolve().is_relative_to(here)]
    if outside and not trust and not _someone_is_there():
        raise InputError(
            f"a flow would run Python from outside of the current folder: {_listed(outside)};"
            " read it, then give --trust"
        )
    if asked and ((outside and not trust) or not quiet):
        say(f"runs Python of your own: {_listed(asked)}", err=True)
    if outside and not trust and not click.confirm("Do you trust it?", err=True):
        raise InputError(f"nothing was run: you do not trust {_listed(outside)}")


def _listed(files: Sequence[Path]) -> str:
    return ", ".join(map(str, files))


def _someone_is_there() -> bool:
    try:
        return sys.stdin is not None and sys.stdin.isatty()
    except ValueError:  # it is closed
        return False
