"""A network's run: long enough for what follows of its last input, or a failure by name."""

from dataclasses import replace

import numpy as np
import pytest

from anaspike.circuits.designs import design_for
from anaspike.circuits.network import Network, NetworkNeuron
from anaspike.errors import InputError
from anaspike.experiments.network import NetworkTransient
from anaspike.experiments.network_file import read_network
from anaspike.experiments.protocol import NotFinished
from anaspike.pdk.generic28 import Generic28
from anaspike.spice.retry import run_with_retries

CHAIN = Network(
    ("a",),
    (NetworkNeuron("n", (("a", 7), ("a", 7)), 0.75), NetworkNeuron("m", (("n", 7),), 0.75)),
    ("m",),
)


def with_bias(share, network=CHAIN):
    design = design_for("generic28")
    generator = design.neuron.spike_generator
    generator = replace(generator, bias_current_A=share * generator.bias_current_A)
    drive = replace(design.drive, period_s=150e-9)
    return NetworkTransient(
        Generic28(),
        replace(design, neuron=replace(design.neuron, spike_generator=generator), drive=drive),
        network,
        {"a": 3},
    )


def test_it_ends_two_periods_after_the_last_input_or_later_where_spikes_are_long():
    brisk, slow = with_bias(1.0), with_bias(0.1)
    assert brisk.stop_s >= 100e-9 + 5 * 150e-9
    assert slow.stop_s > brisk.stop_s
    alone = replace(CHAIN, neurons=CHAIN.neurons[:1], outputs=("n",))
    assert with_bias(0.1, alone).stop_s < slow.stop_s


@pytest.mark.parametrize("share", [1.0, 0.25, 0.1])
def test_every_spike_is_over_and_was_heard_when_it_ends(ngspice, share):
    point = with_bias(share)
    traces = run_with_retries(ngspice, point.build()).waveforms
    row = point.measure(traces)
    assert row["spikes_n"] >= 1
    # A spike of several inputs' length is more than enough charge for the next.
    assert row["spikes_m"] == row["spikes_n"]
    assert traces["v(n)"][-1] < 0.1


def test_a_neuron_that_fires_at_the_end_is_a_failure_by_name(ngspice):
    point = with_bias(0.25)
    traces = run_with_retries(ngspice, point.build()).waveforms
    firing = np.where(traces.time_s > point.stop_s - 1e-9, 0.9, traces["v(m)"])
    vectors = {**{name: traces[name] for name in traces.names}, "v(m)": firing}
    with pytest.raises(NotFinished, match="m was firing as the run ended"):
        point.measure(replace(traces, vectors=vectors))


def test_a_file_may_set_the_mirrors_current(tmp_path):
    text = """
inputs = ["a"]
outputs = ["n"]
[neurons.n]
vdd_syn = "700mV"
synapses = { a = 5 }
[chip]
bias_current = "20nA"
[pdk.sky130.chip]
bias_current = "10nA"
"""
    path = tmp_path / "net.toml"
    path.write_text(text)
    for pdk, bias_A in (("generic28", 20e-9), ("sky130", 10e-9), ("sg13g2", 20e-9)):
        driven = read_network(path, pdk).driving(design_for(pdk))
        assert driven.neuron.spike_generator.bias_current_A == pytest.approx(bias_A)
    path.write_text(text.replace('"20nA"', '"-20nA"'))
    with pytest.raises(InputError, match=r"`chip.bias_current` is -2e-08; it must be a finite"):
        read_network(path, "generic28").driving(design_for("generic28"))
    path.write_text(text.replace("bias_current", "bias", 1))
    with pytest.raises(InputError, match=r"unknown key 'chip.bias'; there is bias_current"):
        read_network(path, "generic28")
