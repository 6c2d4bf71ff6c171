"""NIR files: read without a library, run as its equations say, refused by name."""

import struct
from itertools import pairwise

import numpy as np
import pytest
from nir_maker import affine, graph, hdf5, lif, net

from anaspike.errors import InputError
from anaspike.hdf5 import read_hdf5
from anaspike.learning.foreign.nir import import_nir
from anaspike.learning.network import Network
from anaspike.learning.temporal import TemporalNetwork

DT_S = 1e-4


@pytest.fixture
def nir(tmp_path):
    def write(nodes, edges=None, compress=True):
        path = tmp_path / "m.nir"
        path.write_bytes(hdf5(graph(nodes, edges), compress))
        return path

    return write


@pytest.mark.parametrize("compress", [True, False])
def test_trees_of_numbers_and_texts_come_back(tmp_path, compress):
    tree = {
        "a": {"x": np.arange(6, dtype=np.int16).reshape(2, 3), "none": np.zeros((0, 2))},
        "t": "text of some länge", "edges": np.array([["a", "bc"], ["", "d"]]),
        "h": np.float16([1.5, -2]), "big": np.arange(3, dtype=np.uint64), "one": np.float64(2.5),
    }  # fmt: skip
    path = tmp_path / "t.h5"
    path.write_bytes(hdf5(tree, compress))
    found = read_hdf5(path)
    assert found.keys() == tree.keys()
    assert found["t"] == tree["t"]
    for name in ("edges", "h", "big", "one"):
        assert found[name].dtype.kind == np.asarray(tree[name]).dtype.kind
        assert np.array_equal(found[name], tree[name])
    assert np.array_equal(found["a"]["x"], tree["a"]["x"])
    assert found["a"]["none"].shape == (0, 2)


def test_neurons_step_as_nirs_equations_do(nir):
    nodes = net()
    nodes["lif1"] |= {"v_leak": np.full(4, 0.25, np.float32),
                      "v_reset": np.full(4, 0.25, np.float32),
                      "r": np.full(4, 20, np.float32)}  # fmt: skip
    for name in ("fc1", "fc2"):
        nodes[name]["weight"] = np.abs(nodes[name]["weight"])
    network = import_nir(nir(nodes), DT_S)
    inputs = np.random.default_rng(1).random((5, 12, 3)) < 0.5
    spikes = inputs.astype(float)
    for weights, neuron in (("fc1", "lif1"), ("fc2", "lif2")):
        drive = spikes @ nodes[weights]["weight"].T + nodes[weights].get("bias", 0)
        has = nodes[neuron]
        v = np.broadcast_to(has["v_leak"], (5, drive.shape[-1])).astype(float)
        out = np.zeros(drive.shape)
        for step in range(12):
            v = v + DT_S / has["tau"] * (has["v_leak"] - v + has["r"] * drive[:, step])
            out[:, step] = v > has["v_threshold"]
            v = np.where(out[:, step] > 0, has["v_reset"], v)
        spikes = out
    assert np.array_equal(network.run(inputs)[-1], spikes > 0)
    assert 0.02 < spikes.mean() < 0.98


def test_neurons_without_leak_and_with_fast_synapses(nir):
    integrates = {"type": "IF", "r": np.full(4, 1 / DT_S, np.float32),
                  "v_threshold": np.full(4, 2, np.float32)}  # fmt: skip
    network = import_nir(nir(net(lif1=integrates)), DT_S)
    assert (network.layers[0].beta == 1).all()
    assert (network.layers[0].threshold == 2).all()
    cuba = {**lif(2), "type": "CubaLIF", "tau_mem": np.full(2, 1e-3), "w_in": np.full(2, 3.0),
            "tau_syn": np.full(2, DT_S, np.float32)}  # fmt: skip
    network = import_nir(nir(net(lif2=cuba)), DT_S)
    assert network.layers[1].weights == pytest.approx(3 * net()["fc2"]["weight"], rel=1e-5)


