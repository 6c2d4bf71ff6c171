"""The threshold: a clocked StrongARM comparator (paper Figure 5)."""

from dataclasses import dataclass
from typing import Literal

from anaspike.circuits.block import Block, Technology, built_once
from anaspike.circuits.gates import LogicSizes, inverter
from anaspike.circuits.parameters import Parameters
from anaspike.pdk.roles import MosSize


@dataclass(frozen=True)
class ComparatorSizes(Parameters):
    """Transistors of the comparator.

    Attributes:
        tail: PMOS that starts a decision.
        input_pair: each PMOS input; its area sets the offset.
        dummy: PMOS capacitor from each input to `hold`. As a decision starts
            the input pair's channels push charge into the membrane; `hold`
            falls at that moment and the dummy takes as much out.
        dummy_well: node that the dummies' well is on. On `hold` the well's junction to the
            substrate is charged at each decision; on `vdd` it is nobody's, and the dummies
            take out less.
        cross_p: cross-coupled PMOS pair.
        cross_n: cross-coupled NMOS pair.
        reset: NMOS that hold outputs and inner nodes low between decisions.
        logic: the output buffers, the same on both sides: an unequal load
            would be an offset.
    """

    tail: MosSize
    input_pair: MosSize
    dummy: MosSize
    cross_p: MosSize
    cross_n: MosSize
    reset: MosSize
    logic: LogicSizes
    dummy_well: Literal["hold", "vdd"] = "hold"


@built_once
def comparator(technology: Technology, sizes: ComparatorSizes) -> Block:
    """Return the comparator: `fire` rises when v(mem) > v(v_th) as `hold` falls.

    `hold` high keeps it in reset. The PMOS inputs suit a membrane near
    ground. `latch_p` follows "above", `latch_n` "below".
    """
    block = Block(
        technology,
        "comparator",
        *("mem", "v_th", "hold", "fire", "latch_p", "latch_n", "vdd"),
        title="StrongARM comparator, decides as hold falls",
    )
    block.pmos("tail", sizes.tail, "top", "hold", "vdd")
    # The side with the lower gate conducts more and rises first.
    for side, other, gate in (("n", "p", "mem"), ("p", "n", "v_th")):
        inner, latch = f"inner_{side}", f"latch_{side}"
        block.pmos(f"input_{side}", sizes.input_pair, inner, gate, "top")
        block.pmos(f"dummy_{side}", sizes.dummy, "hold", gate, "hold", sizes.dummy_well)
        block.pmos(f"cross_p_{side}", sizes.cross_p, latch, f"latch_{other}", inner)
        block.nmos(f"cross_n_{side}", sizes.cross_n, latch, f"latch_{other}")
        block.nmos(f"reset_{side}", sizes.reset, latch, "hold")
        block.nmos(f"reset_inner_{side}", sizes.reset, inner, "hold")
    if sizes.dummy_well == "hold":
        block.own_well("hold", sizes.dummy, sizes.dummy)
    block.wire("latch_p", "latch_n")
    buffer = inverter(technology, sizes.logic)
    block.place("buffer_p", buffer, a="latch_p", y="fire_b", vdd="vdd")
    block.place("buffer_n", buffer, a="latch_n", y="unused", vdd="vdd")
    block.place("driver", buffer, a="fire_b", y="fire", vdd="vdd")
    return block
