"""200 neuron points on a Dask cluster of two loopback workers, against the local engine."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from distributed import Client

from anaspike.campaign.bench import Bench
from anaspike.campaign.cluster import Cluster
from anaspike.spice.ngspice.run import Ngspice
from anaspike.studies.blocks.sweep_vdd import SweepVdd
from benchmarks.pairs import row

POINTS, SPIKES, JOBS = 200, 3, 2


def measure() -> Iterator[tuple[str, str, str, str]]:
    """Yield (wall time on the cluster) / (wall time of the local engine), both cold."""
    points = SweepVdd(points=POINTS, spikes_in=SPIKES).asked()
    with ExitStack() as running:
        address = _start(running)
        local_s = _run(Bench(Ngspice.find(), JOBS), points)
        start_s = time.perf_counter()
        with Cluster.connect(address, 600.0) as cluster:
            _run(Bench(cluster, 2 * cluster.slots), points)
        dask_s = time.perf_counter() - start_s
    what = f"{POINTS} neurons of {SPIKES} spikes: Dask on two workers / local on two jobs, time"
    yield row(what, dask_s / local_s, 1.2, at_most=True)


def _run(bench: Bench, points: list) -> float:  # type: ignore[type-arg]
    start_s = time.perf_counter()
    table = bench.run(points).table
    if not (table["status"] == "ok").all():
        raise SystemExit("a point failed: its time means nothing")
    return time.perf_counter() - start_s


def _start(running: ExitStack) -> str:
    folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
    place = folder / "scheduler.json"
    common = ["--host", "127.0.0.1", "--no-dashboard"]
    commands = [["scheduler", "--port", "0", "--scheduler-file", str(place)]]
    commands += JOBS * [["worker", "--scheduler-file", str(place), "--nthreads", "1"]]
    for command in commands:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *command, *common],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        running.callback(process.wait)
        running.callback(process.terminate)
        while not place.exists():
            time.sleep(0.1)
    address: str = json.loads(place.read_text(encoding="utf-8"))["address"]
    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(JOBS, timeout=120)
    return address


if __name__ == "__main__":
    for line in measure():
        print(*line, sep=" | ", flush=True)
