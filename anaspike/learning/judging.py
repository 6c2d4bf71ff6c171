"""Who is right on the test samples: a network, what it is held against, by two read-outs."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anaspike.learning.blas import one_thread
from anaspike.learning.checkpoint import Epoch
from anaspike.learning.control import Logistic
from anaspike.learning.feedforward import sums_of
from anaspike.learning.loop import Report, Tuned
from anaspike.learning.network import Floats, Network
from anaspike.learning.rules import SURROGATE, WINDOWED
from anaspike.learning.samples import Samples
from anaspike.learning.scores import (
    Interval,
    Labels,
    accuracy,
    answers,
    balanced,
    balanced_accuracy,
    chance,
    majority,
    nearest,
)
from anaspike.learning.settings import FEED_FORWARD, SPIKING, Settings
from anaspike.learning.tasks import Task, without_source
from anaspike.learning.training import tune, values_trained

Right = NDArray[np.bool_]
Value = float | int | str | None
Say = Callable[[str], None]

CHANCE, MAJORITY, UNTUNED = "chance", "majority class", "untuned"
HEAD_ALONE, FULL = "head alone", "full fine-tuning"
# What the same hardware could do without a source network and without NT.
STRAIGHT = "one spiking layer on the inputs"
ON_INPUTS, ON_FEATURES = "ordinary classifier, inputs", "ordinary classifier, features"
BASELINES = (UNTUNED, HEAD_ALONE, FULL, STRAIGHT, ON_INPUTS, ON_FEATURES)
_EVERY_S = 10.0  # how often a training is kept that may be interrupted


@dataclass(frozen=True, eq=False)
class Judged:
    """Answers for samples, (n_samples,) each.

    Attributes:
        exact: by exact match: negative where not one class wins.
        nearest: by the neuron nearest to firing (argmax): what a read-out would give that ramps
            the supply of the outputs until one class wins.
    """

    exact: Labels
    nearest: Labels

    @classmethod
    def of(cls, answered: Labels) -> "Judged":
        """Make one of something that always answers one class."""
        return cls(answered, answered)


def judge(network: Network, samples: Samples, variant: str = SPIKING) -> Judged:
    """Return a network's answers for samples."""
    with one_thread():
        if variant == FEED_FORWARD:
            return Judged.of(sums_of(network, samples.inputs).argmax(1))
        margins = network.drives(samples.inputs)[-1] - np.float32(network.theta)
    return Judged(answers(margins >= 0, network.votes), nearest(margins, network.votes))


def tuned(
    task: Task,
    settings: Settings,
    report: Report | None = None,
    checkpoint: Path | None = None,
) -> Tuned:
    """Tune a task's network; a checkpoint is written every ten seconds."""
    parts = task.train, task.validation
    return tune(task.network, *parts, settings, report, checkpoint, _EVERY_S)


def baseline(task: Task, what: str, settings: Settings, checkpoint: Path | None = None) -> Judged:
    """Return the answers of something that tuning is held against, for the test samples.

    Args:
        task: source network and samples.
        what: one of `baselines`.
        settings: of the tuning; the rates are those that suit each method.
        checkpoint: of what has to be trained.
    """
    own = replace(settings, rate=None, head_rate=None)
    if what == UNTUNED:
        return judge(task.network, task.test, task.variant)
    if what == ON_INPUTS:
        return _ordinary(task, task.train.inputs, task.test.inputs)
    if what == ON_FEATURES:
        return _ordinary(task, task.features_train, task.features_test)
    if what == STRAIGHT:
        votes = _VOTES if settings.rule == SURROGATE.name else 1
        task = without_source(task, settings.seed, votes)
        rule = WINDOWED.name if settings.variant == FEED_FORWARD else settings.rule
        own = replace(own, method="none", rule=rule, variant=SPIKING)
    else:
        own = replace(own, method="none" if what == HEAD_ALONE else "tft")
    return judge(tuned(task, own, None, checkpoint).network, task.test, task.variant)


_VOTES = 8  # outputs a class of one layer that learns by the surrogate rule


def baselines(task: Task, settings: Settings, but: Sequence[str] = ()) -> tuple[str, ...]:
    """Return what a task's tuning is held against: what makes sense for it, less `but`."""
    there = [what for what in BASELINES if what not in but]
    if not task.network.head:
        there = [what for what in there if what != HEAD_ALONE]
    return tuple(there)


