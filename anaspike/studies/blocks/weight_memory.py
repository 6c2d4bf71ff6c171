"""`characterise weight-memory`: is a code written, held and read back, and what does it cost?"""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.quantities import alone, over
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.experiments.stored_codes import DrivenCharges, StoredCharges, StoredSpikes
from anaspike.experiments.testbench import check_conditions
from anaspike.experiments.weight_memory import WeightMemoryCycle
from anaspike.report.weight_memory import memory_figure
from anaspike.studies.base import Celsius, Count, Second, Study, Volt

_EVERY_CODE = (0, *(sign * size for size in range(1, 8) for sign in (1, -1)))
_SPIKES_IN = 5
_PUSHED = (0, 7, -7)  # a neuron that hears them is silent, fires, and is silent
_BY = ("corner", "temperature_C", "seed")
_JUDGED = ("write_energy_per_bit_J", "write_delay_s", "static_power_per_bit_W", "hold_V")


class WeightMemory(Study):
    """Write, leave alone, and dip the supply of one word; read codes back through the neuron.

    Attributes:
        codes: written one after the other and read by their charge, 0 among them.
        vdd_syn_V: of the synapses as they are read.
        dip_step_V: from dip to dip; the first is to half the supply.
        dip_s: length of a dip.
        corners, temperatures_C: every pair is run for the word; codes are read at each corner.
        samples: mismatch seeds of the word, from 0; at least 2.
        corner, temperature_C: of the samples and of the neuron that fires.
        seed: of one mismatch sample for all the rest; None for nominal devices.
    """

    name: ClassVar[str] = "weight-memory"
    title: ClassVar[str] = "Weight memory: written, held, read back through the neuron"
    by_design: ClassVar[Mapping[str, str]] = {"vdd_syn_V": "middle_V"}

    codes: tuple[int, ...] = _EVERY_CODE
    vdd_syn_V: Volt = 0.65
    dip_step_V: Volt = 0.025
    dip_s: Second = 1e-3
    corners: tuple[str, ...] = ("tt", "ff", "ss", "sf", "fs")
    temperatures_C: tuple[Celsius, ...] = (-40.0, 27.0, 85.0)
    samples: Count = 20
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    seed: int | None = None

    def specs(self) -> tuple[Spec, ...]:
        """Codes are read as written and spikes follow them; it survives dips and leaks little."""
        return (
            Spec("codes_right", 1, why="a code is read back by the charge of a spike"),
            Spec("spikes_follow", 1, why="silent with 0 and -7, firing with +7"),
            Spec("hold_V", most=0.35, why="codes outlive a supply at a third"),
            Spec("hold_V", most=0.45, why="a quarter of its higher core supply", pdk="sky130"),
            Spec(
                "static_power_nominal_W",
                most=100e-12,
                why="twelve bits leak less than a tenth of what the neuron does",
            ),
        )

    def check(self) -> None:
        """Refuse conditions that cannot be simulated."""
        if not self.corners or not self.temperatures_C:
            raise InputError("weight-memory: give at least one corner and one temperature")
        if self.samples < 2:
            raise InputError(
                f"weight-memory: {self.samples} samples have no spread; give 2 or more"
            )
        for corner in (self.corner, *self.corners):
            for temperature_C in (self.temperature_C, *self.temperatures_C):
                check_conditions(self.process, corner, temperature_C, self.seed)
        _ = self._word(), self._read(self.corner), self._fired()

    def find(self, bench: Bench) -> Findings:
        """Run the word everywhere, then the neurons."""
        self.check()
        word = self._word()
        where = [
            replace(word, corner=corner, temperature_C=temperature_C)
            for corner in self.corners
            for temperature_C in self.temperatures_C
        ]
        samples = [replace(word, seed=seed) for seed in range(self.samples)]
        cycles = bench.run([word, *where, *samples]).table
        stored = [self._read(corner) for corner in self.corners]
        driven = [self._read(corner, DrivenCharges) for corner in self.corners]
        charges = bench.run([*stored, *driven]).table
        spikes = bench.run([self._fired()]).table
        codes = _by_code(charges.iloc[: len(stored)], charges.iloc[len(stored) :], self.codes)
        corners = cycles.iloc[1 : 1 + len(where)].reset_index(drop=True)
        drawn = cycles.iloc[1 + len(where) :].reset_index(drop=True)
        judged = cycles.drop_duplicates(list(_BY))
        at = f"{self.corner}, {self.temperature_C:g} °C"
        return Findings(
            {"corners": corners, "codes": codes, "samples": drawn, "spikes": spikes},
            {
                **over(judged, _JUDGED, _BY),
                **over(_right(codes), ("codes_right",), ("corner",)),
                "spikes_follow": alone(_follow(spikes)),
                "static_power_nominal_W": _of_row(cycles.iloc[0], "static_power_per_bit_W"),
            },
            {
                "weight_memory": partial(
                    memory_figure,
                    codes,
                    corners,
                    drawn,
                    f"Weight memory, {self.pdk}: codes read back, power at rest, dips survived",
                )
            },
            show=("corner", "temperature_C", *_JUDGED),
            notes=(
                "a word is sign and three bits of one synapse; what makes the synapse's six bits of"
                " them is counted with it, and so are the drivers of its lines as it is written",
                f"hold: the lowest supply survived, {self.dip_s * 1e3:g} ms each, in steps of"
                f" {self.dip_step_V * 1e3:g} mV",
                f"{self.samples} mismatch samples and the neuron that fires: {at}; read back at"
                f" {self.vdd_syn_V:g} V, firing at {self.design.supplies.high_V:g} V",
            ),
            also=("codes", "spikes"),
        )

    def _word(self) -> WeightMemoryCycle:
        half_V, step_V = self.process.vdd_V / 2, self.dip_step_V
        if not 1e-3 <= step_V <= half_V:
            raise InputError(
                f"weight-memory: steps of {step_V:g} V do not lead from half the supply to 0;"
                f" give 1 mV to {half_V:g} V"
            )
        dips_V = tuple(float(round(dip_V, 6)) for dip_V in np.arange(half_V, 0.0, -step_V))
        return WeightMemoryCycle(
            self.process,
            self.design,
            tuple(dip_V for dip_V in dips_V if dip_V > 0),
            self.dip_s,
            self.corner,
            self.temperature_C,
            self.seed,
        )

    def _read(self, corner: str, kind: type[StoredCharges] = StoredCharges) -> StoredCharges:
        return kind(
            *(self.process, self.design, self.codes, self.vdd_syn_V),
            *(corner, self.temperature_C, self.seed),
        )

    def _fired(self) -> StoredSpikes:
        supply_V = self.design.supplies.high_V
        return StoredSpikes(
            *(self.process, self.design, _PUSHED, supply_V),
            *(self.corner, self.temperature_C, self.seed, _SPIKES_IN),
        )


