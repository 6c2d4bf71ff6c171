"""The comparator on a floating membrane: its threshold, and one decision (paper Figure 5)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from PySpice.Spice.Netlist import Circuit

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.comparator import comparator
from anaspike.circuits.designs import Design
from anaspike.circuits.gates import inverter
from anaspike.circuits.neuron import membrane
from anaspike.experiments.measure import Array, supply_energy
from anaspike.experiments.protocol import NoAnswer, Row, Traces
from anaspike.experiments.testbench import (
    FIRST_SPIKE_S,
    bench_text,
    check_conditions,
    mismatch_alter,
    static_power,
)
from anaspike.pdk.roles import Pdk
from anaspike.spice.deck import Deck
from anaspike.units import spice_number

_EDGE_S = 0.2e-9
# Long enough at the slowest corner from 0 °C up; below that sky130's takes 110 ns at fs, -40 °C.
_DECIDE_S, _DECIDE_COLD_S = 60e-9, 300e-9
# Between decisions: the comparator remembers the last one for about a microsecond.
RESTED_S, HURRIED_S = 1e-6, 40e-9
_JUST_BEFORE_S = 0.1e-9
# The search: each step is 0.6 of the one before, not half, so that a decision that was a
# little wrong is made good later.
_FIRST_STEP_V, _SMALLER, _STEPS = 64e-3, 0.6, 14
_STEP_S = 2e-9
# Long after `hold` has risen and long before it falls again; even 100 fF follow in a nanosecond.
_SET_AFTER_S, _SET_S, _SET_SIEMENS = 10e-9, 15e-9, 1e-4
_TARGET_F = 1e-9
_CLOSED_IN_V = 0.5e-3
SUPPLIES = ("vdd", "vdd_hold")


@dataclass(frozen=True)
class ComparatorBench:
    """A comparator, the inverter that clocks it, and a membrane that nothing holds.

    Attributes:
        pdk, design: the process and the neuron whose comparator it is.
        corner: global corner.
        temperature_C: in degrees Celsius.
        seed: of a mismatch sample; None for nominal devices.
        rest_s: from the end of one decision to the next, in seconds.

    Raises:
        InputError: a value that cannot be simulated.
    """

    pdk: Pdk
    design: Design
    corner: str = "tt"
    temperature_C: float = 27.0
    seed: int | None = None
    rest_s: float = field(default=RESTED_S, kw_only=True)

    def __post_init__(self) -> None:
        check_conditions(self.pdk, self.corner, self.temperature_C, self.seed)

    @cached_property
    def blocks(self) -> tuple[Block, Block, Block]:
        """The comparator, the inverter and the membrane."""
        technology, sizes = Technology(self.pdk), self.design.neuron
        return (
            comparator(technology, sizes.comparator),
            inverter(technology, sizes.logic),
            membrane(technology, sizes),
        )

    def deck(
        self,
        decisions: int,
        start_V: float,
        servo: str = "",
        initial_V: Mapping[str, float] | None = None,
    ) -> Deck:
        """Return a deck of so many decisions.

        Args:
            decisions: how often `hold` falls.
            start_V: of the membrane.
            servo: further lines of the circuit.
            initial_V: where their nodes start.
        """
        cell, driver, _ = self.blocks
        definitions: dict[str, str] = {}
        for block in self.blocks:
            block.collect(definitions)
        return Deck(
            title=f"comparator, {self.pdk.name} {self.corner}",
            body="\n".join((*definitions.values(), self._testbench(decisions), servo)),
            models=self.pdk.models(
                self.corner, [size for block in self.blocks for _, size in block.transistors()]
            ),
            stop_s=self.start_s(decisions),
            save=(
                *(f"v({node})" for node in ("mem", "hold", "fire")),
                *(f"i(v{supply})" for supply in SUPPLIES),
            ),
            options=self.design.options.plain(),
            temperature_C=self.temperature_C,
            initial_V={"mem": start_V, "latch_p": 0.0, "latch_n": 0.0, **(initial_V or {})},
            alter=mismatch_alter(
                self.pdk, self.corner, self.seed, (("xdut.", cell), ("xhold.", driver))
            ),
        )

    @property
    def decide_s(self) -> float:
        """How long it is given for a decision, in seconds."""
        return _DECIDE_COLD_S if self.temperature_C < 0 else _DECIDE_S

    def start_s(self, index: int) -> float:
        """Return when the clock's edge of a decision begins, in seconds."""
        return FIRST_SPIKE_S + index * (self.decide_s + self.rest_s)

    def _testbench(self, decisions: int) -> str:
        cell, driver, cap = self.blocks
        vdd = spice_number(self.pdk.vdd_V)
        bench = Circuit("")
        for supply in SUPPLIES:
            bench.V(supply, supply, 0, vdd)
        bench.V("v_th", "v_th", 0, spice_number(self.design.neuron.v_th_V))
        starts_s = [self.start_s(i) for i in range(decisions)]
        bench.V("clock", "clock", 0, _pulses(starts_s, self.decide_s, [self.pdk.vdd_V] * decisions))
        bench.X("hold", driver.name, "clock", "hold", "vdd_hold")
        bench.X("dut", cell.name, *cell.ports)
        bench.X("membrane", cap.name, "mem")
        return bench_text(bench)


