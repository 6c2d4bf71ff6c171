"""What a charge-domain model of the neuron needs to know: synapse, core and leak, measured."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from PySpice.Spice.Netlist import Circuit

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.designs import Design
from anaspike.circuits.neuron import BIASES, SUPPLIES, neuron_core
from anaspike.circuits.spike_generator import bias_mirror
from anaspike.circuits.synapse import MAX_CODE, code_bits, synapse
from anaspike.experiments.measure import Array, integrate
from anaspike.experiments.protocol import Row, Traces
from anaspike.experiments.stimulus import spike_train
from anaspike.experiments.testbench import (
    FIRST_SPIKE_S,
    bench_text,
    neuron_voltages,
    place_bias,
    place_sources,
    resting_core,
    synapse_voltages,
)
from anaspike.pdk.roles import Pdk
from anaspike.spice.deck import Deck
from anaspike.units import spice_number

# Ends of the switching-off whose charge is measured, from the end of the spike, in nanoseconds.
OFF_NS = tuple(round(0.1 * i, 1) for i in range(1, 21))
_EXCITE, _INHIBIT, _NONE = "excite", "inhibit", "none"
_CODES = {_EXCITE: MAX_CODE, _INHIBIT: -MAX_CODE, _NONE: 0}
_SWEEP_START_S, _SWEEP_S = 50e-9, 100e-9  # there and back, each: as fast as in use
_LEAK_SWEEP_S = 5e-3  # so slow that no capacitance shows
_STEP_S, _FINE_STEP_S = 1e-9, 0.2e-9


@dataclass(frozen=True)
class SynapseCharge:
    """What an active synapse does to a membrane, at one supply.

    Two questions in one deck. With the spike high, the membrane is swept from
    0 V to the core supply and back: half the sum of both currents is what the
    synapse conducts, half their difference what its channels and junctions
    store. Then one spike comes while the membrane is held: at rest, for what
    switching on takes of current times width; at the threshold, for what
    switching off still adds before the neuron decides.

    Attributes:
        pdk, design: the process, the synapse's sizes, the width of a spike.
        vdd_syn_V: the supply, in volt.
        corner, temperature_C, wire_capacitance_F: conditions.
    """

    pdk: Pdk
    design: Design
    vdd_syn_V: float
    corner: str = "tt"
    temperature_C: float = 27.0
    wire_capacitance_F: float = 2e-15

    @cached_property
    def block(self) -> Block:
        """The synapse's sub-circuit."""
        technology = Technology(self.pdk, self.wire_capacitance_F)
        return synapse(technology, self.design.neuron.synapse)

    def conditions(self) -> Row:
        """Return supply and corner."""
        return {"vdd_syn_V": self.vdd_syn_V, "corner": self.corner}

    def build(self) -> Deck:
        """Return a deck with three swept synapses (+7, -7, 0) and four with a held membrane."""
        # Attocoulombs count here, and the current is integrated from the points that are kept.
        options = replace(self.design.options.tightened(), reltol=1e-4, max_step_s=_FINE_STEP_S)
        swept = [f"swept_{sign}" for sign in _CODES]
        return Deck(
            title=f"synapse charge at {self.vdd_syn_V:g} V, {self.pdk.name} {self.corner}",
            body=f"{self.block.definitions()}\n{self._testbench()}",
            models=self.pdk.models(self.corner, [size for _, size in self.block.transistors()]),
            stop_s=max(self._fall_s + 5e-9, _SWEEP_START_S + 2 * _SWEEP_S),
            save=tuple(f"i(v{node})" for node in (*swept, *self._held())),
            options=options,
            temperature_C=self.temperature_C,
        )

    def measure(self, traces: Traces) -> Row:
        """Return charges into the membrane for a unit of code, in coulomb.

        `charge_excite_coulomb` is up to the end of the spike, with the
        membrane at rest; `off_excite_0.5ns_coulomb` what comes after that in
        the time given, with the membrane at the threshold.
        """
        row = {}
        for sign in (_EXCITE, _INHIBIT):
            row[f"charge_{sign}_coulomb"] = self._charge(
                traces, f"rest_{sign}", FIRST_SPIKE_S - _STEP_S, self._fall_s
            )
            for off_ns in OFF_NS:
                row[f"off_{sign}_{off_ns:g}ns_coulomb"] = self._charge(
                    traces, f"threshold_{sign}", self._fall_s, self._fall_s + off_ns * 1e-9
                )
        return row

    def swept(self, traces: Traces, membrane_V: Array) -> dict[str, tuple[Array, Array]]:
        """Return (current, capacitance) over the membrane: `excite`, `inhibit` and `none`.

        Current flows into the membrane. The first two are for a unit of code, their
        capacitance what an active code adds to `none`. Shapes (n,), in ampere and farad.
        """
        raw = {
            sign: _there_and_back(traces, f"swept_{sign}", membrane_V, self.pdk.vdd_V)
            for sign in _CODES
        }
        none_A, none_F = raw[_NONE]
        return {
            sign: (current_A, capacitance_F)
            if sign == _NONE
            else ((current_A - none_A) / MAX_CODE, (capacitance_F - none_F) / MAX_CODE)
            for sign, (current_A, capacitance_F) in raw.items()
        }

    @property
    def _fall_s(self) -> float:
        return FIRST_SPIKE_S + self.design.drive.width_s

    def _charge(self, traces: Traces, node: str, start_s: float, stop_s: float) -> float:
        return float(integrate(traces.time_s, traces[f"i(v{node})"], start_s, stop_s) / MAX_CODE)

    def _held(self) -> dict[str, float]:
        sizes = self.design.neuron
        return {
            f"{name}_{sign}": voltage_V
            for name, voltage_V in (("rest", sizes.v_rest_V), ("threshold", sizes.v_th_V))
            for sign in (_EXCITE, _INHIBIT)
        }

    def _testbench(self) -> str:
        bench, vdd_V = Circuit(""), self.pdk.vdd_V
        bench.V("vdd_syn", "vdd_syn", 0, spice_number(self.vdd_syn_V))
        place_sources(bench, synapse_voltages(self.pdk, self.design.neuron.synapse))
        drive = replace(self.design.drive, spikes_in=1)
        bench.V("spike", "spike", 0, spike_train(drive, FIRST_SPIKE_S, vdd_V))
        for sign in _CODES:
            self._place(bench, f"swept_{sign}", _triangle(vdd_V), "vdd")
        for node, voltage_V in self._held().items():
            self._place(bench, node, spice_number(voltage_V), "spike")
        return bench_text(bench)

    def _place(self, bench: Circuit, node: str, membrane: str, spike: str) -> None:
        _, _, sign = node.partition("_")
        bits = {pin: "vdd" if level else "0" for pin, level in code_bits(_CODES[sign]).items()}
        pins = {pin: pin for pin in ("vdd_syn", "vdd_sink", "vdd")}
        pins |= {"spike": spike, "mem": node, **bits}
        bench.V(node, node, 0, membrane)
        bench.X(node, self.block.name, *(pins[port] for port in self.block.ports))


