"""The membrane's leak: a symmetric PMOS pseudo-resistor (paper section 5.2.2, Figure 6)."""

from dataclasses import dataclass

from anaspike.circuits.block import Block, Technology, built_once
from anaspike.circuits.parameters import Parameters
from anaspike.errors import InputError
from anaspike.pdk.roles import MosSize

_MOST_STAGES = 100


@dataclass(frozen=True)
class PseudoResistorSizes(Parameters):
    """Transistors of the pseudo-resistor.

    Attributes:
        diode: each trans-diode, a PMOS (gate = drain, bulk = source); or a Schottky diode.
        stages: trans-diodes in series in each string.
    """

    diode: MosSize
    stages: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.stages != int(self.stages) or self.stages > _MOST_STAGES:
            raise InputError(
                f"`stages` is {self.stages:g}; give a whole number up to {_MOST_STAGES}"
            )


@built_once
def one_directional_pseudo_resistor(technology: Technology, sizes: PseudoResistorSizes) -> Block:
    """Return one string of trans-diodes from a to b: asymmetric (Figure 6a)."""
    block = Block(
        technology, "pseudo_resistor_string", "a", "b", title="Trans-diode string: leaks one way"
    )
    source = "a"
    for i in range(sizes.stages):
        drain = "b" if i == sizes.stages - 1 else f"k{i + 1}"
        block.mos(f"d{i + 1}", sizes.diode, drain, drain, source, source)
        # Of a Schottky diode the well is the cathode.
        block.own_well(drain if sizes.diode.role == "schottky" else source, sizes.diode)
        source = drain
    return block


@built_once
def pseudo_resistor(technology: Technology, sizes: PseudoResistorSizes) -> Block:
    """Return two anti-parallel strings: the same leak up and down (Figure 6b)."""
    string = one_directional_pseudo_resistor(technology, sizes)
    block = Block(
        technology, "pseudo_resistor", "a", "b", title="Symmetric pseudo-resistor, about 400 Mohm"
    )
    block.place("forth", string, a="a", b="b")
    block.place("back", string, a="b", b="a")
    return block
