"""`characterise pseudo-resistor`: is the leak 400 Mohm, and the same both ways?"""

from dataclasses import replace
from functools import partial
from typing import ClassVar

import pandas as pd

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.quantities import Quantity, over
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.experiments.measure import Array
from anaspike.experiments.pseudo_resistor import PseudoResistorCurve
from anaspike.report.pseudo_resistor import curves_figure
from anaspike.studies.base import Celsius, Study

NOMINAL = "resistance_50mV_nominal_ohm"
_NOMINAL_C = 27.0
# The membrane's 69 fF keep nine tenths of a step for 300 ns: 300 ns / (69 fF ln(1 / 0.9)).
_LEAST_OHM = 42e6


class PseudoResistor(Study):
    """Figure 6: I-V and R(V) of the one-directional and the symmetric device.

    Attributes:
        corners: those to go through, at the first temperature.
        temperatures_C: those to go through at the first corner, in degrees Celsius.
        seed: of a mismatch sample; None for nominal devices.
    """

    name: ClassVar[str] = "pseudo-resistor"
    title: ClassVar[str] = "Pseudo-resistor: the membrane's leak (Figure 6)"

    corners: tuple[str, ...] = ("tt", "ff", "ss", "sf", "fs")
    temperatures_C: tuple[Celsius, ...] = (27.0, -40.0, 85.0)
    seed: int | None = None

    def check(self) -> None:
        """Refuse conditions that cannot be simulated."""
        self.asked()

    def specs(self) -> tuple[Spec, ...]:
        """400 Mohm +-20 % nominally; slow, and the same both ways, wherever asked."""
        nominal = Spec(NOMINAL, 320e6, 480e6, 400e6, "the paper's 400 Mohm, +-20 %, nominal")
        return (
            *((nominal,) if self._nominal in self._conditions else ()),
            Spec(
                "resistance_50mV_ohm",
                _LEAST_OHM,
                why="nine tenths of the membrane are left when the next input comes, 300 ns on",
            ),
            Spec("asymmetry", most=1e-3, why="the same leak up and down"),
        )

    def asked(self) -> list[PseudoResistorCurve]:
        """Return the symmetric device at each condition, then the one-directional at the first.

        Raises:
            InputError: a condition that cannot be simulated.
        """
        if not self.corners or not self.temperatures_C:
            raise InputError("pseudo-resistor: give at least one corner and one temperature")
        conditions = self._conditions
        common = {"pdk": self.process, "design": self.design, "seed": self.seed}
        both = [PseudoResistorCurve(corner=c, temperature_C=t, **common) for c, t in conditions]  # type: ignore[arg-type]
        return [*both, replace(both[0], symmetric=False)]

    @property
    def _conditions(self) -> list[tuple[str, float]]:
        """Corner and temperature of each point."""
        return [
            *((corner, self.temperatures_C[0]) for corner in self.corners),
            *((self.corners[0], temperature_C) for temperature_C in self.temperatures_C[1:]),
        ]

    @property
    def _nominal(self) -> tuple[str, float] | None:
        """The nominal condition; there is none under mismatch."""
        return None if self.seed is not None else (self.process.corners[0], _NOMINAL_C)

    def find(self, bench: Bench) -> Findings:
        """Sweep both devices, nominally, and the symmetric one over corners and temperature."""
        points = self.asked()
        batch = bench.run(points, keep=range(len(points)))
        last = len(points) - 1
        pairs = {"symmetric": 0, "one-directional": last}
        spread = {f"{p.corner}, {p.temperature_C:g} °C": i for i, p in enumerate(points[:-1])}

        def curves(chosen: dict[str, int]) -> dict[str, tuple[Array, Array]]:
            return {
                label: points[i].curve(batch.waveforms[i])
                for label, i in chosen.items()
                if i in batch.waveforms
            }

        return Findings(
            tables={"pseudo_resistor": batch.table},
            quantities=self._quantities(batch.table.iloc[:last]),
            figures={
                "figure6": partial(
                    curves_figure, curves(pairs), f"Figure 6, {self.pdk}: one string and two"
                ),
                "spread": partial(
                    curves_figure, curves(spread), f"{self.pdk}: corners and temperature"
                ),
            },
            notes=("R is V / I from V_rest, not the slope.",),
            show=(
                *("device", "corner", "temperature_C"),
                *("resistance_+50mV_ohm", "resistance_-50mV_ohm", "asymmetry"),
            ),
        )

    def _quantities(self, table: pd.DataFrame) -> dict[str, Quantity]:
        """Return what is judged: the symmetric device, at every corner and temperature."""
        renamed = table.rename(columns={"resistance_+50mV_ohm": "resistance_50mV_ohm"})
        by = ("corner", "temperature_C")
        quantities: dict[str, Quantity] = {
            **over(renamed, ("resistance_50mV_ohm", "asymmetry"), by)
        }
        for place, condition in enumerate(self._conditions):
            if condition == self._nominal:
                nominal = renamed.iloc[[place]].rename(columns={"resistance_50mV_ohm": NOMINAL})
                quantities |= over(nominal, [NOMINAL], by)
        return quantities
