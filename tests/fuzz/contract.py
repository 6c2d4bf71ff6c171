"""What holds for every reader of a stranger's files, whatever is in them.

It returns, or refuses in one printable line. It runs nothing, speaks to nobody, writes nowhere
but in its own folder, reads nothing outside it where that is promised, ends within 10 s and takes
no more than 1 GB.
"""

import io
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from mutants import OUTSIDE, Special

from anaspike.cli import run
from anaspike.errors import SPACES, InputError
from anaspike.units import harmless

LIMIT_S, LIMIT_B, LONGEST_LINE = 10.0, 1_000_000_000, 2000
TIMES = int(os.environ.get("ANASPIKE_FUZZ_TIMES", "1"))

_RUNS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork",
         "os.forkpty", "pty.spawn"}  # fmt: skip
_SPEAKS = {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"}
# Event -> which of its arguments are paths that are changed.
_WRITES = {"os.remove": (0,), "os.rename": (0, 1), "os.mkdir": (0,), "os.rmdir": (0,),
           "os.symlink": (1,), "os.link": (1,), "os.truncate": (0,), "os.chmod": (0,),
           "os.chown": (0,), "os.utime": (0,), "shutil.rmtree": (0,)}  # fmt: skip
_OF_LINKS = {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.symlink", "os.link",
             "shutil.rmtree"}  # fmt: skip  # what is named is changed, not what it leads to
_READS = {"open": (0,), "os.listdir": (0,), "os.scandir": (0,)}
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Broken(BaseException):
    """The contract is broken; no `except Exception` of what is tested swallows it."""


def examples(number: int) -> settings:
    """Return how many inputs a surface gets: in `make test` always the same, else many more."""
    return settings(
        max_examples=number * TIMES,
        derandomize=TIMES == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # To explain a failure hypothesis traces each line, which is no reader's own time.
        phases=[phase for phase in Phase if phase is not Phase.explain],
    )


class Contract:
    """The folder that inputs are written to, and the watch over whoever reads them.

    Args:
        root: a folder of its own.

    Attributes:
        folder: where inputs lie.
        inputs: how many there were.
        most_B: what the process took at most so far, in bytes.
    """

    def __init__(self, root: Path) -> None:
        self.folder, self._outside = root / "in", root / "outside"
        self.inputs = self.most_B = 0
        self._watched: tuple[int, bool, tuple[str, ...]] | None = None  # thread, apart, programs
        self._broken: list[str] = []
        self._outside.mkdir(parents=True)
        self.canary = self._outside / "canary.txt"
        self.canary.write_text("a secret of the user's\n")
        sys.addaudithook(self._hear)  # there for good, and deaf but under `over`

    def written(self, files: dict[str, bytes | Special]) -> Path:
        """Write files into the folder, in place of those before; return it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Special):
                content.put(path, self.canary)
            else:
                path.write_bytes(content.replace(OUTSIDE, str(self.canary).encode()))
        return self.folder

    def holds(
        self,
        read: Callable[[], Any],
        *,
        apart: bool = False,
        programs: tuple[str, ...] = (),
        refusals: tuple[type[Exception], ...] = (InputError,),
    ) -> Any:
        """Return what a reader returns, or its refusal; fail where it breaks the contract.

        Args:
            read: reads what lies in the folder.
            apart: it reads nothing outside, whatever links and names say.
            programs: names of those that it may run.
            refusals: errors that are one line for people.
        """
        self.inputs += 1
        self._broken.clear()
        self.most_B = max(self.most_B, _peak())
        before_B = _peak_reset()
        try:
            with self._over(apart, programs), _limited():
                found = read()
        except refusals as error:
            found = error
            self._broken += one_line(str(error))
        peak_B = _peak()
        self.most_B = max(self.most_B, peak_B)
        if (taken_B := peak_B - before_B) > LIMIT_B:
            self._broken.append(f"took {taken_B / 1e9:.2f} GB")
        if self._broken:
            raise AssertionError("; ".join(self._broken))
        return found

    def command(
        self, *arguments: object, apart: bool = False, programs: tuple[str, ...] = ()
    ) -> tuple[int, str]:
        """Run a command as its user does; return exit code and what it printed on its way.

        Bad input is one line and exit code 2; whatever is printed steers no terminal.
        """
        out, err = io.StringIO(), io.StringIO()

        def ran() -> int:
            with redirect_stdout(out), redirect_stderr(err), chdir(self.folder):
                return run([str(argument) for argument in arguments])

        code = self.holds(ran, apart=apart, programs=programs)
        assert code in {0, 1, 2}, code
        for line in (out.getvalue() + err.getvalue()).split("\n"):
            assert harmless(line) == line, line
        if code == 2:
            *_, told, last = err.getvalue().split("\n")
            assert (told.startswith("error: "), last) == (True, ""), err.getvalue()
            assert not (wrong := one_line(told.removeprefix("error: "))), wrong
        return code, out.getvalue()

    @contextmanager
    def _over(self, apart: bool, programs: tuple[str, ...]) -> Any:
        was = sys.dont_write_bytecode
        sys.dont_write_bytecode = True
        self._watched = (threading.get_ident(), apart, programs)
        try:
            yield
        finally:
            self._watched = None
            sys.dont_write_bytecode = was

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self._watched is None or self._watched[0] != threading.get_ident():
            return
        thread, apart, programs = self._watched
        self._watched = None  # what is done here is ours
        try:
            wrong = self._judged(event, args, apart, programs)
        finally:
            self._watched = (thread, apart, programs)
        if wrong:
            self._broken.append(wrong)
            raise Broken(wrong)

    def report(self) -> None:
        """Add inputs and memory to the file that ANASPIKE_FUZZ_COUNT names."""
        if place := os.environ.get("ANASPIKE_FUZZ_COUNT"):
            with Path(place).open("a") as file:
                file.write(f"{self.inputs} {self.most_B}\n")

    def _judged(
        self, event: str, args: tuple[Any, ...], apart: bool, programs: tuple[str, ...]
    ) -> str:
        if event in _RUNS:
            name = str(os.fspath(args[0])) if args else event
            return "" if Path(name).name in programs else f"ran {name!r}"
        if event in _SPEAKS or event == "pickle.find_class":
            return f"{event}{args!r:.80}"
        if event in {"exec", "compile"}:
            code = args[0] if event == "exec" else args[1]
            named = str(getattr(code, "co_filename", code) or "")
            return f"ran code of {named}" if named.startswith(str(self.folder)) else ""
        changed = [args[at] for at in _WRITES.get(event, ())]
        if event == "open" and isinstance(args[2], int) and args[2] & _TO_WRITE:
            changed = [args[0]]
        outside = [args[at] for at in _READS.get(event, ()) if apart and self._is_outside(args[at])]
        wrong = [f"read {path}, which is outside" for path in outside]
        touched = [self._unless_ours(path, event in _OF_LINKS) for path in changed]
        return next(filter(None, (*touched, *wrong)), "")

    def _unless_ours(self, path: Any, link: bool) -> str:
        real = _real(path, link)
        ours = real is None or real == os.devnull or real.startswith(str(self.folder))
        return "" if ours else f"changed {real}, which is outside"

    def _is_outside(self, path: Any) -> bool:
        return (_real(path) or "").startswith(str(self._outside))


def one_line(said: str) -> list[str]:
    """Return what is wrong with a message to people; nothing where it is one clear line."""
    wrong = []
    if not said.strip():
        wrong.append("says nothing")
    if not said.translate(dict.fromkeys(map(ord, SPACES))).isprintable():
        wrong.append(f"is no one printable line: {said!a:.300}")
    if len(said) > LONGEST_LINE:
        wrong.append(f"has {len(said)} letters: {said!a:.200}")
    return wrong


def _real(path: Any, link: bool = False) -> str | None:
    """Return where a path leads; of a `link`, where the link itself lies."""
    if isinstance(path, int) or path is None:
        return None  # a file that is open already
    with suppress(OSError, ValueError):
        named = os.path.abspath(os.fsdecode(path))  # noqa: PTH100  # a link stays one
        folder, name = os.path.split(named)
        return os.path.join(os.path.realpath(folder), name) if link else os.path.realpath(named)  # noqa: PTH118
    return None


@contextmanager
def _limited() -> Any:
    """Wake who waits or works for longer; who gets no turn on a busy machine is given time."""
    start_s = last_s = time.process_time()

    def look(*_: Any) -> None:
        nonlocal last_s
        now_s, before_s = time.process_time(), last_s
        last_s = now_s
        if now_s - start_s > LIMIT_S or now_s - before_s < LIMIT_S / 20:
            raise Broken(f"still busy after {LIMIT_S:g} s")

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, LIMIT_S, LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _peak_reset() -> int:
    """Forget the process's peak of memory; return what it takes now, in bytes."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> int:
    with suppress(OSError):
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    return 0
