"""`characterise layout`: what drawing a neuron changes, beside what was estimated of its wires."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.circuits.block import Block, Layouts
from anaspike.circuits.designs import driven
from anaspike.errors import InputError
from anaspike.experiments.charge import CoreCharge
from anaspike.experiments.comparator import ComparatorThreshold
from anaspike.experiments.neuron_transient import CONSUMERS, NeuronTransient
from anaspike.experiments.testbench import check_conditions
from anaspike.report.layout import change_figure, layout_figure, net_figure
from anaspike.studies.base import Celsius, Count, Study, Volt

BARE, ESTIMATED, DRAWN = "schematic", "schematic, 2 fF a node", "layout"
_WIRES_F = {BARE: 0.0, ESTIMATED: 2e-15, DRAWN: 0.0}
_SHOWN_NETS = 24  # in the picture; the table has all


class AfterLayout(Study):
    """A neuron as sized, with 2 fF at each node, and as drawn, side by side.

    Attributes:
        codes: weight of each synapse; the design's own where none are given.
        from_V, to_V, points: supplies of the synapses.
        spikes_in: of the train; the design's own where none are given.
        corner, temperature_C, seed: conditions.
    """

    name: ClassVar[str] = "layout"
    title: ClassVar[str] = "After layout: the neuron as sized, estimated and drawn"
    by_design: ClassVar[Mapping[str, str]] = {"from_V": "low_V", "to_V": "high_V"}

    pdk: str = "sky130"
    codes: tuple[int, ...] | None = None
    from_V: Volt = 0.55
    to_V: Volt = 0.75
    points: Count = 3
    spikes_in: Count | None = None
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    seed: int | None = None

    def check(self) -> None:
        """Refuse conditions that cannot be simulated, and a layout of no neuron."""
        check_conditions(self.process, self.corner, self.temperature_C, self.seed)
        if self.points < 2:
            raise InputError("layout: one supply shows no curve; give `points` of 2 or more")
        if not self._drawn.frames_um2(self._neuron()):
            raise InputError(
                "layout: `layout` holds no whole neuron with a frame; give one, or leave it out"
            )

    def find(self, bench: Bench) -> Findings:
        """Run each kind at each supply, and measure comparator and membrane alone."""
        self.check()
        table = self._sweep(bench)
        alone = self._alone(bench)
        nets, areas = self._nets(), self._areas()
        where = f"{self.pdk}, {self.corner}, {self.temperature_C:g} °C"
        shapes = self._drawn.shapes_um(self._neuron())
        return Findings(
            {"layout": table, "alone": alone, "nets": nets, "area": areas},
            _quantities(table, alone, nets, areas),
            {
                "layout": partial(layout_figure, shapes, _frame_title(areas)),
                "nets": partial(net_figure, nets.head(_SHOWN_NETS), f"Capacitance, {where}"),
                "before_and_after": partial(change_figure, table, f"Before and after, {where}"),
            },
            self._notes(),
            show=(
                *("made", "vdd_syn_V", "spikes_out", "energy_per_spike_J", "spike_width_s"),
                *("rate_out_Hz", "highest_silent_V", "lowest_fired_V"),
                *(f"energy_{consumer}_J" for consumer in CONSUMERS),
            ),
            also=("alone", "area"),
        )

    @property
    def _drawn(self) -> Any:
        """What knows the drawn neuron: the layout given, or one that is generated."""
        from anaspike.layout.given import Generated  # noqa: PLC0415  # few ask for layouts

        return Generated() if self.layout is None else self.layout

    def _point(self, made: str, supply_V: float) -> NeuronTransient:
        """Return a point; in no kind but the drawn one does a layout take part."""
        layouts: Layouts | None = self._drawn if made == DRAWN else None
        return NeuronTransient(
            self.process.laid_out(layouts),
            driven(self.design, self.codes, self.spikes_in, None, None),
            supply_V,
            self.corner,
            self.temperature_C,
            _WIRES_F[made],
            self.seed,
        )

    def _neuron(self) -> Block:
        """Return the neuron as a layout draws it: each synapse by itself."""
        return replace(self._point(BARE, self.to_V), whole=True).block

    def _sweep(self, bench: Bench) -> pd.DataFrame:
        supplies_V = np.linspace(self.from_V, self.to_V, self.points)
        asked = [(made, float(volt)) for made in _WIRES_F for volt in supplies_V]
        table = bench.run([self._point(made, volt) for made, volt in asked]).table
        table.insert(0, "made", [made for made, _ in asked])
        return table

    def _alone(self, bench: Bench) -> pd.DataFrame:
        """Return the comparator's threshold and the membrane's capacitance, of each kind.

        A file of a neuron has neither by itself: that is a row without figures.
        """
        rest_V = np.array([self.design.neuron.v_rest_V])
        alike = (self.design, self.corner, self.temperature_C)
        comparator, *_ = ComparatorThreshold(self._point(BARE, self.to_V).pdk, *alike).blocks
        drawn = (DRAWN,) if self._drawn.frames_um2(comparator) else ()
        processes = {made: self._point(made, self.to_V).pdk for made in (ESTIMATED, *drawn)}
        decided = bench.run(
            [ComparatorThreshold(pdk, *alike, self.seed) for pdk in processes.values()]
        ).table
        cores = [CoreCharge(pdk, *alike) for pdk in processes.values()]
        swept = bench.run(cores, keep=set(range(len(cores))))
        membrane_F = [
            float(core.capacitance(swept.waveforms[i], rest_V)[0]) if i in swept.waveforms
            else np.nan
            for i, core in enumerate(cores)
        ]  # fmt: skip
        table = pd.DataFrame({"made": list(processes), "membrane_F": membrane_F})
        table["offset_V"] = decided.get("offset_V", np.nan)
        table["status"] = decided["status"]
        if not drawn:
            absent = pd.DataFrame({"made": [DRAWN], "status": ["not in the file by itself"]})
            return pd.concat((table, absent), ignore_index=True)
        return table

    def _nets(self) -> pd.DataFrame:
        """Return each net's capacitance as extracted, and what of it is to its nearest net."""
        found = self._drawn.laid(self._neuron()).extraction
        rows = []
        for net, farad in found.by_net().items():
            to = {
                (one if other == net else other): part
                for (one, other), part in found.capacitances.items()
                if net in (one, other)
            }
            others = {name: part for name, part in to.items() if name != "0"}
            nearest = max(others, key=lambda name: others[name], default="")
            rows.append(
                {
                    "net": net,
                    "capacitance_F": farad,
                    "to_ground_F": to.get("0", 0.0),
                    "nearest": nearest,
                    "to_nearest_F": others.get(nearest, 0.0),
                }
            )
        table = pd.DataFrame(rows)
        return table[table["net"] != "0"].reset_index(drop=True)

    def _areas(self) -> pd.DataFrame:
        frames_um2 = self._drawn.frames_um2(self._neuron())
        return pd.DataFrame({"block": list(frames_um2), "area_um2": list(frames_um2.values())})

    def _notes(self) -> tuple[str, ...]:
        return (
            f"{BARE}: no wire at all; {ESTIMATED}: as everywhere else; {DRAWN}: fingers, wells and"
            " a capacitance between any two nets, as extracted; resistance is left out",
            "offset: of the comparator alone, on a membrane that floats; membrane: of the core"
            " alone, at rest, its capacitor included; the threshold inside the neuron lies between"
            " the highest membrane that was silent and the lowest that fired",
        )


