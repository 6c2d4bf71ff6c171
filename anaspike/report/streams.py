"""Text on its way out: what a stream cannot show is replaced, what would steer it is escaped.

All that a command prints goes through `say`, `pour` or `report.console`: a text is a text,
whoever wrote it, and a pipe whose reader has gone, a full disk or a terminal without Ω
ends no work that is done.
"""

import codecs
import io
import os
import sys
from typing import TextIO

import click

from anaspike.errors import InputError
from anaspike.units import harmless

# What stands for a character where it cannot be shown; `units` reads each of them back.
_PLAIN = {
    "Ω": "ohm", "µ": "u", "μ": "u", "°": "deg", "²": "2", "—": "-", "–": "-", "−": "-",
    "×": "x", "·": "*", "…": "...", "±": "+-", "≤": "<=", "≥": ">=", "σ": "sigma",
    "’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "\u202f": " ", "\u2009": " ",
}  # fmt: skip


def say(line: str, err: bool = False) -> None:
    """Print one line; a line end inside it is shown as what it is.

    Raises:
        InputError: it cannot be written, as on a full disk.
    """
    pour(line.replace("\n", "\\x0a") + "\n", err)


def pour(text: str, err: bool = False) -> None:
    """Print a text of several lines as it is: a netlist, JSON.

    Raises:
        InputError: it cannot be written, as on a full disk.
    """
    stream = sys.stderr if err else sys.stdout
    try:
        click.echo(fitting(harmless(text), encoding_of(stream)), err=err, nl=False)
    except BrokenPipeError:
        silence(stream)
    except OSError as error:
        silence(stream)
        raise unwritten(error) from None


def fitting(text: str, encoding: str) -> str:
    """Return a text with what the encoding lacks in other words: `ohm` for Ω, ? for the rest."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_fitting(character, encoding) for character in text)
    except LookupError:
        pass
    return text


def encoding_of(stream: TextIO | None) -> str:
    """Return the encoding of a stream; UTF-8 where it has none."""
    return getattr(stream, "encoding", None) or "utf-8"


def prepare() -> None:
    """Let the standard streams replace what they cannot encode, for who prints otherwise.

    One character stands for one here: rich has counted them when it cuts a cell short.
    """
    codecs.register_error("anaspike.plain", _one_for_one)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="anaspike.plain")


def finish() -> None:
    """Write out what still waits, before Python does it with a traceback.

    Raises:
        InputError: it cannot be written.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except BrokenPipeError:
            silence(stream)
        except OSError as error:
            silence(stream)
            raise unwritten(error) from None


def silence(stream: TextIO | None) -> None:
    """Send what a stream still holds, and all that follows, nowhere: nobody reads it."""
    if stream is None:
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # a stream in memory has no number
        pass


def unwritten(error: OSError) -> InputError:
    """Return an output that cannot be written as one line."""
    return InputError(f"cannot write the output: {error.strerror or error}")


def _one_for_one(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join("." if character == "…" else "?" for character in lost), error.end


def _fitting(character: str, encoding: str) -> str:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return _PLAIN.get(character, "?")
    return character
