"""Measure in SPICE what the charge model and the mapping stand on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.circuits.designs import Design
from anaspike.experiments.charge import OFF_NS, CoreCharge, SynapseCharge
from anaspike.experiments.decision import Decision
from anaspike.experiments.protocol import Experiment
from anaspike.mapping.charge_model import ChargeTables, Geometry
from anaspike.pdk.roles import Pdk
from anaspike.spice.failures import SimulationFailure
from anaspike.spice.run import Waveforms

Floats = NDArray[np.float64]

SUPPLY_STEP_V = 0.025
_CELL_V = 0.005
_SIGNS = ("excite", "inhibit")
_SEARCH_V = 0.04  # a threshold lies this near the comparator's reference
_SEARCH_POINTS = 9
_SEARCH_ROUNDS = 2  # each 8 times finer: to a third of a millivolt


class Ran(Protocol):
    """Points that have run."""

    @property
    def table(self) -> pd.DataFrame:
        """A row for each."""

    @property
    def waveforms(self) -> Mapping[int, Waveforms]:
        """Traces of those kept."""


class Runs(Protocol):
    """Where points run: a study's bench."""

    def run(self, points: Sequence[Experiment], keep: Collection[int] = ()) -> Ran:
        """Run points and return what came of them."""


class NotMeasured(SimulationFailure):
    """A constant of the charge model could not be measured."""

    kind = "not_measured"


@dataclass(frozen=True)
class Conditions:
    """Under which a network is run.

    Attributes:
        pdk, design: the process and the neuron.
        corner: global corner.
        temperature_C: in degrees Celsius.
    """

    pdk: Pdk
    design: Design
    corner: str = "tt"
    temperature_C: float = 27.0


def measure_tables(bench: Runs, at: Conditions, low_V: float, high_V: float) -> ChargeTables:
    """Measure the charge model's constants over a range of supplies.

    Args:
        bench: where decks run.
        at: the conditions.
        low_V, high_V: the range, in volt.

    Raises:
        NotMeasured: a run failed.
    """
    steps = max(2, round((high_V - low_V) / SUPPLY_STEP_V) + 1)
    supply_V = np.round(np.linspace(low_V, high_V, steps), 9)
    common = {"corner": at.corner, "temperature_C": at.temperature_C}
    synapses = [SynapseCharge(at.pdk, at.design, float(v), **common) for v in supply_V]  # type: ignore[arg-type]
    cores = [CoreCharge(at.pdk, at.design, slow=slow, **common) for slow in (False, True)]  # type: ignore[arg-type]
    ran = bench.run([*cores, *synapses], keep=range(len(cores) + steps))
    _check(ran.table, "the charge model's constants")
    cells = round(at.pdk.vdd_V / _CELL_V)
    membrane_V = np.linspace(0.0, at.pdk.vdd_V, cells + 1)
    fast, slow = (ran.waveforms[i] for i in range(2))
    swept = [s.swept(ran.waveforms[i + 2], membrane_V) for i, s in enumerate(synapses)]
    rows = ran.table.iloc[2:]
    sizes, width_s = at.design.neuron, at.design.drive.width_s
    current_A = np.array([[s[sign][0] for s in swept] for sign in _SIGNS])
    at_rest = int(np.argmin(np.abs(membrane_V - sizes.v_rest_V)))
    charge = np.array([rows[f"charge_{sign}_coulomb"].to_numpy(float) for sign in _SIGNS])
    off = [
        [np.zeros(steps), *(rows[f"off_{sign}_{ns:g}ns_coulomb"].to_numpy(float) for ns in OFF_NS)]
        for sign in _SIGNS
    ]
    return ChargeTables(
        supply_V=supply_V,
        membrane_V=membrane_V,
        current_A=current_A,
        capacitance_F=np.array([[s[sign][1] for s in swept] for sign in _SIGNS]),
        idle_F=np.array([s["none"][1] for s in swept]),
        on_coulomb=charge - current_A[:, :, at_rest] * width_s,
        off_coulomb=np.moveaxis(np.array(off), 1, 2),
        off_s=np.array((0.0, *OFF_NS)) * 1e-9,
        core_F=cores[0].capacitance(fast, membrane_V) - sizes.membrane_F,
        leak_A=cores[1].leakage(slow, membrane_V),
        clock_push_coulomb=float(ran.table["clock_push_coulomb"].iloc[0]),
        rest_V=sizes.v_rest_V,
        width_s=width_s,
    )


def measure_geometry(
    bench: Runs, at: Conditions, tables: ChargeTables, synapses: int, membrane_F: float
) -> Geometry:
    """Measure threshold and delay of a layer's neurons.

    The threshold is found by starting membranes at different voltages under a
    spike that does nothing (code 0), on a core with the layer's capacitance;
    the delay on the layer's own clock tree.

    Raises:
        NotMeasured: a run failed, or no threshold near the comparator's reference.
    """
    sizes = at.design.neuron
    near = int(np.argmin(np.abs(tables.membrane_V - sizes.v_th_V)))
    idle_F = float(np.mean(tables.idle_F[:, near])) * (synapses - 1)
    design = replace(at.design, neuron=replace(sizes, membrane_F=membrane_F + idle_F))
    common = {"corner": at.corner, "temperature_C": at.temperature_C}
    supply_V = float(tables.supply_V[len(tables.supply_V) // 2])
    low_V, high_V = sizes.v_th_V - _SEARCH_V, sizes.v_th_V + _SEARCH_V
    last_silent_V = first_fired_V = float("nan")
    for _ in range(_SEARCH_ROUNDS):
        starts_V = np.linspace(low_V, high_V, _SEARCH_POINTS)
        points = [
            Decision(at.pdk, design, (0,), (True,), supply_V, start_V=float(v), **common)  # type: ignore[arg-type]
            for v in starts_V
        ]
        table = bench.run(points).table
        _check(table, "the threshold")
        fired = table["fired"].to_numpy(bool)
        if fired.all() or not fired.any():
            raise NotMeasured(
                f"no threshold within {_SEARCH_V * 1e3:g} mV of the comparator's reference"
            )
        first = int(np.argmax(fired))
        low_V, high_V = starts_V[first - 1], starts_V[first]
        last_silent_V, first_fired_V = table["membrane_V"].iloc[[first - 1, first]]
    whole = Decision(at.pdk, design, (0,) * synapses, (True,) * synapses, supply_V, **common)  # type: ignore[arg-type]
    table = bench.run([whole]).table
    _check(table, "the delay of the clock tree")
    return Geometry(
        synapses,
        membrane_F,
        float(last_silent_V + first_fired_V) / 2,
        float(table["decision_delay_s"].iloc[0]),
    )


def _check(table: pd.DataFrame, what: str) -> None:
    failed = table[table["status"] != "ok"]
    if len(failed):
        raise NotMeasured(f"{what}: {failed['status'].iloc[0]}: {failed['message'].iloc[0]}")
