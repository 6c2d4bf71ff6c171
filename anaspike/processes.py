"""A function asked many times on processes of its own: several at once, none takes others along."""

import pickle
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_CHILD = "import sys; sys.path[:] = sys.argv[1:]; import anaspike.processes as p; p.serve()"


@dataclass(frozen=True)
class Died:
    """What is answered where a process ended before it had an answer.

    Attributes:
        code: that it ended with; negative is the signal that killed it.
    """

    code: int

    def __str__(self) -> str:
        return f"its process ended with {self.code}: too little memory?"


def on_processes(
    function: Callable[[Item], Answer],
    items: Sequence[Item],
    jobs: int,
    stopped: Callable[[], bool] = lambda: False,
) -> Generator[tuple[int, Answer | Died], None, None]:
    """Yield (index, answer) for each item as it is done; when the consumer stops, all are killed.

    Args:
        function: a function of a module, or a partial of one; it goes to each process once.
        items: to ask it for, each sent when it is its turn.
        jobs: processes at once.
        stopped: asked before each item; the others are left out when it says so.

    Raises:
        Exception: whatever the function raises.
    """
    children = [_Child(function) for _ in range(min(jobs, len(items)))]
    idle = SimpleQueue[_Child[Item, Answer]]()
    for child in children:
        idle.put(child)

    def one(index: int) -> tuple[int, Answer | Died] | None:
        if stopped():
            return None
        child = idle.get()
        try:
            return index, child.ask(items[index])
        finally:
            idle.put(child)

    with ThreadPoolExecutor(max(1, len(children)), thread_name_prefix="process") as pool:
        running: set[Future[tuple[int, Answer | Died] | None]] = {
            pool.submit(one, index) for index in range(len(items))
        }
        try:
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    if (answered := future.result()) is not None:
                        yield answered
        finally:
            for future in running:
                future.cancel()
            for child in children:
                child.close()


def serve() -> None:
    """Answer what comes through the standard input until it ends: the child's side."""
    answers = sys.stdout.buffer
    sys.stdout = sys.stderr  # what a function prints is no answer
    with suppress(EOFError):
        function = pickle.load(sys.stdin.buffer)  # noqa: S301  # our own parent's
        while True:
            item = pickle.load(sys.stdin.buffer)  # noqa: S301
            try:
                answer: tuple[bool, Any] = (True, function(item))
            except Exception as error:  # it is raised where it was asked
                answer = (False, error)
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()


class _Child(Generic[Item, Answer]):
    """A process that answers one item after another; it is started when it is first asked."""

    def __init__(self, function: Callable[[Item], Answer]) -> None:
        self._function = function
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def ask(self, item: Item) -> Answer | Died:
        """Return the answer; a process that dies is replaced the next time."""
        if self._closed:
            return Died(0)
        try:
            right, answer = self._exchange(item)
        except (OSError, EOFError, pickle.UnpicklingError):
            process, self._process = self._process, None
            return Died(0 if process is None else _end(process))
        if not right:
            raise answer
        result: Answer = answer
        return result

    def close(self) -> None:
        """Leave nothing of it behind."""
        self._closed = True
        if self._process is not None:
            _end(self._process)

    def _exchange(self, item: Item) -> tuple[bool, Any]:
        process = self._process
        if process is None:
            process = self._process = subprocess.Popen(
                [sys.executable, "-c", _CHILD, *sys.path],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
            self._send(process, self._function)
        self._send(process, item)
        assert process.stdout is not None  # noqa: S101  # it is a pipe
        answer: tuple[bool, Any] = pickle.load(process.stdout)  # noqa: S301  # our own child's
        return answer

    @staticmethod
    def _send(process: "subprocess.Popen[bytes]", value: object) -> None:
        assert process.stdin is not None  # noqa: S101  # it is a pipe
        pickle.dump(value, process.stdin, pickle.HIGHEST_PROTOCOL)  # arrays without a copy
        process.stdin.flush()


def _end(process: "subprocess.Popen[bytes]") -> int:
    process.kill()
    code = process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was not sent any more
                pipe.close()
    return code
