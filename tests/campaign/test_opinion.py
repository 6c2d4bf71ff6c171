"""A second opinion: each point on two simulators, compared, and who failed named."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from anaspike.campaign.answer import Answer, Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.opinion import CONVERGENCE, SECOND_OPINION, Opinion, with_opinions
from anaspike.campaign.outcome import Outcome
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import DeckRefused, Timeout
from anaspike.spice.options import TIGHTENING
from anaspike.spice.waveforms import Waveforms

NAMES = ("ngspice", "vacask")


@dataclass
class Fake:
    """A simulator whose trace is as high as it is told for the value of a deck's resistor."""

    name: str
    answers: dict
    version: object = field(default_factory=lambda: SimpleNamespace(tested=True))
    cancelled: bool = False

    @property
    def identity(self):
        return f"{self.name} 1"

    def run(self, deck):
        answer = self.answers[int(deck.title)]
        if isinstance(answer, Exception):
            raise answer
        return Waveforms(np.array([0.0, 1.0]), {"v(a)": np.array([0.0, answer])})

    def cancel(self):
        self.cancelled = True


@dataclass(frozen=True)
class Point:
    index: int

    def conditions(self):
        return {"height": self.index}

    def build(self):
        return Deck(str(self.index), "v1 a 0 1\nr1 a 0 1k", ModelFiles("", {}), 1.0, ("v(a)",))

    def measure(self, traces):
        height = float(traces["v(a)"][-1])
        return {"spikes_out": round(height), "energy_total_J": height}


def outcome(row=None, status="ok", message=""):
    return Outcome(0, status, row or {}, "", (), message)


def fired(spikes, energy_J=1e-12):
    return {"spikes_out": spikes, "energy_total_J": energy_J}


def row(first, second, marginal=False):
    return Opinion.of({}, {}, first, second).row(NAMES, marginal)


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (fired(6, 1e-12), fired(6, 1.019e-12), "agrees"),
        (fired(6, 1e-12), fired(6, 1.021e-12), "energy differs"),
        (fired(6, 1e-12), fired(5, 1e-12), "counts differ"),
        (fired(6, 1e-12), fired(5, 2e-12), "counts and energy differ"),
        ({"spikes_a": 1, "spikes_b": 2}, {"spikes_a": 1, "spikes_b": 3}, "counts differ"),
        ({"fired": True}, {"fired": False}, "counts differ"),
        ({"offset_V": 1e-3}, {"offset_V": 9e-3}, "offset differs"),
        ({"offset_V": 1e-3, "at_V": 0.4}, {"offset_V": 1e-2, "at_V": 0.4}, "offset differs"),
        ({"offset_V": 1e-3, "at_V": 0.4}, {"offset_V": 8e-3, "at_V": 0.4}, "agrees"),
        ({"asymmetry": 0.001}, {"asymmetry": 0.1}, "not judged"),
    ],
)  # fmt: skip
def test_counts_are_equal_unless_marginal_and_energy_is_within_two_percent(first, second, verdict):
    assert row(outcome(first), outcome(second))["verdict"] == verdict


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (fired(6), fired(5), "agrees, marginal"),
        (fired(6), fired(5, 2e-12), "agrees, marginal"),  # a spike costs energy
        (fired(6), fired(6, 2e-12), "energy differs"),
        (fired(6), fired(6), "agrees"),
    ],
)
def test_where_a_count_is_right_by_luck_another_is_forgiven(first, second, verdict):
    assert row(outcome(first), outcome(second), marginal=True)["verdict"] == verdict


