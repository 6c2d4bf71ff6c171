"""A tuned network beside chance, the untuned one, other methods and an ordinary classifier."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anaspike.learning.blas import one_thread
from anaspike.learning.control import Logistic
from anaspike.learning.loop import Report, Tuned
from anaspike.learning.network import Network
from anaspike.learning.scores import (
    Interval,
    Labels,
    accuracy,
    answers,
    balanced_accuracy,
    chance,
    majority,
)
from anaspike.learning.settings import Settings
from anaspike.learning.tasks import Task
from anaspike.learning.training import tune

Right = NDArray[np.bool_]

# Tuned beside whatever was asked for, each with its own rate: the head alone, everything.
BESIDE = ("none", "tft")


@dataclass(frozen=True)
class Score:
    """One line of the comparison, on the test samples.

    Attributes:
        what: chance, majority class, untuned, a method, or ordinary classifier.
        accuracy: share right, with Wilson's interval for as many samples as there are sources; a
            bare number has none.
        balanced: mean over the classes, with a bootstrap interval over source images.
        best_epoch: of a tuned network.
    """

    what: str
    accuracy: Interval
    balanced: Interval
    best_epoch: int | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """What tuning is worth.

    Attributes:
        tuned: by the method asked for.
        scores: of it and of all it is held against.
        answered: its answer for each test sample.
    """

    tuned: Tuned
    scores: tuple[Score, ...]
    answered: Labels


def compare(
    task: Task,
    settings: Settings,
    beside: Sequence[str] = BESIDE,
    report: Callable[[str], Report | None] = lambda _: None,
    checkpoint: Path | None = None,
) -> Comparison:
    """Tune, then judge once on the test samples, beside what it should be compared with.

    Args:
        task: source network and samples.
        settings: of the tuning asked for; the others differ in method and rate.
        beside: methods to tune beside it.
        report: gives, for a method, what is called after each of its epochs.
        checkpoint: of the tuning asked for.
    """

    def judged(network: Network, what: str, best: int | None = None) -> Score:
        return score(task, right_of(network, task), what, best)

    tuned = tune(
        task.network, task.train, task.validation, settings, report(settings.method), checkpoint
    )
    scores = [
        _bare("chance", chance(task.network.n_outputs)),
        replace(_bare("majority class", majority(task.test.labels)),
                balanced=_sure(1 / len(task.classes))),
        judged(task.network, "untuned"),
        judged(tuned.network, settings.method, tuned.best.epoch),
    ]  # fmt: skip
    for method in beside:
        if method == settings.method or (method == "none" and not task.network.head):
            continue
        other = replace(settings, method=method, rate=None)
        rival = tune(task.network, task.train, task.validation, other, report(method))
        what = "head alone" if method == "none" else method
        scores.append(judged(rival.network, what, rival.best.epoch))
    scores.append(score(task, control_right(task), "ordinary classifier"))
    return Comparison(tuned, tuple(scores), outputs_of(tuned.network, task))


def outputs_of(network: Network, task: Task) -> Labels:
    """Return a network's answer for each test sample, negative where not one output fires."""
    with one_thread():
        return answers(network.spikes(task.test.inputs)[-1])


def right_of(network: Network, task: Task) -> Right:
    """Return which test samples a network has right: only the right output fires."""
    right: Right = outputs_of(network, task) == task.test.labels
    return right


def control_right(task: Task) -> Right:
    """Return which test samples an ordinary classifier has right, on the features themselves."""
    control = Logistic.fit(task.features_train, task.train.labels, len(task.classes))
    right: Right = control.answers(task.features_test) == task.test.labels
    return right


def score(task: Task, right: Right, what: str, best: int | None = None) -> Score:
    """Return a line of the comparison for who is right on which test sample."""
    labels = task.test.labels
    even = balanced_accuracy(right, labels, task.groups)
    return Score(what, accuracy(right, task.groups), even, best)


def _sure(value: float) -> Interval:
    return Interval(value, value, value)


def _bare(what: str, value: float) -> Score:
    return Score(what, _sure(value), _sure(value))
