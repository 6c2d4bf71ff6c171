"""The child of a pool: one ngspice as a library, which runs one deck after another.

Run as a file, `python -I -S worker.py LIBRARY LIMIT_S RUNS GROWN_B`: it imports nothing of anaspike
and starts in milliseconds. Where it stands lie `.spiceinit`, and for each run `deck.cir` and all
that it calls. Its first stream is a socket: a byte in asks for a run, an answer out is its exit
code and whether this was the last. What ngspice says goes to the other two, as a program's would.
"""

# pathlib would take longer to import than ngspice to load.
# ruff: noqa: PTH106, PTH108, PTH109, PTH118, PTH123, PTH208

import _thread
import ctypes
import locale
import os
import resource
import select
import signal
import sys
import time

_CONTROL = 0
_NO_MEMORY = b"out of memory\n"
_STREAMS = {b"stdout": 1, b"stderr": 2}
# As ngspice itself leaves them, and Python does not.
_SIGNALS = (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ)
_PRINT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p)
_EXIT = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_int, ctypes.c_bool, ctypes.c_bool, ctypes.c_int, ctypes.c_void_p
)


class Library:
    """The one ngspice that a process can hold.

    Args:
        name: of the shared library, or its path.

    Raises:
        OSError, AttributeError: it is none.
    """

    def __init__(self, name: str) -> None:
        self._heard = False
        self._library = ctypes.CDLL(name)
        self._library.ngSpice_Command.argtypes = [ctypes.c_char_p]
        # Kept: the library calls them for as long as it lives.
        self._calls = (_PRINT(self._said), _PRINT(lambda *_: 0), _EXIT(self._leaves))
        self._heard = True
        self._library.ngSpice_Init(*self._calls, None, None, None, None)

    def run(self) -> None:
        """Do what `ngspice -b -r out.raw deck.cir` does."""
        for command in (b"source deck.cir", b"run out.raw"):
            self._library.ngSpice_Command(command)

    def forget(self) -> None:
        """Leave nothing of a run behind."""
        self._heard = False
        for command in (b"destroy all", b"remcirc"):
            self._library.ngSpice_Command(command)
        self._heard = True

    def _said(self, line: bytes, _: int, __: object) -> int:
        stream, _blank, words = line.partition(b" ")
        if self._heard:
            _write(_STREAMS.get(stream, 2), words + b"\n")
        if b"can't allocate" in words:
            self._leaves(1)  # so it would, did its way out not ask for more memory, or for a lock
        return 0

    def _leaves(self, code: int, *_: object) -> int:
        # At once, as a program would: back in the library it would jump out of where it stands.
        _write(_CONTROL, b"%d 1\n" % code)
        os._exit(code)


def _lost(error: "sys.UnraisableHookArgs") -> None:
    """End where a call of the library's failed, for what it said is lost."""
    if isinstance(error.exc_value, MemoryError):
        _write(_STREAMS[b"stderr"], _NO_MEMORY)
    os._exit(1)


def _write(stream: int, data: bytes) -> None:
    while data:
        data = data[os.write(stream, data) :]


def _end_with_parent(home: str) -> None:
    """End at once when nobody is left to answer to, whatever is under way."""
    asked = select.poll()
    asked.register(_CONTROL, 0)  # a hang-up is told unasked
    while not asked.poll():
        pass
    _end(home)


def _end(home: str) -> None:
    """Leave nothing behind, where the parent was killed and cannot see to it."""
    try:
        for name in os.listdir(home):
            # Two threads may see the end at once, and neither may leave before the other's done.
            try:  # noqa: SIM105 (contextlib takes as long to import as ngspice to load)
                os.unlink(os.path.join(home, name))
            except FileNotFoundError:
                pass
        os.rmdir(home)
    except OSError:
        pass  # it was the parent's turn after all
    os._exit(0)


def _memory() -> int:
    """Return the bytes that this process holds; 0 where that is not told."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def main(name: str, limit_s: int, most_runs: int, most_grown_B: int) -> None:
    """Serve until nobody asks any more, or it is time for another process.

    Args:
        name: of the library, or its path.
        limit_s: of processor time of one run, in seconds.
        most_runs: after which another process goes on.
        most_grown_B: by how many bytes this one may grow.
    """
    locale.setlocale(locale.LC_ALL, "C")  # a program's own, where it sets none
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    home = os.getcwd()
    _thread.start_new_thread(_end_with_parent, (home,))
    try:
        ngspice = Library(name)
    except (OSError, AttributeError) as error:
        _write(_STREAMS[b"stderr"], f"{error}\n".encode())
        os._exit(1)
    sys.unraisablehook = _lost
    _write(_CONTROL, b"0 0\n")
    runs, first_B, last = 0, _memory(), False
    while not last and os.read(_CONTROL, 1):
        soft_s = int(time.process_time()) + limit_s
        resource.setrlimit(resource.RLIMIT_CPU, (soft_s, resource.RLIM_INFINITY))
        ngspice.run()
        runs += 1
        last = runs >= most_runs or _memory() - first_B > most_grown_B
        _write(_CONTROL, b"0 %d\n" % last)
        if not last:
            ngspice.forget()
    if not last:
        _end(home)


if __name__ == "__main__":
    try:
        main(sys.argv[1], *map(int, sys.argv[2:]))
    except MemoryError:
        _write(_STREAMS[b"stderr"], _NO_MEMORY)
        os._exit(1)
