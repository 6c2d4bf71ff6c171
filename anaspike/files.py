"""Files appear whole or not at all: written beside their place, then renamed. Texts are read
as any machine writes them, or refused with what they are.
"""

import codecs
import errno
import json
import os
import re
import secrets
import stat
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from anaspike.errors import InputError
from anaspike.units import printable

MOST_TEXT_B, MOST_TOML_B, MOST_JSON_B = 10_000_000, 1_000_000, 500_000_000
MOST_MODELS_B = 100_000_000
MOST_COLUMNS = 1000  # of a table of text; the time for a row grows faster than they do
_DEEPEST_JSON = 100
_DEEPEST = 16
_LONGEST_NAME = 200  # file systems know 255 bytes, and a temporary file's is longer
_DEEP_KEY = re.compile(  # of more parts than that
    r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){16}"""
)
_LOOKED_AT_B = 4096
# Longest first: UTF-32's mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"),
)  # fmt: skip
_MENDS = {
    errno.ENOSPC: "free some space or choose another place",
    errno.EDQUOT: "free some space of your quota or choose another place",
    errno.EACCES: "you may not write there; choose another place",
    errno.EPERM: "you may not write there; choose another place",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EFBIG: "files may not grow so large there; choose another place",
}


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
        try:
            temporary = _new_file(path.parent, path.suffix)
        except FileNotFoundError:  # mostly it is there
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = _new_file(path.parent, path.suffix)
        yield temporary
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise InputError(cannot_write(path, error)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_text(path: Path, most_B: int = MOST_TEXT_B, errors: str = "strict") -> str:
    """Read a text file that a person or another machine may have written.

    A byte order mark of UTF-8 and the line ends of Windows are read over.

    Args:
        path: of the file.
        most_B: what it may measure, in bytes.
        errors: "replace" where what is no UTF-8 does not matter.

    Raises:
        InputError: it cannot be read, is no plain file, too large, or no UTF-8;
            the line says what it seems to be.
    """
    content = read_bytes(path, most_B)
    for mark, name in _MARKS:
        if content.startswith(mark):
            raise InputError(f"{path} is {name}; save it as UTF-8")
    if _every_other_is_zero(content[:_LOOKED_AT_B]):
        raise InputError(f"{path} seems to be UTF-16; save it as UTF-8")
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path} is not in UTF-8: byte 0x{content[error.start]:02x} in line {line}, perhaps of"
            " Latin-1 or Windows-1252; save it as UTF-8"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def open_plain(path: Path) -> BinaryIO:
    """Open a plain file to read; a pipe is not waited for, nor a device touched.

    Raises:
        InputError: it cannot be opened, or is no plain file.
    """
    try:
        kind = path.stat().st_mode
        # Nonblocking, should a pipe have taken its place just now. A folder names itself.
        if stat.S_ISREG(kind) or stat.S_ISDIR(kind):
            file = open(path, "rb", opener=_unblocked)  # noqa: SIM115  # the caller closes
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file
            file.close()
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        raise InputError(cannot_read(path, error)) from None
    raise InputError(f"cannot read {path}: it is no plain file but a pipe or a device")


def read_bytes(path: Path, most_B: int) -> bytes:
    """Read a plain file that measures no more than `most_B` bytes.

    Raises:
        InputError: it cannot be read, is no plain file (a pipe would be waited
            for, a device never ends), or is too large.
    """
    with open_plain(path) as file:
        try:
            size = os.fstat(file.fileno()).st_size
            # A file of the system's own (in /proc) says 0 and holds a text.
            content = file.read((size or MOST_TEXT_B) + 1) if size <= most_B else None
        except OSError as error:
            raise InputError(cannot_read(path, error)) from None
    if content is None or len(content) > most_B:
        raise InputError(f"{path} is larger than {most_B / 1e6:g} MB, the most such a file may be")
    return content


def read_csv(path: Path) -> str:
    """Read a table of comma-separated values as text.

    Raises:
        InputError: it cannot be read, has more than 1000 columns, or is separated
            by something else: a spreadsheet of a country with decimal commas
            writes semicolons.
    """
    text = read_text(path)
    said, _, below = text.partition("\n")
    text = below if said.strip().strip('"') == "sep=," else text
    heading = text.partition("\n")[0]
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if mark in heading and "," not in heading:
            raise InputError(
                f"{path} is separated by {name}; save it with commas between values, and points"
                " as decimal marks"
            )
    if (columns := max(line.count(",") for line in text.split("\n")) + 1) > MOST_COLUMNS:
        raise InputError(f"{path} has {columns} columns; such a table has at most {MOST_COLUMNS}")
    return text


def read_json(path: Path, most_B: int = MOST_JSON_B, most_values: int | None = None) -> Any:
    """Read a JSON file.

    Args:
        path: of the file.
        most_B: what it may measure, in bytes.
        most_values: how many values it may hold, as its brackets and commas count them;
            None for any number. What they take in memory is many times their text.

    Raises:
        InputError: it cannot be read, is no JSON, too large, or nests without end.
    """
    text = read_text(path, most_B)
    if most_values is not None and sum(map(text.count, "[{,")) > most_values:
        raise InputError(f"{path} holds more than {most_values} values, the most it may")
    try:
        value = json.loads(text)
        too_deep = _nests(value)
    except RecursionError:
        too_deep = True
    except ValueError as error:
        too_deep = _opened(text, getattr(error, "pos", 0)) > _DEEPEST_JSON
        if not too_deep:
            raise InputError(f"{path} is no JSON: {printable(str(error))}") from None
    if too_deep:
        raise InputError(f"{path} is no JSON that can be read: it nests too deep")
    return value


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        InputError: it cannot be read, is no TOML, too large, nests too deep, or
            holds a whole number of more than the 64 bits that TOML knows.
    """
    text = read_text(path, MOST_TOML_B)
    # Before it is parsed: the time for a key of many parts grows with their square.
    too_deep = _DEEP_KEY.search(text) is not None
    try:
        table = {} if too_deep else tomllib.loads(text)
        too_deep = too_deep or _is_deep(table)
    except RecursionError:
        too_deep = True
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is no TOML: {error}") from None
    except ValueError:  # Python reads no whole number of more than 4300 digits
        raise InputError(f"{path} is no TOML: a number in it has too many digits") from None
    if too_deep:
        raise InputError(f"{path}: its tables nest more than {_DEEPEST} deep; nothing needs that")
    return table


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


