"""Worker processes that hold ngspice as a library: lent for one run each, and never trusted.

A point of a millisecond would spend ten on a program's start. A worker's process group, its limits
and its end are those of a program (`process.py`); it is killed at a run's time limit, given up
after whatever failed, and replaced by another after so many runs (`worker.py`).
"""

import math
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from anaspike.spice.failures import Cancelled
from anaspike.spice.process import ORPHAN_S, Ended, Said, interrupts_later, kill, limit

# What a deck leaves behind in the library's memory is a kilobyte or ten, and nobody counts it.
MOST_RUNS = 1000
MOST_GROWN_B = 256 * 2**20
_CHILD = Path(__file__).with_name("worker.py")
_START_S = 20.0
_LOOK_S = 0.05  # a run that says more than a pipe holds waits for us so long, once
_CHUNK_B = 65536


class NoWorker(Exception):
    """There is no such library, or none that will do; what it says is why."""


class Worker:
    """One child, with a folder of its own for the decks that it is given.

    Args:
        library: name or path of the shared library.
        init: text of its `.spiceinit`.
        environment: of the child.
        limit_s: of processor time of one run, in seconds.

    Attributes:
        folder: where it stands.
        spent: whether it takes no further run.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self, library: str, init: str, environment: Mapping[str, str], limit_s: float
    ) -> None:
        self._place = tempfile.TemporaryDirectory(prefix="anaspike-", ignore_cleanup_errors=True)
        self.folder = Path(self._place.name)
        self._laid: dict[str, str] = {}
        self.lay_out({".spiceinit": init})
        self.spent = False
        limits = (str(n) for n in (math.ceil(limit_s) + ORPHAN_S, MOST_RUNS, MOST_GROWN_B))
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", _CHILD, library, *limits],
                cwd=self.folder,
                env=environment,
                stdin=theirs.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        limit(self._process.pid, None)
        self._answered = select.poll()
        self._answered.register(self._control, select.POLLIN)
        self._pipes = [pipe for pipe in (self._process.stdout, self._process.stderr) if pipe]
        for pipe in self._pipes:
            os.set_blocking(pipe.fileno(), False)

    def greet(self) -> Ended:
        """Wait until the library is loaded; return what it says of itself."""
        return self._answer(time.monotonic() + _START_S)

    def lay_out(self, texts: Mapping[str, str]) -> None:
        """Have these files in the folder and no others; what lies there already stays.

        Args:
            texts: name -> text.
        """
        with os.scandir(self.folder) as entries:
            there = {entry.name for entry in entries}
        for name in there.difference(texts):
            (self.folder / name).unlink()
            self._laid.pop(name, None)
        for name, text in texts.items():
            if name not in there or self._laid.get(name) != text:
                # Not emptied first: what is, file systems bring to the disk when it is closed.
                with (self.folder / name).open("r+b" if name in there else "wb") as file:
                    file.write(text.encode())
                    file.truncate()
                self._laid[name] = text

    def execute(self, timeout_s: float) -> Ended:
        """Run what lies in the folder until it ends or its time is over.

        Args:
            timeout_s: wall-clock limit, in seconds.
        """
        with suppress(OSError):  # it has died, and the answer says so
            self._control.send(b"r")
        return self._answer(time.monotonic() + timeout_s)

    def kill(self) -> None:
        """End it, from whatever thread; whoever waits for it sees that."""
        if self._process.returncode is None:  # else its number may be someone else's
            kill(self._process.pid)

    def close(self) -> None:
        """Leave nothing of it behind."""
        self.kill()
        self._process.wait()
        self._control.close()
        for pipe in self._pipes:
            pipe.close()
        self._place.cleanup()

    def _answer(self, deadline: float) -> Ended:
        """Wait for the child's answer, or its death; hear meanwhile what it says."""
        said = [(pipe.fileno(), Said()) for pipe in self._pipes]
        answer, more = list[bytes](), False
        while not answer and (left_s := deadline - time.monotonic()) > 0:
            # One look for a short run, all of whose words have room in the pipes.
            if self._answered.poll(0 if more else 1000 * min(left_s, _LOOK_S)):
                answer.append(self._received())
            more = _heard(said)
        code = self._ended(answer[0]) if answer else 0
        if not answer:
            self.spent = True
            self.kill()
        while _heard(said):
            pass
        return Ended("".join(words.text() for _, words in said), code, bool(answer))

    def _received(self) -> bytes:
        try:
            return self._control.recv(64)
        except OSError:  # reset: it died with our question unread
            return b""

    def _ended(self, answer: bytes) -> int:
        """Return the exit code that a child answers, or leaves with."""
        if answer:
            code, last = map(int, answer.split())
            self.spent = bool(last)
            return code
        self.spent = True
        return self._process.wait()


