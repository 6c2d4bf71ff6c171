"""Current of the synapse against its supply (paper equation 16)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from PySpice.Spice.Netlist import Circuit

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.designs import Design, Drive
from anaspike.circuits.synapse import MAX_CODE, code_bits, synapse
from anaspike.experiments.measure import Array, integrate
from anaspike.experiments.protocol import Row, Traces
from anaspike.experiments.stimulus import spike_train
from anaspike.experiments.testbench import (
    bench_text,
    mismatch_alter,
    place_sources,
    synapse_voltages,
)
from anaspike.pdk.roles import Pdk
from anaspike.spice.deck import Deck
from anaspike.units import spice_number

CODES = tuple(range(-MAX_CODE, MAX_CODE + 1))
# So slow that charging the gates costs less than a picoampere.
_RAMP_S = 5e-3
_ONE = "xsynapse."  # instance path that a synapse's deviations are drawn for


@dataclass(frozen=True)
class SynapseRamp:
    """All fifteen codes at once, each into a membrane of its own, over the synapse supply.

    Attributes:
        pdk, design: the process, and the synapse's sizes.
        corner: global corner.
        temperature_C: in degrees Celsius.
        membrane_V: voltage that every membrane is held at, in volt.
        from_V, to_V: range of the supply, in volt.
        active: whether the spike is high; low, what flows is leakage.
        seed: of a mismatch sample: one synapse, which all fifteen codes are asked of;
            None for nominal devices.
    """

    pdk: Pdk
    design: Design
    corner: str = "tt"
    temperature_C: float = 27.0
    membrane_V: float = 0.30
    from_V: float = 0.40
    to_V: float = 0.90
    active: bool = True
    seed: int | None = None

    @cached_property
    def block(self) -> Block:
        """The synapse's sub-circuit."""
        return synapse(Technology(self.pdk), self.design.neuron.synapse)

    def conditions(self) -> Row:
        """Return corner, seed, temperature, membrane voltage and whether the spike is high."""
        return {
            "corner": self.corner,
            "seed": self.seed,
            "temperature_C": self.temperature_C,
            "membrane_V": self.membrane_V,
            "spike": "high" if self.active else "low",
        }

    def build(self) -> Deck:
        """Return a deck of fifteen synapses on one ramped supply."""
        options = replace(self.design.options.plain(), abstol_A=1e-15, max_step_s=_RAMP_S / 500)
        return Deck(
            title=f"synapse currents, {self.pdk.name} {self.corner}",
            body=f"{self.block.definitions()}\n{self._testbench()}",
            models=self.pdk.models(self.corner, [size for _, size in self.block.transistors()]),
            stop_s=_RAMP_S,
            save=("v(vdd_syn)", *(f"i(v{_membrane(code)})" for code in CODES)),
            options=options,
            temperature_C=self.temperature_C,
            alter=_one_synapse(self.block, self.pdk, self.corner, self.seed, CODES),
        )

    def measure(self, traces: Traces) -> Row:
        """Return the unit currents at the ends of the ramp, in ampere; positive charges."""
        supply_V, currents_A = self.currents(traces)
        return {
            "unit_current_low_A": float(currents_A[1][0]),
            "unit_current_high_A": float(currents_A[1][-1]),
            "supply_low_V": float(supply_V[0]),
            "supply_high_V": float(supply_V[-1]),
        }

    def currents(self, traces: Traces) -> tuple[Array, dict[int, Array]]:
        """Return the supply (V) and each code's current into its membrane (A), shape (n,)."""
        # What a synapse pushes into its membrane flows into the source that holds it.
        return traces["v(vdd_syn)"], {code: traces[f"i(v{_membrane(code)})"] for code in CODES}

    def current_at(self, traces: Traces, supply_V: float, code: int = 1) -> float:
        """Return a code's current at a supply, in ampere."""
        ramp_V, currents_A = self.currents(traces)
        return float(np.interp(supply_V, ramp_V, currents_A[code]))

    def supply_for(self, traces: Traces, current_A: float, code: int = 1) -> float:
        """Return the supply at which a code's current is the one given, in volt.

        Held at the ends of the ramp: a current that no supply gives has none.
        """
        supply_V, currents_A = self.currents(traces)
        magnitude_A = np.maximum.accumulate(np.abs(currents_A[code]))
        return float(np.interp(abs(current_A), magnitude_A, supply_V))

    def _testbench(self) -> str:
        ends = f"{spice_number(self.from_V)} {spice_number(_RAMP_S)} {spice_number(self.to_V)}"
        spike = spice_number(self.pdk.vdd_V if self.active else 0.0)
        ramp = f"pwl(0 {ends})"
        return _side_by_side(self.block, self.pdk, self.design, ramp, spike, self.membrane_V, CODES)


