"""Where the files of a data set are looked for."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from anaspike.errors import InputError

VARIABLE = "ANASPIKE_DATA"


def data_folder(data: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the folder named by `--data` or $ANASPIKE_DATA, or None where neither is given.

    Raises:
        InputError: what is named is no folder.
    """
    named = "--data"
    if data is None:
        if not environ.get(VARIABLE):
            return None
        data, named = Path(environ[VARIABLE]), f"${VARIABLE}"
    if data.is_file():
        raise InputError(f"{named} {data} is a file; give the folder that holds the data set")
    if not data.is_dir():
        raise InputError(f"{named} {data}: no such folder")
    return data


def within(folder: Path, nestings: Sequence[str], marks: Sequence[str]) -> Path | None:
    """Return the first of the nestings that holds one of the marks.

    Args:
        folder: where to look.
        nestings: sub-folders that archives unpack to; "" is the folder itself.
        marks: names of which any says: it is here.
    """
    for nesting in nestings:
        place = folder / nesting
        if any((place / mark).exists() for mark in marks):
            return place
    return None


def complete(name: str, place: Path, parts: Sequence[str]) -> None:
    """Check that every part of a data set is there, not empty, and what it should be.

    Args:
        name: of the data set.
        place: its folder.
        parts: files where the name has a suffix, folders where it has none.

    Raises:
        InputError: one is missing; the line says which.
    """
    for part in parts:
        path = place / part
        if path.suffix and path.is_dir():
            raise InputError(f"{path} is a folder; {name} has a file there")
        if not path.suffix and path.is_file():
            raise InputError(f"{path} is a file; {name} has a folder there")
    missing = [part for part in parts if not _filled(place / part)]
    if missing:
        raise InputError(
            f"{name} in {place} is incomplete: {', '.join(missing)} missing or empty;"
            " extract the archive again"
        )


def _filled(path: Path) -> bool:
    if path.is_dir():
        return any(path.iterdir())
    return path.is_file() and path.stat().st_size > 0
