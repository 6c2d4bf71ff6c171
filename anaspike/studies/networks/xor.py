"""`xor-test`: the paper's XOR of spiking neurons, transistor by transistor (section 6.2)."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar, Literal

import pandas as pd

from anaspike.campaign.answer import Drawing, Findings
from anaspike.campaign.bench import Batch, Bench
from anaspike.campaign.quantities import Quantity, over
from anaspike.campaign.specs import Spec
from anaspike.campaign.statistics import wilson
from anaspike.circuits.designs import Design
from anaspike.circuits.network import Network
from anaspike.errors import InputError
from anaspike.experiments.measure import Array
from anaspike.experiments.network import NetworkTransient
from anaspike.experiments.network_file import NetworkFile, read_network
from anaspike.experiments.synapse import SynapseRamp
from anaspike.experiments.testbench import check_conditions
from anaspike.files import shipped
from anaspike.report.raster import raster_figure
from anaspike.report.xor import supplies_figure
from anaspike.spice.waveforms import Waveforms
from anaspike.studies.base import Celsius, Study
from anaspike.studies.said import said_of_mirror

CASES = ((0, 0), (0, 1), (1, 0), (1, 1))
SPIKES_OF_A_ONE = 10
LEAST_SPIKES = 3  # "the output was 0 if less than three spikes were observed"
_FILES = {"wide": "xor.toml", "paper": "xor_paper.toml", "five": "xor_five.toml"}
_PAPERS_READING = (
    Spec("spikes_of_a_zero", 2, 2, why="the paper saw two spikes for a 0, with both inputs"),
    Spec("spikes_of_a_one", 4, why="the paper saw four spikes for a 1, and asks for three"),
    Spec("most_spikes_of_a_one", most=4, why="the paper saw four spikes for a 1"),
)
_MOST_SAMPLES = 10_000
_HEADROOM_V = 0.05  # a synapse supply stays this far below the core's

# A corner's unit of current over the supply, as it was measured.
_Curves = Mapping[str, tuple[SynapseRamp, Waveforms]]


class Xor(Study):
    """Ten spikes are a one; fewer than three at the output are a zero.

    Attributes:
        reading: "wide", a design of wide margin; "paper", the paper's own: exactly two
            spikes for a 0 with both inputs, four for a 1; or "five", the wide one whose two
            inputs are neurons too.
        corners: those to go through; the first is the one with mismatch.
        calibrate: at each other corner, set every synapse supply to what
            gives a unit of current as large as at tt.
        mc: mismatch samples; seeds `seed`, `seed` + 1, ...
        temperature_C: in degrees Celsius.
    """

    name: ClassVar[str] = "xor-test"
    title: ClassVar[str] = "XOR of spiking neurons (section 6.2)"

    reading: Literal["wide", "paper", "five"] = "wide"
    corners: tuple[str, ...] = ("tt",)
    calibrate: bool = True
    mc: int = 0
    seed: int = 0
    temperature_C: Celsius = 27.0

    def specs(self) -> tuple[Spec, ...]:
        """Right in all four cases, at each corner; and in 19 of 20 mismatch samples."""
        right = "xor_right_nominal" if self.mc else "xor_right"
        return (
            Spec(right, 1, why="all four cases, at every corner"),
            *(_PAPERS_READING if self.reading == "paper" else ()),
            *((Spec("yield", 0.95, why="19 of 20 mismatch samples"),) if self.mc else ()),
        )

    def check(self) -> None:
        """Refuse corners, samples or a process that cannot be."""
        if not self.corners:
            raise InputError("the XOR needs at least one corner; give `corners`, for example tt")
        if len(set(self.corners)) < len(self.corners):
            raise InputError("xor-test goes through each corner once; name none twice")
        for corner in self.corners:
            check_conditions(self.process, corner, self.temperature_C, self.seed)
        if not 0 <= self.mc <= _MOST_SAMPLES:
            raise InputError(f"xor-test: {self.mc} mismatch samples; give 0 to {_MOST_SAMPLES}")
        self.network()

    def network(self) -> Network:
        """Return the network on this process, its supplies as at tt."""
        return self._file().network

    def driving(self, design: Design) -> Design:
        """Return a design with the input spikes that the network's file asks for."""
        return self._file().driving(design)

    def _file(self) -> NetworkFile:
        return read_network(shipped("flows") / "networks" / _FILES[self.reading], self.pdk)

    def find(self, bench: Bench) -> Findings:
        """Calibrate the supplies, then run every case at every corner and sample."""
        network = self.network()
        curves = self._curves(bench)
        supplies = self._supplies(network, curves)
        plans = self._plans(supplies)
        points = [self._point(network, plan, case) for plan in plans for case in CASES]
        batch = bench.run(points, keep=range(len(CASES)))
        table = _truth(batch, plans, network.outputs[0])
        supply_table = _supply_table(supplies, curves)
        return Findings(
            {"xor": table, "supplies": supply_table},
            _quantities(table),
            {
                "rasters": self._rasters(points, batch),
                **self._supplies_picture(curves, supply_table, table),
            },
            notes=(
                f"{SPIKES_OF_A_ONE} spikes at an input are a one;"
                f" fewer than {LEAST_SPIKES} at the output are a zero",
                said_of_mirror(self.design),
                *(
                    ("set: at each corner the supplies give tt's unit current",)
                    if len(self.corners) > 1 and self.calibrate
                    else ()
                ),
            ),
            show=(
                *(("corner", "supplies") if len(self.corners) > 1 else ()),
                *(("seed",) if self.mc else ()),
                *("a", "b", "expected", *(f"spikes_{cell.name}" for cell in network.neurons)),
                *("margin_spikes", "right", "energy_total_J"),
            ),
            also=("supplies",) if curves else (),
        )

    def _curves(self, bench: Bench) -> _Curves:
        """Ramp the supply of a synapse at tt and at each other corner; nothing if none is set."""
        others = [corner for corner in self.corners if corner != "tt"]
        if not (self.calibrate and others):
            return {}
        top_V = self.process.vdd_V - _HEADROOM_V
        ramps = {
            corner: SynapseRamp(self.process, self.design, corner, self.temperature_C, to_V=top_V)
            for corner in ("tt", *others)
        }
        measured = bench.run(list(ramps.values()), keep=range(len(ramps))).waveforms
        return {
            corner: (ramp, measured[i])
            for i, (corner, ramp) in enumerate(ramps.items())
            if i in measured
        }

    def _supplies(
        self, network: Network, curves: _Curves
    ) -> dict[tuple[str, str], dict[str, float]]:
        """Return (corner, "nominal" or "set") -> neuron -> supply, in volt."""
        nominal = {cell.name: cell.vdd_syn_V for cell in network.neurons}
        supplies = {(corner, "nominal"): nominal for corner in self.corners}
        if "tt" not in curves:
            return supplies
        at_tt, tt_waves = curves["tt"]
        for corner in (corner for corner in self.corners if corner in curves and corner != "tt"):
            ramp, waves = curves[corner]
            supplies[corner, "set"] = {
                name: ramp.supply_for(waves, at_tt.current_at(tt_waves, supply_V))
                for name, supply_V in nominal.items()
            }
        return supplies

    def _supplies_picture(
        self, curves: _Curves, supplies: pd.DataFrame, table: pd.DataFrame
    ) -> dict[str, Drawing]:
        if not curves:
            return {}
        units: dict[str, tuple[Array, Array]] = {}
        for corner, (ramp, waves) in curves.items():
            supply_V, currents_A = ramp.currents(waves)
            units[corner] = supply_V, currents_A[1]
        title = f"{self.pdk}: what the supply of each corner must be, and what it mends"
        return {"supplies": partial(supplies_figure, units, supplies, table, LEAST_SPIKES, title)}

    def _plans(self, supplies: Mapping[tuple[str, str], dict[str, float]]) -> list["_Plan"]:
        """Return what to run: the first corner first, then the others, then the samples."""
        nominal = [(corner, kind, None, values) for (corner, kind), values in supplies.items()]
        first = self.corners[0]
        kind = "set" if (first, "set") in supplies else "nominal"
        nominal.sort(key=lambda plan: (plan[0] != first, plan[1] != kind))
        samples = [(first, kind, self.seed + i, supplies[first, kind]) for i in range(self.mc)]
        return [*nominal, *samples]

    def _point(self, network: Network, plan: "_Plan", case: tuple[int, int]) -> NetworkTransient:
        corner, kind, seed, supplies_V = plan
        return NetworkTransient(
            self.process,
            self.driving(self.design),
            network.with_supplies(supplies_V),
            {name: SPIKES_OF_A_ONE * bit for name, bit in zip(network.inputs, case, strict=True)},
            corner,
            self.temperature_C,
            seed=seed,
            tag=kind,
        )

    def _rasters(self, points: Sequence[NetworkTransient], batch: Batch) -> Drawing:
        trains = {}
        for index, waves in sorted(batch.waveforms.items()):
            point = points[index]
            names = (*point.network.inputs, *(cell.name for cell in point.network.neurons))
            a, b = CASES[index]
            trains[f"{a} XOR {b} = {a ^ b}"] = {
                name: point.spike_times(waves, name) for name in names
            }
        of = f", the first of {len(self.corners)} corners" if len(self.corners) > 1 else ""
        nominal = ", nominal devices" if self.mc else ""
        title = f"XOR on {self.pdk}, {points[0].corner}{of}{nominal}, reading '{self.reading}'"
        return partial(raster_figure, trains, max(point.stop_s for point in points), title)


