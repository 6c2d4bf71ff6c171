"""The drawn comparator decides where the sized one does."""

from pathlib import Path

import pytest
from comparator_offset import offset_in_neuron, systematic_offset

from anaspike.circuits.designs import design_for
from anaspike.layout.catalog import block_named, drawn_block
from anaspike.layout.drawing import read_gds
from anaspike.layout.extract import extract
from anaspike.layout.files import realised
from anaspike.layout.sky130 import SKY130
from anaspike.pdk.catalog import open_pdk

NEURON = Path(__file__).parents[2] / "netlists" / "layouts" / "neuron.gds"


@pytest.fixture(scope="module")
def extracted(klayout, sky130_models):
    process, design = open_pdk("sky130"), design_for("sky130")
    block = block_named("comparator", process, design)
    drawn = drawn_block("comparator", process, design)
    return extract(realised("comparator", drawn, SKY130), block).block


def test_its_offset_is_less_than_a_millivolt(ngspice, extracted):
    offset_V = systematic_offset(ngspice, extracted, design_for("sky130"), steps=9)
    assert abs(offset_V) <= 1e-3


@pytest.mark.proof
@pytest.mark.parametrize("corner", ["ss", "ff", "sf", "fs"])
def test_so_it_is_at_every_corner(ngspice, extracted, corner):
    assert abs(systematic_offset(ngspice, extracted, design_for("sky130"), corner)) <= 1e-3


@pytest.fixture(scope="module")
def neuron(klayout, sky130_models):
    block = block_named("neuron", open_pdk("sky130"), design_for("sky130"))
    return extract(read_gds(NEURON, SKY130), block).block


@pytest.mark.proof
@pytest.mark.parametrize("corner", ["tt", "ss", "ff", "sf", "fs"])
def test_inside_a_neuron_it_is_less_than_two(ngspice, neuron, corner):
    """With the wires of the whole neuron above and beside it."""
    assert abs(offset_in_neuron(ngspice, neuron, design_for("sky130"), corner)) <= 2e-3
