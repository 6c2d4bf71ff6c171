"""ngspice in worker processes: what can happen to one, and that nothing else comes of it."""

import os
import resource
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import toy_resistor
import waiting
from waiting import gone

from anaspike.campaign.bench import Bench
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import (
    Cancelled,
    Crashed,
    DeckError,
    MissingModel,
    MissingSubcircuit,
    SimulationFailure,
    SingularMatrix,
)
from anaspike.spice.ngspice import pool
from anaspike.spice.ngspice.library import NAME, find_library, needs_batch
from anaspike.spice.ngspice.run import Ngspice
from anaspike.spice.ngspice.version import NgspiceVersion

wait_until = partial(waiting.wait_until, limit_s=60.0)

POINTS = 1000
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits of a process: Linux alone")


def deck(body, **more):
    return Deck("test", body, ModelFiles("", {}), 1e-6, ("v(a)",), **more)


RC = deck("v1 a 0 1\nr1 a b 1k\nc1 b 0 1n")
ENDLESS = Deck("test", "v1 a 0 sin(0 1 1g)\nr1 a 0 1k", ModelFiles("", {}), 1.0, ("v(a)",))


@pytest.fixture
def fresh(in_process):
    """Make an ngspice in process whose workers no other test has."""
    made = []

    def make(timeout_s=60.0):
        made.append(Ngspice(in_process.executable, in_process.version, timeout_s, NAME))
        return made[-1]

    yield make
    for simulator in made:
        simulator.close()


@pytest.fixture
def in_batch(in_process):
    return Ngspice(in_process.executable, in_process.version, 60.0)


def workers(simulator):
    """Return the numbers of the processes that a simulator has."""
    return [worker._process.pid for worker in list(simulator._pool._alive)]


def campaign(simulator, see, bodies=None):
    """Run many points on two workers; call with the number of those that are done, after each."""
    bench = Bench(simulator, 2, progress=lambda done, _: see(done))
    return bench.run(toy_resistor.points(POINTS, bodies or {})).table


def test_workers_are_killed_in_the_middle_of_many_points(fresh):
    simulator = fresh()

    def see(done):
        if done in {15, 30}:
            one = workers(simulator)[0]
            os.kill(one, signal.SIGKILL if done == 15 else signal.SIGSEGV)

    table = campaign(simulator, see)
    assert list(table["status"]) == ["ok"] * POINTS
    assert table["current_A"].tolist() == pytest.approx(toy_resistor.currents(POINTS))


def test_a_crash_is_named_and_tried_once_more(fresh):
    simulator = fresh()
    simulator.run(RC)
    (one,) = workers(simulator)
    os.kill(one, signal.SIGSEGV)
    with pytest.raises(Crashed, match=r"ngspice was killed by SIGSEGV"):
        simulator.run(RC)
    simulator.run(RC)
    assert workers(simulator) == []  # what one has died of is next a program's
    simulator.run(deck("v1 a 0 1\nr1 a 0 2k"))
    assert len(workers(simulator)) == 1


def test_a_worker_hangs_in_the_middle_of_many_points(fresh):
    simulator = fresh(timeout_s=3.0)

    def see(done):
        if done == 20:
            os.kill(workers(simulator)[0], signal.SIGSTOP)

    table = campaign(simulator, see)
    late = table["status"] != "ok"
    assert late.sum() <= 1  # none where it hung between two runs, and was never asked again
    assert set(table["status"][late]) <= {"timeout"}
    assert len(workers(simulator)) <= 2


