"""Drawings that are not what their netlist says: each mistake alone, on blocks that are drawn."""

import re
from functools import cache

import pytest

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.designs import design_for
from anaspike.layout.block import Ask, rows_block
from anaspike.layout.catalog import block_named, process_of
from anaspike.layout.compare import compare
from anaspike.layout.drawing import Drawing
from anaspike.layout.files import realised
from anaspike.layout.sky130 import SKY130
from anaspike.layout.units import ports, unit_transistors
from anaspike.pdk.roles import MosSize

pytestmark = pytest.mark.usefixtures("klayout")
NMOS, PMOS = MosSize("nmos_svt", 0.42e-6, 0.15e-6), MosSize("pmos_svt", 0.84e-6, 0.15e-6)
LVT = MosSize("pmos_lvt", 1.0e-6, 0.35e-6)


@cache
def technology():
    return Technology(process_of("sky130"))


@cache
def small():
    """A block with two flavours of PMOS, fingers in parallel and a well of its own."""
    block = Block(technology(), "small", "a", "b", "y", "w", "vdd")
    block.nmos("n", MosSize("nmos_svt", 0.42e-6, 0.15e-6, mult=2), "y", "a", "k")
    block.nmos("foot", NMOS, "k", "b")
    block.pmos("p", PMOS, "y", "a", "vdd")
    block.pmos("q", LVT, "y", "b", "vdd")
    block.pmos("own", PMOS, "w", "b", "y", well="y")
    return block


@cache
def drawn(seed=1):
    units = unit_transistors(small())
    return realised("small", rows_block(units, Ask(tuple(ports(small())), ("vdd",)), seed), SKY130)


def changed(layer=None, region=lambda region: region, label=lambda text: text):
    """Return the drawing with one layer changed, or its labels."""
    before, after = drawn(), Drawing.new(SKY130, "small")
    for name in SKY130.layers:
        shapes = before.region(name)
        after.add(name, region(shapes) if name == layer else shapes)
    for name in SKY130.labels:
        for text, x, y in before.texts(name):
            after.label(name, label(text), x, y)
    return after


def findings(drawing, block=None):
    return "; ".join(compare(drawing, block or small()).findings)


def finger(drawing, role, number=0):
    """Return the place of a transistor."""
    found = sorted(f.place for f in compare(drawing, small()).connected.fingers() if f.role == role)
    return found[number]


def around(klayout, place, half=200):
    x, y = place
    return klayout.Region(klayout.Box(x - half, y - half, x + half, y + half))


def test_a_drawing_is_its_netlist():
    found = compare(drawn(), small())
    assert found.clean
    assert len(found.fingers) == 6
    assert {unit.name for _, unit in found.fingers} == {"xn#0", "xn#1", "xfoot", "xp", "xq", "xown"}
    assert all(nm == unit.w_nm for finger, unit in found.fingers for nm in [finger.w_nm])
    assert found.nets["y"] == "y"


def test_exchanged_labels_are_found():
    swap = {"a": "b", "b": "a"}
    assert "a" in findings(changed(label=lambda text: swap.get(text, text)))


def test_exchanged_pins_are_found():
    other = Block(technology(), "small", "a", "b", "y", "w", "vdd")
    other.children, other.devices = {}, {}
    for element, size in zip(small().elements, small().devices.values(), strict=True):
        nets = [{"a": "b", "b": "a"}.get(str(pin.node), str(pin.node)) for pin in element.pins]
        other.mos(str(element.name)[1:].lower(), size, *nets)
    assert findings(drawn(), other)


def test_a_short_is_named(klayout):
    places = {text: (x, y) for layer in SKY130.labels for text, x, y in drawn().texts(layer)}
    (x0, y0), (x1, y1) = places["a"], places["b"]
    layer = next(name for name in SKY130.labels if ("a", x0, y0) in drawn().texts(name))
    bar = klayout.Region(klayout.Box(min(x0, x1), y0 - 70, max(x0, x1), y0 + 70))
    bar += klayout.Region(klayout.Box(x1 - 70, min(y0, y1), x1 + 70, max(y0, y1)))
    assert re.search("a and b.* are one net: a short", findings(changed(layer, lambda r: r + bar)))


def test_a_missing_finger_is_found(klayout):
    gone = around(klayout, finger(drawn(), "nmos_svt"))
    said = findings(changed("poly", lambda region: region - gone))
    assert "nmos_svt" in said


def test_one_wide_finger_for_two_narrow_ones_is_found():
    block = Block(technology(), "small", *small().ports)
    for element, size in zip(small().elements, small().devices.values(), strict=True):
        name = str(element.name)[1:].lower()
        size = MosSize(size.role, 2 * size.w_m, size.l_m) if size.mult == 2 else size  # noqa: PLW2901
        block.mos(name, size, *(str(pin.node) for pin in element.pins))
    assert "nmos_svt 840/150 nm on gate a of the block are not drawn so" in findings(drawn(), block)


def test_a_missing_tap_of_the_substrate_is_found(klayout):
    taps = drawn().layers()["substrate tap"]
    assert (
        findings(changed("tap", lambda region: region - taps)) == "no tap ties the substrate to gnd"
    )


def test_a_missing_tap_of_a_well_is_found():
    taps = drawn().layers()["well tap"]
    assert "pmos" in findings(changed("tap", lambda region: region - taps))


def test_a_tap_of_the_substrate_on_another_net_is_found(klayout):
    own = drawn().layers()["well tap"]
    drawing = changed("nwell", lambda region: region - own.sized(10))
    implant = drawing.region("psdm") + own.sized(125)
    drawing.cell.shapes(drawing.layout.layer(*SKY130.layers["psdm"])).insert(implant)
    assert "ties the substrate to" in findings(drawing)


@pytest.mark.parametrize(
    ("layer", "role"), [("lvtn", "pmos_svt"), ("psdm", "pmos"), ("nsdm", "nmos")]
)
def test_a_wrong_flavour_is_found(klayout, layer, role):
    gone = klayout.Region()
    assert role in findings(changed(layer, lambda _: gone))


def test_wells_that_touch_are_one_net(klayout):
    box = drawn().region("nwell").bbox()
    said = findings(changed("nwell", lambda _: klayout.Region(box)))
    assert "vdd" in said


def test_a_label_too_many_and_one_too_few_are_named():
    said = findings(changed(label=lambda text: "z" if text == "w" else text))
    assert "no label names w" in said
    assert "the label z is no port of the block" in said


def test_a_label_beside_its_wire_is_named():
    drawing = changed(label=lambda text: text)
    drawing.label("m4", "w", 10**6, 10**6)
    assert findings(drawing) == ""  # there is another on it
    lost = changed(label=lambda text: "" if text == "w" else text)
    lost.label("m4", "w", 10**6, 10**6)
    assert "the label w lies on no wire" in findings(lost)


@pytest.mark.parametrize("name", ["clock_gate", "pseudo_resistor", "reset_switch"])
def test_what_is_drawn_is_what_is_simulated(name):
    block = block_named(name, process_of("sky130"), design_for("sky130"))
    units = unit_transistors(block)
    pins = tuple(ports(block))
    ask = Ask(pins, tuple(pin for pin in pins if pin.startswith("vdd")))
    assert compare(realised(name, rows_block(units, ask), SKY130), block).clean


def test_an_empty_drawing_says_so():
    said = findings(Drawing.new(SKY130, "small"))
    assert "no label names vdd" in said
    assert "no tap" in said
    assert "transistor xfoot (nmos_svt 0.42/0.15 um" in said
