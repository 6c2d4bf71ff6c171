"""A neuron's design as a value: its sizes, and the working point that they are for."""

from dataclasses import dataclass, field

from anaspike.circuits.neuron import NeuronSizes
from anaspike.circuits.parameters import Parameters
from anaspike.errors import InputError
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

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.below_V <= self.low_V < self.middle_V < self.high_V <= self.above_V:
            raise InputError("`below_V`, `low_V`, `middle_V`, `high_V` and `above_V` must rise")


@dataclass(frozen=True)
class Design:
    """A neuron in one process; `designs` reads it from a file and writes it.

    Attributes:
        pdk: name of the process.
        neuron: its sizes and values; `sizes` in files and in conditions.
        drive: its default input.
        options: numerical settings that are converged for it.
        membrane_error_V: by how much tighter settings move its membrane at a decision, at most
            (measured: docs/numerics.md).
        supplies: of its synapses.
        core_V: the core supply that it is sized for; None for the process's nominal one.
    """

    pdk: str
    neuron: NeuronSizes = field(metadata={"key": "sizes"})
    drive: Drive
    options: SimulationOptions
    membrane_error_V: float
    supplies: SynapseSupplies = SynapseSupplies()
    core_V: float | None = None
