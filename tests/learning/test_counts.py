"""Trained-parameter counts: ours from the model's description, the paper's typed in here."""

import itertools

import numpy as np
import pytest

from anaspike.learning.counts import VGG_CLASSIFIER, counts
from anaspike.learning.feedforward import FeedForwardLearner
from anaspike.learning.methods import METHODS
from anaspike.learning.network import Layer, Network
from anaspike.learning.rules import PAPER
from anaspike.learning.samples import Samples
from anaspike.learning.spiking import SpikingLearner

# (table, method): STL-10, Food-11, BCCD, as printed.
PAPER_COUNTS = {
    (3, "NT_1"): (43_290, 44_291, 37_284),
    (3, "TFT"): (123_652_866, 123_653_867, 123_646_860),
    (5, "NT_1"): (18_202, 19_203, 12_196),
    (5, "TFT"): (123_652_866, 123_653_867, 123_646_860),
    (8, "TFT"): (123_642_856, 123_653_867, 123_646_860),
    (8, "NT_2"): (9_192, 20_203, 13_196),
    (8, "NT_1"): (9_192, 20_203, 13_196),
    (8, "additive bias"): (9_192, 20_203, 13_196),
}


def test_every_figure_is_the_papers():
    ours = {(c.table, c.method, c.dataset): c.trained for c in counts()}
    theirs = {
        (*key, dataset): figure
        for key, figures in PAPER_COUNTS.items()
        for dataset, figure in zip(("STL-10", "Food-11", "BCCD"), figures, strict=True)
    }
    assert ours == theirs


def test_the_layers_are_those_of_vgg19():
    assert all(above[1] == below[0] for below, above in itertools.pairwise(VGG_CLASSIFIER))
    assert METHODS["tft"].count(VGG_CLASSIFIER) == 123_642_856


@pytest.mark.parametrize("method", ["nt1", "nt2", "tft", "none"])
def test_the_spiking_learner_trains_as_many_as_counted(method):
    shapes = ((7, 5), (4, 7))
    network = Network(tuple(Layer.of(np.ones(shape)) for shape in shapes))
    one = Samples.of(np.ones((1, 5)), [0])
    learner = SpikingLearner(network, METHODS[method], PAPER, one, one, np.random.default_rng(0))
    trained = sum(values.size for values in learner.state().values())
    assert trained == METHODS[method].count(shapes)


def test_the_feed_forward_learner_trains_as_many_as_counted():
    shapes = ((7, 5), (4, 7), (3, 4))
    network = Network(tuple(Layer.of(np.ones(shape)) for shape in shapes))
    one = Samples.of(np.ones((1, 5)), [0])
    for method, expected in (("nt1-inputs", 5 + 7 + 4), ("nt1", 7 + 4)):
        learner = FeedForwardLearner(network, method, one, one, np.random.default_rng(0))
        state = learner.state()
        assert sum(v.size for n, v in state.items() if not n.startswith("adam")) == expected
