"""What an experiment reads beside its fields: files that its key must hold, or nothing is kept.

An experiment names the files that its `build` and `measure` read in an attribute `reads`; their
content is in its key. Whether it reads others is watched, not believed: Python tells an audit
hook of each file that is opened. What is opened is put down to the user's modules that had it
opened, and not to the one point: what a function keeps (`functools.cache`) or a module reads when
it is imported serves the other points too, and is opened once. So a point is kept when none of
the modules that it is made from has opened what the point does not name, as long as this process
has lived.

Of no account is what Python and installed packages open of their own, what anaspike opens for a
process or carries into a deck, and what was written a moment before.
"""

import functools
import hashlib
import os
import stat
import sys
import sysconfig
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, lru_cache
from importlib.util import source_from_cache
from pathlib import Path
from types import CodeType, FrameType

from anaspike import beside

_INSTALLED = ("site-packages", "dist-packages")
# What these open becomes text of the deck, or decides no row.
_TRUSTED = (
    "anaspike.pdk.", "anaspike.spice.carried", "anaspike.spice.ngspice.", "anaspike.campaign.",
    "anaspike.report.",
)  # fmt: skip
_SYSTEM = ("/proc/", "/sys/", "/dev/", "/usr/share/zoneinfo/", "/usr/share/fonts/")
_MEMORY = "/dev/shm/"  # where a user's files may lie  # noqa: S108
_FONTS = (".ttf", ".otf", ".ttc", ".afm", ".pfb", "matplotlibrc")
# No file of which a key could hold the content, yet it may decide a row.
_ELSEWHERE: Mapping[str, str] = {
    "subprocess.Popen": "runs another program",
    "os.system": "runs another program",
    "os.posix_spawn": "runs another program",
    "os.exec": "runs another program",
    "os.fork": "starts another process",
    "socket.connect": "asks the network",
}
_LISTS = ("os.listdir", "os.scandir")

_IMPORTS = "imports"
# Who reads in a thread that the user's code started and that runs none of it: nobody can say.
_A_THREAD = "a thread"

State = tuple[int, ...] | str | None


@contextmanager
def watched() -> Iterator[None]:
    """See what the block opens, in this thread."""
    ledger = _ledger()
    before = ledger.here.watch
    ledger.here.watch = _Watch(sys._getframe(2))
    ledger.count(+1)
    try:
        yield
    finally:
        ledger.count(-1)
        ledger.here.watch = before


def unseen(modules: Mapping[str, str], named: Collection[Path], texts: Collection[str]) -> str:
    """Return what one of some modules has opened that a key does not hold, in words; "" if nothing.

    Args:
        modules: those that an experiment is made from, full name -> file of its source.
        named: the files and folders whose content the key holds.
        texts: that the key holds too; a file that is one of them, whole, may be opened.
    """
    places = [os.path.realpath(path) for path in named]
    for module, what in _ledger().of(modules):
        who = beside.plain(module)
        verb, _, place = what.partition(" ")
        if what in _ELSEWHERE.values():
            return f"{who} {what}, which no key can hold"
        if verb == _IMPORTS:
            if place not in modules.values():
                return f"{who} imports {place} by no import statement"
        elif not (_is_within(place, places) or _is_among(place, texts)):
            return f"{who} {what}, which is not in the key; name it in `reads`"
    changed = next((place for place in places if _ledger().has_changed(place)), None)
    return f"{changed} has changed since this process first read it; start again" if changed else ""


def content(path: Path) -> str:
    """Return the SHA-256 of a file; of a folder, of all that lies in it; "" where nothing is.

    Raises:
        OSError: it cannot be read.
    """
    place = os.path.realpath(path)
    _ledger().first_seen(place)
    return _content(place)


class _Watch:
    """What one block of one thread does.

    Attributes:
        outside: the frame that called for it; those below it are no business of the block's.
        written: files and folders that it made.
    """

    def __init__(self, outside: FrameType) -> None:
        self.outside = outside
        self.written: set[str] = set()


class _Here(threading.local):
    watch: _Watch | None = None


