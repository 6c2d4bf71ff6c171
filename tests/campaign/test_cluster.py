"""A real Dask scheduler and real workers on loopback: the same table, whoever dies."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest
import toy_rc
from dask.config import set as configured

from anaspike.campaign import cluster
from anaspike.campaign.bench import Bench
from anaspike.campaign.cluster import Cluster
from anaspike.errors import InputError
from anaspike.spice.carried import carried
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import MissingModel, WorkerLost
from anaspike.spice.ngspice.run import Ngspice

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
# Hangs, dies or takes its time as the deck's title says, and is ngspice.
WRAPPER = """
case "$(head -1 deck.cir)" in
*hang*) echo $$ >> {pids}; exec sleep 1000 ;;
*slow*) sleep 0.3 ;;
esac
exec ngspice "$@"
"""


@pytest.mark.parametrize(
    "parts",
    [
        {"body": "v1 a 0 1\n.control\nshell touch owned\n.endc"},
        {"body": "v1 a 0 1\n.include /etc/passwd"},
        {"models": {"lines": ".include 'm'", "files": {"m": "*#shell touch owned"}}},
        {"files": {"../own.sp": "r1 a 0 1"}},
        {"files": {"own.sp": '.model m filesource(file "/etc/passwd")'}},
        {"alter": [["r1", "x] = 1; shell touch owned", 1.0]]},
    ],
)
def test_a_worker_looks_at_a_deck_itself(parts):
    deck = Deck("t", "v1 a 0 1\nr1 a 0 1k", ModelFiles("", {}), 1e-6, ("v(a)",))
    with pytest.raises(InputError):  # before it asks which simulator it has
        cluster._run_there("none", {**asdict(deck), **parts}, {})


class Dask:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder, ngspice, protocol=(), tls=()):
        self.folder, self.workers, self.tls = folder, [], tls
        self.environ = {**os.environ, "ANASPIKE_NGSPICE": str(ngspice)}
        place = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            "--scheduler-file", place, *protocol, *tls,
        )  # fmt: skip
        wait_until(lambda: place.exists() and place.read_text().endswith("}"))
        self.address = json.loads(place.read_text())["address"]

    def add_worker(self, **environ):
        self.environ |= environ
        name = f"worker{len(self.workers)}"
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
        options += self.tls
        self.workers.append(self._start("worker", self.address, "--name", name, *options))

    def _start(self, *words):
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *(str(word) for word in words)],
            env=self.environ,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def ready(self, workers):
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=300)

    def close(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def wait_until(condition, limit_s=300.0):
    end = time.monotonic() + limit_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    assert condition()


@pytest.fixture(scope="module")
def wrapper(tmp_path_factory, ngspice):
    folder = tmp_path_factory.mktemp("wrapper")
    path = folder / "ngspice"
    version = '[ "$1" = --version ] && exec ngspice --version\n'
    path.write_text(f"#!/bin/sh\n{version}{WRAPPER.format(pids=folder / 'pids')}")
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def dask(tmp_path_factory, wrapper):
    """A cluster of two workers, for the tests that leave it as it was."""
    cluster = Dask(tmp_path_factory.mktemp("dask"), wrapper)
    try:
        for _ in range(2):
            cluster.add_worker()
        cluster.ready(2)
        yield cluster
    finally:
        cluster.close()


def local(wrapper, points):
    return Bench(Ngspice.find(60.0, {"ANASPIKE_NGSPICE": str(wrapper)}), 2).run(points)


def test_the_table_is_the_local_one_to_the_bit(dask, wrapper):
    points = toy_rc.points(8)
    here = local(wrapper, points)
    with Cluster.connect(dask.address, 60.0) as simulator:
        assert simulator.slots == 2
        assert simulator.identity == (
            Ngspice.find(60.0, {"ANASPIKE_NGSPICE": str(wrapper)}).identity
        )
        there = Bench(simulator, 4).run(points, keep={3})
    pd.testing.assert_frame_equal(there.table, here.table, check_exact=True)
    assert there.waveforms[3].names == ("v(b)", "i(v1)")


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("sweep-vdd", "--points", "2", "--spikes-in", "1"), "sweep_vdd"),
        (("run", "netlist.toml", "--corner", "ss", "--mc", "2"), "netlist"),
    ],
)
def test_a_command_on_the_cluster_writes_the_same_files(dask, wrapper, tmp_path, command, name):
    shutil.copy(EXAMPLES / "axon_hillock.spice", tmp_path)
    flow = (EXAMPLES / "netlist.toml").read_text()
    short = flow.replace('"8us"', '"300ns"').partition("[specs")[0]
    (tmp_path / "netlist.toml").write_text(short)
    files = []
    for where in ((), ("--scheduler", dask.address)):
        out = tmp_path / f"run{len(where)}"
        subprocess.run(
            [sys.executable, "-m", "anaspike", *command, "--no-cache", "--quiet", "--out", out,
             *where],
            env={**os.environ, "ANASPIKE_NGSPICE": str(wrapper)},
            cwd=tmp_path,
            check=True,
        )  # fmt: skip
        files.append([next(out.rglob(f"{name}.{kind}")).read_bytes() for kind in ("csv", "svg")])
    assert files[0] == files[1]
    assert b"ok" in files[0][0]


def test_files_that_a_body_calls_travel_with_the_deck(dask, wrapper, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "net.sp").write_text(".lib load\n.include sub/r.sp\n.endl\n")
    (tmp_path / "sub/r.sp").write_text("r1 a b 1k\n")
    net = carried(f".lib {tmp_path}/net.sp load\nv1 a 0 1\nc1 b 0 1n", tmp_path)
    (tmp_path / "sub/r.sp").unlink()
    deck = Deck("rc", net.body, ModelFiles("", {}), 1e-6, ("v(b)",), files=net.files)
    here = Ngspice.find(60.0, {"ANASPIKE_NGSPICE": str(wrapper)}).run(deck)
    with Cluster.connect(dask.address, 60.0) as simulator:
        there = simulator.run(deck)
    assert there["v(b)"].tobytes() == here["v(b)"].tobytes()


def test_failures_come_back_by_their_own_names(dask):
    broken = Deck("t", "v1 a 0 1\nm1 a a 0 0 nowhere", ModelFiles("", {}), 1e-6, ("v(a)",))
    with Cluster.connect(dask.address, 60.0) as simulator, pytest.raises(MissingModel) as caught:
        simulator.run(broken)
    assert str(caught.value).startswith("the deck names a model that is not there: ")
    assert caught.value.log_line in str(caught.value)


def test_a_stop_kills_what_runs_on_the_workers(dask, wrapper):
    pids = wrapper.parent / "pids"
    with Cluster.connect(dask.address, 60.0) as simulator:
        bench = Bench(simulator, 4)
        tables = []
        points = [toy_rc.Rc(1.0 + i, "hang") for i in range(4)]
        thread = threading.Thread(target=lambda: tables.append(bench.run(points).table))
        thread.start()
        wait_until(lambda: pids.exists() and len(pids.read_text().split()) == 2)
        bench.stop()
        thread.join(300)
    assert list(tables[0]["status"]) == ["cancelled"] * 4
    for pid in pids.read_text().split():
        wait_until(lambda pid=pid: not Path(f"/proc/{pid}").exists())


def test_workers_with_different_simulators_are_refused(dask, wrapper, stub):
    other = stub('exec ngspice "$@"')
    dask.add_worker(ANASPIKE_NGSPICE=str(other))
    try:
        dask.ready(3)
        with pytest.raises(InputError, match="the workers have different simulators: tcp://"):
            Cluster.connect(dask.address, 60.0)
    finally:
        worker = dask.workers.pop()
        worker.kill()
        worker.wait()
        dask.environ["ANASPIKE_NGSPICE"] = str(wrapper)


def test_another_state_of_anaspike_is_refused(dask, monkeypatch):
    monkeypatch.setattr(cluster, "engine_state", lambda: "another")
    with pytest.raises(InputError, match="runs another state of anaspike than this machine"):
        Cluster.connect(dask.address, 60.0)


def test_whoever_dies_the_table_is_complete(wrapper, tmp_path, monkeypatch):
    """First one of two workers, in mid-run: nothing is missing. Then the other: named rows."""
    dask = Dask(tmp_path, wrapper)
    try:
        with pytest.raises(InputError, match="the scheduler has no workers; start some"):
            Cluster.connect(dask.address, 60.0)
        for _ in range(2):
            dask.add_worker()
        dask.ready(2)
        points = [toy_rc.Rc(1000.0 + i, "slow") for i in range(10)]

        def kill_one(done, total):
            if done == 3:
                dask.workers[0].send_signal(signal.SIGKILL)

        with Cluster.connect(dask.address, 60.0) as simulator:
            there = Bench(simulator, 4, kill_one).run(points)
        pd.testing.assert_frame_equal(there.table, local(wrapper, points).table, check_exact=True)

        monkeypatch.setattr(cluster, "_LOOK_S", 0.5)
        monkeypatch.setattr(cluster, "_PATIENCE_S", 1.0)

        def kill_other(done, total):
            if done == 2:
                dask.workers[1].send_signal(signal.SIGKILL)

        with Cluster.connect(dask.address, 60.0) as simulator:
            table = Bench(simulator, 2, kill_other).run(points).table
        assert list(table["status"][:2]) == ["ok", "ok"]
        assert set(table["status"][5:]) == {"worker_lost"}
        assert table["message"].iloc[-1] == "no worker for 1 s"
    finally:
        dask.close()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("tcp://127.0.0.1:1", ""),
        (
            "nonsense",
            "(missing port number in address 'nonsense'); start one with",
        ),
        ("foo://127.0.0.1:1", "(unknown address scheme 'foo' (known schemes: "),
    ],
)
def test_an_address_where_nothing_answers(address, reason, monkeypatch):
    monkeypatch.setattr(cluster, "_CONNECT_S", 0.5)
    with pytest.raises(InputError) as caught:
        Cluster.connect(address, 60.0)
    assert str(caught.value).startswith(f"no Dask scheduler answers at {address} {reason}")
    assert str(caught.value).endswith("and give its tcp://host:port")


HOSTILE = """
import os
from pathlib import Path
from anaspike.campaign import cluster

