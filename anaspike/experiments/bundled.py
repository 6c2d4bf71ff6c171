"""A neuron whose like synapses are built as one cell, that many times as wide."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from PySpice.Spice.Netlist import Circuit

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.neuron import BIASES, SUPPLIES, NeuronSizes, input_pins, neuron_core
from anaspike.circuits.spike_generator import bias_mirror
from anaspike.circuits.synapse import bundle, code_bits
from anaspike.pdk.roles import MosSize

CORE = "xcore."
Heard = TypeVar("Heard")


def bundles(
    codes: Sequence[int], heard: Sequence[Heard], seed: int | None
) -> tuple[tuple[int, Heard, int], ...]:
    """Return (code, what is heard, how many) of the synapses that are built as one.

    Those of a mismatch sample differ, and are built one by one in their order.
    """
    pairs = list(zip(codes, heard, strict=True))
    if seed is not None:
        return tuple((code, one, 1) for code, one in pairs)
    return tuple((*pair, count) for pair, count in sorted(Counter(pairs).items()))


@dataclass(frozen=True)
class Bundled:
    """The blocks of such a neuron.

    Attributes:
        core: with a pin for each synapse.
        cells: name -> synapses built as one.
        mirror: of the bias.
    """

    core: Block
    cells: Mapping[str, Block]
    mirror: Block

    @classmethod
    def of(
        cls,
        technology: Technology,
        sizes: NeuronSizes,
        groups: Sequence[tuple[int, Any, int]],
        whole: bool = True,
    ) -> "Bundled":
        """Return the blocks for synapses as `bundles` gives them.

        Args:
            technology, sizes: of the neuron.
            groups: as `bundles` gives them.
            whole: with the gates of bits that are 0, which never switch.
        """
        synapses = sum(count for _, _, count in groups)
        return cls(
            neuron_core(technology, sizes, synapses),
            {
                f"synapse{i + 1}": bundle(technology, sizes.synapse, count, None if whole else code)
                for i, (code, _, count) in enumerate(groups)
            },
            bias_mirror(technology, sizes.spike_generator),
        )

    @property
    def text(self) -> str:
        """Every sub-circuit once."""
        texts: dict[str, str] = {}
        for block in (self.core, *self.cells.values(), self.mirror):
            block.collect(texts)
        return "\n".join(texts.values())

    @property
    def placed(self) -> list[tuple[str, Block]]:
        """(path, block) of each instance."""
        cells = ((f"x{name}.", cell) for name, cell in self.cells.items())
        return [(CORE, self.core), *cells, ("xbias.", self.mirror)]

    @property
    def devices(self) -> list[MosSize]:
        """Each transistor's size."""
        return [size for _, block in self.placed for _, size in block.transistors()]

    def connect(
        self,
        bench: Circuit,
        hears: Sequence[str],
        pulls: Sequence[tuple[int, str]],
        into: str = "mem",
    ) -> None:
        """Place core and synapses; the mirror is the bench's own.

        Args:
            bench: the circuit.
            hears: node of each pin of the core.
            pulls: code and node of each cell.
            into: node that the cells push into.
        """
        inputs = dict(zip(input_pins(len(hears)), hears, strict=True))
        shared = {pin: pin for pin in ("mem", "out", *SUPPLIES, *BIASES)}
        bench.X("core", self.core.name, *({**inputs, **shared}[port] for port in self.core.ports))
        for (name, cell), (code, node) in zip(self.cells.items(), pulls, strict=True):
            bits = {pin: "vdd" if level else "0" for pin, level in code_bits(code).items()}
            nets = {pin: pin for pin in ("vdd_syn", "vdd_sink", "vdd")}
            nets |= {"spike": node, "mem": into, **bits}
            bench.X(name, cell.name, *(nets[port] for port in cell.ports))
