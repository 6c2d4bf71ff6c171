"""A study of the user's own: a class in a Python file beside the flow file that names it."""

import re
import traceback
from pathlib import Path
from types import ModuleType

from anaspike.beside import load, plain
from anaspike.campaign.reads import watched
from anaspike.errors import InputError
from anaspike.studies.base import Study
from anaspike.units import printable, suggestion

# A file beside the flow, and a class in it: never a path elsewhere, never an expression.
_OWN = re.compile(r"(?P<file>[A-Za-z_]\w*\.py):(?P<name>[A-Za-z_]\w*)\Z", re.ASCII)


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
    module = _run(folder / named["file"])
    found = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Study)
        and value.__module__ == module.__name__
    }
    if not found:
        raise InputError(f"{named['file']} holds no study; a study is a class derived from Study")
    if named["name"] not in found:
        hint = suggestion(named["name"], found)
        raise InputError(f"{named['file']} holds no study '{named['name']}'; {hint}")
    kind = found[named["name"]]
    if not all(isinstance(getattr(kind, text, None), str) for text in ("name", "title")):
        raise InputError(f"{named['file']}: {kind.__name__} needs a `name` and a `title`")
    return kind


def _run(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError(f"cannot read {path}: no such file beside the flow")
    try:
        with watched():  # what it reads now serves every point
            return load(path)
    except Exception as error:
        raise InputError(f"{_place(error, path)}: {_said(error)}") from error


def _place(error: Exception, path: Path) -> str:
    """Return the file of the user's in which an error came up, and the line."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        name = str(frame.f_globals.get("__name__", ""))
        if plain(name) != name:  # one of the program's modules
            file = Path(frame.f_code.co_filename)
            return f"{path.parent / file.relative_to(path.parent.absolute())}, line {line}"
    return str(path)


def _said(error: Exception) -> str:
    said = f"{type(error).__name__}: {printable(str(error))}"
    missing = isinstance(error, ModuleNotFoundError)
    return f"{said}; it lies neither beside the flow nor is it installed" if missing else said
