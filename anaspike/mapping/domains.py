"""Shared supply domains: many neurons on few rails (the paper's "paired bias links")."""

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError

Floats = NDArray[np.float64]


def check_domains(domains: int, neurons: int) -> int:
    """Return the number of rails when there can be so many.

    Raises:
        InputError: none, or more than neurons.
    """
    if domains < 1:
        raise InputError(f"`domains` {domains}: the neurons need at least 1 rail")
    if domains > neurons:
        raise InputError(
            f"`domains` {domains}: the network has {neurons} neurons, and a rail without a neuron"
            " is none; give fewer"
        )
    return domains


def share(k: Floats, domains: int) -> tuple[NDArray[np.int64], Floats]:
    """Deal neurons out to rails so that the squared error of log k is the least possible.

    In one dimension the best clusters are intervals, so that dynamic programming finds them:
    no start to choose, the same answer every time.

    Args:
        k: positive, (n,).
        domains: number of rails; fewer come back where k has fewer distinct values.

    Returns:
        The rail of each neuron, (n,), rails in rising k; and each rail's k, (rails,), the
        geometric mean of its neurons.

    Raises:
        InputError: none, or more than neurons.
    """
    check_domains(domains, len(k))
    logs, inverse, counts = np.unique(np.log(k), return_inverse=True, return_counts=True)
    edges = _best_edges(logs, counts.astype(float), min(domains, len(logs)))
    rail = np.repeat(np.arange(len(edges) - 1), np.diff(edges))[inverse]
    return rail, np.exp(np.bincount(rail, np.log(k)) / np.bincount(rail))


def _best_edges(x: Floats, weight: Floats, clusters: int) -> list[int]:
    """Return the edges (first 0, last n) of the best intervals of sorted values."""
    n = len(x)
    w, s, q = (np.concatenate(([0.0], np.cumsum(weight * x**p))) for p in (0, 1, 2))
    i, j = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    count = np.where(j > i, w[j] - w[i], 1.0)
    # Cost of one cluster from i to j; none may be empty.
    cost = np.where(j > i, q[j] - q[i] - (s[j] - s[i]) ** 2 / count, np.inf)
    best, came_from = cost[0], []
    for _ in range(clusters - 1):
        through = best[:, None] + cost
        came_from.append(np.argmin(through, axis=0))
        best = np.min(through, axis=0)
    edges = [n]
    for back in reversed(came_from):
        edges.append(int(back[edges[-1]]))
    return [0, *reversed(edges)]
