"""The sets without files, and the catalog's own errors."""

import importlib

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.extras import installs
from anaspike.learning.datasets import load_dataset


def test_digits_are_scikit_learns():
    dataset = load_dataset("digits")
    assert dataset.features.shape == (1797, 64)
    assert dataset.features.dtype == np.float32
    assert (dataset.features.min(), dataset.features.max()) == (0, 1)
    assert dataset.counts()["0"] == 178
    # The first digit is a zero: a ring with a hole.
    assert dataset.labels[0] == 0
    assert dataset.features[0].reshape(8, 8)[3:5, 3].max() < dataset.features[0].max()


def test_xor_is_exclusive_or():
    dataset = load_dataset("xor")
    assert np.array_equal(dataset.features, [[0, 0], [0, 1], [1, 0], [1, 1]])
    assert dataset.labels.tolist() == [0, 1, 1, 0]


def test_an_extra_that_is_absent_is_named(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(InputError) as error:
        load_dataset("digits")
    assert str(error.value) == (
        f"scikit-learn is not installed; it comes with an extra: {installs('digits')}"
    )