def _frame_title(areas: pd.DataFrame) -> str:
    return f"{areas['block'].iloc[0]}, {areas['area_um2'].iloc[0]:.0f} um2"


def _quantities(
    table: pd.DataFrame, alone: pd.DataFrame, nets: pd.DataFrame, areas: pd.DataFrame
) -> dict[str, float | None]:
    """Return what layout changes, at the highest supply where there are several."""
    last = table[table["vdd_syn_V"] == table["vdd_syn_V"].max()].set_index("made")

    def ratio(column: str) -> float | None:
        if column not in last:
            return None
        value = last[column].astype(float)
        return _known(value[DRAWN] / value[ESTIMATED])

    moved = None
    if "spikes_out" in table:  # of each kind a point at each supply, in the same order
        spikes = {made: rows["spikes_out"].to_numpy(float) for made, rows in table.groupby("made")}
        moved = _known(np.abs(spikes[DRAWN] - spikes[ESTIMATED]).max())
    drawn = alone.set_index("made")
    return {
        "spikes_change": moved,
        "energy_ratio": ratio("energy_per_spike_J"),
        "width_ratio": ratio("spike_width_s"),
        "offset_layout_V": _known(drawn["offset_V"][DRAWN]),
        "offset_change_V": _known(drawn["offset_V"][DRAWN] - drawn["offset_V"][ESTIMATED]),
        "membrane_layout_F": _known(drawn["membrane_F"][DRAWN]),
        "membrane_ratio": _known(drawn["membrane_F"][DRAWN] / drawn["membrane_F"][ESTIMATED]),
        "wires_F": float(nets["capacitance_F"].sum()),
        "neuron_area_um2": float(areas["area_um2"].iloc[0]),
    }


def _known(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