_Plan = tuple[str, str, int | None, dict[str, float]]


def _truth(batch: Batch, plans: Sequence[_Plan], output: str) -> pd.DataFrame:
    """Return the truth table: a row for each case of each plan."""
    table = batch.table.rename(columns={"case": "supplies"}).drop(columns=["in_a", "in_b"])
    cases = [case for _ in plans for case in CASES]
    table.insert(3, "a", [a for a, _ in cases])
    table.insert(4, "b", [b for _, b in cases])
    table["seed"] = table["seed"].astype("Int64")
    column = f"spikes_{output}"
    counts = table[column] if column in table else pd.Series(pd.NA, table.index, dtype="Int64")
    expected = table["a"] ^ table["b"]
    # How many spikes more, or fewer, would have made it wrong.
    margin = (counts - (LEAST_SPIKES - 1)).where(expected == 1, LEAST_SPIKES - counts)
    at = list(table).index("status")
    table.insert(at, "expected", expected)
    table.insert(at + 1, "margin_spikes", margin.astype("Int64"))
    table.insert(at + 2, "right", (margin > 0).fillna(False).astype(bool))
    return table


def _quantities(table: pd.DataFrame) -> dict[str, Quantity]:
    """Judge by the supplies that count: those set where there are such, else the nominal ones.

    Each corner has its value, and each mismatch sample.
    """
    nominal = table["seed"].isna()
    set_at = set(table.loc[nominal & (table["supplies"] == "set"), "corner"])
    counted = table[(table["supplies"] == "set") | ~table["corner"].isin(set_at)]
    chips = _by_chip(counted)
    quantities: dict[str, Quantity] = {
        **over(chips, [str(name) for name in chips if name not in _CHIP], _CHIP)
    }
    energy_J = counted.loc[counted["seed"].isna()].get("energy_total_J", pd.Series(dtype=float))
    quantities["energy_per_case_J"] = float(energy_J.mean()) if energy_J.notna().any() else None
    samples = chips[chips["seed"].notna()]
    if len(samples):
        plain = chips[chips["seed"].isna()].rename(columns={"xor_right": "xor_right_nominal"})
        share = float(samples["xor_right"].mean())
        low, high = wilson(share * len(samples), len(samples))
        quantities |= over(plain, ["xor_right_nominal"], _CHIP)
        quantities |= {"yield": share, "yield_low": low, "yield_high": high}
    return quantities