class _Ledger:
    """What was opened in this process, by the modules that had it opened.

    Python's hooks cannot be taken away again, so there is one, and one ledger.
    """

    def __init__(self) -> None:
        self.here = _Here()
        self._lock = threading.Lock()
        self._opened: dict[str, dict[str, None]] = {}
        self._first: dict[str, State] = {}
        self._watched = 0

    def count(self, more: int) -> None:
        """Take note of how many blocks are watched, in all threads."""
        with self._lock:
            self._watched += more

    def of(self, modules: Collection[str]) -> list[tuple[str, str]]:
        """Return what modules have done: ("mine", "reads /a/table.csv"); and threads of anybody."""
        names = {*modules, _A_THREAD}
        with self._lock:
            seen = [(name, tuple(done)) for name, done in self._opened.items() if name in names]
        return [(name, what) for name, done in sorted(seen) for what in done]

    def first_seen(self, place: str) -> None:
        """Remember a file as it is when it is first read."""
        with self._lock:
            self._first.setdefault(place, _state(place))

    def has_changed(self, place: str) -> bool:
        """Return whether a file is not as it was when it was first read."""
        with self._lock:
            return place in self._first and self._first[place] != _state(place)

    def see(self, event: str, args: tuple[object, ...]) -> None:
        """Put down an audit event, where a module of the user's is behind it."""
        watch = self.here.watch
        askers, imports = _askers(watch)  # first: there are mostly none
        if not self._watched:
            askers.discard(_A_THREAD)
        what = _what(event, args, watch, imports) if askers else ""
        if what:
            if what.startswith("reads "):
                self.first_seen(what.removeprefix("reads "))
            with self._lock:
                for module in askers:
                    self._opened.setdefault(module, {})[what] = None


@cache
def _ledger() -> _Ledger:
    ledger = _Ledger()

    def hook(event: str, args: tuple[object, ...]) -> None:
        if event in _HEARD:
            # What a hook raises would come out of the user's `open`.
            with suppress(Exception):
                ledger.see(event, args)

    sys.addaudithook(hook)
    return ledger


_HEARD = frozenset({"open", "os.mkdir", "sqlite3.connect", *_LISTS, *_ELSEWHERE})


def _what(event: str, args: tuple[object, ...], watch: _Watch | None, imports: bool) -> str:
    """Return what an audit event says is done: a verb and its object; "" where it is nothing."""
    if event in _ELSEWHERE:
        return _ELSEWHERE[event]
    name = args[0] if args and args[0] is not None else "."
    if isinstance(name, int):  # open already
        return ""
    place = os.path.realpath(os.fsdecode(name))  # type: ignore[arg-type]
    does = _opens(args) if event == "open" else "makes" if event == "os.mkdir" else "reads"
    if does == "makes" and watch is not None:
        watch.written.add(place)
    if does != "reads" or (watch is not None and _is_within(place, watch.written)):
        return ""
    if imports:
        return f"{_IMPORTS} {_compiled_from(place)}" if event == "open" and _is_own(place) else ""
    if _is_of_no_account(place):
        return ""
    return f"{'lists' if event in _LISTS else 'reads'} {place}"


def _compiled_from(place: str) -> str:
    return source_from_cache(place) if place.endswith(".pyc") and "__pycache__" in place else place


def _opens(args: tuple[object, ...]) -> str:
    """Return what an `open` does to a file: makes it anew, writes to what it held, or reads it."""
    _, mode, flags, *_ = (*args, None, None)
    if isinstance(mode, str):
        if set("wx") & set(mode):
            return "makes"
        return "writes" if "a" in mode and "+" not in mode else "reads"
    if not isinstance(flags, int) or not flags & (os.O_TRUNC | os.O_EXCL | os.O_WRONLY):
        return "reads"
    return "makes" if flags & (os.O_TRUNC | os.O_EXCL) else "writes"


