"""Calls of plain functions as points: each gives a row, is found in the cache, has a process.

What is learned in Python alone is asked like what is simulated: a call that fails is a row that
says so, an equal call is not made twice, and several are made at once.
"""

import pickle
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

from anaspike.campaign.keys import Unkeyed
from anaspike.campaign.outcome import CANCELLED, ERROR, REFUSED, STOPPED, Outcome
from anaspike.campaign.point import plain_row, shown, software
from anaspike.campaign.store import UNFINISHED, Cache, Damaged, Entry
from anaspike.errors import InputError
from anaspike.experiments.protocol import Row

# A partial of a function of a module. It takes `resume`, a file to go on from, and `say`, told
# what is done now; both may be None.
Call = partial[Row]
Say = Callable[[str], None]
_CHILD = "import sys; sys.path[:] = sys.argv[1:]; import anaspike.campaign.calls as c; c.serve()"
_SAID = 60.0  # seconds between two looks at whether to stop


def run_calls(
    calls: Sequence[Call],
    jobs: int,
    cache: Cache | None = None,
    stopped: Callable[[], bool] = lambda: False,
    say: Say | None = None,
    files: Sequence[Path] = (),
) -> Generator[Outcome, None, None]:
    """Yield the outcome of each call as it finishes.

    One call, or one job, is made in this process; several have processes of their own.

    Args:
        calls: what to make.
        jobs: how many at once.
        cache: where rows are looked up and kept; None for none.
        stopped: asked before each call.
        say: told what is done now, by a call that is made in this process.
        files: what each call goes on from, where that is to stay; else it lies in the cache until
            there is a row.
    """
    shelves = [_Shelf.of(call, cache, files[i] if files else None) for i, call in enumerate(calls)]
    left = []
    for index, shelf in enumerate(shelves):
        found = shelf.look(index)
        if found is None:
            left.append(index)
        else:
            yield found
    alone = min(jobs, len(left)) < 2
    made = partial(_here, say=say) if alone else partial(_beside, jobs=jobs)
    asked = [(i, calls[i], shelves[i].file) for i in left]
    for index, status, row, message in made(asked, stopped):
        note = shelves[index].store(row) if status == "ok" else ""
        yield Outcome(index, status, row, "", (), message, note=note)


Asked = tuple[int, Call, Path | None]
Made = tuple[int, str, Row, str]


def made_of(call: Call, resume: Path | None, say: Say | None = None) -> tuple[str, Row, str]:
    """Make a call; return status, row and message."""
    try:
        return "ok", plain_row(call(resume=resume, say=say)), ""
    except InputError as error:
        return REFUSED, {}, str(error)
    except Exception as error:  # the function's own mistake: a row, not the end
        return ERROR, {}, shown(error)


def serve() -> None:
    """Make the calls that come through the standard input until it ends: the child of a pool."""
    answers = sys.stdout.buffer
    sys.stdout = sys.stderr  # what a function prints is no answer
    while True:
        try:
            call, resume = pickle.load(sys.stdin.buffer)  # noqa: S301  # our own parent's
        except EOFError:
            return
        pickle.dump(made_of(call, resume), answers)
        answers.flush()


def _here(
    asked: Sequence[Asked], stopped: Callable[[], bool], say: Say | None
) -> Generator[Made, None, None]:
    for index, call, resume in asked:
        if stopped():
            return
        yield index, *made_of(call, resume, say)


def _beside(
    asked: Sequence[Asked], stopped: Callable[[], bool], jobs: int
) -> Generator[Made, None, None]:
    """Make calls on processes of their own; when the consumer stops, they are killed."""
    children = [_Child() for _ in range(min(jobs, len(asked)))]
    idle = SimpleQueue[_Child]()
    for child in children:
        idle.put(child)

    def one(index: int, call: Call, resume: Path | None) -> Made:
        if stopped():
            return index, CANCELLED, {}, STOPPED
        child = idle.get()
        try:
            return index, *child.make(call, resume)
        finally:
            idle.put(child)

    with ThreadPoolExecutor(len(children), thread_name_prefix="call") as pool:
        running: set[Future[Made]] = {pool.submit(one, *each) for each in asked}
        try:
            while running:
                done, running = wait(running, _SAID, FIRST_COMPLETED)
                for future in done:
                    if (made := future.result())[1] != CANCELLED:
                        yield made
        finally:
            for future in running:
                future.cancel()
            for child in children:
                child.close()


class _Child:
    """A process that makes one call after another; it is started when it is first asked."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def make(self, call: Call, resume: Path | None) -> tuple[str, Row, str]:
        """Have a call made; a process that dies is a row that says so, and is replaced."""
        if self._closed:
            return CANCELLED, {}, STOPPED
        process = self._process = self._process or subprocess.Popen(
            [sys.executable, "-c", _CHILD, *sys.path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        asks, answers = process.stdin, process.stdout
        try:
            return _asked(asks, answers, call, resume)
        except (OSError, EOFError, pickle.UnpicklingError):
            self._process = None
            _end(process)
            if self._closed:
                return CANCELLED, {}, STOPPED
            return ERROR, {}, f"its process ended with {process.returncode}: too little memory?"

    def close(self) -> None:
        """Leave nothing of it behind."""
        self._closed = True
        if self._process is not None:
            _end(self._process)


def _asked(
    asks: BinaryIO | None, answers: BinaryIO | None, call: Call, resume: Path | None
) -> tuple[str, Row, str]:
    assert asks is not None and answers is not None  # noqa: S101  # both are pipes
    pickle.dump((call, resume), asks)
    asks.flush()
    made: tuple[str, Row, str] = pickle.load(answers)  # noqa: S301  # our own child's
    return made


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was not sent any more
                pipe.close()


class _Shelf:
    """A call's place in the cache, if it has one."""

    def __init__(self, cache: Cache | None, key: str, file: Path | None, note: str = "") -> None:
        self._cache, self._key, self._kept, self._note = cache, key, file, note

    @classmethod
    def of(cls, call: Call, cache: Cache | None, file: Path | None) -> "_Shelf":
        if cache is None:
            return cls(None, "", file)
        try:
            return cls(cache, cache.keys.of_call(call), file)
        except Unkeyed as error:
            return cls(None, "", file, f"not kept: {error}")

    @property
    def file(self) -> Path | None:
        """Where a call may keep what it has done so far."""
        if self._kept is not None or self._cache is None:
            return self._kept
        return self._cache.path(self._key, UNFINISHED)

    def look(self, index: int) -> Outcome | None:
        """Return the outcome, if it is there and sound."""
        if self._cache is None or (self._kept is not None and not self._kept.exists()):
            return None
        try:
            found = self._cache.get(self._key)
        except Damaged as error:
            self._note = f"the cache's entry was damaged ({error}) and made again"
            return None
        if found is None:
            return None
        self._cache.used(self._key)
        return Outcome(index, "ok", found.row, "", (), "", made=found.made)

    def store(self, row: Row) -> str:
        """Keep a row; return what there is to say."""
        if self._cache is None:
            return self._note
        made = {"created": datetime.now(UTC).isoformat(timespec="seconds"), **software()}
        try:
            self._cache.put(self._key, Entry(row, "", (), made))
        except InputError as error:
            return f"not kept: {error}"
        if self._kept is None and self.file is not None:
            with suppress(OSError):  # prune takes it later
                self.file.unlink(missing_ok=True)
        return self._note
