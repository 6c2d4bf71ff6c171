"""Noise and source resistance on the charge model, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.network import Layer, Network
from anaspike.mapping.agreement import disturbed_table
from anaspike.mapping.deploy import deploy
from anaspike.mapping.disturbance import QUIET, Disturbance
from anaspike.mapping.quantise import quantise
from anaspike.mapping.verify import Case, modelled

RAILS = np.arange(3)
SUPPLY_V = np.array([0.6, 0.6, 0.7])


def pulls(*units):
    return np.array([units], float), np.array([units], float)


def test_stiff_supplies_leave_all(tables):
    excite, inhibit = pulls(7, 14, 3)
    assert QUIET.weakened(tables, SUPPLY_V, RAILS, excite, inhibit) == (excite, inhibit)
    assert not QUIET
    assert Disturbance(1e-3)


def test_the_droop_is_that_of_the_current_that_is_left(tables):
    """A unit is 10 nA at 0.6 V, e-fold for 50 mV: x = exp(-R u 10 nA x / 50 mV)."""
    excite, inhibit = pulls(5, 10, 0)
    left, less = Disturbance(0.0, 1e6).weakened(tables, SUPPLY_V, RAILS, excite, inhibit)
    for i, units in enumerate((5, 10)):
        share = left[0, i] / units
        assert share == pytest.approx(np.exp(-1e6 * units * 10e-9 * share / 0.05), rel=1e-6)
        assert less[0, i] / units == pytest.approx(share)  # a sink's gate is driven from there
    assert left[0, 2] == 0


def test_who_shares_a_rail_shares_its_droop(tables):
    excite, inhibit = pulls(5, 5, 5)
    shared = np.array([0, 0, 1])
    source = Disturbance(0.0, 1e6)
    left, _ = source.weakened(tables, SUPPLY_V, shared, excite, inhibit)
    alone, _ = source.weakened(tables, SUPPLY_V, RAILS, *pulls(10, 0, 5))
    assert left[0, 0] == left[0, 1] == pytest.approx(alone[0, 0] / 2)
    assert left[0, 2] == pytest.approx(alone[0, 2])


def test_noise_is_seeded_and_as_large_as_asked():
    one, again, other = (Disturbance(1e-3, seed=s).noise(0, (400, 50)) for s in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).all()
    assert one.std() == pytest.approx(1e-3, rel=0.02)
    assert (Disturbance(1e-3, seed=1).noise(1, (400, 50)) != one).all()


@pytest.fixture
def hardware(neurons, curve):
    rng = np.random.default_rng(2)
    network = Network((Layer.of(rng.normal(0, 0.5, (10, 12)), rng.normal(0, 0.3, 10)),), head=True)
    return deploy(neurons, quantise(network), network, curve)


def test_a_network_decides_otherwise_only_near_its_thresholds(hardware):
    rng = np.random.default_rng(0)
    n_in = hardware.mapped.layers[0].coded.codes.shape[1]
    inputs = rng.random((200, n_in)) < 0.5
    quiet = hardware.run(inputs)[0]
    noisy = replace(hardware, disturbance=Disturbance(2e-3)).run(inputs)[0]
    changed = noisy.spikes != quiet.spikes
    assert np.abs(quiet.margin_V[changed]).max(initial=0) < 5 * 2e-3
    weak = replace(hardware, disturbance=Disturbance(0.0, 1e9)).run(inputs)[0]
    assert weak.spikes.sum() < quiet.spikes.sum()


def test_parts_are_asked_one_by_one():
    both = Disturbance(0.7e-3, 1e3, seed=4)
    assert both.parts() == {"noise": Disturbance(0.7e-3, seed=4), "source": Disturbance(0.0, 1e3)}
    assert QUIET.parts() == {}
    assert str(both) == "noise 0.7 mV rms, sources of 1 kohm"


def test_the_table_says_what_is_lost():
    own = np.array([[True, False], [False, True]])
    table = disturbed_table(own, own, {"neither": own, "noise": own ^ [[True, False]] * 2})
    assert list(table["agreement"]) == [1, 0.5]
    assert list(table["exact_match"]) == [1, 0]
    assert "exact_match" not in disturbed_table(own, None, {"neither": own})


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"noise_V": -1e-3}, "`noise_V` -0.001: what noise moves at a decision is 0 to 0.1 V rms"),
        ({"noise_V": 1.0}, "`noise_V` 1: what"),
        ({"source_ohm": -1.0}, "`source_ohm` -1: what feeds a supply has 0 to 1e"),
    ],
)
def test_refused(asked, message):
    with pytest.raises(InputError, match=message):
        Disturbance(**asked)


def test_cases_to_be_proven_droop_each_on_its_own_supply(tables, geometry):
    case = Case(geometry, np.array([5, 5], np.int16), np.array([True, True]), 0.6, "")
    other = replace(case, active=np.array([True, False]))
    stiff = modelled(tables, [case, other])[1]
    weak = modelled(tables, [case, other], Disturbance(0.0, 1e6))[1]
    alone = modelled(tables, [case], Disturbance(0.0, 1e6))[1]
    assert (weak < stiff).all()
    assert weak[0] == alone[0]
