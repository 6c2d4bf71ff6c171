"""Source networks: what pre-training, normalising and a new head promise."""

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.network import Layer, Network
from anaspike.learning.settings import Settings
from anaspike.learning.source import spiking, with_head
from anaspike.learning.training import tune


def test_every_layers_drive_has_the_spread_that_was_asked_for(blobs):
    rng = np.random.default_rng(0)
    network = Network((Layer.of(rng.normal(size=(20, 24))), Layer.of(9 * rng.normal(size=(5, 20)))))
    for scale in (0.5, 1.0):
        drives = spiking(network, blobs[0].inputs, scale).drives(blobs[0].inputs)
        assert [drive.std() for drive in drives] == pytest.approx([scale, scale], rel=1e-3)


def test_a_dead_layer_is_named():
    network = Network((Layer.of([[1.0]]), Layer.of([[1.0]])))
    with pytest.raises(InputError, match="layer 1 is driven alike by every sample"):
        spiking(network, [[-1.0], [-2.0], [0.0]])


def test_a_head_is_appended_and_every_method_trains_it(small_network, blobs):
    network = with_head(small_network, 4, blobs[0].inputs)
    assert (network.head, network.n_outputs, len(network.layers)) == (True, 4, 3)
    tuned = tune(network, *blobs, Settings(method="none", epochs=3, head_rate=0.1)).network
    assert (tuned.layers[-1].weights != network.layers[-1].weights).any()
    assert (tuned.layers[-1].amplifier == 1).all()
    for before, after in zip(network.layers[:-1], tuned.layers[:-1], strict=True):
        assert after is before
