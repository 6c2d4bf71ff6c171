"""A tuned network beside chance, the untuned one, and all that is simpler than it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from anaspike.learning.judging import (
    FULL,
    HEAD_ALONE,
    ON_FEATURES,
    Judged,
    Right,
    Score,
    bare_scores,
    baseline,
    baselines,
    judge,
    score,
)
from anaspike.learning.loop import Report, Tuned
from anaspike.learning.network import Network
from anaspike.learning.scores import Labels
from anaspike.learning.settings import Settings
from anaspike.learning.tasks import Task
from anaspike.learning.training import tune

_SAME_AS = {"none": HEAD_ALONE, "tft": FULL}  # a method that a baseline is too


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
    beside: Sequence[str] | None = None,
    report: Callable[[str], Report | None] = lambda _: None,
    checkpoint: Path | None = None,
) -> Comparison:
    """Tune, then judge once on the test samples, beside what it should be compared with.

    Args:
        task: source network and samples.
        settings: of the tuning asked for; the others differ in method and rate.
        beside: what to hold it against.  [default: all of `judging.BASELINES` that make sense]
        report: gives, for a method, what is called after each of its epochs.
        checkpoint: of the tuning asked for.
    """
    found = tune(
        task.network, task.train, task.validation, settings, report(settings.method), checkpoint
    )
    if beside is None:
        beside = baselines(task, settings, [_SAME_AS.get(settings.method, "")])

    def scored(what: str, judged: Judged, best: int | None = None) -> Score:
        return score(what, [judged], [task.test.labels], [task.groups], best)

    own = judge(found.network, task.test, task.variant)
    scores = [
        *bare_scores(
            task.test.labels, len(task.classes), task.network.n_classes, task.network.votes
        ),
        scored(settings.method, own, found.best.epoch),
        *(scored(what, baseline(task, what, settings)) for what in beside),
    ]
    return Comparison(found, tuple(scores), own.exact)


def right_of(network: Network, task: Task) -> Right:
    """Return which test samples a network has right, by exact match."""
    right: Right = judge(network, task.test, task.variant).exact == task.test.labels
    return right


def control_right(task: Task) -> Right:
    """Return which test samples an ordinary classifier has right, on the features themselves."""
    right: Right = baseline(task, ON_FEATURES, Settings()).exact == task.test.labels
    return right
