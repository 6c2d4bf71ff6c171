"""The charge model against hand calculation, and against SPICE."""

from dataclasses import replace

import numpy as np
import pytest

from anaspike.campaign.bench import Bench
from anaspike.circuits.designs import design_for
from anaspike.errors import InputError
from anaspike.mapping.characterise import Conditions, measure_limits, measure_tables
from anaspike.mapping.charge_model import ChargeLayer
from anaspike.mapping.verify import confusion, proof_quantities, prove, random_cases
from anaspike.pdk.generic28 import Generic28
from anaspike.studies.learning.charge_model import ChargeModel

# 10 nA for 50 ns on 100 fF is 5 mV for a unit of code.


def ran(tables, geometry, excite, inhibit, supply_V=0.6, **deviations):
    layer = ChargeLayer(tables, geometry, np.array([supply_V]), **deviations)
    margin_V, membrane_V = layer.run(np.array([[float(excite)]]), np.array([[float(inhibit)]]))
    return margin_V[0, 0], membrane_V[0, 0]


@pytest.mark.parametrize(
    ("excite", "inhibit", "membrane_V"),
    [(0, 0, 0.25), (10, 0, 0.30), (10, 14, 0.23), (25, 4, 0.355)],
)  # fmt: skip
def test_charge_over_capacitance(tables, geometry, excite, inhibit, membrane_V):
    margin_V, found_V = ran(tables, geometry, excite, inhibit)
    assert found_V == pytest.approx(membrane_V, abs=1e-6)
    assert margin_V == pytest.approx(membrane_V - 0.35, abs=1e-6)


def test_the_supply_scales_the_charge(tables, geometry):
    _, membrane_V = ran(tables, geometry, 10, 0, 0.6 + 0.05 * np.log(1.5))
    assert membrane_V - 0.25 == pytest.approx(0.075, rel=2e-3)


def test_a_membrane_ends_where_its_currents_do(tables, geometry):
    # Excitation dies from 0.45 to 0.50 V as a source in triode does.
    shape = np.clip((0.50 - tables.membrane_V) / 0.05, 0, 1)
    tables = replace(tables, current_A=tables.current_A * shape)
    assert ran(tables, geometry, 1000, 0)[1] == pytest.approx(0.50, abs=1e-3)
    # 10 V/us up to 0.45 V, then a time constant of 100 fF / (100 * 10 nA / 50 mV) = 5 ns.
    expected_V = 0.50 - 0.05 * np.exp(-(50e-9 - 0.2 / 10e6) / 5e-9)
    assert ran(tables, geometry, 100, 0)[1] == pytest.approx(expected_V, abs=2e-3)


def test_edges_and_clock_push_charge_before_and_after(tables, geometry):
    tables = replace(
        tables,
        on_coulomb=np.array([[-0.1e-15] * 3, [0.2e-15] * 3]),
        off_coulomb=np.array([[[0, 0.3e-15]] * 3, [[0, -0.4e-15]] * 3]),
        clock_push_coulomb=-1e-15,
    )
    margin_V, membrane_V = ran(tables, geometry, 10, 5)
    assert membrane_V == pytest.approx(0.25 + 0.025 + (-1.0 + 1.0 - 1.0) * 0.01, abs=1e-6)
    # Half of the switching off comes before the decision, 0.5 of 1 ns after the spike.
    assert margin_V == pytest.approx(membrane_V + (1.5 - 1.0) * 0.01 - 0.35, abs=1e-6)


def test_capacitance_is_all_that_hangs_on_the_membrane(tables, geometry):
    tables = replace(
        tables, idle_F=np.full((3, 181), 1e-15), core_F=np.full(181, 6e-15),
        capacitance_F=np.full((2, 3, 181), 1e-15),
    )  # fmt: skip
    _, membrane_V = ran(tables, geometry, 10, 0)
    assert membrane_V - 0.25 == pytest.approx(0.05 * 100 / (100 + 4 + 6 + 10), rel=1e-6)


def test_gain_and_offset_are_the_neurons_own(tables, geometry):
    deviation = {"gain": np.array([1.2]), "offset_V": np.array([0.01])}
    margin_V, membrane_V = ran(tables, geometry, 10, 0, **deviation)
    assert membrane_V == pytest.approx(0.31, abs=1e-6)
    assert margin_V == pytest.approx(0.31 - 0.36, abs=1e-6)


def test_many_patterns_are_each_what_they_are_alone(tables, geometry):
    rng = np.random.default_rng(0)
    excite, inhibit = rng.integers(0, 30, (2, 50_001, 5)).astype(float)
    layer = ChargeLayer(tables, geometry, np.linspace(0.52, 0.68, 5))
    margin_V, membrane_V = layer.run(excite, inhibit)
    last = layer.run(excite[-1:], inhibit[-1:])
    np.testing.assert_array_equal(margin_V[-1:], last[0])
    np.testing.assert_array_equal(membrane_V[-1:], last[1])


def test_a_supply_that_was_not_measured_is_refused(tables, geometry):
    with pytest.raises(InputError) as caught:
        ChargeLayer(tables, geometry, np.array([0.49, 0.6]))
    assert str(caught.value) == (
        "a supply of 0.49 to 0.6 V lies outside what was measured (0.5 to 0.7 V)"
    )


def test_the_charge_of_a_unit(tables):
    assert tables.unit_charge(0.6) == pytest.approx(0.5e-15)


@pytest.fixture(scope="module")
def proof(ngspice):
    bench, at = Bench(ngspice, jobs=2), Conditions(Generic28(), design_for("generic28"))
    tables = measure_tables(bench, at, 0.60, 0.70)
    geometry = measure_limits(bench, at, tables, 8).geometry(tables, 8, 30e-15)
    cases = random_cases(tables, geometry, 8, 5, 0.61, 0.69)
    return geometry, prove(bench, at, tables, cases)


@pytest.mark.ngspice
def test_random_neurons_decide_and_end_as_in_spice(proof):
    geometry, table = proof
    quantities = proof_quantities(table)
    assert quantities["spice_samples"] == 8
    assert quantities["membrane_error_rms_V"] < 5e-3
    clear = table[table["margin_V"].abs() > 2e-3]
    assert (clear["agrees"] == 1).all()
    assert (table["margin_V"].abs()[1::2] < 0.015).all()  # drawn near on purpose
    counts = confusion(table)
    assert counts[["both_fire", "only_spice", "only_model", "none_fires"]].to_numpy().sum() == 8
    assert 0.34 < geometry.threshold_V < 0.40


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"from_V": 0.8}, "charge-model: from 0.8 V and to 0.8 V must rise in that order, below"
                          " the core supply"),
        ({"samples": 0}, "charge-model: give at least 1 synapse and 1 sample"),
        ({"corner": "xx"}, "generic28 has no corner 'xx'; choose one of tt, ff, ss, sf, fs"),
    ],
)  # fmt: skip
def test_a_study_that_cannot_be(parameters, message):
    with pytest.raises(InputError) as caught:
        ChargeModel(**parameters).check()
    assert str(caught.value) == message
