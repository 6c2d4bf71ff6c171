"""Which supply each gate, well and switch stands on, where a design may choose."""

from dataclasses import replace

import pytest

from anaspike.circuits.block import Technology
from anaspike.circuits.comparator import comparator
from anaspike.circuits.designs import design_for
from anaspike.circuits.neuron import neuron
from anaspike.circuits.spike_generator import delay
from anaspike.circuits.synapse import bundle, synapse
from anaspike.errors import InputError
from anaspike.experiments.testbench import neuron_voltages
from anaspike.pdk.generic28 import Generic28
from anaspike.pdk.roles import MosSize

TECHNOLOGY = Technology(Generic28())
SIZES = design_for("generic28").neuron
NAND = MosSize("nmos_svt", 200e-9, 30e-9), MosSize("pmos_svt", 200e-9, 30e-9)


def own_gates(**changes):
    source_nand_n, source_nand_p = NAND
    return replace(
        SIZES.synapse, source_nand_n=source_nand_n, source_nand_p=source_nand_p, **changes
    )


def nets(block, name):
    """Return port -> node of a placed block."""
    child = block.children[f"x{name}"]
    line = next(x for x in str(block).splitlines() if x.lower().startswith(f"x{name} "))
    return dict(zip(child.ports, line.split()[1:], strict=False))


def test_a_synapse_runs_on_its_own_supply_alone_unless_told():
    block = synapse(TECHNOLOGY, SIZES.synapse)
    assert block.ports[-1] == "vdd_syn"
    assert {nets(block, f"nand_{s}0")["vdd"] for s in "pn"} == {"vdd_syn"}


def test_the_sources_gates_stand_on_the_core_supply_and_the_sinks_do_not():
    block = synapse(TECHNOLOGY, own_gates())
    assert block.ports[-2:] == ("vdd_syn", "vdd")
    assert nets(block, "nand_p1")["vdd"] == "vdd"
    assert nets(block, "nand_n1")["vdd"] == nets(block, "inv_n1")["vdd"] == "vdd_syn"
    assert dict(block.transistors())["xnand_p0.xn_a"] == NAND[0]
    assert dict(block.transistors())["xnand_n0.xn_a"] == SIZES.synapse.logic.nand_n


def test_a_level_for_the_sinks_is_a_pin_of_synapse_and_neuron_and_a_source_of_the_bench():
    sizes = replace(SIZES, synapse=own_gates(sink_on_V=0.6))
    block = synapse(TECHNOLOGY, sizes.synapse)
    assert nets(block, "nand_n2")["vdd"] == nets(block, "inv_n2")["vdd"] == "vdd_sink"
    assert "vdd_sink" in neuron(TECHNOLOGY, sizes, (1, -1)).ports
    assert neuron_voltages(Generic28(), sizes, {"vdd_syn": 0.65})["vdd_sink"] == 0.6
    assert "vdd_sink" not in neuron_voltages(Generic28(), SIZES, {"vdd_syn": 0.65})


def test_synapses_in_parallel_have_all_their_gates_that_many_times():
    many = dict(bundle(TECHNOLOGY, own_gates(), 3).transistors())
    one = dict(synapse(TECHNOLOGY, own_gates()).transistors())
    assert {path: size.mult for path, size in many.items()} == {
        path: 3 * size.mult for path, size in one.items()
    }


def test_a_level_above_the_core_supply_is_refused():
    with pytest.raises(InputError, match="could not switch the sinks off"):
        neuron_voltages(
            Generic28(), replace(SIZES, synapse=own_gates(sink_on_V=0.95)), {"vdd_syn": 0.65}
        )


def test_half_a_gate_is_refused():
    with pytest.raises(InputError, match="both"):
        replace(SIZES.synapse, source_nand_n=NAND[0])


@pytest.mark.parametrize(("well", "junctions"), [("hold", 1), ("vdd", 0)])
def test_dummies_have_a_junction_to_the_substrate_in_a_well_of_their_own_only(well, junctions):
    text = str(comparator(TECHNOLOGY, replace(SIZES.comparator, dummy_well=well)))
    assert text.lower().count("xwell_hold") == junctions


def test_the_second_slow_edge_may_have_a_transistor_of_its_own():
    slow = MosSize("pmos_lvt", 150e-9, 60e-9)
    block = delay(TECHNOLOGY, replace(SIZES.spike_generator, slow_p=slow))
    assert block.devices["xslow_p"] == slow
    assert block.devices["xfast_p"] == SIZES.spike_generator.logic.inverter_p
