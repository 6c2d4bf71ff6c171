"""`map` is judged by what the user brought: the network itself, the patterns, the labels."""

import numpy as np
import pytest

from anaspike.campaign.specs import judge
from anaspike.errors import InputError
from anaspike.learning.network import Layer, Network
from anaspike.studies.learning.map import Map

XOR = Layer.of([[1, -1], [-1, 1]]), Layer.of([[1, 1]])
PATTERNS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


class Bench:
    """Runs nothing: the fixture answers."""

    def once(self, key, make):
        return make(self)

    def say(self, doing):
        pass


def judged(folder, network, **given):
    """Map a network; return findings, and of each quantity judged whether it is met."""
    network.save(folder / "net.npz")
    study = Map(network=folder / "net.npz", samples=4, **given)
    found = study.find(Bench())
    return found, {v.spec.quantity: v.met for v in judge(study.specs(), found.quantities)}


@pytest.fixture
def patterns(tmp_path):
    path = tmp_path / "patterns.npz"
    np.savez(path, inputs=PATTERNS)
    return path


@pytest.mark.usefixtures("by_hand")
@pytest.mark.parametrize("theta", [1.0, 0.8, 0.3])
def test_whole_drives_decide_as_the_network_does_whatever_theta_between_two(
    tmp_path, patterns, theta
):
    found, met = judged(tmp_path, Network(XOR, theta), inputs=patterns)
    assert found.tables["layers"]["mapped"].tolist() == [1, 1]
    assert all(met.values())
    assert list(met) == [
        "output_agreement", "balanced_agreement", "deciding_outputs", "lost_outputs",
        "spice_agreement",
    ]  # fmt: skip
    assert found.notes[0] == "judged on the 4 patterns of patterns.npz"
    widened = "1 mV a step: widened, no converter has finer ones"
    assert any(note.endswith(widened) for note in found.notes)


@pytest.mark.usefixtures("by_hand")
def test_a_network_that_hardly_fires_is_not_met_by_agreeing(tmp_path):
    rng = np.random.default_rng(1)
    layers = (Layer.of(rng.choice([-1.0, 1.0], (6, 12))),)
    found, met = judged(tmp_path, Network(layers, 6.0))
    assert 0 < found.quantities["output_rate"] < 0.02
    assert found.quantities["output_agreement"] == 1
    assert met["output_agreement"]
    assert not met["deciding_outputs"]
    assert found.notes[0].startswith("judged on 200 random patterns, each input a spike in half")
    said = " ".join(found.notes)
    assert "never fires: " in said
    assert "almost never fires: " in said
    assert "of 6 outputs (" in said
    assert "outputs" in found.also


@pytest.mark.usefixtures("by_hand")
@pytest.mark.parametrize("theta", [1e6, 0.5])
def test_one_that_says_the_same_to_all_is_not_met(tmp_path, theta):
    biased = Layer.of([[1, 1]], [3.0])
    found, met = judged(tmp_path, Network((biased,), theta))
    assert found.quantities["output_agreement"] == 1
    assert not met["balanced_agreement"]
    assert not met["deciding_outputs"]


@pytest.mark.usefixtures("by_hand")
def test_weights_that_are_no_codes_lose_and_it_is_told(tmp_path):
    rng = np.random.default_rng(3)
    layers = Layer.of(rng.normal(size=(24, 16))), Layer.of(rng.normal(size=(6, 24)))
    found, met = judged(tmp_path, Network(layers))
    assert found.quantities["output_agreement"] < 0.98
    assert not met["output_agreement"]


@pytest.mark.usefixtures("by_hand")
def test_with_labels_accuracy_is_judged_beside_the_networks_own(tmp_path, patterns):
    np.save(tmp_path / "labels.npy", [0, 1, 1, 1])
    found, met = judged(
        tmp_path, Network(XOR), inputs=patterns, labels=tmp_path / "labels.npy"
    )  # fmt: skip
    table = found.tables["accuracy"].set_index("what")["accuracy"]
    assert table["the network itself"] == table["mapped"] == 0.75
    assert found.quantities["accuracy_lost"] == 0
    assert met["accuracy_lost"]
    # Gains that scatter so far that little is left.
    network = Network((Layer.of(np.random.default_rng(2).choice([-1.0, 1.0], (5, 12))),), 2.0)
    inputs = np.random.default_rng(3).random((80, 12)) < 0.5
    np.savez(patterns, inputs=inputs, labels=network.spikes(inputs)[-1])
    found, met = judged(tmp_path, network, inputs=patterns, labels=patterns, mismatch=1.0)
    assert found.quantities["accuracy"].tolist() == [1]  # the network itself, of four rows
    assert found.quantities["accuracy_lost"] > 0.02
    assert not met["accuracy_lost"]
    assert not met["output_agreement"]
    assert any(", gain sigma 1 (" in note for note in found.notes)


@pytest.mark.usefixtures("by_hand")
def test_what_noise_and_sources_cost_is_said_beside_the_quiet_chip(tmp_path):
    network = Network((Layer.of(np.random.default_rng(2).choice([-1.0, 1.0], (5, 12))),), 2.0)
    quiet, _ = judged(tmp_path, network)
    found, _ = judged(tmp_path, network, noise_V="20m", source_ohm="1M")
    table = found.tables["disturbed"].set_index("with")
    assert list(table.index) == ["neither", "noise 20 mV rms", "sources of 1000 kohm"]
    agreement = table["agreement"]
    assert agreement["neither"] == quiet.quantities["output_agreement"]
    assert found.quantities["output_agreement"] == quiet.quantities["output_agreement"]
    for name, row in (("noise", "noise 20 mV rms"), ("source", "sources of 1000 kohm")):
        lost = found.quantities[f"agreement_lost_by_{name}"]
        assert lost == agreement["neither"] - agreement[row]
        assert lost > 0
    assert "disturbed" not in quiet.tables


def test_labels_without_patterns_are_refused(tmp_path):
    Network(XOR).save(tmp_path / "net.npz")
    np.save(tmp_path / "labels.npy", [0, 1])
    with pytest.raises(InputError) as caught:
        Map(network=tmp_path / "net.npz", labels=tmp_path / "labels.npy").check()
    assert str(caught.value) == "--labels says what patterns are; give the patterns by --inputs"


@pytest.mark.usefixtures("by_hand")
def test_drives_that_are_theta_but_for_rounding_are_told(tmp_path):
    layer = Layer.of([[0.7, -0.4, 0.1, 0.2], [0.1, 0.1, 0.1, -0.1]])
    found, met = judged(tmp_path, Network((layer,), 0.3))
    assert found.quantities["output_agreement"] == 1
    assert all(met.values())
    assert any("drives are theta but for the rounding of 32-bit" in n for n in found.notes)
