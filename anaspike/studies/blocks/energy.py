"""`energy`: what a spike costs, and where it goes (paper Figures 8 and 7)."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

import pandas as pd

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.quantities import alone
from anaspike.campaign.specs import Spec
from anaspike.circuits.designs import driven
from anaspike.errors import InputError
from anaspike.experiments.neuron_transient import NeuronTransient, consumer_of
from anaspike.experiments.sweep_vdd import supplies, sweep_vdd
from anaspike.experiments.testbench import SETTLE_S
from anaspike.report.energy import energy_figure, split_figure
from anaspike.studies.base import Celsius, Farad, Study, Volt
from anaspike.studies.blocks.max_rate import at_period, less_references, one_to_one
from anaspike.studies.said import said_of_mirror

RATE_3MHZ_HZ = 3.3e6  # the paper's maximum rate (Table 9)
_APART = ("synapse", "weights", "references")  # not the core's, as in Figure 7
_SHOWN = {"core": "output drivers", "flip_flop": "flip-flop", "synapse": "synapses"} | {
    "weights": "weight memory"
}
_CODES = {"generic28": (1, 3, 7), "sky130": (1, 2)}  # by how far a spike charges the membrane


class Energy(Study):
    """Energy of a spike over the synapse supply, for several weights and wire capacitances.

    Every code runs at the first wire capacitance, the middle code at all of
    them, and one more point fires one to one at 3.3 MHz.

    Attributes:
        code_list: weight code of the one synapse that is driven, one curve each;
            where not given, some that suit the process.
        from_V, to_V, points: range of the synapse supply, both ends included.
        spikes_in: of the input train.
        corner, temperature_C: conditions.
        seed: of a mismatch sample; None for nominal devices.
        wire_capacitances_F: of each node; the first is the one judged.
    """

    name: ClassVar[str] = "energy"
    title: ClassVar[str] = "Energy of a spike and its distribution (Figures 8 and 7)"
    by_design: ClassVar[Mapping[str, str]] = {"from_V": "low_V", "to_V": "high_V"}

    code_list: tuple[int, ...] | None = None
    from_V: Volt = 0.55
    to_V: Volt = 0.75
    points: int = 5
    spikes_in: int = 10
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    seed: int | None = None
    wire_capacitances_F: tuple[Farad, ...] = (2e-15, 0.0, 5e-15)

    @property
    def codes(self) -> tuple[int, ...]:
        """The codes, in the order given."""
        return self.code_list if self.code_list is not None else _CODES.get(self.pdk, (1, 2))

    def specs(self) -> tuple[Spec, ...]:
        """The energy falls until the output saturates, and a spike costs at most 90 fJ."""
        return (
            Spec("energy_per_spike_monotone", 1, why="Figure 8: it falls as the supply rises"),
            Spec(
                "energy_less_references_3MHz_J",
                most=90e-15,
                why="a twelfth of the paper's 1.08 pJ, which was measured after layout",
            ),
        )

    def check(self) -> None:
        """Refuse conditions that cannot be simulated."""
        self.asked()

    def parameters(self) -> dict[str, Any]:
        """Return what was asked for, the process's own codes filled in."""
        return {**super().parameters(), "code_list": list(self.codes)}

    def asked(self) -> list[NeuronTransient]:
        """Return the points, curve after curve, lowest supply first; the last one is at 3.3 MHz.

        Raises:
            InputError: a condition that cannot be simulated, or no code that excites.
        """
        if not self.codes or min(self.codes) < 1 or len(set(self.codes)) < len(self.codes):
            raise InputError(
                "each code must excite, and stand there once; write `code_list`, for example 1,3,7"
            )
        wires_F = self.wire_capacitances_F
        if not wires_F or len(set(wires_F)) < len(wires_F):
            raise InputError("energy needs wire capacitances, each once; give for example 2e-15")
        supplies_V = supplies(self.from_V, self.to_V, self.points)
        bases = [
            self._base(supplies_V[-1], code, wire_F)
            for wire_F in self._wires
            for code in self.codes
            if wire_F == self.wire_capacitances_F[0] or code == self._middle
        ]
        strongest = self._base(supplies_V[-1], max(self.codes), self.wire_capacitances_F[0])
        swept = [point for base in bases for point in sweep_vdd(base, supplies_V)]
        return [*swept, at_period(strongest, 1 / RATE_3MHZ_HZ)]

    def find(self, bench: Bench) -> Findings:
        """Run all curves; those of a high supply first, because they take longest."""
        points = self.asked()
        order = sorted(range(len(points)), key=lambda index: -points[index].vdd_syn_V)
        table = bench.run(points, order=order).table
        table.insert(0, "code", [max(point.design.drive.codes) for point in points])
        table.insert(1, "wire_capacitance_F", [point.wire_capacitance_F for point in points])
        table.insert(2, "period_s", [point.design.drive.period_s for point in points])
        curves, at_3mhz = table.iloc[:-1], table.iloc[-1:]
        strongest = self._judged(curves[curves["code"] == max(self.codes)])
        split = _split(strongest, points)
        return Findings(
            tables={"energy": table, "power_split": split},
            quantities={
                "energy_per_spike_J": alone(_highest_unsaturated(self._judged(curves))),
                "energy_per_spike_monotone": _monotone(curves),
                "energy_per_spike_3MHz_J": _one_to_one_energy(at_3mhz),
                "energy_less_references_3MHz_J": _less_references(at_3mhz),
            },
            figures={
                "figure8": partial(
                    energy_figure,
                    curves,
                    self.wire_capacitances_F[0],
                    f"Figure 8, {self.pdk} {self.corner}: energy of a spike, all supplies counted,"
                    f" a mirror for {self._sharing} neurons",
                    drawn=self.layout is not None,
                ),
                "figure7": partial(
                    split_figure,
                    split,
                    f"Figure 7, {self.pdk} {self.corner}: where the core's power goes",
                ),
            },
            notes=self._notes(),
            show=(
                *("code", "wire_capacitance_F", "vdd_syn_V", "spikes_in", "spikes_out"),
                *("rate_out_Hz", "energy_per_spike_J"),
            ),
            also=("power_split",),
        )

    @property
    def _wires(self) -> tuple[float, ...]:
        """The estimates of a wire that are compared; a drawn neuron has wires of its own."""
        return self.wire_capacitances_F[: None if self.layout is None else 1]

    @property
    def _sharing(self) -> int:
        return self.design.neuron.spike_generator.neurons_per_mirror

    @property
    def _middle(self) -> int:
        return sorted(self.codes)[len(self.codes) // 2]

    def _base(self, vdd_syn_V: float, code: int, wire_F: float) -> NeuronTransient:
        design = driven(self.design, (code, 0, 0), self.spikes_in, None, None)
        point = NeuronTransient(
            self.process, design, vdd_syn_V, self.corner, self.temperature_C, wire_F, self.seed
        )
        _ = point.block  # its code is checked as it is built
        return point

    def _judged(self, curves: pd.DataFrame) -> pd.DataFrame:
        return curves[curves["wire_capacitance_F"] == self.wire_capacitances_F[0]]

    def _notes(self) -> tuple[str, ...]:
        wires = ", ".join(f"{wire_F * 1e15:g}" for wire_F in self.wire_capacitances_F)
        estimated = (
            f"wire capacitance: {wires} fF a node for code {self._middle}, the first for all codes",
        )
        drawn = self.layout is not None
        origin = "those of the layout" if drawn else "estimated, nothing is laid out"
        return (
            "energy counts all supplies and references, from the end of settling to one period"
            f" after the train; wires are {origin}",
            said_of_mirror(self.design),
            *(() if drawn else estimated),
            "monotone: from one supply to the next, wherever more spikes come out",
            f"3 MHz: code {max(self.codes)} at {self.to_V:g} V, {RATE_3MHZ_HZ / 1e6:g} MHz in,"
            " one spike out for each",
        )


def _fired(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that hold an energy per spike, with it as plain numbers."""
    if "energy_per_spike_J" not in table:  # nothing gave a result
        return table.iloc[:0]
    return table[table["energy_per_spike_J"].notna()]


def _complete(table: pd.DataFrame) -> bool:
    """Return whether every point gave a result."""
    return "status" not in table or bool(table["status"].eq("ok").all())


def _highest_unsaturated(curves: pd.DataFrame) -> float | None:
    """Return the energy at the highest output rate below one spike out for each one in.

    None where a point failed: it may have been the one.
    """
    fired = _fired(curves)
    if fired.empty or not _complete(curves):
        return None
    below = fired[fired["spikes_out"] < fired["spikes_in"]]
    if below.empty:
        return None
    return float(below.sort_values("rate_out_Hz")["energy_per_spike_J"].iloc[-1])


def _monotone(curves: pd.DataFrame) -> float | None:
    """Return 1 if the energy falls at each step that brings more spikes, on every curve.

    None where no step brings more, or a point failed: what it would have shown is not known.
    """
    if not _complete(curves):
        return None
    falls = [
        bool(after["energy_per_spike_J"] < before["energy_per_spike_J"])
        for _, curve in _fired(curves).groupby(["code", "wire_capacitance_F"])
        for (_, before), (_, after) in zip(
            curve.iloc[:-1].iterrows(), curve.iloc[1:].iterrows(), strict=True
        )
        if after["spikes_out"] > before["spikes_out"]
    ]
    return float(all(falls)) if falls else None


def _one_to_one_energy(point: pd.DataFrame) -> float | None:
    fired = _fired(point[one_to_one(point)])
    return None if fired.empty else float(fired["energy_per_spike_J"].iloc[0])


def _less_references(point: pd.DataFrame) -> float | None:
    """Return the energy a spike without what V_rest, V_th and the bias mirror give."""
    fired = _fired(point[one_to_one(point)])
    return None if fired.empty else less_references(fired.iloc[0])


def _split(curves: pd.DataFrame, points: list[NeuronTransient]) -> pd.DataFrame:
    """Return mean power by consumer at the lowest and highest output rate.

    Columns: rate_out_Hz, code, vdd_syn_V, consumer, power_W and
    share_of_core, which is missing for what is not the core's.
    """
    fired = _fired(curves)
    rows: list[dict[str, Any]] = []
    ranked = fired.sort_values("rate_out_Hz", kind="stable") if len(fired) else fired
    for place in dict.fromkeys((0, len(ranked) - 1) if len(ranked) else ()):
        row = ranked.iloc[place]
        counted_s = points[int(ranked.index[place])].stop_s - SETTLE_S
        consumers = dict.fromkeys(consumer_of(points[0].design.neuron).values())
        power_W = {name: float(row[f"energy_{name}_J"]) / counted_s for name in consumers}
        core_W = sum(power for name, power in power_W.items() if name not in _APART)
        rows += [
            {
                "rate_out_Hz": float(row["rate_out_Hz"]),
                "code": int(row["code"]),
                "vdd_syn_V": float(row["vdd_syn_V"]),
                "consumer": _SHOWN.get(name, name.replace("_", " ")),
                "power_W": power,
                "share_of_core": None if name in _APART else power / core_W,
            }
            for name, power in power_W.items()
        ]
    columns = ["rate_out_Hz", "code", "vdd_syn_V", "consumer", "power_W", "share_of_core"]
    return pd.DataFrame(rows, columns=columns)
