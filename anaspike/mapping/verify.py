"""The proof: neurons at transistor level beside the charge model, decision by decision."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.circuits.synapse import MAX_CODE
from anaspike.experiments.decision import Decision
from anaspike.experiments.domain import Domain
from anaspike.mapping.characterise import Conditions, Runs
from anaspike.mapping.charge_model import ChargeLayer, ChargeTables, Geometry
from anaspike.mapping.disturbance import QUIET, Disturbance

Floats = NDArray[np.float64]

NEAR_V = 0.015  # a decision is near when the model's membrane is this close to the threshold
# Outside, a membrane is clipped: it has run into ground or into a supply, and the decision with it.
LINEAR_V = (0.10, 0.55)
_MARGINS_V = (0.0, 0.005, 0.015, 0.05, np.inf)


@dataclass(frozen=True)
class Case:
    """One neuron under one pattern.

    Attributes:
        geometry: of its layer.
        codes: of its synapses, (synapses,).
        active: which of them spike, (synapses,).
        vdd_syn_V: its supply, in volt.
        name: whose it is, for the table: `layer 0, neuron 3, pattern 17`.
    """

    geometry: Geometry
    codes: NDArray[np.int16]
    active: NDArray[np.bool_]
    vdd_syn_V: float
    name: str

    @property
    def pulls(self) -> tuple[int, int]:
        """Units of code that excite and that inhibit."""
        active = self.codes[self.active]
        return int(active[active > 0].sum()), int(-active[active < 0].sum())


def modelled(
    tables: ChargeTables, cases: Sequence[Case], source: Disturbance = QUIET
) -> tuple[Floats, Floats]:
    """Return the charge model's margins and membranes for cases, (cases,), in volt.

    Args:
        tables: the constants.
        cases: each neuron on a supply of its own.
        source: between a stiff supply and each; its noise is not drawn.
    """
    margin_V, membrane_V = np.empty(len(cases)), np.empty(len(cases))
    for geometry in dict.fromkeys(case.geometry for case in cases):
        these = [i for i, case in enumerate(cases) if case.geometry == geometry]
        supply_V = np.array([cases[i].vdd_syn_V for i in these])
        layer = ChargeLayer(tables, geometry, supply_V)
        excite, inhibit = np.array([cases[i].pulls for i in these], float).T
        left = source.weakened(tables, supply_V, np.arange(len(these)), excite[None], inhibit[None])
        ran = layer.run(*left)
        margin_V[these], membrane_V[these] = ran[0][0], ran[1][0]
    return margin_V, membrane_V


def random_cases(
    tables: ChargeTables,
    geometry: Geometry,
    count: int,
    seed: int,
    low_V: float,
    high_V: float,
    source: Disturbance = QUIET,
) -> list[Case]:
    """Draw neurons with random codes, supplies and patterns; every other one near its threshold."""
    rng = np.random.default_rng(seed)
    cases: list[Case] = []
    while len(cases) < count:
        drawn = [_random_case(rng, geometry, low_V, high_V) for _ in range(20 * count)]
        near = iter(np.flatnonzero(np.abs(modelled(tables, drawn, source)[0]) < NEAR_V))
        for plain in drawn:
            chosen = [plain, *(drawn[i] for i in (next(near, None),) if i is not None)]
            cases += chosen if len(chosen) == 2 else []
    return [replace(case, name=f"random neuron {i}") for i, case in enumerate(cases[:count])]


def prove(
    bench: Runs,
    at: Conditions,
    tables: ChargeTables,
    cases: Sequence[Case],
    source: Disturbance = QUIET,
) -> pd.DataFrame:
    """Run cases in SPICE and return them beside the charge model, a row for each.

    Columns: case, vdd_syn_V, synapses, excitation, inhibition, fired, model_fired, agrees,
    membrane_V, model_membrane_V, membrane_error_V, margin_V, status, message.
    """
    points = [_decision(at, case, source.source_ohm) for case in cases]
    ran = bench.run(points).table
    margin_V, model_membrane_V = modelled(tables, cases, source)
    fired = ran.get("fired", pd.Series(np.nan, ran.index)).astype(float)
    membrane_V = ran.get("membrane_V", pd.Series(np.nan, ran.index)).astype(float)
    model_fired = margin_V > 0
    return pd.DataFrame(
        {
            "case": [case.name for case in cases],
            **{name: ran[name] for name in ("vdd_syn_V", "synapses", "excitation", "inhibition")},
            "fired": fired,
            "model_fired": model_fired.astype(float),
            "agrees": (fired == model_fired).astype(float).where(fired.notna()),
            "membrane_V": membrane_V,
            "model_membrane_V": model_membrane_V,
            "membrane_error_V": model_membrane_V - membrane_V,
            "margin_V": margin_V,
            "status": ran["status"],
            "message": ran["message"],
        }
    )


def proof_quantities(proof: pd.DataFrame) -> dict[str, float | None]:
    """Return agreement, and the membrane's error away from clipping; None where nothing ran.

    A sample that failed does not agree, and its membrane's error is not known.
    """
    ran = proof[proof["status"] == "ok"]
    linear = ran["membrane_V"].between(*LINEAR_V)
    error_V = ran.loc[linear, "membrane_error_V"].to_numpy(float)
    return {
        "spice_samples": float(len(ran)),
        "spice_agreement": float(ran["agrees"].sum() / len(proof)) if len(ran) else None,
        "membrane_error_rms_V": rms(error_V) if len(ran) == len(proof) else None,
    }


def rms(values: NDArray[np.float64]) -> float | None:
    """Return the root of the mean square; None of no values."""
    return float(np.sqrt(np.mean(values**2))) if len(values) else None


def confusion(proof: pd.DataFrame) -> pd.DataFrame:
    """Return how decisions compare by the model's margin to the threshold.

    Columns: margin_from_V, margin_to_V, both_fire, only_spice, only_model, none_fires, agree.
    """
    ran = proof[proof["status"] == "ok"]
    rows = []
    for low_V, high_V in pairwise(_MARGINS_V):
        distance_V = ran["margin_V"].abs()
        part = ran[(distance_V >= low_V) & (distance_V < high_V)]
        spice, model = part["fired"] > 0, part["model_fired"] > 0
        rows.append(
            {
                "margin_from_V": low_V,
                "margin_to_V": high_V if np.isfinite(high_V) else None,
                "both_fire": int((spice & model).sum()),
                "only_spice": int((spice & ~model).sum()),
                "only_model": int((~spice & model).sum()),
                "none_fires": int((~spice & ~model).sum()),
                "agree": float((spice == model).mean()) if len(part) else None,
            }
        )
    return pd.DataFrame(rows)


def _decision(at: Conditions, case: Case, source_ohm: float) -> Decision:
    neuron = replace(at.design.neuron, membrane_F=case.geometry.membrane_F)
    return Decision(
        at.pdk,
        replace(at.design, neuron=neuron),
        tuple(int(code) for code in case.codes),
        tuple(bool(spikes) for spikes in case.active),
        case.vdd_syn_V,
        corner=at.corner,
        temperature_C=at.temperature_C,
        domain=Domain(source_ohm, synapses=len(case.codes)) if source_ohm else None,
    )


def _random_case(rng: np.random.Generator, geometry: Geometry, low_V: float, high_V: float) -> Case:
    return Case(
        geometry,
        rng.integers(-MAX_CODE, MAX_CODE + 1, geometry.synapses).astype(np.int16),
        rng.random(geometry.synapses) < 0.5,
        float(rng.uniform(low_V, high_V)),
        "",
    )
