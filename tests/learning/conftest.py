"""A task small enough to be learned in a moment."""

import numpy as np
import pytest

from anaspike.learning.samples import Samples
from anaspike.learning.source import pretrain, spiking


@pytest.fixture(scope="session")
def blobs():
    """Three noisy binary patterns: samples to learn from, and to choose by."""
    rng = np.random.default_rng(3)
    patterns = rng.random((3, 24)) < 0.4

    def draw(n):
        labels = np.arange(n) % 3
        flips = rng.random((n, 24)) < 0.06
        return Samples.of(patterns[labels] ^ flips, labels)

    return draw(90), draw(45)


@pytest.fixture(scope="session")
def small_network(blobs):
    """24 inputs, 32 hidden neurons, 3 outputs: knows the patterns, but drives too weakly."""
    train, validation = blobs
    source = pretrain(train, validation, 3, (32,), epochs=12, rate=3e-3)
    assert source.best.validation_exact > 0.9
    return spiking(source.network, train.inputs, scale=0.4)
