"""`characterise leak`: physics of trans-diodes, and what is refused."""

import math

import pytest

from anaspike.campaign.bench import Bench
from anaspike.errors import InputError
from anaspike.studies.blocks.leak import Leak


@pytest.fixture(scope="module")
def findings(ngspice):
    return Leak(corners=("tt", "ss"), temperatures_C=(-40, 27, 125), samples=6).find(Bench(ngspice))


def test_it_leaks_more_when_hot_and_when_fast(findings):
    ohm = findings.tables["leak"].set_index(["corner", "temperature_C"])["resistance_50mV_ohm"]
    for corner in ("tt", "ss"):
        assert ohm[corner, -40] > 3 * ohm[corner, 27] > 9 * ohm[corner, 125]
    assert ohm["ss", 27] > ohm["tt", 27]


def test_the_times_are_r_c(findings):
    stored_F = findings.quantities["membrane_at_rest_F"]
    assert 50e-15 < stored_F < 150e-15  # the capacitor, and what hangs on it
    table = findings.tables["leak"]
    assert (table["time_constant_s"] / table["resistance_50mV_ohm"]).to_numpy() == pytest.approx(
        stored_F
    )
    assert (table["kept_for_s"] / table["time_constant_s"]).to_numpy() == pytest.approx(
        math.log(1 / 0.9)
    )


def test_every_condition_and_sample_is_judged(findings):
    assert len(findings.quantities["kept_for_s"]) == 2 * 3 + 6
    quantities = findings.quantities
    assert quantities["mismatch_least_ohm"] < quantities["mismatch_median_ohm"]
    assert 0.01 < quantities["mismatch_sigma_of_log"] < 1


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"corners": ()}, "leak: give at least one corner and one temperature"),
        ({"samples": 1}, "leak: 1 samples have no spread"),
        ({"corners": ("typ",)}, "no corner 'typ'"),
    ],
)
def test_refused(asked, message):
    with pytest.raises(InputError, match=message):
        Leak(**asked).check()
