"""Whether models are as `anaspike pdk install` left them: its list of files, sizes and digests."""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from anaspike.errors import InputError
from anaspike.files import open_plain, read_json
from anaspike.units import printable

SOURCE_FILE = "SOURCE.json"
_MOST_LIST_B = 1_000_000


class Broken(InputError):
    """Models that are not as they were installed."""


def sealed(folder: Path) -> dict[str, dict[str, Any]]:
    """Return size and SHA-256 of every file below a folder, by its name there."""
    return {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": _digest(path),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def listed(place: Path) -> bool:
    """Return whether an installation has a list of its files; an older anaspike wrote none."""
    return bool(_list(place))


def damage(place: Path) -> str | None:
    """Return what is wrong with an installation, in a few words; None where nothing is.

    Args:
        place: its folder.
    """
    try:
        wrong = list(_wrong(place))
    except (InputError, OSError, ValueError):  # ValueError: a name that no file can have
        return f"its {SOURCE_FILE} is damaged"
    if not wrong:
        return None
    more = f", and {len(wrong) - 1} more" if wrong[1:] else ""
    return f"{wrong[0]}{more}"


def check_installed(place: Path, process: str) -> None:
    """Refuse an installation that is broken; one that is not there is none.

    Raises:
        Broken: a file of it is missing, cut short or changed.
    """
    broken = damage(place)
    if broken is not None:
        raise Broken(
            f"the {process} models in {place} are broken: {broken}; run"
            f" `anaspike pdk install {process} --force`"
        )


def _wrong(place: Path) -> Iterator[str]:
    for name, known in _list(place).items():
        path = place / name
        shown = printable(name)
        if not path.is_file():
            yield f"{shown} is missing"
            continue
        size, mtime_ns = path.stat().st_size, path.stat().st_mtime_ns
        if size != known["bytes"]:
            said = "cut short" if size < known["bytes"] else "changed"
            yield f"{shown} is {said} ({size} bytes, not {known['bytes']})"
        elif _digest_of(path, size, mtime_ns) != known["sha256"]:
            yield f"{shown} is changed (its SHA-256 differs)"


def _list(place: Path) -> dict[str, dict[str, Any]]:
    """Return what was installed: name -> size and digest; nothing where there is no list.

    Raises:
        InputError: there is a file of that name, but it is none of ours.
    """
    source = place / SOURCE_FILE
    if not source.is_file():
        return {}
    content = read_json(source, _MOST_LIST_B)
    files = content.get("files", {}) if isinstance(content, dict) else None
    if not isinstance(files, dict) or not all(map(_is_seal, files.values())):
        raise InputError(f"{source} is no list of files")
    return files


def _is_seal(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("bytes"), int)
        and isinstance(value.get("sha256"), str)
    )


@lru_cache(maxsize=1024)
def _digest_of(path: Path, size: int, mtime_ns: int) -> str:
    """Return the digest of a file as it was last written: a process is opened many times."""
    return _digest(path)


def _digest(path: Path) -> str:
    with open_plain(path) as file:
        return hashlib.sha256(file.read()).hexdigest()
