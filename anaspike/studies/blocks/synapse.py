"""`characterise synapse`: its current follows its supply (paper equation 16)."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import ClassVar

import numpy as np
import pandas as pd

from anaspike.campaign.answer import Drawing, Findings
from anaspike.campaign.bench import Batch, Bench
from anaspike.campaign.quantities import Quantity, over
from anaspike.campaign.specs import Spec
from anaspike.campaign.statistics import mean_interval
from anaspike.circuits.synapse import MAX_CODE
from anaspike.errors import InputError
from anaspike.experiments.measure import Array
from anaspike.experiments.sweep_vdd import supplies
from anaspike.experiments.synapse import CODES, SynapsePulse, SynapseRamp
from anaspike.experiments.testbench import check_conditions
from anaspike.report.synapse import current_figure, k_figure, linearity_figure, mismatch_figure
from anaspike.spice.waveforms import Waveforms
from anaspike.studies.base import Celsius, Study, Volt

_K_STEP_V = 0.01
_MOST_SAMPLES = 10_000
_EQUAL = Spec("sink_over_source_in_use", 0.8, 1.2, why="a weight inhibits as it excites")


class Synapse(Study):
    """Current of all codes over the supply and the membrane, and the table k(V).

    Attributes:
        from_V, to_V: range of the supply.
        points: supplies in the tables of currents and charges.
        membranes_V: voltages of the membrane; the middle one is the reference.
        reference_V: supply at which k is 1.
        corner, temperature_C: conditions.
        mc: mismatch samples, for the linearity in the code; seeds `seed`, `seed` + 1, ...
    """

    name: ClassVar[str] = "synapse"
    title: ClassVar[str] = "Synapse: current over its supply (equation 16)"
    by_design: ClassVar[Mapping[str, str]] = {
        "from_V": "below_V",
        "reference_V": "middle_V",
        "to_V": "above_V",
    }

    from_V: Volt = 0.50
    to_V: Volt = 0.80
    points: int = 7
    membranes_V: tuple[Volt, ...] = (0.25, 0.30, 0.35)
    reference_V: Volt = 0.65
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    mc: int = 0
    seed: int = 0

    def specs(self) -> tuple[Spec, ...]:
        """k(V) can be inverted; weights are linear to half an LSB, and at tt equal both ways."""
        linear = ("inl_max_lsb", "dnl_max_lsb")
        under_mismatch = ("inl_mc_worst_lsb", "dnl_mc_worst_lsb") if self.mc else ()
        return (
            Spec("k_monotone", 1, why="a supply can be found for every k"),
            *(Spec(name, most=0.5, why="a 3-bit weight") for name in (*linear, *under_mismatch)),
            *((_EQUAL,) if self.corner == "tt" else ()),
        )

    def check(self) -> None:
        """Refuse a range that is none, or a reference outside it."""
        check_conditions(self.process, self.corner, self.temperature_C, self.seed)
        if not 0 < self.from_V < self.reference_V < self.to_V < self.process.vdd_V:
            raise InputError(
                f"synapse: from {self.from_V:g} V, reference {self.reference_V:g} V and to"
                f" {self.to_V:g} V must rise in that order, below the core supply"
            )
        supplies(self.from_V, self.to_V, self.points)
        if not self.membranes_V:
            raise InputError("synapse: give at least one membrane voltage")
        for membrane_V in self.membranes_V:
            if not 0 <= membrane_V <= self.process.vdd_V:
                raise InputError(
                    f"synapse: a membrane at {membrane_V:g} V is outside 0 to the core supply"
                )
        if not 0 <= self.mc <= _MOST_SAMPLES:
            raise InputError(f"synapse: {self.mc} mismatch samples; give 0 to {_MOST_SAMPLES}")

    def find(self, bench: Bench) -> Findings:
        """Ramp the supply at each membrane voltage; send one spike at each supply."""
        self.check()
        process, design = self.process, self.design
        middle_V = self.membranes_V[len(self.membranes_V) // 2]
        common = {"corner": self.corner, "temperature_C": self.temperature_C}
        span = {"from_V": self.from_V, "to_V": self.to_V}
        ramps = [
            SynapseRamp(process, design, membrane_V=v, active=active, **common, **span)  # type: ignore[arg-type]
            for v, active in (*((v, True) for v in self.membranes_V), (middle_V, False))
        ]
        grid_V = np.array(supplies(self.from_V, self.to_V, self.points))
        pulses = [
            SynapsePulse(process, design, float(v), membrane_V=middle_V, **common)  # type: ignore[arg-type]
            for v in grid_V
        ]
        measured = bench.run(ramps, keep=range(len(ramps)))
        charges = bench.run(pulses)
        samples = self._samples(bench, replace(ramps[0], membrane_V=middle_V), grid_V)
        active = {
            ramp.membrane_V: ramp.currents(measured.waveforms[i])
            for i, ramp in enumerate(ramps[:-1])
            if i in measured.waveforms
        }
        if middle_V not in active:
            asked = (*_QUANTITIES, *(_MISMATCH if self.mc else ()))
            return Findings({"runs": measured.table}, dict.fromkeys(asked))
        currents = _current_table(active, grid_V)
        k = _k_table(*active[middle_V], self.reference_V)
        at_middle = currents[currents["membrane_V"] == middle_V]
        return Findings(
            {
                "k_of_vdd_syn": k,
                "currents": currents,
                "charges": _charge_table(charges),
                **({"mismatch": samples} if self.mc else {}),
            },
            {
                **self._quantities(currents, middle_V, k, self._leakage(measured, ramps[-1])),
                **(self._mismatch_quantities(samples) if self.mc else {}),
            },
            self._figures(at_middle, k, samples, middle_V),
            notes=(
                f"k is 1 at {self.reference_V:g} V, for a unit of current into"
                f" {middle_V:g} V; leakage is the largest of all codes while no spike comes",
                "bit i is 2**i equal devices, so nominal codes are linear by construction",
                f"under mismatch: {self.mc} samples, seeds from {self.seed}; of the largest error"
                f" of any code the mean is at {self.reference_V:g} V, the worst at every supply"
                if self.mc
                else "what mismatch leaves of that, --mc 20 says",
            ),
        )

    def _samples(self, bench: Bench, ramp: SynapseRamp, grid_V: Array) -> pd.DataFrame:
        """Return a row for each sample and supply: the largest errors of any code."""
        ramps = [replace(ramp, seed=self.seed + i) for i in range(self.mc)]
        batch = bench.run(ramps, keep=range(len(ramps))) if ramps else None
        supplies_V = np.unique([*grid_V, self.reference_V])
        rows = []
        for i, status in enumerate(batch.table["status"] if batch else ()):
            row = {"seed": ramps[i].seed, "status": status}
            if batch is None or i not in batch.waveforms:
                rows.append(row)
                continue
            at = {ramp.membrane_V: ramps[i].currents(batch.waveforms[i])}
            for supply_V, codes in _current_table(at, supplies_V).groupby("vdd_syn_V"):
                unit = codes.set_index("code")["current_A"]
                rows.append(
                    {
                        **row,
                        "vdd_syn_V": supply_V,
                        "unit_current_A": unit[1],
                        "inl_max_lsb": codes["inl_lsb"].abs().max(),
                        "dnl_max_lsb": codes["dnl_lsb"].abs().max(),
                        "sink_over_source": codes["sink_over_source"].iloc[0],
                    }
                )
        columns = ("seed", "vdd_syn_V", "unit_current_A", "inl_max_lsb", "dnl_max_lsb")
        return pd.DataFrame(rows, columns=[*columns, "sink_over_source", "status"])

    def _quantities(
        self, currents: pd.DataFrame, middle_V: float, k: pd.DataFrame, leakage_A: float | None
    ) -> dict[str, Quantity]:
        """Return what is judged: linearity at every membrane voltage and supply; k."""
        by = ["membrane_V", "vdd_syn_V"]
        errors = currents[[*by, "inl_lsb", "dnl_lsb"]].abs().groupby(by, as_index=False).max()
        errors = errors.rename(columns={"inl_lsb": "inl_max_lsb", "dnl_lsb": "dnl_max_lsb"})
        failed = [v for v in self.membranes_V if v not in set(errors["membrane_V"])]
        errors = pd.concat([errors, pd.DataFrame({"membrane_V": failed})])
        unit = currents[(currents["membrane_V"] == middle_V) & (currents["code"] == 1)]
        unit_A = unit.sort_values("vdd_syn_V")["current_A"]
        rising = all((k[name].diff().dropna() > 0).all() for name in ("k_excite", "k_inhibit", "k"))
        return {
            "unit_current_low_A": float(unit_A.iloc[0]),
            "unit_current_high_A": float(unit_A.iloc[-1]),
            **over(errors, ("inl_max_lsb", "dnl_max_lsb"), by),
            **over(unit, ("sink_over_source",), by),
            **over(self._in_use(unit), ("sink_over_source_in_use",), by),
            "leakage_max_A": leakage_A,
            "k_monotone": float(rising),
        }

    def _in_use(self, unit: pd.DataFrame) -> pd.DataFrame:
        """Return the rows at supplies that the design is for."""
        usual = self.design.supplies
        used = unit["vdd_syn_V"].between(usual.low_V - 1e-9, usual.high_V + 1e-9)
        return unit[used].rename(columns={"sink_over_source": "sink_over_source_in_use"})

    def _mismatch_quantities(self, samples: pd.DataFrame) -> dict[str, Quantity]:
        """Return the error of every sample at every supply, and its mean at the reference.

        The mean is none where a sample failed.
        """
        at = samples[samples["vdd_syn_V"] == self.reference_V]
        quantities: dict[str, Quantity] = {}
        for error in ("inl", "dnl"):
            found = at[f"{error}_max_lsb"].to_numpy(float) if len(at) == self.mc else np.array([])
            low, high = mean_interval(found)
            worst = f"{error}_mc_worst_lsb"
            renamed = samples.rename(columns={f"{error}_max_lsb": worst})
            quantities |= {
                f"{error}_mc_mean_lsb": float(found.mean()) if len(found) else None,
                f"{error}_mc_mean_low_lsb": low,
                f"{error}_mc_mean_high_lsb": high,
                **over(renamed, [worst], ("vdd_syn_V", "seed")),
            }
        return quantities

    @staticmethod
    def _leakage(measured: Batch, ramp: SynapseRamp) -> float | None:
        waves: Waveforms | None = measured.waveforms.get(len(measured.table) - 1)
        if waves is None:
            return None
        return max(
            float(np.max(np.abs(current_A))) for current_A in ramp.currents(waves)[1].values()
        )

    def _figures(
        self, table: pd.DataFrame, k: pd.DataFrame, samples: pd.DataFrame, middle_V: float
    ) -> dict[str, Drawing]:
        where = f"{self.pdk}, {self.corner}, membrane {middle_V:g} V"
        supplies_V = sorted(set(table["vdd_syn_V"]))
        some_V = supplies_V[:: max(1, len(supplies_V) // 3)]
        of = f" at {len(some_V)} of {len(supplies_V)} supplies" if some_V != supplies_V else ""
        return {
            "currents": partial(
                current_figure, table, f"Synapse current of four codes of seven, {where}"
            ),
            "linearity": partial(
                linearity_figure, table, some_V, f"Linearity in the code{of}, {where}"
            ),
            "k_of_vdd_syn": partial(k_figure, k, self.reference_V, f"k(V), {where}"),
            **(
                {
                    "mismatch": partial(
                        mismatch_figure,
                        samples,
                        f"Linearity under mismatch, {self.mc} samples, {where}",
                    )
                }
                if self.mc
                else {}
            ),
        }


_QUANTITIES = (
    *("unit_current_low_A", "unit_current_high_A", "inl_max_lsb", "dnl_max_lsb"),
    *("sink_over_source", "sink_over_source_in_use", "leakage_max_A", "k_monotone"),
)
_MISMATCH = tuple(
    f"{error}_mc_{name}_lsb"
    for error in ("inl", "dnl")
    for name in ("mean", "mean_low", "mean_high", "worst")
)


def _current_table(
    active: Mapping[float, tuple[Array, dict[int, Array]]], grid_V: Array
) -> pd.DataFrame:
    """Return a row for each membrane voltage, supply and code, with its linearity.

    An LSB is a seventh of the largest code's current, of the same sign: the
    line goes through zero and that code.
    """
    rows = []
    for membrane_V, (ramp_V, currents_A) in active.items():
        for supply_V in grid_V:
            at = {c: float(np.interp(supply_V, ramp_V, currents_A[c])) for c in CODES}
            for code in CODES:
                sign = 1 if code >= 0 else -1
                lsb_A = at[sign * MAX_CODE] / MAX_CODE
                step_A = at[code] - at[code - sign] if code else 0.0
                rows.append(
                    {
                        "membrane_V": membrane_V,
                        "vdd_syn_V": float(supply_V),
                        "code": code,
                        "current_A": at[code],
                        "inl_lsb": at[code] / lsb_A - abs(code) if code else 0.0,
                        "dnl_lsb": step_A / lsb_A - 1 if code else 0.0,
                        "sink_over_source": -at[-MAX_CODE] / at[MAX_CODE],
                    }
                )
    return pd.DataFrame(rows)


def _charge_table(batch: Batch) -> pd.DataFrame:
    """Return a row for each supply and code: the charge of one spike."""
    rows = [
        {
            "vdd_syn_V": row["vdd_syn_V"],
            "code": code,
            "charge_coulomb": row.get(f"charge_of_{code:+d}_coulomb"),
            "status": row["status"],
        }
        for row in batch.table.to_dict("records")
        for code in CODES
    ]
    return pd.DataFrame(rows)


def _k_table(ramp_V: Array, currents_A: Mapping[int, Array], reference_V: float) -> pd.DataFrame:
    """Return k of the supply, every 10 mV; the mean is geometric."""
    steps = round((float(ramp_V[-1]) - float(ramp_V[0])) / _K_STEP_V)
    supply_V = np.round(float(ramp_V[0]) + _K_STEP_V * np.arange(steps + 1), 9)
    unit_A = {c: np.interp(supply_V, ramp_V, np.abs(currents_A[c])) for c in (1, -1)}
    k = {c: unit_A[c] / np.interp(reference_V, ramp_V, np.abs(currents_A[c])) for c in (1, -1)}
    return pd.DataFrame(
        {
            "vdd_syn_V": supply_V,
            "k_excite": k[1],
            "k_inhibit": k[-1],
            "k": np.sqrt(k[1] * k[-1]),
            "current_excite_A": unit_A[1],
            "current_inhibit_A": unit_A[-1],
        }
    )
