"""The accuracy bounds; `benchmarks/learning_bounds.py` measures all of them."""

import numpy as np
import pytest

from anaspike.learning.comparison import outputs_of
from anaspike.learning.datasets import load_dataset
from anaspike.learning.datasets.splits import grouped_folds
from anaspike.learning.scores import balanced
from anaspike.learning.settings import Settings
from anaspike.learning.tasks import make_task
from anaspike.learning.training import tune


def exact(task, settings):
    tuned = tune(task.network, task.train, task.validation, settings)
    return (outputs_of(tuned.network, task) == task.test.labels).mean()


def test_digits_without_a_head():
    """The bounds are on the mean of five seeds, and so is the test."""
    pytest.importorskip("sklearn", reason="extra digits")
    table = load_dataset("digits")
    tasks = [make_task(table, seed) for seed in range(5)]
    untuned = np.mean([outputs_of(task.network, task) == task.test.labels for task in tasks])
    assert untuned <= 0.10
    for settings, least, most in (
        (Settings(method="additive", rule="paper", epochs=5), 0.0, 0.02),
        (Settings(rule="paper", rate=0.01, epochs=40), 0.78, 1.0),
        (Settings(rate=0.1, epochs=80), 0.83, 1.0),
    ):
        assert least <= np.mean([exact(task, settings) for task in tasks]) <= most


def test_blood_cells_nt_beats_the_head_alone():
    """Every cell judged once, by a network that never saw its source image."""
    table = load_dataset("bccd")
    right = {method: np.zeros(len(table.labels), bool) for method in ("nt1", "none")}
    for fold, split in enumerate(grouped_folds(table, 0)):
        task = make_task(table, fold, split=split)
        for method, rights in right.items():
            tuned = tune(task.network, task.train, task.validation, Settings(method=method))
            rights[split.test] = outputs_of(tuned.network, task) == task.test.labels
    nt, head = (balanced(rights, table.labels) for rights in right.values())
    assert nt >= 0.60
    assert nt >= head + 0.10
