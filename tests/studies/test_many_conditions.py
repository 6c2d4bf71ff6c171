"""Thousands of conditions: what is built, drawn and kept of each, and who counts as a chip."""

import gc
import weakref
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from matplotlib.figure import Figure

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.space import Axis, Interval, Space
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.report.answers import save
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import Timeout
from anaspike.spice.ngspice.version import NgspiceVersion
from anaspike.spice.waveforms import Waveforms
from anaspike.studies.base import Study
from anaspike.studies.spread import Spread

BUILT, DRAWN = Counter(), Counter()


@pytest.fixture(autouse=True)
def forgotten():
    BUILT.clear()
    DRAWN.clear()


@dataclass(frozen=True)
class Point:
    """A point whose one quantity is its seed, or its temperature where it has no seed."""

    seed: int | None
    temperature_C: float
    index: int

    def conditions(self):
        return {"point": self.index}

    def build(self):
        BUILT[self.seed, self.temperature_C, self.index] += 1
        if self.seed == 13:
            raise InputError("thirteen cannot be built")
        draws = ((f"m.xd{i}.m0", "delvto", 0.1 * i) for i in range(self.seed or 0))
        return Deck(f"seed {self.seed}", "", ModelFiles("", {}), 1e-6, ("v(a)",), alter=(*draws,))

    def measure(self, traces):
        return {"q": float(self.temperature_C if self.seed is None else self.seed)}


class Toy(Study):
    """Two points, and a picture of their traces."""

    name: ClassVar[str] = "toy"
    title: ClassVar[str] = "Toy"

    corner: str = "tt"
    temperature_C: float = 27.0
    vdd_V: float = 1.0
    seed: int | None = None

    def find(self, bench):
        if self.seed == 11:
            raise ZeroDivisionError("the study's own mistake")
        points = [Point(self.seed, self.temperature_C, index) for index in range(2)]
        batch = bench.run(points, keep={0, 1})
        waveforms = batch.waveforms

        def draw():
            DRAWN[self.seed] += 1
            figure = Figure()
            figure.subplots().plot(waveforms[0].time_s)
            return figure

        q = batch.table["q"].iloc[0] if "q" in batch.table else None
        notes = ("a toy", f"seed {self.seed}")
        return Findings({"toy": batch.table}, {"q": q}, {"traces": draw}, notes=notes)


class Instant:
    """A simulator that remembers which traces are still held by someone."""

    name = "ngspice"
    version, identity = NgspiceVersion(39), "stand-in"

    def __init__(self):
        self.given = []

    def run(self, deck):
        if deck.title == "seed 3":
            raise Timeout("killed at its limit of 1 s")
        waves = Waveforms(np.array([0.0, 1e-6]), {"v(a)": np.zeros(2)})
        self.given.append(weakref.ref(waves))
        return waves

    def cancel(self):
        pass


def over(*axes, **intervals):
    return Spread(Toy(), Space(tuple(Axis(name, values) for name, values in axes), **intervals))


SEEDS = ("seed", tuple(range(2, 15)))
LIMIT = (Spec("q", most=10),)


def test_each_deck_is_built_once_and_a_condition_that_fails_takes_no_other_with_it():
    answer = over(SEEDS).answer(Bench(Instant(), 2), LIMIT)
    assert set(BUILT.values()) == {1}
    assert len(BUILT) == 2 * 12  # seed 11 did not come that far
    table = answer.findings.tables["conditions"].set_index("seed")
    bad = table[table["status"] != "ok"]
    assert bad["status"].to_dict() == {3: "timeout", 11: "error", 13: "refused"}
    assert bad["message"][13] == "thirteen cannot be built"
    assert bad["message"][11].startswith("ZeroDivisionError: the study's own mistake (test_many_")
    assert not table["meets_specs"][[3, 11, 12, 13, 14]].any()
    assert table["meets_specs"][[2, 4, 10]].all()
    points = answer.manifest["points"]
    assert Counter(point["status"] for point in points) == {
        "ok": 20, "timeout": 2, "refused": 2, "error": 1,
    }  # fmt: skip
    assert len({point["index"] for point in points}) == len(points)


def test_a_quantity_of_several_values_stands_in_a_row_by_its_worst():
    # `q` is a column of `toy` too, which has two rows a condition: both are judged.
    spread = over(("temperature_C", (20.0, 40.0)))
    answer = spread.answer(Bench(Instant(), 1), (Spec("q", most=30.0),))
    (verdict,) = answer.verdicts
    assert (verdict.met, verdict.rows, verdict.within) == (False, 1, 0)  # one chip
    assert verdict.worst == "40 °C, row 0 of toy"
    assert answer.findings.tables["conditions"]["q"].tolist() == [20.0, 40.0]
    said = "measured several times in each condition, here the worst by its limit: q"
    assert said in answer.findings.notes
    free = over(("temperature_C", (20.0, 40.0))).answer(Bench(Instant(), 1), ())
    table = free.findings.tables["conditions"]
    assert table["q_least"].tolist() == table["q_most"].tolist() == [20.0, 40.0]
    assert [one.quantity for one in free.unjudged] == ["q"]


