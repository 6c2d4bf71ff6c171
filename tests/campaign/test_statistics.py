"""Statistics against numbers worked by hand, and against scipy where it has the same."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, kruskal, spearmanr, ttest_1samp

from anaspike.campaign.specs import Spec
from anaspike.campaign.statistics import (
    devices_explaining,
    explained_by,
    mean_interval,
    spread_table,
    wilson,
    worst,
    yield_table,
)


def test_wilson_by_hand():
    # 8 of 10, z = 1.96: centre (0.8 + 0.19208) / 1.38416 = 0.71674,
    # half 1.96 / 1.38416 * sqrt(0.016 + 0.009604) = 0.22658.
    assert wilson(8, 10) == pytest.approx((0.49016, 0.94332), abs=1e-4)
    assert wilson(20, 20) == pytest.approx((1 / (1 + 1.959964**2 / 20), 1.0), abs=1e-6)


@pytest.mark.parametrize(("passed", "total"), [(0, 1), (0, 20), (19, 20), (20, 20), (7, 1000)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_wilson_is_scipys(passed, total, confidence):
    found = binomtest(passed, total).proportion_ci(confidence, method="wilson")
    assert wilson(passed, total, confidence) == pytest.approx((found.low, found.high), abs=1e-12)


SAMPLES = pd.DataFrame(
    {
        "corner": ["tt", "tt", "ss", "ss"],
        "seed": [0, 1, 0, 1],
        "delay_s": [1e-9, 3e-9, 2e-9, None],
        "right": [1.0, 1.0, 0.0, 1.0],
    }
)
SPECS = (Spec("delay_s", most=4e-9), Spec("right", 1))


def test_spread_by_hand():
    table = spread_table(SAMPLES, ["delay_s"], SPECS).set_index("corner")
    every = table.loc["all"]
    # mean 2, sigma sqrt(((1)^2 + 1^2 + 0) / 2) = 1; Cpk (4 - 2) / (3 * 1) = 0.67
    assert every["count"] == 3
    assert every["mean"] == pytest.approx(2e-9)
    assert every["sigma"] == pytest.approx(1e-9)
    assert (every["min"], every["max"], every["cpk"]) == (1e-9, 3e-9, 0.67)
    assert table.loc["tt", "sigma"] == pytest.approx(math.sqrt(2) * 1e-9)
    assert math.isnan(table.loc["ss", "sigma"])  # one sample has none


def test_the_mean_of_draws_has_students_interval():
    rng = np.random.default_rng(3)
    values = rng.normal(5, 2, 12)
    found = ttest_1samp(values, 0).confidence_interval(0.95)
    assert mean_interval(values) == pytest.approx((found.low, found.high))
    assert mean_interval(values[:1]) == mean_interval([]) == (None, None)
    table = pd.DataFrame({"seed": range(12), "q": values})
    row = spread_table(table, ["q"], drawn=[["seed"]]).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx((found.low, found.high))
    assert "low" not in spread_table(table, ["q"])  # nothing is drawn


def test_the_same_draws_at_five_corners_are_no_more_of_them():
    rng = np.random.default_rng(3)
    values = rng.normal(5, 2, 12)
    corners = [pd.DataFrame({"corner": c, "seed": range(12), "q": values + i})
               for i, c in enumerate("abcde")]  # fmt: skip
    table = spread_table(pd.concat(corners, ignore_index=True), ["q"], drawn=[["seed"]])
    low, high = mean_interval(values)
    assert (table["high"] - table["low"]).tolist() == pytest.approx([high - low] * 6)


def test_cpk_takes_the_nearer_limit():
    samples = pd.DataFrame({"x": [1.0, 2.0, 3.0]})
    table = spread_table(samples, ["x"], (Spec("x", least=0, most=3),))
    assert table["cpk"].tolist() == [0.33]  # (3 - 2) / 3, not (2 - 0) / 3


def test_yield_counts_what_failed_as_missed():
    table = yield_table(SAMPLES, SPECS, ["corner", "seed"], [["seed"]])
    found = {
        (r["corner"], r["spec"]): (r["passed"], r["of_chips"]) for r in table.to_dict("records")
    }
    assert found == {
        ("all", "delay_s"): (3, 4),
        ("all", "right"): (3, 4),
        ("all", "every spec"): (2, 4),
        ("tt", "every spec"): (2, 2),
        ("ss", "every spec"): (0, 2),
    }
    assert "low" not in yield_table(SAMPLES, SPECS, ["corner", "seed"])
    failed = SAMPLES.assign(status=["ok", "timeout", "ok", "ok"])  # a number it has all the same
    table = yield_table(failed, SPECS[1:], ["corner", "seed"])
    assert table["passed"].tolist() == [2, 2, 1, 1]


def test_the_same_draws_at_two_corners_are_evidence_once():
    table = yield_table(SAMPLES, SPECS, ["corner", "seed"], [["seed"]]).set_index(
        ["corner", "spec"]
    )
    # 2 of 4 chips, of two draws: what one of two says. At one corner each chip is a draw.
    every = table.loc[("all", "every spec")]
    assert (every["draws"], every["low"], every["high"]) == (2, *wilson(1, 2))
    tt = table.loc[("tt", "every spec")]
    assert (tt["draws"], tt["low"], tt["high"]) == (2, *wilson(2, 2))


def test_that_interval_holds_whatever_the_corners_have_in_common():
    # 20 draws at 5 corners, which pass alike or each for itself; the true yield is 0.9.
    rng = np.random.default_rng(4)
    for alike in (True, False):
        held = 0
        for _ in range(50):
            passes = rng.random((20, 1 if alike else 5)) < 0.9
            passes = np.broadcast_to(passes, (20, 5))
            table = pd.DataFrame(
                {
                    "corner": np.tile(list("abcde"), 20),
                    "seed": np.repeat(range(20), 5),
                    "q": passes.ravel().astype(float),
                }
            )
            of_all = yield_table(table, [Spec("q", 1)], ["corner", "seed"], [["seed"]]).iloc[0]
            held += of_all["low"] <= 0.9 <= of_all["high"]
        assert held >= 0.93 * 50


def test_a_chip_is_one_at_every_temperature():
    table = pd.DataFrame(
        [
            {"corner": corner, "temperature_C": t, "seed": seed, "q": float((seed, t) != (3, 125))}
            for corner in ("tt", "ss")
            for t in (-40, 27, 125)
            for seed in range(20)
        ]
    )
    yields = yield_table(table, [Spec("q", 1)], ["corner", "seed"], [["seed"]])
    every = yields[yields["spec"] == "every spec"].set_index("corner")
    # 40 chips, not 120; number 3 misses at 125 °C alone, and that is a miss.
    assert every["of_chips"].to_dict() == {"all": 40, "tt": 20, "ss": 20}
    assert every["passed"].to_dict() == {"all": 38, "tt": 19, "ss": 19}
    assert every["draws"].tolist() == [20, 20, 20]
    assert (every.loc["tt", "low"], every.loc["tt", "high"]) == wilson(19, 20)
    # Nothing that tells chips apart: one chip.
    alone = yield_table(table, [Spec("q", 1)], [])
    assert alone[["passed", "of_chips"]].to_numpy().tolist() == [[0, 1], [0, 1]]


def test_the_worst_is_what_failed_then_what_is_farthest_out():
    assert worst(SAMPLES, SPECS[0]) == 3  # not measured
    assert worst(SAMPLES.iloc[:3], SPECS[0]) == 1
    assert worst(SAMPLES, SPECS[1]) == 2


def test_rank_correlation_by_hand():
    # Ranks 1..5 against 2, 1, 4, 3, 5: d^2 = 1 + 1 + 1 + 1, rho = 1 - 6 * 4 / (5 * 24) = 0.8.
    table = pd.DataFrame({"w_m": [1, 2, 3, 4, 5], "q": [20, 10, 40, 30, 50], "c": 1.0})
    explained = explained_by(table, ["c", "w_m"], ["q"])
    assert explained["parameter"].tolist() == ["w_m"]  # what does not vary explains nothing
    assert explained["correlation"].tolist() == [pytest.approx(0.8)]


def test_corners_explain_by_their_ranks():
    # Ranks 1, 2, 3 at ff and 4, 5, 6 at ss: between 2 * 3 * 1.5^2 = 13.5 of 17.5.
    table = pd.DataFrame({"corner": ["ff"] * 3 + ["ss"] * 3, "q": [1, 2, 3, 4, 5, 6]})
    (row,) = explained_by(table, ["corner"], ["q"]).to_dict("records")
    assert row["correlation"] == pytest.approx(math.sqrt(13.5 / 17.5))
    assert 0.04 < row["p_value"] < 0.06


def test_corners_that_each_stand_once_explain_nothing():
    # Their correlation ratio is 1, whatever was measured.
    table = pd.DataFrame({"corner": ["tt", "ff", "ss", "sf", "fs"], "q": [3, 1, 4, 1, 5]})
    assert explained_by(table, ["corner"], ["q"]).empty


@pytest.mark.parametrize("seed", range(5))
def test_what_explains_and_by_what_chance_is_scipys(seed):
    rng = np.random.default_rng(seed)  # integers: with ties
    table = pd.DataFrame(
        {"corner": rng.choice(["tt", "ff", "ss"], 40), "w_m": rng.integers(0, 5, 40),
         "q": rng.integers(0, 6, 40)}
    )  # fmt: skip
    rows = explained_by(table, ["corner", "w_m"], ["q"]).set_index("parameter")
    by_number = spearmanr(table["w_m"], table["q"])
    assert rows.loc["w_m", "correlation"] == pytest.approx(by_number.statistic, abs=1e-12)
    assert rows.loc["w_m", "p_value"] == pytest.approx(by_number.pvalue, abs=1e-12)
    by_word = kruskal(*(group for _, group in table.groupby("corner")["q"]))
    assert rows.loc["corner", "p_value"] == pytest.approx(by_word.pvalue, abs=1e-12)


def test_the_device_that_does_it_is_found_whatever_the_corner():
    rng = np.random.default_rng(2)
    draws = pd.DataFrame(rng.normal(size=(40, 100)), columns=[f"x{i}" for i in range(100)])
    corner = np.repeat(["tt", "ss"], 20)
    table = pd.DataFrame({"corner": corner, "q": 100.0 * (corner == "ss") - draws["x7"]})
    seeds = pd.Series(range(40))
    found = devices_explaining(draws, table, seeds, ["corner"], ["q"])
    assert found["device"].iloc[0] == "x7"
    assert found["correlation"].iloc[0] == pytest.approx(-1)
    assert found["p_value"].iloc[0] < 1e-6
    assert (found["p_value"].iloc[1:] > 0.05).all()  # by chance, and said to be
    assert len(found) == 3
    assert devices_explaining(draws[:4], table[:4], seeds[:4], ["corner"], ["q"]).empty
    # The same twenty chips at both corners are twenty, not forty.
    twice = pd.concat([draws[:20], draws[:20]], ignore_index=True)
    table["q"] = 100.0 * (corner == "ss") - twice["x7"] + twice["x8"]
    once = devices_explaining(twice[:20], table[:20], seeds[:20], ["corner"], ["q"])
    both = devices_explaining(twice, table, seeds % 20, ["corner"], ["q"])
    assert both["p_value"].tolist() == pytest.approx(once["p_value"].tolist())


def test_the_strongest_parameter_comes_first():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 50))
    table = pd.DataFrame({"a": a, "b": b, "q": a + 5 * b})
    assert explained_by(table, ["a", "b"], ["q"])["parameter"].tolist() == ["b", "a"]
