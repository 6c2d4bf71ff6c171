"""`map --steps`, `characterise charge-in-time`: what is refused; tables without SPICE."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from anaspike.errors import InputError
from anaspike.learning.temporal import TemporalLayer, TemporalNetwork, answers, read_trains
from anaspike.studies.flow import read_flow
from anaspike.studies.learning.charge_in_time import ChargeInTime, window_table
from anaspike.studies.learning.map_in_time import MapInTime
from anaspike.studies.learning.timed_tables import accuracy_table, leak_notes

FLOWS = Path(__file__).parents[2] / "flows" / "time"
DIGITS = {"network": "digits.nir", "dt_s": 1e-4, "inputs": "digits_trains.npz",
          "labels": "digits_labels.npy"}  # fmt: skip


def small(tmp_path):
    layer = TemporalLayer.of(np.ones((2, 3)), None, 1.0, 0.9)
    TemporalNetwork((layer,), 1e-4).save(tmp_path / "n.npz")
    np.savez(tmp_path / "t.npz", inputs=np.ones((4, 10, 3)))
    return {"network": tmp_path / "n.npz", "inputs": tmp_path / "t.npz"}


def test_the_digits_that_come_with_it_are_right_as_they_were_in_snntorch():
    study = MapInTime(**DIGITS)
    study.check()
    network = study._network()
    assert [layer.weights.shape for layer in network.layers] == [(64, 64), (10, 64)]
    for layer in network.layers:
        assert layer.beta == pytest.approx(0.9, abs=1e-5)
        assert (layer.threshold == 1).all()
    trains = read_trains(FLOWS / "digits_trains.npz", 64, 10)
    right = answers(network.run(trains)[-1]) == np.load(FLOWS / "digits_labels.npy")
    assert right.mean() == pytest.approx(0.973, abs=0.005)  # ties count for the first to spike


def test_every_flow_in_time_reads():
    for path in FLOWS.glob("*.toml"):
        assert read_flow(path, ("generic28",)).studies


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"steps": 9}, r"inputs of shape \(4, 10, 3\) are no trains of 9 steps"),
        ({"steps": 0}, "`steps` 0: a network runs for 1 to 1000 steps"),
        ({"score": "best"}, "no score 'best'"),
        ({"period_s": "100ns"}, "`period_s` 1e-07 s: windows of spikes of 1e-07 s need 6e-07 s"),
        ({"dt_s": "1ms"}, "says itself how long a step is"),
        ({"domains": 1}, "a stiff supply for each neuron"),
        ({"inputs": None, "labels": "digits_labels.npy"}, "give the trains by --inputs"),
        ({"labels": "digits_labels.npy"}, "do not fit 4 patterns"),
        ({"network": Path("nowhere.nir")}, "give what the network was trained with by `dt_s`"),
        ({"network": Path("nowhere.nir"), "dt_s": 1e-4}, "cannot read nowhere.nir"),
    ],
)
def test_bad_input_is_one_line(tmp_path, changed, said):
    with pytest.raises(InputError, match=said):
        MapInTime(**{**small(tmp_path), **changed}).check()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"beta": 1.0}, "`beta` 1: a membrane that leaks"),
        ({"from_V": 0.7, "to_V": 0.6}, "must rise in that order"),
        ({"windows": 0}, "at least 1 synapse, 1 sample and 1 window"),
        ({"period_s": 1.0}, "`period_s` 1 s"),
    ],
)
def test_questions_that_make_no_sense(changed, said):
    with pytest.raises(InputError, match=said):
        ChargeInTime(**changed).check()


def test_tables():
    own, found = np.array([0, 1, 2, -1]), np.array([0, 1, 1, -1])
    table = accuracy_table({"own": own, "mapped": found}, own, np.array([0, 1, 2, 0]))
    assert table["accuracy"].tolist() == [0.75, 0.5]
    assert table["as_the_network"].tolist() == [1, 0.75]
    assert table["no_answer"].tolist() == [0.25, 0.25]
    assert "accuracy" not in accuracy_table({"own": own}, own, None)
    layers = pd.DataFrame(
        {"layer": [0, 1], "beta": [0.9, 0.9], "beta_made": [0.9, 0.85],
         "beta_least": [0.8, 0.9], "beta_most": [0.95, 0.9]}
    )  # fmt: skip
    several, other = leak_notes(layers)
    assert several.startswith("layer 0: betas of 0.8 to 0.95")
    assert other == "layer 1: keeps 0.85 where beta is 0.9"


def test_windows_are_told_apart():
    proof = pd.DataFrame(
        {"case": ["a", "b", "a", "c", "b"], "window": [0, 0, 1, 1, 1],
         "asked": [True, True, True, False, True], "status": "ok",
         "fired": [1.0, 0.0, 1.0, 0.0, 0.0], "agrees": [1.0, 0.0, 1.0, 1.0, 1.0],
         "start_V": 0.25, "membrane_V": [0.3, 0.05, 0.3, 0.3, 0.3],
         "membrane_error_V": [1e-3, 9.0, 2e-3, 9.0, 9.0]}
    )  # fmt: skip
    table = window_table(proof)
    assert table["decisions"].tolist() == [2, 2]
    assert table["agree"].tolist() == [0.5, 1]
    assert table["compared"].tolist() == [1, 1]  # b's membrane is another after its decision was
    assert table["error_rms_V"].tolist() == pytest.approx([1e-3, 2e-3])
