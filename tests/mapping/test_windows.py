"""The charge model in time against hand calculation: kept, leaked, reset, asked or not."""

from dataclasses import replace

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.temporal import TemporalLayer, TemporalNetwork
from anaspike.mapping.in_time import (
    HardwareInTime,
    beta_made,
    coded_in_time,
    period_for,
    sized_in_time,
    static,
)
from anaspike.mapping.mismatch import Deviation, draw_leaks
from anaspike.mapping.supplies import assign_supplies
from anaspike.mapping.supply_curve import SupplyCurve
from anaspike.mapping.verify_windows import timed_quantities
from anaspike.mapping.windows import Aftermath, WindowLayer, kept, resting, stored

# 10 nA for 50 ns on 100 fF is 5 mV for a unit of code; 200 Mohm there is a time constant of 20 us.
PERIOD_S, TAU_S = 2e-6, 20e-6
CURVE = SupplyCurve(np.array([0.5, 0.6, 0.7]), np.exp([-2.0, 0.0, 2.0]))


@pytest.fixture
def leaky(tables):
    return replace(tables, leak_A=(0.25 - tables.membrane_V) / 200e6)


def run(tables, geometry, excite, inhibit=None, asked=None, after=None, **own):
    up = np.array(excite, float)[None, :, None]
    down = np.zeros(up.shape) if inhibit is None else np.array(inhibit, float)[None, :, None]
    any_spikes = np.array([[True] * up.shape[1] if asked is None else asked], bool)
    layer = WindowLayer(
        tables, geometry, after or Aftermath(0.25, 0.0), PERIOD_S, np.array([0.6]), **own
    )
    return [part[0, :, 0] for part in layer.run(up, down, any_spikes)]


def test_charges_of_windows_add_up_and_a_spike_starts_anew(tables, geometry):
    spikes, margin_V, membrane_V = run(tables, geometry, [9, 9, 9, 9, 0])
    assert membrane_V == pytest.approx([0.295, 0.34, 0.385, 0.295, 0.295], abs=1e-6)
    assert spikes.tolist() == [0, 0, 1, 0, 0]
    assert margin_V == pytest.approx(membrane_V - 0.35, abs=1e-6)


def test_what_is_left_leaks_from_window_to_window(leaky, geometry):
    _, _, membrane_V = run(leaky, geometry, [10, 0, 0, 0])
    left_V = membrane_V[0] - 0.25
    for i in range(1, 4):
        assert membrane_V[i] - 0.25 == pytest.approx(
            left_V * np.exp(-i * PERIOD_S / TAU_S), rel=2e-3
        )


def test_windows_that_nobody_asks_only_leak(leaky, geometry):
    spikes, margin_V, membrane_V = run(leaky, geometry, [10, 0, 0, 10], asked=[1, 0, 0, 1])
    assert margin_V[1:3].tolist() == [-np.inf, -np.inf]
    assert not spikes.any()
    asked = run(leaky, geometry, [10, 0, 0, 10])[2]
    assert membrane_V[3] == pytest.approx(asked[3], abs=2e-5)


def test_what_windows_leave_behind_is_there_in_the_next(tables, geometry):
    after = Aftermath(reset_V=0.24, back_coulomb=-0.3e-15)
    _, _, membrane_V = run(tables, geometry, [4, 0, 30, 0], after=after)
    assert membrane_V == pytest.approx([0.27, 0.267, 0.414, 0.24], abs=1e-6)
    late = replace(tables, off_coulomb=np.array([[[0, 0.2e-15]] * 3, [[0, -0.1e-15]] * 3]))
    _, _, membrane_V = run(late, geometry, [4, 0], [0, 2])
    assert membrane_V[1] == pytest.approx(0.27 + 4 * 2e-3 - 2 * 5e-3, abs=1e-6)


def test_a_neuron_has_a_leak_of_its_own(leaky, geometry):
    slow, quick = (run(leaky, geometry, [10, 0], leak=np.array([f]))[2][1] for f in (0.5, 2.0))
    start_V = 0.05 * (1 - 0.5 * 50e-9 / TAU_S / 2)
    assert slow - 0.25 == pytest.approx(start_V * np.exp(-0.5 * PERIOD_S / TAU_S), rel=3e-3)
    assert quick < slow


def test_beta_is_what_a_period_makes_and_a_period_what_beta_asks(leaky, geometry):
    store_F = stored(leaky, geometry, np.array([0.6]))
    beta = np.exp(-PERIOD_S / TAU_S)
    assert kept(leaky, store_F, PERIOD_S, 0.05) == pytest.approx([beta], rel=1e-3)
    assert beta_made(leaky, geometry, 0.6, PERIOD_S) == pytest.approx(beta, rel=1e-3)
    assert period_for(leaky, geometry, 0.6, beta) == pytest.approx(PERIOD_S, rel=1e-2)
    assert resting(replace(leaky, leak_A=(0.262 - leaky.membrane_V) / 200e6)) == pytest.approx(
        0.262
    )
    with pytest.raises(
        InputError, match=r"beta 0.999 of layer 3: no period makes it .* keeps 0 to"
    ):
        period_for(leaky, geometry, 0.6, 0.999, 3)
    for period_s in (100e-9, 1.0):
        with pytest.raises(InputError, match="windows of spikes of 5e-08 s need 3e-07 s at least"):
            WindowLayer(leaky, geometry, Aftermath(0.25, 0), period_s, np.array([0.6]))


