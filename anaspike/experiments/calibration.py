"""What is measured of a chip to calibrate it: the spikes of one neuron at one supply.

A chip is a global corner, a temperature and a mismatch sample.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from anaspike.circuits.designs import Design
from anaspike.circuits.network import Network
from anaspike.experiments.network import NetworkTransient
from anaspike.pdk.roles import Pdk

Case = Mapping[str, int]  # input -> spikes


@dataclass(frozen=True)
class Chip:
    """One fabricated circuit at one temperature; the default is the nominal one."""

    corner: str = "tt"
    temperature_C: float = 27.0
    seed: int | None = None


@dataclass(frozen=True)
class CountSpikes:
    """Count the spikes of a network's neurons on any chip.

    Attributes:
        pdk, design: the process; sizes and the shape of an input spike.
        network: as it is on the nominal chip.
    """

    pdk: Pdk
    design: Design
    network: Network

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
        return NetworkTransient(
            self.pdk, self.design, network, case, chip.corner, chip.temperature_C,
            seed=chip.seed, tag=tag,
        )  # fmt: skip
