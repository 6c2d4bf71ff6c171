"""What events cost, measured in SPICE where a process's strong synapses need a larger membrane."""

from dataclasses import astuple, replace

import pytest

from anaspike.campaign.bench import Bench
from anaspike.circuits.designs import design_for
from anaspike.mapping.characterise import Conditions, NotMeasured
from anaspike.mapping.energy import measure_energies
from anaspike.pdk.catalog import open_pdk


def energies(pdk, temperature_C=27.0, larger=1.0):
    design = design_for(pdk)
    neuron = replace(design.neuron, membrane_F=larger * design.neuron.membrane_F)
    at = Conditions(open_pdk(pdk), replace(design, neuron=neuron), "tt", temperature_C)
    return measure_energies(Bench(), at, 0.65)


@pytest.mark.parametrize(("pdk", "temperature_C"), [("generic28", 85.0), ("sky130", 27.0)])
def test_synapses_that_are_strong_are_measured_too(pdk, temperature_C):
    found = energies(pdk, temperature_C)
    # A window is a clock and a decision; a spike, its generator and another decision: as much.
    assert 0 < found.synapse_J < found.window_J
    assert found.spike_J > 0.8 * found.window_J


def test_what_events_cost_hardly_depends_on_the_membrane():
    assert astuple(energies("generic28", larger=2.0)) == pytest.approx(
        astuple(energies("generic28")), rel=0.1
    )


def test_where_no_membrane_serves_it_says_so():
    with pytest.raises(NotMeasured, match="the wrong neuron fired"):
        energies("generic28", larger=100.0)