def _is_of_no_account(place: str) -> bool:
    system = place.startswith(_SYSTEM) and not place.startswith(_MEMORY)
    if system or place.endswith(_FONTS) or "/fontlist-" in place:
        return True
    # A module's own source is in the key, or installed.
    source = place.endswith(".py") and any(_source(module) == place for module in list(sys.modules))
    return source or not _is_own(place)


def _source(module: str) -> str:
    return os.path.realpath(getattr(sys.modules.get(module), "__file__", None) or os.devnull)


def _askers(watch: _Watch | None) -> tuple[set[str], bool]:
    """Return the names of the user's modules that had something done, and whether by an import."""
    every: set[str] = set()
    keepers: set[str] = set()
    imports, among_ours = False, False
    frame: FrameType | None = sys._getframe(3)
    while frame is not None and (watch is None or frame is not watch.outside):
        code, name = frame.f_code, str(frame.f_globals.get("__name__", ""))
        if not every and _is_settled(code, name):
            return set(), False
        among_ours = among_ours or name.startswith("anaspike.")
        imports = imports or (not every and code.co_filename.startswith("<frozen importlib"))
        if _is_own(code.co_filename):
            every.add(name)
            if _keeps(frame):
                keepers.add(name)
        frame = frame.f_back
    # Of what is done outside a point, only that can serve one which is kept somewhere; and a
    # thread with none of ours below it was started by the user's code.
    started = not among_ours and threading.get_ident() != threading.main_thread().ident
    if started and watch is None and not every:
        return {_A_THREAD}, False
    return (every if watch is not None or started else keepers), imports


def _is_settled(code: CodeType, module: str) -> bool:
    """Return whether what is done next needs no key: lines shown, fonts found, a deck made."""
    return (
        module in {"linecache", "matplotlib.font_manager"}
        or (module == "shutil" and "rmtree" in code.co_name)
        or module.startswith(_TRUSTED)
    )


def _keeps(frame: FrameType) -> bool:
    """Return whether what a frame reads stays: it is a module's top, or a function with a cache."""
    code = frame.f_code
    if code.co_name == "<module>":
        return frame.f_globals.get("__name__") != "__main__"
    found: object = frame.f_globals.get(code.co_qualname.partition(".")[0])
    for part in code.co_qualname.split(".")[1:]:
        found = getattr(found, "__dict__", {}).get(part)
    return isinstance(found, functools._lru_cache_wrapper | functools.cached_property)


@lru_cache(maxsize=4096)
def _is_own(file: str) -> bool:
    """Return whether a file belongs to no installed package, not to Python, and not to anaspike."""
    if file.startswith("<") or any(part in _INSTALLED for part in Path(file).parts):
        return False
    others = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), _anaspike())
    return not any(Path(file).is_relative_to(other) for other in others)


def _anaspike() -> str:
    return str(Path(__file__).parents[1])


def _is_within(place: str, places: Collection[str]) -> bool:
    return any(place == other or place.startswith(f"{other}/") for other in places)


def _is_among(place: str, texts: Collection[str]) -> bool:
    try:
        return Path(place).read_text(encoding="utf-8") in texts
    except (OSError, ValueError):
        return False


def _state(place: str) -> State:
    """Return what changes when a file does; it is compared within this process alone."""
    try:
        at = Path(place).stat()
    except OSError:
        return None
    if stat.S_ISDIR(at.st_mode):  # its own dates say nothing of what lies deeper
        return _content(place)
    return (at.st_mtime_ns, at.st_ctime_ns, at.st_size, at.st_ino)


def _content(place: str) -> str:
    path = Path(place)
    if path.is_file():
        return _digest(path, _state(place))
    if not path.is_dir():  # a pipe has no content; reading it takes it away
        return "no file" if path.exists() else ""
    whole = hashlib.sha256(b"folder")
    for inner in sorted(path.rglob("*")):
        digest = "" if inner.is_dir() else _content(str(inner))
        whole.update(f"{inner.relative_to(path)}\0{digest}\0".encode())
    return whole.hexdigest()


@lru_cache(maxsize=1024)
def _digest(path: Path, state: State) -> str:
    """Return the SHA-256 of a file that is in a state; thousands of points name one file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
