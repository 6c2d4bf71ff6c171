"""The transistors that a drawing is compared with are those of the netlist's own text."""

import re
from collections import Counter

import pytest

from anaspike.circuits.block import Technology
from anaspike.circuits.comparator import comparator
from anaspike.circuits.designs import design_for
from anaspike.circuits.neuron import SUPPLIES, neuron
from anaspike.layout.catalog import block_named, drawable, process_of
from anaspike.layout.units import unit_transistors

_CARD = re.compile(r"([np])mos_(svt|lvt|hvt)_w([0-9]+)n_l([0-9]+)n$")


def read(text):
    """Return sub-circuit -> (ports, lines of words)."""
    found, name = {}, None
    for words in (line.lower().split() for line in text.splitlines()):
        if words[:1] == [".subckt"]:
            name = words[1]
            found[name] = (words[2:], [])
        elif words[:1] == [".ends"]:
            name = None
        elif name and words and words[0].startswith("x"):
            found[name][1].append(words)
    return found


def flat(subcircuits, name, nets, path=""):
    """Yield (kind, flavour, l, d, g, s, b) and width of each transistor."""
    ports, lines = subcircuits[name]
    called = {"0": "gnd", **dict(zip(ports, nets, strict=True))}
    for instance, *words in lines:
        *nodes, child = [word for word in words if "=" not in word]
        outer = [called.get(node, f"{path}{node}") for node in nodes]
        card = _CARD.match(child)
        if card:
            count = next((int(word[5:]) for word in words if word.startswith("mult=")), 1)
            yield (card[1], card[2], int(card[4]), *outer), count * int(card[3])
        elif child in subcircuits:
            yield from flat(subcircuits, child, outer, f"{path}{instance}.")


@pytest.mark.parametrize("name", [*drawable(), "neuron", "comparator"])
def test_they_are_what_the_text_says(name):
    pdk, design = process_of("sky130"), design_for("sky130")
    if name == "neuron":
        block = neuron(Technology(pdk), design.neuron, (3, -2, 1))
    elif name == "comparator":
        block = comparator(Technology(pdk), design.neuron.comparator)
    else:
        block = block_named(name, pdk, design)
    ports = ["vdd" if port in SUPPLIES else port for port in block.ports]
    wanted, got = Counter(), Counter()
    for key, w_nm in flat(read(block.definitions()), block.name, ports):
        wanted[key] += w_nm
    for unit in unit_transistors(block):  # of a wide one its fingers
        key = (unit.kind, unit.flavour, unit.l_nm, unit.d, unit.g, unit.s, unit.b)
        got[key] += unit.w_nm
    assert got == wanted
    assert bool(got) == (name != "membrane")  # which is a capacitor
