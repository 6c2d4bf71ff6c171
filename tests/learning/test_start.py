"""A network from elsewhere: what fits the task, and one line for what does not."""

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.arrays import write_arrays
from anaspike.learning.datasets.base import Dataset
from anaspike.learning.encoding import Encoder
from anaspike.learning.network import Layer, Network
from anaspike.learning.settings import Settings
from anaspike.learning.start import Start
from anaspike.learning.tasks import Recipe, start_task
from anaspike.learning.training import tune


@pytest.fixture
def dataset():
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    features = rng.normal(size=(3, 6))[labels] + 0.3 * rng.normal(size=(90, 6))
    return Dataset(
        "blobs", features.astype(np.float32), labels, ("a", "b", "c"),
        np.array([f"i{i}" for i in range(90)]),
    )  # fmt: skip


def network(n_in=6, n_out=5):
    return Network((Layer.of(np.random.default_rng(1).normal(size=(n_out, n_in))),))


def test_chosen_outputs_come_first_and_nothing_is_lost(dataset):
    own = network()
    task = start_task(dataset, Start(own, "n.npz", outputs=(4, 0, 2)))
    weights = task.network.layers[0].weights
    assert (weights == own.layers[0].weights[[4, 0, 2, 1, 3]]).all()
    assert task.source == "the network n.npz"
    assert task.source_exact is None


def test_a_scale_gives_each_layer_its_spread_and_without_one_nothing_changes(dataset):
    own = network()
    as_it_is = start_task(dataset, Start(own, "n", head=True)).network
    assert (as_it_is.layers[0].weights == own.layers[0].weights).all()
    scaled = start_task(dataset, Start(own, "n", head=True, scale=0.7))
    drive = scaled.network.layers[0].drive(scaled.train.inputs)
    assert drive.std() == pytest.approx(0.7, rel=1e-5)
    assert scaled.network.head


def test_what_train_writes_is_started_from(dataset, tmp_path):
    encoder = Encoder.fit(dataset.features, 6)
    own = network(len(encoder.columns), 3)
    write_arrays(tmp_path / "n.npz", {**own.arrays(), **encoder.arrays()})
    task = start_task(dataset, Start.read(tmp_path / "n.npz"))
    assert set(np.unique(task.train.inputs)) == {0, 1}
    assert tune(task.network, task.train, task.validation, Settings(epochs=1)).history


def test_a_feed_forward_network_gets_a_linear_head(dataset):
    task = start_task(dataset, Start(network(), "n", head=True), 0, Recipe(variant="feed-forward"))
    settings = Settings("nt1-inputs", variant="feed-forward", rate=0.1, epochs=10)
    found = tune(task.network, task.train, task.validation, settings)
    assert found.best.validation_exact > 0.6


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (Start(network(7), "n", head=True), "n takes 7 inputs, but the data set has 6 features"),
        (Start(network(), "n"), "n has 5 outputs for 3 classes; append a new layer with `head`"),
        (Start(network(6, 2), "n"), "n has 2 outputs for 3 classes; append a new layer"),
        (Start(Network(network().layers, head=True), "n", head=True), "n has a head already"),
        (Start(network(), "n", head=True, outputs=(0, 1, 2)), "a new head has outputs of its own"),
        (Start(network(), "n", outputs=(0, 1, 5)), "`outputs`: n has the outputs 0 to 4"),
        (Start(network(), "n", outputs=(0, 1, 1)), "`outputs` names 2 outputs for 3 classes"),
    ],
)
def test_what_does_not_fit_is_one_line(dataset, start, message):
    with pytest.raises(InputError, match=message):
        start_task(dataset, start)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan")])
def test_a_spread_is_a_positive_number(scale):
    with pytest.raises(InputError, match="a spread is a positive number"):
        Start(network(), "n", scale=scale)