def tuned_row(
    task: Task, settings: Settings, *, resume: Path | None = None, say: Say | None = None
) -> Mapping[str, Value]:
    """Tune a task's network and judge it; return all there is to say of it as a row."""

    def report(epoch: Epoch, epochs: int) -> None:
        if say is not None:
            say(
                f"{settings.method}, epoch {epoch.epoch} of {epochs}: loss {epoch.loss:.2f},"
                f" validation {epoch.validation_balanced:.2f}"
            )

    return row_of(task, settings, tuned(task, settings, report, resume))


def row_of(task: Task, settings: Settings, found: Tuned) -> dict[str, Value]:
    """Return what there is to say of a tuned network as a row."""
    return {
        "best_epoch": found.best.epoch,
        "trained": values_trained(task.network, settings),
        "validation_exact": found.best.validation_exact,
        "validation_balanced": found.best.validation_balanced,
        **_judged_row(judge(found.network, task.test, task.variant), task.test.labels),
        "history": json.dumps([astuple(epoch) for epoch in found.history]),
    }


def baseline_row(
    task: Task, what: str, settings: Settings, *, resume: Path | None = None,
    say: Say | None = None,
) -> Mapping[str, Value]:  # fmt: skip
    """Judge what a tuning is held against; return a row."""
    if say is not None:
        say(what)
    return _judged_row(baseline(task, what, settings, resume), task.test.labels)


def judged_of(row: Mapping[str, Value]) -> Judged:
    """Return the answers that stand in a row."""
    return Judged(*(
        np.array([int(answer) for answer in str(row[name]).split()], np.int64)
        for name in ("answered", "answered_nearest")
    ))  # fmt: skip


def history_of(row: Mapping[str, Value]) -> tuple[Epoch, ...]:
    """Return the epochs that stand in a row."""
    return tuple(Epoch(*epoch) for epoch in json.loads(str(row["history"])))


@dataclass(frozen=True)
class Score:
    """How well something does on the test samples of one or several networks, pooled.

    Attributes:
        what: it is.
        accuracy: share right by exact match, with Wilson's interval for as many samples as there
            are sources; a bare number has none.
        balanced: mean over the classes, with a bootstrap interval over source images.
        argmax, argmax_balanced: the same by the neuron nearest to firing.
        best_epoch: of a tuned network, where it is one.
    """

    what: str
    accuracy: Interval
    balanced: Interval
    argmax: Interval
    argmax_balanced: Interval
    best_epoch: int | None = None

    def row(self) -> dict[str, Value]:
        """Return the figures by name, intervals in columns of their own."""
        return {"what": self.what, **dict(self._figures())}

    def _figures(self) -> Iterator[tuple[str, float]]:
        for name in ("accuracy", "balanced", "argmax", "argmax_balanced"):
            share: Interval = getattr(self, name)
            yield name, share.value
            yield f"{name}_low", share.low
            yield f"{name}_high", share.high


def score(
    what: str,
    judged: Sequence[Judged],
    labels: Sequence[Labels],
    groups: Sequence[NDArray[np.str_]],
    best: int | None = None,
) -> Score:
    """Return how well something does, the test samples of all its networks pooled."""
    truth, sources = np.concatenate(labels), np.concatenate(groups)
    exact: Right = np.concatenate([one.exact for one in judged]) == truth
    close: Right = np.concatenate([one.nearest for one in judged]) == truth
    return Score(
        what,
        accuracy(exact, sources),
        balanced_accuracy(exact, truth, sources),
        accuracy(close, sources),
        balanced_accuracy(close, truth, sources),
        best,
    )


def bare_scores(labels: Labels, n_classes: int, outputs: int, votes: int = 1) -> list[Score]:
    """Return what guessing would give: chance, and naming the most frequent class always."""
    by_chance = sure(chance(outputs, votes))
    often, even = sure(majority(labels)), sure(1 / n_classes)
    return [
        Score(CHANCE, by_chance, by_chance, even, even),
        Score(MAJORITY, often, even, often, even),
    ]


def sure(value: float) -> Interval:
    """Return a number that has no interval."""
    return Interval(value, value, value)


def _judged_row(judged: Judged, labels: Labels) -> dict[str, Value]:
    row: dict[str, Value] = {}
    for name, answered in (("test", judged.exact), ("test_argmax", judged.nearest)):
        right = answered == labels
        row |= {f"{name}_exact" if name == "test" else name: float(right.mean()),
                f"{name}_balanced": balanced(right, labels)}  # fmt: skip
    return {
        **row,
        "answered": " ".join(map(str, judged.exact)),
        "answered_nearest": " ".join(map(str, judged.nearest)),
    }


def _ordinary(task: Task, learned: Floats, judged: Floats) -> Judged:
    control = Logistic.fit(learned, task.train.labels, len(task.classes))
    return Judged.of(control.answers(judged))
