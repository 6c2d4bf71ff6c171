"""What ngspice's log says: its exit code tells no failure from another."""

import re

from anaspike.spice.failures import (
    ConvergenceFailure,
    DeckError,
    DiskFull,
    MissingFile,
    MissingModel,
    MissingSubcircuit,
    SimulationFailure,
    SingularMatrix,
    TimestepTooSmall,
)

# The first pattern that any line matches decides: causes before their consequences.
_SIGNS: tuple[tuple[str, type[SimulationFailure], str], ...] = (
    (r"no space left on device|disk full|file size limit", DiskFull, "the disk is full"),
    (
        r"can't find model|could not find a valid modelname|unable to find definition of model",
        MissingModel,
        "the deck names a model that is not there",
    ),
    (r"unknown subckt", MissingSubcircuit, "the deck places a sub-circuit that is not there"),
    (
        r"could not find (library|include) file|library file .* not found|could not find library",
        MissingFile,
        "the deck includes a file that is not there",
    ),
    (
        r"undefined parameter|expression err|unknown parameter|syntax error|mismatch of"
        r"|(too few|not enough) parameters|unimplemented (dot command|control card)"
        r"|device already exists|parameter dependency|dependent parameters|shorted vsrc"
        r"|no such (vector|device|parameter)|no data saved",
        DeckError,
        "ngspice cannot read the deck",
    ),
    (
        r"circuit not parsed|fatal error|no circuit loaded|aren't any circuits loaded",
        DeckError,
        "ngspice cannot read the deck",
    ),
    (
        r"timestep too small; time",
        TimestepTooSmall,
        "no time step was small enough",
    ),
    (
        r"singular matrix.*check node|matrix is singular",
        SingularMatrix,
        "the circuit has no unique solution",
    ),
    # Later versions say it twice; this is the line that names the node.
    (
        r"timestep too small; initial timepoint",
        ConvergenceFailure,
        "no operating point was found",
    ),
    (
        r"operating point could not be simulated",
        ConvergenceFailure,
        "no operating point was found",
    ),
    (r"timestep too small", TimestepTooSmall, "no time step was small enough"),
    (
        r"iteration limit reached|no convergence|source stepping failed|convergence problem",
        ConvergenceFailure,
        "no operating point was found",
    ),
)

# What ngspice says when it leaves out what the deck asks for, runs to the end
# all the same, and writes zeros for the vector that does not exist.
_LEFT_OUT = re.compile(
    r"error: no such (device|parameter)|unrecognized variable -|setting level to 1\b",
    re.IGNORECASE,
)


def left_out(log: str) -> DeckError | None:
    """Return the failure that a finished run hides, or None.

    An `alter` of a device that is not there, a saved `@device[parameter]` that
    is not there and a model level that is not known do not stop ngspice.
    """
    found = next((line for line in log.splitlines() if _LEFT_OUT.search(line)), None)
    return None if found is None else DeckError("ngspice left out a part of the deck", found)


def classify(log: str) -> SimulationFailure | None:
    """Return the failure that a log of an unfinished run shows, or None.

    A finished run may show some of the same lines on its way (a singular
    matrix that gmin stepping overcame), so this is asked only about runs that
    did not deliver.
    """
    lines = log.replace("\r", "\n").splitlines()
    for pattern, failure, message in _SIGNS:
        sign = re.compile(pattern, re.IGNORECASE)
        for number, line in enumerate(lines):
            if sign.search(line):
                return failure(message, _with_the_card(lines, number))
    return None


def _with_the_card(lines: list[str], number: int) -> str:
    """Return a line of the log with the deck's line that it is about, where that stands beside it.

    What ngspice says of a card is worded otherwise from version to version and
    seldom names it; the card is quoted by all.
    """
    line = lines[number].strip()
    if line.endswith((" in line", " from line")):
        return " ".join([line, *(card.strip() for card in lines[number + 1 : number + 2])])
    for head in range(number - 2, max(number - 5, -1), -1):
        if lines[head].startswith("Error on line "):
            return f"{line}, in: {lines[head + 1].strip()}"
    return line
