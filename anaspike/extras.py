"""Heavy libraries are extras: imported where they are needed, with the extra named if absent."""

import importlib
import importlib.util
from typing import Any

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
            f"{library} is not installed; it comes with an extra: pip install 'anaspike[{extra}]'"
        ) from None


def has(module: str) -> bool:
    """Tell whether a module is installed; it is not loaded."""
    return importlib.util.find_spec(module) is not None
