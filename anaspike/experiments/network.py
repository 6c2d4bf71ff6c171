"""A whole network in one transistor-level deck: spikes of every neuron out."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from PySpice.Spice.Netlist import Circuit

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.designs import Design, Drive
from anaspike.circuits.network import Network, network_blocks
from anaspike.circuits.neuron import BIASES, SUPPLIES, input_pins, memory_pins
from anaspike.circuits.spike_generator import bias_mirror
from anaspike.errors import InputError
from anaspike.experiments.measure import find_spikes
from anaspike.experiments.neuron_transient import consumer_of
from anaspike.experiments.protocol import NotFinished, Row, Traces
from anaspike.experiments.stimulus import check_drive, following, spike_train
from anaspike.experiments.testbench import (
    FIRST_SPIKE_S,
    bench_text,
    check_conditions,
    check_rest,
    energies,
    mismatch_alter,
    neuron_voltages,
    place_bias,
    place_sources,
    resting_core,
    shared_by,
    static_power,
    stored_codes,
    weight_supply,
)
from anaspike.pdk.roles import MosSize, Pdk
from anaspike.spice.deck import Deck

_GATE_F = 2e-15  # of a delay's node, beside its wire: more than a small inverter's input has
_QUIET_S = 5e-9  # a neuron that fell silent as late may have made another decide


@dataclass(frozen=True)
class NetworkTransient:
    """A network, and how many spikes each input gets.

    Attributes:
        pdk: the process.
        design: sizes, shape of an input spike, numerical settings.
        network: its neurons and their supplies.
        spikes_in: input -> number of spikes, 0 or more; all trains start together.
        corner: global corner.
        temperature_C: in degrees Celsius.
        wire_capacitance_F: of each node, in farad.
        seed: of a mismatch sample; None for nominal devices.
        tag: a word of the asker's own, shown in the row.

    Raises:
        InputError: a condition that cannot be simulated.
    """

    pdk: Pdk
    design: Design
    network: Network
    spikes_in: Mapping[str, int] = field(hash=False)
    corner: str = "tt"
    temperature_C: float = 27.0
    wire_capacitance_F: float = 2e-15
    seed: int | None = None
    tag: str = ""

    def __post_init__(self) -> None:
        check_conditions(self.pdk, self.corner, self.temperature_C, self.seed)
        if set(self.spikes_in) != set(self.network.inputs):
            raise InputError(
                f"the inputs are {', '.join(self.network.inputs)}; give each its number of spikes"
            )
        for name, spikes in self.spikes_in.items():
            if spikes < 0:
                raise InputError(f"input '{name}' cannot get {spikes} spikes; give 0 or more")
            if spikes:
                check_drive(self._train(spikes))
        for cell in self.network.neurons:
            if cell.vdd_syn_V > self.pdk.vdd_V:
                raise InputError(
                    f"neuron '{cell.name}': a synapse supply of {cell.vdd_syn_V:g} V is above the"
                    f" core supply of {self.pdk.vdd_V:g} V on {self.pdk.name}"
                )

    @property
    def stop_s(self) -> float:
        """End of the transient, in seconds: the longest train, and time for what follows of it.

        That is two periods, or a spike of each layer where those take longer.
        """
        longest, period_s = max(1, *self.spikes_in.values()), self.design.drive.period_s
        layers_s = len(self.network.levels()) * self._longest_spike_s()
        return FIRST_SPIKE_S + longest * period_s + max(2 * period_s, layers_s)

    @cached_property
    def blocks(self) -> Mapping[str, Block]:
        """Each neuron's sub-circuit."""
        technology = Technology(self.pdk, self.wire_capacitance_F)
        return network_blocks(technology, self.design.neuron, self.network)

    def conditions(self) -> Row:
        """Return corner, seed, tag and the spikes of each input."""
        spikes = {f"in_{name}": count for name, count in self.spikes_in.items()}
        return {"case": self.tag, "corner": self.corner, "seed": self.seed, **spikes}

    def build(self) -> Deck:
        """Return the deck: every neuron on its own synapse supply, one bias mirror for all."""
        technology = next(iter(self.blocks.values())).technology
        mirror = bias_mirror(technology, self.design.neuron.spike_generator)
        placed = [(f"x{name}.", block) for name, block in self.blocks.items()]
        placed.append(("xbias.", mirror))
        sizes = [size for _, block in placed for _, size in block.transistors()]
        initial_V, vdd_V = {}, self.pdk.vdd_V
        for name in self.blocks:
            initial_V[f"mem_{name}"] = self.design.neuron.v_rest_V
            initial_V |= resting_core(f"x{name}.xcore.", vdd_V)
        for cell in self.network.neurons:
            codes = [code for _, code in cell.synapses]
            initial_V |= stored_codes(f"x{cell.name}.", self.design.neuron, codes, vdd_V)
        return Deck(
            title=f"network of {len(self.blocks)} neurons, {self.pdk.name} {self.corner}",
            body="\n".join((self._definitions(mirror), self._testbench(mirror))),
            models=self.pdk.models(self.corner, sizes),
            stop_s=self.stop_s,
            save=(
                *(f"v({name})" for name in (*self.network.inputs, *self.blocks)),
                *(f"v(mem_{name})" for name in self.blocks),
                *(f"v({_latch(name, side)})" for name in self.blocks for side in "pn"),
                *(f"i(v{source})" for source in self._voltages()),
            ),
            options=following(self.design.options, self.design.drive),
            temperature_C=self.temperature_C,
            initial_V=initial_V,
            alter=mismatch_alter(self.pdk, self.corner, self.seed, placed),
        )

    def measure(self, traces: Traces) -> Row:
        """Return the spikes of each neuron, and the energy of all, by consumer.

        Raises:
            NotSettled: a neuron was not at rest before the first spike.
            NotFinished: one had a spike under way at the end.
        """
        vdd_V = self.pdk.vdd_V
        for name in self.blocks:
            resting_V = {name: 0.0, _latch(name, "p"): 0.0, _latch(name, "n"): vdd_V}
            check_rest(traces, {f"v({node})": level for node, level in resting_V.items()}, vdd_V)
            self._check_finished(traces, name)
        voltages_V = self._voltages()
        known = consumer_of(self.design.neuron)
        consumers = {source: known.get(source, "synapse") for source in voltages_V}
        shared = shared_by(self.design.neuron, len(self.blocks))
        spent_J = energies(traces, voltages_V, consumers, self.stop_s, shared)
        return {
            **{f"spikes_{name}": len(self.spike_times(traces, name)) for name in self.blocks},
            "energy_total_J": math.fsum(spent_J.values()),
            "static_power_W": static_power(traces, voltages_V, shared),
            **{
                f"energy_{consumer}_J": spent_J[consumer]
                for consumer in dict.fromkeys(known.values())
            },
            "mirror_share": shared["vdd_bias"],
        }

    def spike_times(self, traces: Traces, name: str) -> list[float]:
        """Return when an input's or neuron's spikes rise, in seconds."""
        vdd_V = self.pdk.vdd_V
        spikes = find_spikes(traces.time_s, traces[f"v({name})"], 0.7 * vdd_V, 0.3 * vdd_V)
        return [float(at_s) for at_s in spikes.rise_s]

    def _longest_spike_s(self) -> float:
        """Return more than a neuron's own spike takes: its delay's two nodes, charged by the
        starved current to three quarters of the supply. They trip at half of it.
        """
        sizes = self.design.neuron.spike_generator
        ratio = min(
            _width_over_length(sizes.starve_n) / _width_over_length(sizes.mirror_n),
            _width_over_length(sizes.starve_p) / _width_over_length(sizes.mirror_p),
        )
        charge_C = 2 * (self.wire_capacitance_F + _GATE_F) * 0.75 * self.pdk.vdd_V
        return charge_C / (ratio * sizes.bias_current_A)

    def _check_finished(self, traces: Traces, name: str) -> None:
        late = traces.time_s >= self.stop_s - _QUIET_S
        if np.any(traces[f"v({name})"][late] > self.pdk.vdd_V / 2):
            raise NotFinished(
                f"{name} was firing as the run ended, {self.stop_s:.3g} s after its start: what"
                " follows of it is not known; make its own spikes shorter with a larger bias"
                " current, or the input's period longer"
            )

    def _source(self, spikes: int) -> str:
        if not spikes:
            return "0"
        return spike_train(self._train(spikes), FIRST_SPIKE_S, self.pdk.vdd_V)

    def _train(self, spikes: int) -> Drive:
        return replace(self.design.drive, spikes_in=spikes)

    def _voltages(self) -> dict[str, float]:
        supplies_V = {f"vdd_syn_{cell.name}": cell.vdd_syn_V for cell in self.network.neurons}
        sizes = self.design.neuron
        return neuron_voltages(self.pdk, sizes, supplies_V | weight_supply(self.pdk, sizes))

    def _definitions(self, mirror: Block) -> str:
        """Return every definition once; blocks of several neurons share most of theirs."""
        texts: dict[str, str] = {}
        for block in (*self.blocks.values(), mirror):
            block.collect(texts)
        return "\n".join(texts.values())

    def _testbench(self, mirror: Block) -> str:
        bench = Circuit("")
        place_sources(bench, self._voltages())
        place_bias(bench, mirror, self.design.neuron.spike_generator.bias_current_A)
        for name, spikes in self.spikes_in.items():
            bench.V(name, name, 0, self._source(spikes))
        for cell in self.network.neurons:
            block = self.blocks[cell.name]
            nodes = {
                **dict(
                    zip(
                        input_pins(len(cell.synapses)),
                        (source for source, _ in cell.synapses),
                        strict=True,
                    )
                ),
                **{pin: pin for pin in (*SUPPLIES, *BIASES, "vdd_sink")},
                "mem": f"mem_{cell.name}",
                "out": cell.name,
                "vdd_syn": f"vdd_syn_{cell.name}",
                # Nothing is written: the codes are in the memory from the start.
                **dict.fromkeys(memory_pins(self.design.neuron, len(cell.synapses)), "0"),
                "vdd_weights": "vdd_weights",
            }
            bench.X(cell.name, block.name, *(nodes[port] for port in block.ports))
        return bench_text(bench)


def _width_over_length(size: MosSize) -> float:
    return size.w_m * size.mult / size.l_m


def _latch(name: str, side: str) -> str:
    return f"x{name}.xcore.latch_{side}"
