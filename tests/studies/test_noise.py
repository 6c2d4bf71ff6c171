"""`characterise noise` on few draws: the parts, the whole, what is refused."""

import numpy as np
import pytest

from anaspike.campaign.bench import Bench
from anaspike.errors import InputError
from anaspike.studies.blocks.noise import Noise


@pytest.fixture(scope="module")
def findings(ngspice):
    return Noise(draws=4).find(Bench(ngspice))


def test_each_source_has_its_millivolts(findings):
    table = findings.tables["noise"].set_index("source")
    assert list(table.index) == ["ktc", "shot", "comparator", "jitter", "all"]
    assert table["status"].eq("ok").all()
    sigma_V = table["sigma_V"].astype(float)
    assert sigma_V.between(20e-6, 5e-3).all()
    # Four draws tell a sigma to a factor of about two.
    for source in ("ktc", "shot", "jitter"):
        assert 1 / 3 < sigma_V[source] / table["by_hand_V"][source] < 3


def test_the_firing_probability_rises_with_the_margin(findings):
    firing = findings.tables["firing"]
    assert firing["fired_share"].is_monotonic_increasing
    assert firing["normal"].iloc[len(firing) // 2] == pytest.approx(0.5)
    assert np.all(np.diff(firing["margin_V"]) > 0)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"draws": 2}, "draws count from 0, and 3 are needed"),
        ({"first_draw": -1}, "draws count from 0"),
        ({"code": -3}, "code -3 does not excite; give 1 to 7"),
        ({"corner": "typ"}, "no corner 'typ'"),
    ],
)
def test_refused(asked, message):
    with pytest.raises(InputError, match=message):
        Noise(**asked).check()


def test_a_code_that_never_reaches_the_threshold_is_said(ngspice):
    with pytest.raises(InputError, match=r"code \+1 does not take the membrane just to its"):
        Noise(code=1).find(Bench(ngspice))
