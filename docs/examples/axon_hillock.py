"""The Axon-Hillock neuron (Mead 1989), as a circuit of one's own: docs/add-a-circuit.md."""

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import ClassVar

import numpy as np
from matplotlib.figure import Figure

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Batch, Bench
from anaspike.campaign.quantities import over
from anaspike.campaign.specs import Spec
from anaspike.circuits.block import Block, Technology
from anaspike.circuits.designs import Design
from anaspike.circuits.gates import LogicSizes, inverter
from anaspike.circuits.parameters import Parameters
from anaspike.errors import InputError
from anaspike.experiments.measure import find_spikes, supply_energy
from anaspike.experiments.protocol import Row, Traces
from anaspike.experiments.testbench import mismatch_alter
from anaspike.pdk.roles import MosSize, Pdk
from anaspike.report.style import INK, PALETTE, finish, new_figure
from anaspike.spice.deck import Deck
from anaspike.spice.waveforms import Waveforms
from anaspike.studies.base import Ampere, Celsius, Study
from anaspike.units import spice_number


# 1. The circuit: its parameters with their units, and its sub-circuit.
@dataclass(frozen=True)
class AxonHillockSizes(Parameters):
    """Sizes and values of the neuron.

    Attributes:
        logic: of the two inverters that are its amplifier.
        reset: NMOS that discharges the membrane while the output is high.
        mirror: NMOS whose mirrored current limits the discharge.
        membrane_F: from the membrane to ground, in farad.
        feedback_F: from the output back to the membrane, in farad.
        reset_current_A: of the discharge, in ampere.
    """

    logic: LogicSizes
    reset: MosSize
    mirror: MosSize
    membrane_F: float = 50e-15
    feedback_F: float = 25e-15
    reset_current_A: float = 200e-9


def axon_hillock(technology: Technology, sizes: AxonHillockSizes) -> Block:
    """Return the neuron: feed its current into `mem`, and the reset's into `pw`."""
    block = Block(technology, "axon_hillock", "mem", "out", "pw", "vdd", title="Axon-Hillock")
    gate = inverter(technology, sizes.logic)
    block.C("mem", "mem", 0, spice_number(sizes.membrane_F))
    block.C("fb", "out", "mem", spice_number(sizes.feedback_F))
    block.place("first", gate, a="mem", y="out_b", vdd="vdd")
    block.place("second", gate, a="out_b", y="out", vdd="vdd")
    block.nmos("reset", sizes.reset, "mem", "out", "foot")
    block.nmos("limit", sizes.mirror, "foot", "pw")
    block.nmos("diode", sizes.mirror, "pw", "pw")
    return block


# 2. The experiment: a deck out of parameters, a row out of waveforms.
@dataclass(frozen=True)
class AxonHillockTransient:
    """The neuron under a constant current.

    Attributes:
        pdk, design: the process; gates and numerical settings are its neuron's.
        current_A: into the membrane, in ampere.
        corner, temperature_C, seed: conditions; seed None for nominal devices.
        spikes: about how many to wait for.
    """

    pdk: Pdk
    design: Design
    current_A: float
    corner: str = "tt"
    temperature_C: float = 27.0
    seed: int | None = None
    spikes: int = 4

    def __post_init__(self) -> None:
        self.pdk.check_corner(self.corner)
        if not 0 < self.current_A < self.sizes.reset_current_A:
            raise InputError(
                f"axon-hillock: an input of {self.current_A:g} A must be positive and below the"
                f" reset's {self.sizes.reset_current_A:g} A, or the spike never ends"
            )

    @property
    def sizes(self) -> AxonHillockSizes:
        """Its sizes: gates, switch and mirror as the process's own neuron has them."""
        neuron = self.design.neuron
        return AxonHillockSizes(neuron.logic, neuron.reset_switch, neuron.spike_generator.mirror_n)

    @cached_property
    def block(self) -> Block:
        """The sub-circuit."""
        return axon_hillock(Technology(self.pdk), self.sizes)

    @property
    def by_hand_s(self) -> tuple[float, float]:
        """Period and width as Mead has them, in seconds.

        When the output switches, the feedback moves the membrane by
        C_fb Vdd / (C_mem + C_fb). The input needs C_fb Vdd / I to bring it back
        up, the reset C_fb Vdd / (I_r - I) to bring it back down: the
        threshold, and the membrane's own capacitance, cancel.
        """
        charge = self.sizes.feedback_F * self.pdk.vdd_V
        width_s = charge / (self.sizes.reset_current_A - self.current_A)
        return charge / self.current_A + width_s, width_s

    @property
    def stop_s(self) -> float:
        """End of the run: the first spike takes the whole membrane up to the threshold."""
        whole_F = self.sizes.membrane_F + self.sizes.feedback_F
        return whole_F * self.pdk.vdd_V / self.current_A + self.spikes * self.by_hand_s[0]

    def conditions(self) -> Row:
        """Return what was asked, and what a sheet of paper says to it."""
        return {
            "current_A": self.current_A,
            "corner": self.corner,
            "seed": self.seed,
            "by_hand_s": self.by_hand_s[0],
        }

    def build(self) -> Deck:
        """Return the deck."""
        bench = (
            f"vdd vdd 0 {spice_number(self.pdk.vdd_V)}",
            f"iin vdd mem {spice_number(self.current_A)}",
            f"ireset vdd pw {spice_number(self.sizes.reset_current_A)}",
            f"xneuron {' '.join(self.block.ports)} {self.block.name}",
        )
        return Deck(
            title=f"axon-hillock, {self.pdk.name} {self.corner}",
            body="\n".join((self.block.definitions(), *bench)),
            models=self.pdk.models(self.corner, [size for _, size in self.block.transistors()]),
            stop_s=self.stop_s,
            save=("v(mem)", "v(out)", "i(vdd)"),
            options=self.design.options,
            temperature_C=self.temperature_C,
            initial_V={"mem": 0.0, "out": 0.0, "xneuron.out_b": self.pdk.vdd_V},
            alter=mismatch_alter(self.pdk, self.corner, self.seed, [("xneuron.", self.block)]),
        )

    def measure(self, traces: Traces) -> Row:
        """Return period, width and energy from the first spike to the last; None without two."""
        vdd_V = self.pdk.vdd_V
        spikes = find_spikes(traces.time_s, traces["v(out)"], 0.7 * vdd_V, 0.3 * vdd_V)
        if len(spikes) < 2:
            unknown = ("period_s", "period_error", "width_s", "energy_per_spike_J")
            return {"spikes_out": len(spikes), **dict.fromkeys(unknown)}
        first_s, last_s = float(spikes.rise_s[0]), float(spikes.rise_s[-1])
        periods = len(spikes) - 1
        period_s = (last_s - first_s) / periods
        energy_J = supply_energy(traces.time_s, traces["i(vdd)"], vdd_V, first_s, last_s)
        return {
            "spikes_out": len(spikes),
            "period_s": period_s,
            "period_error": abs(period_s / self.by_hand_s[0] - 1),
            "width_s": float(np.nanmean(spikes.width_s)),
            "energy_per_spike_J": energy_J / periods,
        }


