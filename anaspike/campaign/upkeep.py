"""Looking after the cache: what is in it, what is damaged, what may go."""

import math
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from anaspike.campaign.store import PICTURES, POINTS, TRACES, UNFINISHED, Cache, Damaged
from anaspike.errors import InputError
from anaspike.files import cannot_write

_PREFIX = re.compile(r"[0-9a-f]{2}")
_NAMES = {
    kind: re.compile(rf"[0-9a-f]{{64}}\.{suffix}")
    for kind, suffix in ((POINTS, "json"), (TRACES, "npz"), (PICTURES, "json"), (UNFINISHED, "npz"))
}
_HALF_DONE = re.compile(r"\.[0-9a-f]{16}\.(?:json|npz)")
_DAY_S = 86_400.0
# A writer puts traces down before the entry that names them.
_GRACE_S = 3_600.0


@dataclass(frozen=True)
class Kept:
    """A file of the cache.

    Attributes:
        path: of it.
        size_B: in bytes.
        used_s: when it was last of use, in seconds since the epoch.
    """

    path: Path
    size_B: int
    used_s: float


@dataclass(frozen=True)
class Info:
    """What a cache holds.

    Attributes:
        results, traces, pictures, unfinished: how many.
        results_B, traces_B, pictures_B, unfinished_B: their size, in bytes.
    """

    results: int
    traces: int
    pictures: int
    unfinished: int
    results_B: int
    traces_B: int
    pictures_B: int
    unfinished_B: int


@dataclass(frozen=True)
class Removed:
    """What went.

    Attributes:
        files: how many.
        size_B: their size, in bytes.
    """

    files: int
    size_B: int


def info(cache: Cache) -> Info:
    """Count what is there."""
    kinds = [list(_files(cache, kind)) for kind in (POINTS, TRACES, PICTURES, UNFINISHED)]
    return Info(*map(len, kinds), *(sum(file.size_B for file in files) for files in kinds))


def verify(cache: Cache, remove: bool = False) -> list[tuple[Path, str]]:
    """Read every result, its traces, every picture; return what is damaged and what is wrong.

    Args:
        cache: the cache.
        remove: and remove them.
    """
    damaged = []
    readers: dict[str, Callable[[str], object]] = {
        POINTS: partial(cache.get, traces=True),
        PICTURES: cache.picture,
    }
    for file, read in ((f, readers[kind]) for kind in readers for f in _files(cache, kind)):
        try:
            read(file.path.stem)
        except Damaged as error:
            damaged.append((file.path, str(error)))
            if remove:
                with suppress(OSError):  # who asked sees whether it is gone
                    file.path.unlink(missing_ok=True)
    return damaged


def prune(cache: Cache, max_size_B: float = math.inf, older_than_days: float = math.inf) -> Removed:
    """Remove what was of no use for the longest time, and traces of no result.

    A clock that was moved may make the wrong ones go, or none: that costs
    time, never a wrong result.

    Args:
        cache: the cache.
        max_size_B: how much may stay, in bytes.
        older_than_days: how long ago what stays may have been of use, in days.
    """
    now_s = time.time()
    results, pictures = list(_files(cache, POINTS)), list(_files(cache, PICTURES))
    traces = {file.path.stem: file for file in _files(cache, TRACES)}
    named = {file.path: _traces_of(cache, file.path.stem) for file in results}
    unfinished = list(_files(cache, UNFINISHED))
    kept = sorted((*results, *pictures, *unfinished), key=lambda file: file.used_s)
    uses = Counter(named.values())
    loose = [f for sha, f in traces.items() if not uses[sha]]
    for kind in _NAMES:  # what a writer that was killed left half done
        loose += _files(cache, kind, _HALF_DONE)
    going = [file for file in loose if now_s - file.used_s > _GRACE_S]
    left_B = sum(f.size_B for f in (*kept, *traces.values())) - sum(f.size_B for f in going)
    for file in kept:
        if left_B <= max_size_B and now_s - file.used_s <= older_than_days * _DAY_S:
            break
        sha = named.get(file.path)
        uses[sha] -= 1
        gone = [file, *([traces[sha]] if sha in traces and not uses[sha] else [])]
        going += gone
        left_B -= sum(f.size_B for f in gone)
    for file in going:
        try:
            file.path.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(cannot_write(file.path, error)) from error
    return Removed(len(going), sum(f.size_B for f in going))


def _traces_of(cache: Cache, key: str) -> str | None:
    try:
        entry = cache.read(key)
    except Damaged:
        return None
    return entry["traces"] if entry else None


def _files(cache: Cache, kind: str, names: re.Pattern[str] | None = None) -> Iterator[Kept]:
    """Yield the cache's own files of a kind, by their names; no link is followed to others."""
    names = names or _NAMES[kind]
    for folder in _inside(cache.folder / kind):
        if not _PREFIX.fullmatch(folder.name) or not folder.is_dir(follow_symlinks=False):
            continue
        for entry in _inside(Path(folder.path)):
            if names.fullmatch(entry.name) and entry.name.startswith((".", folder.name)):
                with suppress(OSError):  # another process prunes too
                    status = entry.stat(follow_symlinks=False)
                    yield Kept(Path(entry.path), status.st_size, status.st_mtime)


def _inside(folder: Path) -> list[os.DirEntry[str]]:
    if folder.is_symlink():
        return []
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # there is none, or it may not be looked into
        return []
