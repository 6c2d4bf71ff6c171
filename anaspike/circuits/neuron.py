"""The leaky integrate-and-fire neuron: core, membrane and N synapses (paper section 5.2)."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from anaspike.circuits.block import Block, Technology, built_once
from anaspike.circuits.clock_gate import clock_gate
from anaspike.circuits.comparator import ComparatorSizes, comparator
from anaspike.circuits.gates import LogicSizes, inverter
from anaspike.circuits.parameters import Parameters
from anaspike.circuits.pseudo_resistor import PseudoResistorSizes, pseudo_resistor
from anaspike.circuits.spike_generator import SpikeGeneratorSizes, spike_generator
from anaspike.circuits.synapse import SynapseSizes, check_code, code_bits, synapse, synapse_of_code
from anaspike.circuits.weight_memory import DATA, WeightMemorySizes, weight_memory, word_pins
from anaspike.errors import InputError
from anaspike.pdk.roles import MosSize
from anaspike.units import spice_number

# One pin a consumer, so that energy can be told apart; on a chip they are one net.
SUPPLIES = ("vdd", "vdd_comparator", "vdd_clock_gate", "vdd_flip_flop", "vdd_delay")
BIASES = ("v_rest", "v_th", "v_bias_n", "v_bias_p")


@dataclass(frozen=True)
class NeuronSizes(Parameters):
    """Sizes and values of the whole neuron.

    Attributes:
        logic: gates of the core.
        pseudo_resistor: the leak.
        synapse: each synapse.
        comparator: the threshold.
        spike_generator: flip-flop delay and its bias.
        reset_switch: NMOS that pulls the membrane to v_rest during a spike.
        membrane_F: membrane capacitor, in farad (the paper's 50 fF).
        v_rest_V: resting voltage (paper: 250 mV).
        v_th_V: threshold of the comparator (paper: 350 mV).
        weight_memory: of each synapse, where one has been sized.
        weights: whether the synapses' bits are "tied" to the supply or ground, as a memory would
            drive them, or "stored" in that memory, which is then a part of the neuron.
    """

    logic: LogicSizes
    pseudo_resistor: PseudoResistorSizes
    synapse: SynapseSizes
    comparator: ComparatorSizes
    spike_generator: SpikeGeneratorSizes
    reset_switch: MosSize
    membrane_F: float = field(default=50e-15, metadata={"most": 1e-9})
    v_rest_V: float = 0.25
    v_th_V: float = 0.35
    weight_memory: WeightMemorySizes | None = None
    weights: Literal["tied", "stored"] = "tied"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.v_th_V <= self.v_rest_V:
            raise InputError(
                f"`v_th_V` {self.v_th_V:g} must lie above `v_rest_V` {self.v_rest_V:g}"
            )
        if self.weights == "stored" and self.weight_memory is None:
            raise InputError(
                "`weights` are stored, but there is no `weight_memory`; give its sizes, or tie them"
            )


def input_pins(count: int) -> list[str]:
    """Return the names of the spike inputs, in1 first."""
    return [f"in{i + 1}" for i in range(count)]


@built_once
def reset_switch(technology: Technology, sizes: NeuronSizes) -> Block:
    """Return the switch that ties the membrane to v_rest while `on` is high."""
    block = Block(
        technology, "reset_switch", "mem", "on", "v_rest", title="Reset: membrane to v_rest"
    )
    block.nmos("n", sizes.reset_switch, "mem", "on", "v_rest")
    return block


@built_once
def membrane(technology: Technology, sizes: NeuronSizes) -> Block:
    """Return the membrane capacitor to ground."""
    block = Block(technology, "membrane", "mem", title="Membrane capacitor")
    block.C("mem", "mem", 0, spice_number(sizes.membrane_F))
    return block


@built_once
def neuron_core(technology: Technology, sizes: NeuronSizes, inputs: int) -> Block:
    """Return the neuron without synapses: membrane, leak, threshold and spike."""
    spikes = input_pins(inputs)
    block = Block(
        technology,
        f"neuron_core{inputs}",
        *(*spikes, "mem", "out", *SUPPLIES, *BIASES),
        title="Neuron core: membrane, leak, threshold, spike generator, reset",
    )
    block.place(
        "clock_gate",
        clock_gate(technology, sizes.logic, inputs),
        **{pin: pin for pin in spikes},
        out="out",
        hold="hold",
        vdd="vdd_clock_gate",
    )
    block.place(
        "comparator",
        comparator(technology, sizes.comparator),
        **{pin: pin for pin in ("mem", "v_th", "hold", "fire", "latch_p", "latch_n")},
        vdd="vdd_comparator",
    )
    block.place(
        "spike_generator",
        spike_generator(technology, sizes.spike_generator),
        fire="fire",
        q="q",
        **{pin: pin for pin in ("v_bias_n", "v_bias_p", "vdd_flip_flop", "vdd_delay")},
    )
    buffer = inverter(technology, sizes.logic)
    block.place("buffer", buffer, a="q", y="out_b", vdd="vdd")
    block.place("driver", buffer, a="out_b", y="out", vdd="vdd")
    block.place(
        "reset_switch", reset_switch(technology, sizes), mem="mem", on="out", v_rest="v_rest"
    )
    block.place("leak", pseudo_resistor(technology, sizes.pseudo_resistor), a="mem", b="v_rest")
    block.place("membrane", membrane(technology, sizes), mem="mem")
    return block


@built_once
def neuron(
    technology: Technology,
    sizes: NeuronSizes,
    codes: tuple[int, ...],
    name: str = "neuron",
    alike: bool = False,
) -> Block:
    """Return a neuron with one synapse for each code, all on the supply `vdd_syn`.

    The weight bits are tied to the core supply or ground, as a weight memory
    would drive them. Where the weights are stored, they come from that memory: its supply
    `vdd_weights`, its data lines and a word line for each synapse are pins then, and which code
    a synapse has is not of the circuit's making.

    Where synapses of one code are `alike` (nominal, tied, and told to spike together) they are
    built as one, and their idle gates too: the same neuron, with half of its transistors to
    evaluate.

    Raises:
        InputError: no code, or one outside -7..7.
    """
    if not codes:
        raise InputError("a neuron needs at least one synapse; give `codes`, for example +3")
    spikes = input_pins(len(codes))
    shared = ("mem", "out", *SUPPLIES, *BIASES)
    cell = synapse(technology, sizes.synapse)
    sink = {"vdd_sink": "vdd_sink"} if "vdd_sink" in cell.ports else {}
    block = Block(
        technology,
        name,
        *(*spikes, *shared, "vdd_syn", *sink, *memory_pins(sizes, len(codes))),
        title=f"Neuron with synapse codes {', '.join(f'{code:+d}' for code in codes)}",
    )
    core = neuron_core(technology, sizes, len(codes))
    block.place("core", core, **{pin: pin for pin in (*spikes, *shared)})
    if alike:
        for code, count in Counter(codes).items():
            first = codes.index(code)
            of_code = synapse_of_code(technology, sizes.synapse, code, count)
            pins = {pin: pin for pin in of_code.ports} | {"spike": spikes[first]}
            block.place(f"synapse{first + 1}", of_code, **pins)
        return block
    for i, (spike, code) in enumerate(zip(spikes, codes, strict=True)):
        nets = {"spike": spike, **{pin: pin for pin in ("mem", "vdd_syn", "vdd")}, **sink}
        nets |= _bits(block, sizes, i + 1, code)
        block.place(f"synapse{i + 1}", cell, **{port: nets[port] for port in cell.ports})
    return block


def memory_pins(sizes: NeuronSizes, synapses: int) -> tuple[str, ...]:
    """Return the pins that stored weights bring along: supply, data lines, word lines."""
    if sizes.weights == "tied":
        return ()
    return ("vdd_weights", *DATA, *word_pins(synapses))


def _bits(block: Block, sizes: NeuronSizes, number: int, code: int) -> dict[str, str]:
    """Return pin of a synapse -> node that drives it; its memory is placed where there is one."""
    if sizes.weights == "tied" or sizes.weight_memory is None:
        return {pin: "vdd" if level else "0" for pin, level in code_bits(code).items()}
    check_code(code)
    bits = {pin: f"{pin}_{number}" for pin in code_bits(0)}
    lines = {pin: pin for pin in ("vdd_weights", *DATA)}
    word = weight_memory(block.technology, sizes.weight_memory)
    block.place(f"weights{number}", word, word=f"word{number}", **lines, **bits)
    return bits
