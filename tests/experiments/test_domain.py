"""A supply domain: what one neuron sees of it is what many that share it see."""

from dataclasses import replace

import pytest

from anaspike.circuits.designs import design_for, driven
from anaspike.errors import InputError
from anaspike.experiments.domain import Domain
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.testbench import resting_core
from anaspike.pdk.generic28 import Generic28

SUPPLY_V = 0.65


def point(domain=None):
    design = driven(design_for("generic28"), (4,), 2, None, None)
    return NeuronTransient(Generic28(), design, SUPPLY_V, "tt", domain=domain)


def test_a_share_is_as_many_times_the_source_and_as_much_less_of_the_capacitor():
    assert Domain(1e3, 6e-12, 6).share_of(2) == Domain(3e3, 2e-12, 2)
    with pytest.raises(InputError, match="too small for a neuron of which 3 are active"):
        Domain(1e3, 0.0, 2).share_of(3)


@pytest.mark.parametrize("wrong", [{"source_ohm": -1.0}, {"decoupling_F": -1e-12}, {"synapses": 0}])
def test_what_no_domain_can_be(wrong):
    with pytest.raises(InputError, match="must be"):
        Domain(**wrong)


def test_without_a_domain_the_deck_is_what_it_was():
    body = point().build().body
    assert "vdd_syn_source" not in body
    assert "vvdd_syn vdd_syn 0 0.65" in body.lower()


def test_two_neurons_on_one_source_droop_as_one_on_twice_as_much(ngspice):
    shared = point(Domain(20e3, 0.2e-12, 2))
    deck = shared.build()
    ports = " ".join({"mem": "mem2", "out": "out2"}.get(p, p) for p in shared.block.ports)
    # The same source, whole, and a second neuron beside the first.
    body = deck.body
    for half, whole in (("vdd_syn 40000", "vdd_syn 20000"), ("vdd_syn 0 100f", "vdd_syn 0 200f")):
        assert half in body
        body = body.replace(half, whole)
    both = replace(
        deck,
        body=f"{body}\nxneuron2 {ports} {shared.block.name}",
        initial_V={
            **deck.initial_V,
            "mem2": deck.initial_V["mem"],
            **resting_core("xneuron2.xcore.", shared.pdk.vdd_V),
        },
    )
    alone, together = (shared.measure(ngspice.run(each)) for each in (deck, both))
    assert together["droop_V"] == pytest.approx(alone["droop_V"], rel=0.01)
    assert together["first_rise_V"] == pytest.approx(alone["first_rise_V"], rel=0.01)
