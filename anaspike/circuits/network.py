"""Feed-forward networks of neurons, as values: who excites or inhibits whom, on which supply."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.neuron import BIASES, SUPPLIES, NeuronSizes, neuron
from anaspike.circuits.parameters import check_positive
from anaspike.circuits.synapse import check_code
from anaspike.errors import InputError
from anaspike.spice.deck import checked_name
from anaspike.units import suggestion

# A name is a node in the testbench: these are its own supplies, references and bias mirror.
_TAKEN = (*SUPPLIES, *BIASES, "vdd_bias", "vdd_sink", "vdd_weights", "bias")
_TAKEN_PREFIXES = ("mem_", "vdd_syn")


@dataclass(frozen=True)
class NetworkNeuron:
    """One neuron of a network.

    Attributes:
        name: of the neuron, and of the node of its spikes.
        synapses: (source, signed code -7..7) of each synapse; a source is an
            input or another neuron.
        vdd_syn_V: supply of its synapses, in volt.
    """

    name: str
    synapses: tuple[tuple[str, int], ...]
    vdd_syn_V: float


@dataclass(frozen=True)
class Network:
    """A feed-forward network.

    Attributes:
        inputs: names of the spike inputs.
        neurons: in any order.
        outputs: names of the neurons whose spikes are the answer.

    Raises:
        InputError: a name twice, undefined, taken by the testbench or not safe in
            a netlist, a loop, a code out of range, a supply that is none.
    """

    inputs: tuple[str, ...]
    neurons: tuple[NetworkNeuron, ...]
    outputs: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.inputs or not self.neurons or not self.outputs:
            raise InputError("a network needs at least one input, one neuron and one output")
        names = [*self.inputs, *(neuron.name for neuron in self.neurons)]
        times = Counter(names)
        for name in names:
            checked_name(name, "neuron or input")
            if name in _TAKEN or name.startswith(_TAKEN_PREFIXES):
                raise InputError(
                    f"'{name}' is a supply or reference of the testbench; call it otherwise"
                )
            if times[name] > 1:
                raise InputError(f"'{name}' is defined twice; give each neuron and input its name")
        for cell in self.neurons:
            self._check_neuron(cell, times)
        neurons = dict.fromkeys(names[len(self.inputs) :])
        for output in self.outputs:
            if output not in neurons:
                raise InputError(f"output '{output}' is no neuron; {suggestion(output, neurons)}")
        self._check_no_loop()

    def with_supplies(self, supplies_V: Mapping[str, float]) -> "Network":
        """Return the same network with other synapse supplies, neuron -> volt."""
        cells = (replace(cell, vdd_syn_V=supplies_V[cell.name]) for cell in self.neurons)
        return replace(self, neurons=tuple(cells))

    def cone(self, name: str) -> "Network":
        """Return what the spikes of one neuron depend on: it, and all neurons before it.

        Each keeps its name, and with it its place in a mismatch sample.
        """
        by_name = {cell.name: cell for cell in self.neurons}
        needed, waiting = {name}, [name]
        while waiting:
            before = {source for source, _ in by_name[waiting.pop()].synapses} & set(by_name)
            waiting += before - needed
            needed |= before
        cells = tuple(cell for cell in self.neurons if cell.name in needed)
        return replace(self, neurons=cells, outputs=(name,))

    def levels(self) -> tuple[tuple[str, ...], ...]:
        """Return the neurons' names by depth: the first hear inputs only."""
        depth: dict[str, int] = dict.fromkeys(self.inputs, 0)
        while len(depth) < len(self.inputs) + len(self.neurons):
            for cell in self.neurons:
                if all(source in depth for source, _ in cell.synapses):
                    depth[cell.name] = 1 + max(depth[source] for source, _ in cell.synapses)
        names = [cell.name for cell in self.neurons]
        return tuple(
            tuple(name for name in names if depth[name] == level)
            for level in range(1, 1 + max(depth.values()))
        )

    def _check_neuron(self, cell: NetworkNeuron, names: Collection[str]) -> None:
        check_positive(cell.vdd_syn_V, f"neuron '{cell.name}': vdd_syn")
        if not cell.synapses:
            raise InputError(f"neuron '{cell.name}' has no synapses; give it at least one")
        for source, code in cell.synapses:
            if source not in names:
                raise InputError(
                    f"neuron '{cell.name}' listens to '{source}', which is not defined;"
                    f" {suggestion(source, names)}"
                )
            try:
                check_code(code)
            except InputError as error:
                raise InputError(f"neuron '{cell.name}', synapse '{source}': {error}") from None

    def _check_no_loop(self) -> None:
        by_name = {cell.name: cell for cell in self.neurons}
        order = TopologicalSorter(
            {name: [s for s, _ in cell.synapses if s in by_name] for name, cell in by_name.items()}
        )
        try:
            order.prepare()
        except CycleError as error:
            loop = dict.fromkeys(error.args[1])
            waiting = ", ".join(name for name in by_name if name in loop)
            raise InputError(
                f"the network is not feed-forward: {waiting} wait for each other"
            ) from None


def network_blocks(
    technology: Technology, sizes: NeuronSizes, network: Network
) -> dict[str, Block]:
    """Return one neuron block for each neuron, name -> block; equal ones share their definition."""
    blocks: dict[tuple[int, ...], Block] = {}
    placed = {}
    for cell in network.neurons:
        codes = tuple(code for _, code in cell.synapses)
        label = "_".join(f"{'m' if code < 0 else 'p'}{abs(code)}" for code in codes)
        if codes not in blocks:
            blocks[codes] = neuron(technology, sizes, codes, f"neuron_{label}")
        placed[cell.name] = blocks[codes]
    return placed
