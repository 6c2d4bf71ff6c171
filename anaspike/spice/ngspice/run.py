"""Run ngspice in batch: one private folder, one thread, one process group a run."""

import errno
import hashlib
import math
import os
import resource
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from functools import cached_property
from pathlib import Path
from typing import IO

import numpy as np

from anaspike.errors import InputError
from anaspike.spice.deck import Deck
from anaspike.spice.failures import (
    Cancelled,
    Crashed,
    DiskFull,
    IncompleteData,
    InsaneData,
    SimulationFailure,
    Timeout,
)
from anaspike.spice.ngspice.log import CUT, UNREADABLE, classify, hidden_failure
from anaspike.spice.ngspice.version import NgspiceVersion, find_ngspice, version_of
from anaspike.spice.rawfile import Plot, reached, read_raw
from anaspike.spice.waveforms import Waveforms
from anaspike.units import spice_number

# A local .spiceinit also keeps the user's own from being read. On more threads
# Debian's ngspice is 4 to 13 times slower; OMP_NUM_THREADS alone it ignores.
SPICEINIT = "set num_threads=1\n"
# Bytes of each stream; a simulator may print garbage for ever. The head holds
# what is said of 50,000 nodes, so that what is cut is no result.
_LOG_HEAD, _LOG_TAIL = 4_000_000, 200_000
_LONGEST_S = 1_000_000  # twelve days; a wait of much longer is more than the system counts
_ORPHAN_S = 2  # of processor time above the limit, for one whose parent was killed
_LOOK_S = 0.05  # a child of the simulator may hold its output open after its end


