"""A simulator that runs as a program of its own: a deck in, every vector or a named failure out.

What one simulator does otherwise than another is in its own folder: what it is
given, how it is called, and what its log says.
"""

import errno
import signal
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np

from anaspike.errors import InputError
from anaspike.spice.deck import Deck
from anaspike.spice.failures import (
    UNREADABLE,
    Crashed,
    DeckRefused,
    DiskFull,
    IncompleteData,
    InsaneData,
    SimulationFailure,
    Timeout,
)
from anaspike.spice.modules import Module, place_modules
from anaspike.spice.process import Ended, Processes
from anaspike.spice.protocol import Version
from anaspike.spice.rawfile import Plot, reached, read_raw
from anaspike.spice.waveforms import Waveforms
from anaspike.units import spice_number


class Room(Protocol):
    """Where one deck runs.

    Attributes:
        folder: of its files.
    """

    @property
    def folder(self) -> Path: ...  # noqa: D102

    def lay_out(self, texts: Mapping[str, str]) -> None:
        """Have these files in the folder, name -> text, and nothing that another run wrote."""

    @property
    def execute(self) -> Callable[[], Ended]:
        """What runs all that lies there, until it ends or its time is over."""


class BatchSimulator(ABC):
    """A simulator on this machine; safe to share between threads.

    Args:
        executable: of the simulator.
        timeout_s: wall-clock limit of one run, in seconds.

    Attributes:
        name: of the simulator, as options and manifests have it.
        raw: the file that it writes.
        deck_files: what is written into the folder of each run, at least.
    """

    name: ClassVar[str]
    raw: ClassVar[str]
    deck_files: ClassVar[tuple[str, ...]]

    def __init__(self, executable: Path, timeout_s: float = 600.0) -> None:
        self.executable = executable
        self.timeout_s = timeout_s
        self._processes = Processes(timeout_s)

    @property
    @abstractmethod
    def version(self) -> Version:
        """Of the simulator."""

    @property
    @abstractmethod
    def identity(self) -> str:
        """Version and digests: all about it that may change a result, as one line."""

    def run(self, deck: Deck, folder: Path | None = None) -> Waveforms:
        """Run a deck and return every vector it asks for.

        Args:
            deck: what to run.
            folder: where to run and keep all files; default: a temporary one.

        Raises:
            DeckRefused: the simulator would take the body for another one without a word.
            SimulationFailure: of the kind that says why not.
        """
        deck.check_body()
        if lacks := self.lacks(deck.models.modules):
            raise DeckRefused(lacks)
        with _unwritable_named(), self._room(deck, folder) as room:
            room.lay_out(self._texts(deck))
            place_modules(deck.models.modules, room.folder)
            ended = room.execute()
            raw = room.folder / self.raw
            if not ended.in_time:
                raise Timeout(self._too_long(deck, raw), _last_line(ended.log))
            return self._judge(deck, raw, ended.log, ended.code)

    def cancel(self) -> None:
        """Kill every run that is under way; further ones fail at once."""
        self._processes.cancel()

    def lacks(self, modules: tuple[Module, ...]) -> str:
        """Say why decks with these compiled models cannot run here; empty where they can."""
        return ""

    @contextmanager
    def _room(self, deck: Deck, folder: Path | None) -> Iterator[Room]:
        """Give a deck the room that it runs in, for the length of a `with`."""
        place = (
            tempfile.TemporaryDirectory(prefix="anaspike-", ignore_cleanup_errors=True)
            if folder is None
            else nullcontext(str(folder))
        )
        with place as name:
            here, log = Path(name), f"{self.name}.log"
            yield _Program(here, (self.raw, log), partial(self._execute, here, log))

    def _execute(self, folder: Path, log: str) -> Ended:
        ended = self._processes.execute(self._command(), folder, self._environment())
        (folder / log).write_text(ended.log, encoding="utf-8")
        return ended

    @abstractmethod
    def _texts(self, deck: Deck) -> Mapping[str, str]:
        """Return all that a run needs in its folder, name -> text."""

    @abstractmethod
    def _command(self) -> Sequence[str | Path]:
        """Return what is called in that folder."""

    @abstractmethod
    def _environment(self) -> Mapping[str, str]:
        """Return the environment without what would change a result."""

    @abstractmethod
    def _raw_name(self, vector: str, there: Mapping[str, object]) -> str | None:
        """Return the name under which a vector was written; None where it was not."""

    @abstractmethod
    def _classify(self, log: str) -> SimulationFailure | None:
        """Return the failure that the log of an unfinished run shows, or None."""

    @abstractmethod
    def _hidden_failure(self, log: str) -> SimulationFailure | None:
        """Return the failure that the log of a finished run shows, or None."""

    def _too_long(self, deck: Deck, raw: Path) -> str:
        """Say how far a run came in its time, and what would let it end."""
        said = f"killed at its limit of {self.timeout_s:g} s"
        share = reached(raw) / deck.stop_s
        if not 0 < share < 1:
            return said
        step = spice_number(deck.options.max_step_s)
        enough_s = float(f"{1.2 * self.timeout_s / share:.2g}")
        return (
            f"{said} with {100 * share:.2g} % done, in steps of at most {step}s:"
            f" give a --timeout of {enough_s:g} s, or a shorter train"
        )

    def _judge(self, deck: Deck, raw: Path, log: str, code: int) -> Waveforms:
        """Return the waveforms when all are there; raise the failure that tells most if not."""
        if code < 0:
            known = -code in set(signal.Signals)
            name = signal.Signals(-code).name if known else f"signal {-code}"
            if -code == signal.SIGXFSZ:
                raise DiskFull(f"{self.name} could not write its data", _last_line(log))
            # ngspice 47 trips over what is left of a deck that it could not read.
            if isinstance(cause := self._classify(log), UNREADABLE):
                raise cause
            raise Crashed(f"{self.name} was killed by {name}", _last_line(log))
        try:
            if not raw.exists() or raw.stat().st_size == 0:
                raise IncompleteData(f"{self.name} wrote no data", _last_line(log))
            waveforms = self._complete(deck, read_raw(raw)[0])
        except SimulationFailure as failure:
            if isinstance(failure, InsaneData):
                raise
            raise (self._classify(log) or failure) from None
        if (hidden := self._hidden_failure(log)) is not None:
            raise hidden
        return waveforms

    def _complete(self, deck: Deck, plot: Plot) -> Waveforms:
        """Return the vectors of a plot when each is there, to the end, and finite."""
        rows = dict(zip(plot.names, plot.data, strict=True))
        if plot.names[0] != "time" or np.iscomplexobj(plot.data):
            raise IncompleteData("the data are no transient")
        written = {vector: self._raw_name(vector, rows) for vector in deck.save}
        if missing := [vector for vector, name in written.items() if name is None]:
            raise IncompleteData(f"vectors are missing: {', '.join(missing)}")
        time_s = np.ascontiguousarray(rows["time"], dtype=np.float64)
        last_s = float(time_s[-1]) if len(time_s) else 0.0
        if not last_s >= deck.stop_s * (1 - 1e-9):
            raise IncompleteData(f"the data end at {last_s:.6g} s of {deck.stop_s:.6g} s")
        if not np.all(np.isfinite(plot.data)) or np.any(np.diff(time_s) < 0):
            bad = [name for name, row in rows.items() if not np.all(np.isfinite(row))]
            raise InsaneData(f"not finite or out of order: {', '.join(bad) or 'time'}")
        vectors = {
            vector: np.ascontiguousarray(rows[name or vector], dtype=np.float64)
            for vector, name in written.items()
        }
        return Waveforms(time_s, vectors)


@dataclass(frozen=True)
class _Program:
    """A room in which a program is started for the deck."""

    folder: Path
    writes: Sequence[str]
    execute: Callable[[], Ended]

    def lay_out(self, texts: Mapping[str, str]) -> None:
        write_afresh(self.folder, texts, self.writes)


def write_afresh(folder: Path, texts: Mapping[str, str], more: Sequence[str]) -> None:
    """Write texts into a folder, none through a link that lies there.

    Args:
        folder: where; made if it is not there.
        texts: name -> text.
        more: names of what a run will write: what is left of another one goes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*texts, *more):
        (folder / name).unlink(missing_ok=True)  # a link would be written through
    for name, text in texts.items():
        with (folder / name).open("x", encoding="utf-8") as file:
            file.write(text)


def _last_line(log: str) -> str:
    lines = [line.strip() for line in log.replace("\r", "\n").splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""


@contextmanager
def _unwritable_named() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"the run's folder cannot be written: {error.strerror or error}"
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise DiskFull(message) from error
        raise InputError(message) from error
