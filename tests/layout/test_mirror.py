"""The comparator's two halves are each other's mirror images, but for what has no counterpart."""

from dataclasses import replace

import pytest

from anaspike.circuits.designs import design_for, resized
from anaspike.errors import InputError
from anaspike.layout.block import Ask
from anaspike.layout.catalog import block_named, process_of
from anaspike.layout.comparator import BEST, comparator_block, crossed
from anaspike.layout.compare import compare
from anaspike.layout.files import realised
from anaspike.layout.grid import M3
from anaspike.layout.router import NotRouted
from anaspike.layout.rows import TRACK
from anaspike.layout.rules import check_rules
from anaspike.layout.sky130 import SKY130
from anaspike.layout.units import ports, unit_transistors

# With dummies in a well of their own and a tail of two fingers.
OTHER = {
    "comparator.tail.mult": 2,
    "comparator.input_pair.w_m": "6u",
    "comparator.input_pair.l_m": "0.15u",
}


def netlist(well="vdd", **sizes):
    design = resized(design_for("sky130"), sizes)
    comparator = replace(design.neuron.comparator, dummy_well=well)
    design = replace(design, neuron=replace(design.neuron, comparator=comparator))
    return block_named("comparator", process_of("sky130"), design)


def asked(block, landings=()):
    return Ask(tuple(ports(block)), ("vdd",), landings=landings)


def drawn(block, landings=()):
    return comparator_block(unit_transistors(block), asked(block, landings))


@pytest.mark.parametrize("sizes", [{}, {"well": "hold", **OTHER}])
def test_two_halves(klayout, sizes):
    block = netlist(**sizes)
    cell = realised("comparator", drawn(block), SKY130)
    for layer in ("nwell", "poly", "npc", "li", "m2", "m3"):
        region = cell.region(layer)
        other = region.transformed(klayout.Trans.M90)
        assert (region ^ other).is_empty(), layer
    assert check_rules(cell) == ()
    assert compare(cell, block).findings == ()


def test_what_fires_has_an_image_on_the_supply(klayout):
    """A via on the left alone ties it: the right half has what fires there."""
    block = drawn(netlist())
    vias = realised("comparator", block, SKY130).region("via")
    (rail,) = (track * TRACK for track, net in block.rails.items() if net == "vdd")
    alone = (vias - vias.transformed(klayout.Trans.M90)).merged()
    (tie,) = (via.bbox() for via in alone.each() if via.bbox().center().y == rail)
    assert tie.right < 0


def test_landings_lie_opposite(klayout):
    block = drawn(netlist(), ("mem", "v_th", "hold", "fire", "vdd"))
    assert {(M3, -x, y) for _, x, y in block.landings["mem"]} == set(block.landings["v_th"])
    assert set(block.landings) == {"mem", "v_th", "hold", "fire", "vdd"}
    assert block.shut


def test_sides_of_different_sizes():
    block = netlist()
    units = [u for u in unit_transistors(block) if u.name != "xinput_p#0"]
    with pytest.raises(InputError, match="two sides must have the same sizes"):
        crossed(units, asked(block), BEST)


def test_no_crossing_leaves_a_way(monkeypatch):
    def stuck(*_):
        raise NotRouted(["latch_n"])

    monkeypatch.setattr("anaspike.layout.comparator.crossed", stuck)
    block = netlist()
    with pytest.raises(InputError, match="no way found for latch_n with 2 crossings"):
        comparator_block(unit_transistors(block), asked(block), [BEST, BEST])
