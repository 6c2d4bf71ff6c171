"""One point of a finished run, again and alone; the run may be someone else's."""

import re
import shutil
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anaspike.bounds import MOST_VALUES
from anaspike.campaign.decks import FILE, read_deck
from anaspike.errors import InputError
from anaspike.files import cannot_write, read_json
from anaspike.folders import held, refuse_links, refuse_unfinished
from anaspike.spice.batch import BatchSimulator
from anaspike.spice.deck import Deck
from anaspike.spice.failures import Failed, SimulationFailure
from anaspike.spice.retry import run_with_retries
from anaspike.spice.simulators import SIMULATORS
from anaspike.spice.waveforms import Waveforms
from anaspike.units import printable

_ATTEMPT = re.compile(r"attempt-[0-9]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST = 500  # characters of a message
_MOST_B = 64_000_000  # of a manifest


@dataclass(frozen=True)
class Rerun:
    """What became of a point the second time.

    Attributes:
        before: the point's index, status, message and deck_sha256, as the run's manifest has it.
        waveforms: what it gave; None when it failed again.
        rung: of the retry ladder that gave them.
        failed: the attempts that failed.
        message: of the failure.
        folders: one for each attempt, where its files are kept.
    """

    before: dict[str, Any]
    waveforms: Waveforms | None
    rung: str
    failed: tuple[Failed, ...]
    message: str
    folders: tuple[Path, ...]


def rerun(run: Path, index: int, simulator: BatchSimulator, keep: Path | None = None) -> Rerun:
    """Run one point of a run again, up the same ladder.

    Args:
        run: folder of the run.
        index: of the point in its manifest.
        simulator: what runs it.
        keep: folder for deck, settings, log and raw file of each attempt.

    Raises:
        InputError: there is no such run or point, or no deck of it.
    """
    point = _point(run, index)
    if not point["deck_sha256"]:
        raise InputError(f"point {index} has no deck, it could not be built: {point['message']}")
    deck = read_deck(refuse_links(run / FILE, run), point["deck_sha256"])
    with held(refuse_links(keep, run)) if keep else nullcontext():
        keeper = _Keeper(simulator, keep)
        try:
            attempt = run_with_retries(keeper, deck)
        except SimulationFailure as failure:
            return Rerun(point, None, "", failure.failures, str(failure), keeper.folders)
    return Rerun(point, attempt.waveforms, attempt.rung, attempt.failures, "", keeper.folders)


class _Keeper:
    """A simulator that gives each attempt a folder of its own, and leaves it there."""

    def __init__(self, simulator: BatchSimulator, keep: Path | None) -> None:
        self._simulator = simulator
        self._keep = keep
        self.name, self.version, self.identity = simulator.name, simulator.version, ""
        self.folders: tuple[Path, ...] = ()
        for old in sorted(keep.iterdir()) if keep else ():
            if _ATTEMPT.fullmatch(old.name):
                _remove(old)

    def run(self, deck: Deck) -> Waveforms:
        if self._keep is None:
            return self._simulator.run(deck)
        folder = self._keep / f"attempt-{len(self.folders) + 1}"
        self.folders += (folder,)
        return self._simulator.run(deck, folder)

    def cancel(self) -> None:
        self._simulator.cancel()


def _remove(attempt: Path) -> None:
    """Remove what a rerun has kept, and nothing that only has its name.

    Raises:
        InputError: it is something else, or cannot be removed.
    """
    kept = any(
        all((attempt / name).is_file() for name in simulator.deck_files)
        for simulator in SIMULATORS.values()
    )
    if attempt.is_symlink() or not kept:
        raise InputError(f"{attempt} is nothing that a rerun has kept; choose another --out")
    try:
        shutil.rmtree(attempt)
    except OSError as error:
        raise InputError(cannot_write(attempt, error)) from error


def simulator_of(run: Path) -> str:
    """Return the name of the simulator that a run was made with.

    Raises:
        InputError: there is no such run, or it names none that there is.
    """
    path, content = _manifest(run)
    name = content.get("simulator", "ngspice") if isinstance(content, dict) else "ngspice"
    if not isinstance(name, str) or name not in SIMULATORS:
        raise InputError(f"{path} names no simulator that there is; give --simulator")
    return name


def _manifest(run: Path) -> tuple[Path, Any]:
    refuse_unfinished(run)
    path = refuse_links(run / "manifest.json", run)
    if not path.exists():
        raise InputError(f"cannot read {path}: No such file or directory; name a run")
    return path, read_json(path, _MOST_B, MOST_VALUES)


def _point(run: Path, index: int) -> dict[str, Any]:
    path, content = _manifest(run)
    found = content.get("points") if isinstance(content, dict) else None
    points = {one["index"]: one for one in map(_entry, found if isinstance(found, list) else [])}
    if not isinstance(found, list) or None in points:
        raise InputError(f"{path} is no manifest of a run")
    if index not in points:
        known = f"0 to {max(points)}" if points else "none"
        raise InputError(f"{run} has no point {index}; it has {known}")
    return points[index]


def _entry(entry: object) -> dict[str, Any]:
    """Return what is asked of a point's entry; its index is None where it is no entry."""
    match entry:
        case {
            "index": int(index), "status": str(status), "message": str(message),
            "deck_sha256": str(digest),
        } if 0 <= index < 2**63 and (not digest or _SHA256.fullmatch(digest)):  # fmt: skip
            said = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}..."
            short = {"status": printable(status), "message": said}
            return {"index": index, "deck_sha256": digest, **short}
    return {"index": None}