JUDGED = ("period_s", "period_error", "width_s", "energy_per_spike_J")


# 3. The study: points, quantities, a picture; flow files and specs come with it.
class AxonHillock(Study):
    """How long is the Axon-Hillock's period, against what a sheet of paper says?

    Attributes:
        currents_A: into the membrane; the first is that of corners and samples.
        corners, temperature_C: conditions.
        mc, seed: how many mismatch samples, and the seed of the first.
    """

    name: ClassVar[str] = "axon-hillock"
    title: ClassVar[str] = "The Axon-Hillock neuron (Mead 1989)"

    currents_A: tuple[Ampere, ...] = (20e-9, 10e-9, 50e-9)
    corners: tuple[str, ...] = ("tt",)
    temperature_C: Celsius = 27.0
    mc: int = 0
    seed: int = 0

    def specs(self) -> tuple[Spec, ...]:
        """Return the study's own limits; a flow may set others."""
        return (Spec("period_error", most=0.1, why="C_fb Vdd (1/I + 1/(I_r - I))"),)

    def check(self) -> None:
        """Refuse what cannot be simulated, before anything is run."""
        self.asked()

    def asked(self) -> list[AxonHillockTransient]:
        """Return the points: every current, then the other corners, then the samples."""
        if not (self.currents_A and self.corners) or self.mc < 0 or self.seed < 0:
            raise InputError("axon-hillock: give a current and a corner; mc and seed from 0")
        process, design, first = self.process, self.design, self.currents_A[0]
        nominal = AxonHillockTransient(process, design, first, self.corners[0], self.temperature_C)
        return [
            *(replace(nominal, current_A=current_A) for current_A in self.currents_A),
            *(replace(nominal, corner=corner) for corner in self.corners[1:]),
            *(replace(nominal, seed=self.seed + i) for i in range(self.mc)),
        ]

    def find(self, bench: Bench) -> Findings:
        """Run all points."""
        points = self.asked()
        batch = bench.run(points, keep={0})
        return Findings(
            {"axon_hillock": batch.table},
            # Every row is judged; one that failed or hardly fired misses its limits.
            {**over(batch.table, JUDGED, by=("current_A", "corner", "seed"))},
            {"axon_hillock": partial(self._figure, batch)},
            notes=("by hand: period C_fb Vdd (1/I + 1/(I_r - I)), whatever the threshold is",),
            show=(
                *("current_A", "corner", "seed", "by_hand_s", "period_s", "period_error"),
                "energy_per_spike_J",
            ),
        )

    def _figure(self, batch: Batch) -> Figure:
        figure = new_figure(f"Axon-Hillock on {self.pdk}, nominal at {self.corners[0]}")
        traces, rate = figure.subplots(1, 2)
        waves: Waveforms | None = batch.waveforms.get(0)
        for name, colour in (("v(mem)", PALETTE[0]), ("v(out)", PALETTE[1])) if waves else ():
            traces.plot(waves.time_s * 1e6, waves[name], color=colour, lw=1.2, label=name[2:-1])
        finish(traces, "time (µs)", "V", legend=True)
        rows = batch.ok[batch.ok.index < len(self.currents_A)].sort_values("current_A")
        current_nA = rows["current_A"] * 1e9
        rate.plot(current_nA, 1e-6 / rows["by_hand_s"], color=INK, ls="--", lw=1, label="by hand")
        if "period_s" in rows:
            rate.plot(current_nA, 1e-6 / rows["period_s"].astype(float), "o", color=PALETTE[0],
                      label="ngspice")  # fmt: skip
        finish(rate, "input current (nA)", "rate (MHz)", legend=True)
        return figure
