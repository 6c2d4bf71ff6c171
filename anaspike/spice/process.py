"""Run a program: its own process group, a wall-clock limit, and nothing left behind."""

import math
import os
import resource
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from anaspike.errors import InputError
from anaspike.spice.failures import Cancelled

CUT = "... the log is longer than is kept ..."
# Bytes of each stream; a simulator may print garbage for ever. The head holds
# what is said of 50,000 nodes, so that what is cut is no result.
_LOG_HEAD, _LOG_TAIL = 4_000_000, 200_000
_SHORTEST_S = 1e-3  # no program starts in less
_LONGEST_S = 1_000_000  # twelve days; a wait of much longer is more than the system counts
ORPHAN_S = 2  # of processor time above the limit, for one whose parent was killed
_LOOK_S = 0.05  # a child of the simulator may hold its output open after its end


@dataclass(frozen=True)
class Ended:
    """A program that has ended.

    Attributes:
        log: what it said on both streams, shortened where it was endless.
        code: its exit code; negative for a signal.
        in_time: whether it ended by itself.
    """

    log: str
    code: int
    in_time: bool


class Processes:
    """Runs programs, each with a limit; safe to share between threads.

    Args:
        timeout_s: wall-clock limit of one run, in seconds.

    Raises:
        InputError: the limit is none.
    """

    def __init__(self, timeout_s: float) -> None:
        if not _SHORTEST_S <= timeout_s <= _LONGEST_S:
            raise InputError(
                f"a time limit of {timeout_s:g} s is none; give a positive one, from"
                f" {_SHORTEST_S:g} to {_LONGEST_S} s"
            )
        self.timeout_s = timeout_s
        self._lock = threading.Lock()
        self._groups: set[int] = set()
        self._cancelled = False

    def cancel(self) -> None:
        """Kill every program that runs; further ones fail at once."""
        with self._lock:
            self._cancelled = True
            # Inside the lock: a group that has left the set may be someone else's by now.
            for group in self._groups:
                kill(group)

    def execute(
        self, command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]
    ) -> Ended:
        """Run a program in a folder until it ends or its time is over.

        Raises:
            Cancelled: `cancel` was called.
            InputError: it cannot be started.
        """
        process = None
        try:
            with interrupts_later(), self._lock:
                if self._cancelled:
                    raise Cancelled("the run was cancelled before it started")
                process = _started(command, folder, environment)
                self._groups.add(process.pid)
                limit(process.pid, math.ceil(self.timeout_s) + ORPHAN_S)
            log, in_time = _drain(process, time.monotonic() + self.timeout_s)
        finally:
            if process is not None:
                self._end(process)
        if self._cancelled:
            raise Cancelled("the run was cancelled")
        return Ended(log, process.returncode, in_time)

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        """Leave nothing of a run's process group behind, whatever happened."""
        with self._lock:
            self._groups.discard(process.pid)
        kill(process.pid)
        process.wait()
        for pipe in _pipes(process):
            pipe.close()


def _started(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            # Through one pipe the two would cut each other's lines.
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{command[0]} cannot be started: {reason}") from error


@contextmanager
def interrupts_later() -> Iterator[None]:
    """Put Ctrl-C off until the block's end: it must not lose a child that has just started."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python interrupts the main thread only
        return
    came: list[int] = []
    before = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
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


def _drain(process: "subprocess.Popen[bytes]", deadline: float) -> tuple[str, bool]:
    """Read a process's output until it ends; return it, shortened, and whether it was in time.

    The end of the output is the end of the process and is seen at once. A
    grandchild that inherited the pipes would keep them open, quiet or not: so the
    process itself is asked too.
    """
    said = [(pipe.fileno(), Said()) for pipe in _pipes(process)]
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


class Said:
    """What one stream said: its head and its tail."""

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


def limit(pid: int, limit_s: int | None) -> None:
    """Let the kernel end a process that has computed for so long, whoever has survived by then.

    After kill -9 of this process nobody is left to see that a simulator hangs. And a deck
    of somebody else's must not take all of the machine: three quarters of its memory, and
    as much for each file, which is read into memory at the end.
    A stricter limit of the user's own stays. On Linux alone.

    Args:
        pid: of the process.
        limit_s: of processor time, in seconds; None for a process that keeps to one itself.
    """
    if sys.platform == "linux":
        most_B = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4 * 3
        limits = {resource.RLIMIT_AS: most_B, resource.RLIMIT_FSIZE: most_B}
        if limit_s is not None:
            limits[resource.RLIMIT_CPU] = limit_s
        for kind, most in limits.items():
            # It may have ended already, or the system may not allow it.
            with suppress(OSError):
                theirs = resource.prlimit(pid, kind)
                stricter = [n for n in theirs if n != resource.RLIM_INFINITY and n < most]
                if len(stricter) < 2:
                    resource.prlimit(pid, kind, (min([most, *stricter]), most))


def kill(group: int) -> None:
    """Kill a process group, if it is still there."""
    # It may be gone already (of a group of zombies, macOS says EPERM).
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
