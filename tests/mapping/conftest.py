"""A charge model whose answers are known by hand."""

import numpy as np
import pandas as pd
import pytest

from anaspike.mapping.charge_model import ChargeTables, Geometry, Limits
from anaspike.mapping.deploy import Neurons
from anaspike.mapping.energy import EventEnergies
from anaspike.mapping.mismatch import Scatter
from anaspike.mapping.supply_curve import SupplyCurve
from anaspike.mapping.verify import modelled
from anaspike.studies.learning import map as map_module
from anaspike.studies.learning import mapped
from anaspike.studies.learning import train_and_map as module
from anaspike.studies.learning import tune_in_loop as loop_module

SCATTER = Scatter(np.array([0.5, 0.7]), np.full((2, 2), 0.3), 5e-3, 0.2)
UNIT_A, WIDTH_S, MEMBRANE_F = 10e-9, 50e-9, 100e-15


@pytest.fixture
def tables():
    """10 nA a unit at 0.6 V, e-fold for each 50 mV; no edges, no leak, no junctions."""
    supply_V = np.array([0.5, 0.6, 0.7])
    membrane_V = np.linspace(0, 0.9, 181)
    size_A = UNIT_A * np.exp((supply_V - 0.6) / 0.05)
    flat = np.ones((3, 181)) * size_A[:, None]
    return ChargeTables(
        supply_V=supply_V,
        membrane_V=membrane_V,
        current_A=np.stack((flat, -flat)),
        capacitance_F=np.zeros((2, 3, 181)),
        idle_F=np.zeros((3, 181)),
        on_coulomb=np.zeros((2, 3)),
        off_coulomb=np.zeros((2, 3, 2)),
        off_s=np.array([0.0, 1e-9]),
        core_F=np.zeros(181),
        leak_A=np.zeros(181),
        clock_push_coulomb=0.0,
        rest_V=0.25,
        width_s=WIDTH_S,
    )


@pytest.fixture
def geometry():
    return Geometry(4, MEMBRANE_F, threshold_V=0.35, delay_s=0.5e-9)


@pytest.fixture
def neurons(tables):
    limits = Limits(
        np.array([1e-15, 1e-9]),
        np.array([0.35, 0.35]),
        np.array([1.0, 200.0]),
        np.array([0.0, 0.0]),
    )
    return Neurons(None, tables, limits)


@pytest.fixture
def curve(tables):
    size_A = np.abs(tables.current_A[0, :, 0])
    return SupplyCurve(tables.supply_V, size_A / size_A[1])


@pytest.fixture
def by_hand(tables, monkeypatch):
    """What studies would ask SPICE, answered by the hand-made model; corners asked for."""
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
    for study in (module, map_module, loop_module):
        monkeypatch.setattr(study, "measured_curve", lambda *_: curve)
        monkeypatch.setattr(
            study, "measure_energies", lambda *_: EventEnergies(1e-14, 1e-15, 1e-13)
        )
    monkeypatch.setattr(mapped, "measure_neurons", measured)
    monkeypatch.setattr(mapped, "measure_scatter", lambda *_: SCATTER)
    monkeypatch.setattr(mapped, "prove", proven)
    return asked
