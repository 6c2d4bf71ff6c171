"""Current of the pseudo-resistor against the voltage across it (paper Figure 6)."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.designs import Design
from anaspike.circuits.pseudo_resistor import one_directional_pseudo_resistor, pseudo_resistor
from anaspike.experiments.measure import Array
from anaspike.experiments.protocol import Row, Traces
from anaspike.experiments.testbench import check_conditions, mismatch_alter
from anaspike.pdk.roles import Pdk
from anaspike.spice.deck import Deck
from anaspike.units import spice_number

SPAN_V = 0.15
AT_MV = (10, 50, 100)
# So slow that a femtofarad's displacement current is 1 aA: at -40 °C, a device of sky130 has
# 0.2 TOhm, and on a ramp of 3 s that current alone made it asymmetric by 0.15 %.
_RAMP_S = 300.0


@dataclass(frozen=True)
class PseudoResistorCurve:
    """One sweep of the voltage across the device, around the resting voltage.

    Attributes:
        pdk: the process.
        design: sizes and resting voltage.
        corner: global corner.
        temperature_C: in degrees Celsius.
        symmetric: both strings (Figure 6b), or one alone (Figure 6a).
        seed: of a mismatch sample; None for nominal devices.

    Raises:
        InputError: a condition that cannot be simulated.
    """

    pdk: Pdk
    design: Design
    corner: str
    temperature_C: float = 27.0
    symmetric: bool = True
    seed: int | None = None

    def __post_init__(self) -> None:
        check_conditions(self.pdk, self.corner, self.temperature_C, self.seed)

    @cached_property
    def block(self) -> Block:
        """The device's sub-circuit."""
        build = pseudo_resistor if self.symmetric else one_directional_pseudo_resistor
        return build(Technology(self.pdk), self.design.neuron.pseudo_resistor)

    def conditions(self) -> Row:
        """Return the kind of device, corner and temperature."""
        kind = "symmetric" if self.symmetric else "one-directional"
        return {"device": kind, "corner": self.corner, "temperature_C": self.temperature_C}

    def build(self) -> Deck:
        """Return a deck that ramps the voltage; 0 V across it is half-way."""
        rest_V = self.design.neuron.v_rest_V
        ramp = f"pwl(0 {spice_number(rest_V - SPAN_V)}"
        ramp += f" {spice_number(_RAMP_S)} {spice_number(rest_V + SPAN_V)})"
        # Picoamperes flow: the design's own current tolerance would hide them, and the simulator's
        # conductance across the wells' junctions would look like a leak.
        options = replace(
            self.design.options.plain(), abstol_A=1e-16, gmin_S=1e-18, max_step_s=_RAMP_S / 600
        )
        return Deck(
            title=f"pseudo-resistor, {self.pdk.name} {self.corner}",
            body=f"{self.block.definitions()}\n"
            f"va a 0 {ramp}\nvb b 0 {spice_number(rest_V)}\nxdut a b {self.block.name}",
            models=self.pdk.models(self.corner, [size for _, size in self.block.transistors()]),
            stop_s=_RAMP_S,
            save=("v(a)", "i(vb)"),
            options=options,
            temperature_C=self.temperature_C,
            alter=mismatch_alter(self.pdk, self.corner, self.seed, (("xdut.", self.block),)),
        )

    def curve(self, traces: Traces) -> tuple[Array, Array]:
        """Return voltage across the device (V) and current from a to b (A), shape (n,)."""
        return traces["v(a)"] - self.design.neuron.v_rest_V, traces["i(vb)"]

    def measure(self, traces: Traces) -> Row:
        """Return V/I at +-10, 50 and 100 mV, and the asymmetry at 50 mV.

        The asymmetry is |R(+50 mV) - R(-50 mV)| over their mean.
        """
        voltage_V, current_A = self.curve(traces)
        ohms = {
            sign * mv: sign * mv * 1e-3 / float(np.interp(sign * mv * 1e-3, voltage_V, current_A))
            for mv in AT_MV
            for sign in (1, -1)
        }
        up, down = ohms[50], ohms[-50]
        return {
            **{f"resistance_{mv:+d}mV_ohm": ohm for mv, ohm in ohms.items()},
            "asymmetry": abs(up - down) / ((up + down) / 2),
        }
