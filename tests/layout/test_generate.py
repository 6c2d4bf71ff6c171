"""What is drawn is what the netlist says."""

import json
from collections import Counter

import pytest

from anaspike.circuits.designs import design_for, resized
from anaspike.errors import InputError
from anaspike.layout import block as blocks
from anaspike.layout.catalog import block_named, drawn_block, process_of
from anaspike.layout.compare import compare
from anaspike.layout.files import layer_file, realised, summary
from anaspike.layout.process import layout_process
from anaspike.layout.router import NotRouted
from anaspike.layout.rules import check_rules
from anaspike.layout.sky130 import SKY130
from anaspike.layout.units import ports, unit_transistors

SMALL = ("clock_gate", "pseudo_resistor", "bias_mirror", "reset_switch")


def netlist(name, **sizes):
    design = resized(design_for("sky130"), {k.replace("__", "."): v for k, v in sizes.items()})
    return block_named(name, process_of("sky130"), design)


def drawn(name, seed=1):
    return drawn_block(name, process_of("sky130"), design_for("sky130"), seed)


def drawing(name):
    return realised(name, drawn(name), SKY130)


@pytest.mark.parametrize("name", SMALL)
def test_every_transistor_is_drawn_in_its_size(klayout, name):
    layers = drawing(name).layers()
    wanted = Counter((u.kind, u.flavour, u.w_nm * u.l_nm) for u in unit_transistors(netlist(name)))
    found = Counter()
    for flavour in SKY130.flavours:
        gates = layers[flavour.active] & layers["poly"]
        for layer in flavour.over:
            gates = gates & layers[layer]
        for layer in flavour.not_over:
            gates = gates - layers[layer]
        kind, _, name = flavour.role.partition("mos_")
        found += Counter((kind, name, gate.area()) for gate in gates.each())
    assert found == wanted


@pytest.mark.parametrize("name", SMALL)
def test_it_keeps_the_rules_and_is_its_netlist(klayout, name):
    cell = drawing(name)
    assert check_rules(cell) == ()
    assert compare(cell, netlist(name)).findings == ()


@pytest.mark.parametrize("name", SMALL)
def test_every_port_has_its_label_on_a_wire(klayout, name):
    cell = drawing(name)
    texts = {layer: cell.texts(layer) for layer in SKY130.labels}
    assert {text for found in texts.values() for text, _, _ in found} >= {
        *ports(netlist(name)),
        "gnd",
    }
    for layer, found in texts.items():
        wires = cell.region(layer)
        for _, x, y in found:
            assert not (wires & klayout.Region(klayout.Box(x - 1, y - 1, x + 1, y + 1))).is_empty()


def test_the_same_seed_is_the_same_file(klayout):
    assert drawing("clock_gate").gds() == drawing("clock_gate").gds()


def test_a_wide_transistor_is_folded():
    units = unit_transistors(netlist("reset_switch", reset_switch__w_m=6e-6))
    assert [unit.w_nm for unit in units] == [2000, 2000, 2000]


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"reset_switch__w_m": 0.423e-6}, "width 423 nm is not on the manufacturing grid"),
        ({"reset_switch__l_m": 30e-6}, "is a size that no row can hold"),
        ({"reset_switch__w_m": 200e-6}, "is a size that no row can hold"),
        ({"reset_switch__w_m": 4.205e-6}, "divide into equal fingers"),
    ],
)
def test_a_size_that_no_row_holds(sizes, said):
    with pytest.raises(InputError, match=said):
        unit_transistors(netlist("reset_switch", **sizes))


def test_a_process_without_rules():
    with pytest.raises(InputError, match="no real process"):
        process_of("generic28")


def test_a_block_that_is_none():
    with pytest.raises(InputError, match="did you mean 'clock_gate'"):
        block_named("clok_gate", process_of("sky130"), design_for("sky130"))


def test_no_way_for_the_wires_is_told_with_their_nets(monkeypatch):
    def stuck(*_):
        raise NotRouted(["hold", "idle"])

    monkeypatch.setattr(blocks, "wired", stuck)
    with pytest.raises(InputError, match="no way found for hold, idle with 8 seeds from 3"):
        drawn("clock_gate", seed=3)


def test_a_row_longer_than_its_block_is_told_with_both_lengths():
    pins = tuple(ports(netlist("clock_gate")))
    ask = blocks.Ask(pins, ("vdd",), rows=1, half=3)
    said = r"a row takes 3\.36 um, and the block is 1\.44 um wide, with each of 8 seeds from 1"
    with pytest.raises(InputError, match=f"^{said}; give more --rows$"):
        blocks.rows_block(unit_transistors(netlist("clock_gate")), ask)


def test_no_row_holds_nothing():
    with pytest.raises(InputError, match=r"^0 rows hold no transistor; give --rows 1 or more$"):
        drawn_block("clock_gate", process_of("sky130"), design_for("sky130"), rows=0)


def test_pins_and_area_as_json(klayout):
    name = "clock_gate"
    block = drawn(name)
    facts = json.loads(summary(name, block, realised(name, block, SKY130)))
    assert facts["area_um2"] == pytest.approx(facts["width_um"] * facts["height_um"], rel=1e-3)
    assert set(facts["pins"]) == {*ports(netlist(name)), "gnd"}


def test_every_layer_has_a_colour():
    text = layer_file(layout_process("sky130"))
    assert text.count("<source>") == len(SKY130.layers)
    assert "#808080" not in text
