"""Run ngspice in batch: one private folder, one thread, one process group a run."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from anaspike.spice.batch import BatchSimulator, write_afresh
from anaspike.spice.deck import Deck
from anaspike.spice.failures import SimulationFailure
from anaspike.spice.modules import Module, place_modules
from anaspike.spice.ngspice.log import classify, hidden_failure
from anaspike.spice.ngspice.version import (
    OLDEST_WITH_OSDI,
    NgspiceVersion,
    find_ngspice,
    has_osdi,
    version_of,
)

# A local .spiceinit also keeps the user's own from being read. On more threads
# Debian's ngspice is 4 to 13 times slower; OMP_NUM_THREADS alone it ignores.
SPICEINIT = "set num_threads=1\n"


class Ngspice(BatchSimulator):
    """An ngspice on this machine; safe to share between threads.

    Args:
        executable: of ngspice.
        version: of it.
        timeout_s: wall-clock limit of one run, in seconds.
    """

    name: ClassVar[str] = "ngspice"
    raw: ClassVar[str] = "out.raw"
    deck_files: ClassVar[tuple[str, ...]] = ("deck.cir", ".spiceinit")

    def __init__(self, executable: Path, version: NgspiceVersion, timeout_s: float = 600.0) -> None:
        super().__init__(executable, timeout_s)
        self._version = version

    @classmethod
    def find(cls, timeout_s: float = 600.0, environ: Mapping[str, str] = os.environ) -> "Ngspice":
        """Return the simulator of this machine.

        Raises:
            SimulatorNotFound, SimulatorTooOld: with the command that mends it.
        """
        executable = find_ngspice(environ)
        return cls(executable, version_of(executable), timeout_s)

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

    def _lay_out(self, deck: Deck, folder: Path) -> None:
        lay_out(deck, folder)

    def _command(self) -> Sequence[str | Path]:
        return [self.executable, "-b", "-r", self.raw, "deck.cir"]

    def _environment(self) -> Mapping[str, str]:
        """Return the user's environment without what would change a result.

        SPICE_USERINIT_DIR goes before the local .spiceinit, SPICE_LIB_DIR and
        SPICE_SCRIPTS bring another spinit, SPICE_ASCIIRAWFILE another format.
        """
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPICE_", "NGSPICE_"))}
        return {**kept, "OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}

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


def lay_out(deck: Deck, folder: Path) -> None:
    """Write a deck and all it needs into a folder, ready for `ngspice -b deck.cir`."""
    loads = "".join(f"osdi {module.name}\n" for module in deck.models.modules)
    texts = {"deck.cir": deck.render(), ".spiceinit": f"{SPICEINIT}{loads}"}
    write_afresh(folder, {**deck.models.files, **deck.files, **texts}, ("out.raw", "ngspice.log"))
    place_modules(deck.models.modules, folder)
