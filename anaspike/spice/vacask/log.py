"""What VACASK's log says: its exit code is 0 after many a failed run."""

import re

from anaspike.spice.failures import (
    ConvergenceFailure,
    DeckError,
    DiskFull,
    SimulationFailure,
    SingularMatrix,
    TimestepTooSmall,
)
from anaspike.spice.loglines import Signs, first_sign, log_lines

# The first pattern that any line matches decides: causes before their consequences.
_SIGNS: Signs = (
    (r"failed to write|no space left on device", DiskFull, "the data could not be written"),
    (
        r"not found\.|syntax error|already exists|too (many|few) terminals|cannot convert",
        DeckError,
        "VACASK cannot read the deck",
    ),
    (r"timestep too small", TimestepTooSmall, "no time step was small enough"),
    (r"factorization failed", SingularMatrix, "the circuit has no unique solution"),
    (
        r"operating point analysis failed|homotopy failed",
        ConvergenceFailure,
        "no operating point was found",
    ),
    (
        r"nan found|failed to compute|solver failed|core nr loop|analysis '.*' aborted",
        ConvergenceFailure,
        "no solution was found",
    ),
)

# Each line that VACASK may say of a run whose result is what was asked for, and
# why it is harmless. Whatever else it says of a run that came back is a failure.
_HARMLESS = (
    ("", "nothing"),
    (r"This is vacask \S+\.", "its name"),
    (r"\(c\)\d+-\d+ EDA Lab FE Uni-Lj, Arpad Buermen", "its author"),
    (r"https://codeberg\.org/arpadbuermen/VACASK", "its place"),
    (r" *(?:OpenMP parallel processing|Cadnip foreign parsers)", "its parts"),
    (r"(?:Available CPUs|CPUs used|OpenBLAS CPUs): +\d+", "it is given one"),
    (
        r"OSDI\(warn\) \S+: unknown BSIM4 version\. Working now with BSIM4\.8\.3\.",
        "a card of an earlier BSIM4; docs/second-opinion.md says so",
    ),
    (
        r"OSDI\(warn\) \S+: (?:Source|Drain) conductance reset to 1\.0e3 mho\.",
        "a source or drain without resistance (sky130 with --fast): a milliohm in its place",
    ),
)
_KNOWN = re.compile("|".join(f"(?:{pattern})" for pattern, _ in _HARMLESS))
_QUOTES = re.compile(r" *\^")  # under the line of the deck that is quoted


def hidden_failure(log: str) -> SimulationFailure | None:
    """Return the failure that the log of a finished run shows, or None."""
    lines = [line.rstrip() for line in log_lines(log)]
    number = next((n for n, line in enumerate(lines) if not _KNOWN.fullmatch(line)), None)
    if number is None:
        return None
    return DeckError("VACASK left out a part of the deck", _with_the_card(lines, number))


def classify(log: str) -> SimulationFailure | None:
    """Return the failure that a log of an unfinished run shows, or None."""
    return first_sign(log, _SIGNS, _with_the_card)


def _with_the_card(lines: list[str], number: int) -> str:
    """Return a line of the log with the deck's line that it quotes."""
    line, quoted, mark = (*(each for each in lines[number : number + 3]), "", "")[:3]
    return f"{line.strip()}, in: {quoted.strip()}" if _QUOTES.fullmatch(mark) else line.strip()