@dataclass(frozen=True)
class CoreCharge:
    """What a neuron's core is to its own membrane: capacitance, leak, and its clock's push.

    Attributes:
        pdk, design: the process and the neuron.
        corner, temperature_C, wire_capacitance_F: conditions.
        slow: sweep slowly, for the leak.
    """

    pdk: Pdk
    design: Design
    corner: str = "tt"
    temperature_C: float = 27.0
    wire_capacitance_F: float = 2e-15
    slow: bool = False

    def conditions(self) -> Row:
        """Return corner and which sweep it is."""
        return {"corner": self.corner, "sweep": "slow" if self.slow else "fast"}

    def build(self) -> Deck:
        """Return a deck with one core whose membrane is swept and one whose membrane is held."""
        technology, sizes = Technology(self.pdk, self.wire_capacitance_F), self.design.neuron
        core = neuron_core(technology, sizes, 1)
        mirror = bias_mirror(technology, sizes.spike_generator)
        texts: dict[str, str] = {}
        for block in (core, mirror):
            block.collect(texts)
        devices = [size for block in (core, mirror) for _, size in block.transistors()]
        step_s = _LEAK_SWEEP_S / 500 if self.slow else _STEP_S
        options = replace(self.design.options.plain(), max_step_s=step_s)
        vdd_V = self.pdk.vdd_V
        return Deck(
            title=f"neuron core over its membrane, {self.pdk.name} {self.corner}",
            body="\n".join((*texts.values(), self._testbench(core, mirror))),
            models=self.pdk.models(self.corner, devices),
            stop_s=_LEAK_SWEEP_S if self.slow else _SWEEP_START_S + 2 * _SWEEP_S + 5e-9,
            save=("v(swept)", "i(vswept)", "i(vheld)"),
            options=options,
            temperature_C=self.temperature_C,
            initial_V={**resting_core("xswept.", vdd_V), **resting_core("xheld.", vdd_V)},
        )

    def measure(self, traces: Traces) -> Row:
        """Return the charge that the rise of the clock pushes into a membrane at rest."""
        if self.slow:
            return {}
        start_s, drive = FIRST_SPIKE_S, self.design.drive
        stop_s = start_s + drive.width_s / 2
        pushed = integrate(traces.time_s, traces["i(vheld)"], start_s - _STEP_S, stop_s)
        return {"clock_push_coulomb": pushed}

    def capacitance(self, traces: Traces, membrane_V: Array) -> Array:
        """Return the core's capacitance over its membrane, membrane capacitor included (F)."""
        return _there_and_back(traces, "swept", membrane_V, self.pdk.vdd_V)[1]

    def leakage(self, traces: Traces, membrane_V: Array) -> Array:
        """Return what leaks into the membrane over its voltage (A), of a slow sweep."""
        leak_A: Array = np.interp(membrane_V, traces["v(swept)"], traces["i(vswept)"])
        return leak_A

    def _testbench(self, core: Block, mirror: Block) -> str:
        bench, sizes, vdd_V = Circuit(""), self.design.neuron, self.pdk.vdd_V
        place_sources(bench, neuron_voltages(self.pdk, sizes, {}))
        place_bias(bench, mirror, sizes.spike_generator.bias_current_A)
        drive = replace(self.design.drive, spikes_in=1)
        bench.V("spike", "spike", 0, spike_train(drive, FIRST_SPIKE_S, vdd_V))
        slow = f"pwl(0 0 {spice_number(_LEAK_SWEEP_S)} {spice_number(vdd_V)})"
        bench.V("swept", "swept", 0, slow if self.slow else _triangle(vdd_V))
        bench.V("held", "held", 0, spice_number(sizes.v_rest_V))
        for mem, spike in (("swept", "vdd"), ("held", "spike")):
            pins = {pin: pin for pin in (*SUPPLIES, *BIASES)}
            pins |= {"in1": spike, "mem": mem, "out": f"out_{mem}"}
            bench.X(mem, core.name, *(pins[port] for port in core.ports))
        return bench_text(bench)


def _triangle(top_V: float) -> str:
    times = (0.0, _SWEEP_START_S, _SWEEP_START_S + _SWEEP_S, _SWEEP_START_S + 2 * _SWEEP_S)
    corners = zip(times, (0.0, 0.0, top_V, 0.0), strict=True)
    return "pwl(" + " ".join(f"{spice_number(t)} {spice_number(v)}" for t, v in corners) + ")"


def _there_and_back(
    traces: Traces, node: str, membrane_V: Array, top_V: float
) -> tuple[Array, Array]:
    """Return what a node conducts into its source, and its capacitance, over its voltage."""
    slope_V_per_s = top_V / _SWEEP_S
    into_A = traces[f"i(v{node})"]
    up_s = _SWEEP_START_S + membrane_V / slope_V_per_s
    down_s = _SWEEP_START_S + 2 * _SWEEP_S - membrane_V / slope_V_per_s
    up_A, down_A = (np.interp(at_s, traces.time_s, into_A) for at_s in (up_s, down_s))
    return (up_A + down_A) / 2, (down_A - up_A) / (2 * slope_V_per_s)
