"""The whole way on a neuron known by hand; what SPICE adds stands in test_map and the reference."""

import numpy as np
import pandas as pd
import pytest

from anaspike.mapping.charge_model import Limits
from anaspike.mapping.deploy import Neurons
from anaspike.mapping.energy import EventEnergies
from anaspike.mapping.supply_curve import SupplyCurve
from anaspike.mapping.verify import modelled
from anaspike.studies import train_and_map as module
from anaspike.studies.train_and_map import TrainAndMap


class Bench:
    """Runs nothing: what it would be asked is answered below."""


@pytest.fixture
def by_hand(tables, monkeypatch):
    size_A = np.abs(tables.current_A[0, :, 0])
    limits = Limits(np.array([1e-15, 1e-9]), np.full(2, 0.35), np.array([1.0, 200.0]), np.zeros(2))
    asked = []

    def measured(bench, at, curve, coded):
        asked.append(at.corner)
        return Neurons(at, tables, limits)

    def proven(bench, at, tables, cases):
        margin_V, membrane_V = modelled(tables, cases)
        fired = (margin_V > 0).astype(float)
        return pd.DataFrame(
            {"case": [case.name for case in cases], "fired": fired, "model_fired": fired,
             "agrees": 1.0, "membrane_V": membrane_V, "model_membrane_V": membrane_V,
             "membrane_error_V": 0.0, "margin_V": margin_V, "status": "ok"}
        )  # fmt: skip

    curve = SupplyCurve(tables.supply_V, size_A / size_A[1])
    monkeypatch.setattr(module, "measured_curve", lambda *_: curve)
    monkeypatch.setattr(module, "measure_neurons", measured)
    monkeypatch.setattr(module, "prove", proven)
    monkeypatch.setattr(module, "measure_energies", lambda *_: EventEnergies(1e-14, 1e-15, 1e-13))
    return asked


def test_every_step_is_a_row_and_the_losses_are_between_them(by_hand):
    study = TrainAndMap(seeds=2, samples=4, corner="ss", mismatch=0.2, calibrate=True, sweeps=False)
    found = study.find(Bench())
    assert by_hand == ["tt", "ss"]
    table = found.tables["steps"].set_index("step")
    assert list(table.index) == [
        "chance", "majority class", "untuned", "head alone", "full fine-tuning", "NT",
        "3-bit codes", "3-bit codes, NT again", "ordinary classifier", "on hardware, k(V) alone",
        "on hardware, trimmed", "on hardware, 5-bit converter", "corner ss, gain sigma 0.2",
        "calibrated neuron by neuron",
    ]  # fmt: skip
    assert table["accuracy"]["chance"] == pytest.approx(1 / 16)
    known = table.dropna()
    assert (known["low"] <= known["balanced"]).all()
    assert (known["balanced"] <= known["high"]).all()
    assert table["balanced"]["NT"] > table["balanced"]["untuned"] + 0.2
    assert table["balanced"]["on hardware, trimmed"] > table["balanced"]["untuned"] + 0.2
    by_codes = table["balanced"]["NT"] - table["balanced"]["3-bit codes, NT again"]
    assert found.quantities["loss_by_codes"] == pytest.approx(by_codes)
    assert found.quantities["spice_agreement"] == 1
    assert {"supplies", "decisions", "proof", "energy", "learning"} < set(found.tables)
    assert set(found.figures) == {"learning", "confusion", "supplies", "energy"}
    supplies = found.tables["supplies"]
    assert supplies["vdd_syn_V"].between(0.5, 0.7).all()
    assert any("5 bits from" in note for note in found.notes)
    first = TrainAndMap(seeds=1, samples=2, sweeps=False).find(Bench()).tables["steps"]
    again = TrainAndMap(seeds=1, samples=2, sweeps=False).find(Bench()).tables["steps"]
    pd.testing.assert_frame_equal(first, again)  # bit for bit, from the seed


def test_sweeps_cover_bits_converter_rails_and_mismatch(by_hand):
    found = TrainAndMap(seeds=1, samples=2, domains=8).find(Bench())
    sweeps = found.tables["sweeps"]
    assert set(sweeps["sweep"]) == {"bits", "dac_bits", "domains", "mismatch"}
    assert sweeps["balanced"].between(0, 1).all()
    assert "one each" in set(sweeps["setting"])
    assert found.tables["supplies"]["vdd_syn_V"].nunique() <= 8
    assert "sweeps" in found.figures
    assert found.quantities["loss_by_mismatch_calibrated"] is not None
