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
from typing import Any

from anaspike.errors import InputError
from anaspike.files import replacing
from anaspike.spice.deck import Deck

FILE = "decks.zip"
_APART = frozenset({"body", "models", "files"})
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same decks are the same bytes


class DeckArchive:
    """Decks by their digest; safe to share between threads."""

    def __init__(self) -> None:
        self._texts: dict[str, bytes] = {}
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
            for name, packed in sorted(self._texts.items()):
                member = zipfile.ZipInfo(name, _EPOCH)
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, zlib.decompress(packed))

    def _keep(self, name: str, text: str) -> None:
        with self._lock:
            known = name in self._texts
        if not known:
            packed = zlib.compress(text.encode(), 1)
            with self._lock:
                self._texts[name] = packed


def read_deck(path: Path, digest: str) -> Deck:
    """Return one deck of an archive, checked against its digest.

    Raises:
        InputError: it cannot be read, is not as it was written, or holds what no deck may.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _member(archive, f"decks/{digest}.json")
            for name in _APART & parts.keys():
                parts[name] = _member(archive, f"{name}/{parts[name]}.json")
        deck = Deck.from_dict(parts)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    except InputError as error:
        raise InputError(f"the deck in {path} is not run: {error}") from None
    except (zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, RecursionError):
        raise InputError(f"{path} is damaged; run the command again that made it") from None
    if deck.digest() != digest:
        raise InputError(f"the deck in {path} is not as it was run; run that command again")
    return deck


def _member(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))
