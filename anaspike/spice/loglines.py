"""How a simulator's log is looked through, whichever simulator it is of."""

import re
from collections.abc import Callable, Sequence

from anaspike.spice.failures import SimulationFailure

_LONGEST = 1000  # characters of a line that are looked at

# (pattern, failure, what it is in words), causes before their consequences.
Signs = Sequence[tuple[str, type[SimulationFailure], str]]


def log_lines(log: str) -> list[str]:
    """Return the lines of a log, none so long that looking through it would take time."""
    return [line[:_LONGEST] for line in log.replace("\r", "\n").split("\n")]


def first_sign(
    log: str, signs: Signs, quoted: Callable[[list[str], int], str]
) -> SimulationFailure | None:
    """Return the failure of the first pattern that any line of a log matches, or None.

    Args:
        log: of a run.
        signs: what to look for.
        quoted: called with all lines and the number of the one that shows it, for its words.
    """
    lines = log_lines(log)
    for pattern, failure, message in signs:
        sign = re.compile(pattern, re.IGNORECASE)
        for number, line in enumerate(lines):
            if sign.search(line):
                return failure(message, quoted(lines, number))
    return None
