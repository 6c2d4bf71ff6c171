"""What training remembers between epochs, and how it is kept in a file."""

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.arrays import read_arrays, write_arrays

State = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Epoch:
    """One pass over the training samples.

    Attributes:
        epoch: counted from 1; 0 is the start, before any training.
        rate: learning rate.
        loss: wrong outputs a training sample, as the samples were learned from (equation 2's
            |target - output|, summed over the outputs); NaN at the start.
        train_exact: share of those samples that were right.
        validation_exact: share of the validation samples that are right after the epoch.
        validation_balanced: the same, as the mean over the classes: the best epoch's measure.
    """

    epoch: int
    rate: float
    loss: float
    train_exact: float
    validation_exact: float
    validation_balanced: float


@dataclass(frozen=True, eq=False)
class Memory:
    """All that the next epoch needs to know of those before.

    Attributes:
        state: what training moved, as it is now.
        best_state: as it was after the best epoch.
        best: that epoch.
        history: every epoch so far.
    """

    state: State
    best_state: State
    best: Epoch
    history: tuple[Epoch, ...]

    def after(self, epoch: Epoch, state: State, last: bool = False) -> "Memory":
        """Return what to remember after one more epoch, which is the best where the last is."""
        history = (*self.history, epoch)
        # Of equals the last: it was trained longer, at the smaller rate.
        if last or epoch.validation_balanced >= self.best.validation_balanced:
            return Memory(state, state, epoch, history)
        return Memory(state, self.best_state, self.best, history)


@dataclass
class Checkpoint:
    """A file that a training goes on from: always whole, never a pickle.

    Attributes:
        path: of the npz file.
        fingerprint: of settings, samples and starting network; another training is refused.
        every_s: seconds between two writings; 0 writes after every epoch.
    """

    path: Path
    fingerprint: str
    every_s: float = 0.0
    _written_s: float = field(default_factory=time.monotonic)

    def load(self, like: State | None = None) -> Memory | None:
        """Return what was saved, or None where nothing was.

        Args:
            like: a state of the training; names and shapes of the saved ones are its own.

        Raises:
            InputError: the file is damaged, or of another training.
        """
        if not self.path.exists():
            return None
        arrays = read_arrays(self.path, packed=False)
        try:
            theirs = str(arrays["fingerprint"][()])
            history = _history(arrays["history"])
            best = history[range(len(history)).index(int(arrays["best"]))]
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise InputError(f"{self.path} is no checkpoint; choose another file") from error
        if theirs != self.fingerprint:
            raise InputError(
                f"{self.path} is the checkpoint of another training (settings, samples or"
                " network differ); choose another file"
            )
        states = [_unpacked(arrays, prefix) for prefix in ("now.", "best.")]
        for state in states:
            if like is not None and not _is_like(state, like):
                raise InputError(f"{self.path} is a damaged checkpoint; choose another file")
        return Memory(states[0], states[1], best, history)

    def save(self, memory: Memory, now: bool = True) -> None:
        """Write the file, whole or not at all, where it is time to or `now`."""
        if not now and time.monotonic() - self._written_s < self.every_s:
            return
        self._written_s = time.monotonic()
        packed: dict[str, NDArray[Any]] = {
            "fingerprint": np.array(self.fingerprint),
            "history": np.array([astuple(epoch) for epoch in memory.history]),
            "best": np.array(memory.best.epoch),
        }
        packed |= {f"now.{name}": values for name, values in memory.state.items()}
        packed |= {f"best.{name}": values for name, values in memory.best_state.items()}
        write_arrays(self.path, packed)


def fingerprint(words: Sequence[str], arrays: Iterable[NDArray[Any]]) -> str:
    """Return a digest of what decides a training."""
    digest = hashlib.sha256("\n".join(words).encode())
    for values in arrays:
        digest.update(str((values.dtype, values.shape)).encode())
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


def _unpacked(arrays: dict[str, NDArray[Any]], prefix: str) -> State:
    return {n.removeprefix(prefix): values for n, values in arrays.items() if n.startswith(prefix)}


def _history(rows: NDArray[Any]) -> tuple[Epoch, ...]:
    """Return the epochs, which are counted from 0 without a gap."""
    history = tuple(Epoch(int(row[0]), *map(float, row[1:])) for row in rows)
    if [epoch.epoch for epoch in history] != list(range(len(history))):
        raise ValueError("not the epochs of one training")
    return history


def _is_like(state: State, like: State) -> bool:
    """Return whether a state read from a file can be one of this training."""
    return state.keys() == like.keys() and all(
        values.shape == like[name].shape
        and values.dtype == like[name].dtype
        and bool(np.isfinite(values).all())
        for name, values in state.items()
    )
