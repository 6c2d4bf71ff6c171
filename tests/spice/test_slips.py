"""What ngspice runs without a word as another circuit than its writer meant."""

import pytest

from anaspike.errors import InputError
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import DeckRefused

RC = "v1 a 0 1\nr1 a b 1k\n"
MOS = ".model nm nmos level=1\n"


def deck(body, save=("v(b)",), **more):
    return Deck("t", body, ModelFiles("", {}), 1e-8, save, **more)


def refusal(body, **more):
    with pytest.raises(DeckRefused) as caught:
        deck(body, **more).check()
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "node"),
    [
        ("c1 b vss 1n", "vss"), ("c1 b gnd! 1n", "gnd!"), ("R2 b GROUND 1k", "ground"),
        ("d1 00 b dio\n.model dio d", "00"), ("m1 b a 0 vss nm w=1u l=1u\n" + MOS, "vss"),
    ],
)  # fmt: skip
def test_a_ground_of_another_name_is_refused(line, node):
    written = line.partition("\n")[0]
    assert refusal(RC + line) == (
        f"line 3 of the body, '{written}': the node {node} hangs on nothing else; ground is 0"
        f" (or save v({node}) if it is meant to float)"
    )


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ("c1 b gnd 1n", {}),  # gnd is ground
        ("c1 b open 1n", {}),  # what floats is found by ngspice, if it matters
        ("c1 b vss 1n\nr2 b vss 1k\nv2 vss 0 0", {}),
        ("c1 b vss 1n", {"save": ("v(b)", "V(Vss)")}),
        ("c1 b vss 1n", {"initial_V": {"vss": 0.0}}),
        ("c1 b vss 1n\nb2 c 0 v=2*v(vss)\nr2 c 0 1k", {}),
        ("c1 b vss 1n\n.global vss", {}),
        ("c1 b 0 1n\nx1 b unloaded part\n.subckt part p q\nr1 p q 1k\n.ends", {}),
        ("c1 b 0 1n\nv2 source 0 1", {}),
    ],
)
def test_a_node_that_is_no_misnamed_ground_may_hang(body, more):
    deck(RC + body, **more).check()


def test_a_parameter_has_one_value():
    assert refusal(f"{RC}c1 b 0 1n\n.param k=1\n.subckt x p\nr1 p 0 1k\n.ends\n.param K = 2") == (
        "line 8 of the body, '.param K = 2': k has a value already; ngspice takes the last"
    )
    deck(f"{RC}c1 b 0 1n\n.param k=1 m=2\n.subckt x p\n.param k=2\nr1 p 0 1k\n.ends").check()


@pytest.mark.parametrize(
    "line", [".param p=1, q=2", ".PARAM p={max(1, 2)},q=3", ".param p=1 q=2,", ".csparam q=-,"]
)
def test_a_comma_between_parameters_would_never_end(line):
    assert refusal(f"{RC}c1 b 0 1n\n{line}").endswith("a comma parts no parameters; write a blank")
    deck(f"{RC}c1 b 0 1n\n.param p=max(1, 2) q={{min(3, max(1, 2))}}").check()


@pytest.mark.parametrize("size", ["w=20 l=1u", "w=1u L=0.13", "w=-20u l=1u", "w=0 l=1u"])
def test_a_gate_is_measured_in_metres(size):
    said = refusal(f"{RC}m1 b a 0 0 nm {size}\n{MOS}")
    assert "a gate of " in said
    assert "=1u for a micrometre" in said


@pytest.mark.parametrize("size", ["w=20u l=1u", "w=2e-5 l=1e-6", "w={k} l=1u", "w=1m l=10m"])
def test_a_gate_that_may_be_is_taken(size):
    deck(f"{RC}.param k=1u\nm1 b a 0 0 nm {size}\n{MOS}").check()
    deck(f"{RC}.options scale=1u\nm1 b a 0 0 nm w=20 l=1\n{MOS}").check()


def test_a_deck_is_no_colder_than_can_be():
    with pytest.raises(InputError, match=r"^a deck at -300 °C is below absolute zero$"):
        deck(RC, temperature_C=-300.0)
