"""Folders that commands write into: one command's at a time, and known when half-written."""

import errno
import fcntl
import os
import socket
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from anaspike.errors import InputError
from anaspike.files import cannot_write, make_folder, write_text
from anaspike.units import printable

LOCK, UNFINISHED = ".lock", ".unfinished"
_MOST_FOLDERS = 200_000
# What file systems say that know no locks: there, two commands at once do not see each other.
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}
_SAID = "half-written by a run that was ended, or has not ended yet; run it again"


@contextmanager
def held(folder: Path, instead: str = "choose another --out") -> Iterator[Path]:
    """Create a folder and keep other commands out of it until the block ends.

    The system lets go of it when the process dies, however it dies: what a
    killed one leaves behind bars nobody. A folder that is still empty at the
    end, and was not there before, is removed.

    Args:
        folder: to hold.
        instead: what else to do than to wait for another command, for people.

    Raises:
        InputError: it cannot be written, or another command holds it.
    """
    fresh = not folder.exists()
    make_folder(folder)
    lock = folder / LOCK
    try:
        handle = _taken(lock, instead)
    except OSError as error:
        raise InputError(cannot_write(lock, error)) from None
    try:
        yield folder
    finally:
        with suppress(OSError):
            lock.unlink(missing_ok=True)  # before it is let go: who comes next makes another
        os.close(handle)
        if fresh:
            with suppress(OSError):  # it is not empty
                folder.rmdir()


@contextmanager
def unfinished(folder: Path) -> Iterator[None]:
    """Mark a folder as half-written until the block ends well.

    Raises:
        InputError: it cannot be written.
    """
    mark = folder / UNFINISHED
    write_text(mark, f"This folder is {_SAID}.\n")
    yield
    try:
        mark.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(cannot_write(mark, error)) from error


def refuse_unfinished(folder: Path) -> None:
    """Refuse to read a folder that is half-written.

    Raises:
        InputError: it is.
    """
    if (folder / UNFINISHED).is_file():
        raise InputError(f"{folder} is {_SAID}")


def refuse_links(path: Path, folder: Path) -> Path:
    """Return a path in a folder that may be someone else's, once no link on it leads elsewhere.

    The folder itself may be reached as one likes: who calls us has named it.

    Raises:
        InputError: between the folder and the path's end there is a symbolic link.
    """
    above = len(folder.parts)
    if path.parts[:above] != folder.parts or path.is_absolute() != folder.is_absolute():
        return path
    # As texts: it is asked several times a point, and a Path costs more than the question.
    for end in range(len(path.parts), above, -1):
        place = "/".join((str(folder), *path.parts[above:end]))
        if _is_link(place):
            raise InputError(
                f"{place} is a symbolic link; nothing is read or written through one there, remove"
                " it"
            )
    return path


def _is_link(place: str) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(place).st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # as of a name with a zero byte
        return False


def half_written(folders: Iterable[Path]) -> list[Path]:
    """Return the folders below these that are half-written."""
    return sorted({mark.parent for folder in folders for mark in named_below(folder, UNFINISHED)})


def named_below(folder: Path, name: str) -> list[Path]:
    """Return the files of that name in a folder and below it, sorted.

    Links to other folders are not followed; what may not be looked into is left out.

    Raises:
        InputError: there are too many folders.
    """
    found, waiting, looked = [], [str(folder)], 0
    while waiting:
        looked += 1
        if looked > _MOST_FOLDERS:
            raise InputError(f"below {folder} are more than {_MOST_FOLDERS} folders; name a part")
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name == name:
                    found.append(Path(entry.path))
    return sorted(found)


def _taken(lock: Path, instead: str) -> int:
    """Return the open lock, ours.

    Raises:
        InputError: it is someone else's.
        OSError: it cannot be opened.
    """
    while True:
        # A link or a pipe that waits under its name is not followed, nor waited for.
        flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        handle = os.open(lock, flags, 0o666)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise InputError(f"{lock} is no plain file; remove it or choose another place")
            _lock(handle, lock, instead)
            if _is_still(handle, lock):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # who held it has just removed it


def _lock(handle: int, lock: Path, instead: str) -> None:
    try:
        # Not lockf: its locks are one process's, and go when it closes the file anywhere.
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = printable(os.read(handle, 200).decode("utf-8", "replace").strip())
        raise InputError(
            f"{lock.parent} is in use by another command{f' ({holder})' if holder else ''};"
            f" wait for it, or {instead}"
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    os.ftruncate(handle, 0)
    os.write(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode())


def _is_still(handle: int, lock: Path) -> bool:
    """Return whether the file that was locked is the one that stands at its place."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(handle), lock.stat(follow_symlinks=False))
    return False
