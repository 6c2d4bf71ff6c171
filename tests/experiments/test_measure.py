"""Measurements against hand calculation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.experiments.measure import find_spikes, integrate, supply_energy


def trapezoids(starts, width=10.0, edge=2.0, high=1.0):
    """A trace with linear edges: crossings are known exactly."""
    t, v = [0.0], [0.0]
    for start in starts:
        t += [start, start + edge, start + edge + width, start + 2 * edge + width]
        v += [0.0, high, high, 0.0]
    return np.array(t), np.array(v)


def test_crossings_and_widths_are_interpolated():
    t, v = trapezoids([100.0, 200.0])
    spikes = find_spikes(t, v, 0.7, 0.3)
    assert spikes.rise_s == pytest.approx([101.4, 201.4])
    # falls at start + 2 + 10 + 0.7 * 2
    assert spikes.width_s == pytest.approx([12.0, 12.0])


@given(st.integers(0, 20), st.integers(0, 2**32 - 1))
def test_ripple_inside_the_hysteresis_is_no_spike(count, seed):
    t, v = trapezoids(100.0 * np.arange(1, count + 1))
    fine = np.linspace(0, 100.0 * (count + 1), 4000)
    ripple = 0.15 * np.random.default_rng(seed).uniform(-1, 1, fine.size)
    assert len(find_spikes(fine, np.interp(fine, t, v) + ripple, 0.7, 0.3)) == count


def test_a_trace_that_starts_high_has_no_spike_until_it_has_been_low():
    t = np.arange(6.0)
    assert len(find_spikes(t, np.array([1.0, 1, 1, 1, 1, 1]), 0.7, 0.3)) == 0
    assert find_spikes(t, np.array([1.0, 0, 1, 1, 0, 0]), 0.7, 0.3).rise_s == pytest.approx([1.7])


def test_a_spike_that_has_not_ended_has_no_width():
    spikes = find_spikes(np.arange(4.0), np.array([0.0, 0, 1, 1]), 0.7, 0.3)
    assert len(spikes) == 1
    assert np.isnan(spikes.width_s[0])


def test_a_fall_before_the_first_rise_does_not_shift_the_widths():
    t = np.arange(8.0)
    v = np.array([1.0, 0, 0, 1, 1, 0, 0, 0])
    spikes = find_spikes(t, v, 0.5, 0.5)
    assert spikes.rise_s == pytest.approx([2.5])
    assert spikes.width_s == pytest.approx([2.0])


def test_integral_of_a_ramp_between_samples():
    t = np.array([0.0, 1.0, 3.0, 7.0])
    assert integrate(t, 2 * t, 0.5, 6.5) == pytest.approx(6.5**2 - 0.5**2)


def test_energy_of_a_supply_is_positive_when_it_delivers():
    t = np.linspace(0, 1e-6, 11)
    # 1 uA out of the plus pin is -1 uA of branch current: 0.9 V x 1 uA x 1 us = 0.9 pJ.
    assert supply_energy(t, np.full(11, -1e-6), 0.9, 0, 1e-6) == pytest.approx(0.9e-12)
