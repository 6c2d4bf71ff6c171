"""The charge model in time against SPICE: time for one neuron and one train of ten windows."""

import numpy as np

from anaspike.campaign.bench import Bench
from anaspike.circuits.designs import design_for
from anaspike.experiments.windows import Windows
from anaspike.mapping.characterise import Conditions, measure_tables
from anaspike.mapping.charge_model import Geometry
from anaspike.mapping.windows import Aftermath, WindowLayer
from anaspike.pdk.generic28 import Generic28
from anaspike.spice.ngspice.run import Ngspice
from benchmarks.pairs import ratio, row

NEURONS, PATTERNS, SYNAPSES, WINDOWS, PERIOD_S = 64, 100, 16, 10, 2.2e-6


def measure():
    """Return the row of the benchmark."""
    simulator, at = Ngspice.find(), Conditions(Generic28(), design_for("generic28"))
    tables = measure_tables(Bench(simulator), at, 0.60, 0.70)
    geometry = Geometry(SYNAPSES, at.design.neuron.membrane_F, 0.35, 0.7e-9)
    rng = np.random.default_rng(0)
    codes = rng.integers(-7, 8, (NEURONS, SYNAPSES))
    trains = rng.random((PATTERNS, WINDOWS, SYNAPSES)) < 0.3
    supply_V = rng.uniform(0.60, 0.70, NEURONS)
    excite, inhibit = (
        trains.astype(float) @ np.maximum(sign * codes, 0).T.astype(float) for sign in (1, -1)
    )
    deck = Windows(
        at.pdk, at.design, tuple(int(c) for c in codes[0]),
        tuple(tuple(bool(s) for s in train) for train in trains[0].T),
        float(supply_V[0]), PERIOD_S,
    ).build()  # fmt: skip

    def model():
        layer = WindowLayer(tables, geometry, Aftermath(0.257, 0.0), PERIOD_S, supply_V)
        layer.run(excite, inhibit, trains.any(axis=2))

    faster = ratio(lambda: simulator.run(deck), model) * NEURONS * PATTERNS
    what = "charge model in time against SPICE, one neuron and ten windows (times faster)"
    return [row(what, faster, 10_000, at_most=False)]
