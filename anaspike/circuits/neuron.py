"""The leaky integrate-and-fire neuron: core, membrane and N synapses (paper section 5.2)."""

from dataclasses import dataclass, field

from anaspike.circuits.block import Block, Technology, built_once
from anaspike.circuits.clock_gate import clock_gate
from anaspike.circuits.comparator import ComparatorSizes, comparator
from anaspike.circuits.gates import LogicSizes, inverter
from anaspike.circuits.parameters import Parameters
from anaspike.circuits.pseudo_resistor import PseudoResistorSizes, pseudo_resistor
from anaspike.circuits.spike_generator import SpikeGeneratorSizes, spike_generator
from anaspike.circuits.synapse import SynapseSizes, code_bits, synapse
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

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.v_th_V <= self.v_rest_V:
            raise InputError(
                f"`v_th_V` {self.v_th_V:g} must lie above `v_rest_V` {self.v_rest_V:g}"
            )


def input_pins(count: int) -> list[str]:
    """Return the names of the spike inputs, in1 first."""
    return [f"in{i + 1}" for i in range(count)]


def reset_switch(technology: Technology, sizes: NeuronSizes) -> Block:
    """Return the switch that ties the membrane to v_rest while `on` is high."""
    block = Block(
        technology, "reset_switch", "mem", "on", "v_rest", title="Reset: membrane to v_rest"
    )
    block.nmos("n", sizes.reset_switch, "mem", "on", "v_rest")
    return block


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
    technology: Technology, sizes: NeuronSizes, codes: tuple[int, ...], name: str = "neuron"
) -> Block:
    """Return a neuron with one synapse for each code, all on the supply `vdd_syn`.

    The weight bits are tied to the core supply or ground, as a weight memory
    would drive them.

    Raises:
        InputError: no code, or one outside -7..7.
    """
    if not codes:
        raise InputError("a neuron needs at least one synapse; give `codes`, for example +3")
    spikes = input_pins(len(codes))
    shared = ("mem", "out", *SUPPLIES, *BIASES)
    block = Block(
        technology,
        name,
        *(*spikes, *shared, "vdd_syn"),
        title=f"Neuron with synapse codes {', '.join(f'{code:+d}' for code in codes)}",
    )
    core = neuron_core(technology, sizes, len(codes))
    block.place("core", core, **{pin: pin for pin in (*spikes, *shared)})
    cell = synapse(technology, sizes.synapse)
    for i, (spike, code) in enumerate(zip(spikes, codes, strict=True)):
        bits = {pin: "vdd" if level else "0" for pin, level in code_bits(code).items()}
        block.place(f"synapse{i + 1}", cell, spike=spike, mem="mem", vdd_syn="vdd_syn", **bits)
    return block
