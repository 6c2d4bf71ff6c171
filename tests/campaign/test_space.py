"""Axes, grids, lists and samples: what they hold, and what is refused with one line."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.campaign.space import Axis, Interval, Space, read_axis, read_sampling
from anaspike.errors import InputError


def test_the_last_axis_changes_fastest():
    space = Space((Axis("corner", ("tt", "ff")), Axis("seed", (0, 1, 2))))
    conditions = [tuple(c.values()) for c in space.assignments()]
    assert conditions == [("tt", 0), ("tt", 1), ("tt", 2), ("ff", 0), ("ff", 1), ("ff", 2)]
    assert len(space) == 6


def test_a_list_goes_side_by_side():
    space = Space((Axis("corner", ("tt", "ff")), Axis("seed", (3, 4))), sampling="list")
    assert list(space.assignments()) == [{"corner": "tt", "seed": 3}, {"corner": "ff", "seed": 4}]
    assert len(space) == 2


def test_no_axis_is_one_condition():
    assert list(Space().assignments()) == [{}]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("tt,ff", ("tt", "ff")),
        ("0.55:0.75:5", (0.55, 0.6, 0.65, 0.7, 0.75)),
        ("1u:100u:3:log", (1e-6, 1e-5, 1e-4)),
        ("0.55V,600mV", (0.55, 0.6)),
        ("-40,27,125", (-40.0, 27, 125)),
    ],
)
def test_axes_as_text(text, values):
    name = "vdd_syn_V" if "V" in text else "x"
    found = read_axis(name, text).values
    assert found == (values if isinstance(values[0], str) else pytest.approx(values))


@pytest.mark.parametrize("sampling", ["sobol", "lhs"])
def test_a_sample_fills_each_range_and_is_the_same_every_time(sampling):
    intervals = (Interval("a_V", 0.5, 0.9), Interval("w_m", 1e-6, 1e-4, log=True))
    space = Space((Axis("corner", ("tt", "ss")),), intervals, sampling, 16, seed=7)
    conditions = list(space.assignments())
    assert len(conditions) == len(space) == 32
    assert conditions == list(space.assignments())
    # One of 16 points in each sixteenth of each range: that is what both promise.
    slots = sorted(int((c["a_V"] - 0.5) / 0.4 * 16) for c in conditions[:16])
    assert slots == list(range(16))
    slots = sorted(int(math.log(c["w_m"] / 1e-6) / math.log(100) * 16) for c in conditions[:16])
    assert slots == list(range(16))
    # The same sample at each corner: corners are compared on the same points.
    assert [c["a_V"] for c in conditions[:16]] == [c["a_V"] for c in conditions[16:]]
    other = Space((), intervals, sampling, 16, seed=8)
    assert next(other.assignments())["a_V"] != conditions[0]["a_V"]


@given(low=st.floats(-1e6, 1e6), width=st.floats(1e-3, 1e6), points=st.integers(2, 200))
def test_a_grid_holds_its_ends_and_rises(low, width, points):
    values = Interval("x", low, low + width).spaced(points).values
    assert len(values) == points
    assert values[0] == pytest.approx(low, rel=1e-11)
    assert values[-1] == pytest.approx(low + width, rel=1e-11)
    assert list(values) == sorted(values)


BAD = {
    "backwards": (lambda: read_axis("v_V", "0.75:0.55:5"),
                  "v_V: the range runs backwards: from 0.75 to 0.55; swap the two"),
    "empty": (lambda: read_axis("v_V", "0.55:0.55:5"),
              "v_V: the range is empty: from 0.55 to 0.55; set the ends apart"),
    "NaN": (lambda: read_axis("v_V", "nan:0.55:5"), "v_V: nan is not a finite number"),
    "no points": (lambda: read_axis("v_V", "0.5:0.6:0"),
                  "v_V: 0 points cannot span a range; use 2 to 100000 points"),
    "half a point": (lambda: read_axis("v_V", "0.5:0.6:2.5"),
                     "v_V: the number of points: '2.5' is not a whole number"),
    "too many colons": (lambda: read_axis("v_V", "0:1:2:3"),
                        "v_V: '0:1:2:3' is no range; write name=a,b,c or name=from:to:points,"
                        " :log for equal ratios"),
    "other unit": (lambda: read_axis("v_V", "1A:2A:3"),
                   "v_V: '1A' is in A, expected V; write for example 0.65 or 650mV"),
    "log through zero": (lambda: read_axis("x", "0:1:3:log"),
                         "x: equal ratios need a range above 0, not 0"),
    "twice": (lambda: read_axis("corner", "tt,tt"), "corner: tt stands there twice; give it once"),
    "nothing": (lambda: read_axis("corner", ""),
                "corner: a value is empty; write name=a,b,c or name=from:to:points,"
                " :log for equal ratios"),
    "two axes": (lambda: Space((Axis("x", (1,)), Axis("x", (2,)))),
                 "x is varied twice; give it one axis"),
    "no sampling": (lambda: Space((), (Interval("x", 0, 1),)),
                    "x is a range without points; write from:to:points, or sample it: sobol:64"),
    "nothing to sample": (lambda: Space((), (), "lhs", 4),
                          "lhs samples ranges, and there is none; write name=from:to"),
    "unbalanced": (lambda: Space((), (Interval("x", 0, 1),), "sobol", 60),
                   "a Sobol sample of 60 points is unbalanced; use a power of two: 32 or 64"),
    "no sample": (lambda: Space((), (Interval("x", 0, 1),), "lhs", 0),
                  "lhs: use 1 point or more, and a seed from 0"),
    "uneven list": (lambda: Space((Axis("x", (1,)), Axis("y", (1, 2))), sampling="list"),
                    "a list goes through all axes side by side; their lengths: x 1, y 2"),
    "too many": (lambda: Space((Axis("seed", tuple(range(2000))), Axis("x", tuple(range(99))))),
                 "198000 conditions are too many; use at most 100000"),
    "unknown sampling": (lambda: read_sampling("sobel:64"),
                         "'sobel:64' is no sampling; did you mean 'sobol'?; write sobol:64, lhs:64,"
                         " list or grid"),
    "sampling without points": (lambda: read_sampling("sobol"),
                                "'sobol' is no sampling; write sobol:64, lhs:64, list or grid"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_makes_no_sense_is_one_line(case):
    make, message = BAD[case]
    with pytest.raises(InputError) as caught:
        make()
    assert str(caught.value) == message