class Ngspice:
    """A simulator on this machine; safe to share between threads.

    Args:
        executable: of ngspice.
        version: of it.
        timeout_s: wall-clock limit of one run, in seconds.
    """

    def __init__(self, executable: Path, version: NgspiceVersion, timeout_s: float = 600.0) -> None:
        if not 0 < timeout_s <= _LONGEST_S:
            raise InputError(
                f"a time limit of {timeout_s:g} s is none; give a positive one, at most"
                f" {_LONGEST_S} s"
            )
        self.executable = executable
        self.version = version
        self.timeout_s = timeout_s
        self._lock = threading.Lock()
        self._groups: set[int] = set()
        self._cancelled = False

    @classmethod
    def find(cls, timeout_s: float = 600.0, environ: Mapping[str, str] = os.environ) -> "Ngspice":
        """Return the simulator of this machine.

        Raises:
            SimulatorNotFound, SimulatorTooOld: with the command that mends it.
        """
        executable = find_ngspice(environ)
        return cls(executable, version_of(executable), timeout_s)

    @cached_property
    def identity(self) -> str:
        """Return version and SHA-256 of the executable: all about it that may change a result."""
        digest = hashlib.sha256(self.executable.read_bytes()).hexdigest()
        return f"ngspice {self.version} sha256:{digest}"

    def run(self, deck: Deck, folder: Path | None = None) -> Waveforms:
        """Run a deck and return every vector it asks for.

        Args:
            deck: what to run.
            folder: where to run and keep all files; default: a temporary one.

        Raises:
            DeckRefused: ngspice would take the body for another one without a word.
            SimulationFailure: of the kind that says why not.
        """
        deck.check_body()
        place = (
            tempfile.TemporaryDirectory(prefix="anaspike-", ignore_cleanup_errors=True)
            if folder is None
            else nullcontext(str(folder))
        )
        with _unwritable_named(), place as name:
            here = Path(name)
            lay_out(deck, here)
            log, code, in_time = self._execute(here)
            (here / "ngspice.log").write_text(log, encoding="utf-8")
            if not in_time:
                raise Timeout(self._too_long(deck, here / "out.raw"), _last_line(log))
            return _judge(deck, here / "out.raw", log, code)

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

    def cancel(self) -> None:
        """Kill every run that is under way; further ones fail at once."""
        with self._lock:
            self._cancelled = True
            # Inside the lock: a group that has left the set may be someone else's by now.
            for group in self._groups:
                _kill(group)

    def _execute(self, folder: Path) -> tuple[str, int, bool]:
        """Run ngspice in a folder; return its log, exit code and whether it was in time."""
        process = None
        try:
            with _interrupts_later(), self._lock:
                if self._cancelled:
                    raise Cancelled("the run was cancelled before it started")
                process = self._start(folder)
                self._groups.add(process.pid)
                _limit_cpu(process.pid, math.ceil(self.timeout_s) + _ORPHAN_S)
            log, in_time = _drain(process, time.monotonic() + self.timeout_s)
        finally:
            if process is not None:
                self._end(process)
        if self._cancelled:
            raise Cancelled("the run was cancelled")
        return log, process.returncode, in_time

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        """Leave nothing of a run's process group behind, whatever happened."""
        with self._lock:
            self._groups.discard(process.pid)
        _kill(process.pid)
        process.wait()
        for pipe in _pipes(process):
            pipe.close()

    def _start(self, folder: Path) -> "subprocess.Popen[bytes]":
        try:
            return subprocess.Popen(
                [self.executable, "-b", "-r", "out.raw", "deck.cir"],
                cwd=folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                # Through one pipe the two would cut each other's lines.
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(f"{self.executable} cannot be started: {reason}") from error


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """Put Ctrl-C off until the block's end: it must not lose a child that has just started."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python interrupts the main thread only
        return
    came: list[int] = []
    before = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)}
    ours = [s for s, handler in before.items() if callable(handler)]
    for number in ours:
        signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])
        for caught in came:
            signal.raise_signal(caught)


def _environment() -> dict[str, str]:
    """Return the simulator's environment: the user's, without what would change a result.

    SPICE_USERINIT_DIR goes before the local .spiceinit, SPICE_LIB_DIR and
    SPICE_SCRIPTS bring another spinit, SPICE_ASCIIRAWFILE another format.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPICE_", "NGSPICE_"))}
    return {**kept, "OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}


def lay_out(deck: Deck, folder: Path) -> None:
    """Write a deck and all it needs into a folder, ready for `ngspice -b deck.cir`."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {**deck.models.files, **deck.files, "deck.cir": deck.render(), ".spiceinit": SPICEINIT}
    for name in (*texts, "out.raw", "ngspice.log"):
        (folder / name).unlink(missing_ok=True)  # a link would be written through
    for name, text in texts.items():
        with (folder / name).open("x", encoding="utf-8") as file:
            file.write(text)


def _drain(process: "subprocess.Popen[bytes]", deadline: float) -> tuple[str, bool]:
    """Read a process's output until it ends; return it, shortened, and whether it was in time.

    The end of the output is the end of the process and is seen at once. A
    grandchild that inherited the pipes would keep them open, quiet or not: so the
    process itself is asked too.
    """
    said = [(pipe.fileno(), _Said()) for pipe in _pipes(process)]
    with selectors.DefaultSelector() as selector:
        for number, words in said:
            selector.register(number, selectors.EVENT_READ, words)
        while selector.get_map() and (left_s := deadline - time.monotonic()) > 0:
            # In this order: what an ended process wrote is in the pipes by now.
            ended = process.poll() is not None
            for key, _ in selector.select(0 if ended else min(left_s, _LOOK_S)):
                if not key.data.hear(os.read(key.fd, 65536)):
                    selector.unregister(key.fd)
            if ended:
                break
    in_time = _ends_by(process, deadline)
    return "".join(words.text() for _, words in said), in_time


def _pipes(process: "subprocess.Popen[bytes]") -> list[IO[bytes]]:
    return [pipe for pipe in (process.stdout, process.stderr) if pipe is not None]


class _Said:
    """The head and the tail of one stream."""

    def __init__(self) -> None:
        self._head, self._tail = bytearray(), bytearray()

    def hear(self, chunk: bytes) -> bool:
        """Keep a chunk; return whether there may be more."""
        room = _LOG_HEAD - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        del self._tail[:-_LOG_TAIL]
        return bool(chunk)

    def text(self) -> str:
        """Return what was said, as whole lines."""
        cut = f"\n{CUT}\n".encode() if len(self._tail) == _LOG_TAIL else b""
        text = bytes(self._head + cut + self._tail).decode("utf-8", "replace")
        return text if not text or text.endswith("\n") else f"{text}\n"


def _ends_by(process: "subprocess.Popen[bytes]", deadline: float) -> bool:
    """Wait for a process, which may run on without its output; return whether it made it."""
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def _limit_cpu(pid: int, limit_s: int) -> None:
    """Let the kernel end a process that has computed for so long, whoever has survived by then.

    After kill -9 of this process nobody is left to see that a simulator hangs.
    A stricter limit of the user's own stays. On Linux alone.
    """
    if sys.platform == "linux":
        # It may have ended already, or the system may not allow it.
        with suppress(OSError):
            _, hard_s = resource.prlimit(pid, resource.RLIMIT_CPU)
            if hard_s == resource.RLIM_INFINITY or hard_s > limit_s:
                resource.prlimit(pid, resource.RLIMIT_CPU, (limit_s, limit_s))


def _kill(group: int) -> None:
    # It may be gone already (of a group of zombies, macOS says EPERM).
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _judge(deck: Deck, raw: Path, log: str, code: int) -> Waveforms:
    """Return the waveforms when they are all there; raise the failure that tells most if not."""
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        if -code == signal.SIGXFSZ:
            raise DiskFull("ngspice could not write its data", _last_line(log))
        # ngspice 47 trips over what is left of a deck that it could not read.
        if isinstance(cause := classify(log), UNREADABLE):
            raise cause
        raise Crashed(f"ngspice was killed by {name}", _last_line(log))
    try:
        if not raw.exists() or raw.stat().st_size == 0:
            raise IncompleteData("ngspice wrote no data", _last_line(log))
        waveforms = _complete(deck, read_raw(raw)[0])
    except SimulationFailure as failure:
        if isinstance(failure, InsaneData):
            raise
        raise (classify(log) or failure) from None
    if (hidden := hidden_failure(log)) is not None:
        raise hidden
    return waveforms


def _complete(deck: Deck, plot: Plot) -> Waveforms:
    """Return the vectors of a plot when each is there, to the end, and finite."""
    rows = dict(zip(plot.names, plot.data, strict=True))
    if plot.names[0] != "time" or np.iscomplexobj(plot.data):
        raise IncompleteData("the data are no transient")
    missing = [vector for vector in deck.save if _raw_name(vector, rows) is None]
    if missing:
        raise IncompleteData(f"vectors are missing: {', '.join(missing)}")
    time_s = np.ascontiguousarray(rows["time"], dtype=np.float64)
    last_s = float(time_s[-1]) if len(time_s) else 0.0
    if not last_s >= deck.stop_s * (1 - 1e-9):
        raise IncompleteData(f"the data end at {last_s:.6g} s of {deck.stop_s:.6g} s")
    if not np.all(np.isfinite(plot.data)) or np.any(np.diff(time_s) < 0):
        bad = [name for name, row in rows.items() if not np.all(np.isfinite(row))]
        raise InsaneData(f"not finite or out of order: {', '.join(bad) or 'time'}")
    vectors = {
        vector: np.ascontiguousarray(rows[_raw_name(vector, rows) or vector], dtype=np.float64)
        for vector in deck.save
    }
    return Waveforms(time_s, vectors)


def _raw_name(vector: str, there: Mapping[str, object]) -> str | None:
    """Return the name under which ngspice wrote a vector."""
    asked = vector.lower()
    names = [asked, f"i({asked})", f"v({asked})"]
    if asked.startswith("i(") and asked.endswith(")"):
        names.append(f"{asked[2:-1]}#branch")
    return next((name for name in names if name in there), None)


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