@dataclass(frozen=True)
class SynapsePulse:
    """The charge of one spike, several codes at once, at one supply.

    Attributes:
        pdk, design: the process, the synapse's sizes and the width of a spike.
        vdd_syn_V: the supply, in volt.
        corner, temperature_C, membrane_V, seed: as in `SynapseRamp`.
        codes: asked of it.
    """

    pdk: Pdk
    design: Design
    vdd_syn_V: float
    corner: str = "tt"
    temperature_C: float = 27.0
    membrane_V: float = 0.30
    seed: int | None = None
    codes: tuple[int, ...] = CODES

    @cached_property
    def block(self) -> Block:
        """The synapse's sub-circuit."""
        return synapse(Technology(self.pdk), self.design.neuron.synapse)

    @property
    def _drive(self) -> Drive:
        return replace(self.design.drive, spikes_in=1)

    def conditions(self) -> Row:
        """Return the supply, and the seed where there is one."""
        drawn = {} if self.seed is None else {"seed": self.seed}
        return {"vdd_syn_V": self.vdd_syn_V, **drawn}

    def build(self) -> Deck:
        """Return a deck of synapses, one a code, that get one spike."""
        drive = self._drive
        train = spike_train(drive, drive.width_s, self.pdk.vdd_V)
        supply = spice_number(self.vdd_syn_V)
        bench = _side_by_side(
            self.block, self.pdk, self.design, supply, train, self.membrane_V, self.codes
        )
        return Deck(
            title=f"synapse charge at {self.vdd_syn_V:g} V, {self.pdk.name} {self.corner}",
            body=f"{self.block.definitions()}\n{bench}",
            models=self.pdk.models(self.corner, [size for _, size in self.block.transistors()]),
            stop_s=4 * drive.width_s,
            save=tuple(f"i(v{_membrane(code)})" for code in self.codes),
            options=self.design.options.fine(),
            temperature_C=self.temperature_C,
            alter=_one_synapse(self.block, self.pdk, self.corner, self.seed, self.codes),
        )

    def measure(self, traces: Traces) -> Row:
        """Return each code's charge into the membrane, feed-through included, in coulomb."""
        return {
            f"charge_of_{code:+d}_coulomb": integrate(
                traces.time_s, traces[f"i(v{_membrane(code)})"], 0.0, 4 * self._drive.width_s
            )
            for code in self.codes
        }


def _one_synapse(
    block: Block, pdk: Pdk, corner: str, seed: int | None, codes: Sequence[int]
) -> tuple[tuple[str, str, float], ...]:
    """Return the same deviations for each code's synapse: they stand for one."""
    drawn = mismatch_alter(pdk, corner, seed, [(_ONE, block)])
    return tuple(
        (device.replace(_ONE, f"xsynapse_{_membrane(code)}.", 1), parameter, value)
        for code in codes
        for device, parameter, value in drawn
    )


def _side_by_side(
    block: Block,
    pdk: Pdk,
    design: Design,
    supply: str,
    spike: str,
    membrane_V: float,
    codes: Sequence[int],
) -> str:
    """Return synapses, one a code, each with its membrane held by a source."""
    bench = Circuit("")
    bench.V("vdd_syn", "vdd_syn", 0, supply)
    place_sources(bench, synapse_voltages(pdk, design.neuron.synapse))
    bench.V("spike", "spike", 0, spike)
    for code in codes:
        node = _membrane(code)
        bench.V(node, node, 0, spice_number(membrane_V))
        bits = {pin: "vdd" if level else "0" for pin, level in code_bits(code).items()}
        pins = {pin: pin for pin in ("spike", "vdd_syn", "vdd_sink", "vdd")}
        pins |= {"mem": node, **bits}
        bench.X(f"synapse_{node}", block.name, *(pins[port] for port in block.ports))
    return bench_text(bench)


def _membrane(code: int) -> str:
    return f"mem_{'m' if code < 0 else 'p'}{abs(code)}"
