"""Circuits as values: parameters checked, names safe, hierarchy readable."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.clock_gate import clock_gate
from anaspike.circuits.designs import design_for
from anaspike.circuits.neuron import neuron
from anaspike.circuits.pseudo_resistor import pseudo_resistor
from anaspike.circuits.spike_generator import spike_generator
from anaspike.circuits.synapse import code_bits
from anaspike.errors import InputError
from anaspike.pdk.generic28 import Generic28
from anaspike.pdk.roles import MosSize

SIZES = design_for("generic28").neuron
TECHNOLOGY = Technology(Generic28())


def transistors(block):
    return list(block.transistors())


def test_the_papers_neuron_has_three_synapses_and_178_transistors():
    block = neuron(TECHNOLOGY, SIZES, (3, -1, 2))
    assert len(transistors(block)) == 178
    assert block.ports[:3] == ("in1", "in2", "in3")


def test_every_instance_path_is_its_own():
    paths = [path for path, _ in transistors(neuron(TECHNOLOGY, SIZES, (1,) * 16))]
    assert len(paths) == len(set(paths))


def test_no_circuit_names_a_model():
    text = neuron(TECHNOLOGY, SIZES, (1, 1, 1)).definitions()
    assert "_card" not in text
    assert {line.split()[5] for line in text.splitlines() if line.startswith("Xsource")} == {
        "pmos_hvt"
    }


@given(st.integers(-7, 7))
def test_code_bits_add_up_to_the_code(code):
    bits = code_bits(code)
    value = sum(2 ** int(pin[1]) * (1 if pin[0] == "p" else -1) for pin, on in bits.items() if on)
    assert value == code
    assert list(bits) == ["p2", "p1", "p0", "n2", "n1", "n0"]


@pytest.mark.parametrize("code", [8, -8, 100])
def test_a_code_that_does_not_fit(code):
    with pytest.raises(InputError) as caught:
        code_bits(code)
    assert str(caught.value) == (
        f"code {code} does not fit a 3-bit synapse; use a whole number from -7 to 7"
    )


@pytest.mark.parametrize(
    ("inputs", "gates"),
    [(1, ["xnor"]), (3, ["xnor"]), (4, ["xor0_nor", "xnor"]), (16, ["xor0_nor", "xnor"])],
)
def test_more_than_three_inputs_are_or_ed_into_the_nor(inputs, gates):
    block = clock_gate(TECHNOLOGY, SIZES.logic, inputs)
    assert set(gates) <= set(block.children)
    assert block.children["xnor"].name == "nor4"


@pytest.mark.parametrize("inputs", [1, 2, 3, 4, 5, 7, 12, 13, 16, 40])
def test_every_input_reaches_a_gate(inputs):
    text = str(clock_gate(TECHNOLOGY, SIZES.logic, inputs))
    words = [word for line in text.splitlines()[1:] for word in line.split()]
    for i in range(inputs):
        assert words.count(f"in{i + 1}") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"membrane_F": 0.0}, "`membrane_F` is 0; it must be a finite number, positive"),
        (
            {"membrane_F": float("nan")},
            "`membrane_F` is nan; it must be a finite number, positive",
        ),
        (
            {"reset_switch": MosSize("nmos_svt", -200e-9, 30e-9)},
            "`reset_switch.w_m` is -2e-07; it must be a finite number, positive",
        ),
        (
            {"reset_switch": MosSize("nmos_svt", 200e-9, 0.0)},
            "`reset_switch.l_m` is 0; it must be a finite number, positive",
        ),
        (
            {"reset_switch": MosSize("nmos_svt", 200e-9, 30e-9, 0)},
            "`reset_switch.mult` is 0; it must be a whole number from 1 to 10000",
        ),
        ({"v_th_V": 0.25}, "`v_th_V` 0.25 must lie above `v_rest_V` 0.25"),
    ],
)
def test_sizes_that_are_no_sizes(change, message):
    with pytest.raises(InputError) as caught:
        replace(SIZES, **change)
    assert str(caught.value) == message


def test_a_device_below_the_process_minimum():
    small = replace(SIZES.pseudo_resistor, diode=MosSize("pmos_lvt", 120e-9, 20e-9))
    with pytest.raises(InputError) as caught:
        pseudo_resistor(TECHNOLOGY, small)
    assert str(caught.value) == (
        "generic28 pmos_lvt: length 20 nm is below the process minimum of 30 nm"
    )


@pytest.mark.parametrize(
    "name", ["a\n.control", "x y", "", "1n", "gnd", ".lib", "A", "a" * 65, "neuron;quit", "é"]
)
def test_a_name_cannot_become_a_control_line(name):
    with pytest.raises(InputError, match="cannot stand in a netlist; use lower-case letters"):
        Block(TECHNOLOGY, name, "a")
    with pytest.raises(InputError, match="cannot stand in a netlist; use lower-case letters"):
        Block(TECHNOLOGY, "fine", name)


def test_pins_must_match():
    child, parent = Block(TECHNOLOGY, "child", "a", "b"), Block(TECHNOLOGY, "parent", "p")
    with pytest.raises(InputError, match=r"parent\.c: pins of child do not match: \['b', 'q'\]"):
        parent.place("c", child, a="p", q="p")


def test_two_blocks_of_one_name():
    first, second = Block(TECHNOLOGY, "cell", "a"), Block(TECHNOLOGY, "cell", "a")
    second.C("x", "a", 0, 1e-15)
    parent = Block(TECHNOLOGY, "parent", "p")
    parent.place("one", first, a="p")
    parent.place("two", second, a="p")
    with pytest.raises(InputError, match="two different blocks are called cell; rename one"):
        parent.definitions()


def test_no_wire_no_capacitor():
    bare = neuron(Technology(Generic28(), 0.0), SIZES, (1,)).definitions()
    assert "Cw_" not in bare
    with pytest.raises(InputError, match="wire capacitance is -1e-15"):
        Technology(Generic28(), -1e-15)


def test_the_delays_first_inverter_may_have_transistors_of_its_own():
    sizes = SIZES.spike_generator
    high = MosSize("nmos_hvt", 90e-9, 30e-9)
    own = dict(transistors(spike_generator(TECHNOLOGY, replace(sizes, first_n=high))))
    plain = dict(
        transistors(spike_generator(TECHNOLOGY, replace(sizes, first_n=None, first_p=None)))
    )
    changed = {path for path, size in own.items() if size != plain[path]}
    assert "xdelay.xinv1.xn" in changed
    assert changed <= {"xdelay.xinv1.xn", "xdelay.xinv1.xp"}
    assert own["xdelay.xinv1.xn"] == high
    assert "first_inverter" in spike_generator(TECHNOLOGY, sizes).definitions()