def _by_code(stored: pd.DataFrame, driven: pd.DataFrame, codes: tuple[int, ...]) -> pd.DataFrame:
    """Return a row for each corner and code: what a spike brings, and which code that is.

    A charge is read as the code that brings the nearest where sources drive the bits.
    """
    rows: list[dict[str, Any]] = []
    for (_, run), (_, known) in zip(stored.iterrows(), driven.iterrows(), strict=True):
        done = run["status"] == known["status"] == "ok"
        levels = {code: _number(known, f"charge_{code:+d}_coulomb") for code in codes}
        for code in sorted(codes):
            charge = _number(run, f"charge_{code:+d}_coulomb")
            read = min(codes, key=lambda c: abs(levels[c] - charge)) if done else None
            rows.append(
                {
                    "corner": run["corner"],
                    "code": code,
                    "charge_coulomb": charge,
                    "charge_driven_coulomb": levels[code],
                    "read": read,
                    "status": run["status"] if run["status"] != "ok" else known["status"],
                }
            )
    return pd.DataFrame(rows)


def _number(run: "pd.Series[Any]", name: str) -> float:
    return float(run.get(name, math.nan))


def _right(codes: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each corner: the share of codes that were read as written."""
    rows = [
        {
            "corner": corner,
            "codes_right": float((of["read"] == of["code"]).mean()),
            "status": next((status for status in of["status"] if status != "ok"), "ok"),
        }
        for corner, of in codes.groupby("corner", sort=False)
    ]
    return pd.DataFrame(rows)


def _follow(spikes: pd.DataFrame) -> float | None:
    """Return 1 where the neuron fires under +7 and is silent under 0 and -7; None if it failed."""
    (run,) = (row for _, row in spikes.iterrows())
    if run["status"] != "ok":
        return None
    return float(run["spikes_+7"] > 0 == run["spikes_+0"] == run["spikes_-7"])


def _of_row(run: "pd.Series[Any]", name: str) -> float | None:
    return float(run[name]) if run["status"] == "ok" else None
