"""Width, delay and energy of the spike against its bias, mirrored or fixed (paper Figure 5)."""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from PySpice.Spice.Netlist import Circuit

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.designs import Design, Drive
from anaspike.circuits.gates import inverter
from anaspike.circuits.parameters import check_positive
from anaspike.circuits.spike_generator import bias_mirror, spike_generator
from anaspike.experiments.measure import find_spikes
from anaspike.experiments.protocol import NoAnswer, Row, Traces
from anaspike.experiments.stimulus import spike_train
from anaspike.experiments.testbench import (
    FIRST_SPIKE_S,
    SETTLE_S,
    bench_text,
    check_conditions,
    energies,
    mismatch_alter,
    place_bias,
    place_sources,
    static_power,
)
from anaspike.pdk.roles import Pdk
from anaspike.spice.deck import Deck
from anaspike.units import spice_number

_FIRE_S = 2e-9  # as in a neuron, where the output spike soon resets the comparator
_ENERGY_OF = {"vdd_flip_flop": "flip_flop", "vdd_delay": "delay"}


@dataclass(frozen=True)
class FixedBias:
    """Bias voltages that do not follow the process: what the mirror is there to avoid.

    Attributes:
        n_V, p_V: of the starved NMOS and PMOS, in volt.
    """

    n_V: float
    p_V: float


@dataclass(frozen=True)
class SpikeGeneratorPulse:
    """One rise of `fire`, one spike, under one bias.

    Attributes:
        pdk, design: the process and the generator's sizes.
        bias_current_A: of the mirror's reference branch, in ampere.
        fixed: bias voltages instead of the mirror's.
        corner: global corner.
        temperature_C: in degrees Celsius.
        seed: of a mismatch sample; None for nominal devices.
        mirror_drawn: whether the mirror is part of it. One mirror feeds all neurons of a chip:
            without it, what is left is how they differ from each other.

    Raises:
        InputError: a value that cannot be simulated.
    """

    pdk: Pdk
    design: Design
    bias_current_A: float
    fixed: FixedBias | None = None
    corner: str = "tt"
    temperature_C: float = 27.0
    seed: int | None = None
    mirror_drawn: bool = True

    def __post_init__(self) -> None:
        check_positive(self.bias_current_A, "the bias current (A)")
        check_conditions(self.pdk, self.corner, self.temperature_C, self.seed)

    @cached_property
    def blocks(self) -> tuple[Block, Block, Block]:
        """The generator, its bias mirror, and the inverter that loads it in a neuron."""
        technology, sizes = Technology(self.pdk), self.design.neuron.spike_generator
        return (
            spike_generator(technology, sizes),
            bias_mirror(technology, sizes),
            inverter(technology, sizes.logic),
        )

    @property
    def stop_s(self) -> float:
        """End of the transient, in seconds: many times the width that is expected."""
        nominal_A = self.design.neuron.spike_generator.bias_current_A
        expected_s = self.design.drive.width_s * nominal_A / self.bias_current_A
        return FIRST_SPIKE_S + (100 if self.fixed else 10) * expected_s + 10 * _FIRE_S

    def conditions(self) -> Row:
        """Return the kind of bias, its current, corner and temperature."""
        return {
            "bias": "fixed" if self.fixed else "mirror",
            "bias_current_A": self.bias_current_A,
            "corner": self.corner,
            "temperature_C": self.temperature_C,
        }

    def build(self) -> Deck:
        """Return the generator with its bias, its load and one rise of `fire`."""
        generator, mirror, load = self.blocks
        definitions: dict[str, str] = {}
        for block in self.blocks:
            block.collect(definitions)
        vdd_V = self.pdk.vdd_V
        drawn = [("xdut.", generator), ("xbias.", mirror), ("xload.", load)]
        if self.fixed or not self.mirror_drawn:
            drawn.pop(1)
        return Deck(
            title=f"spike generator, {self.pdk.name} {self.corner}",
            body="\n".join((*definitions.values(), self._testbench())),
            models=self.pdk.models(
                self.corner, [size for block in self.blocks for _, size in block.transistors()]
            ),
            stop_s=self.stop_s,
            save=(
                *(f"v({node})" for node in ("fire", "q", "v_bias_n", "v_bias_p")),
                *(f"i(v{source})" for source in (*_ENERGY_OF, "vdd_bias")),
            ),
            options=self.design.options.fine(),
            temperature_C=self.temperature_C,
            # Without these the operating point may lie half-way up in the reset loop.
            initial_V={"q": 0.0, "xdut.reset": 0.0, "xdut.xflip_flop.slave": vdd_V},
            alter=mismatch_alter(self.pdk, self.corner, self.seed, drawn),
        )

    def measure(self, traces: Traces) -> Row:
        """Return width (70 % to 30 % of the supply), delay from `fire`, energy, bias voltages.

        `resets_tried` counts how often q crossed half the supply: above 1, a
        reset let go before the flip-flop had turned, and another ended the
        spike. The energy is the generator's own, what flows at rest not counted; the
        mirror's power is `bias_power_W`.

        Raises:
            NoAnswer: none came, or it had not ended.
        """
        vdd_V, time_s, q_V = self.pdk.vdd_V, traces.time_s, traces["v(q)"]
        spikes = find_spikes(time_s, q_V, 0.7 * vdd_V, 0.3 * vdd_V)
        if len(spikes) != 1 or math.isnan(spikes.width_s[0]):
            raise NoAnswer(
                f"{len(spikes)} spikes within {self.stop_s:.3g} s of one rise of fire, and one"
                " that ends was expected"
            )
        voltages_V = dict.fromkeys(_ENERGY_OF, vdd_V)
        rest_W = static_power(traces, voltages_V)
        spent_J = energies(traces, voltages_V, _ENERGY_OF, self.stop_s)
        fire_s = FIRST_SPIKE_S + self._fire.edge_s / 2
        return {
            "spike_width_s": float(spikes.width_s[0]),
            "delay_s": float(spikes.rise_s[0]) - fire_s,
            "energy_per_spike_J": math.fsum(spent_J.values()) - rest_W * (self.stop_s - SETTLE_S),
            "resets_tried": len(find_spikes(time_s, q_V, 0.501 * vdd_V, 0.499 * vdd_V)),
            "static_power_W": rest_W,
            "bias_power_W": static_power(traces, {"vdd_bias": vdd_V}),
            "bias_n_V": float(np.interp(SETTLE_S, time_s, traces["v(v_bias_n)"])),
            "bias_p_V": float(np.interp(SETTLE_S, time_s, traces["v(v_bias_p)"])),
        }

    @property
    def _fire(self) -> Drive:
        return replace(self.design.drive, spikes_in=1, width_s=_FIRE_S)

    def _testbench(self) -> str:
        generator, mirror, load = self.blocks
        bench = Circuit("")
        supplies = (*_ENERGY_OF, "vdd_bias", "vdd_load")
        place_sources(bench, dict.fromkeys(supplies, self.pdk.vdd_V))
        bench.V("fire", "fire", 0, spike_train(self._fire, FIRST_SPIKE_S, self.pdk.vdd_V))
        if self.fixed:
            bench.V("bias_n", "v_bias_n", 0, spice_number(self.fixed.n_V))
            bench.V("bias_p", "v_bias_p", 0, spice_number(self.fixed.p_V))
        else:
            place_bias(bench, mirror, self.bias_current_A)
        bench.X("dut", generator.name, *generator.ports)
        bench.X("load", load.name, "q", "q_b", "vdd_load")
        return bench_text(bench)
