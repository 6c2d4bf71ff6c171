"""Run VACASK, an independent simulator: it shares no code, and no models' code, with ngspice."""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from anaspike.spice.batch import BatchSimulator
from anaspike.spice.deck import Deck
from anaspike.spice.failures import SimulationFailure
from anaspike.spice.vacask.log import classify, hidden_failure
from anaspike.spice.vacask.text import ANALYSIS, DECK, raw_name, translated
from anaspike.spice.vacask.version import VacaskVersion, find_vacask, modules_of

# Given by name it is the only one that is read, and it says nothing.
_NO_SETTINGS = "vacask.toml"


class Vacask(BatchSimulator):
    """A VACASK on this machine; safe to share between threads.

    Args:
        executable: of VACASK.
        version: of it.
        timeout_s: wall-clock limit of one run, in seconds.
    """

    name: ClassVar[str] = "vacask"
    raw: ClassVar[str] = f"{ANALYSIS}.raw"
    deck_files: ClassVar[tuple[str, ...]] = (DECK, _NO_SETTINGS)

    def __init__(self, executable: Path, version: VacaskVersion, timeout_s: float = 600.0) -> None:
        super().__init__(executable, timeout_s)
        self._version = version

    @classmethod
    def find(cls, timeout_s: float = 600.0, path: Iterable[str] | None = None) -> "Vacask":
        """Return the VACASK of this Python.

        Raises:
            SimulatorNotFound: with the command that mends it.
        """
        return cls(*find_vacask(path), timeout_s)

    @property
    def version(self) -> VacaskVersion:
        """Of the simulator."""
        return self._version

    @cached_property
    def identity(self) -> str:
        """Return version and SHA-256 of program and device models: what may change a result."""
        parts = (self.executable, *sorted(modules_of(self.executable).glob("*.osdi")))
        digests = "".join(hashlib.sha256(part.read_bytes()).hexdigest() for part in parts)
        return f"vacask {self.version} sha256:{hashlib.sha256(digests.encode()).hexdigest()}"

    def _texts(self, deck: Deck) -> Mapping[str, str]:
        return {**translated(deck), _NO_SETTINGS: ""}

    def _command(self) -> Sequence[str | Path]:
        quiet = ("--quiet-progress", "--skip-embed", "--skip-postprocess", "--ncpu", "1")
        return [self.executable, *quiet, "--tomlfile", _NO_SETTINGS, DECK]

    def _environment(self) -> Mapping[str, str]:
        """Return the user's environment without what would bring other device models."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SIM_")}
        return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

    def _raw_name(self, vector: str, there: Mapping[str, object]) -> str | None:
        name = raw_name(vector)
        return name if name in there else None

    def _classify(self, log: str) -> SimulationFailure | None:
        return classify(log)

    def _hidden_failure(self, log: str) -> SimulationFailure | None:
        return hidden_failure(log)
