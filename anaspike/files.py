"""Files appear whole or not at all: written beside their place, then renamed."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from anaspike.errors import InputError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path; when the block ends well it becomes `path`.

    The temporary file keeps the suffix, so that writers which choose a format
    by it (matplotlib, pandas) choose the same one.

    Raises:
        InputError: the folder cannot be written or the disk is full; what
            stood at `path` before is untouched.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o644)  # mkstemp's 0600 would keep colleagues out of a shared folder
        temporary.replace(path)
    except OSError as error:
        raise InputError(cannot_write(path, error)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def shipped(name: str) -> Path:
    """Return a folder that comes with anaspike: at the top of a checkout, or in the package.

    Raises:
        InputError: the installation lacks it.
    """
    package = Path(__file__).parent
    for root in (package, package.parent):
        if (root / name).is_dir():
            return root / name
    raise InputError(f"the folder {name} of anaspike is missing; reinstall it")


def make_folder(path: Path) -> Path:
    """Create a folder that must be writable; return it.

    Raises:
        InputError: it cannot be created or written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise InputError(cannot_write(path, error)) from error
    return path


def cannot_write(path: Path, error: OSError) -> str:
    """One line that says why a place cannot be written, and what to do."""
    reason = error.strerror or str(error)
    return f"cannot write {path}: {reason}; free some space or choose another place with --out"
