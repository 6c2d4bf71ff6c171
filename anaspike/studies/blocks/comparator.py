"""`characterise comparator`: where it decides, how fast, for how much, how well matched."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.quantities import Quantity, over
from anaspike.campaign.specs import Spec
from anaspike.campaign.statistics import mean_interval
from anaspike.circuits.designs import Design, with_smallest_comparator
from anaspike.errors import InputError
from anaspike.experiments.comparator import HURRIED_S, ComparatorDecision, ComparatorThreshold
from anaspike.experiments.measure import Array
from anaspike.experiments.testbench import check_conditions
from anaspike.report.comparator import decision_figure, offset_figure
from anaspike.studies.base import Celsius, Count, Study, Volt
from anaspike.units import format_quantity

OURS, SMALLEST = "ours", "smallest"
_AT_V = 10e-3  # the overdrive whose figures stand for a decision


# Transistors of one area match less in an older process.
_OWN_SIGMA = {
    "sky130": (10e-3, "its pair works below threshold"),
    "sg13g2": (6e-3, "its pair is of a 130 nm process"),
    "gf180mcu": (6e-3, "its pair is of a 180 nm process"),
}


class Comparator(Study):
    """Threshold, kickback, decision time, energy and offset; beside the smallest that works.

    Attributes:
        overdrives_V: of the curve of decision time, above the threshold, rising.
        samples: mismatch seeds for the offset, from 0; at least 2.
        corner, temperature_C: conditions.
        seed: of one mismatch sample for all but the offset; None for nominal devices.
    """

    name: ClassVar[str] = "comparator"
    title: ClassVar[str] = "Comparator: threshold, kickback, speed, energy, offset"

    overdrives_V: tuple[Volt, ...] = (1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3)
    samples: Count = 30
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    seed: int | None = None

    def specs(self) -> tuple[Spec, ...]:
        """Offset sigma and the membrane's shift are small; it decides at the paper's 350 mV."""
        small, settled = "small against 100 mV of swing", "the membrane rests there between spikes"
        return (
            Spec("offset_sigma_V", most=5e-3, why=small),
            Spec("threshold_nominal_V", 345e-3, 355e-3, why="the paper's V_th"),
            Spec("settled_shift_V", most=6e-3, why=settled),
            *(
                Spec("offset_sigma_V", most=most_V, why=f"{small}, {why}", pdk=pdk)
                for pdk, (most_V, why) in _OWN_SIGMA.items()
            ),
        )

    def check(self) -> None:
        """Refuse conditions that cannot be simulated."""
        check_conditions(self.process, self.corner, self.temperature_C, self.seed)
        if self.samples < 2:
            raise InputError(f"comparator: {self.samples} samples have no spread; give 2 or more")
        limits_V = (0.0, *self.overdrives_V, 0.2)
        if not self.overdrives_V or not all(low < high for low, high in pairwise(limits_V)):
            raise InputError(
                "comparator: overdrives must rise from one to the next, above 0 V and below 0.2 V;"
                " write for example 1mV, 10mV"
            )

    def find(self, bench: Bench) -> Findings:
        """Search the threshold of each comparator, decide around it, then sample the offset."""
        self.check()
        designs = {OURS: self.design, SMALLEST: with_smallest_comparator(self.pdk)}
        kinds = {kind: self._threshold(design) for kind, design in designs.items() if design}
        hurried = replace(kinds[OURS], rest_s=HURRIED_S)
        found = bench.run([*kinds.values(), hurried]).table
        found.insert(0, "comparator", [*kinds, f"{OURS}, {HURRIED_S * 1e9:g} ns after another"])
        at_V = found["threshold_V"] if "threshold_V" in found else pd.Series(dtype=float)
        decisions, moved = self._decide(bench, kinds, at_V)
        offsets = self._sample(bench, kinds)
        where = f"{self.pdk}, {self.corner}, {self.temperature_C:g} °C"
        summary = _summary(kinds, found, decisions, offsets)
        quantities = _quantities(summary, found, decisions, offsets)
        ours_V = _offsets_of(offsets, OURS)
        return Findings(
            {"summary": summary, "decisions": decisions,
             "thresholds": found, "offsets": offsets},
            quantities,
            {
                "decision": partial(decision_figure, decisions, moved, f"Decisions, {where}"),
                "offset": partial(
                    offset_figure, ours_V, f"Offset of {len(ours_V)} samples, {where}"
                ),
            },
            self._notes(_memory(found)),
            show=(
                *("comparator", "threshold_V", "offset_sigma_V"),
                *("energy_fired_J", "energy_not_fired_J", "kickback_peak_V", "settled_shift_V"),
            ),
        )  # fmt: skip

    def _threshold(self, design: Design) -> ComparatorThreshold:
        return ComparatorThreshold(self.process, design, self.corner, self.temperature_C, self.seed)

    def _decide(
        self, bench: Bench, kinds: dict[str, ComparatorThreshold], at_V: "pd.Series[float]"
    ) -> tuple[pd.DataFrame, dict[str, tuple[Array, Array]]]:
        """Return the decisions, and how far the membrane moved for each comparator at 10 mV."""
        asked = [
            (kind, ComparatorDecision(
                point.pdk, point.design, point.corner, point.temperature_C, point.seed,
                threshold_V=float(threshold_V), overdrive_V=overdrive_V,
            ))
            for (kind, point), threshold_V in zip(kinds.items(), at_V, strict=False)
            for overdrive_V in sorted({-_AT_V, _AT_V, *self.overdrives_V})
            if np.isfinite(threshold_V)
        ]  # fmt: skip
        points = [point for _, point in asked]
        kept = [i for i, point in enumerate(points) if point.overdrive_V == _AT_V]
        batch = bench.run(points, keep=kept)
        moved = {asked[i][0]: points[i].kickback(w) for i, w in batch.waveforms.items()}
        table = batch.table
        table.insert(0, "comparator", [kind for kind, _ in asked])
        return table, {kind: moved[kind] for kind in kinds if kind in moved}

    def _sample(self, bench: Bench, kinds: dict[str, ComparatorThreshold]) -> pd.DataFrame:
        points = [
            replace(point, seed=seed) for point in kinds.values() for seed in range(self.samples)
        ]
        table = bench.run(points).table
        table.insert(0, "comparator", [kind for kind in kinds for _ in range(self.samples)])
        return table

    def _notes(self, memory_V: float | None) -> tuple[str, ...]:
        memory = format_quantity(memory_V, "V")
        return (
            "the membrane is 50 fF that nothing holds, so the kickback is in the threshold; a"
            " decision's energy is the comparator's and its clock driver's, at 10 mV of overdrive",
            "settled shift: how far from where it was the membrane lies while hold is low, the"
            " larger of a decision that fires and of one that does not",
            f"the threshold is that of a comparator which has rested for a microsecond;"
            f" {HURRIED_S * 1e9:g} ns after a decision it lies {memory} higher",
            f"offset: {self.samples} mismatch seeds; such a sigma is known to"
            f" {1 / np.sqrt(2 * (self.samples - 1)):.0%}",
        )


def _row(table: pd.DataFrame, **values: Any) -> "pd.Series[Any]":
    """Return the first row with these values; an empty one where there is none."""
    rows = _rows(table, **values)
    return rows.iloc[0] if len(rows) else pd.Series(dtype=object)


def _rows(table: pd.DataFrame, **values: Any) -> pd.DataFrame:
    for column, value in values.items():
        table = table[table[column] == value] if column in table else table.iloc[:0]
    return table


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _offsets_of(offsets: pd.DataFrame, kind: str) -> Array:
    rows = offsets[offsets["comparator"] == kind]
    if rows.empty or "offset_V" not in rows:
        return np.array([])
    return rows["offset_V"].dropna().to_numpy(float)


def _sigma(offsets: pd.DataFrame, kind: str) -> float | None:
    """Return the sigma of all samples; None where one of them gave no result."""
    rows = offsets[offsets["comparator"] == kind]
    complete = len(rows) > 1 and bool(rows["status"].eq("ok").all())
    return float(np.std(_offsets_of(offsets, kind), ddof=1)) if complete else None


def _summary(
    kinds: Sequence[str] | dict[str, ComparatorThreshold],
    found: pd.DataFrame,
    decisions: pd.DataFrame,
    offsets: pd.DataFrame,
) -> pd.DataFrame:
    """Return a row for each comparator: what it costs and what it gives."""
    return pd.DataFrame(
        {
            "comparator": kind,
            "threshold_V": _known(_row(found, comparator=kind).get("threshold_V")),
            "offset_sigma_V": _sigma(offsets, kind),
            "decision_time_s": _known(fired.get("decision_time_s")),
            "energy_fired_J": _known(fired.get("energy_per_decision_J")),
            "energy_not_fired_J": _known(silent.get("energy_per_decision_J")),
            "kickback_peak_V": _known(fired.get("kickback_peak_V")),
            "settled_shift_V": _largest(fired, silent),
        }
        for kind in kinds
        for fired in (_row(decisions, comparator=kind, overdrive_V=_AT_V),)
        for silent in (_row(decisions, comparator=kind, overdrive_V=-_AT_V),)
    )


def _largest(*decisions: "pd.Series[Any]") -> float | None:
    """Return the largest shift of the membrane while `hold` is low, whatever its sign."""
    shifts_V = [_known(decision.get("kickback_settled_V")) for decision in decisions]
    known_V = [abs(shift_V) for shift_V in shifts_V if shift_V is not None]
    return max(known_V) if len(known_V) == len(decisions) else None


def _memory(found: pd.DataFrame) -> float | None:
    """Return how much higher the threshold lies soon after another decision."""
    rested, hurried = (_known(found.iloc[i].get("threshold_V")) for i in (0, -1))
    return hurried - rested if hurried is not None and rested is not None else None


def _quantities(
    summary: pd.DataFrame, found: pd.DataFrame, decisions: pd.DataFrame, offsets: pd.DataFrame
) -> dict[str, Quantity]:
    """Return what is judged: of our comparator, its threshold and offset in every sample too."""
    ours = _rows(summary, comparator=OURS)
    fired = _rows(decisions, comparator=OURS, overdrive_V=_AT_V)
    samples = pd.concat([found.iloc[:1], _rows(offsets, comparator=OURS)])
    energy_J, least_J = (
        _known(_row(summary, comparator=kind).get("energy_fired_J")) for kind in (OURS, SMALLEST)
    )
    offsets_V = _offsets_of(offsets, OURS)
    low_V, high_V = mean_interval(offsets_V)
    by = ("comparator",)
    return {
        **over(samples, ("threshold_V", "offset_V"), ("seed",)),
        "threshold_nominal_V": _known(_row(ours).get("threshold_V")),
        "memory_V": _memory(found),
        **over(ours, ("kickback_peak_V",), by),
        **over(ours, ("settled_shift_V",), by),
        **over(fired, ("kickback_left_V",), by),
        **over(ours, ("decision_time_s", "energy_fired_J", "energy_not_fired_J"), by),
        "energy_over_smallest": energy_J / least_J if energy_J and least_J else None,
        "offset_mean_V": float(offsets_V.mean()) if len(offsets_V) else None,
        "offset_mean_low_V": low_V,
        "offset_mean_high_V": high_V,
        **over(ours, ("offset_sigma_V",), by),
        "offset_sigma_of_smallest_V": _sigma(offsets, SMALLEST),
    }
