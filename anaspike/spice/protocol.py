"""What a simulator is to whoever has decks to run, whichever it is."""

from typing import Protocol

from anaspike.spice.deck import Deck
from anaspike.spice.waveforms import Waveforms


class Version(Protocol):
    """A simulator's version; as text it is its number.

    Attributes:
        tested: whether anaspike has been tested with it.
    """

    @property
    def tested(self) -> bool: ...  # noqa: D102


class Simulator(Protocol):
    """What runs decks: a simulator of this machine, or others.

    Attributes:
        name: of the simulator: "ngspice", "vacask".
        version: of it.
        identity: all about it that may change a result, as one line.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def version(self) -> Version: ...  # noqa: D102

    @property
    def identity(self) -> str: ...  # noqa: D102

    def run(self, deck: Deck) -> Waveforms:
        """Return the vectors a deck asks for, or raise a `SimulationFailure`."""

    def cancel(self) -> None:
        """Stop every run that is under way."""
