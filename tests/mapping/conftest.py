"""A charge model whose answers are known by hand."""

import numpy as np
import pytest

from anaspike.mapping.charge_model import ChargeTables, Geometry, Limits
from anaspike.mapping.deploy import Neurons
from anaspike.mapping.supply_curve import SupplyCurve

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
