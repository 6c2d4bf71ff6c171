"""A study of the user's own: a class in a Python file beside the flow file that names it."""

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType

from anaspike.beside import load, plain
from anaspike.campaign.reads import watched
from anaspike.errors import AnaspikeError, InputError, text_of
from anaspike.studies.base import Study
from anaspike.units import printable, suggestion

# A file beside the flow, and a class in it: never a path elsewhere, never an expression.
_OWN = re.compile(r"(?P<file>[A-Za-z_]\w*\.py):(?P<name>[A-Za-z_]\w*)\Z", re.ASCII)


def own_file(study: str, folder: Path) -> Path | None:
    """Return the file of a user's that `own_study` would run; None where it would run none.

    Nothing is run to tell.
    """
    named = _OWN.match(study)
    path = folder / named["file"] if named is not None else None
    return path if path is not None and path.is_file() else None


@contextmanager
def own_errors(file: Path | None) -> Iterator[None]:
    """Say what a user's program does wrong, wherever it is asked, in one line with its place.

    That holds for what is no plain error too, `sys.exit()` above all: it ends
    the program's own question and not anaspike. Ctrl-C stays Ctrl-C.

    Args:
        file: of the program; None where what runs is anaspike's own.

    Raises:
        InputError: what it raised.
    """
    try:
        yield
    except (AnaspikeError, KeyboardInterrupt):
        raise
    except BaseException as error:
        if file is None or not (is_users(error) or isinstance(error, SystemExit)):
            raise  # nothing of the user's was asked
        raise InputError(f"{_place(error, file)}: {_said(error)}") from error


def is_users(error: BaseException) -> bool:
    """Return whether an error came up in a user's program."""
    return _frame(error) is not None


def is_own(study: str) -> bool:
    """Return whether a flow's `study` names a file and not one of anaspike's studies."""
    return ":" in study or study.endswith(".py")


def own_study(study: str, folder: Path) -> type[Study]:
    """Return a class of a file in `folder`. The file is run: it is the user's own program.

    Modules that lie beside it are found as they are for a script.

    Args:
        study: "axon_hillock.py:AxonHillock".
        folder: of the flow file.

    Raises:
        InputError: it is not of that form, the file cannot be read or run, or
            it holds no study of that name.
    """
    named = _OWN.match(study)
    if named is None:
        raise InputError(
            f"study '{printable(study)}' is no file and class; name a file beside the flow,"
            " for example 'mine.py:MyStudy'"
        )
    path = folder / named["file"]
    with own_errors(path):
        return _study_of(_run(path), named["file"], named["name"])


def _study_of(module: ModuleType, file: str, name: str) -> type[Study]:
    found = {
        known: value
        for known, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Study)
        and value.__module__ == module.__name__
    }
    if not found:
        raise InputError(f"{file} holds no study; a study is a class derived from Study")
    if name not in found:
        raise InputError(f"{file} holds no study '{name}'; {suggestion(name, found)}")
    kind = found[name]
    if not all(isinstance(getattr(kind, text, None), str) for text in ("name", "title")):
        raise InputError(f"{file}: {kind.__name__} needs a `name` and a `title`")
    return kind


def _run(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError(f"cannot read {path}: no such file beside the flow")
    try:
        with watched():  # what it reads now serves every point
            return load(path)
    except (Exception, SystemExit) as error:
        raise InputError(f"{_place(error, path)}: {_said(error)}") from error


def _frame(error: BaseException) -> tuple[FrameType, int] | None:
    """Return the innermost place of a user's program in which an error came up."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        name = str(frame.f_globals.get("__name__", ""))
        if plain(name) != name:  # one of the program's modules
            return frame, line
    return None


def _place(error: BaseException, path: Path) -> str:
    """Return the file of the user's in which an error came up, and the line."""
    found = _frame(error)
    if found is None:
        return str(path)
    frame, line = found
    file, folder = Path(frame.f_code.co_filename), path.parent.absolute()
    inner = file.relative_to(folder) if file.is_relative_to(folder) else file
    return f"{path.parent / inner}, line {line}"


def _said(error: BaseException) -> str:
    said = f"{type(error).__name__}: {printable(text_of(error))}".removesuffix(": ")
    missing = isinstance(error, ModuleNotFoundError)
    return f"{said}; it lies neither beside the flow nor is it installed" if missing else said
