"""Traces that are kept beside an answer: in memory for a notebook, in a folder for everybody."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from anaspike.bounds import bytes_text
from anaspike.campaign.answer import Answer
from anaspike.errors import InputError
from anaspike.files import cannot_write, make_folder
from anaspike.folders import refuse_links
from anaspike.spice.deck import Deck
from anaspike.spice.effort import effort
from anaspike.spice.rawfile import read_traces
from anaspike.spice.rawfile_out import write_raw
from anaspike.spice.waveforms import Waveforms

FOLDER = "waveforms"
_VALUE_B = 8
_MOST_UNASKED = 64  # points whose traces a notebook holds where nobody asked for all


@dataclass(frozen=True)
class Trace:
    """One point whose traces were kept.

    Attributes:
        point: its index, as the manifest has it.
        conditions: what it was run under.
    """

    point: int
    conditions: Mapping[str, Any]


class Kept(Protocol):
    """What keeps traces while a study runs."""

    @property
    def every(self) -> bool:
        """Whether each point's traces are wanted; else those that the study looks at itself."""

    def announce(self, deck: Deck, points: int) -> None:
        """Take note of the first deck that runs, and of how many points are asked by then."""

    def add(self, trace: Trace, waveforms: Waveforms) -> None:
        """Keep the traces of a point that has run; several threads do so at once."""


@dataclass
class InMemory:
    """Traces that stay in memory.

    Attributes:
        every: of each point; else of the first few that the study looks at.
        found: what was kept, by point.
    """

    every: bool = False
    found: dict[int, tuple[Trace, Waveforms]] = field(default_factory=dict)

    def announce(self, deck: Deck, points: int) -> None:
        """Say nothing: what memory takes is seen by whoever asked for it."""

    def add(self, trace: Trace, waveforms: Waveforms) -> None:
        """Keep the traces of a point."""
        if self.every or len(self.found) < _MOST_UNASKED:
            self.found[trace.point] = trace, waveforms


class InFolder:
    """Traces written as raw files, each as soon as its point has run: memory holds none.

    Args:
        run: folder of the run.
        say: told once, before the first point runs, about how large they will be.
    """

    every = True

    def __init__(self, run: Path, say: Callable[[str], None] = lambda _: None) -> None:
        self._run, self._say = run, say
        self._lock = threading.Lock()
        self._announced = False
        self.found: list[Trace] = []

    def announce(self, deck: Deck, points: int) -> None:
        """Say about how large the traces will be; the study may ask for more points later."""
        with self._lock:
            first, self._announced = not self._announced, True
        if first:
            each_B = effort(deck).time_points * (1 + len(deck.save)) * _VALUE_B
            self._say(
                f"keeps the traces in {self._run / FOLDER}: about {_about(each_B)} a point of"
                f" {len(deck.save)} vectors,"
                f" {_about(each_B * points)} for the {points} asked so far"
            )

    def add(self, trace: Trace, waveforms: Waveforms) -> None:
        """Write the traces of a point.

        Raises:
            InputError: they cannot be written.
        """
        path = refuse_links(self._run / FOLDER / file_of(trace.point), self._run)
        make_folder(path.parent)
        write_raw(path, waveforms, in_words(trace))
        with self._lock:
            self.found.append(trace)


def with_traces(answer: Answer, found: list[Trace]) -> Answer:
    """Return an answer whose manifest says which points' traces lie in its folder."""
    kept = [
        {"point": one.point, "file": f"{FOLDER}/{file_of(one.point)}", "conditions": _plain(one)}
        for one in sorted(found, key=lambda one: one.point)
    ]
    return replace(answer, manifest={**answer.manifest, "waveforms": kept})


def clear(run: Path) -> None:
    """Remove the traces of an earlier run from a folder, and nothing that only lies beside them.

    Raises:
        InputError: one cannot be removed.
    """
    folder = run / FOLDER
    if folder.is_symlink() or not folder.is_dir():
        return
    try:
        for path in folder.glob("point-*.raw"):
            path.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        raise InputError(cannot_write(folder, error)) from None


def file_of(point: int) -> str:
    """Return the name of the file that holds a point's traces."""
    return f"point-{point}.raw"


def traces_in(run: Path, manifest: Any) -> list[Trace]:
    """Return the points whose traces a run's manifest says it has.

    Raises:
        InputError: it says so of none, or in no way that can be read.
    """
    said = manifest.get("waveforms") if isinstance(manifest, dict) else None
    if said is None:
        raise InputError(
            f"{run} holds no traces; run it again with --keep-waveforms (what was simulated"
            " without them is simulated anew)"
        )
    found = []
    for one in said if isinstance(said, list) else [None]:
        match one:
            case {"point": int(point), "conditions": dict(conditions)} if 0 <= point < 2**63:
                found.append(Trace(point, conditions))
            case _:
                raise InputError(f"{run / 'manifest.json'}: 'waveforms' is no list of traces")
    return found


def read_trace(run: Path, point: int) -> Waveforms:
    """Return the traces of a point of a run.

    Raises:
        InputError: they are missing, or damaged.
    """
    return read_traces(refuse_links(run / FOLDER / file_of(point), run))


def in_words(trace: Trace) -> str:
    """Return a point and what it was run under as one line."""
    said = ", ".join(f"{n}={v}" for n, v in _plain(trace).items() if v is not None)
    return f"point {trace.point}: {said}" if said else f"point {trace.point}"


def _plain(trace: Trace) -> dict[str, Any]:
    """Return the conditions as JSON has them."""
    plain = (bool, int, float, str, type(None))
    return {n: v if isinstance(v, plain) else str(v) for n, v in trace.conditions.items()}


def _about(size_B: float) -> str:
    """Return a size that was estimated: two digits of it mean something."""
    return bytes_text(float(f"{size_B:.2g}"))
