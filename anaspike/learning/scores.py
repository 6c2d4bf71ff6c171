"""How well a network does: exact match, and how sure that is."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.learning.images import UNKNOWN
from anaspike.learning.network import Spikes

Labels = NDArray[np.int64]
NONE, SEVERAL = "none", "several or other"  # answers that are no class
_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """A share with its 95 % confidence interval; NaN at both ends where none can be given."""

    value: float
    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return not math.isnan(self.low)

    def __str__(self) -> str:
        if not self.known:
            return f"{self.value:.3f} [unknown]"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def chance(n_classes: int, votes: int = 1) -> float:
    """Return the share that outputs which fire at random get right (equation 1).

    Args:
        n_classes: of the task.
        votes: outputs of each class.
    """
    counts = np.array([math.comb(votes, fired) for fired in range(votes + 1)]) / 2.0**votes
    fewer = np.cumsum(counts) - counts
    return float((counts * fewer ** (n_classes - 1)).sum())


def answers(outputs: Spikes, votes: int = 1) -> Labels:
    """Return the class most of whose outputs fire, of each sample.

    -1 stands where no output fires, -2 where classes tie. With one output a class this is the
    paper's exact match: right only where the right output fires and no other (section 5.1.1).

    Args:
        outputs: who fires, (n_samples, n_classes * votes), a class's outputs side by side.
        votes: outputs of each class.
    """
    counts = _votes(outputs, votes)
    most = counts.max(1, keepdims=True)
    alone = (counts == most).sum(1) == 1
    return np.where(most[:, 0] == 0, -1, np.where(alone, counts.argmax(1), -2))


def voted(outputs: Spikes, votes: int) -> Spikes:
    """Return which class is the answer as one that fires, (n_samples, n_classes); with 1 as is."""
    if votes == 1:
        return outputs
    won: Spikes = answers(outputs, votes)[:, None] == np.arange(outputs.shape[1] // votes)
    return won


def exact(outputs: Spikes, labels: Labels, votes: int = 1) -> NDArray[np.bool_]:
    """Return where the answer is the right class (section 5.1.1): (n_samples,)."""
    right: NDArray[np.bool_] = answers(outputs, votes) == labels
    return right


def nearest(margins: NDArray[np.floating[Any]], votes: int = 1) -> Labels:
    """Return the class that wins if the supply of the outputs is ramped until one does.

    Where no class has most votes, the tied class wins whose next neuron is nearest to its
    threshold: the next to fire, or, where all of its outputs fire, the last to fall silent. With
    one output a class this is the output that is driven most (argmax).

    Args:
        margins: how far each output is above its threshold, (n_samples, n_classes * votes).
        votes: outputs of each class.
    """
    counts = _votes(margins >= 0, votes)
    ranked = -np.sort(-margins.reshape(len(margins), -1, votes), axis=2)
    following = np.minimum(counts, votes - 1)[:, :, None]
    decides = np.take_along_axis(ranked, following, axis=2)[:, :, 0]
    tied = counts == counts.max(1, keepdims=True)
    found: Labels = np.where(tied, decides, -np.inf).argmax(1)
    return found


def accuracy(right: NDArray[np.bool_], groups: NDArray[Any] | None = None) -> Interval:
    """Return the share that is right, with Wilson's interval for the effective number of samples.

    Args:
        right: which samples are right, (n_samples,).
        groups: the source of each; each is its own where not given. Where one is unknown there is
            no interval.
    """
    p = float(right.mean())
    n = len(right) if groups is None else effective_size(groups)
    if n is None:
        return Interval(p, math.nan, math.nan)
    z2 = _Z95**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return Interval(p, max(0.0, middle - half), min(1.0, middle + half))


def effective_size(groups: NDArray[Any]) -> float | None:
    """Return how many independent samples these are worth (Kish); None where a source is unknown.

    Copies of one source are taken as all right or all wrong. Equally many copies of each make it
    the number of sources; where a few sources have most of the copies it is smaller.

    Args:
        groups: the source of each sample, (n_samples,).
    """
    names, copies = np.unique(groups, return_counts=True)
    return None if UNKNOWN in names else float(copies.sum() ** 2 / (copies**2).sum())


def balanced(right: NDArray[np.bool_], labels: Labels) -> float:
    """Return the mean over the classes of the share that is right."""
    return float(np.mean([right[labels == label].mean() for label in np.unique(labels)]))


def balanced_accuracy(
    right: NDArray[np.bool_], labels: Labels, groups: NDArray[Any] | None = None, draws: int = 2000
) -> Interval:
    """Return the mean over the classes, with a bootstrap interval.

    Sources are drawn, not samples, class by class: copies of one image are not independent.

    Args:
        right: which samples are right, (n_samples,).
        labels: the class of each.
        groups: the source of each; each is its own where not given. Where one is unknown there is
            no interval.
        draws: of the bootstrap; its seed is fixed.
    """
    if groups is not None and UNKNOWN in groups:
        return Interval(balanced(right, labels), math.nan, math.nan)
    rng = np.random.default_rng(0)
    sources = (
        np.arange(len(labels)) if groups is None else np.unique(groups, return_inverse=True)[1]
    )
    shares = np.empty((len(np.unique(labels)), draws))
    for row, label in enumerate(np.unique(labels)):
        mine = labels == label
        _, member = np.unique(sources[mine], return_inverse=True)
        hits = np.bincount(member, right[mine])
        sizes = np.bincount(member)
        drawn = rng.integers(len(sizes), size=(draws, len(sizes)))
        shares[row] = hits[drawn].sum(1) / sizes[drawn].sum(1)
    low, high = np.quantile(shares.mean(0), (0.025, 0.975))
    return Interval(balanced(right, labels), float(low), float(high))


def _votes(outputs: Spikes, votes: int) -> NDArray[np.int64]:
    """Return how many outputs of each class fire, (n_samples, n_classes)."""
    counted: NDArray[np.int64] = outputs.reshape(len(outputs), -1, votes).sum(2)
    return counted


def majority(labels: Labels) -> float:
    """Return the share of the most frequent class: what always naming it would get right."""
    return float(np.bincount(labels).max() / len(labels))


def confusion(answered: Labels, labels: Labels, n_classes: int) -> NDArray[np.int64]:
    """Return counts (true class, answer); after the classes come `NONE` and `SEVERAL`.

    An output that stands for no class of the task (a network may have more) is among the latter.
    """
    table = np.zeros((n_classes, n_classes + 2), np.int64)
    column = np.select(
        [(answered >= 0) & (answered < n_classes), answered == -1],
        [answered, n_classes],
        n_classes + 1,
    )
    np.add.at(table, (labels, column), 1)
    return table
