"""The drawn comparator decides where the sized one does."""

import pytest
from comparator_offset import systematic_offset

from anaspike.circuits.designs import design_for
from anaspike.layout.catalog import block_named, drawn_block
from anaspike.layout.extract import extract
from anaspike.layout.files import realised
from anaspike.layout.sky130 import SKY130
from anaspike.pdk.catalog import open_pdk


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
