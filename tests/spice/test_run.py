"""The runner: real ngspice for what it does, stand-ins for how it can fail."""

import os
import re
import resource
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from waiting import gone, wait_until

from anaspike.errors import InputError
from anaspike.spice import process
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import (
    Cancelled,
    Crashed,
    DiskFull,
    IncompleteData,
    InsaneData,
    MissingSubcircuit,
    OutOfMemory,
    RawFileError,
    Timeout,
)
from anaspike.spice.ngspice.run import Ngspice
from anaspike.spice.rawfile import read_raw

NO_MODELS = ModelFiles("", {})


def deck(body, save=("v(b)",), stop_s=5e-6, **more):
    return Deck("test", body, NO_MODELS, stop_s, save, **more)


RC = deck(
    "v1 a 0 pwl(0 0 1p 1)\nr1 a b 1k\nc1 b 0 1n", save=("v(b)", "i(v1)"), initial_V={"b": 0.0}
)


def test_an_rc_charges_as_calculated_by_hand(ngspice):
    waves = ngspice.run(RC)
    expected_V = 1 - np.exp(-waves.time_s / 1e-6)
    np.testing.assert_allclose(waves["v(b)"], expected_V, atol=1e-3)
    np.testing.assert_allclose(waves["i(v1)"][-1], -np.exp(-5.0) / 1e3, rtol=5e-3)


def test_vectors_come_back_under_the_names_asked_for(ngspice):
    waves = ngspice.run(deck("v1 a 0 1\nr1 a b 1k\nr2 b 0 1k", save=("v(b)", "@r1[i]", "i(v1)")))
    assert waves.names == ("v(b)", "@r1[i]", "i(v1)")
    assert waves["@r1[i]"][-1] == pytest.approx(0.5e-3)
    with pytest.raises(
        InputError, match=r"no vector 'v\(c\)' was saved; there is v\(b\), @r1\[i\]"
    ):
        waves["v(c)"]


def test_instance_parameters_are_altered(ngspice):
    body = "v1 a 0 1\nr1 a b 1k\nr2 b 0 1k"
    assert ngspice.run(deck(body, alter=(("r2", "resistance", 3e3),)))["v(b)"][-1] == (
        pytest.approx(0.75)
    )


def test_a_given_folder_keeps_all_that_is_needed_to_run_again(ngspice, tmp_path):
    ngspice.run(RC, tmp_path / "kept")
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {
        "deck.cir", ".spiceinit", "out.raw", "ngspice.log",
    }  # fmt: skip


