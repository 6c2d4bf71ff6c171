"""Blocks put on each other: rails meet, wires join them, shared nets cross from edge to edge."""

import pytest

from anaspike.circuits.designs import design_for
from anaspike.errors import InputError
from anaspike.layout.assembly import Assembly, Part, upside_down
from anaspike.layout.block import Ask, rows_block
from anaspike.layout.capacitor import capacitor, fingers
from anaspike.layout.catalog import block_named, process_of
from anaspike.layout.connect import Connected
from anaspike.layout.extract import extract
from anaspike.layout.files import realised
from anaspike.layout.rows import COLUMN
from anaspike.layout.rules import check_rules
from anaspike.layout.sky130 import SKY130
from anaspike.layout.units import ports, unit_transistors

HALF = 26


def rows(name):
    block = block_named(name, process_of("sky130"), design_for("sky130"))
    pins = tuple(ports(block))
    return rows_block(unit_transistors(block), Ask(pins, ("vdd",), half=HALF, landings=pins))


@pytest.fixture(scope="module")
def joined(klayout):
    gate = {pin: pin for pin in ("in1", "in2", "in3", "out", "hold", "vdd")}
    parts = (
        Part("plate", upside_down(fingers("mem", 1500, HALF)), {"mem": "mem"}),
        Part("leak", rows("pseudo_resistor"), {"a": "mem", "b": "v_rest"}),
        Part("gate", rows("clock_gate"), gate),
    )
    own = ("in1", "in2", "in3", "out")
    return realised("joined", Assembly(parts, ("vdd", "v_rest"), own).drawn(), SKY130)


def test_each_part_has_its_frame_and_together_they_are_the_whole(joined):
    (name, whole_um2), *parts = joined.frames_um2().items()
    assert name == "joined"
    assert {part for part, _ in parts} == {"plate", "leak", "gate"}
    assert sum(um2 for _, um2 in parts) == pytest.approx(whole_um2)


def test_it_keeps_the_rules(joined):
    assert check_rules(joined) == ()


def test_what_is_shared_crosses_from_edge_to_edge(klayout, joined):
    edge = HALF * COLUMN
    for name, _, y in [text for text in joined.texts("m3") if text[0] in {"vdd", "v_rest"}]:
        strap = klayout.Region(klayout.Box(-edge, y - 150, edge, y + 150))
        assert (strap - joined.region("m3")).is_empty(), name


def test_what_is_its_own_comes_out_above(joined):
    top = joined.region("m1").bbox().top
    found = {name: y for name, _, y in joined.texts("m4")}
    assert set(found) == {"in1", "in2", "in3", "out"}
    assert all(abs(y - top) < 400 for y in found.values())


def test_a_net_goes_on_across_the_edge_between_two_blocks(klayout):
    def ask(name, **asked):
        block = block_named(name, process_of("sky130"), design_for("sky130"))
        pins = tuple(pin for pin in ports(block) if pin not in {"hold", "on"})
        return unit_transistors(block), Ask(pins, ("vdd",), half=HALF, **asked)

    gate = rows_block(*ask("clock_gate", upper=("hold",)))
    switch = rows_block(*ask("reset_switch", lower={"on": gate.upper["hold"]}))
    parts = (
        Part("gate", gate, {}),
        Part("switch", switch, {"on": "gate.hold", "mem": "mem"}),
    )
    drawing = realised("both", Assembly(parts, (), ()).drawn(), SKY130)
    assert check_rules(drawing) == ()
    found = list(Connected(drawing).fingers())
    nmos, pmos = ([f for f in found if f.role.startswith(kind)] for kind in ("nmos", "pmos"))
    (switched,) = {f.nets[1] for f in nmos} - {f.nets[1] for f in pmos}
    assert switched in {net for f in pmos for net in (f.nets[0], f.nets[2])}


@pytest.mark.parametrize("half", [22, 31])
def test_a_capacitor_has_its_value(klayout, half):
    def longest(farad):
        boxes = capacitor("mem", farad, half).sketch.boxes["m4", "mem"]
        return max(top - bottom for _, bottom, _, top in boxes)

    assert 1.8 < longest(50e-15) / longest(26e-15) < 2.3
    plate = realised("plate", capacitor("mem", 50e-15, half), SKY130)
    assert check_rules(plate) == ()
    block = block_named("membrane", process_of("sky130"), design_for("sky130"))
    assert extract(plate, block).by_net()["mem"] == pytest.approx(50e-15, rel=0.02)


def test_a_capacitor_that_cannot_be_drawn():
    with pytest.raises(InputError, match=r"1e\+06 fF on a width of .* um would take fingers"):
        capacitor("mem", 1e-9, HALF)