@dataclass(frozen=True)
class ComparatorThreshold(ComparatorBench):
    """The membrane voltage at which the decision turns, by successive approximation.

    All within one transient: after each decision the membrane is set anew, lower when it fired
    and higher when it did not, each time by less, and let go. It is set to a voltage, not
    moved by a charge: the input's own capacitance would make steps of charge smaller.
    """

    def conditions(self) -> Row:
        """Return corner, temperature and seed."""
        return {"corner": self.corner, "temperature_C": self.temperature_C, "seed": self.seed}

    def build(self) -> Deck:
        """Return the deck: the comparator, and the pulses that follow its decisions."""
        steps_V = [_FIRST_STEP_V * _SMALLER**i for i in range(_STEPS)]
        ends_s = [self.start_s(i) + self.decide_s for i in range(_STEPS)]
        levels = [_TARGET_F * step_V / _STEP_S for step_V in steps_V]
        step = _pulses([end_s - 2 * _STEP_S for end_s in ends_s], _STEP_S, levels)
        held = _pulses([end_s + _SET_AFTER_S for end_s in ends_s], _SET_S, [1.0] * _STEPS)
        half = spice_number(self.pdk.vdd_V / 2)
        start_V = self.design.neuron.v_th_V
        servo = (
            f"vstep step 0 {step}\nvheld held 0 {held}\n"
            # The sum of all steps so far, as the voltage of a capacitor.
            f"ctarget target 0 {spice_number(_TARGET_F)}\n"
            f"bservo 0 target i=v(step)*(1-v(fire)/{half})\n"
            f"bset 0 mem i={_SET_SIEMENS:g}*v(held)*(v(target)-v(mem))"
        )
        return self.deck(_STEPS, start_V, servo, {"target": start_V})

    def measure(self, traces: Traces) -> Row:
        """Return the threshold: midway between the highest "no" and the lowest "yes".

        `offset_V` is what it lies above v_th, `resolution_V` the gap.

        Raises:
            NoAnswer: the search did not close in on one threshold.
        """
        starts_s = np.array([self.start_s(i) for i in range(_STEPS)])
        mem_V = np.interp(starts_s - _JUST_BEFORE_S, traces.time_s, traces["v(mem)"])
        latched_s = starts_s + self.decide_s - 3 * _STEP_S
        fired = np.interp(latched_s, traces.time_s, traces["v(fire)"]) > self.pdk.vdd_V / 2
        if fired.all() or not fired.any():
            raise NoAnswer(f"all {_STEPS} decisions of the search came out the same")
        below_V, above_V = _between(mem_V, fired)
        if abs(above_V - below_V) > _CLOSED_IN_V and 0 < fired[1:].sum() < _STEPS - 1:
            # The first decision remembers none before it: near its own threshold, a millivolt
            # from the others', it contradicts them.
            below_V, above_V = _between(mem_V[1:], fired[1:])
        if abs(above_V - below_V) > _CLOSED_IN_V:
            raise NoAnswer(
                f"the search ended between {below_V:.6g} V, which did not fire, and"
                f" {above_V:.6g} V, which did"
            )
        threshold_V = (below_V + above_V) / 2
        return {
            "threshold_V": threshold_V,
            "offset_V": threshold_V - self.design.neuron.v_th_V,
            "resolution_V": abs(above_V - below_V),
        }


