"""A neuron's design as a value: its sizes, and the working point that they are for."""

from dataclasses import dataclass, field

from anaspike.circuits.neuron import NeuronSizes
from anaspike.circuits.parameters import Parameters
from anaspike.pdk.roles import MosSize, Role
from anaspike.spice.options import SimulationOptions

_AT_MOST_A_SECOND = {"most": 1.0}  # a transient of longer never ends: its steps are nanoseconds


@dataclass(frozen=True)
class Drive(Parameters):
    """The spike train that a design was sized for.

    Attributes:
        codes: weight code of each synapse; one with code 0 gets no train.
        spikes_in: spikes of the train.
        period_s: from spike to spike, in seconds.
        width_s: of a spike, in seconds.
        edge_s: rise and fall time, in seconds.
    """

    codes: tuple[int, ...]
    spikes_in: int
    period_s: float = field(metadata=_AT_MOST_A_SECOND)
    width_s: float = field(metadata=_AT_MOST_A_SECOND)
    edge_s: float = field(default=0.2e-9, metadata=_AT_MOST_A_SECOND)


@dataclass(frozen=True)
class SynapseSupplies(Parameters):
    """The synapse supplies that a design was sized for: what is asked where nothing is said.

    Attributes:
        low_V, high_V: ends of the range that sweeps go through.
        middle_V: at which its k is 1.
        below_V, above_V: a little beyond, for tables that are interpolated in.
    """

    below_V: float = 0.50
    low_V: float = 0.55
    middle_V: float = 0.65
    high_V: float = 0.75
    above_V: float = 0.80


@dataclass(frozen=True)
class Design:
    """A neuron in one process.

    Attributes:
        neuron: its sizes and values.
        drive: its default input.
        options: numerical settings that are converged for it.
        membrane_error_V: by how much tighter settings move its membrane at a decision, at most
            (measured: docs/numerics.md).
        supplies: of its synapses.
    """

    neuron: NeuronSizes
    drive: Drive
    options: SimulationOptions
    membrane_error_V: float
    supplies: SynapseSupplies = SynapseSupplies()


def sized_nm(role: Role, w_nm: float, l_nm: float, mult: int = 1) -> MosSize:
    """Return a transistor's size, given in nanometres."""
    return MosSize(role, w_nm * 1e-9, l_nm * 1e-9, mult)


def sized_um(role: Role, w_um: float, l_um: float, mult: int = 1) -> MosSize:
    """Return a transistor's size, given in micrometres."""
    return sized_nm(role, w_um * 1e3, l_um * 1e3, mult)
