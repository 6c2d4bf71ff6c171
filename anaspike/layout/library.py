"""The library `klayout`, imported when a layout is first asked for: it takes room and time."""

from typing import Any

from anaspike.extras import need


def klayout_db() -> Any:
    """Return the module `klayout.db`.

    Raises:
        InputError: it is not installed; the line names the extra `layout`.
    """
    return need("klayout.db", "layout")