@dataclass(frozen=True)
class ComparatorDecision(ComparatorBench):
    """One decision, the membrane so far from the comparator's own threshold.

    Attributes:
        threshold_V: as `ComparatorThreshold` found it, in volt.
        overdrive_V: what the membrane lies above it, in volt; negative is below.
    """

    threshold_V: float = field(kw_only=True)
    overdrive_V: float = field(kw_only=True)

    def conditions(self) -> Row:
        """Return the overdrive."""
        return {"overdrive_V": self.overdrive_V}

    def build(self) -> Deck:
        """Return the deck."""
        return self.deck(1, self.threshold_V + self.overdrive_V)

    def measure(self, traces: Traces) -> Row:
        """Return whether it fired, how fast, for what energy, and what the membrane felt.

        `kickback_peak_V` is the largest excursion until `hold` rises again,
        `kickback_settled_V` where the membrane stays while `hold` is low, as it does from spike
        to spike, and `kickback_left_V` what is left at the end. Energies are the
        comparator's and the inverter's that clocks it, what flows at rest not
        counted.
        """
        fire_s = self._crossing(traces, "v(fire)", rising=True)
        fall_s = self._crossing(traces, "v(hold)", rising=False)
        _, moved_V = self.kickback(traces)
        spent_J = {supply: self._energy(traces, supply) for supply in SUPPLIES}
        return {
            "fired": int(fire_s is not None),
            "decision_time_s": fire_s - fall_s if fire_s and fall_s else None,
            "energy_comparator_J": spent_J["vdd"],
            "energy_clock_J": spent_J["vdd_hold"],
            "energy_per_decision_J": math.fsum(spent_J.values()),
            "kickback_peak_V": float(moved_V[np.argmax(np.abs(moved_V))]),
            "kickback_settled_V": float(moved_V[-1]),
            "kickback_left_V": float(traces["v(mem)"][-1]) - self._before(traces),
            "static_power_W": static_power(traces, dict.fromkeys(SUPPLIES, self.pdk.vdd_V)),
        }

    def kickback(self, traces: Traces) -> tuple[Array, Array]:
        """Return time from the clock's edge (s) and how far the membrane moved (V), shape (n,)."""
        time_s = traces.time_s - self.start_s(0)
        during = (time_s >= 0) & (time_s <= self.decide_s)
        return time_s[during], traces["v(mem)"][during] - self._before(traces)

    def _before(self, traces: Traces) -> float:
        at_s = self.start_s(0) - _JUST_BEFORE_S
        return float(np.interp(at_s, traces.time_s, traces["v(mem)"]))

    def _crossing(self, traces: Traces, vector: str, *, rising: bool) -> float | None:
        """Return when a trace first crosses half the supply during the decision, if it does."""
        sign, half_V = (1 if rising else -1), self.pdk.vdd_V / 2
        from_s = traces.time_s - self.start_s(0)
        there = sign * (traces[vector] - half_V) >= 0
        beyond = np.flatnonzero(there & (from_s > 0) & (from_s < self.decide_s))
        if not len(beyond):
            return None
        two = slice(beyond[0] - 1, beyond[0] + 1)
        return float(np.interp(sign * half_V, sign * traces[vector][two], traces.time_s[two]))

    def _energy(self, traces: Traces, supply: str) -> float:
        vdd_V, from_s, to_s = self.pdk.vdd_V, self.start_s(0) - 1e-9, self.start_s(1)
        spent_J = supply_energy(traces.time_s, traces[f"i(v{supply})"], vdd_V, from_s, to_s)
        return spent_J - static_power(traces, {supply: vdd_V}) * (to_s - from_s)


def _between(mem_V: Array, fired: "np.ndarray[Any, np.dtype[np.bool_]]") -> tuple[float, float]:
    """Return the highest membrane that did not fire and the lowest that did, in volt."""
    return float(mem_V[~fired].max()), float(mem_V[fired].min())


def _pulses(starts_s: Sequence[float], width_s: float, levels: Sequence[float]) -> str:
    """Return pulses, each with its own level, as a piecewise-linear source."""
    lines = ["pwl(0 0"]
    for start_s, level in zip(starts_s, levels, strict=True):
        corners = (
            (start_s, 0.0),
            (start_s + _EDGE_S, level),
            (start_s + width_s, level),
            (start_s + width_s + _EDGE_S, 0.0),
        )
        lines.append("+ " + " ".join(f"{spice_number(t)} {spice_number(v)}" for t, v in corners))
    return "\n".join((*lines, "+ )"))
