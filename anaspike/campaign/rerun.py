"""One point of a finished run, again and alone."""

import json
import shutil
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anaspike.campaign.decks import FILE, read_deck
from anaspike.errors import InputError
from anaspike.folders import held, refuse_unfinished
from anaspike.spice.deck import Deck
from anaspike.spice.failures import Failed, SimulationFailure
from anaspike.spice.ngspice.run import Ngspice
from anaspike.spice.retry import run_with_retries
from anaspike.spice.waveforms import Waveforms


@dataclass(frozen=True)
class Rerun:
    """What became of a point the second time.

    Attributes:
        before: the point, as the run's manifest has it.
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


def rerun(run: Path, index: int, simulator: Ngspice, keep: Path | None = None) -> Rerun:
    """Run one point of a run again, up the same ladder.

    Args:
        run: folder of the run.
        index: of the point in its manifest.
        simulator: what runs it.
        keep: folder for deck, .spiceinit, log and raw file of each attempt.

    Raises:
        InputError: there is no such run or point, or no deck of it.
    """
    point = _point(run, index)
    if not point["deck_sha256"]:
        raise InputError(f"point {index} has no deck, it could not be built: {point['message']}")
    deck = read_deck(run / FILE, point["deck_sha256"])
    with held(keep) if keep else nullcontext():
        keeper = _Keeper(simulator, keep)
        try:
            attempt = run_with_retries(keeper, deck)
        except SimulationFailure as failure:
            return Rerun(point, None, "", failure.failures, str(failure), keeper.folders)
    return Rerun(point, attempt.waveforms, attempt.rung, attempt.failures, "", keeper.folders)


class _Keeper:
    """A simulator that gives each attempt a folder of its own, and leaves it there."""

    def __init__(self, simulator: Ngspice, keep: Path | None) -> None:
        self._simulator = simulator
        self._keep = keep
        self.version, self.identity = simulator.version, ""
        self.folders: tuple[Path, ...] = ()
        for old in keep.glob("attempt-*") if keep else ():
            shutil.rmtree(old)

    def run(self, deck: Deck) -> Waveforms:
        if self._keep is None:
            return self._simulator.run(deck)
        folder = self._keep / f"attempt-{len(self.folders) + 1}"
        self.folders += (folder,)
        return self._simulator.run(deck, folder)

    def cancel(self) -> None:
        self._simulator.cancel()


def _point(run: Path, index: int) -> dict[str, Any]:
    refuse_unfinished(run)
    path = run / "manifest.json"
    try:
        points = {point["index"]: point for point in json.loads(path.read_bytes())["points"]}
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}; name a run") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(f"{path} is no manifest of a run") from None
    if index not in points:
        known = f"0 to {max(points)}" if points else "none"
        raise InputError(f"{run} has no point {index}; it has {known}")
    return dict(points[index])
