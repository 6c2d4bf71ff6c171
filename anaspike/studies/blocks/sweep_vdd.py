"""`sweep-vdd`: one neuron over synapse supplies (paper Figure 4, the start of Figure 8)."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Literal

import pandas as pd

from anaspike.campaign.answer import Drawing, Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.opinion import MARGINAL
from anaspike.campaign.quantities import Quantity
from anaspike.campaign.specs import Spec
from anaspike.circuits.designs import driven
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.sweep_vdd import supplies, sweep_vdd
from anaspike.report.sweep_vdd import sweep_figure
from anaspike.spice.waveforms import Waveforms
from anaspike.studies.base import Celsius, Farad, Second, Study, Volt
from anaspike.studies.blocks.margins import MARGIN, said_of_margins, with_margins
from anaspike.studies.said import said_of_mirror


class SweepVdd(Study):
    """Drive one neuron with the same spikes at each synapse supply.

    Attributes:
        from_V, to_V: range of the synapse supply, ends included.
        points, step_V: how many, or the distance between them; 9 points when
            neither is given.
        corner, temperature_C, wire_capacitance_F: conditions.
        seed: of a mismatch sample; None for nominal devices.
        codes, spikes_in, period_s, width_s: the drive; the design's own where
            not given.
        keep: whose traces are wanted.
    """

    name: ClassVar[str] = "sweep-vdd"
    title: ClassVar[str] = "One neuron over synapse supplies (Figures 4 and 8)"
    by_design: ClassVar[Mapping[str, str]] = {"from_V": "low_V", "to_V": "high_V"}

    from_V: Volt = 0.55
    to_V: Volt = 0.75
    points: int | None = None
    step_V: Volt | None = None
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    wire_capacitance_F: Farad = 2e-15
    seed: int | None = None
    codes: tuple[int, ...] | None = None
    spikes_in: int | None = None
    period_s: Second | None = None
    width_s: Second | None = None
    keep: Literal["ends", "all", "none"] = "ends"

    def specs(self) -> tuple[Spec, ...]:
        """More spikes at the highest supply than at the lowest, and each for less."""
        return (
            Spec("spikes_gained", 1, why="Figure 4: a higher supply gives more spikes"),
            Spec("energy_ratio", most=1.0, why="Figure 8: the energy of a spike falls"),
        )

    def check(self) -> None:
        """Refuse conditions that cannot be simulated."""
        self.asked()

    def parameters(self) -> dict[str, Any]:
        """Return what was asked for, the design's own values filled in."""
        points = self.asked()
        drive = points[0].design.drive
        return {
            **super().parameters(),
            "vdd_syn_V": [point.vdd_syn_V for point in points],
            "codes": list(drive.codes),
            "spikes_in": drive.spikes_in,
            "period_s": drive.period_s,
            "width_s": drive.width_s,
        }

    def asked(self) -> list[NeuronTransient]:
        """Return the points, lowest supply first.

        Raises:
            InputError: a condition that cannot be simulated.
        """
        process = self.process
        supplies_V = supplies(self.from_V, self.to_V, self.points, self.step_V)
        design = driven(self.design, self.codes, self.spikes_in, self.period_s, self.width_s)
        base = NeuronTransient(
            process,
            design,
            supplies_V[-1],  # the one most likely to be refused
            self.corner,
            self.temperature_C,
            self.wire_capacitance_F,
            self.seed,
        )
        _ = base.block  # its codes are checked as it is built
        return sweep_vdd(base, supplies_V)

    def find(self, bench: Bench) -> Findings:
        """Run every supply."""
        return self.sweep(bench)[0]

    def sweep(self, bench: Bench) -> tuple[Findings, dict[float, Waveforms]]:
        """Run every supply; return the findings, and supply (V) -> its traces."""
        points = self.asked()
        batch = bench.run(points, self._kept(len(points)), _highest_first(points))
        traces = {points[i].vdd_syn_V: waves for i, waves in sorted(batch.waveforms.items())}
        table = with_margins(batch.table, points, bench)
        return Findings(
            {"sweep_vdd": table},
            _quantities(table),
            {"sweep_vdd": self._drawing(points[0], table, traces)},
            show=(
                *("vdd_syn_V", "spikes_in", "spikes_out", "energy_per_spike_J"),
                *(MARGIN, MARGINAL, "static_power_W", "rate_out_Hz"),
            ),
            notes=(*said_of_margins(table), said_of_mirror(self.design)),
        ), traces

    def _kept(self, count: int) -> set[int]:
        return {"ends": {0, count - 1}, "all": set(range(count)), "none": set[int]()}[self.keep]

    def _drawing(
        self, point: NeuronTransient, table: pd.DataFrame, traces: Mapping[float, Waveforms]
    ) -> Drawing:
        codes = ", ".join(f"{code:+d}" if code else "0" for code in point.design.drive.codes)
        title = (
            f"{self.pdk}, {self.corner}, {self.temperature_C:g} °C, codes {codes}:"
            f" the same spikes in at {len(table)} supplies"
        )
        if len(table) > 2:
            title += ", traces of the ends"
        return partial(
            sweep_figure, table, traces, point.design.neuron.v_th_V, title, point.pdk.vdd_V
        )


def _highest_first(points: list[NeuronTransient]) -> list[int]:
    """Return the order of starting.

    A higher supply means more spikes and a longer run: started first, it does
    not keep one job busy at the end while the others wait.
    """
    return sorted(range(len(points)), key=lambda index: -points[index].vdd_syn_V)


def _quantities(table: pd.DataFrame) -> dict[str, Quantity]:
    """Return what the ends of the sweep say; nothing where a point failed that may be an end."""
    done = table[table["status"] == "ok"]
    fired = done[done["spikes_out"] > 0] if len(done) == len(table) else done.iloc[:0]
    energies_J = fired["energy_per_spike_J"] if len(fired) else None
    both_ends = {0, len(table) - 1} <= set(done.index)
    return {
        "spikes_gained": float(done["spikes_out"].iloc[-1] - done["spikes_out"].iloc[0])
        if both_ends
        else None,
        "energy_per_spike_low_J": None if energies_J is None else float(energies_J.iloc[0]),
        "energy_per_spike_high_J": None if energies_J is None else float(energies_J.iloc[-1]),
        "energy_ratio": None
        if energies_J is None
        else float(energies_J.iloc[-1] / energies_J.iloc[0]),
    }