@LINUX
def test_a_worker_runs_out_of_memory_in_the_middle_of_many_points(fresh):
    simulator = fresh()

    def see(done):
        for pid in workers(simulator) if done == 10 else ():
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
            little_B = pages * resource.getpagesize() + 2**21
            resource.prlimit(pid, resource.RLIMIT_AS, (little_B, little_B))

    large = "".join(f"r{i} a 0 1k\n" for i in range(8000))
    table = campaign(simulator, see, {POINTS // 2: f"v1 a 0 1\n{large}"})
    # It says so; or dies of it, and a program of its own, which has more, does it.
    assert table["status"][POINTS // 2] in {"memory", "ok"}
    assert list(table["status"].drop(POINTS // 2)) == ["ok"] * (POINTS - 1)


def test_a_run_over_its_time_is_killed_and_says_how_far_it_came(fresh):
    simulator = fresh(timeout_s=1.0)
    simulator.run(RC)
    (one,) = workers(simulator)
    with pytest.raises(SimulationFailure, match=r"killed at its limit of 1 s with .* % done"):
        simulator.run(ENDLESS)
    assert gone(one)
    simulator.run(RC)


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        ("v1 a 0 1\nx1 a 0 nosuch", MissingSubcircuit),
        ("v1 a 0 1\nm1 a a 0 0 nosuch w=1u l=1u", MissingModel),
        ("v1 a 0 1\nd1 a 0 d\n.model d d(is=1e-14 hugo=3)", DeckError),
        ("v1 a a 1\nr1 a 0 1k", DeckError),
        ("v1 a 0 1\nv2 a 0 2\nr1 a 0 1k", SingularMatrix),
        ("v1 a 0 1\nr1 a 0 1k\nr2 b c 1k", SingularMatrix),
        # ngspice ends itself over these two.
        ("v1 a 0 1\nr1 a 0 {nosuch}", DeckError),
        ("v1 a 0 1\nr1 a 0 1k\n.subckt open a b\nr1 a b 1k", DeckError),
    ],
)
def test_a_failure_has_the_name_that_it_has_in_batch(in_process, in_batch, body, failure):
    said = []
    for simulator in (in_process, in_batch):
        with pytest.raises(failure) as caught:
            simulator.run(deck(body))
        said.append(str(caught.value))
    assert said[0] == said[1]
    in_process.run(RC)


@pytest.mark.parametrize(("alter", "initial_V"), [((("r9", "r", 1.0),), {}), ((), {"nowhere": 1})])
def test_what_ngspice_leaves_out_is_a_failure_in_process_too(
    in_process, in_batch, alter, initial_V
):
    said = []
    for simulator in (in_process, in_batch):
        with pytest.raises(DeckError) as caught:
            simulator.run(deck("v1 a 0 1\nr1 a 0 1k", alter=alter, initial_V=initial_V))
        said.append(str(caught.value))
    assert said[0] == said[1]


def test_a_worker_that_has_seen_a_failure_is_not_asked_again(fresh):
    simulator = fresh()
    simulator.run(RC)
    before = workers(simulator)
    simulator.run(RC)
    assert workers(simulator) == before
    with pytest.raises(MissingSubcircuit):
        simulator.run(deck("v1 a 0 1\nx1 a 0 nosuch"))
    assert workers(simulator) == []


def test_a_worker_makes_room_for_another_after_so_many_runs(fresh, monkeypatch):
    monkeypatch.setattr(pool, "MOST_RUNS", 3)
    simulator = fresh()
    seen = []
    for _ in range(7):
        simulator.run(RC)
        seen += workers(simulator)
    assert len(seen) == 5  # there is none after the third and the sixth
    assert len(set(seen)) == 3


def test_a_worker_that_has_grown_makes_room_for_another(fresh, monkeypatch):
    monkeypatch.setattr(pool, "MOST_GROWN_B", 0)
    simulator = fresh()
    simulator.run(deck("\n".join(["v1 a 0 1", *(f"r{i} a 0 1k" for i in range(1, 20_000))])))
    assert wait_until(lambda: workers(simulator) == [])
    simulator.run(RC)


def test_cancel_ends_all_workers_and_refuses_what_comes(fresh):
    simulator = fresh()
    simulator.run(RC)
    (one,) = workers(simulator)
    simulator.cancel()
    assert wait_until(lambda: gone(one))
    with pytest.raises(Cancelled):
        simulator.run(RC)


def test_an_interrupt_ends_the_run_and_its_worker(fresh):
    simulator = fresh()
    simulator.run(RC)
    (one,) = workers(simulator)

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            simulator.run(ENDLESS)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert gone(one)


def test_workers_end_with_their_simulator(fresh, in_process):
    simulator = fresh()
    simulator.run(RC)
    (worker,) = simulator._pool._alive
    simulator.close()
    assert gone(worker._process.pid)
    assert not worker.folder.exists()
    # And with one that is only let go.
    another = Ngspice(in_process.executable, in_process.version, 60.0, NAME)
    another.run(RC)
    (one,) = workers(another)
    del another
    assert wait_until(lambda: gone(one))


ORPHANED = """
import sys
from test_in_process import ENDLESS, NAME, RC, Ngspice, workers
from anaspike.spice.ngspice.version import version_of
from pathlib import Path
executable = Path(sys.argv[1])
simulator = Ngspice(executable, version_of(executable), 600.0, NAME)
simulator.run(RC)
print(*workers(simulator), *(one.folder for one in simulator._pool._alive), flush=True)
if sys.argv[2] == "busy":
    simulator.run(ENDLESS)
input()
"""


@pytest.mark.parametrize("doing", ["busy", "idle"])
def test_workers_end_though_their_parent_was_killed(in_process, doing):
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    with subprocess.Popen(
        [sys.executable, "-c", ORPHANED, in_process.executable, doing],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ,
    ) as parent:  # fmt: skip
        pid, folder = parent.stdout.readline().split()
        if doing == "busy":
            assert wait_until((Path(folder) / "out.raw").exists)
        parent.kill()
    assert wait_until(lambda: gone(int(pid)))
    assert wait_until(lambda: not Path(folder).exists())


@pytest.mark.parametrize(
    ("library", "version", "why"),
    [
        ("/no/such/libngspice.so", None, "/no/such/libngspice.so: cannot open shared object file"),
        ("libc.so.6", None, "undefined symbol: ngSpice_Command"),
        (NAME, NgspiceVersion(38, built="then"), "and not 38, built then"),
        (NAME, NgspiceVersion(39, built="then"), "built then"),
        ("", None, "batch is asked for"),
    ],
)
def test_without_its_own_library_each_run_is_one_of_a_program(in_process, library, version, why):
    simulator = Ngspice(in_process.executable, version or in_process.version, 60.0, library)
    assert why in simulator.why_batch()
    assert simulator.run(RC)["v(a)"][-1] == 1.0
    assert workers(simulator) == []


def test_which_library_stands_for_the_program(monkeypatch):
    assert find_library({}) == NAME
    assert find_library({"ANASPIKE_LIBNGSPICE": "/some/libngspice.so"}) == "/some/libngspice.so"
    # Whoever names a program gets that; it may be one of their own.
    assert find_library({"ANASPIKE_NGSPICE": "/some/ngspice"}) == ""
    assert find_library({"ANASPIKE_LIBNGSPICE": ""}) == ""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (50, 50))
    assert find_library({}) == ""


@pytest.mark.parametrize(
    "line",
    [
        "a1 a b gain\n.model gain gain(gain=2)",
        "e1 b 0 poly(1) a 0 0 2",
        "b1 b 0 i=v(a)*table(v(a), 0, 0, 1, 1)",
        "p1 a 0 b 0 line\n.model line cpl",
        ".options seed=1",
        ".OPTIONS cshunt=1f",
        ".csparam x=1",
        ".global b",
        "r2 a 0 {agauss(1, 1, 1)}",
        "v2 b 0 trnoise(1 1n 0 0)",
    ],
)
def test_what_would_be_left_to_the_next_runs_in_batch(line):
    assert not needs_batch(deck("v1 a 0 1\n* a remark\n  r1 a 0 1k\n+ tc1=0\n"))
    assert needs_batch(deck(f"v1 a 0 1\nr1 a 0 1k\n{line}"))


def test_a_deck_that_needs_batch_gets_it(fresh):
    simulator = fresh()
    waves = simulator.run(deck("v1 a 0 1\nr1 a 0 1k\n.global c"))
    assert waves["v(a)"][-1] == 1.0
    assert workers(simulator) == []
