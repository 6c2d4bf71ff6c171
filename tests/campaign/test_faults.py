"""What can break around a campaign: after it, the table is complete, correct and says what was."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import toy_rc

from anaspike.campaign import upkeep
from anaspike.campaign.bench import Bench
from anaspike.campaign.store import Cache
from anaspike.spice.ngspice.run import Ngspice

PROGRAM = [sys.executable, toy_rc.__file__]
# Runs are counted, and each takes a while, so that something can happen meanwhile.
SLOW = 'echo "$PWD" >> {log}; sleep 0.15; exec ngspice "$@"'
# What goes wrong stands in a file beside the log: the executable, and so the key, stays the same.
FAULTY = """
fault=$(sed -n "s/^$(sed -n 's/^r1 a b //p' deck.cir) //p" {faults})
case "$fault" in
hang) exec sleep 1000 ;;
crash) kill -SEGV $$ ;;
garbage) head -c 4000 /dev/urandom > out.raw; exit 0 ;;
no-data) exit 0 ;;
full-disk) ulimit -f 0; ngspice "$@"; exit ;;
endless) while :; do echo garbage; done ;;
cut) ngspice "$@"; truncate -s -100 out.raw; exit 0 ;;
esac
exec ngspice "$@"
"""


@pytest.fixture
def expected(ngspice):
    """The table of twelve points that nothing happened to."""
    return Bench(ngspice, 2).run(toy_rc.points(12)).table


def same(table, expected):
    pd.testing.assert_frame_equal(table, expected, check_exact=True)


def started(stub_path, tmp_path, *arguments):
    environ = {**os.environ, "ANASPIKE_NGSPICE": str(stub_path)}
    command = [*PROGRAM, *(str(argument) for argument in arguments)]
    return subprocess.Popen(command, env=environ, cwd=tmp_path, stdout=subprocess.PIPE, text=True)


def wait_until(condition, limit_s=300.0):
    end = time.monotonic() + limit_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def test_killed_with_9_the_same_command_finishes_the_rest(expected, stub, tmp_path, own_cache):
    log = tmp_path / "log"
    slow = stub(SLOW.format(log=log))
    process = started(slow, tmp_path, 12, 2, "table.csv")
    wait_until(lambda: len(list(own_cache.glob("points/*/[!.]*.json"))) >= 4)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (tmp_path / "table.csv").exists()
    kept = len(list(own_cache.glob("points/*/[!.]*.json")))
    assert 4 <= kept < 12
    again = started(slow, tmp_path, 12, 2, "table.csv")
    assert int(again.communicate(timeout=600)[0]) == kept
    assert 12 <= len(log.read_text().split()) <= 14  # two were in flight
    assert (tmp_path / "table.csv").read_text() == expected.to_csv(index=False)


def test_two_processes_on_one_cache(expected, stub, tmp_path, own_cache):
    slow = stub(SLOW.format(log=tmp_path / "log"))
    both = [started(slow, tmp_path, 12, 2, f"table{i}.csv") for i in range(2)]
    for process in both:
        process.communicate(timeout=600)
        assert process.returncode == 0
    for i in range(2):
        assert (tmp_path / f"table{i}.csv").read_text() == expected.to_csv(index=False)
    assert upkeep.verify(Cache(own_cache)) == []
    assert upkeep.info(Cache(own_cache)).results == 12


def test_every_fault_of_a_simulator_is_a_named_row_and_mended_by_the_next_run(
    expected, stub, tmp_path, own_cache
):
    kinds = {
        "hang": "timeout", "crash": "crashed", "garbage": "raw_file", "no-data": "incomplete",
        "full-disk": "disk_full", "endless": "timeout", "cut": "raw_file",
    }  # fmt: skip
    faults = tmp_path / "faults"
    faults.write_text("".join(f"{1001.0 + i} {kind}\n" for i, kind in enumerate(kinds)))
    path = stub(FAULTY.format(faults=faults))
    simulator = Ngspice.find(3.0, {"ANASPIKE_NGSPICE": str(path)})
    cache = Cache(own_cache)
    first = Bench(simulator, 2, cache=cache).run(toy_rc.points(12)).table
    assert list(first["status"]) == ["ok", *kinds.values(), "ok", "ok", "ok", "ok"]
    failed = first["status"] != "ok"
    assert first.loc[failed, "end_V"].isna().all()
    assert (first.loc[failed, "message"] != "").all()
    same(first[~failed].astype({"samples": int}), expected[~failed])
    faults.write_text("")
    bench = Bench(simulator, 2, cache=cache)
    same(bench.run(toy_rc.points(12)).table, expected)
    assert bench.cached == 12 - len(kinds)


@pytest.mark.parametrize("moved_to_s", [0.0, 4e9])
def test_a_clock_that_moved_changes_nothing(expected, ngspice, own_cache, moved_to_s):
    cache = Cache(own_cache)
    Bench(ngspice, 2, cache=cache).run(toy_rc.points(12))
    for path in own_cache.rglob("*"):
        os.utime(path, (moved_to_s, moved_to_s))
    bench = Bench(ngspice, 2, cache=cache)
    same(bench.run(toy_rc.points(12)).table, expected)
    assert bench.cached == 12


@pytest.mark.parametrize("how", ["cut", "flipped"])
def test_damaged_entries_are_made_again_and_said_so(expected, ngspice, own_cache, how):
    cache = Cache(own_cache)
    Bench(ngspice, 2, cache=cache).run(toy_rc.points(12))
    for path in sorted(own_cache.glob("points/*/[!.]*.json"))[:3]:
        whole = bytearray(path.read_bytes())
        if how == "flipped":
            whole[whole.index(b"end_V") + 12] ^= 1
        path.write_bytes(whole[: 60 if how == "cut" else None])
    bench = Bench(ngspice, 2, cache=cache)
    same(bench.run(toy_rc.points(12)).table, expected)
    assert bench.cached == 9
    assert sum("was damaged" in outcome.note for outcome in bench.outcomes) == 3


def test_a_cache_on_a_full_disk_keeps_nothing_and_loses_nothing(expected, ngspice, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    monkeypatch.setattr("anaspike.campaign.point.WORTH_KEEPING_SAFE_S", 0.0)
    bench = Bench(ngspice, 2, cache=Cache(Path(os.environ["ANASPIKE_CACHE"])))
    same(bench.run(toy_rc.points(12)).table, expected)
    assert {outcome.note.partition(":")[0] for outcome in bench.outcomes} == {"not kept"}
    assert "No space left on device" in bench.outcomes[0].note
    assert not list(Path(os.environ["ANASPIKE_CACHE"]).rglob("*.json"))


@pytest.mark.parametrize(("worth_s", "synced"), [(0.0, True), (1e9, False)])
def test_what_was_quick_to_make_is_not_brought_to_the_disk_by_itself(
    ngspice, own_cache, monkeypatch, worth_s, synced
):
    calls = []
    monkeypatch.setattr("os.fsync", calls.append)
    monkeypatch.setattr("anaspike.campaign.point.WORTH_KEEPING_SAFE_S", worth_s)
    Bench(ngspice, 2, cache=Cache(own_cache)).run(toy_rc.points(3))
    assert bool(calls) is synced
    assert len(list(own_cache.glob("points/*/[!.]*.json"))) == 3
