"""Network files: read for one process, refused with file, key and mend."""

from pathlib import Path

import pytest

from anaspike.errors import InputError
from anaspike.experiments.network_file import read_network

NETWORKS = Path(__file__).parents[2] / "flows/networks"
GOOD = """
inputs = ["a"]
outputs = ["n"]
[neurons.n]
vdd_syn = "700mV"
synapses = { a = 5 }
[pdk.sky130.neurons.n]
vdd_syn = 0.6
synapses = { a = 1 }
"""


def write(tmp_path, text):
    path = tmp_path / "net.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", sorted(NETWORKS.glob("*.toml")), ids=lambda path: path.stem)
@pytest.mark.parametrize("pdk", ["generic28", "sky130"])
def test_every_committed_network_reads(path, pdk):
    assert read_network(path, pdk).network.outputs == ("out",)


def test_a_process_may_have_values_of_its_own(tmp_path):
    path = write(tmp_path, GOOD)
    (here,) = read_network(path, "generic28").network.neurons
    (there,) = read_network(path, "sky130").network.neurons
    assert (here.vdd_syn_V, here.synapses) == (0.7, (("a", 5),))
    assert (there.vdd_syn_V, there.synapses) == (0.6, (("a", 1),))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("outputs", "output", "unknown key 'output'; did you mean 'outputs'?"),
        ('outputs = ["n"]', "", "key 'outputs' is missing"),
        ('"700mV"', '"700mA"', "neurons.n.vdd_syn: '700mA' is in A, expected V; write for example"),
        ("vdd_syn = 0.6", "vdd_sin = 0.6", "unknown key 'pdk.sky130.neurons.n.vdd_sin'; did you"),
        ("vdd_syn = 0.6", "", "key 'pdk.sky130.neurons.n.vdd_syn' is missing"),
        ("a = 5", "a = 5.5", "neurons.n.synapses.a: Input should be a valid integer"),
        ("a = 5", "a = 8", "neuron 'n', synapse 'a': code 8 does not fit a 3-bit synapse"),
        ("sky130.neurons.n]", "sky130.neurons.m]", "pdk.sky130.neurons.m is no neuron; there is n"),
        ("inputs = [", "inputs = ", "is no TOML"),
        ('"700mV"', "nan", "neurons.n.vdd_syn: nan is not a finite number"),
        ('"700mV"', "-0.7", "neuron 'n': vdd_syn is -0.7; it must be a finite number, positive"),
        ("{ a = 5 }", "{ n = 5 }", "the network is not feed-forward: n wait for each other"),
        ("{ a = 5 }", "{ b = 5 }", "neuron 'n' listens to 'b', which is not defined; there is a"),
        ("{ a = 5 }", "{}", "neuron 'n' has no synapses; give it at least one"),
        ("{ a = 5 }", "{ a = true }", "neurons.n.synapses.a: Input should be a valid integer"),
        ('outputs = ["n"]', 'outputs = ["m"]', "output 'm' is no neuron; there is n"),
        ('inputs = ["a"]', "inputs = []", "a network needs at least one input, one neuron and one"),
        ('inputs = ["a"]', 'inputs = ["a"]\nneuron = 1', "unknown key 'neuron'; did you mean 'neu"),
    ],
)
def test_what_makes_no_sense_names_file_key_and_mend(tmp_path, old, new, message):
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_network(path, "sky130" if "sky130" in message else "generic28")
    said = str(caught.value)
    assert said.startswith(str(path))
    assert message in said
    assert "\n" not in said


def test_no_such_file(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*none\.toml: No such file"):
        read_network(tmp_path / "none.toml", "generic28")
