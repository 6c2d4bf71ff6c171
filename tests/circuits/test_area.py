"""Area from device sizes: the rules, their scaling, and what a neuron comes to."""

from dataclasses import replace

import pytest

from anaspike.circuits.area import area_rules, block_um2, neuron_area
from anaspike.circuits.block import Technology
from anaspike.circuits.designs import design_for
from anaspike.circuits.gates import nor
from anaspike.circuits.neuron import neuron_core
from anaspike.circuits.synapse import synapse
from anaspike.errors import InputError
from anaspike.pdk.generic28 import Generic28
from anaspike.pdk.roles import MosSize


@pytest.fixture
def technology():
    return Technology(Generic28())


def test_a_device_takes_what_the_fitted_rule_says():
    pmos = MosSize("pmos_lvt", 0.7e-6, 0.5e-6)
    rules = area_rules("sky130")
    assert rules.device_um2(pmos) == pytest.approx((0.5 + 1.57) * (0.7 + 2.37))
    three = replace(pmos, mult=3)
    assert rules.device_um2(three) == pytest.approx((0.5 + 1.57 + 2 * 1.0) * (0.7 + 2.37))


def test_two_pmos_come_near_their_layout():
    # The symmetric pseudo-resistor of two, clean of rule violations, took 9.9 um2.
    pmos = MosSize("pmos_lvt", 0.7e-6, 0.5e-6)
    assert 9.9 < 2 * area_rules("sky130").device_um2(pmos) < 1.3 * 9.9


def test_28_nm_is_scaled_by_its_pitches():
    wide, narrow = area_rules("sky130"), area_rules("generic28")
    assert narrow.ends_um / wide.ends_um == pytest.approx(117 / 460)
    assert narrow.across_um / wide.across_um == pytest.approx(90 / 340)
    by_area = (117 / 460) * (90 / 340)
    assert narrow.row_um2 / wide.row_um2 == pytest.approx(by_area)
    assert narrow.bit_um2 / wide.bit_um2 == pytest.approx(by_area)


def test_sg13g2_is_scaled_by_its_pitches_and_has_its_own_cells():
    wide, ours = area_rules("sky130"), area_rules("sg13g2")
    assert ours.ends_um / wide.ends_um == pytest.approx(48 / 46)
    assert ours.across_um / wide.across_um == pytest.approx(42 / 34)
    assert ours.bit_um2 == pytest.approx(47.17, abs=0.01)
    # 50 fF at 1.5 fF/um2 are 5.77 um on a side; the lower plate 1.2 um more.
    assert ours.membrane_um2 == pytest.approx(6.97**2, rel=2e-3)


def test_180_nm_is_scaled_by_its_pitches_and_its_cells_are_the_foundry_s():
    narrow, wide = area_rules("sky130"), area_rules("gf180mcu")
    assert wide.ends_um / narrow.ends_um == pytest.approx(560 / 460)
    assert wide.across_um / narrow.across_um == pytest.approx(560 / 340)
    # 11.0 um2 for a NAND of four, 74.6 for a flip-flop; 25 um2 of capacitor and its border.
    assert 4 * wide.row_um2 == pytest.approx(11.0, rel=0.1)
    assert wide.bit_um2 == pytest.approx(74.6, rel=0.01)
    assert 25 < wide.membrane_um2 < 40


def test_gates_stand_in_rows(technology):
    rules = area_rules("generic28")
    gate = nor(technology, design_for("generic28").neuron.logic, 4)
    assert block_um2(gate, rules) == pytest.approx(8 * rules.row_um2)


def test_a_long_device_outweighs_the_gates_of_a_synapse(technology):
    rules, sizes = area_rules("generic28"), design_for("generic28").neuron.synapse
    short = replace(sizes, sink=replace(sizes.sink, l_m=sizes.sink.l_m / 10))
    whole, less = (block_um2(synapse(technology, s), rules) for s in (sizes, short))
    assert less < 0.6 * whole


def test_a_neuron_is_the_sum_of_its_parts(technology):
    area = neuron_area(Generic28())
    assert area.total_um2 == pytest.approx(sum(part.area_um2 for part in area.parts))
    assert 0 < area.core_um2 < area.total_um2
    by_name = {part.name: part for part in area.parts}
    assert by_name["membrane capacitor"].area_um2 == pytest.approx(27.0)
    assert by_name["18 bits of weight"].area_um2 == pytest.approx(
        18 * area_rules("generic28").bit_um2
    )
    core = neuron_core(technology, design_for("generic28").neuron, 3)
    counted = sum(part.transistors for part in area.parts if part.in_core)
    assert counted == len(list(core.transistors()))


def test_an_unknown_process_is_named():
    with pytest.raises(InputError, match="no area rules for 'other'; there are some for generic28"):
        area_rules("other")
