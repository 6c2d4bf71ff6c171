"""A supply domain of synapses: a source that is not stiff, decoupled, shared by many."""

from dataclasses import dataclass, field

import numpy as np
from PySpice.Spice.Netlist import Circuit

from anaspike.circuits.designs import Drive
from anaspike.circuits.parameters import Parameters
from anaspike.errors import InputError
from anaspike.experiments.measure import integrate
from anaspike.experiments.protocol import Row, Traces
from anaspike.experiments.testbench import FIRST_SPIKE_S
from anaspike.units import spice_number

NODE = "vdd_syn"
_MOST_SYNAPSES = 1e6


@dataclass(frozen=True)
class Domain(Parameters):
    """What feeds synapses, and how many hang on it.

    All of them are taken to do at once what those of the neuron do that is simulated: then the
    domain is as many alike circuits in parallel, and each sees its share of source and capacitor.
    That is exact for nominal devices, and the worst that a domain can meet.

    Attributes:
        source_ohm: from the stiff supply to the domain, in ohm.
        decoupling_F: from the domain to ground, in farad.
        synapses: that are active at once.

    Raises:
        InputError: a value that cannot be.
    """

    source_ohm: float = field(default=0.0, metadata={"zero": True})
    decoupling_F: float = field(default=0.0, metadata={"zero": True})
    synapses: int = field(default=1, metadata={"most": _MOST_SYNAPSES})

    def share_of(self, synapses: int) -> "Domain":
        """Return what these of its synapses see, as a domain of their own.

        Raises:
            InputError: the domain has fewer.
        """
        if synapses > self.synapses:
            raise InputError(
                f"a domain of {self.synapses} synapses is too small for a neuron of which"
                f" {synapses} are active; give at least as many"
            )
        alike = self.synapses / synapses
        return Domain(self.source_ohm * alike, self.decoupling_F / alike, synapses)

    def place(self, bench: Circuit, supply_V: float) -> None:
        """Place source, resistor and capacitor; the domain is the node `vdd_syn`."""
        stiff = not self.source_ohm
        bench.V(NODE, NODE if stiff else f"{NODE}_source", 0, spice_number(supply_V))
        if not stiff:
            bench.R(NODE, f"{NODE}_source", NODE, spice_number(self.source_ohm))
        if self.decoupling_F:
            bench.C(NODE, NODE, 0, spice_number(self.decoupling_F))

    def conditions(self) -> Row:
        """Return source, capacitor and number of synapses."""
        return {
            "synapses": self.synapses,
            "source_ohm": self.source_ohm,
            "decoupling_F": self.decoupling_F,
        }


def droops(traces: Traces, supply_V: float, drive: Drive) -> Row:
    """Return how far a domain droops below its supply, in volt.

    `droop_V` is the mean while an input spike is high, of the worst spike: what the synapses'
    current follows. `dip_V` is the deepest there is, as gates switch.

    Args:
        traces: of the run, `v(vdd_syn)` among them.
        supply_V: of the stiff source.
        drive: the train, from `FIRST_SPIKE_S` on.
    """
    time_s, below_V = traces.time_s, supply_V - traces[f"v({NODE})"]
    starts_s = FIRST_SPIKE_S + drive.period_s * np.arange(drive.spikes_in)
    means_V = [
        integrate(time_s, below_V, start_s, start_s + drive.width_s) / drive.width_s
        for start_s in starts_s
    ]
    return {"droop_V": max(means_V), "dip_V": float(below_V.max())}
