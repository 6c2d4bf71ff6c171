"""What the campaign engine costs beside its simulations: set-up and memory."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anaspike.campaign.bench import Bench
from anaspike.campaign.engine import Engine, default_jobs
from anaspike.campaign.store import Cache, Entry
from anaspike.report.answers import save
from anaspike.spice.deck import Deck
from anaspike.spice.ngspice.version import NgspiceVersion
from anaspike.spice.waveforms import Waveforms
from anaspike.studies.blocks.sweep_vdd import SweepVdd
from anaspike.studies.conditions import Conditions, under
from benchmarks.pairs import row

SETUP_POINTS, MEMORY_POINTS = 5_000, 10_000
NEURON_VECTORS, NEURON_SAMPLES = 16, 8_648  # of one neuron's run
SPREAD_CONDITIONS = 5_000
PEAK = """
import re, sys
from pathlib import Path
from benchmarks import campaign
getattr(campaign, sys.argv[1])()
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def measure() -> Iterator[tuple[str, str, str, str]]:
    """Yield set-up rates, and the peak memory of thousands of points and conditions."""
    for pdk in ("generic28", "sky130"):
        rate = setup_rate(pdk)
        what = f"setting up {SETUP_POINTS:,} {pdk} neurons: points a second a core"
        yield row(what, rate, 1_000, at_most=False)
    for what, run in (
        (f"{MEMORY_POINTS:,} neuron points", run_in_memory),
        (f"a study of two neuron points under {SPREAD_CONDITIONS:,} conditions", run_spread),
    ):
        peak_kB = subprocess.run(
            [sys.executable, "-c", PEAK, run.__name__], capture_output=True, text=True, check=True
        ).stdout
        yield row(f"{what}: peak memory beside the simulators, MB", int(peak_kB) / 1e3, 500, True)


class Instant:
    """A simulator that gives a neuron's worth of samples at once."""

    version, identity = NgspiceVersion(39), "stand-in"

    def run(self, deck: Deck) -> Waveforms:
        time_s = np.linspace(0, deck.stop_s, NEURON_SAMPLES)
        # A circuit at rest: each source gives a nanoampere, and one side of the latch is up.
        levels = {"v(xneuron.xcore.latch_n)": 0.9}
        return Waveforms(
            time_s, {name: np.full(NEURON_SAMPLES, levels.get(name, -1e-9)) for name in deck.save}
        )

    def cancel(self) -> None:
        pass


class Forgetful(Cache):
    """A cache where nothing is found and nothing is kept: keys alone."""

    def put(self, key: str, entry: Entry) -> None:
        pass


@dataclass(frozen=True)
class Unmeasured:
    """A point without its measurement, which is no part of setting it up."""

    point: object

    def conditions(self) -> dict[str, float]:
        return {}

    def build(self) -> Deck:
        return self.point.build()  # type: ignore[attr-defined]

    def measure(self, traces: Waveforms) -> dict[str, float]:
        return {}


def setup_rate(pdk: str) -> float:
    """Return points a second of CPU: made, rendered, keyed, looked up, handed out."""
    waves = Waveforms(np.zeros(2), {})

    class Empty(Instant):
        def run(self, deck: Deck) -> Waveforms:
            return waves

    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(Empty(), 1, Forgetful(Path(folder)))
        start_s = time.process_time()
        points = SweepVdd(pdk=pdk, points=SETUP_POINTS).asked()
        done = sum(1 for _ in engine.run([Unmeasured(point) for point in points]))
        return done / (time.process_time() - start_s)


def run_in_memory() -> None:
    """Run 10,000 neuron points by the stand-in, as a command would."""
    with tempfile.TemporaryDirectory() as folder:
        points = SweepVdd(points=MEMORY_POINTS).asked()
        bench = Bench(Instant(), default_jobs(), cache=Forgetful(Path(folder)))
        table = bench.run(points, keep={0, len(points) - 1}).table
    if not (table["status"] == "ok").all():
        raise SystemExit(table["message"].iloc[0])


def run_spread() -> None:
    """Ask two supplies of 5,000 mismatch samples by the stand-in, and save the answer."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Instant(), default_jobs(), cache=Forgetful(Path(folder)))
        spread = under(SweepVdd(points=2), Conditions(mc=SPREAD_CONDITIONS))
        answer = spread.answer(bench)
        save(answer, Path(folder))
    table = answer.findings.tables["conditions"]
    if not (table["status"] == "ok").all():
        raise SystemExit(table["message"].iloc[0])


if __name__ == "__main__":
    for line in measure():
        print(*line, sep=" | ", flush=True)
