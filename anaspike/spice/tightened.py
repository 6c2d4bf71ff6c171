"""A simulator that is asked for more than was asked: what proves that a result is converged."""

from dataclasses import dataclass, replace

from anaspike.spice.deck import Deck
from anaspike.spice.options import TIGHTENING
from anaspike.spice.protocol import Simulator, Version
from anaspike.spice.waveforms import Waveforms


@dataclass(frozen=True)
class Tightened:
    """Another simulator at tighter numerical settings, whatever a deck says.

    Attributes:
        simulator: what runs the decks.
    """

    simulator: Simulator

    @property
    def name(self) -> str:
        """The simulator's, and that it is tightened."""
        return f"{self.simulator.name}, tightened"

    @property
    def version(self) -> Version:
        """Of the simulator."""
        return self.simulator.version

    @property
    def identity(self) -> str:
        """The simulator's, and by what it is tightened."""
        return f"{self.simulator.identity}, {TIGHTENING}"

    def run(self, deck: Deck) -> Waveforms:
        """Return the vectors that the deck asks for.

        Raises:
            SimulationFailure: as the simulator does.
        """
        return self.simulator.run(replace(deck, options=deck.options.tightened()))

    def cancel(self) -> None:
        """Stop every run that is under way."""
        self.simulator.cancel()