def test_the_answers_table_says_which_points_are_marginal_under_which_conditions():
    bench = Bench(Fake("ngspice", {0: 6.0, 1: 6.0}), 1, second=Fake("vacask", {0: 5.0, 1: 5.0}))
    for corner in ("ss", "ff"):
        bench.watched([Point(0), Point(1)], lambda outcome: None, about={"corner": corner})
    table = pd.DataFrame(
        [
            {"corner": corner, "height": height, "marginal": (corner, height) == ("ff", 1)}
            for corner in ("ss", "ff") for height in (0, 1)
        ]
    ).astype({"marginal": "boolean"})  # fmt: skip
    table.loc[0, "marginal"] = pd.NA  # its threshold was not found
    plain = Answer("t", "t", Findings({"t": table}, {}), (), {"interrupted": False, "points": []})
    said = with_opinions(plain, bench).findings.tables["second_opinion"]
    verdicts = said.set_index(["corner", "height"])["verdict"]
    assert verdicts.to_dict() == {
        ("ss", 0): "counts and energy differ",
        ("ss", 1): "counts and energy differ",
        ("ff", 0): "counts and energy differ",
        ("ff", 1): "agrees, marginal",
    }


def test_a_point_run_for_a_search_is_not_asked_again():
    bench = Bench(Fake("ngspice", {0: 6.0}), 1, second=Fake("vacask", {0: 5.0}))
    bench.run([Point(0)], doubted=False)
    assert (len(bench.outcomes), bench.again[0].opinions) == (1, [])


def test_without_counts_and_energy_the_quantity_that_moved_most_is_judged():
    found = row(
        outcome({"r_ohm": 1e6, "offset_V": 1e-3}), outcome({"r_ohm": 1.1e6, "offset_V": 1e-3})
    )
    assert (found["moved_most"], found["its_change"]) == ("r_ohm", pytest.approx(0.1 / 1.1))
    assert found["verdict"] == "r differs"


def test_where_nothing_can_be_compared_there_is_no_verdict():
    bench = Bench(Fake("ngspice", {0: 1.0}), 1, second=Fake("vacask", {0: 1.0}))
    bench.again[0].opinions.append(
        Opinion.of({}, {}, outcome({"ratio": 1.0}), outcome({"ratio": 2.0}))
    )
    plain = Answer("t", "t", Findings({}, {}), (), {"interrupted": False, "points": []})
    answer = with_opinions(plain, bench)
    assert answer.verdicts == ()
    assert answer.findings.notes[0].endswith("; 1 measure nothing that can be compared")


def test_several_counts_are_named():
    found = row(
        outcome({"spikes_h1": 1, "spikes_out": 0}), outcome({"spikes_h1": 1, "spikes_out": 2})
    )
    assert (found["counts"], found["second_counts"]) == ("h1 1, out 0", "h1 1, out 2")


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (outcome({"spikes_out": 1}), outcome(status="timeout", message="slow"), "vacask: timeout"),
        (outcome(status="timeout", message="slow"), outcome({"spikes_out": 1}), "ngspice: timeout"),
        (
            outcome(status="timeout", message="slow"),
            outcome(status="deck"),
            "ngspice: timeout, vacask: deck",
        ),
    ],
)
def test_the_row_says_which_failed(first, second, verdict):
    found = row(first, second)
    assert (found["verdict"], found["message"]) == (verdict, "slow")


def asked(first, second, count=2):
    bench = Bench(Fake("ngspice", first), 1, second=Fake("vacask", second))
    batch = bench.run([Point(i) for i in range(count)])
    findings = Findings({"points": batch.table}, {}, notes=("a note",))
    manifest = {"interrupted": False, "points": [{"status": "ok"}] * count}
    return bench, with_opinions(Answer("t", "t", findings, (), manifest), bench)


def test_each_point_runs_on_both_and_agreement_is_a_verdict():
    bench, answer = asked({0: 1.0, 1: 2.0}, {0: 1.01, 1: 2.0})
    table = answer.findings.tables["second_opinion"]
    assert list(table["point"]) == [0, 1]
    assert list(table["verdict"]) == ["agrees", "agrees"]
    assert list(table["energy_change"]) == pytest.approx([0.01, 0.0])
    assert answer.ok
    assert answer.verdicts[-1].spec.quantity == SECOND_OPINION.agrees
    assert answer.manifest["second_opinion"]["simulator"] == "vacask"
    assert answer.manifest["second_opinion"]["identity"] == "vacask 1"
    assert answer.findings.notes == (
        "a note",
        "second opinion: 2 of 2 points agree on ngspice and vacask",
    )
    assert [o.index for o in bench.outcomes] == [0, 1]  # the second's are no points of the run


