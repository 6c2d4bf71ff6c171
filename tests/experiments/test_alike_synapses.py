"""Nominal synapses that hear the same are built as one: fewer devices, the same neuron."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.circuits.block import Technology
from anaspike.circuits.designs import design_for, driven
from anaspike.circuits.neuron import neuron
from anaspike.circuits.synapse import synapse_of_code
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.sweep_vdd import sweep_vdd
from anaspike.pdk.generic28 import Generic28

TECHNOLOGY = Technology(Generic28())
SIZES = design_for("generic28").neuron


def point(codes=(1, 0, 0), spikes_in=2, **changes):
    design = driven(design_for("generic28"), codes, spikes_in, None, None)
    return replace(NeuronTransient(Generic28(), design, 0.75, "tt"), **changes)


def silicon(block):
    """What stands there in all: (role, width, length) -> how many."""
    found = Counter()
    for _, size in block.transistors():
        found[size.role, size.w_m, size.l_m] += size.mult
    return found


@given(st.lists(st.integers(-7, 7), min_size=1, max_size=9).map(tuple))
def test_every_transistor_is_there_as_often_as_before(codes):
    alike = neuron(TECHNOLOGY, SIZES, codes, alike=True)
    whole = neuron(TECHNOLOGY, SIZES, codes)
    assert silicon(alike) == silicon(whole)
    assert alike.ports == whole.ports
    assert len(list(alike.transistors())) < len(list(whole.transistors()))


def test_a_sweep_evaluates_half_of_the_transistors():
    assert len(list(point(whole=True).block.transistors())) == 178
    assert len(list(point().block.transistors())) == 99


def test_gates_of_bits_that_switch_keep_their_own_load():
    names = dict(synapse_of_code(TECHNOLOGY, SIZES.synapse, 5).transistors())
    assert {name for name in names if "source" in name} == {
        "xsource_p2", "xsource_p0", "xsource_p_idle",
    }  # fmt: skip
    assert names["xsource_p2"].mult == 4 * names["xsource_p0"].mult
    assert names["xnand_n_idle.xn_a"].mult == 3 * names["xnand_p0.xn_a"].mult


def test_a_chip_and_stored_weights_are_whole():
    assert len(list(point(seed=1).block.transistors())) == 178
    assert point(seed=1).block == point(whole=True).block
    stored = design_for("generic28")
    stored = replace(stored, neuron=replace(stored.neuron, weights="stored"))
    one = NeuronTransient(Generic28(), stored, 0.75, "tt")
    assert one.block == replace(one, whole=True).block


def test_what_a_sweep_varies_leaves_the_block_as_it_is():
    first, last = sweep_vdd(point(), (0.6, 0.7))
    assert first.block is last.block


@pytest.mark.ngspice
def test_it_answers_as_the_whole_neuron_does(ngspice):
    rows = []
    for whole in (True, False):
        one = point((5, -2, 0, -2, 5), spikes_in=1, whole=whole)
        deck = one.build()
        # So tight that what the integration leaves open is less than what is asked here.
        deck = replace(deck, options=deck.options.tightened())
        rows.append(one.measure(ngspice.run(deck)))
    before, after = rows
    assert after["spikes_out"] == before["spikes_out"] > 0
    assert after["lowest_fired_V"] == pytest.approx(before["lowest_fired_V"], abs=20e-6)
    for name in ("energy_total_J", "static_power_W", "energy_synapse_J", "energy_comparator_J"):
        assert after[name] == pytest.approx(before[name], rel=1e-3), name
