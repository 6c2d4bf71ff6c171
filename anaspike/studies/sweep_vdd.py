"""`sweep-vdd` as a study, for flow files and the report: Figure 4 and the start of Figure 8."""

from typing import ClassVar

from anaspike.campaign.answer import Findings
from anaspike.campaign.specs import Spec
from anaspike.circuits.designs import design_for, driven
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.sweep_vdd import DEFAULT_POINTS, supplies, sweep_vdd
from anaspike.report.sweep_vdd import figure
from anaspike.studies.base import Bench, Celsius, Farad, Second, Study, Volt


class SweepVdd(Study):
    """One neuron, the same spikes in, at every synapse supply.

    Attributes:
        from_V, to_V, points: the supplies.
        corner, temperature_C, wire_capacitance_F, seed: conditions.
        codes, spikes_in, period_s, width_s: the drive; the design's own when
            not given.
    """

    name: ClassVar[str] = "sweep-vdd"
    title: ClassVar[str] = "One neuron over synapse supplies (Figures 4 and 8)"

    from_V: Volt = 0.55
    to_V: Volt = 0.75
    points: int = DEFAULT_POINTS
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    wire_capacitance_F: Farad = 2e-15
    seed: int | None = None
    codes: tuple[int, ...] | None = None
    spikes_in: int | None = None
    period_s: Second | None = None
    width_s: Second | None = None

    def specs(self) -> tuple[Spec, ...]:
        """More spikes at the highest supply than at the lowest, and each for less."""
        return (
            Spec("spikes_gained", 1, why="Figure 4: a higher supply gives more spikes"),
            Spec("energy_ratio", most=1.0, why="Figure 8: the energy of a spike falls"),
        )

    def find(self, bench: Bench) -> Findings:
        """Run every supply, the highest, and so the longest, first."""
        design = driven(
            design_for(self.pdk), self.codes, self.spikes_in, self.period_s, self.width_s
        )
        supplies_V = supplies(self.from_V, self.to_V, self.points)
        base = NeuronTransient(
            self.process, design, supplies_V[-1], self.corner, self.temperature_C,
            self.wire_capacitance_F, self.seed,
        )  # fmt: skip
        asked = sweep_vdd(base, supplies_V)
        last = len(asked) - 1
        batch = bench.run(asked, keep={0, last}, order=range(last, -1, -1))
        traces = {supplies_V[i]: waves for i, waves in batch.waveforms.items()}
        fired = batch.ok[batch.ok["spikes_out"] > 0] if len(batch.ok) else batch.ok
        low, high = (fired.iloc[0], fired.iloc[-1]) if len(fired) else (None, None)
        ends_ok = {0, last} <= set(batch.ok.index)
        return Findings(
            tables={"sweep_vdd": batch.table},
            quantities={
                "spikes_gained": float(
                    batch.table["spikes_out"].iloc[-1] - batch.table["spikes_out"].iloc[0]
                )
                if ends_ok
                else None,
                "energy_per_spike_low_J": None if low is None else low["energy_per_spike_J"],
                "energy_per_spike_high_J": None if high is None else high["energy_per_spike_J"],
                "energy_ratio": None
                if low is None or high is None
                else high["energy_per_spike_J"] / low["energy_per_spike_J"],
            },
            figures={
                "sweep_vdd": figure(
                    batch.table, traces, design.neuron.v_th_V, f"{self.pdk}, {self.corner}"
                )
            },
            show=(
                *("vdd_syn_V", "spikes_in", "spikes_out", "rate_out_Hz"),
                *("energy_per_spike_J", "static_power_W"),
            ),
        )
