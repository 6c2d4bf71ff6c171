"""Flattened cards kept between runs; a damaged entry is never believed."""

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import platformdirs

from anaspike.errors import InputError
from anaspike.files import read_json, write_text
from anaspike.pdk.sky130.flatten import Card

# Raise it when the same sources would give another card.
_SCHEMA = 1
_MOST_B = 10_000_000  # of a card


def user_cache_folder() -> Path:
    """Return the user's own folder for flattened cards."""
    return platformdirs.user_cache_path("anaspike") / "sky130"


class CardCache:
    """Cards on disk, by the sources they were made from.

    Args:
        folder: where they lie; one that cannot be written just keeps nothing.
    """

    def __init__(self, folder: Path):
        self._folder = folder

    def get(self, sources: str, name: str) -> Card | None:
        """Return a card, or nothing when it is absent or not as it was written.

        Args:
            sources: digest of the model files.
            name: of the card.
        """
        key = _key(sources, name)
        try:
            entry = read_json(self._path(key), _MOST_B)
            card = Card(**entry["card"])
            return card if entry["sha256"] == _seal(key, card) else None
        except (InputError, ValueError, KeyError, TypeError):
            return None

    def put(self, sources: str, card: Card) -> None:
        """Keep a card, if the folder can be written."""
        key = _key(sources, card.name)
        entry = {"sha256": _seal(key, card), "card": asdict(card)}
        with suppress(InputError):
            write_text(self._path(key), json.dumps(entry))

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def _key(sources: str, name: str) -> str:
    return hashlib.sha256(f"{_SCHEMA}\0{sources}\0{name}".encode()).hexdigest()


def _seal(key: str, card: Card) -> str:
    # The key is under the seal too: an entry under another's name does not open.
    payload = json.dumps([key, asdict(card)], sort_keys=True)
    return hashlib.sha256(payload.encode()).hexdigest()
