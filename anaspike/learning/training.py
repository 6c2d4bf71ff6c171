"""Tuning a spiking network to a task: what a user of the library calls."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.learning.blas import one_thread
from anaspike.learning.checkpoint import Checkpoint, fingerprint
from anaspike.learning.loop import Pace, Report, Tuned, run
from anaspike.learning.methods import method_named
from anaspike.learning.network import Network
from anaspike.learning.rules import rule_named
from anaspike.learning.samples import Samples
from anaspike.learning.settings import Settings
from anaspike.learning.spiking import SpikingLearner


def tune(
    network: Network,
    train: Samples,
    validation: Samples,
    settings: Settings | None = None,
    report: Report | None = None,
    checkpoint: Path | None = None,
) -> Tuned:
    """Tune a spiking network to samples (the paper's sections 5.1 and 6.1).

    Args:
        network: what to start from; it is left as it is.
        train: to learn from.
        validation: to choose the best epoch by, on balanced exact match.
        settings: method, rule and numbers.
        report: called after each epoch.
        checkpoint: file to write after each epoch and, where it exists, to go on from.

    Raises:
        InputError: samples that do not fit, a checkpoint of another training, a training
            that diverged.
    """
    chosen = settings or Settings()
    for samples in (train, validation):
        samples.check(network.n_inputs, network.n_outputs)
    method, rule = method_named(chosen.method), rule_named(chosen.rule)
    pace = Pace(
        chosen.epochs, chosen.batch, chosen.rate_used, chosen.head_rate, rule.falls, chosen.seed
    )
    saved = _checkpoint(checkpoint, chosen, network, (train, validation)) if checkpoint else None
    rng = np.random.default_rng([chosen.seed, 0])
    with one_thread():
        learner = SpikingLearner(network, method, rule, train, validation, rng)
        return run(learner, train.labels, validation.labels, pace, report, saved)


def _checkpoint(
    path: Path, settings: Settings, network: Network, parts: Sequence[Samples]
) -> Checkpoint:
    words = [f"{name}={value}" for name, value in asdict(settings).items()]
    arrays: list[NDArray[Any]] = list(network.arrays().values())
    for part in parts:
        arrays += [part.inputs, part.labels]
    return Checkpoint(path, fingerprint(words, arrays))
