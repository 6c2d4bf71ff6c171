"""`characterise pseudo-resistor`: is the leak 400 Mohm, and the same both ways?"""

from dataclasses import replace
from functools import partial
from typing import ClassVar

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.experiments.measure import Array
from anaspike.experiments.pseudo_resistor import PseudoResistorCurve
from anaspike.report.pseudo_resistor import curves_figure
from anaspike.studies.base import Celsius, Study


class PseudoResistor(Study):
    """Figure 6: I-V and R(V) of the one-directional and the symmetric device.

    Attributes:
        corners: those to go through; the first is the one judged.
        temperatures_C: likewise, in degrees Celsius.
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
        """400 Mohm +-20 % at 50 mV, nominally the same both ways; generic28 only."""
        if self.pdk != "generic28":
            return ()
        return (
            Spec("resistance_50mV_ohm", 320e6, 480e6, 400e6, "the paper's 400 Mohm, +-20 %"),
            Spec("asymmetry", most=1e-3, why="the same leak up and down"),
        )

    def asked(self) -> list[PseudoResistorCurve]:
        """Return the symmetric device at each condition, then the one-directional at the first.

        Raises:
            InputError: a condition that cannot be simulated.
        """
        if not self.corners or not self.temperatures_C:
            raise InputError("pseudo-resistor: give at least one corner and one temperature")
        conditions = [(corner, self.temperatures_C[0]) for corner in self.corners]
        conditions += [(self.corners[0], t) for t in self.temperatures_C[1:]]
        common = {"pdk": self.process, "design": self.design, "seed": self.seed}
        both = [PseudoResistorCurve(corner=c, temperature_C=t, **common) for c, t in conditions]  # type: ignore[arg-type]
        return [*both, replace(both[0], symmetric=False)]

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

        nominal = batch.table.iloc[0]
        return Findings(
            tables={"pseudo_resistor": batch.table},
            quantities={
                "resistance_50mV_ohm": nominal.get("resistance_+50mV_ohm"),
                "asymmetry": nominal.get("asymmetry"),
            },
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
