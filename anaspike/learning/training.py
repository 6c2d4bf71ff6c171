"""Tuning a spiking network to a task: what a user of the library calls."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.learning.blas import one_thread
from anaspike.learning.checkpoint import Checkpoint, fingerprint
from anaspike.learning.feedforward import FeedForwardLearner
from anaspike.learning.feedforward import values_trained as feedforward_values
from anaspike.learning.loop import Learner, Pace, Report, Tuned, run
from anaspike.learning.methods import METHODS, method_named
from anaspike.learning.network import Network
from anaspike.learning.rules import SURROGATE, rule_named
from anaspike.learning.samples import Samples
from anaspike.learning.settings import FEED_FORWARD, SPIKING, Settings
from anaspike.learning.spiking import SpikingLearner
from anaspike.learning.surrogate import SurrogateLearner


def tune(
    network: Network,
    train: Samples,
    validation: Samples,
    settings: Settings | None = None,
    report: Report | None = None,
    checkpoint: Path | None = None,
    every_s: float = 0.0,
) -> Tuned:
    """Tune a spiking network to samples (the paper's sections 5.1 and 6.1).

    Args:
        network: what to start from; it is left as it is.
        train: to learn from.
        validation: to choose the best epoch by, on balanced exact match.
        settings: method, rule and numbers.
        report: called after each epoch.
        checkpoint: file to write after each epoch and, where it exists, to go on from.
        every_s: seconds between two writings of it.

    Raises:
        InputError: samples that do not fit, a checkpoint of another training, a training
            that diverged.
    """
    chosen = settings or Settings()
    for samples in (train, validation):
        samples.check(network.n_inputs, network.n_classes)
    rule = rule_named(chosen.rule)
    pace = Pace(
        chosen.epochs, chosen.batch, chosen.rate_used, chosen.head_rate_used,
        rule.falls and chosen.variant == SPIKING, chosen.seed, chosen.last,
    )  # fmt: skip
    saved = (
        _checkpoint(checkpoint, every_s, chosen, network, (train, validation))
        if checkpoint
        else None
    )
    with one_thread():
        learner = _learner(network, train, validation, chosen)
        return run(learner, train.labels, validation.labels, pace, report, saved)


def _learner(network: Network, train: Samples, validation: Samples, chosen: Settings) -> Learner:
    rng = np.random.default_rng([chosen.seed, 0])
    if chosen.variant == FEED_FORWARD:
        return FeedForwardLearner(network, chosen.method, train, validation, rng)
    if chosen.rule == SURROGATE.name:
        return SurrogateLearner(network, chosen.method, chosen.chip, train, validation, chosen.seed)
    method, rule = method_named(chosen.method), rule_named(chosen.rule)
    return SpikingLearner(network, method, rule, train, validation, rng)


def values_trained(network: Network, settings: Settings) -> int:
    """Return how many values a training moves, a head's weights and biases among them."""
    if settings.variant == FEED_FORWARD:
        return feedforward_values(network, settings.method)
    shapes = [layer.weights.shape for layer in network.layers]
    head = METHODS["tft"].count(shapes[-1:]) if network.head else 0
    tuned = shapes[:-1] if network.head else shapes
    return method_named(settings.method).count(tuned) + head


def _checkpoint(
    path: Path, every_s: float, settings: Settings, network: Network, parts: Sequence[Samples]
) -> Checkpoint:
    words = [f"{name}={value}" for name, value in asdict(settings).items()]
    arrays: list[NDArray[Any]] = list(network.arrays().values())
    for part in parts:
        arrays += [part.inputs, part.labels]
    return Checkpoint(path, fingerprint(words, arrays), every_s)
