"""Heavy libraries are extras: imported where they are needed, with the extra named if absent."""

import importlib
import importlib.metadata
import importlib.util
import json
import shlex
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from anaspike.errors import InputError

# What a module's library is called where it is installed from.
_INSTALLED_AS = {"sklearn": "scikit-learn", "skimage": "scikit-image", "PIL": "pillow"}


def need(module: str, extra: str) -> Any:
    """Import a module that comes with an extra of anaspike.

    Raises:
        InputError: it is not installed; the line names the extra that brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        top = module.partition(".")[0]
        library = _INSTALLED_AS.get(top, top)
        raise InputError(
            f"{library} is not installed; it comes with an extra: {installs(extra)}"
        ) from None


def installs(extra: str = "", flags: str = "") -> str:
    """Return the command that installs anaspike again, with an extra.

    Who works in a clone has no package index that holds anaspike: the clone is named then.
    """
    here = Path(__file__).resolve().parents[1]
    clone = here if (here / "pyproject.toml").is_file() else _installed_from()
    source = "anaspike" if clone is None else str(clone)
    asked = f"{source}[{extra}]" if extra else source
    return f"{shlex.quote(sys.executable)} -m pip install {flags}{shlex.quote(asked)}"


def _installed_from() -> Path | None:
    """Return the clone that pip installed anaspike from; None where it is no more, or was none."""
    try:
        text = importlib.metadata.distribution("anaspike").read_text("direct_url.json")
        url = urlsplit(json.loads(text or "{}").get("url", ""))
    except (importlib.metadata.PackageNotFoundError, ValueError, AttributeError):
        return None
    place = Path(unquote(url.path))
    return place if url.scheme == "file" and (place / "pyproject.toml").is_file() else None


def has(module: str) -> bool:
    """Tell whether a module is installed; it is not loaded."""
    return importlib.util.find_spec(module) is not None
