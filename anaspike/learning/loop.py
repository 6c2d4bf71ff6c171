"""The training loop: epochs, the best of them on validation samples, checkpoints."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from anaspike.errors import InputError
from anaspike.learning.checkpoint import Checkpoint, Epoch, Memory, State
from anaspike.learning.network import Network
from anaspike.learning.samples import Indices, balanced_batches
from anaspike.learning.scores import Labels, balanced

Report = Callable[[Epoch, int], None]  # an epoch that ended, and how many there will be


class Learner(Protocol):
    """What the loop asks of a network in training."""

    def step(self, batch: Indices, rate: float, head_rate: float) -> tuple[int, int]:
        """Learn from a batch; return wrong outputs and right samples before it."""

    def validation_answers(self) -> Labels:
        """Return the class of each validation sample, negative where there is none."""

    def state(self) -> State:
        """Return copies of all that training moves."""

    def restore(self, state: State) -> None:
        """Take back what `state` gave."""

    def network(self) -> Network:
        """Return the network as it is now."""


@dataclass(frozen=True, eq=False)
class Tuned:
    """What training gave.

    Attributes:
        network: as it was after the best epoch.
        best: that epoch; 0 is the start.
        history: every epoch, the start first.
    """

    network: Network
    best: Epoch
    history: tuple[Epoch, ...]


@dataclass(frozen=True)
class Pace:
    """How long and how fast.

    Attributes:
        epochs: passes over the balanced training samples.
        batch: samples a step.
        rate, head_rate: at the start.
        falls: whether both fall linearly to zero over the epochs.
        seed: of the order of samples.
        last: whether the last epoch is kept, not the one that is best on the validation samples.
    """

    epochs: int
    batch: int
    rate: float
    head_rate: float
    falls: bool
    seed: int
    last: bool = False

    def left(self, number: int) -> float:
        """Return what is left of the rates in an epoch, counted from 1."""
        return 1 - (number - 1) / self.epochs if self.falls else 1.0


def run(
    learner: Learner,
    train: Labels,
    validation: Labels,
    pace: Pace,
    report: Report | None = None,
    checkpoint: Checkpoint | None = None,
) -> Tuned:
    """Train to the end, from the checkpoint where there is one; keep the best epoch.

    Args:
        learner: what learns.
        train, validation: labels of the samples that it holds.
        pace: how long and how fast.
        report: called after each epoch.
        checkpoint: where to remember each epoch.

    Raises:
        InputError: the training diverged, or the checkpoint is of another one.
    """
    memory = checkpoint.load(learner.state()) if checkpoint else None
    if memory is None:
        start = _judged(learner, validation, 0, float("nan"), float("nan"), float("nan"))
        state = learner.state()
        memory = Memory(state, state, start, (start,))
    learner.restore(memory.state)
    for number in range(len(memory.history), pace.epochs + 1):
        epoch = _epoch(learner, train, validation, pace, number)
        memory = memory.after(epoch, learner.state(), pace.last)
        if checkpoint:
            checkpoint.save(memory, number == pace.epochs)
        if report:
            report(epoch, pace.epochs)
    learner.restore(memory.best_state)
    return Tuned(learner.network(), memory.best, memory.history)


def _epoch(learner: Learner, train: Labels, validation: Labels, pace: Pace, number: int) -> Epoch:
    # The order comes from seed and number alone, so that a resumed training is the same.
    rng = np.random.default_rng([pace.seed, number])
    rate, head_rate = pace.rate * pace.left(number), pace.head_rate * pace.left(number)
    wrong = right = seen = 0
    with np.errstate(over="ignore", invalid="ignore"):  # a training that diverges is named below
        for batch in balanced_batches(train, pace.batch, rng):
            missed, hit = learner.step(batch, rate, head_rate)
            wrong, right, seen = wrong + missed, right + hit, seen + len(batch)
    if not all(np.isfinite(values).all() for values in learner.state().values()):
        raise InputError(f"training diverged in epoch {number}; lower the learning rate {rate:g}")
    return _judged(learner, validation, number, rate, wrong / seen, right / seen)


def _judged(
    learner: Learner, labels: Labels, number: int, rate: float, loss: float, train_exact: float
) -> Epoch:
    right = learner.validation_answers() == labels
    return Epoch(number, rate, loss, train_exact, float(right.mean()), balanced(right, labels))
