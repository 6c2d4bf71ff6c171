"""Cache and engine together: nothing is run twice, nothing damaged is believed."""

import threading
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.store import Cache
from anaspike.experiments.protocol import NotSettled
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import ConvergenceFailure, Timeout
from anaspike.spice.waveforms import Waveforms


@dataclass(frozen=True)
class Point:
    """A stand-in experiment: `what` says what the simulator or its own code shall do."""

    what: str

    def conditions(self):
        return {"what": self.what}

    def build(self):
        if self.what == "build breaks":
            raise ZeroDivisionError("division by zero")
        return Deck(self.what, "", ModelFiles("", {}), 1e-6, ("v(a)",))

    def measure(self, traces):
        if self.what == "measure breaks":
            return {"x": traces["v(nowhere)"]}
        if self.what == "restless":
            raise NotSettled("it does not rest")
        if self.what == "an array":
            return {"x": traces["v(a)"]}
        return {"x_V": traces["v(a)"][-1], "n": np.int64(3), "right": np.bool_(True)}


class Simulator:
    identity = "stand-in 1"

    def __init__(self):
        self.started = []
        self.running = self.most = 0
        self.lock = threading.Lock()

    def run(self, deck):
        with self.lock:
            self.started.append(deck.title)
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(0.01)
        with self.lock:
            self.running -= 1
        if deck.title == "no convergence":
            raise ConvergenceFailure("no operating point was found")
        if deck.title == "slow":
            raise Timeout("killed at its limit of 1 s")
        return Waveforms(np.array([0.0, 1e-6]), {"v(a)": np.array([0.0, 0.1 + 0.2])})

    def cancel(self):
        pass


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def run(cache, *whats, **more):
    bench = Bench(Simulator(), jobs=2, cache=cache)
    return bench, bench.run([Point(what) for what in whats], **more)


def test_the_second_run_runs_nothing_and_gives_the_same_to_the_bit(cache):
    first, fresh = run(cache, "a", "b", keep={0})
    second, kept = run(cache, "a", "b", keep={0})
    assert sorted(first.simulator.started) == ["a", "b"]
    assert second.simulator.started == []
    pd.testing.assert_frame_equal(fresh.table, kept.table, check_exact=True)
    assert fresh.waveforms[0]["v(a)"].tobytes() == kept.waveforms[0]["v(a)"].tobytes()
    assert (first.cached, second.cached) == (0, 2)
    made = {outcome.made["simulator"] for outcome in second.outcomes}
    assert made == {"stand-in 1"}
    assert all("created" in outcome.made for outcome in second.outcomes)
    digests = [sorted(o.deck_digest for o in bench.outcomes) for bench in (first, second)]
    assert digests[0] == digests[1]


def test_a_run_that_was_cut_off_goes_on_where_it_was(cache):
    run(cache, "a", "b")
    bench, _ = run(cache, "a", "b", "c")
    assert bench.simulator.started == ["c"]


def test_traces_that_were_not_kept_are_made_again(cache):
    run(cache, "a")
    bench, batch = run(cache, "a", keep={0})
    assert bench.simulator.started == ["a"]
    assert batch.waveforms[0].names == ("v(a)",)
    assert run(cache, "a", keep={0})[0].simulator.started == []


def test_another_simulator_makes_its_own_results(cache):
    run(cache, "a")
    bench = Bench(Simulator(), jobs=1, cache=cache)
    bench.simulator.identity = "stand-in 2"
    bench.run([Point("a")])
    assert bench.simulator.started == ["a"]


@pytest.mark.parametrize("what", ["slow", "no convergence", "restless", "measure breaks"])
def test_a_failure_is_never_kept(cache, what):
    for _ in range(2):
        bench, batch = run(cache, what)
        assert bench.simulator.started
        assert not len(batch.ok)
    assert not cache.folder.exists()


def test_a_damaged_entry_is_made_again_and_said_so(cache):
    run(cache, "a")
    (path,) = cache.folder.glob("points/*/*.json")
    path.write_text(path.read_text().replace("0.30000000000000004", "0.40000000000000002"))
    bench, batch = run(cache, "a")
    assert batch.table["x_V"].tolist() == [0.1 + 0.2]
    assert bench.outcomes[0].note == (
        "the cache's entry was damaged (it does not match its checksum) and made again"
    )
    assert run(cache, "a")[0].outcomes[0].note == ""


def test_a_cache_that_cannot_be_written_loses_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    bench, batch = run(Cache(tmp_path / "file" / "cache"), "a")
    assert list(batch.table["status"]) == ["ok"]
    assert bench.outcomes[0].note.startswith("not kept: cannot write")


def test_an_experiments_own_mistake_is_a_row_with_its_line_and_loses_no_other(cache):
    _, batch = run(cache, "a", "build breaks", "measure breaks", "an array", "b")
    assert list(batch.table["status"]) == ["ok", "error", "error", "error", "ok"]
    said = list(batch.table["message"])
    assert said[1].startswith("ZeroDivisionError: division by zero (test_cached_runs.py:")
    unsaved = "InputError: no vector 'v(nowhere)' was saved; there is v(a)"
    assert said[2].startswith(f"{unsaved} (waveforms.py")
    assert said[3].startswith("TypeError: x is a ndarray, no number, text or None (point.py:")


def test_fail_fast_stops_at_the_first_failure():
    bench = Bench(Simulator(), jobs=1, fail_fast=True)
    table = bench.run([Point(what) for what in ("a", "slow", *"bcdefgh")]).table
    assert list(table["status"])[:2] == ["ok", "timeout"]
    assert set(table["status"][3:]) == {"cancelled"}
    assert not bench.interrupted
    assert list(bench.run([Point("z")]).table["status"]) == ["cancelled"]


def test_several_threads_share_one_pool_of_jobs():
    bench = Bench(Simulator(), jobs=2)
    tables = {}

    def work(name):
        tables[name] = bench.run([Point(f"{name}{i}") for i in range(8)]).table

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert bench.simulator.most == 2
    for name, table in tables.items():
        assert list(table["what"]) == [f"{name}{i}" for i in range(8)]
        assert set(table["status"]) == {"ok"}
    assert sorted(outcome.index for outcome in bench.outcomes) == list(range(24))


def test_a_stop_ends_the_batches_of_every_thread():
    bench = Bench(Simulator(), jobs=1)
    tables = []
    threads = [
        threading.Thread(
            target=lambda: tables.append(bench.run([Point(str(i)) for i in range(500)]).table)
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    bench.stop(interrupted=True)
    for thread in threads:
        thread.join(10)
    assert len(tables) == 2
    assert all("cancelled" in set(table["status"]) for table in tables)


def test_only_a_few_points_are_in_hand_at_any_time():
    asked = []

    class Lazy:
        def __len__(self):
            return 50

        def __getitem__(self, index):
            asked.append(index)
            return Point(str(index))

    from anaspike.campaign.engine import Engine

    running = Engine(Simulator(), 2).run(Lazy())
    next(running)
    assert len(asked) < 10
    assert len(list(running)) == 49