class Payload:
    def __reduce__(self):
        return (Path.touch, (Path({mark!r}),))

def dask_setup(worker):
    cluster._run_there = lambda *_: Payload()
    honest = worker.handlers["get_data"]
    async def get_data(comm, keys, who=None, serializers=None):
        return await honest(comm, keys, who=who, serializers=["pickle"])  # whatever was asked for
    worker.handlers["get_data"] = get_data
"""


def test_an_answer_that_is_a_pickle_is_not_read(tmp_path, wrapper):
    (tmp_path / "hostile.py").write_text(HOSTILE.format(mark=str(tmp_path / "ran")))
    dask = Dask(tmp_path, wrapper)
    try:
        dask.add_worker(DASK_DISTRIBUTED__WORKER__PRELOAD=str(tmp_path / "hostile.py"))
        dask.ready(1)
        with Cluster.connect(dask.address, 60.0) as there, pytest.raises(WorkerLost) as caught:
            there.run(toy_rc.Rc(1.0).build())
        assert "msgpack" in str(caught.value)
        assert not (tmp_path / "ran").exists()
    finally:
        dask.close()


def test_a_cluster_behind_tls_is_reached_by_dask_s_configuration(tmp_path, wrapper):
    # An authority of our own, which signs itself and serves both ends.
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=here"
    subprocess.run(
        [*command.split(), "-keyout", "key.pem", "-out", "ca.pem"],
        cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    ca, key = str(tmp_path / "ca.pem"), str(tmp_path / "key.pem")
    tls = {"ca-file": ca, "client.cert": ca, "client.key": key}
    options = ("--tls-ca-file", ca, "--tls-cert", ca, "--tls-key", key)
    dask = Dask(tmp_path, wrapper, ("--protocol", "tls"), options)
    try:
        assert dask.address.startswith("tls://127.0.0.1:")
        dask.add_worker()
        with configured({f"distributed.comm.tls.{name}": value for name, value in tls.items()}):
            dask.ready(1)
            with Cluster.connect(dask.address, 60.0) as there:
                traces = there.run(toy_rc.Rc(1000.0).build())
        assert traces["v(b)"][-1] == pytest.approx(0.632, abs=0.01)
        with pytest.raises(InputError, match=r"^no Dask scheduler answers at tls://"):
            Cluster.connect(dask.address, 60.0)
    finally:
        dask.close()
