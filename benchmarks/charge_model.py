"""The charge model against SPICE: time for one neuron and one pattern."""

import numpy as np

from anaspike.campaign.bench import Bench
from anaspike.circuits.designs import design_for
from anaspike.experiments.decision import Decision
from anaspike.mapping.characterise import Conditions, measure_tables
from anaspike.mapping.charge_model import ChargeLayer, Geometry
from anaspike.pdk.generic28 import Generic28
from anaspike.spice.ngspice.run import Ngspice
from benchmarks.pairs import ratio, row

NEURONS, PATTERNS, SYNAPSES = 128, 400, 16


def measure():
    """Return the row of the benchmark."""
    simulator, at = Ngspice.find(), Conditions(Generic28(), design_for("generic28"))
    tables = measure_tables(Bench(simulator), at, 0.60, 0.70)
    geometry = Geometry(SYNAPSES, at.design.neuron.membrane_F, 0.37, 0.57e-9)
    rng = np.random.default_rng(0)
    codes = rng.integers(-7, 8, (NEURONS, SYNAPSES))
    active = rng.random((PATTERNS, SYNAPSES)) < 0.5
    supply_V = rng.uniform(0.60, 0.70, NEURONS)
    excite, inhibit = (
        active.astype(float) @ np.maximum(sign * codes, 0).T.astype(float) for sign in (1, -1)
    )
    deck = Decision(
        at.pdk, at.design, tuple(int(c) for c in codes[0]), tuple(bool(a) for a in active[0]),
        float(supply_V[0]),
    ).build()  # fmt: skip

    def model():
        ChargeLayer(tables, geometry, supply_V).run(excite, inhibit)

    faster = ratio(lambda: simulator.run(deck), model) * NEURONS * PATTERNS
    what = "charge model against SPICE, one neuron and pattern (times faster)"
    return [row(what, faster, 10_000, at_most=False)]
