"""One neuron, one spike train, one synapse supply: spikes and energy out."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySpice.Spice.Netlist import Circuit

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.designs import Design
from anaspike.circuits.neuron import NeuronSizes, input_pins, memory_pins, neuron
from anaspike.circuits.parameters import check_positive
from anaspike.circuits.spike_generator import bias_mirror
from anaspike.errors import InputError
from anaspike.experiments.domain import NODE, Domain, droops
from anaspike.experiments.measure import Spikes, find_decisions, find_spikes
from anaspike.experiments.protocol import Row, Traces
from anaspike.experiments.stimulus import check_drive, following, spike_train
from anaspike.experiments.testbench import (
    FIRST_SPIKE_S,
    SETTLE_S,
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
from anaspike.pdk.roles import Pdk
from anaspike.spice.deck import Deck

_LATCHES = ("latch_p", "latch_n")

# Whose energy each source's is.
ENERGY_OF = {
    "vdd": "core",
    "vdd_comparator": "comparator",
    "vdd_clock_gate": "clock_gate",
    "vdd_flip_flop": "flip_flop",
    "vdd_delay": "delay",
    "vdd_syn": "synapse",
    "vdd_bias": "references",
    "v_rest": "references",
    "v_th": "references",
}
CONSUMERS = tuple(dict.fromkeys(ENERGY_OF.values()))


def consumer_of(sizes: NeuronSizes) -> dict[str, str]:
    """Return whose energy each source's is: the sinks' gates' and the weights' where there are."""
    return {
        **ENERGY_OF,
        **({} if sizes.synapse.sink_on_V is None else {"vdd_sink": "synapse"}),
        **({"vdd_weights": "weights"} if sizes.weights == "stored" else {}),
    }


@dataclass(frozen=True)
class NeuronTransient:
    """A neuron driven by a spike train at one synapse supply.

    Attributes:
        pdk: the process.
        design: sizes, drive and numerical settings.
        vdd_syn_V: supply of the synapses, in volt.
        corner: global corner.
        temperature_C: in degrees Celsius.
        wire_capacitance_F: of each node, in farad.
        seed: of a mismatch sample; None for nominal devices.
        start_V: membrane at the start, in volt; None for v_rest.
        domain: what feeds its synapses, and others like them; None for a stiff supply.
        whole: with every synapse and gate on its own, as in a netlist to read. Otherwise nominal
            synapses of one code, which hear the same here, are built as one: the same circuit.

    Raises:
        InputError: a value that cannot be simulated.
    """

    pdk: Pdk
    design: Design
    vdd_syn_V: float
    corner: str
    temperature_C: float = 27.0
    wire_capacitance_F: float = 2e-15
    seed: int | None = None
    start_V: float | None = None
    domain: Domain | None = None
    whole: bool = False

    def __post_init__(self) -> None:
        check_positive(self.vdd_syn_V, "the synapse supply (V)")
        if self.vdd_syn_V > self.pdk.vdd_V:
            raise InputError(
                f"a synapse supply of {self.vdd_syn_V:g} V is above the core supply of"
                f" {self.pdk.vdd_V:g} V on {self.pdk.name}: the spikes could not switch it off"
            )
        check_conditions(self.pdk, self.corner, self.temperature_C, self.seed)
        check_drive(self.design.drive)
        if self.domain is not None:
            _ = self._share(self.domain)

    @property
    def stop_s(self) -> float:
        """End of the transient: one period after the train, in seconds."""
        drive = self.design.drive
        return FIRST_SPIKE_S + (drive.spikes_in + 1) * drive.period_s

    @cached_property
    def block(self) -> Block:
        """The neuron's sub-circuit."""
        technology, sizes = Technology(self.pdk, self.wire_capacitance_F), self.design.neuron
        # Each device of a chip deviates by itself, and what is drawn or stored is not taken apart.
        own = self.whole or self.seed is not None or sizes.weights == "stored"
        alike = not (own or technology.layouts is not None)
        return neuron(technology, sizes, self.design.drive.codes, alike=alike)

    def conditions(self) -> Row:
        """Return the synapse supply, the number of input spikes, start and domain if told."""
        started = {} if self.start_V is None else {"start_V": self.start_V}
        return {
            "vdd_syn_V": self.vdd_syn_V,
            "spikes_in": self.design.drive.spikes_in,
            **started,
            **({} if self.domain is None else self.domain.conditions()),
        }

    def build(self) -> Deck:
        """Return the testbench: the neuron, a source for each consumer, the input train."""
        mirror = bias_mirror(self.block.technology, self.design.neuron.spike_generator)
        sizes = [size for _, size in (*self.block.transistors(), *mirror.transistors())]
        body = "\n".join((self.block.definitions(), mirror.definitions(), self._testbench(mirror)))
        neuron_sizes, drive = self.design.neuron, self.design.drive
        return Deck(
            title=f"neuron at vdd_syn = {self.vdd_syn_V:g} V, {self.pdk.name} {self.corner}",
            body=body,
            models=self.pdk.models(self.corner, sizes),
            stop_s=self.stop_s,
            save=(
                *(f"v({node})" for node in ("mem", "out", *input_pins(len(drive.codes)))),
                *(_core(node) for node in (*_LATCHES, "hold")),
                *(f"i(v{source})" for source in consumer_of(neuron_sizes)),
                *(() if self.domain is None else (f"v({NODE})",)),
            ),
            options=following(self.design.options, self.design.drive),
            temperature_C=self.temperature_C,
            initial_V={
                "mem": neuron_sizes.v_rest_V if self.start_V is None else self.start_V,
                **resting_core("xneuron.xcore.", self.pdk.vdd_V),
                **stored_codes("xneuron.", neuron_sizes, drive.codes, self.pdk.vdd_V),
            },
            alter=mismatch_alter(
                self.pdk, self.corner, self.seed, (("xneuron.", self.block), ("xbias.", mirror))
            ),
        )

    def measure(self, traces: Traces) -> Row:
        """Return spikes, timing and energy, from the end of settling to the end of the run.

        `energy_per_spike_J` counts all supplies and references, the bias mirror by the neuron's
        part of it (1 / `neurons_per_mirror`), and is None when nothing fired.
        `highest_silent_V` and `lowest_fired_V` are where the membrane was as it decided.

        Raises:
            NotSettled: the neuron was not at rest before the first spike.
        """
        time_s, vdd_V = traces.time_s, self.pdk.vdd_V
        check_rest(traces, {"v(out)": 0.0, _core("latch_p"): 0.0, _core("latch_n"): vdd_V}, vdd_V)
        out = find_spikes(time_s, traces["v(out)"], 0.7 * vdd_V, 0.3 * vdd_V)
        consumers = consumer_of(self.design.neuron)
        voltages_V, shared = self._voltages(), shared_by(self.design.neuron)
        energies_J = energies(traces, voltages_V, consumers, self.stop_s, shared)
        total_J = math.fsum(energies_J.values())
        static_W = static_power(traces, voltages_V, shared)
        fired = len(out)
        decided = find_decisions(time_s, traces[_core("hold")], traces["v(mem)"], out, vdd_V)
        drive = self.design.drive
        return {
            "spikes_out": fired,
            "rate_out_Hz": fired / (drive.spikes_in * drive.period_s),
            "latency_s": self._latency(out),
            "spike_width_s": _mean(out.width_s),
            "energy_total_J": total_J,
            "energy_per_spike_J": total_J / fired if fired else None,
            "highest_silent_V": decided.highest_silent_V,
            "lowest_fired_V": decided.lowest_fired_V,
            "static_power_W": static_W,
            "static_share": static_W * (self.stop_s - SETTLE_S) / total_J,
            **{f"energy_{consumer}_J": spent_J for consumer, spent_J in energies_J.items()},
            "mirror_share": shared["vdd_bias"],
            **({} if self.domain is None else self._of_the_domain(traces)),
        }

    def _of_the_domain(self, traces: Traces) -> Row:
        """Return its droop, and how far the first spike moves the membrane, in volt."""
        drive = self.design.drive
        ends_s = (FIRST_SPIKE_S, FIRST_SPIKE_S + drive.width_s)
        before_V, after_V = np.interp(ends_s, traces.time_s, traces["v(mem)"])
        return {
            **droops(traces, self.vdd_syn_V, drive),
            "first_rise_V": float(after_V - before_V),
        }

    def _share(self, domain: Domain) -> Domain:
        """Return what the neuron's own active synapses see of their domain."""
        return domain.share_of(max(1, sum(map(bool, self.design.drive.codes))))

    def _voltages(self) -> dict[str, float]:
        sizes = self.design.neuron
        supplies_V = {"vdd_syn": self.vdd_syn_V, **weight_supply(self.pdk, sizes)}
        return neuron_voltages(self.pdk, sizes, supplies_V)

    def _testbench(self, mirror: Block) -> str:
        bench = Circuit("")
        voltages_V = self._voltages()
        if self.domain is not None:
            self._share(self.domain).place(bench, voltages_V.pop(NODE))
        place_sources(bench, voltages_V)
        place_bias(bench, mirror, self.design.neuron.spike_generator.bias_current_A)
        train = spike_train(self.design.drive, FIRST_SPIKE_S, self.pdk.vdd_V)
        for pin, driven in self._driven().items():
            bench.V(pin, pin, 0, train if driven else "0")
        _, *lines = memory_pins(self.design.neuron, len(self.design.drive.codes)) or ("",)
        for line in lines:  # nothing is written: the codes are in the memory from the start
            bench.V(line, line, 0, "0")
        bench.X("neuron", self.block.name, *self.block.ports)
        return bench_text(bench)

    def _driven(self) -> dict[str, bool]:
        """Return, for each input, whether it gets the train."""
        codes = self.design.drive.codes
        return dict(zip(input_pins(len(codes)), map(bool, codes), strict=True))

    def _latency(self, out: Spikes) -> float | None:
        """Return the mean time from the start of the input spike before each output spike."""
        drive = self.design.drive
        starts_s = FIRST_SPIKE_S + drive.period_s * np.arange(drive.spikes_in)
        before = np.searchsorted(starts_s, out.rise_s) - 1
        return _mean((out.rise_s - starts_s[before])[before >= 0])


def _core(node: str) -> str:
    return f"v(xneuron.xcore.{node})"


def _mean(values: NDArray[np.float64]) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.mean(known)) if len(known) else None