CONV = {"type": "Conv2d", "weight": np.zeros((1, 1, 2, 2))}
LONG = {**lif(2), "type": "CubaLIF", "tau_mem": np.full(2, 1e-3), "tau_syn": np.full(2, 1e-3)}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"fc1": CONV}, "fc1 is Conv2d: a convolution"),
        ({"lif1": graph({})["node"]}, "lif1 is NIRGraph: a network in the network, as of rec"),
        ({"lif2": {"type": "LI"}}, "lif2 is LI: a neuron that never spikes"),
        ({"lif2": {"type": "Oo\x1b"}}, r"lif2 is Oo\x1b: not among the nodes that can be run"),
        ({"fc2": affine(np.ones((2, 5)))}, "fc2 takes 5 inputs, but what leads to it has 4"),
        ({"fc1": affine(np.ones((4, 3)), [1, 2])}, "fc1: bias of shape (2,) does not fit 4"),
        ({"lif1": lif(3)}, "lif1: v_leak of 3 neurons follows weights of 4"),
        ({"lif1": lif(4, v_reset=np.ones(4))}, "lif1: v_reset is not v_leak"),
        ({"lif1": lif(4, tau=np.full(4, 1e-5))}, "lif1: tau is 1e-05 s, and a step of 0.0001 s"),
        ({"lif1": lif(4, threshold=0)}, "lif1: a threshold lies at or below rest"),
        ({"lif1": lif(4, r=np.full(4, np.nan))}, "lif1: weights holds values that are not finite"),
        ({"lif2": LONG}, "lif2: tau_syn is up to 0.001 s, longer than a step"),
        ({"lif2": {"type": "Flatten"}}, "fc2: no neurons follow"),
        ({"lif1": {"type": "Flatten"}}, "fc2 follows fc1 without neurons between"),
        ({"fc1": {"type": "Flatten"}}, "lif1: neurons without weights before them"),
        ({"input": {"type": "Input", "shape": np.array([2, 2])}}, "fc1 takes 3 inputs"),
        ({"output": {"type": "Output", "shape": np.array([7])}}, "output is of shape (7)"),
        ({"lif1": {"type": "LIF"}}, "lif1: v_leak is missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_named(nir, changed, said):
    with pytest.raises(InputError) as refused:
        import_nir(nir(net(**changed)), DT_S)
    assert said in str(refused.value)


NAMES = list(net())
CHAIN = list(pairwise(NAMES))


@pytest.mark.parametrize(
    ("edges", "said"),
    [
        ([*CHAIN[:-1], ("lif2", "input")], "lead round in a cycle"),
        ([*CHAIN, ("lif1", "fc1")], "lif1 leads to more than one node (a recurrent edge"),
        ([*CHAIN, ("output", "fc1")], "fc1 is led to from more than one node"),
        ([*CHAIN, ("output", "gone")], "an edge leads to gone, which is no node"),
        (CHAIN[1:], "fc1 and input each begin a network"),
        ([CHAIN[0], ("fc1", "output"), ("lif1", "fc2"), ("fc2", "lif2"), ("lif2", "lif1")],
         "lead round in a cycle (fc2)"),
    ],
)  # fmt: skip
def test_only_a_chain_is_a_network(nir, edges, said):
    with pytest.raises(InputError) as refused:
        import_nir(nir(net(), edges), DT_S)
    assert said in str(refused.value)


def test_a_step_must_be_given(nir):
    for dt_s, said in (
        (None, "give what the network was trained with by `dt_s`"),
        (0, "is above 0"),
    ):
        with pytest.raises(InputError, match=said):
            import_nir(nir(net()), dt_s)


def test_bounds_come_before_data(tmp_path, nir):
    # A weight that says it has 10^12 rows, and one whose pieces unpack to more than they say.
    path = nir({"input": {"type": "Input", "shape": np.array([3])}, "fc1": affine(np.ones((4, 3)))})
    good = path.read_bytes()
    shape = struct.pack("<BBB5xQQ", 1, 2, 0, 4, 3)
    assert good.count(shape) == 1
    path.write_bytes(good.replace(shape, struct.pack("<BBB5xQQ", 1, 2, 0, 10**12, 3)))
    with pytest.raises(InputError, match=r"has the shape .* may hold"):
        read_hdf5(path)
    sizes = struct.pack("<III", 4, 3, 4)
    assert good.count(sizes) == 1
    path.write_bytes(good.replace(sizes, struct.pack("<III", 2, 3, 4)))
    with pytest.raises(InputError, match="damaged: a piece holds more than its shape says"):
        read_hdf5(path)


def test_other_files_are_no_nir(tmp_path):
    path = tmp_path / "x.nir"
    for content, said in (
        (b"PK\3\4", "no HDF5 file"), (b"", "no HDF5 file"),
        (hdf5({"a": np.ones(2)}), "no NIR graph"),
        (hdf5(graph(net()))[:2000], "is damaged: "),
        (b"\x89HDF\r\n\x1a\n\x03" + bytes(90), "newer versions of HDF5"),
    ):  # fmt: skip
        path.write_bytes(content)
        with pytest.raises(InputError, match=said):
            import_nir(path, DT_S)


def test_a_group_that_holds_itself_ends(tmp_path):
    # The place of the innermost array's header becomes the root's own.
    good = bytearray(hdf5({"a": {"b": np.ones(1)}}))
    root = struct.unpack("<Q", good[64:72])[0]
    leaf = good.index(b"SNOD")
    good[leaf + 16 : leaf + 24] = struct.pack("<Q", root)
    path = tmp_path / "x.h5"
    path.write_bytes(good)
    with pytest.raises(InputError, match="stands for itself"):
        read_hdf5(path)


def test_a_network_in_time_is_saved_and_read_as_it_was(nir, tmp_path):
    network = import_nir(nir(net()), DT_S)
    network.save(tmp_path / "n.npz")
    again = TemporalNetwork.load(tmp_path / "n.npz")
    assert again.step_s == DT_S
    for one, other in zip(network.layers, again.layers, strict=True):
        for name, values in vars(one).items():
            assert np.array_equal(values, getattr(other, name))
    with pytest.raises(InputError, match=r"a network in time, which `anaspike map --steps` runs"):
        Network.load(tmp_path / "n.npz")
