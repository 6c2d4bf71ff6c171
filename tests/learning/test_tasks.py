"""Tasks and the comparison: what is promised of sources, splits and scores."""

from dataclasses import replace

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.clusters import Whitening, centres, nearest
from anaspike.learning.comparison import compare
from anaspike.learning.control import Logistic
from anaspike.learning.datasets.base import Dataset
from anaspike.learning.settings import Settings
from anaspike.learning.tasks import Recipe, make_task

QUICK = Recipe(spikes=24, hidden=(24,), clusters=5, epochs=6)


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(0)
    labels = np.arange(160) % 4
    features = rng.normal(size=(4, 30))[labels] + 0.5 * rng.normal(size=(160, 30))
    return Dataset(
        "blobs", features.astype(np.float32), labels, ("a", "b", "c", "d"),
        np.array([f"image{i}" for i in range(160)]),
    )  # fmt: skip


def test_clusters_find_what_is_apart():
    rng = np.random.default_rng(0)
    truth = np.arange(120) % 3
    points = (9 * rng.normal(size=(3, 5))[truth] + rng.normal(size=(120, 5))).astype(np.float32)
    found = nearest(points, centres(points, 3, seed=1))
    assert {len(set(truth[found == cluster])) for cluster in range(3)} == {1}
    with pytest.raises(InputError, match="4 clusters need at least as many different samples"):
        centres(points[:3], 4, seed=0)


def test_whitened_components_have_the_same_spread():
    points = np.random.default_rng(0).normal(size=(200, 4)) @ np.diag([9, 3, 1, 0])
    white = Whitening.fit(points.astype(np.float32), 6)(points.astype(np.float32))
    assert white.shape == (200, 3)  # the fourth has no spread at all
    assert np.allclose(np.cov(white.T), np.eye(3), atol=0.02)


def test_the_source_never_sees_the_targets_labels(dataset):
    """Other labels for the same samples in the same split: the same source network."""
    task = make_task(dataset, 1, QUICK)
    renamed = Dataset(
        "blobs", dataset.features, 3 - dataset.labels, dataset.classes, dataset.groups
    )
    from anaspike.learning.datasets.splits import grouped_split

    other = make_task(renamed, 1, QUICK, split=grouped_split(dataset, 1))
    for ours, theirs in zip(task.network.layers[:-1], other.network.layers[:-1], strict=True):
        assert (ours.weights == theirs.weights).all()
    assert set(np.unique(task.train.inputs)) == {0.0, 1.0}
    assert (task.network.n_inputs, task.network.head, task.network.n_outputs) == (24, True, 4)


def test_other_classes_are_other_classes(dataset):
    task = make_task(dataset, 0, Recipe("other-classes", "features", hidden=(16,), epochs=3))
    assert task.classes == ("c", "d")
    assert set(task.train.labels) == set(task.test.labels) == {0, 1}


def test_a_comparison_holds_nt_against_all_it_should_beat(dataset):
    task = make_task(dataset, 0, QUICK)
    comparison = compare(task, Settings(epochs=40, rate=0.03, head_rate=0.05))
    scores = {score.what: score for score in comparison.scores}
    assert list(scores) == [
        "chance", "majority class", "nt1", "untuned", "head alone", "full fine-tuning",
        "one spiking layer on the inputs", "ordinary classifier, inputs",
        "ordinary classifier, features",
    ]  # fmt: skip
    assert scores["chance"].accuracy.value == 1 / 16
    assert scores["ordinary classifier, features"].accuracy.value > 0.9
    assert scores["nt1"].balanced.value > scores["untuned"].balanced.value
    for score in comparison.scores:
        assert score.balanced.low <= score.balanced.value <= score.balanced.high
        # Who ramps the outputs' supply has at least what fires as it is.
        assert score.argmax.value >= score.accuracy.value
    assert scores["nt1"].accuracy.value == (comparison.answered == task.test.labels).mean()


def test_the_ordinary_classifier_is_scikit_learns(dataset):
    sklearn = pytest.importorskip("sklearn.linear_model", reason="extra digits")
    ours = Logistic.fit(dataset.features, dataset.labels, 4, strength=0.05)
    scaled = ours.scaler.encode(dataset.features)
    theirs = sklearn.LogisticRegression(C=1 / (0.05 * 160), tol=1e-6, max_iter=2000)
    theirs.fit(scaled, dataset.labels)
    assert np.allclose(ours.weights.T, theirs.coef_, atol=5e-3)


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (lambda: Recipe("imagenet"), "unknown source 'imagenet'; choose one of clusters, orient"),
        (lambda: Recipe(inputs="bits"), "unknown inputs 'bits'; choose one of spikes, features"),
    ],
)
def test_recipes_refused(recipe, message):
    with pytest.raises(InputError, match=message):
        recipe()


def test_orientations_need_images(dataset):
    with pytest.raises(InputError, match="orientations need square images as features"):
        make_task(dataset, 0, Recipe("orientations", "features"))


def test_one_class_is_nothing_to_learn(dataset):
    alone = replace(dataset, labels=np.zeros(160, np.int64), classes=("a",))
    with pytest.raises(InputError, match="blobs has but one class; there is nothing to learn"):
        make_task(alone)