def test_the_users_own_spiceinit_changes_nothing(ngspice, tmp_path, monkeypatch):
    before = ngspice.run(RC)
    (tmp_path / ".spiceinit").write_text("set temp=150\noption temp=150\nset noaskquit\nquit 3\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    np.testing.assert_array_equal(ngspice.run(RC)["v(b)"], before["v(b)"])


def test_the_users_environment_changes_nothing(ngspice, tmp_path, monkeypatch):
    before = ngspice.run(RC)
    evil = "option temp=150 method=trap reltol=0.5\nset filetype=ascii\n"
    (tmp_path / "scripts").mkdir()
    for place in (".spiceinit", "spinit", "scripts/spinit"):
        (tmp_path / place).write_text(evil)
    for name in ("SPICE_USERINIT_DIR", "SPICE_LIB_DIR", "SPICE_SCRIPTS"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("SPICE_ASCIIRAWFILE", "1")
    after = ngspice.run(RC, tmp_path / "run")
    np.testing.assert_array_equal(after["v(b)"], before["v(b)"])
    assert b"Binary:" in (tmp_path / "run" / "out.raw").read_bytes()


def stand_in(stub, script, timeout_s=30.0):
    return Ngspice.find(timeout_s, {"ANASPIKE_NGSPICE": str(stub(script))})


def test_a_hung_simulator_is_killed_with_all_its_children(stub, tmp_path):
    pids = tmp_path / "pids"
    simulator = stand_in(
        stub, f"sleep 1000 &\necho $$ $! > {pids}\necho still thinking\nwait", timeout_s=0.5
    )
    with pytest.raises(Timeout) as caught:
        simulator.run(RC)
    assert str(caught.value) == "killed at its limit of 0.5 s: still thinking"
    assert all(wait_until(lambda pid=int(pid): gone(pid)) for pid in pids.read_text().split())


@pytest.mark.ngspice
def test_a_run_that_is_killed_says_how_far_it_came_and_how_long_it_would_need(
    ngspice, stub, tmp_path
):
    """A stand-in leaves half of the real simulator's data, and hangs."""
    ngspice.run(RC, tmp_path / "whole")
    (plot,) = read_raw(tmp_path / "whole/out.raw")
    whole = (tmp_path / "whole/out.raw").read_bytes()
    rows = int(np.searchsorted(plot.axis, 2.5e-6))
    data = whole.index(b"Binary:\n") + len(b"Binary:\n")
    # As a run leaves it that is under way: no number of points yet, the last one cut.
    head = re.sub(rb"No. Points: \d+ *", b"No. Points: 0", whole[:data])
    half = whole[data : data + rows * 8 * len(plot.names) + 5]
    (tmp_path / "half").write_bytes(head + half)
    simulator = stand_in(stub, f"cp {tmp_path}/half out.raw\nexec sleep 1000", timeout_s=0.5)
    with pytest.raises(Timeout) as caught:
        simulator.run(RC)
    found = re.fullmatch(
        r"killed at its limit of 0\.5 s with (\d+) % done, in steps of at most 10ns:"
        r" give a --timeout of 1\.2 s, or a shorter train",
        str(caught.value),
    )
    assert found, str(caught.value)
    assert 49 <= int(found[1]) <= 50


@pytest.mark.parametrize("left", [b"", b"no raw file", b"Title: x\nFlags: real\n"])
def test_a_run_that_is_killed_with_nothing_to_show_says_no_more(stub, tmp_path, left):
    (tmp_path / "left").write_bytes(left)
    simulator = stand_in(stub, f"cp {tmp_path}/left out.raw\nexec sleep 1000", timeout_s=0.5)
    with pytest.raises(Timeout) as caught:
        simulator.run(RC)
    assert str(caught.value) == "killed at its limit of 0.5 s"


def test_a_simulator_that_closes_its_output_and_hangs_is_killed_too(stub):
    with pytest.raises(Timeout):
        stand_in(stub, "exec >&- 2>&-\nexec sleep 1000", timeout_s=0.5).run(RC)


@pytest.mark.parametrize("child", ["sleep 1000", "yes"])
def test_a_child_that_keeps_the_pipe_open_does_not_keep_us(stub, tmp_path, child):
    pid = tmp_path / "pid"
    simulator = stand_in(stub, f"{child} &\necho $! > {pid}\nexit 0")
    with pytest.raises(IncompleteData):
        simulator.run(RC)
    assert wait_until(lambda: gone(int(pid.read_text())))


def test_a_crash_is_named(stub):
    with pytest.raises(Crashed) as caught:
        stand_in(stub, "echo solving; kill -SEGV $$").run(RC)
    assert str(caught.value) == "ngspice was killed by SIGSEGV: solving"


def test_a_crash_over_a_deck_that_was_not_read_is_the_deck_s(stub):
    said = "echo 'Error: unknown subckt: x1 a 0 no'; echo Interrupted; kill -SEGV $$"
    with pytest.raises(MissingSubcircuit, match=r"Error: unknown subckt: x1 a 0 no$"):
        stand_in(stub, said).run(RC)


def test_what_cannot_be_started_or_written_is_bad_input(stub, tmp_path):
    simulator = stand_in(stub, "exit 0")
    with pytest.raises(InputError, match="the run's folder cannot be written: File exists"):
        simulator.run(RC, simulator.executable)
    simulator.executable.write_bytes(b"\x7fELF of another machine")
    with pytest.raises(InputError, match="ngspice-stub cannot be started: Exec format error"):
        simulator.run(RC)


def test_exit_0_without_data_is_no_result(stub):
    with pytest.raises(IncompleteData) as caught:
        stand_in(stub, "echo all is well").run(RC)
    assert str(caught.value) == "ngspice wrote no data: all is well"


def test_garbage_for_data_is_no_result(stub):
    with pytest.raises(RawFileError, match=r"out.raw is no raw file that ngspice wrote"):
        stand_in(stub, "echo garbage > out.raw").run(RC)


def test_endless_output_is_cut_and_ended(stub):
    simulator = stand_in(stub, "yes garbage", timeout_s=0.5)
    with pytest.raises(Timeout, match="garbage"):
        simulator.run(RC)


def fake_raw(values, names=("time", "v(b)", "i(v1)")):
    """A shell script that writes an ASCII raw file of one point a tuple."""
    rows = "".join(f" {i}\n" + "".join(f"\t{v}\n" for v in row) for i, row in enumerate(values))
    variables = "".join(f"\t{i}\t{name}\tx\n" for i, name in enumerate(names))
    return (
        "cat > out.raw <<'END'\nTitle: t\nPlotname: Transient Analysis\nFlags: real\n"
        f"No. Variables: {len(names)}\nNo. Points: {len(values)}\nVariables:\n{variables}"
        f"Values:\n{rows}END"
    )


@pytest.mark.parametrize(
    ("script", "failure", "message"),
    [
        (
            fake_raw([(0, 0, 0), (1e-6, 1, 1)]),
            IncompleteData,
            "the data end at 1e-06 s of 5e-06 s",
        ),
        (fake_raw([], names=("time", "v(b)", "i(v1)")), IncompleteData, "the data end at 0 s"),
        (
            fake_raw([(0, 0), (5e-6, 1)], names=("time", "v(b)")),
            IncompleteData,
            r"vectors are missing: i\(v1\)",
        ),
        (
            fake_raw([(0, 0, 0), (5e-6, "nan", 1)]),
            InsaneData,
            r"not finite or out of order: v\(b\)",
        ),
        (
            fake_raw([(0, 0, 0), (3e-6, 1, 1), (2e-6, 1, 1), (5e-6, 1, 1)]),
            InsaneData,
            "not finite or out of order: time",
        ),
    ],
)
def test_a_result_is_complete_and_sane_or_it_is_none(stub, script, failure, message):
    with pytest.raises(failure, match=message):
        stand_in(stub, script).run(RC)


def test_a_full_disk_is_named(stub, monkeypatch):
    simulator = stand_in(stub, "exit 0")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(DiskFull) as caught:
        simulator.run(RC)
    assert str(caught.value) == "the run's folder cannot be written: No space left on device"


def test_a_disk_that_fills_up_under_the_simulator_is_named(stub):
    with pytest.raises(DiskFull, match="ngspice could not write its data"):
        stand_in(stub, "kill -XFSZ $$").run(RC)
    with pytest.raises(DiskFull, match="the disk is full: write error: No space left on device"):
        stand_in(stub, "echo 'write error: No space left on device'").run(RC)


def test_cancel_kills_what_runs_and_refuses_what_comes(stub, tmp_path):
    pid = tmp_path / "pid"
    simulator = stand_in(stub, f"echo $$ > {pid}\nexec sleep 1000")
    failures = []

    def work():
        try:
            simulator.run(RC)
        except Cancelled as failure:
            failures.append(str(failure))

    thread = threading.Thread(target=work)
    thread.start()
    assert wait_until(lambda: pid.exists() and pid.read_text())
    simulator.cancel()
    thread.join(5.0)
    assert not thread.is_alive()
    assert wait_until(lambda: gone(int(pid.read_text())))
    assert failures == ["the run was cancelled"]
    with pytest.raises(Cancelled, match="the run was cancelled before it started"):
        simulator.run(RC)


def test_an_interrupt_leaves_nothing_running(stub, tmp_path):
    pid = tmp_path / "pid"
    simulator = stand_in(stub, f"echo $$ > {pid}\nexec sleep 1000")

    def interrupt():
        if wait_until(lambda: pid.exists() and pid.read_text()):
            signal.raise_signal(signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        simulator.run(RC)
    thread.join()
    assert wait_until(lambda: gone(int(pid.read_text())))


ORPHANED = """
import sys
from pathlib import Path
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.ngspice.run import Ngspice
simulator = Ngspice.find(float(sys.argv[2]), {"ANASPIKE_NGSPICE": sys.argv[1]})
simulator.run(Deck("test", "", ModelFiles("", {}), 1e-6, ("v(b)",)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process: Linux alone")
def test_a_simulator_that_spins_ends_though_its_parent_was_killed(stub, tmp_path):
    pid = tmp_path / "pid"
    spins = stub(f"echo $$ > {pid}\nwhile :; do :; done")
    parent = subprocess.Popen([sys.executable, "-c", ORPHANED, spins, "1"])
    assert wait_until(lambda: pid.exists() and pid.read_text(), 30.0)
    orphan = int(pid.read_text())

    def limited():
        return resource.prlimit(orphan, resource.RLIMIT_CPU)[1] != resource.RLIM_INFINITY

    assert wait_until(limited, 30.0)  # its parent must live as long as that
    parent.kill()
    parent.wait()
    try:
        assert not gone(orphan)
        assert wait_until(lambda: gone(orphan), 60.0)  # three seconds of a processor
    finally:
        with suppress(ProcessLookupError):
            os.kill(orphan, signal.SIGKILL)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process: Linux alone")
@pytest.mark.parametrize(("users", "expected"), [("unlimited", "102"), ("50", "50")])
def test_the_limit_lies_above_the_timeout_or_is_the_users_own(stub, tmp_path, users, expected):
    limit = tmp_path / "limit"
    asks = stub(
        'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; [ "$(ulimit -H -t)" != unlimited ] && break;'
        f" done\nulimit -H -t > {limit}"
    )
    shell = f'ulimit -t {users}; exec "$@"'
    subprocess.run(
        ["sh", "-c", shell, "sh", sys.executable, "-c", ORPHANED, asks, "100"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert limit.read_text() == f"{expected}\n"


@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan"), float("inf")])
def test_a_time_limit_that_is_none(stub, limit):
    with pytest.raises(InputError, match="give a positive one"):
        stand_in(stub, "exit 0", timeout_s=limit)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process: Linux alone")
def test_a_simulator_may_not_take_all_memory_or_fill_the_disk(stub, tmp_path):
    said = tmp_path / "limits"
    waits = 'while [ "$(ulimit -f)" = unlimited ]; do sleep 0.05; done'
    simulator = stand_in(stub, f"{waits}; ulimit -v > {said}; ulimit -f >> {said}")
    with pytest.raises(IncompleteData):
        simulator.run(RC)
    memory_B = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit in said.read_text().split():  # in kilobytes, or blocks of half a one
        assert 500 * int(limit) < memory_B


def test_ngspice_that_is_given_no_more_memory_says_so(ngspice, tmp_path):
    lines = "".join(f"r{i} a 0 1k\n" for i in range(150_000))
    script = f'ulimit -v 60000; exec {ngspice.executable} "$@"'
    executable = tmp_path / "ngspice-in-little"
    executable.write_text(f"#!/bin/sh\n{script}\n")
    executable.chmod(0o755)
    little = Ngspice(executable, ngspice.version)
    with pytest.raises(OutOfMemory, match="ngspice asked for more memory than it may have"):
        little.run(replace(RC, body=f"{RC.body}\n{lines}"))


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process: Linux alone")
@pytest.mark.parametrize("hard_B", [2**31, -1])
def test_a_stricter_limit_of_the_users_own_stays(hard_B):
    sleeper = subprocess.Popen(["sleep", "100"])
    try:
        resource.prlimit(sleeper.pid, resource.RLIMIT_FSIZE, (2**30, hard_B))
        process.limit(sleeper.pid, 1000)
        assert resource.prlimit(sleeper.pid, resource.RLIMIT_FSIZE)[0] == 2**30
        assert resource.prlimit(sleeper.pid, resource.RLIMIT_CPU) == (1000, 1000)
    finally:
        sleeper.kill()
        sleeper.wait()
