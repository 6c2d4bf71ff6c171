"""A study of the user's own: a class in a Python file beside the flow file that names it."""

import importlib.util
import re
import sys
import traceback
from pathlib import Path
from types import ModuleType

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
    name = f"anaspike_own_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise InputError(f"cannot read {path}: no such file beside the flow")
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module  # dataclasses and pydantic look a class's module up by its name
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
        lines = [
            f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)
        ]
        where = f", line {lines[-1]}" if lines else ""
        raise InputError(
            f"{path}{where}: {type(error).__name__}: {printable(str(error))}"
        ) from error
    return module
