"""Many points: streamed, ordered, none lost to another's failure, none left running."""

import threading
from dataclasses import dataclass

import numpy as np
import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.engine import Engine, check_jobs
from anaspike.campaign.outcome import Outcome
from anaspike.campaign.table import tidy
from anaspike.errors import InputError
from anaspike.experiments.protocol import NotSettled
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import Cancelled, ConvergenceFailure, Timeout
from anaspike.spice.options import SimulationOptions
from anaspike.spice.waveforms import Waveforms


@dataclass(frozen=True)
class Point:
    """A stand-in experiment: its deck's title says what the simulator shall do."""

    what: str
    vdd_V: float = 1.0

    def conditions(self):
        return {"vdd_syn_V": self.vdd_V, "spikes_in": 3}

    def build(self):
        if self.what == "impossible":
            raise InputError("impossible")
        return Deck(self.what, "", ModelFiles("", {}), 1e-6, ("v(a)",))

    def measure(self, traces):
        if self.what == "restless":
            raise NotSettled("it does not rest")
        return {"spikes_out": 2, "energy_total_J": 1e-15, "energy_per_spike_J": None}


class Simulator:
    """Does what the deck's title says."""

    def __init__(self):
        self.started = []
        self.cancelled = threading.Event()

    def run(self, deck):
        self.started.append(deck.title)
        if deck.title == "no convergence":
            raise ConvergenceFailure("no operating point was found", "doAnalyses: no")
        if deck.title == "hang":
            self.cancelled.wait(10.0)
            raise Cancelled("the run was cancelled")
        if deck.title == "slow":
            raise Timeout("killed at its limit of 1 s")
        return Waveforms(np.array([0.0, 1e-6]), {"v(a)": np.zeros(2)})

    def cancel(self):
        self.cancelled.set()


def test_one_failed_point_never_loses_another():
    points = [Point(what) for what in ("fine", "no convergence", "slow", "restless", "fine")]
    outcomes = sorted(Engine(Simulator(), 2).run(points), key=lambda o: o.index)
    assert [o.status for o in outcomes] == ["ok", "convergence", "timeout", "not_settled", "ok"]
    assert outcomes[1].message == "no operating point was found: doAnalyses: no"
    assert [f.rung for f in outcomes[1].failed] == ["as asked", "small steps", "larger gmin"]
    assert outcomes[0].rung == "as asked"
    assert len({o.deck_digest for o in outcomes}) == 4


def test_points_start_in_the_order_asked():
    points = [Point(str(i)) for i in range(6)]
    simulator = Simulator()
    list(Engine(simulator, 1).run(points, order=[5, 3, 4, 0, 2, 1]))
    assert simulator.started == ["5", "3", "4", "0", "2", "1"]


def test_only_the_waveforms_asked_for_are_kept():
    outcomes = Engine(Simulator(), 2).run([Point("a"), Point("b"), Point("c")], keep={1})
    kept = {o.index: o.waveforms is not None for o in outcomes}
    assert kept == {0: False, 1: True, 2: False}


def test_a_consumer_that_stops_stops_the_simulators():
    simulator = Simulator()
    running = Engine(simulator, 2).run([Point("fine"), Point("hang"), Point("later")])
    assert next(running).ok
    running.close()
    assert simulator.cancelled.is_set()


def test_an_impossible_point_is_an_error_of_the_asker():
    simulator = Simulator()
    with pytest.raises(InputError, match="impossible"):
        Bench(simulator, 2).run([Point("hang"), Point("impossible")])
    assert simulator.cancelled.is_set()


def test_an_impossible_point_is_a_row_where_the_asker_wants_it_so():
    simulator, seen = Simulator(), []
    bench = Bench(simulator, 2)
    table = bench.watched([Point("fine"), Point("impossible"), Point("fine")], seen.append).table
    assert table["status"].tolist() == ["ok", "refused", "ok"]
    assert table["message"][1] == "impossible"
    assert {outcome.index: outcome.deck is not None for outcome in seen} == {
        0: True, 1: False, 2: True,
    }  # fmt: skip
    assert not simulator.cancelled.is_set()
    assert not bench.stopped
    assert bench.failed == 1


@pytest.mark.parametrize("jobs", [0, -1])
def test_no_jobs(jobs):
    with pytest.raises(InputError) as caught:
        check_jobs(jobs)
    assert str(caught.value) == f"{jobs} jobs cannot run anything; use 1 or more"


def test_the_table_has_a_row_for_every_point_whatever_became_of_it():
    points = [Point("fine", 0.5), Point("slow", 0.6), Point("never", 0.7)]
    outcomes = list(Engine(Simulator(), 2).run(points[:2]))
    table = tidy(points, outcomes)
    assert list(table["status"]) == ["ok", "timeout", "cancelled"]
    assert list(table["vdd_syn_V"]) == [0.5, 0.6, 0.7]
    assert table["spikes_out"].tolist()[0] == 2
    assert table["spikes_out"].isna().tolist() == [False, True, True]
    assert table["energy_per_spike_J"].isna().all()
    assert list(table)[-3:] == ["status", "retry", "message"]


def outcome(index, status="ok", spikes=3, energy_J=1e-15):
    row = {"spikes_out": spikes, "energy_total_J": energy_J} if status == "ok" else {}
    return Outcome(index, status, row, "as asked", (), "", "", "", SimulationOptions())


def test_a_bench_numbers_its_points_across_batches():
    bench = Bench(Simulator(), jobs=1)
    bench.run([Point("a"), Point("b")], keep={0})
    bench.run([Point("no convergence")])
    assert [(o.index, o.status) for o in bench.outcomes] == [
        (0, "ok"),
        (1, "ok"),
        (2, "convergence"),
    ]
    assert all(o.waveforms is None for o in bench.outcomes)


def test_ctrl_c_keeps_what_is_finished_and_starts_nothing_more():
    simulator = Simulator()

    def stop_after_one(done, total):
        if done == 1:
            raise KeyboardInterrupt

    bench = Bench(simulator, jobs=1, progress=stop_after_one)
    batch = bench.run([Point("fine"), Point("later")])
    assert list(batch.table["status"]) == ["ok", "cancelled"]
    assert bench.interrupted
    assert list(bench.run([Point("fine")]).table["status"]) == ["cancelled"]
    assert len(batch.ok) == 1