def test_a_point_that_differs_or_fails_on_one_makes_the_answer_not_ok():
    _, answer = asked({0: 1.0, 1: 2.0}, {0: 1.5, 1: Timeout("too slow")})
    table = answer.findings.tables["second_opinion"]
    assert list(table["verdict"]) == ["counts and energy differ", "vacask: timeout"]
    assert table["message"][1] == "too slow"
    assert not answer.ok
    assert (answer.verdicts[-1].within, answer.verdicts[-1].rows) == (0, 2)


def test_a_deck_that_the_second_cannot_be_given_is_a_row_not_the_end():
    _, answer = asked({0: 1.0, 1: 2.0}, {0: DeckRefused("VACASK cannot be given 'd1'"), 1: 2.0})
    table = answer.findings.tables["second_opinion"]
    assert list(table["verdict"]) == ["vacask: refused", "agrees"]
    assert table["message"][0] == "VACASK cannot be given 'd1'"


def test_where_the_first_fails_the_second_is_asked_all_the_same():
    _, answer = asked({0: Timeout("too slow")}, {0: 3.0}, 1)
    table = answer.findings.tables["second_opinion"]
    assert list(table["verdict"]) == ["ngspice: timeout"]
    assert list(table["second_counts"]) == ["3"]


def test_stopping_ends_both_and_loses_no_row():
    second = Fake("vacask", {0: 1.0})
    bench = Bench(Fake("ngspice", {0: 1.0}), 1, second=second)
    bench.simulator.run = lambda deck: (bench.stop(), Fake.run(second, deck))[1]
    bench.run([Point(0)])
    assert second.cancelled
    assert [opinion.row(NAMES)["verdict"] for opinion in bench.again[0].opinions] == [
        "vacask: cancelled"
    ]


def test_without_a_second_simulator_nothing_is_added():
    bench = Bench(Fake("ngspice", {0: 1.0}), 1)
    answer = Answer("t", "t", Findings({}, {}), (), {"interrupted": False, "points": []})
    assert with_opinions(answer, bench) is answer


@dataclass
class Stiff(Fake):
    """A simulator whose answer is another one at a smaller charge tolerance."""

    def run(self, deck):
        tight = deck.options.chgtol_C < Deck("", "", ModelFiles("", {}), 1.0, ()).options.chgtol_C
        return super().run(replace(deck, title=f"{int(deck.title) + 10}") if tight else deck)


@pytest.mark.parametrize(
    ("first", "tighter", "verdict"),
    [
        (6.0, 6.059, "agrees"),
        (6.0, 6.061, "energy differs"),
        (6.0, 6.6, "counts and energy differ"),
        (Timeout("too slow"), 6.0, "ngspice: timeout"),
        (6.0, Timeout("too slow"), "ngspice, tightened: timeout"),
    ],
)
def test_converged_is_what_tighter_settings_move_by_less_than_a_percent(first, tighter, verdict):
    bench = Bench(Stiff("ngspice", {0: first, 10: tighter}), 1, check_convergence=True)
    bench.run([Point(0)])
    plain = Answer("t", "t", Findings({}, {}), (), {"interrupted": False, "points": []})
    answer = with_opinions(plain, bench)
    assert list(answer.findings.tables["convergence"]["verdict"]) == [verdict]
    assert answer.verdicts[0].spec.quantity == CONVERGENCE.agrees
    assert answer.verdicts[0].met == (verdict == "agrees")
    assert TIGHTENING in answer.findings.notes[0]
    assert answer.manifest["convergence"]["identity"] == f"ngspice 1, {TIGHTENING}"


def test_a_second_opinion_and_convergence_may_be_asked_at_once():
    first, second = Stiff("ngspice", {0: 6.0, 10: 6.6}), Fake("vacask", {0: 6.01})
    bench = Bench(first, 1, second=second, check_convergence=True)
    bench.run([Point(0)])
    assert [again.doubt for again in bench.again] == [SECOND_OPINION, CONVERGENCE]
    verdicts = [again.opinions[0].row(NAMES)["verdict"] for again in bench.again]
    assert verdicts == ["agrees", "counts and energy differ"]
