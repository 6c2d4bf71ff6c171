"""Networks as values: what is none is refused, what is equal is shared."""

import pytest

from anaspike.circuits.block import Technology
from anaspike.circuits.designs import design_for
from anaspike.circuits.network import Network, NetworkNeuron, network_blocks
from anaspike.errors import InputError
from anaspike.pdk.generic28 import Generic28


def cell(name, vdd_syn_V=0.7, **synapses):
    return NetworkNeuron(name, tuple(synapses.items()), vdd_syn_V)


XOR = Network(
    ("a", "b"),
    (cell("h1", a=3, b=-7), cell("h2", a=-7, b=3), cell("out", h1=7, h2=7)),
    ("out",),
)

BAD = {
    "nothing": ((), (), (), "a network needs at least one input, one neuron and one output"),
    "undefined source": (
        ("a",), (cell("n", b=1),), ("n",),
        "neuron 'n' listens to 'b', which is not defined; there is a, n",
    ),
    "undefined source, nearly": (
        ("left",), (cell("n", lefd=1),), ("n",),
        "neuron 'n' listens to 'lefd', which is not defined; did you mean 'left'?",
    ),
    "loop": (
        ("a",), (cell("x", a=1, y=1), cell("y", x=1)), ("y",),
        "the network is not feed-forward: x, y wait for each other",
    ),
    "listens to itself": (
        ("a",), (cell("x", x=1),), ("x",),
        "the network is not feed-forward: x wait for each other",
    ),
    "twice": (
        ("a",), (cell("a", a=1),), ("a",),
        "'a' is defined twice; give each neuron and input its name",
    ),
    "code out of range": (
        ("a",), (cell("n", a=9),), ("n",),
        "neuron 'n', synapse 'a': code 9 does not fit a 3-bit synapse;"
        " use a whole number from -7 to 7",
    ),
    "no synapses": (
        ("a",), (cell("n"),), ("n",), "neuron 'n' has no synapses; give it at least one",
    ),
    "no supply": (
        ("a",), (cell("n", 0.0, a=1),), ("n",),
        "neuron 'n': vdd_syn is 0; it must be a finite number, positive",
    ),
    "output that is an input": (
        ("a",), (cell("n", a=1),), ("a",), "output 'a' is no neuron; there is n",
    ),
    "a name with a control line": (
        ("a",), (cell("n\n.control", a=1),), ("n",),
        "neuron or input 'n\\x0a.control' cannot stand in a netlist; use lower-case letters,"
        " digits and _, a letter first, and no word of SPICE's own",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_network(case):
    inputs, neurons, outputs, message = BAD[case]
    with pytest.raises(InputError) as caught:
        Network(inputs, neurons, outputs)
    assert str(caught.value) == message


def test_neurons_with_the_same_codes_share_a_definition():
    blocks = network_blocks(
        Technology(Generic28()),
        design_for("generic28").neuron,
        Network(("a", "b"), (cell("x", a=1, b=2), cell("y", b=1, a=2)), ("x", "y")),
    )
    assert blocks["x"] is blocks["y"]


def test_supplies_are_set_by_name():
    moved = XOR.with_supplies({"h1": 0.6, "h2": 0.61, "out": 0.62})
    assert [c.vdd_syn_V for c in moved.neurons] == [0.6, 0.61, 0.62]
    assert [c.synapses for c in moved.neurons] == [c.synapses for c in XOR.neurons]
