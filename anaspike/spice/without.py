"""The simulator of those who simulate nothing: it runs no deck."""

from dataclasses import dataclass

from anaspike.errors import InputError
from anaspike.spice.deck import Deck
from anaspike.spice.waveforms import Waveforms


@dataclass(frozen=True)
class NoVersion:
    """Of no simulator."""

    tested: bool = True

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True)
class NoSimulator:
    """What a bench has where a question is about learning alone."""

    name: str = "none"
    version: NoVersion = NoVersion()
    identity: str = "no simulator"

    def run(self, deck: Deck) -> Waveforms:
        """Refuse.

        Raises:
            InputError: always.
        """
        raise InputError(f"{deck.title}: there is no simulator here to run it")

    def cancel(self) -> None:
        """Stop nothing."""
