"""Neurons side by side: the rules are kept where they meet, and what they share is one net."""

import json
from collections import Counter
from pathlib import Path

import pytest

from anaspike.layout.connect import SUBSTRATE, Connected
from anaspike.layout.drawing import Drawing, read_gds
from anaspike.layout.rules import check_rules
from anaspike.layout.sky130 import SKY130

LAYOUTS = Path(__file__).parents[2] / "netlists" / "layouts"
OWN = ("mem", "in", "out", "word")


@pytest.fixture(scope="module", params=[".", "stored_weights"])
def pair(klayout, request):
    """Two committed neurons at their frames, and their pins."""
    path = LAYOUTS / request.param / "neuron.gds"
    facts = json.loads(path.with_suffix(".json").read_text())
    right, pins = round(1000 * facts["width_um"]), set(facts["pins"])
    one, both = read_gds(path, SKY130), Drawing.new(SKY130, "pair")
    for layer in SKY130.layers:
        region = one.region(layer)
        both.add(layer, region + region.moved(right, 0))
    for layer in SKY130.labels:
        for text, x, y in one.texts(layer):
            both.label(layer, text, x, y)
            both.label(layer, text, x + right, y)
    return both, pins


def test_the_rules_are_kept_where_they_meet(pair):
    both, _ = pair
    assert check_rules(both) == ()


def test_what_they_share_is_one_net_and_what_is_their_own_is_two(pair):
    both, pins = pair
    connected = Connected(both)
    found = Counter(net.name for net in connected.circuit.each_net())
    assert {pin: found[pin] for pin in pins} == {
        pin: 2 if pin.startswith(OWN) else 1 for pin in pins
    }
    assert connected.substrate_taps == {"gnd"}
    assert found[SUBSTRATE] <= 1
