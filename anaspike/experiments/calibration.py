"""What is measured of a chip to calibrate it: the spikes of one neuron at one supply.

A chip is a global corner, a temperature and a mismatch sample.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from anaspike.circuits.designs import Design
from anaspike.circuits.network import Network
from anaspike.experiments.network import NetworkTransient
from anaspike.pdk.roles import Pdk

Case = Mapping[str, int]  # input -> spikes
Condition = tuple[str, float]  # corner, temperature in degrees Celsius


@dataclass(frozen=True)
class Chip:
    """One fabricated circuit at one temperature; the default is the nominal one."""

    corner: str = "tt"
    temperature_C: float = 27.0
    seed: int | None = None


def condition_of(chip: Chip) -> Condition:
    """Return what a chip shares with all others of its lot, as warm as it."""
    return chip.corner, chip.temperature_C


@dataclass(frozen=True)
class CountSpikes:
    """Count the spikes of a network's neurons on any chip.

    Attributes:
        pdk, design: the process; sizes and the shape of an input spike.
        network: as it is on the nominal chip.
        sink_on_V: supply of the sinks' gates under a condition, in volt; where there is none,
            they stand on each neuron's own.
    """

    pdk: Pdk
    design: Design
    network: Network
    sink_on_V: Mapping[Condition, float] = field(default_factory=dict)

    def all_neurons(
        self, chip: Chip, case: Case, supplies_V: Mapping[str, float], tag: str = ""
    ) -> NetworkTransient:
        """Return the whole network on a chip, at these supplies (neuron -> volt)."""
        return self._point(self.network.with_supplies(supplies_V), chip, case, tag)

    def one_neuron(
        self, chip: Chip, name: str, case: Case, supplies_V: Mapping[str, float]
    ) -> NetworkTransient:
        """Return one neuron with those it hears, on a chip: cheaper than the whole network."""
        return self._point(self.network.with_supplies(supplies_V).cone(name), chip, case, name)

    def _point(self, network: Network, chip: Chip, case: Case, tag: str) -> NetworkTransient:
        design, level_V = self.design, self.sink_on_V.get(condition_of(chip))
        if level_V is not None:
            synapse = replace(design.neuron.synapse, sink_on_V=level_V)
            design = replace(design, neuron=replace(design.neuron, synapse=synapse))
        return NetworkTransient(
            self.pdk, design, network, case, chip.corner, chip.temperature_C,
            seed=chip.seed, tag=tag,
        )  # fmt: skip
