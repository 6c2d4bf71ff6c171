"""The neuron by itself: a direct current into its membrane, and its membrane left to leak."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anaspike.circuits.block import Block
from anaspike.circuits.designs import Design, driven
from anaspike.circuits.neuron import input_pins
from anaspike.circuits.parameters import check_positive
from anaspike.experiments.measure import find_spikes
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.protocol import NoAnswer, Row, Traces
from anaspike.experiments.testbench import FIRST_SPIKE_S
from anaspike.pdk.roles import Pdk
from anaspike.spice.deck import Deck
from anaspike.units import spice_number

_IDLE = (0, 0, 0)  # three synapses of weight 0: their drains load the membrane, no more
_CHARGE_S = 50e-9
_EDGE_S = 0.1e-9


@dataclass(frozen=True)
class NeuronCurrent(NeuronTransient):
    """A direct current into the membrane.

    A comparator that is clocked by spikes decides nothing without them: the
    first input gets the design's train, as a clock, on a synapse of weight 0.

    Attributes:
        current_A: from the end of settling on, in ampere.
    """

    current_A: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self.current_A, "the membrane current (A)", zero=True)

    def conditions(self) -> Row:
        """Return the current and the clock's period."""
        drive = self.design.drive
        return {
            "current_A": self.current_A,
            "clock_period_s": drive.period_s,
            "spikes_in": drive.spikes_in,
        }

    def measure(self, traces: Traces) -> Row:
        """Return what a neuron's transient gives, and the interval between output spikes.

        `interval_s` is the mean from the first output spike to the last; None
        below two.
        """
        vdd_V = self.pdk.vdd_V
        out = find_spikes(traces.time_s, traces["v(out)"], 0.7 * vdd_V, 0.3 * vdd_V)
        interval_s = float(np.mean(np.diff(out.rise_s))) if len(out) > 1 else None
        return {"interval_s": interval_s, **super().measure(traces)}

    def _driven(self) -> dict[str, bool]:
        return {pin: pin == "in1" for pin in input_pins(len(self.design.drive.codes))}

    def _testbench(self, mirror: Block) -> str:
        start_s = FIRST_SPIKE_S
        step = (
            f"pwl(0 0 {spice_number(start_s)} 0 {spice_number(start_s + _EDGE_S)}"
            f" {spice_number(self.current_A)})"
        )
        return f"{super()._testbench(mirror)}\nimembrane 0 mem {step}"


def current_point(
    pdk: Pdk, design: Design, current_A: float, clock_s: float, clocks: int, **conditions: Any
) -> NeuronCurrent:
    """Return a neuron under a direct current, its comparator clocked so often.

    Args:
        pdk, design: the process and the neuron.
        current_A: into the membrane.
        clock_s: period of the clock; its spikes are a fifth of that, or as wide
            as the design's where that is less.
        clocks: how many.
        conditions: corner, temperature, seed, as of `NeuronTransient`.
    """
    width_s = min(clock_s / 5, design.drive.width_s)
    clocked = driven(design, _IDLE, clocks, clock_s, width_s)
    return NeuronCurrent(pdk, clocked, _SUPPLY_V, current_A=current_A, **conditions)


_SUPPLY_V = 0.65  # of synapses that do nothing


@dataclass(frozen=True)
class MembraneLeak:
    """A charge put on a resting neuron's membrane, and how long it stays there.

    Attributes:
        pdk, design: the process and the neuron.
        window_s: how long it is watched, in seconds.
        corner, temperature_C, seed: as of `NeuronTransient`.
    """

    pdk: Pdk
    design: Design
    window_s: float
    corner: str = "tt"
    temperature_C: float = 27.0
    seed: int | None = None

    @property
    def charge_coulomb(self) -> float:
        """What the bare capacitor needs to reach the threshold from rest."""
        sizes = self.design.neuron
        return sizes.membrane_F * (sizes.v_th_V - sizes.v_rest_V)

    def conditions(self) -> Row:
        """Return corner, temperature and seed."""
        return {"corner": self.corner, "temperature_C": self.temperature_C, "seed": self.seed}

    def build(self) -> Deck:
        """Return the whole neuron with no spike, and a pulse of charge into its membrane."""
        design = driven(self.design, _IDLE, None, None, None)
        resting = NeuronTransient(
            self.pdk, design, _SUPPLY_V, self.corner, self.temperature_C, seed=self.seed
        ).build()
        current = spice_number(self.charge_coulomb / _CHARGE_S)
        at = [spice_number(FIRST_SPIKE_S + t) for t in (0, _EDGE_S, _CHARGE_S, _CHARGE_S + _EDGE_S)]
        pulse = f"pwl(0 0 {at[0]} 0 {at[1]} {current} {at[2]} {current} {at[3]} 0)"
        options = replace(resting.options, max_step_s=self.window_s / 2000)
        return replace(
            resting,
            title=f"membrane's leak, {self.pdk.name} {self.corner}",
            body=f"{resting.body}\nipulse 0 mem {pulse}",
            stop_s=FIRST_SPIKE_S + _CHARGE_S + self.window_s,
            save=("v(mem)", "v(out)"),
            options=options,
        )

    def measure(self, traces: Traces) -> Row:
        """Return the membrane's capacitance, its time constant, and where it comes to rest.

        The time constant is the time in which the charge's excursion, counted
        from the voltage at the end of the window, falls to 1/e.

        Raises:
            NoAnswer: the membrane did not rise, or did not come to rest.
        """
        sizes, time_s, mem_V = self.design.neuron, traces.time_s, traces["v(mem)"]
        charged_s = FIRST_SPIKE_S + _CHARGE_S + 2 * _EDGE_S
        before_V, full_V = (float(np.interp(t, time_s, mem_V)) for t in (FIRST_SPIKE_S, charged_s))
        rest_V = float(mem_V[-1])
        later_V = float(np.interp(time_s[-1] - self.window_s / 8, time_s, mem_V))
        if full_V - rest_V < 0.1 * (full_V - before_V) or later_V - rest_V > 2e-3:
            raise NoAnswer(
                f"the membrane was charged from {before_V:.4g} V to {full_V:.4g} V and after"
                f" {self.window_s:.3g} s is at {rest_V:.4g} V, not at rest"
            )
        after = time_s >= charged_s
        falling_V, falling_s = mem_V[after][::-1] - rest_V, time_s[after][::-1]
        fallen_s = float(np.interp((full_V - rest_V) / np.e, falling_V, falling_s))
        return {
            "membrane_capacitance_F": self.charge_coulomb / (full_V - before_V),
            "leak_time_constant_s": fallen_s - charged_s,
            "resting_V": rest_V,
            "resting_shift_V": rest_V - sizes.v_rest_V,
        }