_CHIP = ("corner", "seed")


def _by_chip(counted: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each corner and sample: whether all cases are right, and by how much.

    What is not known of one of its cases is missing.
    """
    rows = []
    for (corner, seed), cases in counted.groupby([*_CHIP], sort=False, dropna=False):
        margins = cases.groupby("expected")["margin_spikes"].min()
        most = cases.groupby("expected")["margin_spikes"].max()
        known = bool(cases["margin_spikes"].notna().all())
        rows.append(
            {
                "corner": corner,
                "seed": seed,
                "xor_right": float(cases["right"].all()),
                "margin_spikes": float(margins.min()) if known else None,
                # The fewest of any, and the most of any.
                "spikes_of_a_one": float(LEAST_SPIKES - 1 + margins[1]) if known else None,
                "most_spikes_of_a_one": float(LEAST_SPIKES - 1 + most[1]) if known else None,
                "spikes_of_a_zero": float(LEAST_SPIKES - margins[0]) if known else None,
            }
        )
    return pd.DataFrame(rows)


def _supply_table(
    supplies: Mapping[tuple[str, str], dict[str, float]], curves: _Curves
) -> pd.DataFrame:
    """Return a row for each corner, kind and neuron, with the unit of current where measured."""

    def unit(corner: str, supply_V: float) -> float | None:
        if corner not in curves:
            return None
        ramp, waves = curves[corner]
        return ramp.current_at(waves, supply_V)

    return pd.DataFrame(
        [
            {
                "corner": corner,
                "supplies": kind,
                "neuron": name,
                "vdd_syn_V": supply_V,
                "unit_current_A": unit(corner, supply_V),
            }
            for (corner, kind), values in supplies.items()
            for name, supply_V in values.items()
        ]
    )
