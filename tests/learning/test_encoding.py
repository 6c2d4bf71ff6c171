"""Thermometer spikes: what fires, what is chosen, what is refused."""

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.encoding import Encoder


def test_a_thermometer_by_hand():
    encoder = Encoder(np.array([1, 1, 0]), np.array([0.5, 2.0, -1.0], np.float32))
    features = np.array([[0.0, 0.5], [-2.0, 3.0], [-1.0, 0.0]], np.float32)
    assert encoder.encode(features).tolist() == [[1, 0, 1], [1, 1, 0], [0, 0, 1]]


def test_each_level_fires_for_its_share_of_the_training_part():
    features = np.random.default_rng(0).lognormal(size=(999, 4)).astype(np.float32)
    spikes = Encoder.fit(features, 12, levels=3).encode(features)
    assert np.allclose(spikes.mean(0), [0.75, 0.5, 0.25] * 4, atol=0.01)


def test_features_that_say_the_same_are_chosen_once():
    rng = np.random.default_rng(0)
    base = rng.normal(size=(500, 3)).astype(np.float32)
    noise = 0.05 * rng.normal(size=(500, 9)).astype(np.float32)
    features = np.column_stack([np.repeat(base, 3, axis=1) + noise, np.full(500, 7, np.float32)])
    encoder = Encoder.fit(features, 6, levels=2)
    assert sorted(set(encoder.columns // 3)) == [0, 1, 2]  # one of each three, never the constant


def test_a_file_gives_the_encoder_back():
    features = np.random.default_rng(0).normal(size=(50, 5)).astype(np.float32)
    encoder = Encoder.fit(features, 8)
    again = Encoder.from_arrays(encoder.arrays())
    assert (again.encode(features) == encoder.encode(features)).all()


def test_refusals():
    features = np.random.default_rng(0).normal(size=(50, 5)).astype(np.float32)
    with pytest.raises(InputError, match="1 spikes leave no room for 2 levels"):
        Encoder.fit(features, 1)
    with pytest.raises(InputError, match="no feature differs between samples"):
        Encoder.fit(np.ones((5, 3), np.float32))
    with pytest.raises(InputError, match="the encoder reads feature 4, but there are only 2"):
        Encoder.fit(features, 10).encode(features[:, :2])
    with pytest.raises(InputError, match="thresholds or columns that make no sense"):
        Encoder(np.array([0]), np.array([np.nan], np.float32))
