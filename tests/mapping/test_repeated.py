"""One window repeated: supplies of the head shifted by codes, votes counted."""

from dataclasses import replace

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.network import Layer, Network
from anaspike.mapping.deploy import deploy
from anaspike.mapping.disturbance import Disturbance
from anaspike.mapping.quantise import quantise
from anaspike.mapping.repeated import check_windows, counted, repeated, shifted, shifts
from anaspike.mapping.supply_curve import SupplyCurve

CURVE = SupplyCurve(np.array([0.5, 0.6, 0.7]), np.exp([-2.0, 0.0, 2.0]))


@pytest.fixture
def hardware(neurons):
    rng = np.random.default_rng(0)
    network = Network(
        (Layer.of(rng.integers(-7, 8, (6, 8))), Layer.of(rng.integers(-7, 8, (4, 6)))), 6
    )
    return deploy(neurons, quantise(network), network, CURVE, dac_bits=5, headroom=2.0)


def test_the_heads_supplies_alone_are_shifted(hardware):
    up = shifted(hardware, 2)
    first, head = hardware.mapped.layers
    assert up.mapped.layers[0] is first
    step_V = hardware.mapped.dac.step
    moved_V = up.mapped.layers[1].supply_V - head.supply_V
    inside = head.dac_code < 30
    assert moved_V[inside] == pytest.approx(2 * step_V)
    assert shifted(hardware, 99).mapped.layers[1].dac_code.tolist() == [31] * 4
    with pytest.raises(InputError, match="these are continuous"):
        shifted(hardware.remapped(None), 1)


def test_the_first_window_is_the_network_as_it_is_and_noise_is_drawn_anew(hardware):
    inputs = np.random.default_rng(1).random((50, 8)) < 0.5
    assert shifts(5) == [0, 1, -1, 2, -2]
    fired = repeated(hardware, inputs, 3)
    assert fired.shape == (3, 50, 4)
    assert np.array_equal(fired[0], hardware.outputs(inputs))
    assert (fired[1].sum() >= fired[0].sum() >= fired[2].sum()) and fired[1].sum() > fired[2].sum()
    noisy = replace(hardware, disturbance=Disturbance(0.02))
    one, *_ = repeated(noisy, inputs, 1)
    assert np.array_equal(one, noisy.outputs(inputs))


def test_votes_of_all_windows_are_counted():
    fired = np.zeros((3, 4, 4), bool)
    fired[0, 0, :2] = fired[1, 0, 2] = True  # class 0 has 2 votes, class 1 one
    fired[0, 1, 0] = fired[2, 1, 3] = True  # a tie
    fired[:, 2, 3] = True
    assert counted(fired, 2).tolist() == [0, -2, 1, -1]
    assert counted(fired, 1).tolist() == [-2, -2, 3, -1]
    for windows in (0, 32):
        with pytest.raises(InputError, match="a pattern is shown 1 to 31 times"):
            check_windows(windows)
