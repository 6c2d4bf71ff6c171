"""Results kept between runs: whole, checked when read, never believed when damaged.

    <folder>/points/ab/<key>.json     a row, under a checksum
    <folder>/traces/ab/<sha256>.npz   its traces, named by their own checksum
    <folder>/pictures/ab/<key>.json   a picture in each of its formats, under a checksum
    <folder>/unfinished/ab/<key>.npz  what an interrupted training goes on from

Each file is written beside its place and renamed, so that any number of
processes may share one folder without a lock: an entry is whole or absent, and
two that make the same one make it equal. What took long to make is brought to
the disk before it is renamed; after a power cut what was quick may be absent,
or damaged, which its checksum tells, and is made again in less than it took to
bring it there.
"""

import base64
import hashlib
import io
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from anaspike.bounds import Bound, check_values
from anaspike.campaign.keys import Keys
from anaspike.errors import InputError
from anaspike.experiments.protocol import Row
from anaspike.files import read_bytes, replacing
from anaspike.folders import refuse_links
from anaspike.npz import read_npz
from anaspike.spice.failures import Failed
from anaspike.spice.waveforms import Waveforms

POINTS, TRACES, PICTURES = "points", "traces", "pictures"
UNFINISHED = "unfinished"
_MOST_TRACES_B, _MOST_ENTRY_B = 1_000_000_000, 50_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUFFIXES = frozenset({"svg", "png", "curves.json"})  # of a picture


class Damaged(Exception):
    """An entry that is not as it was written."""


@dataclass(frozen=True)
class Entry:
    """A kept result.

    Attributes:
        row: measured columns.
        rung: of the retry ladder that gave it.
        failed: the attempts before it.
        made: when, and with what.
        waveforms: where they were wanted and are kept.
    """

    row: Row
    rung: str
    failed: tuple[Failed, ...]
    made: Mapping[str, Any]
    waveforms: Waveforms | None = None


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where results are kept: ANASPIKE_CACHE, or the user's own cache folder."""
    named = environ.get("ANASPIKE_CACHE")
    return Path(named).absolute() if named else platformdirs.user_cache_path("anaspike") / "results"


