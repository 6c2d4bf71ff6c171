"""The decks of a run, so that any of its points can be run again alone, anywhere.

A zip of text: each deck without its body, models and files, and those once
each, named by their SHA-256; the points of a run share most of theirs.
"""

import hashlib
import json
import threading
import zipfile
import zlib
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, BinaryIO

from anaspike.bounds import Sparing, bytes_text, check_values
from anaspike.errors import InputError
from anaspike.files import cannot_read, open_plain, replacing
from anaspike.spice.deck import Deck

FILE = "decks.zip"
_APART = frozenset({"body", "models", "files"})
_MOST_NAMES_B = 24_000_000  # of a zip's directory: a hundred thousand points
_TOO_MANY = "lists more members than any run has decks"
_AT_ONCE_B = 1_000_000
_SHORT = 1000  # letters: to pack them takes longer than the room is worth
_MOST_MEMBER_B = 80_000_000
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same decks are the same bytes


class DeckArchive:
    """Decks by their digest; safe to share between threads."""

    def __init__(self) -> None:
        self._texts: dict[str, str | bytes] = {}  # long ones are packed
        self._lock = threading.Lock()

    def add(self, digest: str, deck: Deck) -> None:
        """Keep a deck under its digest."""
        # Not asdict, which copies every device's mismatch before it is written.
        parts = {field.name: getattr(deck, field.name) for field in fields(deck)}
        for name in _APART:
            text = json.dumps(parts[name], default=asdict)
            parts[name] = hashlib.sha256(text.encode()).hexdigest()
            self._keep(f"{name}/{parts[name]}.json", text)
        self._keep(f"decks/{digest}.json", json.dumps(parts, default=asdict))

    def save(self, path: Path) -> None:
        """Write all decks as one zip.

        Raises:
            InputError: it cannot be written.
        """
        with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            for name, text in sorted(self._texts.items()):
                member = zipfile.ZipInfo(name, _EPOCH)
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, text if isinstance(text, str) else zlib.decompress(text))

    def _keep(self, name: str, text: str) -> None:
        with self._lock:
            known = name in self._texts
        if not known:
            packed = zlib.compress(text.encode(), 1) if len(text) > _SHORT else text
            with self._lock:
                self._texts[name] = packed


def read_deck(path: Path, digest: str) -> Deck:
    """Return one deck of an archive, checked against its digest; no member is ever unpacked.

    Raises:
        InputError: it cannot be read, is not as it was written, or holds what no deck may.
    """
    with open_plain(path) as file:
        parts = _parts(file, path, digest)
    try:
        deck = Deck.from_dict(parts)
    except InputError as error:
        raise InputError(f"the deck in {path} is not run: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise _damaged(path) from None
    if deck.digest() != digest:
        raise InputError(f"the deck in {path} is not as it was run; run that command again")
    return deck


def _parts(file: BinaryIO, path: Path, digest: str) -> dict[str, Any]:
    """Return a deck as `asdict` takes it apart."""
    try:
        with zipfile.ZipFile(Sparing(file, _MOST_NAMES_B, _TOO_MANY)) as archive:
            parts = dict(_member(archive, f"decks/{digest}.json"))
            for name in _APART & parts.keys():
                parts[name] = _member(archive, f"{name}/{parts[name]}.json")
            return parts
    except InputError as error:
        raise InputError(f"{path} {error}") from None
    except OSError as error:
        raise InputError(cannot_read(path, error)) from None
    # Zipfile raises whatever it meets in bytes that are none: struct.error, UnicodeDecodeError ...
    except Exception:
        raise _damaged(path) from None


def _member(archive: zipfile.ZipFile, name: str) -> Any:
    info = archive.getinfo(name)
    if info.flag_bits & 1:
        raise InputError("is encrypted, as no run's decks are")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise InputError("is packed in a way that no run's decks are")
    if info.file_size > _MOST_MEMBER_B:
        size, most = bytes_text(info.file_size), bytes_text(_MOST_MEMBER_B)
        raise InputError(f"unpacks to {size}, and a deck holds at most {most}")
    with archive.open(info) as stream:  # gives no more than its header says
        text = b"".join(iter(lambda: stream.read(_AT_ONCE_B), b"")).decode()
    check_values(text)
    return json.loads(text)


def _damaged(path: Path) -> InputError:
    return InputError(f"{path} is damaged; run the command again that made it")
