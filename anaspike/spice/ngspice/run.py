"""Run ngspice: in batch, or in a process that holds it as a library; the answers are the same.

Batch is a program for each run: a private folder, one thread, a process group. Where the library
of the very same build is there, a worker process does the same with one deck after another.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import ClassVar

from anaspike.spice.batch import BatchSimulator, Room, write_afresh
from anaspike.spice.deck import Deck
from anaspike.spice.failures import Crashed, SimulationFailure
from anaspike.spice.modules import Module, place_modules
from anaspike.spice.ngspice.library import NOT_ASKED, find_library, needs_batch
from anaspike.spice.ngspice.log import classify, hidden_failure
from anaspike.spice.ngspice.pool import NoWorker, Pool, Worker
from anaspike.spice.ngspice.version import (
    OLDEST_WITH_OSDI,
    NgspiceVersion,
    find_ngspice,
    has_osdi,
    version_of,
)
from anaspike.spice.process import Ended

# A local .spiceinit also keeps the user's own from being read. On more threads
# Debian's ngspice is 4 to 13 times slower; OMP_NUM_THREADS alone it ignores.
SPICEINIT = "set num_threads=1\n"


class Ngspice(BatchSimulator):
    """An ngspice on this machine; safe to share between threads.

    Args:
        executable: of ngspice.
        version: of it.
        timeout_s: wall-clock limit of one run, in seconds.
        library: name or path of its shared library; empty for batch alone.
    """

    name: ClassVar[str] = "ngspice"
    raw: ClassVar[str] = "out.raw"
    deck_files: ClassVar[tuple[str, ...]] = ("deck.cir", ".spiceinit")

    def __init__(
        self,
        executable: Path,
        version: NgspiceVersion,
        timeout_s: float = 600.0,
        library: str = "",
    ) -> None:
        super().__init__(executable, timeout_s)
        self._version = version
        self.library = library
        # Of parts, not of this: so the workers end as soon as nobody has the simulator any more.
        start, will_do = partial(_worker, library, timeout_s), partial(_why_not, library, version)
        self._pool = Pool(start, will_do, timeout_s)
        self._fatal: set[str] = set()

    @classmethod
    def find(cls, timeout_s: float = 600.0, environ: Mapping[str, str] = os.environ) -> "Ngspice":
        """Return the simulator of this machine.

        Raises:
            SimulatorNotFound, SimulatorTooOld: with the command that mends it.
        """
        executable = find_ngspice(environ)
        return cls(executable, version_of(executable), timeout_s, find_library(environ))

    @property
    def version(self) -> NgspiceVersion:
        """Of the simulator."""
        return self._version

    @cached_property
    def identity(self) -> str:
        """Return version and SHA-256 of the executable: all about it that may change a result."""
        digest = hashlib.sha256(self.executable.read_bytes()).hexdigest()
        return f"ngspice {self.version} sha256:{digest}"

    def lacks(self, modules: tuple[Module, ...]) -> str:
        """Say why it can load no compiled models; before 44 none has loaded PSP's."""
        if not modules or self._loads_modules:
            return ""
        return (
            f"ngspice {self.version} at {self.executable} loads no compiled models"
            f" ({modules[0].name}), which takes {OLDEST_WITH_OSDI} or newer, built with OSDI"
        )

    @cached_property
    def _loads_modules(self) -> bool:
        return self.version.major >= OLDEST_WITH_OSDI and has_osdi(self.executable)

    def why_batch(self) -> str:
        """Return why no deck runs in process here; empty where those that may do.

        A worker is started to find out.
        """
        if not self.library:
            return NOT_ASKED
        try:
            with self._pool.lend():
                return ""
        except NoWorker as error:
            return str(error)

    def cancel(self) -> None:
        """Kill every run that is under way; further ones fail at once."""
        super().cancel()
        self._pool.cancel()

    def close(self) -> None:
        """End the workers; they also end when nobody has the simulator any more."""
        self._pool.close()

    @contextmanager
    def _room(self, deck: Deck, folder: Path | None) -> Iterator[Room]:
        with ExitStack() as lent:
            try:
                if folder is not None or not self._may_be_in_process(deck):
                    raise NoWorker
                one = lent.enter_context(self._pool.lend())
            except NoWorker:
                yield lent.enter_context(super()._room(deck, folder))
                return
            try:
                yield _InProcess(one, partial(self._pool.execute, one))
            except Crashed:
                self._fatal.add(deck.digest())
                raise

    def _may_be_in_process(self, deck: Deck) -> bool:
        """Whether a worker is asked; what one has died of is next tried in a program of its own."""
        fatal = self._fatal and deck.digest() in self._fatal
        return bool(self.library) and not fatal and not needs_batch(deck)

    def _texts(self, deck: Deck) -> Mapping[str, str]:
        return _texts(deck)

    def _command(self) -> Sequence[str | Path]:
        return [self.executable, "-b", "-r", self.raw, "deck.cir"]

    def _environment(self) -> Mapping[str, str]:
        return _environment()

    def _raw_name(self, vector: str, there: Mapping[str, object]) -> str | None:
        asked = vector.lower()
        names = [asked, f"i({asked})", f"v({asked})"]
        if asked.startswith("i(") and asked.endswith(")"):
            names.append(f"{asked[2:-1]}#branch")
        return next((name for name in names if name in there), None)

    def _classify(self, log: str) -> SimulationFailure | None:
        return classify(log)

    def _hidden_failure(self, log: str) -> SimulationFailure | None:
        return hidden_failure(log)


def _worker(library: str, timeout_s: float) -> Worker:
    return Worker(library, SPICEINIT, _environment(), timeout_s)


def _why_not(library: str, version: NgspiceVersion, banner: str) -> str:
    """Return why a library that says this is not the program's own; empty where it is."""
    found = NgspiceVersion.parse(banner)
    if found is None:
        return f"{library} is no ngspice"
    if (found, found.built) != (version, version.built):
        return (
            f"{library} is ngspice {found}, built {found.built or 'who knows when'}, and not"
            f" {version}, built {version.built or 'who knows when'}"
        )
    return ""


def _environment() -> Mapping[str, str]:
    """Return the user's environment without what would change a result.

    SPICE_USERINIT_DIR goes before the local .spiceinit, SPICE_LIB_DIR and
    SPICE_SCRIPTS bring another spinit, SPICE_ASCIIRAWFILE another format.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPICE_", "NGSPICE_"))}
    return {**kept, "OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}


@dataclass(frozen=True)
class _InProcess:
    """A room whose worker runs the deck."""

    worker: Worker
    execute: Callable[[], Ended]

    @property
    def folder(self) -> Path:
        return self.worker.folder

    def lay_out(self, texts: Mapping[str, str]) -> None:
        self.worker.lay_out(texts)


def lay_out(deck: Deck, folder: Path) -> None:
    """Write a deck and all it needs into a folder, ready for `ngspice -b deck.cir`."""
    write_afresh(folder, _texts(deck), ("out.raw", "ngspice.log"))
    place_modules(deck.models.modules, folder)


def _texts(deck: Deck) -> Mapping[str, str]:
    loads = "".join(f"osdi {module.name}\n" for module in deck.models.modules)
    texts = {"deck.cir": deck.render(), ".spiceinit": f"{SPICEINIT}{loads}"}
    return {**deck.models.files, **deck.files, **texts}
