"""Injected noise: its density, its draws, and what it does to a membrane."""

from dataclasses import replace

import numpy as np
import pytest

from anaspike.campaign.bench import Bench
from anaspike.circuits.designs import design_for
from anaspike.errors import InputError
from anaspike.experiments.decision import Decision
from anaspike.experiments.noise import (
    CHARGE_COULOMB,
    NoisyDecision,
    NoisyPulse,
    jittered,
    ktc_sigma,
    normals,
    white_pwl,
)
from anaspike.pdk.generic28 import Generic28

DESIGN = design_for("generic28")


def decision(**changed):
    return NoisyDecision(Generic28(), DESIGN, (5,), (True,), 0.65, start_V=0.25, **changed)


def test_a_draw_is_the_same_whatever_else_is_drawn():
    assert normals(3, "shot", 5) == pytest.approx(normals(3, "shot", 9)[:5])
    assert normals(3, "shot", 5) != pytest.approx(normals(4, "shot", 5))
    assert normals(3, "shot", 5) != pytest.approx(normals(3, "jitter", 5))
    many = normals(0, "many", 100_000)
    assert (many.mean(), many.std()) == pytest.approx((0, 1), abs=0.01)


def test_ktc_by_hand():
    """1.38e-23 J/K x 300.15 K / 69 fF is (0.245 mV)^2."""
    assert ktc_sigma(69e-15, 27.0) == pytest.approx(0.245e-3, rel=0.01)


def test_the_charge_of_white_noise_is_that_of_electrons_one_by_one():
    """Over a time t the variance of the charge is q I t, whatever the step."""
    current_A, over_s = 100e-9, 50e-9
    for count in (50, 200):
        step_s = over_s / count
        size_A = np.sqrt(CHARGE_COULOMB * current_A / step_s)
        charges = [size_A * normals(i, "q", count).sum() * step_s for i in range(2000)]
        expected = np.sqrt(CHARGE_COULOMB * current_A * over_s)
        assert np.std(charges) == pytest.approx(expected, rel=0.05)


def test_a_source_of_numbers_is_quiet_before_and_after():
    text = white_pwl(np.array([1.0, -2.0]), 10e-9, 1e-9).replace("\n+", "")
    assert text == "pwl(0 0 10n 0 11n 1 12n -2 13n 0)"


def test_a_width_that_jitters_is_around_the_nominal_one():
    widths = [jittered(DESIGN, 0.01, draw).drive.width_s for draw in range(200)]
    assert np.mean(widths) == pytest.approx(DESIGN.drive.width_s, rel=0.003)
    assert np.std(widths) == pytest.approx(0.01 * DESIGN.drive.width_s, rel=0.15)


def test_a_negative_draw_is_refused():
    with pytest.raises(InputError, match="draw -1 of the noise is negative"):
        decision(draw=-1)


def test_without_noise_it_is_the_plain_decision(ngspice):
    plain = Decision(Generic28(), DESIGN, (5,), (True,), 0.65, start_V=0.25)
    table = Bench(ngspice).run([plain, decision()]).table
    assert table["membrane_V"][1] == pytest.approx(table["membrane_V"][0], abs=0.2e-3)


def test_shot_noise_is_the_root_of_the_electrons(ngspice):
    draws = [decision(shot=True, draw=draw) for draw in range(16)]
    table = Bench(ngspice).run([decision(), *draws, draws[3]]).table
    assert table["status"].eq("ok").all()
    membrane_V = table["membrane_V"].astype(float)
    assert membrane_V[17] == membrane_V[4]  # the same draw again
    stored_F = DESIGN.neuron.membrane_F * 1.4  # with what the core adds, about
    electrons = (membrane_V[0] - 0.25) * stored_F / CHARGE_COULOMB
    by_hand_V = np.sqrt(electrons) * CHARGE_COULOMB / stored_F
    assert membrane_V[1:17].std() == pytest.approx(by_hand_V, rel=0.5)


def test_a_comparators_channels_are_noisy_while_it_decides(ngspice):
    watched = decision(watched=True)
    batch = Bench(ngspice).run([watched], keep={0})
    channels = watched.channels_of(batch.waveforms[0])
    assert [c.name for c in channels][:3] == ["input_p", "cross_p_p", "cross_n_p"]
    assert len({len(c.density) for c in channels}) == 1
    # By hand: 4 k T 2/3 gm, gm below 20 / V times some 10 uA, is about 1e-24 A^2/Hz.
    assert 1e-26 < max(channels[0].density) < 1e-22
    noisy = replace(watched, watched=False, channels=channels)
    table = Bench(ngspice).run([noisy]).table
    assert table["status"].eq("ok").all()


def test_a_spikes_width_jitters_by_a_percent_or_so(ngspice):
    current_A = DESIGN.neuron.spike_generator.bias_current_A
    quiet = NoisyPulse(Generic28(), DESIGN, current_A)
    noisy = [replace(quiet, draw=draw) for draw in range(8)]
    width_s = Bench(ngspice).run([quiet, *noisy]).table["spike_width_s"].astype(float)
    assert 0.001 < width_s[1:].std() / width_s[0] < 0.03