def test_limits_of_another_process_or_of_some_conditions_are_not_judged():
    spread = over(("temperature_C", (20.0, 40.0)))
    answer = spread.answer(Bench(Instant(), 1), (Spec("q", most=99, pdk="sky130"),))
    assert answer.verdicts == ()
    assert [(one.quantity, one.why) for one in answer.unjudged] == [
        ("q", "its limits are for sky130")
    ]


class Talking(Toy):
    """A toy that says what it does, and computes nothing."""

    def find(self, bench):
        bench.say("thinking")
        assert bench.computed([]) == []
        return super().find(bench)


def test_a_study_says_what_it_does_under_each_condition():
    said = []
    bench = Bench(Instant(), 1, progress=lambda *_: said.append(bench.doing))
    study = Spread(Talking(), Space((Axis("temperature_C", (27.0, 67.0)),)))
    assert study.answer(bench, ()).findings.tables["conditions"]["status"].tolist() == ["ok"] * 2
    assert "27 °C: thinking" in said


def test_a_plain_study_ends_with_the_reason():
    with pytest.raises(InputError, match=r"^thirteen cannot be built$"):
        Toy(seed=13).answer(Bench(Instant(), 2))


def test_of_all_pictures_and_traces_only_the_first_conditions_stay(tmp_path):
    simulator = Instant()
    answer = over(("seed", (13, 3, *range(4, 12)))).answer(Bench(simulator, 2), LIMIT)
    assert not DRAWN
    gc.collect()
    assert len(simulator.given) == 14
    assert sum(waves() is not None for waves in simulator.given) == 2
    save(answer, tmp_path)
    assert DRAWN == {4: 1}  # of the first that went well
    assert (tmp_path / "traces.svg").exists()
    # What holds of one condition alone says of which.
    assert answer.findings.notes[:3] == (
        "a toy",
        "of seed 4, one of 10 conditions: seed 4",
        "of seed 4, one of 10 conditions: the pictures traces",
    )


def test_the_tables_and_draws_of_all_conditions_are_in_order():
    # More than are joined at once, on several threads.
    answer = over(("seed", tuple(range(20, 320)))).answer(Bench(Instant(), 3), ())
    table = answer.findings.tables["toy"]
    assert list(table)[:3] == ["seed", "point", "q"]
    assert table["seed"].tolist() == [seed for seed in range(20, 320) for _ in range(2)]
    assert table["q"].tolist() == table["seed"].tolist()
    assert table.index.tolist() == list(range(600))
    assert answer.findings.tables["conditions"]["seed"].tolist() == list(range(20, 320))
    assert len(answer.manifest["conditions"]) == 300


def test_what_comes_after_a_stop_is_not_asked():
    bench = Bench(Instant(), 1, fail_fast=True)
    table = over(("seed", tuple(range(3, 200)))).answer(bench, ()).findings.tables["conditions"]
    assert table["status"][0] == "timeout"
    assert table["status"].iloc[-1] == "cancelled"
    assert table["message"].iloc[-1] == "stopped before it had finished"
    assert len(BUILT) < 20


def yields(spread, specs=LIMIT):
    answer = spread.answer(Bench(Instant(), 2), specs)
    found = answer.findings.tables["yield"]
    every = found[found["spec"] == "every spec"].set_index("corner")
    return answer, every


def test_a_chip_is_a_seed_at_a_corner_whatever_the_temperature_and_supply():
    spread = over(
        ("corner", ("tt", "ss")), ("temperature_C", (-40, 27, 125)), ("vdd_V", (0.9, 1.0)),
        ("seed", tuple(range(4, 11))),
    )  # fmt: skip
    answer, every = yields(spread, (Spec("q", most=9, share=0.8),))
    assert answer.findings.quantities["conditions"] == 84
    assert answer.findings.quantities["chips"] == 14
    assert every["of_chips"].to_dict() == {"all": 14, "tt": 7, "ss": 7}
    assert every["passed"].to_dict() == {"all": 12, "tt": 6, "ss": 6}
    assert every["draws"].tolist() == [7, 7, 7]
    (verdict,) = answer.verdicts
    assert verdict.met  # 6 of 7 are more than 0.8
    assert (verdict.within, verdict.rows, verdict.counted) == (12, 14, "chips")
    assert verdict.worst.endswith("seed 10, row 0 of toy")


def test_a_chip_that_fails_when_hot_fails():
    # Without a seed the quantity is the temperature.
    answer, every = yields(over(("temperature_C", (-40, 27, 125))))
    assert every.loc["all", ["passed", "of_chips"]].tolist() == [0, 1]
    assert answer.findings.tables["conditions"]["meets_specs"].tolist() == [True, False, False]
    assert "low" not in every


def test_every_sample_of_a_range_is_a_chip_of_its_own():
    spread = over(
        ("seed", (4, 5)), intervals=(Interval("vdd_V", 0.9, 1.1),), sampling="sobol", points=8
    )
    _, every = yields(spread)
    # Eight samples with the same two seeds each: no more evidence than two.
    assert every.loc["all", ["of_chips", "draws"]].tolist() == [16, 2]
    alone = over(intervals=(Interval("vdd_V", 0.9, 1.1),), sampling="lhs", points=6)
    _, every = yields(alone)
    assert every.loc["all", ["of_chips", "draws"]].tolist() == [6, 6]