def own_or_shipped(path: Path, folder: str) -> Path:
    """Return a file; one named alone that is not there may be among those that come with anaspike.

    Args:
        path: as the user named it.
        folder: of anaspike's, as `shipped` has it, in which one of that name may be.
    """
    if path.exists() or path.name != str(path):
        return path
    ours = shipped(folder) / path.name
    return ours if ours.is_file() else path


def is_plain_name(name: str) -> bool:
    """Return whether a text is the name of a file in a folder, and neither a path nor unseen."""
    separate = {"/", "\\"} & set(name)
    return (
        0 < len(name) <= _LONGEST_NAME
        and name.isprintable()
        and not (separate or name in {".", ".."})
    )


def path_of(given: object, name: str) -> Path:
    """Return a path that was given in Python, where anything may be.

    Args:
        given: a text or a path.
        name: what it is, for the message.

    Raises:
        InputError: it is neither.
    """
    if not isinstance(given, str | os.PathLike):
        raise InputError(f"{name}: {printable(repr(given))} is no path; give a text or a Path")
    return Path(given)


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
    mend = _MENDS.get(error.errno or 0, "choose another place")
    return f"cannot write {path}: {reason}; {mend}"


def cannot_read(path: Path, error: OSError | ValueError) -> str:
    """One line that says why a file cannot be read."""
    # What Python says of a zero byte differs from version to version.
    zero = "\0" in str(path)
    why = "its name holds a zero byte" if zero else getattr(error, "strerror", None) or error
    return f"cannot read {path}: {why}"


def _new_file(folder: Path, suffix: str) -> Path:
    """Create a file under a name that nobody can guess; who may read it, the umask says.

    tempfile's would be closed to all others, and a later chmod would know no umask.
    """
    path = folder / f".{secrets.token_hex(8)}{suffix}"
    # O_EXCL: a link that waits under that name is not followed.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o666))
    return path


def _unblocked(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _nests(value: Any) -> bool:
    """Return whether parsed JSON nests too deep; how deep it may differs from Python to Python."""
    level = [value]
    for _ in range(_DEEPEST_JSON):
        level = [item for item in _below(level) if isinstance(item, dict | list)]
    return bool(level)


def _below(level: list[Any]) -> list[Any]:
    """Return what the tables and lists among some values hold."""
    held: list[Any] = []
    for value in level:
        if isinstance(value, dict):
            held.extend(value.values())
        elif isinstance(value, list):
            held.extend(value)
    return held


def _opened(text: str, before: int) -> int:
    """Return how many brackets of a JSON text are open at a place; those in strings count."""
    return sum(text.count(sign, 0, before) for sign in "[{") - sum(
        text.count(sign, 0, before) for sign in "]}"
    )


def _is_deep(table: dict[str, Any]) -> bool:
    """Return whether a parsed table nests too deep; refuse numbers that TOML does not know."""
    level: list[Any] = [table]
    for _ in range(_DEEPEST):
        if any(isinstance(value, int) and not -(2**63) <= value < 2**63 for value in level):
            raise ValueError("a whole number of more than 64 bits")
        level = _below(level)
    return any(isinstance(value, dict | list) for value in level)


def _every_other_is_zero(head: bytes) -> bool:
    """Return whether zero bytes stand where UTF-16 puts them for plain letters."""
    zeros = [head[start::2].count(0) for start in (0, 1)]
    return 4 * max(zeros) > len(head) > 8 * min(zeros)
