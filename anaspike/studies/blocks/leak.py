"""`characterise leak`: over temperature, corners and mismatch; how long a membrane keeps."""

import math
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.quantities import over
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.experiments.charge import CoreCharge
from anaspike.experiments.pseudo_resistor import PseudoResistorCurve
from anaspike.experiments.testbench import check_conditions
from anaspike.report.leak import leak_figure
from anaspike.studies.base import Celsius, Count, Study

KEPT = 0.9  # of an excursion, at the end of the time that is said to be kept
_BY = ("corner", "temperature_C", "seed")
_COLUMNS = ("resistance_50mV_ohm", "asymmetry", "time_constant_s", "kept_for_s")


class Leak(Study):
    """The leak's resistance at every corner and temperature, and of as many samples.

    Attributes:
        corners, temperatures_C: every pair is run.
        samples: mismatch seeds, from 0, at the first corner and 27 degC; at least 2.
    """

    name: ClassVar[str] = "leak"
    title: ClassVar[str] = "Leak: resistance over temperature, corners and mismatch"

    corners: tuple[str, ...] = ("tt", "ff", "ss", "sf", "fs")
    temperatures_C: tuple[Celsius, ...] = (-40.0, 0.0, 27.0, 85.0, 125.0)
    samples: Annotated[Count, Field(le=10_000)] = 60

    def specs(self) -> tuple[Spec, ...]:
        """A membrane keeps nine tenths from one input of the design's drive to the next."""
        period_s = self.design.drive.period_s
        why = f"nine tenths are left when the next input comes, {period_s * 1e9:g} ns on"
        return (Spec("kept_for_s", period_s, why=why),)

    def check(self) -> None:
        """Refuse conditions that cannot be simulated."""
        if not self.corners or not self.temperatures_C:
            raise InputError("leak: give at least one corner and one temperature")
        if self.samples < 2:
            raise InputError(f"leak: {self.samples} samples have no spread; give 2 or more")
        for corner in self.corners:
            for temperature_C in self.temperatures_C:
                check_conditions(self.process, corner, temperature_C, None)

    def find(self, bench: Bench) -> Findings:
        """Run every pair and every sample; read the capacitance that the leak empties."""
        self.check()
        first = PseudoResistorCurve(self.process, self.design, self.corners[0])
        pairs = [
            replace(first, corner=corner, temperature_C=temperature_C)
            for corner in self.corners
            for temperature_C in self.temperatures_C
        ]
        stored_F = self._stored(bench)
        table = _known(bench.run(pairs).table, stored_F)
        drawn = _known(
            bench.run([replace(first, seed=seed) for seed in range(self.samples)]).table, stored_F
        )
        drawn.insert(0, "seed", range(self.samples))
        return Findings(
            {"leak": table, "samples": drawn},
            {
                **over(pd.concat([table, drawn]), _COLUMNS, _BY),
                **_spread(drawn),
                "membrane_at_rest_F": stored_F,
            },
            {
                "leak": partial(
                    leak_figure, table, drawn, f"The membrane's leak, {self.pdk}: 50 mV from rest"
                )
            },
            notes=(
                "R is V / I at 50 mV above rest; the time constant is R times the core's own"
                f" capacitance at rest, {stored_F * 1e15:.3g} fF, synapses apart",
                "kept: for so long nine tenths of an excursion of 50 mV stay; slower inputs add up"
                " to less",
                f"mismatch: {self.samples} seeds at {self.corners[0]}, 27 °C",
            ),
            show=("corner", "temperature_C", *_COLUMNS, "status"),
        )

    def _stored(self, bench: Bench) -> float:
        """Return the core's capacitance at rest, membrane capacitor included; NaN if unknown."""
        core = CoreCharge(self.process, self.design, self.corners[0])
        waves = bench.run([core], keep={0}).waveforms
        if 0 not in waves:
            return math.nan
        return float(core.capacitance(waves[0], np.array([self.design.neuron.v_rest_V]))[0])


def _known(table: pd.DataFrame, stored_F: float) -> pd.DataFrame:
    """Return a table with its resistance under one name, and the times that follow from it."""
    named = table.rename(columns={"resistance_+50mV_ohm": "resistance_50mV_ohm"})
    if "resistance_50mV_ohm" not in named:
        return named
    constant_s = named["resistance_50mV_ohm"].astype(float) * stored_F
    return named.assign(time_constant_s=constant_s, kept_for_s=constant_s * math.log(1 / KEPT))


def _spread(drawn: pd.DataFrame) -> dict[str, Any]:
    """Return how the resistance varies over mismatch; None where a sample gave no result."""
    names = ("least_ohm", "median_ohm", "most_ohm", "sigma_of_log")
    if "resistance_50mV_ohm" not in drawn or not drawn["status"].eq("ok").all():
        return {f"mismatch_{name}": None for name in names}
    ohm = drawn["resistance_50mV_ohm"].astype(float)
    found = (ohm.min(), ohm.median(), ohm.max(), float(np.std(np.log(ohm), ddof=1)))
    return {f"mismatch_{name}": float(value) for name, value in zip(names, found, strict=True)}
