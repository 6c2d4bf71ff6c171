"""What a verdict sees: every row that was asked for, the worst by name, and what nobody judged."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.campaign.quantities import alone, in_words, over, whole
from anaspike.campaign.specs import Spec, Unjudged, flat, for_process, judge, unjudged

ROWS = pd.DataFrame(
    {
        "corner": ["tt", "ff", "ss", "tt"],
        "temperature_C": [27.0, 27.0, 85.0, 27.0],
        "seed": [None, None, None, 3],
        "delay_s": [1e-9, 0.5e-9, 4e-9, 2e-9],
        "status": "ok",
    }
)
BY = ("corner", "temperature_C", "seed")


def judged(spec, quantities):
    (verdict,) = judge([spec], quantities)
    return verdict


@pytest.mark.parametrize(
    ("spec", "measured", "within", "worst"),
    [
        (Spec("delay_s", most=3e-9), 4e-9, 3, "ss, 85 °C"),
        (Spec("delay_s", least=0.8e-9), 0.5e-9, 3, "ff, 27 °C"),
        (Spec("delay_s", 0.8e-9, 5e-9), 0.5e-9, 3, "ff, 27 °C"),
        (Spec("delay_s", 0.1e-9, 4.1e-9), 4e-9, 4, "ss, 85 °C"),
        (Spec("delay_s", most=1.5e-9, share=0.5), 4e-9, 2, "ss, 85 °C"),
        (Spec("delay_s", most=1.5e-9, share=0.51), 4e-9, 2, "ss, 85 °C"),
    ],
)
def test_the_worst_of_all_rows_is_judged_and_named(spec, measured, within, worst):
    verdict = judged(spec, over(ROWS, ["delay_s"], BY))
    assert verdict.measured == measured
    assert (verdict.rows, verdict.within, verdict.worst) == (4, within, worst)
    assert verdict.met == (within >= 4 * spec.share)


@pytest.mark.parametrize("missing", [None, math.nan, math.inf])
def test_a_row_that_gave_nothing_is_missed(missing):
    table = ROWS.assign(delay_s=[1e-9, 1e-9, 1e-9, missing])
    verdict = judged(Spec("delay_s", most=3e-9), over(table, ["delay_s"], BY))
    assert (verdict.met, verdict.measured, verdict.margin) == (False, None, None)
    assert (verdict.within, verdict.worst) == (3, "tt, 27 °C, seed 3")


def test_a_row_that_failed_is_missed_whatever_number_it_holds():
    table = ROWS.assign(status=["ok", "ok", "ok", "timeout"])
    verdict = judged(Spec("delay_s", most=5e-9), over(table, ["delay_s"], BY))
    assert (verdict.met, verdict.within, verdict.worst) == (False, 3, "tt, 27 °C, seed 3")


def test_no_row_at_all_is_missed():
    verdict = judged(Spec("delay_s", most=5e-9), over(ROWS.iloc[:0], ["delay_s"], BY))
    assert (verdict.met, verdict.measured, verdict.rows) == (False, None, 0)
    # Nor is a column that nothing gave.
    verdict = judged(Spec("width_s", most=5e-9), over(ROWS, ["width_s"], BY))
    assert (verdict.met, verdict.measured, verdict.within) == (False, None, 0)


@given(
    st.lists(st.one_of(st.floats(-10, 10), st.just(math.nan)), min_size=1, max_size=8),
    st.floats(-10, 10),
    st.floats(-10, 10),
)
def test_met_means_that_every_row_is_within(values, least, most):
    least, most = sorted((least, most))
    verdict = judged(Spec("q", least, most), {"q": pd.Series(values)})
    assert verdict.met == all(least <= value <= most for value in values)
    assert verdict.within == sum(least <= value <= most for value in values)
    if verdict.measured is not None:
        distance = min(verdict.measured - least, most - verdict.measured)
        assert all(min(v - least, most - v) >= distance for v in values)


def test_a_number_that_is_a_column_too_is_judged_in_every_row():
    # As a study may have it that takes the first row for all.
    quantities = whole({"delay_s": 1e-9, "area_m2": 1e-12}, {"runs": ROWS})
    verdict = judged(Spec("delay_s", most=3e-9), quantities)
    assert (verdict.met, verdict.measured, verdict.within, verdict.rows) == (False, 4e-9, 3, 4)
    assert verdict.worst == "row 2 of runs, ss, 85 °C"
    assert quantities["area_m2"] == 1e-12


def test_a_number_that_means_one_row_says_so():
    for meant in (alone(1e-9), over(ROWS.iloc[:1], ["delay_s"], BY)["delay_s"]):
        quantities = whole({"delay_s": meant}, {"runs": ROWS})
        assert quantities == {"delay_s": 1e-9}
        assert judged(Spec("delay_s", most=3e-9), quantities).met
    # A table of one row holds nothing more.
    assert whole({"delay_s": 7.0}, {"runs": ROWS.iloc[:1]}) == {"delay_s": 7.0}


@pytest.mark.parametrize(
    ("given", "worst"),
    [
        ([1.0, 3.0], "row 1"),
        (pd.Series([1.0, 3.0]), "row 1"),
        ({"cold": 1.0, "hot": 3.0}, "hot"),
        (pd.Series([1.0, 3.0], pd.Index([27.0, 85.0], name="temperature_C")), "85 °C"),
        (pd.Series([1.0, 3.0], pd.Index([1e-9, 2e-9], name="current_A")), "current 2 nA"),
        (pd.Series([3.0, 1.0], pd.Index([None, 1], name="seed")), "nominal"),
    ],
)
def test_several_values_however_they_are_given(given, worst):
    verdict = judged(Spec("q", most=2), whole({"q": given}, {}))
    assert (verdict.met, verdict.measured, verdict.worst) == (False, 3.0, worst)


def test_conditions_in_words():
    said = in_words({"corner": "ss", "sizes.comparator.tail.w_m": 2e-6, "vdd_syn_V": 0.65})
    assert said == "ss, tail w 2 um, vdd syn 650 mV"
    assert in_words({"temperature_C": -40, "seed": float("nan"), "code": 3}) == "-40 °C, code 3"


def test_what_nobody_judges_is_named_with_its_reason():
    specs = [
        Spec("a", most=1),
        Spec("b", most=1, pdk="sky130"),
        Spec("c", most=1, pdk="generic28"),
        Spec("e_s", most=1, pdk="sky130"),
    ]
    here = for_process(specs, "generic28")
    assert [spec.quantity for spec in here] == ["a", "c"]
    assert unjudged(specs, here, ["a", "b", "c", "d"]) == (
        Unjudged("b", "its limits are for sky130"),
        Unjudged("e_s", "its limits are for sky130"),
        Unjudged("d", ""),
    )
    # A quantity with a limit for each of two processes is judged on both.
    both = [Spec("a", most=1, pdk="sky130"), Spec("a", most=2, pdk="generic28")]
    assert unjudged(both, for_process(both, "sky130"), ["a"]) == ()


def test_a_process_s_own_bound_takes_the_place_of_everybodys():
    specs = [Spec("a", most=1), Spec("a", most=2, pdk="sky130"), Spec("b", most=1)]
    assert [(s.quantity, s.most) for s in for_process(specs, "sky130")] == [("a", 2), ("b", 1)]
    assert [(s.quantity, s.most) for s in for_process(specs, "sg13g2")] == [("a", 1), ("b", 1)]


def test_every_block_is_judged_by_the_same_quantities_on_every_process():
    from anaspike.pdk.catalog import pdk_names
    from anaspike.studies.catalog import CHARACTERISE, study_class

    for name in (*(study.name for study in CHARACTERISE), "energy", "sweep-vdd"):
        asked = study_class(name)().specs()
        judged = [[s.quantity for s in for_process(asked, pdk)] for pdk in pdk_names()]
        assert all(sorted(one) == sorted(judged[0]) for one in judged), name
        assert all(spec.why for spec in asked), name


def test_a_row_of_a_table_has_the_worst_by_its_limit_or_both_ends():
    quantities = {"q_s": pd.Series([1.0, 3.0, 2.0]), "one": 5.0, "none": None}
    assert flat(quantities, ()) == {"q_least_s": 1.0, "q_most_s": 3.0, "one": 5.0, "none": None}
    assert flat(quantities, [Spec("q_s", least=0)])["q_s"] == 1.0
    assert flat(quantities, [Spec("q_s", most=9)])["q_s"] == 3.0
