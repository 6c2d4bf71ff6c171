"""Networks in time from the arrays that snnTorch saves."""

import numpy as np
import pytest
from nir_maker import affine, graph, hdf5
from nir_maker import lif as nir_neurons
from weight_makers import SNN, f, lif

from anaspike.errors import InputError
from anaspike.learning.foreign.nir import import_nir
from anaspike.learning.weights import import_in_time, import_weights

LEAKY = SNN | lif("lif1") | lif("lif2", 0.7, beta=[0.8, 0.7, 0.6])


@pytest.fixture
def imported(tmp_path):
    """Write arrays and import them; the network and the lines on its arrays."""

    def run(arrays, **options):
        lines = []
        np.savez(tmp_path / "w.npz", **arrays)
        network = import_in_time(tmp_path / "w.npz", 1e-4, report=lines.append, **options)
        return network, lines

    return run


def test_every_neuron_keeps_its_beta_and_threshold(imported):
    network, lines = imported(LEAKY)
    first, last = network.layers
    assert (first.weights == LEAKY["fc1.weight"]).all()
    assert (first.bias == LEAKY["fc1.bias"]).all()
    assert first.beta.tolist() == pytest.approx([0.9] * 8)
    assert last.beta.tolist() == pytest.approx([0.8, 0.7, 0.6])
    assert last.threshold.tolist() == pytest.approx([0.7] * 3)
    assert network.step_s == 1e-4
    assert lines[2:4] == ["lif1.threshold -> its thresholds (1)", "lif1.beta -> its beta (0.9)"]
    subtracts = "its neurons reset by subtraction; here they start again from rest"
    assert lines[-1] == f"lif2.reset_mechanism_val: {subtracts}"
    assert len(lines) == len(LEAKY)  # one for each array


def test_it_is_the_network_that_snntorch_writes_as_nir(imported, tmp_path):
    nodes = {
        "fc1": affine(LEAKY["fc1.weight"], LEAKY["fc1.bias"]), "lif1": nir_neurons(8),
        "fc2": affine(LEAKY["fc2.weight"], LEAKY["fc2.bias"]),
        "lif2": nir_neurons(3, np.array([0.8, 0.7, 0.6]), 0.7),
    }  # fmt: skip
    (tmp_path / "w.nir").write_bytes(hdf5(graph(nodes)))
    ours, theirs = imported(LEAKY)[0], import_nir(tmp_path / "w.nir", 1e-4)
    trains = np.random.default_rng(1).random((50, 10, 4)) < 0.5
    for one, other in zip(ours.run(trains), theirs.run(trains), strict=True):
        assert (one == other).all()
    assert 0.05 < ours.run(trains)[-1].mean() < 0.95


def test_without_a_step_it_decides_in_one_window(tmp_path):
    np.savez(tmp_path / "w.npz", **LEAKY)
    assert import_weights(tmp_path / "w.npz").n_inputs == 4


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"lif2.reset_mechanism_val": np.array(1)}, None),
        ({"lif2.mem": f(3)}, None),
        ({"lif2.alpha": f(1)}, "lif2.alpha: of a synapse that goes on after its spike, or of ano"),
        ({"lif2.reset_mechanism_val": np.array(2)}, "lif2.reset_mechanism_val: its neurons never"),
        ({"lif2.beta": f(7)}, "fc2.weight: beta of shape (7,) does not fit weights of shape (3, 8"),
        ({"lif2.beta": np.array(1.2)}, "fc2.weight: beta lies outside 0 to 1"),
        ({"lif2.beta": np.array(b"x")}, "fc2.weight: beta of type |S1; save float32"),
    ],
)
def test_a_constant_that_no_neuron_here_has_is_named(imported, changed, said):
    if said is None:
        assert len(imported(LEAKY | changed)[0].layers) == 2
        return
    with pytest.raises(InputError) as refused:
        imported(LEAKY | changed)
    assert said in str(refused.value)


@pytest.mark.parametrize("missing", ["beta", "threshold"])
def test_a_layer_needs_both(imported, missing):
    arrays = {name: values for name, values in LEAKY.items() if name != f"lif2.{missing}"}
    with pytest.raises(InputError, match=r"fc2.weight: its neurons have no|lif2"):
        imported(arrays)
