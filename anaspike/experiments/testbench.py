"""What the testbenches of blocks, neurons and networks have in common."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
from PySpice.Spice.Netlist import Circuit

from anaspike.circuits.block import Block
from anaspike.circuits.neuron import SUPPLIES, NeuronSizes
from anaspike.circuits.synapse import SynapseSizes
from anaspike.circuits.weight_memory import stored_bits
from anaspike.errors import InputError
from anaspike.experiments.measure import integrate, supply_energy
from anaspike.experiments.protocol import NotSettled, Traces
from anaspike.pdk.mismatch import check_seed, deviation, drawn_deviation
from anaspike.pdk.roles import MosSize, Pdk
from anaspike.units import spice_number

SETTLE_S = 100e-9  # energy counts from here: the start-up transient is over
FIRST_SPIKE_S = 200e-9  # between the two nothing happens: static power is read there


def check_conditions(pdk: Pdk, corner: str, temperature_C: float, seed: int | None) -> None:
    """Refuse conditions that cannot be simulated.

    Raises:
        InputError: an unknown corner, a temperature out of range, a negative seed.
    """
    pdk.check_corner(corner)
    if not -100 <= temperature_C <= 200:
        raise InputError(f"a temperature of {temperature_C:g} °C is outside -100 to 200 °C")
    if seed is not None:
        check_seed(seed)


def neuron_voltages(
    pdk: Pdk, sizes: NeuronSizes, vdd_syn_V: Mapping[str, float]
) -> dict[str, float]:
    """Return the voltage of every source that feeds neurons, each named for its node.

    Args:
        pdk, sizes: the process and the neurons, which share all but the synapses' supplies.
        vdd_syn_V: node -> supply of synapses, in volt.
    """
    shared_V = synapse_voltages(pdk, sizes.synapse) if vdd_syn_V else {}
    return {
        **dict.fromkeys((*SUPPLIES, "vdd_bias"), pdk.vdd_V),
        **vdd_syn_V,
        **shared_V,
        "v_rest": sizes.v_rest_V,
        "v_th": sizes.v_th_V,
    }


def synapse_voltages(pdk: Pdk, sizes: SynapseSizes) -> dict[str, float]:
    """Return the voltage of each node, other than `vdd_syn`, that synapses are fed from.

    Raises:
        InputError: the sinks' gates would be on a supply above the core's.
    """
    on_V = sizes.sink_on_V
    if on_V is not None and on_V > pdk.vdd_V:
        raise InputError(
            f"`sink_on_V` is {on_V:g} V, above the core supply of {pdk.vdd_V:g} V on {pdk.name}:"
            " the spikes could not switch the sinks off; give a lower one"
        )
    return {"vdd": pdk.vdd_V, **({} if on_V is None else {"vdd_sink": on_V})}


def place_sources(bench: Circuit, voltages_V: Mapping[str, float]) -> None:
    """Place a source for each node, at its voltage."""
    for node, voltage_V in voltages_V.items():
        bench.V(node, node, 0, spice_number(voltage_V))


def place_bias(bench: Circuit, mirror: Block, current_A: float) -> None:
    """Place the bias mirror, a current into it, between the nodes `vdd_bias` and `v_bias_*`."""
    bench.I("bias", "vdd_bias", "v_bias_n", spice_number(current_A))
    bench.X("bias", mirror.name, "v_bias_n", "v_bias_p", "vdd_bias")


def bench_text(bench: Circuit) -> str:
    """Return what was placed as SPICE text."""
    _, _, elements = str(bench).partition("\n")  # PySpice's own title line
    return f"* Testbench\n{elements}"


class HasTransistors(Protocol):
    """A circuit whose transistors are known: a `Block`, or what others drew."""

    def transistors(self, path: str = "") -> Iterator[tuple[str, MosSize]]:
        """Yield (path, size) of every transistor."""


def mismatch_alter(
    pdk: Pdk, corner: str, seed: int | None, placed: Iterable[tuple[str, HasTransistors]]
) -> tuple[tuple[str, str, float], ...]:
    """Return a mismatch sample as the `alter` entries of a deck; none for nominal devices.

    Args:
        pdk, corner: the process.
        seed: of the sample, or None.
        placed: (instance path with its dot, circuit) of everything placed: `xneuron.`.
    """
    if seed is None:
        return ()
    return tuple(
        (pdk.instance(path), parameter, value)
        for prefix, block in placed
        for path, size in block.transistors(prefix)
        for parameter, value in (
            *pdk.mismatch_parameters(size, corner, *deviation(pdk, size, seed, path)).items(),
            *pdk.drawn_parameters(size, *drawn_deviation(pdk, size, seed, path)).items(),
        )
    )


def resting_core(core: str, vdd_V: float) -> dict[str, float]:
    """Return where a core's latches start, as `.ic` wants it.

    Without these the operating point may be a metastable one, of the
    comparator's latch or of the flip-flop's reset loop.

    Args:
        core: instance path of the core, with its dot: `xneuron.xcore.`.
        vdd_V: core supply, in volt.
    """
    return {
        f"{core}latch_p": 0.0,
        f"{core}latch_n": vdd_V,
        f"{core}q": 0.0,
        f"{core}xspike_generator.reset": 0.0,
        f"{core}xspike_generator.xflip_flop.slave": vdd_V,
    }


def weight_supply(pdk: Pdk, sizes: NeuronSizes) -> dict[str, float]:
    """Return the source that feeds the weight memory, where the neurons have one, and its voltage.

    Beside `neuron_voltages`: benches without synapses of their own have no memory.
    """
    return {"vdd_weights": pdk.vdd_V} if sizes.weights == "stored" else {}


def stored_codes(
    neuron: str, sizes: NeuronSizes, codes: Sequence[int], vdd_V: float
) -> dict[str, float]:
    """Return where the latches of a neuron's memory start, as `.ic` wants it: codes are in them.

    Args:
        neuron: instance path of the neuron, with its dot: `xneuron.`.
        sizes: of it; of tied weights nothing starts anywhere.
        codes: of its synapses.
        vdd_V: supply of the memory, in volt.
    """
    if sizes.weights == "tied":
        return {}
    words = (held_code(f"{neuron}xweights{i}.", code, vdd_V) for i, code in enumerate(codes, 1))
    return {node: volt for word in words for node, volt in word.items()}


def held_code(word: str, code: int, vdd_V: float) -> dict[str, float]:
    """Return where the latches of one word start, as `.ic` wants it.

    Args:
        word: instance path of the word, with its dot: `xneuron.xweights1.`.
        code: that it holds.
        vdd_V: its supply, in volt.
    """
    start_V = {}
    for line, level in stored_bits(code).items():
        high_V = vdd_V if level else 0.0
        start_V[f"{word}{line}_q"] = start_V[f"{word}xlatch_{line}.store"] = high_V
        start_V[f"{word}{line}_b"] = vdd_V - high_V
    return start_V


def shared_by(sizes: NeuronSizes, neurons: int = 1) -> dict[str, float]:
    """Return what part of a source's power is theirs, where a chip's neurons share it.

    One bias mirror serves `neurons_per_mirror` neurons, and a testbench has a whole one.

    Args:
        sizes: of the neurons.
        neurons: how many of them the testbench has.
    """
    return {"vdd_bias": neurons / sizes.spike_generator.neurons_per_mirror}


def check_rest(traces: Traces, resting_V: Mapping[str, float], vdd_V: float) -> None:
    """Refuse a run whose circuit did not rest before the first spike.

    Args:
        traces: of the run.
        resting_V: vector -> where it should be, in volt.
        vdd_V: core supply; a tenth of it is the tolerance.

    Raises:
        NotSettled: a vector is elsewhere.
    """
    for vector, expected_V in resting_V.items():
        found_V = float(np.interp(FIRST_SPIKE_S, traces.time_s, traces[vector]))
        if abs(found_V - expected_V) > 0.1 * vdd_V:
            raise NotSettled(
                f"{vector} is {found_V:.3g} V before the first spike, expected"
                f" {expected_V:.3g} V: the neuron does not rest under these conditions"
            )


def energies(
    traces: Traces,
    voltages_V: Mapping[str, float],
    consumer_of: Mapping[str, str],
    stop_s: float,
    shared: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Return the energy of each consumer, from the end of settling, in joule.

    Args:
        traces: of the run; source `x` has its current in `i(vx)`.
        voltages_V: source -> its voltage.
        consumer_of: source -> whose energy it is.
        stop_s: end of the window.
        shared: source -> what part of it is counted; the others whole.
    """
    spent_J = dict.fromkeys(consumer_of.values(), 0.0)
    for source, voltage_V in voltages_V.items():
        energy_J = supply_energy(
            traces.time_s, traces[f"i(v{source})"], voltage_V, SETTLE_S, stop_s
        )
        energy_J *= (shared or {}).get(source, 1.0)
        # Charge pushed into a reference is not won back on a chip.
        reference = consumer_of[source] == "references"
        spent_J[consumer_of[source]] += max(0.0, energy_J) if reference else energy_J
    return spent_J


def static_power(
    traces: Traces, voltages_V: Mapping[str, float], shared: Mapping[str, float] | None = None
) -> float:
    """Return the mean power of all sources before the first spike, in watt; `shared` in part."""
    return math.fsum(
        -voltage_V
        * (shared or {}).get(source, 1.0)
        * integrate(traces.time_s, traces[f"i(v{source})"], SETTLE_S, FIRST_SPIKE_S)
        for source, voltage_V in voltages_V.items()
    ) / (FIRST_SPIKE_S - SETTLE_S)
