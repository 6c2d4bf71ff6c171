"""What a sweep costs beside its simulations: wall time against ngspice's CPU time a job."""

import resource
import time
from collections.abc import Iterator

import anaspike
from anaspike.campaign.engine import default_jobs
from benchmarks.pairs import row

POINTS_A_JOB = 4


def measure() -> Iterator[tuple[str, str, str, str]]:
    """Yield (wall time) / (CPU time of all runs / jobs), at four points a job."""
    jobs = default_jobs()
    before, start = _children_s(), time.perf_counter()
    result = anaspike.sweep_vdd(0.55, 0.75, points=POINTS_A_JOB * jobs, jobs=jobs)
    wall_s, cpu_s = time.perf_counter() - start, _children_s() - before
    if not result.ok:
        raise SystemExit("the sweep failed: its time means nothing")
    yield row(
        f"sweep of {POINTS_A_JOB} points a job: wall / (ngspice CPU / jobs)",
        wall_s / (cpu_s / jobs),
        1.15,
        at_most=True,
    )


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