class Cache:
    """Results by key; safe for several threads and processes at once.

    Args:
        folder: where they lie; it need not exist.

    Attributes:
        folder: likewise.
        keys: makes the keys of points.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = Keys()

    def get(self, key: str, traces: bool = False) -> Entry | None:
        """Return a result, or None when there is none (or not with its traces).

        Raises:
            Damaged: the entry is there and not as it was written.
        """
        payload = self.read(key)
        if payload is None:
            return None
        sha = payload["traces"]
        if traces and sha is None:
            return None
        waveforms = self._traces(sha) if traces else None
        if traces and waveforms is None:
            return None
        failed = tuple(Failed(**failed) for failed in payload["failed"])
        return Entry(payload["row"], payload["rung"], failed, payload["made"], waveforms)

    def picture(self, key: str) -> dict[str, bytes] | None:
        """Return a picture, suffix -> its bytes, or None when there is none.

        Raises:
            Damaged: it is not as it was written.
        """
        payload = self.read(key, PICTURES)
        if payload is None:
            return None
        try:
            files = payload["files"].items()
            return {suffix: base64.b64decode(text, validate=True) for suffix, text in files}
        except ValueError:
            raise Damaged("it cannot be read") from None

    def put_picture(self, key: str, files: Mapping[str, bytes]) -> None:
        """Keep a picture, suffix -> its bytes.

        Raises:
            InputError: the folder cannot be written.
        """
        texts = {suffix: base64.b64encode(file).decode() for suffix, file in files.items()}
        self._write(self.path(key, PICTURES), _sealed({"key": key, "files": texts}).encode())

    def read(self, key: str, kind: str = POINTS) -> dict[str, Any] | None:
        """Return what an entry's file holds, or None when there is none.

        Raises:
            Damaged: it is not as it was written.
        """
        content = self._content(self.path(key, kind), _MOST_ENTRY_B)
        if content is None:
            return None
        payload = _unsealed(content, key)
        if not (_is_picture if kind == PICTURES else _is_result)(payload):
            raise Damaged("it cannot be read")
        return payload

    def used(self, key: str, kind: str = POINTS) -> None:
        """Note that an entry was of use, by its date; only `prune` looks at it."""
        with suppress(OSError):
            os.utime(self.path(key, kind), follow_symlinks=False)

    def put(self, key: str, entry: Entry, safe: bool = True) -> None:
        """Keep a result.

        Args:
            key: of its point.
            entry: the result.
            safe: whether it must outlast a power cut. It takes longer than a small point does.

        Raises:
            InputError: the folder cannot be written.
        """
        sha = None
        if entry.waveforms is not None:
            packed = _packed(entry.waveforms)
            sha = hashlib.sha256(packed).hexdigest()
            self._write(self.traces_path(sha), packed, safe)
        payload = {
            "key": key,
            "row": dict(entry.row),
            "rung": entry.rung,
            "failed": [asdict(failed) for failed in entry.failed],
            "made": dict(entry.made),
            "traces": sha,
        }
        self._write(self.path(key), _sealed(payload).encode(), safe)

    def path(self, key: str, kind: str = POINTS) -> Path:
        """Return where an entry lies."""
        suffix = "npz" if kind == UNFINISHED else "json"
        return self.folder.joinpath(kind, key[:2], f"{key}.{suffix}")

    def traces_path(self, sha: str) -> Path:
        """Return where traces lie."""
        return self.folder.joinpath(TRACES, sha[:2], f"{sha}.npz")

    def _traces(self, sha: str) -> Waveforms | None:
        packed = self._content(self.traces_path(sha), _MOST_TRACES_B)
        if packed is None:  # pruned: the row is as good as ever
            return None
        if hashlib.sha256(packed).hexdigest() != sha:
            raise Damaged("its traces do not match their checksum")
        return _unpacked(packed)

    def _content(self, path: Path, most_B: int) -> bytes | None:
        """Return what a file of the cache holds, or None when there is none."""
        try:
            if not refuse_links(path, self.folder).exists():
                return None
            return read_bytes(path, most_B)
        except FileNotFoundError:  # another process prunes
            return None
        except (InputError, OSError) as error:
            raise Damaged(str(error)) from error

    def _write(self, path: Path, content: bytes, safe: bool = True) -> None:
        """Write a file whole, and where it is to be safe so that a power cut does not take it."""
        with replacing(refuse_links(path, self.folder)) as temporary, temporary.open("wb") as file:
            file.write(content)
            if safe:
                file.flush()
                os.fsync(file.fileno())
        if safe:
            _sync_folder(path.parent)


def _is_result(payload: Mapping[str, Any]) -> bool:
    """Return whether an entry holds what `put` writes: its seal anyone can make."""
    match payload:
        case {
            "row": dict(row), "rung": str(), "failed": list(failed), "made": dict(),
            "traces": None | str() as sha,
        }:  # fmt: skip
            return (
                (sha is None or _SHA256.fullmatch(sha) is not None)
                and all(map(_is_value, row.values()))
                and all(map(_is_failed, failed))
            )
    return False


def _is_value(value: object) -> bool:
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return value is None or isinstance(value, float | str)


def _is_failed(failed: object) -> bool:
    match failed:
        case {"rung": str(), "kind": str(), "log_line": str(), **more}:
            return not more
    return False


def _is_picture(payload: Mapping[str, Any]) -> bool:
    match payload:
        case {"files": dict(files)}:
            return files.keys() <= _SUFFIXES and all(isinstance(t, str) for t in files.values())
    return False


def _unsealed(content: bytes, key: str) -> dict[str, Any]:
    """Return what an entry's text holds.

    Raises:
        Damaged: it is not as it was written, or another key's.
    """
    try:
        text = content.decode()
        check_values(text)
        entry = json.loads(text)
        payload = entry["payload"]
        if entry["sha256"] != _seal(payload):
            raise Damaged("it does not match its checksum")
        if payload["key"] != key:
            raise Damaged("it is another entry's")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Damaged("it cannot be read") from None
    return dict(payload)


def _sealed(payload: Mapping[str, Any]) -> str:
    return json.dumps({"sha256": _seal(payload), "payload": payload})


def _seal(payload: object) -> str:
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()


def _packed(waveforms: Waveforms) -> bytes:
    """Return traces as npz; the same traces are the same bytes."""
    buffer = io.BytesIO()
    samples = np.stack((waveforms.time_s, *waveforms.vectors.values()))
    np.savez(buffer, names=np.array(("time", *waveforms.names)), samples=samples)
    return buffer.getvalue()


def _unpacked(packed: bytes) -> Waveforms:
    """Return what `_packed` packed.

    Raises:
        Damaged: it is something else; so is what unpacks to more than it measures.
    """
    try:
        arrays = read_npz(io.BytesIO(packed), Bound.unpacked("traces", len(packed)))
        names, samples = arrays["names"], arrays["samples"]
        if samples.ndim != 2 or samples.dtype != float or names.shape != samples.shape[:1]:
            raise Damaged("its traces are no waveforms")
        _, *vectors = (str(name) for name in names)
        return Waveforms(samples[0], dict(zip(vectors, samples[1:], strict=True)))
    except (InputError, KeyError, ValueError) as error:
        raise Damaged(f"its traces cannot be read: {error}") from error


def _sync_folder(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror or error}") from error
