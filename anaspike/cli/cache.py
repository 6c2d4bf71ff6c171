"""`anaspike cache`: what is kept between runs, whether it is sound, and what may go."""

import math
import os
from typing import TYPE_CHECKING

import click

from anaspike.cli.options import QuantityType
from anaspike.errors import InputError
from anaspike.report.streams import say

if TYPE_CHECKING:
    from anaspike.campaign.store import Cache

BYTE, DAY = QuantityType("B"), QuantityType("d")


@click.group("cache")
def cache() -> None:
    """Look after the results and pictures that are kept between runs.

    They lie in the user's cache folder, or where ANASPIKE_CACHE says.
    """


@cache.command("info")
def info() -> None:
    """Say where the cache is and what it holds."""
    from anaspike.campaign import upkeep  # noqa: PLC0415

    store = _cache()
    found = upkeep.info(store)
    say(str(store.folder))
    say(f"{_count(found.results, 'result')}, {_size(found.results_B)}")
    say(f"{found.traces} with traces, {_size(found.traces_B)}")
    say(f"{_count(found.pictures, 'picture')}, {_size(found.pictures_B)}")
    if found.unfinished:
        say(f"{_count(found.unfinished, 'training')} to go on from, {_size(found.unfinished_B)}")


@cache.command("verify")
@click.option("--remove", is_flag=True, help="remove what is damaged")
def verify(remove: bool) -> int:
    """Read every entry against its checksum.

    A damaged one is never believed: the next run makes it again, removed or not.

    \b
    Exit code: 0 all is sound, 1 something is damaged.
    """
    from anaspike.campaign import upkeep  # noqa: PLC0415

    store = _cache()
    found = upkeep.info(store)
    damaged = upkeep.verify(store, remove)
    for path, why in damaged:
        say(f"{'damaged' if os.path.lexists(path) else 'removed'} {path}: {why}")
    read = f"{_count(found.results, 'result')} and {_count(found.pictures, 'picture')} read"
    say(f"{read}, {len(damaged)} damaged")
    return 1 if damaged else 0


@cache.command("prune")
@click.option("--max-size", "max_size_B", type=BYTE, help="what may stay: 500MB, 2GB")
@click.option("--older-than", "older_than_days", type=DAY, help="days of no use: 30")
@click.option("--all", "everything", is_flag=True, help="remove everything")
def prune(max_size_B: float | None, older_than_days: float | None, everything: bool) -> None:
    """Remove what was of no use for the longest time."""
    from anaspike.campaign import upkeep  # noqa: PLC0415

    if everything == (max_size_B is not None or older_than_days is not None):
        raise InputError("say what may stay: --max-size 2GB, --older-than 30, or give --all")
    if (max_size_B or 0) < 0 or (older_than_days or 0) < 0:
        raise InputError("--max-size and --older-than count from 0; give no negative number")
    removed = upkeep.prune(
        _cache(),
        -1.0 if everything else _or_any(max_size_B),
        _or_any(older_than_days),
    )
    say(f"removed {removed.files} files, {_size(removed.size_B)}")


def _cache() -> "Cache":
    from anaspike.campaign.store import Cache, cache_folder  # noqa: PLC0415

    folder = cache_folder()
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is no folder; let ANASPIKE_CACHE name one")
    return Cache(folder)


def _or_any(limit: float | None) -> float:
    return math.inf if limit is None else limit


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _size(size_B: float) -> str:
    return f"{size_B / 1e6:.1f} MB"
