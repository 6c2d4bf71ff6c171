"""Neurons in time at transistor level beside the charge model, window by window."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.circuits.synapse import MAX_CODE
from anaspike.experiments.windows import Windows
from anaspike.learning.network import Spikes
from anaspike.mapping.characterise import Conditions, Runs, check_ran
from anaspike.mapping.charge_model import ChargeTables, Geometry
from anaspike.mapping.verify import LINEAR_V, NEAR_V, rms
from anaspike.mapping.windows import Aftermath, WindowLayer, leak_below, leaked, stored

Floats = NDArray[np.float64]

_HIGH_V = 0.1  # above the threshold: such a membrane fires


@dataclass(frozen=True)
class TimedCase:
    """One neuron under one pattern of trains.

    Attributes:
        geometry: of its layer.
        after: what its windows leave behind.
        codes: of its synapses, (synapses,).
        trains: of their inputs, (windows, synapses).
        vdd_syn_V: its supply, in volt.
        name: whose it is, for the table.
    """

    geometry: Geometry
    after: Aftermath
    codes: NDArray[np.int16]
    trains: Spikes
    vdd_syn_V: float
    name: str

    @property
    def pulls(self) -> tuple[Floats, Floats]:
        """Units of code that excite and that inhibit, (windows,) each."""
        trains, codes = self.trains.astype(float), self.codes.astype(float)
        return trains @ np.maximum(codes, 0), trains @ np.maximum(-codes, 0)


def measure_aftermath(
    bench: Runs,
    at: Conditions,
    tables: ChargeTables,
    geometries: Sequence[Geometry],
    supply_V: float,
    period_s: float,
) -> list[Aftermath]:
    """Measure what the windows of neurons leave on their membranes, for each geometry.

    Two neurons of each, all of whose inputs spike and none of which has a weight: one starts at
    rest, the other above its threshold.

    Args:
        bench, at: where and under which conditions.
        tables: the constants, for the leak meanwhile.
        geometries: of layers.
        supply_V: of the synapses, which are idle.
        period_s: from window to window, in seconds.

    Raises:
        NotMeasured: a run failed.
    """
    starts = (None, at.design.neuron.v_th_V + _HIGH_V)
    points = [
        _experiment(at, geometry, (0,) * geometry.synapses, ((True,),) * geometry.synapses,
                    supply_V, period_s, start_V)
        for geometry in geometries
        for start_V in starts
    ]  # fmt: skip
    table = bench.run(points).table
    check_ran(table, "what a window leaves on a membrane")
    found = []
    for i, geometry in enumerate(geometries):
        silent, fired = table.iloc[2 * i], table.iloc[2 * i + 1]
        store_F = stored(tables, geometry, np.array([supply_V]))
        ended_V, settled_V = float(silent["membrane_0_V"]), float(silent["settled_0_V"])
        (leak_V,) = leaked(tables, store_F, np.ones(1), 2 * tables.width_s)
        # A settled membrane has leaked for two widths: by as much it was further from rest.
        moved_V = settled_V - float(np.interp(ended_V, leak_below(tables)[0], leak_V))
        at_F = float(np.interp(ended_V, tables.membrane_V, store_F[0]))
        found.append(Aftermath(float(fired["settled_0_V"]), moved_V * at_F))
    return found


def modelled_windows(
    tables: ChargeTables, cases: Sequence[TimedCase], period_s: float
) -> tuple[Spikes, Floats, Floats]:
    """Return spikes, margins and membranes of cases by the charge model, (cases, windows) each."""
    shape = (len(cases), len(cases[0].trains))
    spikes, margin_V, membrane_V = np.zeros(shape, bool), np.empty(shape), np.empty(shape)
    for i, case in enumerate(cases):
        layer = WindowLayer(tables, case.geometry, case.after, period_s, np.array([case.vdd_syn_V]))
        excite, inhibit = (side[None, :, None] for side in case.pulls)
        ran = layer.run(excite, inhibit, np.asarray(case.trains.any(axis=1))[None])
        spikes[i], margin_V[i], membrane_V[i] = (part[0, :, 0] for part in ran)
    return spikes, margin_V, membrane_V


def random_windows(
    tables: ChargeTables,
    geometry: Geometry,
    after: Aftermath,
    period_s: float,
    count: int,
    windows: int,
    seed: int,
    low_V: float,
    high_V: float,
) -> list[TimedCase]:
    """Draw neurons with random codes, supplies and trains, every other one near its threshold.

    Near is a neuron that comes within 15 mV of its threshold in one of its windows; all others are
    taken as they are drawn.
    """
    rng = np.random.default_rng(seed)
    cases: list[TimedCase] = []
    while len(cases) < count:
        case = TimedCase(
            geometry, after,
            rng.integers(-MAX_CODE, MAX_CODE + 1, geometry.synapses).astype(np.int16),
            rng.random((windows, geometry.synapses)) < rng.uniform(0.1, 0.6),
            float(rng.uniform(low_V, high_V)),
            f"random neuron {len(cases)}",
        )  # fmt: skip
        if len(cases) % 2:
            _, margin_V, _ = modelled_windows(tables, [case], period_s)
            if np.abs(margin_V).min() >= NEAR_V:
                continue
        cases.append(case)
    return cases


def prove_windows(
    bench: Runs, at: Conditions, tables: ChargeTables, cases: Sequence[TimedCase], period_s: float
) -> pd.DataFrame:
    """Run cases in SPICE and return them beside the charge model, a row for each window.

    Columns: case, window, vdd_syn_V, synapses, excitation, inhibition, asked, fired, model_fired,
    agrees, start_V (as the window begins), membrane_V, model_membrane_V, membrane_error_V,
    margin_V, status, message.
    """
    points = [
        _experiment(
            at, case.geometry, tuple(int(code) for code in case.codes),
            tuple(tuple(bool(spikes) for spikes in train) for train in case.trains.T),
            case.vdd_syn_V, period_s,
        )
        for case in cases
    ]  # fmt: skip
    ran = bench.run(points).table
    spikes, margin_V, membrane_V = modelled_windows(tables, cases, period_s)
    rows = []
    for i, case in enumerate(cases):
        excite, inhibit = case.pulls
        for window in range(len(case.trains)):
            row = ran.iloc[i]
            fired = row.get(f"fired_{window}", np.nan)
            volt = row.get(f"membrane_{window}_V", np.nan)
            rows.append(
                {
                    "case": case.name,
                    "window": window,
                    "vdd_syn_V": case.vdd_syn_V,
                    "synapses": len(case.codes),
                    "excitation": excite[window],
                    "inhibition": inhibit[window],
                    "asked": bool(case.trains[window].any()),
                    "fired": float(fired),
                    "model_fired": float(spikes[i, window]),
                    "start_V": float(row.get(f"kept_{window - 1}_V", tables.rest_V)),
                    "membrane_V": float(volt),
                    "model_membrane_V": membrane_V[i, window],
                    "margin_V": margin_V[i, window],
                    "status": row["status"],
                    "message": row["message"],
                }
            )
    table = pd.DataFrame(rows)
    agrees = (table["fired"] == table["model_fired"]).astype(float)
    table.insert(9, "agrees", agrees.where(table["fired"].notna()))
    table.insert(13, "membrane_error_V", table["model_membrane_V"] - table["membrane_V"])
    return table


def timed_quantities(proof: pd.DataFrame) -> dict[str, float | None]:
    """Return how far decisions agree, and the membranes' error away from clipping.

    All windows in which a neuron is asked count, those after a decision that was another too; a
    neuron that failed agrees in none. Of membranes those count that no such decision stands before,
    and that are away from clipping as the window begins and as it ends.
    """
    asked = proof[proof["asked"]]
    ran = asked[asked["status"] == "ok"]
    error_V = compared(proof)["membrane_error_V"].to_numpy(float)
    near = ran[ran["margin_V"].abs() < NEAR_V]
    return {
        "spice_decisions": float(len(ran)),
        "spice_agreement": float(ran["agrees"].sum() / len(asked)) if len(ran) else None,
        "spice_agreement_near": float(near["agrees"].mean()) if len(near) else None,
        "membrane_error_rms_V": rms(error_V) if len(ran) == len(asked) else None,
    }


def alike(proof: pd.DataFrame) -> pd.DataFrame:
    """Return the windows before which a neuron has always decided as the model does."""
    other = 1 - proof["agrees"].fillna(0)
    before = other.groupby(proof["case"], sort=False).cumsum() - other
    return proof[before == 0]


def compared(proof: pd.DataFrame) -> pd.DataFrame:
    """Return the windows whose membranes count: `timed_quantities` says which."""
    same = alike(proof)
    same = same[same["asked"] & (same["status"] == "ok")]
    away = same["membrane_V"].between(*LINEAR_V) & same["start_V"].between(*LINEAR_V)
    return same[away]


def _experiment(
    at: Conditions,
    geometry: Geometry,
    codes: tuple[int, ...],
    trains: tuple[tuple[bool, ...], ...],
    supply_V: float,
    period_s: float,
    start_V: float | None = None,
) -> Windows:
    neuron = replace(at.design.neuron, membrane_F=geometry.membrane_F)
    return Windows(
        at.pdk,
        replace(at.design, neuron=neuron),
        codes,
        trains,
        supply_V,
        period_s,
        start_V,
        corner=at.corner,
        temperature_C=at.temperature_C,
    )
