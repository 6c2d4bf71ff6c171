"""An RC that charges: the smallest experiment, and a program that runs some of it.

python toy_rc.py POINTS JOBS TABLE [SCHEDULER]
"""

import sys
from contextlib import nullcontext
from dataclasses import dataclass

from anaspike.campaign.bench import Bench
from anaspike.campaign.store import Cache, cache_folder
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.ngspice.run import Ngspice


@dataclass(frozen=True)
class Rc:
    r_ohm: float
    title: str = "rc"

    def conditions(self):
        return {"r_ohm": self.r_ohm}

    def build(self):
        body = f"v1 a 0 pwl(0 0 1p 1)\nr1 a b {self.r_ohm}\nc1 b 0 1n"
        models = ModelFiles("", {"unused.lib": "* shipped with the deck\n"})
        return Deck(self.title, body, models, 1e-6, ("v(b)", "i(v1)"), initial_V={"b": 0.0})

    def measure(self, traces):
        return {"end_V": traces["v(b)"][-1], "samples": len(traces.time_s)}


def points(count):
    return [Rc(1000.0 + i) for i in range(count)]


def simulator_at(scheduler):
    if scheduler is None:
        return nullcontext(Ngspice.find(timeout_s=60.0))
    from anaspike.campaign.cluster import Cluster

    return Cluster.connect(scheduler, 60.0)


def main(count, jobs, table, scheduler=None):
    with simulator_at(scheduler) as simulator:
        bench = Bench(simulator, int(jobs), cache=Cache(cache_folder()))
        bench.run(points(int(count))).table.to_csv(table, index=False)
    sys.stdout.write(f"{bench.cached}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
