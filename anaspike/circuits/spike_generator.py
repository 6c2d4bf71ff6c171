"""The spike: a self-reset D flip-flop with a current-starved delay (paper Figure 5)."""

from dataclasses import dataclass, field, replace

from anaspike.circuits.block import Block, Technology, built_once
from anaspike.circuits.gates import LogicSizes, inverter, nand2, nor, transmission_gate
from anaspike.circuits.parameters import Parameters
from anaspike.pdk.roles import MosSize


@dataclass(frozen=True)
class SpikeGeneratorSizes(Parameters):
    """Transistors and bias of the spike generator.

    Attributes:
        starve_n, starve_p: limit the current of the delay's slow edges.
        mirror_n, mirror_p: diodes of the bias mirror.
        bias_current_A: current of the mirror's reference branch, in ampere; a
            starved edge gets mult(starve) / mult(mirror) times that. A current,
            not a voltage, because the width then hardly moves over corners
            (48 to 50 ns, against 22 to 120 ns with fixed bias voltages).
        logic: its gates.
        neurons_per_mirror: how many neurons of a chip share the mirror, and so its power: each is
            charged that fraction. It changes no device.
        first_n, first_p: of the inverter that the delay's slow edge drives; where None, as any
            other. Both of its transistors conduct while that edge rises: high thresholds save
            a tenth of a spike's energy.
        slow_p: of the delay's second inverter, which the first slow edge drives: its threshold
            is how far that edge goes. Where None, as in any other inverter.
    """

    starve_n: MosSize
    starve_p: MosSize
    mirror_n: MosSize
    mirror_p: MosSize
    bias_current_A: float = field(metadata={"most": 1e-3})
    logic: LogicSizes
    neurons_per_mirror: int = field(default=64, metadata={"most": 1e6})
    first_n: MosSize | None = None
    first_p: MosSize | None = None
    slow_p: MosSize | None = None

    @property
    def first_logic(self) -> LogicSizes:
        """The gates with the first inverter's own transistors."""
        return replace(
            self.logic,
            inverter_n=self.first_n or self.logic.inverter_n,
            inverter_p=self.first_p or self.logic.inverter_p,
            prefix=f"{self.logic.prefix}first_",
        )


def flip_flop(technology: Technology, sizes: LogicSizes) -> Block:
    """Return a D flip-flop with D tied to 1: q rises with `clk`, `reset` clears it.

    Master and slave are both reset asynchronously; `reset_b` is the inverse.
    """
    block = Block(
        technology,
        "flip_flop",
        *("clk", "reset", "reset_b", "q", "vdd"),
        title="Master-slave D flip-flop, D = 1, asynchronous reset",
    )
    inv, gate = inverter(technology, sizes), transmission_gate(technology, sizes)
    block.place("inv_clk", inv, a="clk", y="clk_b", vdd="vdd")
    block.place("load", gate, a="vdd", y="master", on="clk_b", on_b="clk", vdd="vdd")
    block.place(
        "master_nand", nand2(technology, sizes), a="master", b="reset_b", y="master_b", vdd="vdd"
    )
    block.place("master_inv", inv, a="master_b", y="master_keep", vdd="vdd")
    block.place("keep", gate, a="master_keep", y="master", on="clk", on_b="clk_b", vdd="vdd")
    block.place("pass", gate, a="master_b", y="slave", on="clk", on_b="clk_b", vdd="vdd")
    block.place("slave_nor", nor(technology, sizes, 2), a="slave", b="reset", y="q", vdd="vdd")
    block.place("slave_inv", inv, a="q", y="slave_keep", vdd="vdd")
    block.place("hold", gate, a="slave_keep", y="slave", on="clk_b", on_b="clk", vdd="vdd")
    return block


def delay(technology: Technology, sizes: SpikeGeneratorSizes) -> Block:
    """Return reset = q, rising slowly and falling fast.

    Two starved inverters make the spike's width with parasitic capacitance
    only. They are starved on one edge each: with symmetric delays an input
    edge that falls into the recovery time would be lost.
    """
    block = Block(
        technology,
        "delay",
        *("q", "reset", "reset_b", "v_bias_n", "v_bias_p", "vdd"),
        title="Current-starved delay: slow rise, fast fall",
    )
    logic = sizes.logic
    block.nmos("starve_n", sizes.starve_n, "foot", "v_bias_n")
    block.nmos("slow_n", logic.inverter_n, "falling", "q", "foot")
    block.pmos("fast_p", logic.inverter_p, "falling", "q", "vdd")
    block.pmos("starve_p", sizes.starve_p, "head", "v_bias_p", "vdd")
    block.pmos("slow_p", sizes.slow_p or logic.inverter_p, "rising", "falling", "head")
    block.nmos("fast_n", logic.inverter_n, "rising", "falling")
    block.wire("falling", "rising")
    own = sizes.first_n is not None or sizes.first_p is not None
    first = inverter(technology, sizes.first_logic if own else logic)
    block.place("inv1", first, a="rising", y="reset_b", vdd="vdd")
    block.place("inv2", inverter(technology, logic), a="reset_b", y="reset", vdd="vdd")
    return block


@built_once
def spike_generator(technology: Technology, sizes: SpikeGeneratorSizes) -> Block:
    """Return the self-reset flip-flop: a rise of `fire` gives one spike on `q`.

    The two supplies are one net on a chip; apart, their energies can be told.
    """
    block = Block(
        technology,
        "spike_generator",
        *("fire", "q", "v_bias_n", "v_bias_p", "vdd_flip_flop", "vdd_delay"),
        title="Self-reset spike generator: its width is the delay from q to reset",
    )
    loop = {pin: pin for pin in ("q", "reset", "reset_b")}
    block.place(
        "flip_flop", flip_flop(technology, sizes.logic), **loop, clk="fire", vdd="vdd_flip_flop"
    )
    block.place(
        "delay",
        delay(technology, sizes),
        **loop,
        v_bias_n="v_bias_n",
        v_bias_p="v_bias_p",
        vdd="vdd_delay",
    )
    return block


@built_once
def bias_mirror(technology: Technology, sizes: SpikeGeneratorSizes) -> Block:
    """Return the mirror that turns a current into `v_bias_n` into both bias voltages."""
    block = Block(
        technology,
        "bias_mirror",
        *("v_bias_n", "v_bias_p", "vdd"),
        title="Bias mirror: feed the reference current into v_bias_n",
    )
    block.nmos("diode_n", sizes.mirror_n, "v_bias_n", "v_bias_n")
    block.nmos("copy_n", sizes.mirror_n, "v_bias_p", "v_bias_n")
    block.pmos("diode_p", sizes.mirror_p, "v_bias_p", "v_bias_p", "vdd")
    block.wire("v_bias_n", "v_bias_p")
    return block
