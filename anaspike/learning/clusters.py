"""k-means: labels for a source task that no one had to give."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.blas import one_thread
from anaspike.learning.network import Floats
from anaspike.learning.scores import Labels

_STARTS, _ROUNDS = 4, 30


def centres(points: Floats, count: int, seed: int) -> NDArray[np.float64]:
    """Return the centres of clusters of points (n, d): (count, d), the best of several starts.

    Raises:
        InputError: fewer distinct points than clusters.
    """
    exact = points.astype(np.float64)
    if len(np.unique(exact, axis=0)) < count:
        raise InputError(f"{count} clusters need at least as many different samples")
    rng = np.random.default_rng([seed, 3])
    with one_thread():
        tried = [_refined(exact, _start(exact, count, rng)) for _ in range(_STARTS)]
    return min(tried, key=lambda pair: pair[0])[1]


@dataclass(frozen=True, eq=False)
class Whitening:
    """The first principal components of points, each with the same spread.

    Attributes:
        mean: of the points, (d,).
        axes: (d, n_components), divided by the spread along each.
    """

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]

    @classmethod
    def fit(cls, points: Floats, count: int) -> Self:
        """Find the components of points (n, d); fewer where the points span fewer."""
        exact = points.astype(np.float64)
        mean = exact.mean(0)
        with one_thread():
            _, spreads, axes = np.linalg.svd(exact - mean, full_matrices=False)
        kept = min(count, int((spreads > 1e-6 * spreads[0]).sum()))
        return cls(mean, (axes[:kept] / spreads[:kept, None]).T * np.sqrt(len(points)))

    def __call__(self, points: Floats) -> Floats:
        """Return points (n, d) along the components: (n, n_components)."""
        with one_thread():
            return np.asarray((points - self.mean) @ self.axes, np.float32)


def nearest(points: Floats, middles: NDArray[np.float64]) -> Labels:
    """Return the cluster of each point: (n,)."""
    with one_thread():
        member: Labels = _distances(points.astype(np.float64), middles).argmin(1)
    return member


def _start(
    points: NDArray[np.float64], count: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """k-means++: each further centre is drawn by its squared distance from those before."""
    chosen = [int(rng.integers(len(points)))]
    while len(chosen) < count:
        weight = _distances(points, points[chosen]).min(1)
        weight[chosen] = 0
        chosen.append(int(rng.choice(len(points), p=weight / weight.sum())))
    return points[chosen]


def _refined(
    points: NDArray[np.float64], middles: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    for _ in range(_ROUNDS):
        member = _distances(points, middles).argmin(1)
        moved = np.array(
            [points[member == i].mean(0) if (member == i).any() else middles[i]
             for i in range(len(middles))]
        )  # fmt: skip
        if (moved == middles).all():
            break
        middles = moved
    return float(_distances(points, middles).min(1).sum()), middles


def _distances(points: NDArray[np.float64], middles: NDArray[np.float64]) -> NDArray[np.float64]:
    squares = (points**2).sum(1)[:, None] - 2 * points @ middles.T + (middles**2).sum(1)
    return np.asarray(np.maximum(squares, 0))
