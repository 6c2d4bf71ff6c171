"""The weight memory: sign and magnitude of a synapse's code in latches, on a supply of its own."""

from dataclasses import dataclass

from anaspike.circuits.block import Block, Technology, built_once
from anaspike.circuits.gates import LogicSizes, inverter, nor, transmission_gate
from anaspike.circuits.parameters import Parameters
from anaspike.circuits.synapse import BITS, check_code, code_bits

# Data lines of all words; what each latch holds.
DATA = ("sign", *(f"b{i}" for i in reversed(range(BITS))))


@dataclass(frozen=True)
class WeightMemorySizes(Parameters):
    """Transistors of the weight memory.

    Attributes:
        logic: its gates. They do nothing but hold for most of their lives: of a high threshold
            where the process has one.
    """

    logic: LogicSizes


def stored_bits(code: int) -> dict[str, bool]:
    """Return what each latch holds for a signed code: data line -> level.

    Raises:
        InputError: the code does not fit.
    """
    magnitude = abs(check_code(code))
    return {"sign": code < 0, **{f"b{i}": bool(magnitude >> i & 1) for i in reversed(range(BITS))}}


def word_pins(count: int) -> list[str]:
    """Return the names of the word lines of a neuron's synapses, word1 first."""
    return [f"word{i + 1}" for i in range(count)]


def latch(technology: Technology, sizes: LogicSizes) -> Block:
    """Return a latch of eight transistors: q follows d while `word` is high, and holds else.

    The loop is opened while it is written, so that no size must prevail over another.
    """
    block = Block(
        technology,
        f"{sizes.prefix}latch",
        *("d", "word", "word_b", "q", "q_b", "vdd"),
        title="Latch: follows while word is high, holds else",
    )
    gate, inv = transmission_gate(technology, sizes), inverter(technology, sizes)
    block.place("write", gate, a="d", y="store", on="word", on_b="word_b", vdd="vdd")
    block.place("out", inv, a="store", y="q_b", vdd="vdd")
    block.place("back", inv, a="q_b", y="q", vdd="vdd")
    block.place("hold", gate, a="q", y="store", on="word_b", on_b="word", vdd="vdd")
    return block


@built_once
def weight_memory(technology: Technology, sizes: WeightMemorySizes) -> Block:
    """Return one word: the code of one synapse, and the six bits that the synapse wants of it.

    Pins: the data lines, which all words share; the word line, which writes them into this one;
    weight bits p2..p0 and n2..n0; vdd_weights. A bit of the magnitude goes to the side that
    the sign says.
    """
    logic = sizes.logic
    block = Block(
        technology,
        "weight_memory",
        *(*DATA, "word", *code_bits(0), "vdd_weights"),
        title="Weight memory: sign and magnitude of one synapse",
    )
    block.place("inv_word", inverter(technology, logic), a="word", y="word_b", vdd="vdd_weights")
    cell, gate = latch(technology, logic), nor(technology, logic, 2)
    for line in DATA:
        pins = {"q": f"{line}_q", "q_b": f"{line}_b", "word": "word", "word_b": "word_b"}
        block.place(f"latch_{line}", cell, d=line, vdd="vdd_weights", **pins)
    for bit in code_bits(0):
        blocked = "sign_q" if bit.startswith("p") else "sign_b"
        block.place(f"nor_{bit}", gate, a=f"b{bit[1]}_b", b=blocked, y=bit, vdd="vdd_weights")
    return block