@pytest.fixture
def network():
    rng = np.random.default_rng(3)
    first = TemporalLayer.of(rng.normal(0.1, 0.4, (12, 10)), None, 1.0, 0.9)
    second = TemporalLayer.of(rng.normal(0.1, 0.5, (4, 12)), np.full(4, 0.05), 1.5, 0.9)
    return TemporalNetwork((first, second), 1e-4)


@pytest.fixture
def hardware(network, neurons, leaky):
    neurons = replace(neurons, tables=leaky)
    coded = coded_in_time(network)
    geometries, units, period_s = sized_in_time(neurons, coded, network, CURVE, None)
    mapped = assign_supplies(coded, static(network), CURVE, unit_thetas=units)
    after = (Aftermath(0.25, 0.0),) * 2
    return HardwareInTime(None, leaky, geometries, after, period_s, mapped)


def trains(patterns=60):
    return np.random.default_rng(5).random((patterns, 8, 10)) < 0.3


def agreement(hardware, network, deviations=None):
    ran = hardware.run(trains(), deviations)
    pairs = zip(ran, network.run(trains()), strict=True)
    return [float(np.mean(one.spikes == other)) for one, other in pairs]


def test_membranes_of_all_layers_leak_alike(hardware, network):
    for geometry in hardware.geometries:
        assert beta_made(hardware.tables, geometry, 0.6, hardware.period_s) == pytest.approx(
            0.9, abs=1e-3
        )


def test_trimmed_neurons_spike_as_the_networks_own(hardware, network):
    wanted = network.run(trains())
    trimmed = hardware.trimmed(trains(), wanted)
    assert 0.05 < wanted[0].mean() < 0.6
    assert min(agreement(trimmed, network)) > 0.93
    assert agreement(trimmed, network)[0] >= agreement(hardware, network)[0] - 0.01


def test_calibration_divides_a_chips_gains_and_leaks_out(hardware, network):
    wanted = network.run(trains())
    meant = hardware.trimmed(trains(), wanted).remapped(5, headroom=2.0)
    rng = np.random.default_rng(7)
    gains = [Deviation(np.exp(0.3 * rng.standard_normal(n))) for n in (12, 4)]
    chip = draw_leaks(gains, meant.mapped, 0.2, 1)
    left = agreement(meant, network, chip)
    found = agreement(meant.calibrated(trains(), wanted, chip), network, chip)
    assert found[0] > left[0] + 0.03
    again = draw_leaks(gains, meant.mapped, 0.2, 1)
    assert np.array_equal(chip[0].leak, again[0].leak)


def test_a_period_that_is_given_is_kept_and_no_leak_needs_none(network, neurons, leaky):
    neurons, coded = replace(neurons, tables=leaky), coded_in_time(network)
    assert sized_in_time(neurons, coded, network, CURVE, 1e-6)[2] == 1e-6
    without = TemporalNetwork(
        tuple(replace(layer, beta=np.ones_like(layer.beta)) for layer in network.layers), 1e-4
    )
    assert sized_in_time(neurons, coded, without, CURVE, None)[2] == pytest.approx(300e-9)


def test_cases_are_neurons_with_trains_that_they_get(hardware):
    cases = hardware.cases(trains(), 4, 0)
    assert [case.name.split(",")[0] for case in cases] == ["layer 0", "layer 1"] * 2
    assert [case.trains.shape for case in cases] == [(8, 10), (8, 13)] * 2
    assert all(case.trains[:, -1].all() for case in cases[1::2])  # its bias comes in every window


def test_decisions_after_another_one_count_and_their_membranes_do_not():
    import pandas as pd

    proof = pd.DataFrame(
        {
            "case": ["a"] * 3 + ["b"] * 3, "asked": [True, True, True, True, False, True],
            "agrees": [1.0, 0.0, 1.0, 1.0, 1.0, 1.0], "status": "ok",
            "start_V": 0.25, "membrane_V": 0.3,
            "membrane_error_V": [1e-3, 1e-3, 0.05, 3e-3, 0.04, 3e-3],
            "margin_V": [0.1, 0.001, 0.1, -0.1, -np.inf, -0.1],
        }
    )  # fmt: skip
    found = timed_quantities(proof)
    assert found["spice_agreement"] == pytest.approx(0.8)
    assert found["spice_agreement_near"] == 0
    assert found["membrane_error_rms_V"] == pytest.approx(np.sqrt((1 + 1 + 9 + 9) / 4) * 1e-3)


def test_a_membrane_near_ground_may_be_taken_below_and_comes_back(leaky, geometry):
    # Switching off takes 50 mV below ground: 80 mV away it comes back by itself, as leaks do.
    down = replace(leaky, off_coulomb=np.array([[[0, 0.0]] * 3, [[0, -1e-15]] * 3]))
    _, _, membrane_V = run(down, geometry, [0, 0, 0], [50, 0, 0], leak=np.array([1e-6]))
    assert membrane_V[0] == pytest.approx(0.0, abs=6e-3)
    assert membrane_V[1] < -0.1
    _, _, membrane_V = run(down, geometry, [0, 0, 0], [50, 0, 0])
    assert membrane_V[2] > membrane_V[1] + 0.03