class Pool:
    """Workers, as many as there are runs at once; safe to share between threads.

    They end with the pool: when it is closed or collected, with this process however that
    ends, or by `cancel`.

    Args:
        start: starts one.
        will_do: asked with what its library says of itself; returns why not, or "".
        timeout_s: wall-clock limit of one run, in seconds.
    """

    def __init__(
        self, start: Callable[[], Worker], will_do: Callable[[str], str], timeout_s: float
    ) -> None:
        self._start, self._will_do, self._timeout_s = start, will_do, timeout_s
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._alive: set[Worker] = set()
        self._idle: list[Worker] = []
        self._cancelled = False
        self._why = ""
        self.close = weakref.finalize(self, _close_all, self._alive, self._process)

    def lend(self) -> AbstractContextManager[Worker]:
        """Return a worker for the length of a `with`; after whatever is raised there it is gone.

        Raises:
            Cancelled: `cancel` was called.
            NoWorker: there can be none.
        """
        with self._lock:
            if self._cancelled:
                raise Cancelled("the run was cancelled before it started")
            if self._why or os.getpid() != self._process:
                raise NoWorker(self._why or "this is a fork of the process that has them")
            if self._idle:
                return self._lent(self._idle.pop())
        return self._lent(self._started())

    def execute(self, one: Worker) -> Ended:
        """Have a worker run what lies in its folder.

        Raises:
            Cancelled: `cancel` was called.
        """
        ended = one.execute(self._timeout_s)
        if self._cancelled:
            raise Cancelled("the run was cancelled")
        return ended

    def cancel(self) -> None:
        """Kill every worker; further runs fail at once."""
        with self._lock:
            self._cancelled = True
            for one in self._alive:
                one.kill()
            idle, self._idle = self._idle, []
        for one in idle:
            self._give_up(one)

    @contextmanager
    def _lent(self, one: Worker) -> Iterator[Worker]:
        try:
            yield one
        except BaseException:
            self._give_up(one)
            raise
        with self._lock:
            kept = not (one.spent or self._cancelled)
            if kept:
                self._idle.append(one)
        if not kept:
            self._give_up(one)

    def _started(self) -> Worker:
        try:
            with interrupts_later(), self._lock:
                one = self._start()
                self._alive.add(one)
        except OSError as error:
            self._why = f"a worker cannot be started: {error.strerror or error}"
            raise NoWorker(self._why) from None
        try:
            greeting = one.greet()
            if self._cancelled:
                raise Cancelled("the run was cancelled")
            self._why = self._why_not(greeting)
            if self._why:
                raise NoWorker(self._why)
        except BaseException:
            self._give_up(one)
            raise
        return one

    def _why_not(self, greeting: Ended) -> str:
        if not greeting.in_time:
            return f"it was not loaded within {_START_S:g} s"
        if greeting.code:
            return greeting.log.strip().rpartition("\n")[2] or f"it ended with {greeting.code}"
        return self._will_do(greeting.log)

    def _give_up(self, one: Worker) -> None:
        with self._lock:
            self._alive.discard(one)
        one.close()


def _close_all(workers: set[Worker], process: int) -> None:
    if os.getpid() == process:  # not in a fork that ends
        while workers:
            workers.pop().close()


def _heard(said: list[tuple[int, Said]]) -> bool:
    """Take what is in the pipes; return whether there may be as much again."""
    more = False
    for number, words in said:
        with suppress(BlockingIOError):
            chunk = os.read(number, _CHUNK_B)
            words.hear(chunk)
            more = more or len(chunk) == _CHUNK_B
    return more
