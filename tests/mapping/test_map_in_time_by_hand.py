"""`map --steps` whole, on a neuron known by hand: what SPICE adds stands in the flows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from anaspike.learning.temporal import TemporalLayer, TemporalNetwork, answers
from anaspike.mapping.mismatch import Scatter
from anaspike.mapping.supply_curve import SupplyCurve
from anaspike.mapping.verify_windows import modelled_windows
from anaspike.mapping.windows import Aftermath
from anaspike.studies.learning import map_in_time as module
from anaspike.studies.learning import mapped
from anaspike.studies.learning.map_in_time import MapInTime

SCATTER = Scatter(np.array([0.5, 0.7]), np.full((2, 2), 0.1), 5e-3, 0.1)


class Bench:
    """Runs nothing: what it would be asked is answered below."""

    def __init__(self):
        self.made = {}

    def once(self, key, make):
        if key not in self.made:
            self.made[key] = make(self)
        return self.made[key]


@pytest.fixture
def by_hand(monkeypatch, neurons, tables):
    """A leak of 200 Mohm at tt, twice that at ss."""

    def measured(bench, at, *_):
        ohm = 400e6 if at.corner == "ss" else 200e6
        return replace(
            neurons, at=at, tables=replace(tables, leak_A=(0.25 - tables.membrane_V) / ohm)
        )

    def proven(bench, at, tables, cases, period_s):
        spikes, margin_V, membrane_V = modelled_windows(tables, cases, period_s)
        return pd.DataFrame(
            [
                {"case": case.name, "window": i, "asked": True, "fired": float(spikes[n, i]),
                 "model_fired": float(spikes[n, i]), "agrees": 1.0, "start_V": 0.25,
                 "membrane_V": membrane_V[n, i], "model_membrane_V": membrane_V[n, i],
                 "membrane_error_V": 0.0, "margin_V": margin_V[n, i], "status": "ok",
                 "message": ""}
                for n, case in enumerate(cases)
                for i in range(len(case.trains))
            ]
        )  # fmt: skip

    curve = SupplyCurve(np.array([0.5, 0.6, 0.7]), np.exp([-2.0, 0.0, 2.0]))
    for where in (module, mapped):
        monkeypatch.setattr(where, "measured_curve", lambda *_: curve)
        monkeypatch.setattr(where, "measure_neurons", measured)
    monkeypatch.setattr(mapped, "measure_scatter", lambda *_: SCATTER)
    monkeypatch.setattr(module, "measure_leak_sigma", lambda *_: 0.3)
    monkeypatch.setattr(module, "prove_windows", proven)
    monkeypatch.setattr(
        module, "measure_leak",
        lambda bench, conditions, _: [measured(bench, at).tables for at in conditions],
    )  # fmt: skip
    monkeypatch.setattr(
        module, "measure_aftermath",
        lambda bench, at, tables, geometries, *_: [Aftermath(0.25, 0.0) for _ in geometries],
    )  # fmt: skip


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(3)
    first = TemporalLayer.of(rng.normal(0.1, 0.4, (6, 8)), None, 1.0, 0.9)
    second = TemporalLayer.of(rng.normal(0.1, 0.5, (3, 6)), None, 1.5, 0.9)
    network = TemporalNetwork((first, second), 1e-4)
    trains = rng.random((30, 6, 8)) < 0.3
    network.save(tmp_path / "n.npz")
    np.savez(tmp_path / "t.npz", inputs=trains)
    labels = np.maximum(answers(network.run(trains)[-1]), 0)
    np.save(tmp_path / "l.npy", labels)
    return {"network": tmp_path / "n.npz", "inputs": tmp_path / "t.npz",
            "labels": tmp_path / "l.npy", "steps": 6, "samples": 4}  # fmt: skip


def test_a_network_in_time_on_nominal_neurons(by_hand, files, tmp_path):
    found = MapInTime(**files).find(Bench())
    table = found.tables["accuracy"].set_index("what")
    assert list(table.index) == ["the network itself", "on continuous supplies", "5-bit converter"]
    assert table["as_the_network"]["5-bit converter"] > 0.75, found.tables["layers"].to_string()
    layers = found.tables["layers"]
    assert layers["beta_made"].tolist() == pytest.approx([0.9, 0.9], abs=2e-3)
    assert layers["agree"].min() > 0.9
    leak = found.tables["leak"].set_index(["corner", "temperature_C", "layer"])
    assert leak["beta_made"]["ss", 27.0, 0] == pytest.approx(np.sqrt(0.9), abs=2e-3)
    assert leak["period_needed_s"]["ss", 27.0, 1] == pytest.approx(
        2 * found.quantities["period_s"], rel=0.02
    )
    assert found.quantities["duration_s"] == pytest.approx(6 * found.quantities["period_s"])
    assert found.quantities["spice_agreement"] == 1
    assert set(found.arrays["codes"]) == {"codes_0", "bias_codes_0", "codes_1", "bias_codes_1"}
    for drawing in found.figures.values():
        assert drawing() is not None


def test_a_chip_at_a_corner_has_a_period_of_its_own_and_is_calibrated(by_hand, files):
    bench = Bench()
    nominal = MapInTime(**files).find(bench).quantities["period_s"]
    found = MapInTime(**files, corner="ss", seed=1, calibrate=True).find(bench)
    assert found.quantities["period_s"] == pytest.approx(2 * nominal, rel=0.02)
    table = found.tables["accuracy"].set_index("what")["accuracy"]
    assert list(table.index)[-2:] == ["corner ss, chip 1", "calibrated"]
    assert table["calibrated"] > table["corner ss, chip 1"] - 0.05
    given = MapInTime(**files, corner="ss", period_s=1e-6, noise_V=5e-3).find(bench)
    assert given.quantities["period_s"] == 1e-6
    assert any("keeps 0.9" in note for note in given.notes)
    assert given.tables["accuracy"]["what"].iloc[-1] == "with noise"
