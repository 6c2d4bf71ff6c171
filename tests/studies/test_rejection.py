"""`characterise rejection`: signs and sizes by hand, and what is refused."""

import pytest

from anaspike.campaign.bench import Bench
from anaspike.errors import InputError
from anaspike.studies.blocks.rejection import Rejection


@pytest.fixture(scope="module")
def findings(ngspice):
    return Rejection(core_shifts_V=("-100m", 0, "100m")).find(Bench(ngspice))


def test_every_run_gave_a_result(findings):
    table = findings.tables["rejection"]
    assert table["status"].eq("ok").all()
    assert list(table.groupby("moved", sort=False).size()) == [3, 2, 2, 3]


def test_a_reference_is_what_it_sets(findings):
    quantities = findings.quantities
    assert quantities["threshold_per_v_th"] == pytest.approx(1, abs=0.1)
    # Width is charge over current.
    assert quantities["width_per_bias"] == pytest.approx(-1, abs=0.15)


def test_a_core_supply_that_is_off_moves_little(findings):
    assert findings.quantities["width_by_core"] < 0.3
    assert findings.quantities["threshold_by_core_V"] < 20e-3


def test_a_millivolt_of_synapse_supply_is_a_percent_or_two(findings):
    """Below threshold at most 1 / (kT/q): 3.9 % a millivolt."""
    assert 0.003 < findings.quantities["charge_per_mV"] < 0.039


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"core_shifts_V": (0.0,)}, "rejection: core_shifts_V must rise, 0 among them"),
        ({"core_shifts_V": (0.1, 0.0)}, "rejection: core_shifts_V must rise"),
        ({"core_shifts_V": (-0.8, 0.0)}, "core supply"),
        ({"reference_shift_V": 0.0}, "rejection: reference_shift_V must be above 0"),
        ({"bias_shift": 1.5}, "rejection: bias_shift is a part of the bias current"),
        ({"corner": "typ"}, "no corner 'typ'"),
    ],
)
def test_refused(asked, message):
    with pytest.raises(InputError, match=message):
        Rejection(**asked).check()
