"""Which ngspice is here, and whether it will do."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import total_ordering
from pathlib import Path

from anaspike.spice.failures import SimulatorNotFound, SimulatorTooOld

OLDEST = 36
OLDEST_WITH_OSDI = 44  # that has run compiled models; 39 to 43 know another interface, or none
TESTED = (39, 44)  # the whole test suite has passed with these: Debian 12's and 13's
_PROBE_TIMEOUT_S = 20.0


@total_ordering
@dataclass(frozen=True)
class NgspiceVersion:
    """A version of ngspice, comparable.

    Attributes:
        major, minor: "44.2" is 44 and 2.
        built: when it was, as it says itself; empty where it says nothing.
    """

    major: int
    minor: int = 0
    built: str = field(default="", compare=False)

    @classmethod
    def parse(cls, text: str) -> "NgspiceVersion | None":
        """Read what `ngspice --version` prints, or its library; None when that is no ngspice."""
        found = re.search(r"ngspice-(\d+)(?:\.(\d+))?", text)
        built = re.search(r"Creation Date: *(\S.*?)\s*$", text, re.MULTILINE)
        if found is None:
            return None
        return cls(int(found[1]), int(found[2] or 0), built[1] if built else "")

    @property
    def tested(self) -> bool:
        """Whether anaspike has been tested with this version; another is used all the same."""
        return self.major in TESTED

    def __lt__(self, other: "NgspiceVersion") -> bool:
        return (self.major, self.minor) < (other.major, other.minor)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}" if self.minor else str(self.major)


def find_ngspice(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the simulator: what ANASPIKE_NGSPICE names, else `ngspice` on the PATH.

    Raises:
        SimulatorNotFound: there is none.
    """
    named = environ.get("ANASPIKE_NGSPICE")
    found = shutil.which(named or "ngspice", path=_search_path(environ))
    if found is None:
        where = f"at ANASPIKE_NGSPICE={named}" if named else "on the PATH"
        raise SimulatorNotFound(f"ngspice was not found {where}")
    return Path(found).absolute()


def _search_path(environ: Mapping[str, str]) -> str:
    """Return the PATH without the places that move with the user: "", "." and their like.

    There a program of that name may be anyone's, unpacked a moment ago.
    """
    folders = environ.get("PATH", "").split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if Path(folder).is_absolute())


def version_of(executable: Path) -> NgspiceVersion:
    """Ask a simulator for its version.

    Raises:
        SimulatorNotFound: it does not run, or is no ngspice.
        SimulatorTooOld: it is older than 36.
    """
    # Not where the user stands: a .spiceinit may lie there.
    said = _said(executable, "--version", cwd=executable.anchor)
    if said is None:
        raise SimulatorNotFound(f"ngspice was not found at {executable}, which does not run")
    version = NgspiceVersion.parse(said)
    if version is None:
        raise SimulatorNotFound(f"ngspice was not found at {executable}, which is no ngspice")
    if version.major < OLDEST:
        raise SimulatorTooOld(f"ngspice {version} at {executable}", OLDEST)
    return version


def has_osdi(executable: Path) -> bool:
    """Whether a simulator can load Verilog-A models; Debian 12's ngspice 39 cannot.

    `pre_osdi` is silently ignored where it is not known, so ask for `osdi`.
    """
    deck = "* probe\nr1 a 0 1\n.control\nosdi nothing.osdi\nquit 0\n.endc\n.end\n"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "probe.cir").write_text(deck, encoding="utf-8")
        said = _said(executable, "-b", "probe.cir", cwd=folder)
    return said is not None and "no such command" not in said


def _said(executable: Path, *arguments: str, cwd: str) -> str | None:
    """Return what a simulator prints; None when it does not run or does not end."""
    try:
        asked = subprocess.run(
            [executable, *arguments],
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout
