"""Codes written into a neuron's weight memory and read back through the neuron."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from PySpice.Spice.Netlist import Circuit

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.designs import Design
from anaspike.circuits.neuron import input_pins, memory_pins, neuron
from anaspike.circuits.spike_generator import bias_mirror
from anaspike.circuits.synapse import check_code, code_bits, synapse
from anaspike.errors import InputError
from anaspike.experiments.measure import find_spikes, integrate
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.protocol import Row, Traces
from anaspike.experiments.stimulus import steps
from anaspike.experiments.testbench import (
    FIRST_SPIKE_S,
    bench_text,
    mismatch_alter,
    neuron_voltages,
    place_bias,
    place_sources,
    resting_core,
    stored_codes,
    synapse_voltages,
    weight_supply,
)
from anaspike.experiments.weight_memory import SLOT_S, memory_of, written_lines
from anaspike.pdk.roles import Pdk
from anaspike.spice.deck import Deck

_WRITE_S = 5 * SLOT_S  # three slots of a write, and a little peace before and after
_EDGE_S = 0.2e-9
_READ_S = 50e-9  # so long a spike that a code's charge stands far above the clock's push


@dataclass(frozen=True)
class _WrittenNeuron:
    """A neuron whose first synapse is given one code after the other, spikes after each.

    The other synapses hold code 0, and their word lines stay low.

    Attributes:
        pdk, design: the process and the neuron; its weights are stored whatever it says.
        codes: written one after the other, each once.
        vdd_syn_V: supply of the synapses, in volt.
        corner, temperature_C: conditions.
        seed: of a mismatch sample; None for nominal devices.

    Raises:
        InputError: a value that cannot be simulated.
    """

    pdk: Pdk
    design: Design
    codes: tuple[int, ...]
    vdd_syn_V: float
    corner: str = "tt"
    temperature_C: float = 27.0
    seed: int | None = None

    def __post_init__(self) -> None:
        _ = memory_of(self.design)
        # What any neuron refuses: a supply above the core's, a corner, a train.
        _ = NeuronTransient(
            *(self.pdk, self.design, self.vdd_syn_V, self.corner, self.temperature_C),
            seed=self.seed,
        )
        if not self.codes or len({check_code(code) for code in self.codes}) < len(self.codes):
            raise InputError("give the codes to write, each once, for example -7,0,7")

    @property
    def spikes(self) -> int:
        """Spikes after each write."""
        return 1

    @property
    def width_s(self) -> float:
        """Width of a spike, in seconds."""
        return self.design.drive.width_s

    @property
    def period_s(self) -> float:
        """From spike to spike, in seconds."""
        return self.width_s + SLOT_S

    @cached_property
    def stored(self) -> Design:
        """The design, its weights stored."""
        return replace(self.design, neuron=replace(self.design.neuron, weights="stored"))

    @cached_property
    def block(self) -> Block:
        """The neuron's sub-circuit, with as many synapses as the design's drive has."""
        return neuron(Technology(self.pdk), self.stored.neuron, self.design.drive.codes)

    @property
    def stop_s(self) -> float:
        """End of the transient, in seconds."""
        return self._starts_s(len(self.codes)) + SLOT_S

    def conditions(self) -> Row:
        """Return supply, corner, temperature and seed."""
        return {
            "vdd_syn_V": self.vdd_syn_V,
            "corner": self.corner,
            "temperature_C": self.temperature_C,
            "seed": self.seed,
        }

    def build(self) -> Deck:
        """Return the neuron, its memory's lines driven, and spikes into its first synapse."""
        sizes, vdd_V = self.stored.neuron, self.pdk.vdd_V
        mirror = bias_mirror(self.block.technology, sizes.spike_generator)
        devices = [size for block in (self.block, mirror) for _, size in block.transistors()]
        nothing = [0] * len(self.design.drive.codes)
        return Deck(
            title=f"a neuron with a weight memory, {self.pdk.name} {self.corner}",
            body="\n".join(
                (self.block.definitions(), mirror.definitions(), self._testbench(mirror))
            ),
            models=self.pdk.models(self.corner, devices),
            stop_s=self.stop_s,
            save=("v(mem)", "v(out)", *self._also()),
            options=self.design.options,
            temperature_C=self.temperature_C,
            initial_V={
                "mem": sizes.v_rest_V,
                **resting_core("xneuron.xcore.", vdd_V),
                **stored_codes("xneuron.", sizes, nothing, vdd_V),
            },
            alter=mismatch_alter(
                self.pdk, self.corner, self.seed, (("xneuron.", self.block), ("xbias.", mirror))
            ),
        )

    def _also(self) -> tuple[str, ...]:
        return ()

    def _sources(self) -> dict[str, float]:
        supplies_V = {"vdd_syn": self.vdd_syn_V, **weight_supply(self.pdk, self.stored.neuron)}
        return neuron_voltages(self.pdk, self.stored.neuron, supplies_V)

    def _starts_s(self, number: int) -> float:
        """Return when a code's turn starts."""
        return FIRST_SPIKE_S + number * (_WRITE_S + self.spikes * self.period_s)

    def _first_spike_s(self, number: int) -> float:
        return self._starts_s(number) + _WRITE_S

    def _spikes(self) -> list[tuple[float, bool]]:
        levels = [(0.0, False)]
        for number in range(len(self.codes)):
            for spike in range(self.spikes):
                start_s = self._first_spike_s(number) + spike * self.period_s
                levels += [(start_s, True), (start_s + self.width_s, False)]
        return levels

    def _testbench(self, mirror: Block) -> str:
        bench, vdd_V, drive = Circuit(""), self.pdk.vdd_V, self.design.drive
        place_sources(bench, self._sources())
        place_bias(bench, mirror, self.stored.neuron.spike_generator.bias_current_A)
        writes = [(self._starts_s(n), code) for n, code in enumerate(self.codes)]
        lines = written_lines(writes)
        lines["word1"] = lines.pop("word")
        lines["in1"] = self._spikes()
        pins = input_pins(len(drive.codes))
        _, *others = memory_pins(self.stored.neuron, len(pins))
        for line in (*pins, *others):
            levels = [(at_s, vdd_V * level) for at_s, level in lines.get(line, [])]
            bench.V(line, line, 0, steps(levels, _EDGE_S) if levels else "0")
        bench.X("neuron", self.block.name, *self.block.ports)
        return bench_text(bench)


@dataclass(frozen=True)
class StoredCharges(_WrittenNeuron):
    """What one spike brings under each code, the membrane held at rest; 0 is among the codes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0 not in self.codes:
            raise InputError(
                "0 must be among the codes: what a spike brings with it is not the weight's"
            )

    @property
    def width_s(self) -> float:
        """Width of a spike, in seconds: the drive's, or what it takes to read a small charge."""
        return max(self.design.drive.width_s, _READ_S)

    def measure(self, traces: Traces) -> Row:
        """Return the charge of each code, in coulomb, what code 0 brings taken off."""
        total_C = {code: self._charge(traces, n) for n, code in enumerate(self.codes)}
        return {f"charge_{code:+d}_coulomb": total - total_C[0] for code, total in total_C.items()}

    def _also(self) -> tuple[str, ...]:
        return ("i(vmem)",)

    def _sources(self) -> dict[str, float]:
        return {**super()._sources(), "mem": self.stored.neuron.v_rest_V}

    def _charge(self, traces: Traces, number: int) -> float:
        start_s = self._first_spike_s(number) - _EDGE_S
        stop_s = start_s + self.width_s + SLOT_S / 2
        return integrate(traces.time_s, traces["i(vmem)"], start_s, stop_s)


@dataclass(frozen=True)
class DrivenCharges(StoredCharges):
    """The same codes at the same times to a synapse alone, whose bits ideal sources drive.

    What stored codes are read by: a charge is the code that brings as much here.
    """

    @cached_property
    def block(self) -> Block:
        """The synapse's sub-circuit."""
        return synapse(Technology(self.pdk), self.design.neuron.synapse)

    def build(self) -> Deck:
        """Return the synapse, its bits and its spikes."""
        devices = [size for _, size in self.block.transistors()]
        return Deck(
            title=f"a synapse whose bits are driven, {self.pdk.name} {self.corner}",
            body=f"{self.block.definitions()}\n{self._bench()}",
            models=self.pdk.models(self.corner, devices),
            stop_s=self.stop_s,
            save=self._also(),
            options=self.design.options,
            temperature_C=self.temperature_C,
            alter=mismatch_alter(self.pdk, self.corner, self.seed, (("xsynapse1.", self.block),)),
        )

    def _bench(self) -> str:
        bench, vdd_V = Circuit(""), self.pdk.vdd_V
        sizes = self.design.neuron
        supplies_V = {"vdd_syn": self.vdd_syn_V, **synapse_voltages(self.pdk, sizes.synapse)}
        place_sources(bench, {**supplies_V, "mem": sizes.v_rest_V})
        lines: dict[str, list[tuple[float, bool]]] = {"spike": self._spikes()}
        for bit in code_bits(0):
            turns = [(self._starts_s(n), code_bits(code)[bit]) for n, code in enumerate(self.codes)]
            lines[bit] = [(0.0, False), *turns]
        for line, levels in lines.items():
            volts = [(at_s, vdd_V * level) for at_s, level in levels]
            bench.V(line, line, 0, steps(volts, _EDGE_S))
        bench.X("synapse1", self.block.name, *self.block.ports)
        return bench_text(bench)


@dataclass(frozen=True)
class StoredSpikes(_WrittenNeuron):
    """How many spikes come out under each code, the membrane free.

    Attributes:
        spikes_in: spikes after each write, a period of the design's drive apart.
    """

    spikes_in: int = 5

    @property
    def spikes(self) -> int:
        """Spikes after each write."""
        return self.spikes_in

    @property
    def period_s(self) -> float:
        """From spike to spike, in seconds."""
        return self.design.drive.period_s

    def measure(self, traces: Traces) -> Row:
        """Return the spikes out in each code's turn."""
        vdd_V = self.pdk.vdd_V
        out = find_spikes(traces.time_s, traces["v(out)"], 0.7 * vdd_V, 0.3 * vdd_V)
        starts_s = [self._starts_s(n) for n in range(len(self.codes) + 1)]
        counts, _ = np.histogram(out.rise_s, starts_s)
        return {
            f"spikes_{code:+d}": int(count) for code, count in zip(self.codes, counts, strict=True)
        }
