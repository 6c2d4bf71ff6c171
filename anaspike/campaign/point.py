"""One point from question to row: built, looked up, run, measured, kept.

Whatever happens on the way is an outcome with a name; only what would be no
different for any other point, a simulator that cannot be started, is raised.
"""

import platform
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

from anaspike.campaign.keys import Unkeyed, files_of_code, files_read
from anaspike.campaign.outcome import ERROR, REFUSED, Outcome
from anaspike.campaign.reads import unseen, watched
from anaspike.campaign.store import Cache, Damaged, Entry
from anaspike.errors import InputError, text_of
from anaspike.experiments.protocol import Experiment, Row, Value
from anaspike.spice.deck import Deck
from anaspike.spice.failures import DeckRefused, SimulationFailure
from anaspike.spice.protocol import Simulator
from anaspike.spice.retry import run_with_retries

_LONGEST = 200  # of what an error says
# A result that took as long is brought to the disk at once: losing it costs more than that.
WORTH_KEEPING_SAFE_S = 1.0


def run_point(
    index: int, point: Experiment, simulator: Simulator, cache: Cache | None, keep: bool
) -> Outcome:
    """Return what became of a point.

    Only results are kept in the cache, failures never: a full disk or a busy
    machine may look like a circuit's fault, and the next run tries again.

    Args:
        index: of the point.
        point: the experiment.
        simulator: what runs its deck.
        cache: where its result may lie, and goes; None for none.
        keep: whether its traces are wanted.

    Raises:
        InputError: the simulator cannot be started.
    """
    try:
        with watched():
            deck = point.build()
    except InputError as error:
        return Outcome(index, REFUSED, {}, "", (), str(error))
    except BaseException as error:  # the experiment's own code: a row, not the end
        return Outcome(index, ERROR, {}, "", (), shown(error))
    shelf = _Shelf.of(point, deck, simulator, cache)
    found, note = shelf.look(keep)
    start_s = time.monotonic()
    outcome = _fresh(index, point, deck, simulator) if found is None else _kept(index, found)
    if found is None and outcome.ok:
        safe = time.monotonic() - start_s >= WORTH_KEEPING_SAFE_S
        note = shelf.store(outcome, keep, safe) or note
    return replace(
        outcome,
        deck_digest=deck.digest(),
        models_digest=deck.models.digest(),
        options=deck.options,
        note=note,
        waveforms=outcome.waveforms if keep else None,
        deck=deck,
    )


def _fresh(index: int, point: Experiment, deck: Deck, simulator: Simulator) -> Outcome:
    try:
        attempt = run_with_retries(simulator, deck)
    except DeckRefused as refused:
        return Outcome(index, REFUSED, {}, "", (), str(refused))
    except SimulationFailure as failure:
        return Outcome(index, failure.kind, {}, "", failure.failures, str(failure))
    try:
        with watched():
            row = plain_row(point.measure(attempt.waveforms))
    except SimulationFailure as failure:
        return Outcome(index, failure.kind, {}, "", attempt.failures, str(failure))
    except BaseException as error:  # sys.exit() too; Ctrl-C comes to the main thread alone
        return Outcome(index, ERROR, {}, "", attempt.failures, shown(error))
    return Outcome(
        index, "ok", row, attempt.rung, attempt.failures, "", waveforms=attempt.waveforms
    )


def _kept(index: int, entry: Entry) -> Outcome:
    return Outcome(
        index, "ok", entry.row, entry.rung, entry.failed, "",
        made=entry.made, waveforms=entry.waveforms,
    )  # fmt: skip


@dataclass(frozen=True)
class _Shelf:
    """A point's place in the cache, if it has one.

    Attributes:
        cache: the cache, or None.
        key: of the point; empty when it has none.
        why: why it has none.
        simulator: identity of what would make the result.
        unseen: asked what the point has read that its key does not hold.
    """

    cache: Cache | None
    key: str = ""
    why: str = ""
    simulator: str = ""
    unseen: Callable[[], str] = str

    @classmethod
    def of(
        cls, point: Experiment, deck: Deck, simulator: Simulator, cache: Cache | None
    ) -> "_Shelf":
        if cache is None:
            return cls(None)
        try:
            key = cache.keys.of(point, deck, simulator.identity)
            asked = partial(_unseen, point, deck)
            if beside_it := asked():
                return cls(None, why=f"not kept: {beside_it}")
            return cls(cache, key, "", simulator.identity, asked)
        except Unkeyed as error:
            return cls(None, why=f"not kept: {error}")
        except BaseException as error:  # of the experiment's own parts; the result is as good
            return cls(None, why=f"not kept: {shown(error)}")

    def look(self, traces: bool) -> tuple[Entry | None, str]:
        """Return the result, if it is there and sound, and what there is to say."""
        if self.cache is None:
            return None, self.why
        try:
            found = self.cache.get(self.key, traces)
            if found is not None:
                self.cache.used(self.key)
            return found, ""
        except Damaged as error:
            return None, f"the cache's entry was damaged ({error}) and made again"

    def store(self, outcome: Outcome, traces: bool, safe: bool) -> str:
        """Keep a result; return what there is to say when that fails."""
        if self.cache is None:
            return ""
        if beside_it := self.unseen():  # when it measured
            return f"not kept: {beside_it}"
        waveforms = outcome.waveforms if traces else None
        entry = Entry(outcome.row, outcome.rung, outcome.failed, self._made(), waveforms)
        try:
            self.cache.put(self.key, entry, safe)
        except InputError as error:
            return f"not kept: {error}"
        return ""

    def _made(self) -> Mapping[str, str]:
        created = datetime.now(UTC).isoformat(timespec="seconds")
        return {"created": created, "simulator": self.simulator, **software()}


def _unseen(point: Experiment, deck: Deck) -> str:
    texts = (deck.body, *deck.models.files.values(), *deck.files.values())
    return unseen(files_of_code(point), files_read(point), texts)


@cache
def software() -> Mapping[str, str]:
    """Return what a kept result says that it was made with."""
    return {
        "anaspike": version("anaspike"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "platform": f"{platform.system()} {platform.machine()}",
    }


def plain_row(row: Row) -> dict[str, Value]:
    """Return a row of Python's own values, the same whether fresh or read back.

    Raises:
        TypeError: a value that no table holds.
    """
    return {name: _plain_value(name, value) for name, value in row.items()}


def _plain_value(name: str, value: object) -> Value:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{name} is a {type(value).__name__}, no number, text or None")


def shown(error: BaseException) -> str:
    """Return an unexpected error as one line, with the line of code that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    said = " ".join(text_of(error).split())
    said = said if len(said) <= _LONGEST else f"{said[: _LONGEST - 3]}..."
    return f"{type(error).__name__}: {said}{where}" if said else f"{type(error).__name__}{where}"
