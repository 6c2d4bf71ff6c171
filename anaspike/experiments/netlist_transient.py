"""A circuit that others drew, on a bench of a flow's own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from anaspike.circuits.brought import Brought
from anaspike.errors import InputError
from anaspike.experiments.netlist_measures import Measure
from anaspike.experiments.netlist_pins import DUT, Pins
from anaspike.experiments.protocol import Row, Traces
from anaspike.experiments.testbench import check_conditions, mismatch_alter
from anaspike.pdk.roles import Pdk
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.options import SimulationOptions
from anaspike.spice.statements import small


@dataclass(frozen=True)
class NetlistTransient:
    """One run of the circuit.

    Attributes:
        pdk: the process, whose corners hold.
        circuit: the sub-circuit.
        pins: what stands at its pins.
        measures: what is measured.
        stop_s: end of the run, in seconds.
        corner, temperature_C, seed: conditions; seed None for nominal devices.
        options: numerical settings.
        initial_V: pin or node of the circuit -> where it starts, in volt.
        own: models of the user's, instead of the process's.

    Raises:
        InputError: a condition that cannot be simulated; with models of the user's, a corner or
            a mismatch sample, of which those know nothing.
    """

    pdk: Pdk
    circuit: Brought
    pins: Pins
    measures: tuple[Measure, ...]
    stop_s: float
    corner: str = "tt"
    temperature_C: float = 27.0
    seed: int | None = None
    options: SimulationOptions = field(default_factory=SimulationOptions)
    initial_V: Mapping[str, float] = field(default_factory=dict)
    own: ModelFiles | None = None

    def __post_init__(self) -> None:
        check_conditions(self.pdk, self.corner, self.temperature_C, self.seed)
        if self.own is not None and self.seed is not None:
            raise InputError(
                "netlist: `models` of your own have no mismatch; leave out --mc and --seed"
            )
        if self.own is not None and self.corner != self.pdk.corners[0]:
            raise InputError(
                f"netlist: `models` of your own have no corner {self.corner}; leave it out"
            )

    def conditions(self) -> Row:
        """Return corner, temperature and seed."""
        return {"corner": self.corner, "temperature_C": self.temperature_C, "seed": self.seed}

    @property
    def watched(self) -> tuple[str, ...]:
        """Vectors of the picture: voltages of what is measured, and of stimuli."""
        node = self.pins.node
        fed = (s.pin for s in self.pins.sources if len(s.points) > 1)
        measured = (vector for one in self.measures for vector in one.vectors)
        return tuple(dict.fromkeys((*(f"v({node[pin]})" for pin in fed), *measured)))

    def build(self) -> Deck:
        """Return the deck."""
        bench = self.pins.text(self.circuit.ports, self.circuit.name)
        own = self.own
        return Deck(
            title=f"netlist {self.circuit.name}, {self.pdk.name} {self.corner}",
            body=f"{self.circuit.text}\n{bench}",
            models=self.circuit.models(self.corner) if own is None else own,
            stop_s=self.stop_s,
            save=self.watched,
            options=self.options,
            temperature_C=self.temperature_C,
            initial_V={self._node(name): volt for name, volt in self.initial_V.items()},
            alter=mismatch_alter(self.pdk, self.corner, self.seed, [(f"{DUT}.", self.circuit)]),
            files=dict(self.circuit.data),
        )

    def _node(self, name: str) -> str:
        low = small(name)
        return self.pins.node.get(low, f"{DUT}.{low}")

    def measure(self, traces: Traces) -> Row:
        """Return every measurement; None for what did not happen."""
        return {one.name: one.value(traces) for one in self.measures}
