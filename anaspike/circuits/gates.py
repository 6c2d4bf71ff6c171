"""Static CMOS gates, sized by one dataclass."""

from dataclasses import dataclass

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.parameters import Parameters
from anaspike.pdk.roles import MosSize


@dataclass(frozen=True)
class LogicSizes(Parameters):
    """Transistors of the logic.

    Attributes:
        inverter_n, inverter_p: of the inverter.
        nand_n, nand_p: of the two-input NAND.
        nor_n, nor_p: of the two-input NOR.
        nor4_n, nor4_p: of the NOR with three or four inputs.
        pass_n, pass_p: of the transmission gate.
        prefix: of the gates' names, where a circuit has gates of two kinds.
    """

    inverter_n: MosSize
    inverter_p: MosSize
    nand_n: MosSize
    nand_p: MosSize
    nor_n: MosSize
    nor_p: MosSize
    nor4_n: MosSize
    nor4_p: MosSize
    pass_n: MosSize
    pass_p: MosSize
    prefix: str = ""


def inverter(technology: Technology, sizes: LogicSizes) -> Block:
    """Return y = not a."""
    block = Block(technology, f"{sizes.prefix}inverter", "a", "y", "vdd", title="Inverter")
    block.nmos("n", sizes.inverter_n, "y", "a")
    block.pmos("p", sizes.inverter_p, "y", "a", "vdd")
    block.wire("y")
    return block


def nand2(technology: Technology, sizes: LogicSizes) -> Block:
    """Return y = not (a and b)."""
    block = Block(technology, f"{sizes.prefix}nand2", "a", "b", "y", "vdd", title="Two-input NAND")
    block.nmos("n_a", sizes.nand_n, "y", "a", "stack")
    block.nmos("n_b", sizes.nand_n, "stack", "b")
    block.pmos("p_a", sizes.nand_p, "y", "a", "vdd")
    block.pmos("p_b", sizes.nand_p, "y", "b", "vdd")
    block.wire("y")
    return block


def nor(technology: Technology, sizes: LogicSizes, inputs: int) -> Block:
    """Return y = not (a or b or ...), with two to four inputs `a`, `b`, `c`, `d`."""
    names = "abcd"[:inputs]
    nmos, pmos = (sizes.nor_n, sizes.nor_p) if inputs == 2 else (sizes.nor4_n, sizes.nor4_p)
    name = f"{sizes.prefix}nor{inputs}"
    block = Block(technology, name, *names, "y", "vdd", title=f"{inputs}-input NOR")
    above = "vdd"
    for i, gate in enumerate(names):
        below = "y" if i == inputs - 1 else f"stack{i + 1}"
        block.nmos(f"n_{gate}", nmos, "y", gate)
        block.pmos(f"p_{gate}", pmos, below, gate, above)
        above = below
    block.wire("y")
    return block


def transmission_gate(technology: Technology, sizes: LogicSizes) -> Block:
    """Return a switch between a and y, closed while on = 1 and on_b = 0."""
    block = Block(
        technology,
        f"{sizes.prefix}transmission_gate",
        *("a", "y", "on", "on_b", "vdd"),
        title="Transmission gate",
    )
    block.nmos("n", sizes.pass_n, "a", "on", "y")
    block.pmos("p", sizes.pass_p, "a", "on_b", "y")
    return block
