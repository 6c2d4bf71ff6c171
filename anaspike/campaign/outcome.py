"""What became of one point."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from anaspike.experiments.protocol import Row
from anaspike.spice.deck import Deck
from anaspike.spice.failures import Failed
from anaspike.spice.options import SimulationOptions
from anaspike.spice.waveforms import Waveforms

CANCELLED = "cancelled"
STOPPED = "stopped before it had finished"  # what there is to say of it
ERROR = "error"
REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """What became of one point.

    Attributes:
        index: of the point in the list given.
        status: "ok", or the kind of the failure ("convergence", "timeout", ...);
            "refused" when no deck could be built as asked, "error" when the
            experiment's own code raised.
        row: measured columns; empty unless ok.
        rung: name of the retry rung that gave the result.
        failed: the attempts before it, oldest first.
        message: one line on the failure; empty when ok.
        deck_digest: SHA-256 of deck and models as first asked; empty when none
            could be built.
        models_digest: SHA-256 of the models alone.
        options: numerical settings as first asked.
        made: what a result was first made with and when, where it came from
            the cache; None where it was made now.
        note: what the cache had to say: an entry that was damaged, a result
            that could not be kept.
        waveforms: kept only where asked for.
        deck: as first asked; whoever keeps many outcomes lets it go.
    """

    index: int
    status: str
    row: Row
    rung: str
    failed: tuple[Failed, ...]
    message: str
    deck_digest: str = ""
    models_digest: str = ""
    options: SimulationOptions | None = None
    made: Mapping[str, Any] | None = None
    note: str = ""
    waveforms: Waveforms | None = field(default=None, repr=False)
    deck: Deck | None = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the point holds a result."""
        return self.status == "ok"

    @property
    def cached(self) -> bool:
        """Whether the result came from the cache."""
        return self.made is not None
