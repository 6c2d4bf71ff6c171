"""What can go wrong between a deck and its vectors, each by its name.

    SimulationFailure                  kind               retried?
    +-- ConvergenceFailure             convergence        up the ladder
    +-- TimestepTooSmall               timestep           up the ladder
    +-- SingularMatrix                 singular_matrix    up the ladder
    +-- Crashed                        crashed            once, as it was
    +-- MissingModel                   missing_model      no: the deck is wrong
    +-- MissingSubcircuit              missing_subcircuit no
    +-- MissingFile                    missing_file       no
    +-- DeckError                      deck               no
    +-- Timeout                        timeout            no: it would take as long again
    +-- IncompleteData                 incomplete         no
    +-- InsaneData                     insane             no
    +-- RawFileError                   raw_file           no
    +-- DiskFull                       disk_full          no
    +-- OutOfMemory                    memory             no: it would take as much again
    +-- WorkerLost                     worker_lost        no: the cluster has tried
    +-- Cancelled                      cancelled          no

    SimulatorNotFound, SimulatorTooOld, DeckRefused: an `InputError`, nothing was run.

ngspice's exit code tells none of them apart (it is 0 after many a failed
run), so they are read from the log and from what came back.
"""

from dataclasses import dataclass

from anaspike.errors import AnaspikeError, InputError

_LONGEST_SHOWN = 200  # characters of a log line


@dataclass(frozen=True)
class Failed:
    """One attempt that failed.

    Attributes:
        rung: of the retry ladder.
        kind: of the failure.
        log_line: the line of the simulator's log that shows it.
    """

    rung: str
    kind: str
    log_line: str


class SimulationFailure(AnaspikeError):
    """A run that did not deliver every vector, complete and sane.

    Attributes:
        kind: short name, as a table's `status` column holds it.
        log_line: the line of the simulator's log that shows it; may be empty.
        failures: every failed attempt, oldest first, once retries are over.
    """

    kind = "failed"

    def __init__(self, message: str, log_line: str = "") -> None:
        self.log_line = _one_line(log_line)
        self.failures: tuple[Failed, ...] = ()
        super().__init__(f"{message}: {self.log_line}" if self.log_line else message)


def _one_line(text: str) -> str:
    # A log may hold anything; a terminal's escape codes must not reach the user's.
    shown = "".join(c if c.isprintable() else " " for c in text).strip()
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}..."


class ConvergenceFailure(SimulationFailure):
    """No operating point, or no solution at a time point."""

    kind = "convergence"


class TimestepTooSmall(SimulationFailure):
    """The transient stopped because no step was small enough."""

    kind = "timestep"


class SingularMatrix(SimulationFailure):
    """The circuit has no unique solution: a floating node or a loop of sources."""

    kind = "singular_matrix"


class Crashed(SimulationFailure):
    """The simulator died of a signal."""

    kind = "crashed"


class MissingModel(SimulationFailure):
    """The deck names a model that no file defines."""

    kind = "missing_model"


class MissingSubcircuit(SimulationFailure):
    """The deck places a sub-circuit that no file defines."""

    kind = "missing_subcircuit"


class MissingFile(SimulationFailure):
    """The deck includes a file that is not there."""

    kind = "missing_file"


class DeckError(SimulationFailure):
    """The simulator cannot read the deck."""

    kind = "deck"


# Failures of a deck that was never run.
UNREADABLE = (MissingModel, MissingSubcircuit, MissingFile, DeckError)


class Timeout(SimulationFailure):
    """The simulator was killed at its wall-clock limit."""

    kind = "timeout"


class IncompleteData(SimulationFailure):
    """A vector is missing, or the data end before the run should."""

    kind = "incomplete"


class InsaneData(SimulationFailure):
    """A vector holds NaN or infinity."""

    kind = "insane"


class RawFileError(SimulationFailure):
    """The raw file is truncated or malformed."""

    kind = "raw_file"


class DiskFull(SimulationFailure):
    """The deck or the data could not be written."""

    kind = "disk_full"


class OutOfMemory(SimulationFailure):
    """The simulator asked for more memory than it may have."""

    kind = "memory"


class WorkerLost(SimulationFailure):
    """The machine that ran it is gone, and so are those that tried it after."""

    kind = "worker_lost"


class Cancelled(SimulationFailure):
    """The run was stopped from outside."""

    kind = "cancelled"


def failure_of(kind: str, message: str, log_line: str) -> SimulationFailure:
    """Return a failure that another machine told of, as its own class.

    Args:
        kind: of the failure.
        message: the whole of it, the log line included.
        log_line: by itself.
    """
    kinds = {failure.kind: failure for failure in SimulationFailure.__subclasses__()}
    failure = kinds.get(kind, SimulationFailure)(message)
    failure.log_line = log_line
    return failure


_INSTALL = (
    "install it with `apt-get install ngspice` (Debian, Ubuntu) or `brew install ngspice` (macOS),"
    " build it from ngspice.sourceforge.io, or name it in ANASPIKE_NGSPICE"
)


class DeckRefused(InputError):
    """ngspice would take the deck for another one: the line, or name, and the mend."""


class SimulatorNotFound(InputError):
    """There is no such simulator on this machine, or none that will do.

    Args:
        what: is missing, or wrong.
        mend: the command that mends it.
    """

    def __init__(self, what: str, mend: str = _INSTALL) -> None:
        super().__init__(f"{what}; {mend}")


class SimulatorTooOld(InputError):
    """The ngspice on this machine is older than what anaspike knows."""

    def __init__(self, found: str, oldest: int) -> None:
        super().__init__(f"{found} is too old: anaspike needs {oldest} or newer; {_INSTALL}")
