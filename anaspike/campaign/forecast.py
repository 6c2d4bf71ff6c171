"""What is said before a run that will take long."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from anaspike.spice.deck import Deck
from anaspike.spice.effort import Effort
from anaspike.spice.protocol import Simulator, Version
from anaspike.spice.waveforms import Waveforms

LONG_S = 600.0


@dataclass(frozen=True)
class Forecast:
    """How long simulations will take, all and one.

    Attributes:
        effort: of one.
        simulations: how many are left, this one among them.
        jobs: how many run at once.
    """

    effort: Effort
    simulations: int
    jobs: int

    @property
    def total_s(self) -> float:
        """Time until the last is done, in seconds."""
        rounds = max(1.0, self.simulations / self.jobs)
        return rounds * self.effort.processor_s

    @property
    def long(self) -> bool:
        """Whether there is something to be said."""
        return self.total_s > LONG_S

    def __str__(self) -> str:
        each = (
            f"of about {self.effort.time_points:.2g} time points, {_shown(self.effort.processor_s)}"
        )
        many = f"{self.simulations} simulations {each} each, {self.jobs} at once"
        return (
            f"this will take about {_shown(self.total_s)}:"
            f" {many if self.simulations > 1 else f'a simulation {each}'}"
        )


class Announced:
    """A simulator that tells of each deck before it runs it.

    Args:
        simulator: what runs it.
        tell: called with the deck, by whatever thread asks for the run.

    Attributes:
        ended: how many runs have ended, well or not; right from the thread that starts the
            next, when nobody may have collected the result yet.
    """

    def __init__(self, simulator: Simulator, tell: Callable[[Deck], None]) -> None:
        self._simulator, self._tell = simulator, tell
        self._lock = threading.Lock()
        self.ended = 0

    @property
    def name(self) -> str:
        """Of the simulator."""
        return self._simulator.name

    @property
    def version(self) -> Version:
        """Of the simulator."""
        return self._simulator.version

    @property
    def identity(self) -> str:
        """All about the simulator that may change a result."""
        return self._simulator.identity

    def run(self, deck: Deck) -> Waveforms:
        """Tell of a deck, then run it."""
        self._tell(deck)
        try:
            return self._simulator.run(deck)
        finally:
            with self._lock:
                self.ended += 1

    def cancel(self) -> None:
        """Stop every run that is under way."""
        self._simulator.cancel()


def _shown(seconds: float) -> str:
    """Return a time as people say it."""
    for unit_s, unit in ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if seconds >= 2 * unit_s:
            return f"{seconds / unit_s:.2g} {unit}"
    return f"{seconds:.2g} s"
