"""What a small point costs in process, simulator and all, against one run in batch.

Both ways run the same points in turns, so that what the machine does meanwhile happens to both.
"""

import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from anaspike.campaign.bench import Bench
from anaspike.campaign.store import Cache
from anaspike.circuits.designs import design_for
from anaspike.experiments.protocol import Experiment
from anaspike.experiments.pseudo_resistor import PseudoResistorCurve
from anaspike.pdk.catalog import open_pdk
from anaspike.spice.ngspice.run import Ngspice
from benchmarks.cost_curve import Resistor
from benchmarks.pairs import row

# Thousands of small points share what starts a worker; a hundred would not.
SMALL, POINTS, TURNS = 1000, 100, 5
# What a point of one resistor took when every run was a program, on the machine of these bounds.
BATCH_MS = 11.0


def measure() -> Iterator[tuple[str, str, str, str]]:
    """Yield CPU time of a point in process over that in batch, and Python's share of it."""
    process, design = open_pdk("generic28"), design_for("generic28")

    def curve(number: int) -> Experiment:
        return PseudoResistorCurve(process, design, "tt", number / POINTS)

    for what, count, point, bound in (
        ("one resistor", SMALL, lambda number: Resistor(1e3 + number), 3 / BATCH_MS),
        ("pseudo-resistor", POINTS, curve, 0.65),
    ):
        whole, python, told = _ratios([point(number) for number in range(count)])
        said = f"CPU a point of {what}, in process / in batch ({told})"
        yield row(said, whole, bound, at_most=True)
        if bound < 0.5:
            said = f"{what}: Python's share in process / all in batch"
            yield row(said, python, 2 / BATCH_MS, at_most=True)


def _ratios(points: Sequence[Experiment]) -> tuple[float, float, str]:
    """Return medians over turns: all in process over batch, Python's part of it, and both in ms."""
    ngspice = Ngspice.find()
    if why := ngspice.why_batch():
        raise SystemExit(f"there is no ngspice in process here: {why}")
    ngspice.close()
    _cost_s(ngspice.executable, points, "")
    pairs = []
    for _ in range(TURNS):
        inside = _cost_s(ngspice.executable, points, ngspice.library)
        pairs.append((inside, _cost_s(ngspice.executable, points, "")))
    whole = statistics.median(sum(inside) / sum(batch) for inside, batch in pairs)
    python = statistics.median(inside[0] / sum(batch) for inside, batch in pairs)
    in_ms, batch_ms = (1e3 * statistics.median(map(sum, way)) for way in zip(*pairs, strict=True))
    return whole, python, f"{in_ms:.3g} ms, {batch_ms:.3g} ms"


def _cost_s(executable: Path, points: Sequence[Experiment], library: str) -> tuple[float, float]:
    """Return the CPU time of a point in a cold run into a cache: Python's, and the simulator's."""
    simulator = Ngspice(executable, Ngspice.find().version, library=library)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(simulator, 1, cache=Cache(Path(folder)))
        start_s, before_s = time.process_time(), _children_s()
        table = bench.run(points).table
        simulator.close()  # what its worker took is known when it has ended
        python_s, others_s = time.process_time() - start_s, _children_s() - before_s
    if not (table["status"] == "ok").all():
        raise SystemExit("a point failed: its time means nothing")
    return python_s / len(points), others_s / len(points)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    for line in measure():
        print(*line, sep=" | ", flush=True)
