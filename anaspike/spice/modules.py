"""Device models that are compiled: files that a simulator loads and runs as its own code.

A deck names one by its name and SHA-256, never by a path. So what is loaded was compiled on this
machine, by `anaspike pdk install`, whoever the deck is from.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import platformdirs

from anaspike.errors import InputError
from anaspike.files import open_plain
from anaspike.spice.failures import DeckRefused
from anaspike.units import printable

FOLDER = "osdi"  # of an installed process
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\.osdi\Z")
_PLAIN_PATH = re.compile(r"[\w./+-]+\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class Module:
    """A compiled model.

    Attributes:
        name: of its file: `psp103.osdi`.
        sha256: of it.

    Raises:
        InputError: at construction, where it is no name or no digest.
    """

    name: str
    sha256: str

    def __post_init__(self) -> None:
        if not (_NAME.match(self.name) and _SHA256.match(self.sha256)):
            raise InputError(f"'{printable(self.name)}' is no compiled model of a deck")

    @classmethod
    def of(cls, path: Path) -> "Module":
        """Return the module that a file is.

        Raises:
            InputError: it cannot be read.
        """
        return cls(path.name, _digest(path))


def place_modules(modules: tuple[Module, ...], folder: Path) -> None:
    """Have modules lie in a folder, each as a link to where it was compiled.

    Raises:
        DeckRefused: one is not on this machine, or only of another build.
    """
    for module in modules:
        link = folder / module.name
        link.unlink(missing_ok=True)
        link.symlink_to(find_module(module))


def load_command(module: Module) -> str:
    """Return what has ngspice load a module from where it lies, before it reads a deck.

    Raises:
        DeckRefused: it is not on this machine, or lies where a command cannot name it.
    """
    path = find_module(module)
    if not _PLAIN_PATH.match(str(path)):
        raise DeckRefused(
            f"'{printable(str(path))}' cannot stand in a command of a deck; set XDG_DATA_HOME to a"
            " folder of letters, digits and the signs . _ - / and +, and install the process there"
        )
    return f"pre_osdi {path}"


def find_module(module: Module) -> Path:
    """Return where a module lies on this machine.

    Raises:
        DeckRefused: it is not here, or only of another build.
    """
    others = []
    for path in _of_name(module.name):
        found = _digest(path)
        if found == module.sha256:
            return path
        others.append(f"{path} is another build (SHA-256 {found[:12]})")
    there = "; ".join(others) or "none is in the data folder of anaspike"
    raise DeckRefused(
        f"the deck needs the compiled model {module.name} of SHA-256 {module.sha256[:12]}, and"
        f" {there}; `anaspike pdk install` compiles a process's"
    )


def _of_name(name: str) -> Iterator[Path]:
    for path in sorted(platformdirs.user_data_path("anaspike").glob(f"*/*/{FOLDER}/{name}")):
        if path.is_file():
            yield path


def _digest(path: Path) -> str:
    try:
        known = path.stat()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    return _digest_of(path, known.st_size, known.st_mtime_ns)


@lru_cache(maxsize=64)
def _digest_of(path: Path, size: int, mtime_ns: int) -> str:
    """Return the digest of a file as it was last written: every run asks for it."""
    with open_plain(path) as file:
        return hashlib.sha256(file.read()).hexdigest()
