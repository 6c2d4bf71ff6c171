"""Spikes far apart: the step follows them, the physics is that of one spike alone."""

from dataclasses import replace

import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.opinion import with_opinions
from anaspike.circuits.designs import design_for, driven
from anaspike.circuits.network import Network, NetworkNeuron
from anaspike.experiments.network import NetworkTransient
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.stimulus import BRISK_S, following
from anaspike.pdk.generic28 import Generic28
from anaspike.spice.retry import run_with_retries
from anaspike.studies.blocks.sweep_vdd import SweepVdd

# One spike of 100 ns on codes +7, +7 charges the membrane past the threshold by itself.
STRONG = {"codes": (7, 7, 0), "width_s": 100e-9}
WEAK = {"codes": (4, 0, 0), "width_s": 50e-9}


def point(period_s, spikes_in, vdd_syn_V=0.75, codes=(7, 7, 0), width_s=100e-9):
    design = driven(design_for("generic28"), codes, spikes_in, period_s, width_s)
    return NeuronTransient(Generic28(), design, vdd_syn_V, "tt")


def ran(ngspice, experiment):
    waveforms = run_with_retries(ngspice, experiment.build()).waveforms
    return experiment.measure(waveforms), len(waveforms.time_s)


@pytest.mark.parametrize("name", ["generic28", "sky130", "gf180mcu"])
def test_up_to_five_microseconds_a_design_keeps_its_own_settings(name):
    design = design_for(name)
    for period_s in (design.drive.period_s, 1e-6, BRISK_S):
        drive = replace(design.drive, period_s=period_s)
        assert following(design.options, drive) == design.options


def test_beyond_that_the_step_is_a_five_hundredth_of_the_period_and_the_audits_half_of_it():
    for experiment in (
        point(1e-3, 2),
        NetworkTransient(
            Generic28(),
            driven(design_for("generic28"), None, None, 1e-3, None),
            Network(("a",), (NetworkNeuron("n", (("a", 4),), 0.7),), ("n",)),
            {"a": 2},
        ),
    ):
        asked = experiment.build()
        tight = replace(asked, options=asked.options.tightened())
        assert asked.options.max_step_s == pytest.approx(2e-6)
        assert tight.options.max_step_s == pytest.approx(1e-6)
        assert tight.options.chgtol_C == pytest.approx(asked.options.chgtol_C / 10)
        assert ".tran 2u " in asked.render()


@pytest.fixture(scope="module")
def slow(ngspice):
    """Three spikes a millisecond apart: the row, and the number of time points."""
    return ran(ngspice, point(1e-3, 3))


@pytest.fixture(scope="module")
def alone(ngspice):
    """One spike: the row."""
    return ran(ngspice, point(20e-6, 1))[0]


@pytest.mark.ngspice
def test_a_spike_a_millisecond_after_another_does_what_it_does_alone(slow, alone):
    """Between them the membrane forgets: exp(-1 ms / 21 us) of the charge is left."""
    row, _ = slow
    assert (alone["spikes_out"], row["spikes_out"]) == (1, 3)
    assert row["latency_s"] == pytest.approx(alone["latency_s"], rel=1e-3)
    assert row["spike_width_s"] == pytest.approx(alone["spike_width_s"], rel=1e-2)


@pytest.mark.ngspice
def test_a_thousand_times_the_time_takes_less_than_five_times_the_points(ngspice, slow):
    _, of_microseconds = ran(ngspice, point(1e-6, 3))
    assert slow[1] < 5 * of_microseconds


@pytest.mark.ngspice
def test_energy_over_milliseconds_is_that_of_the_leak_and_of_each_spike(slow, alone):
    """By hand: static power, as measured before the first spike, for all of the time.

    Each spike adds what one adds in a run a fiftieth as long, which small steps follow too.
    """

    def of_spikes(row, stop_s):
        return row["energy_total_J"] - row["static_power_W"] * (stop_s + 100e-9)

    static_J = slow[0]["static_power_W"] * 4e-3
    assert of_spikes(slow[0], 4e-3) == pytest.approx(
        3 * of_spikes(alone, 40e-6), abs=0.001 * static_J
    )
    spikes_share = 3 * of_spikes(alone, 40e-6) / slow[0]["energy_total_J"]
    assert slow[0]["static_share"] == pytest.approx(1 - spikes_share, abs=0.001)


@pytest.mark.ngspice
def test_spikes_that_fire_the_neuron_together_do_not_a_millisecond_apart(ngspice):
    together, _ = ran(ngspice, point(1e-6, 3, 0.65, **WEAK))
    apart, _ = ran(ngspice, point(1e-3, 3, 0.65, **WEAK))
    assert (together["spikes_out"], apart["spikes_out"]) == (1, 0)


@pytest.mark.ngspice
@pytest.mark.parametrize("period", ["100u", "1m"])
def test_the_audit_passes(ngspice, period):
    study = SweepVdd(points=2, spikes_in=1, period_s=period, **STRONG)
    bench = Bench(ngspice, 2, check_convergence=True)
    audit = with_opinions(study.answer(bench), bench).findings.tables["convergence"]
    assert (audit["verdict"] == "agrees").all()
    assert audit["counts"].tolist() == audit["second_counts"].tolist()
    assert audit["counts"].iloc[-1] == "1"
    assert audit["energy_change"].abs().max() < 0.002
