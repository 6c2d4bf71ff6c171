"""Scores against numbers worked out by hand or by another's formula."""

import numpy as np
import pytest
from scipy.stats import binomtest

from anaspike.learning.scores import (
    accuracy,
    answers,
    balanced_accuracy,
    chance,
    confusion,
    exact,
    majority,
    nearest,
)

OUTPUTS = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 0], [0, 0, 1]], bool)
LABELS = np.array([0, 0, 1, 1, 2])


def test_only_the_right_output_alone_is_right():
    assert exact(OUTPUTS, LABELS).tolist() == [True, False, False, False, True]
    assert answers(OUTPUTS).tolist() == [0, 1, -2, -1, 2]


def test_chance_is_equation_1():
    rng = np.random.default_rng(0)
    right = exact(rng.random((200_000, 4)) < 0.5, rng.integers(4, size=200_000))
    assert chance(4) == 1 / 16
    assert right.mean() == pytest.approx(1 / 16, abs=0.003)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (7, 10), (10, 10), (61, 69)])
def test_wilson_is_scipys(hits, n):
    interval = accuracy(np.arange(n) < hits)
    theirs = binomtest(hits, n).proportion_ci(0.95, "wilson")
    assert (interval.value, interval.low, interval.high) == pytest.approx(
        (hits / n, theirs.low, theirs.high), abs=1e-9
    )


def test_balanced_counts_classes_not_samples():
    labels = np.array([0] * 90 + [1] * 10)
    interval = balanced_accuracy(labels == 0, labels)
    assert (interval.value, interval.low, interval.high) == (0.5, 0.5, 0.5)
    assert majority(labels) == 0.9


def test_copies_of_one_source_make_no_one_surer():
    rng = np.random.default_rng(1)
    right, labels = rng.random(60) < 0.7, np.arange(60) % 2
    alone = balanced_accuracy(right, labels)
    copied = balanced_accuracy(
        np.repeat(right, 9), np.repeat(labels, 9), np.repeat(np.arange(60), 9)
    )
    assert (copied.low, copied.high) == pytest.approx((alone.low, alone.high), abs=0.02)
    assert alone.high - alone.low > 0.15


def test_confusion_counts_every_sample():
    table = confusion(answers(OUTPUTS), LABELS, 3)
    assert table.tolist() == [[1, 1, 0, 0, 0], [0, 0, 0, 1, 1], [0, 0, 1, 0, 0]]


def test_an_output_that_stands_for_no_class_is_counted_as_other():
    # A network of five outputs on a task of two classes fires output 4 for class 1.
    assert confusion(np.array([0, 4]), np.array([0, 1]), 2).tolist() == [[1, 0, 0, 0], [0, 0, 0, 1]]


def test_votes_decide_and_ties_are_no_answer():
    outputs = np.array([[1, 1, 0, 1], [1, 0, 0, 1], [0, 0, 0, 0], [0, 0, 1, 0]], bool)
    assert answers(outputs, 2).tolist() == [0, -2, -1, 1]
    assert exact(outputs, np.array([0, 0, 0, 1]), 2).tolist() == [True, False, False, True]


def test_a_ramp_of_the_supply_breaks_ties_by_the_next_to_fire():
    margins = np.array([
        [0.1, -0.5, 0.2, -0.1],  # one vote each; class 1's second neuron is nearer
        [-0.3, -0.9, -0.4, -0.5],  # none; class 0's first is nearest
        [0.1, 0.9, 0.2, 0.3],  # all; class 0's weaker one falls silent first
        [0.1, 0.2, 9.0, -0.1],  # two votes against one
    ])  # fmt: skip
    assert nearest(margins, 2).tolist() == [1, 0, 1, 0]
    drives = np.random.default_rng(0).normal(size=(50, 5))
    assert (nearest(drives) == drives.argmax(1)).all()  # with one output a class: argmax


def test_chance_with_votes_is_what_random_outputs_give():
    rng = np.random.default_rng(0)
    right = exact(rng.random((200_000, 12)) < 0.5, rng.integers(4, size=200_000), 3)
    assert right.mean() == pytest.approx(chance(4, 3), abs=5e-3)
