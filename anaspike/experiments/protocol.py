"""The one idea that carries everything: an experiment is two pure functions.

    parameters --build--> deck --(run ngspice)--> waveforms --measure--> row

`build` and `measure` need no simulator; what lies between them can be local,
cached or on another machine. Who brings a circuit of their own writes these
two and a parameter dataclass.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anaspike.spice.deck import Deck
from anaspike.spice.failures import SimulationFailure

Value = float | int | str | None
Row = Mapping[str, Value]


class Traces(Protocol):
    """Waveforms as a measurement sees them.

    Attributes:
        time_s: sample times, shape (n,), in seconds.
    """

    @property
    def time_s(self) -> NDArray[np.float64]: ...  # noqa: D102

    def __getitem__(self, vector: str) -> NDArray[np.float64]: ...


class Experiment(Protocol):
    """One point: a question asked of one circuit under one set of conditions.

    One whose `build` or `measure` reads files names them in an attribute
    `reads`, a tuple of paths; otherwise its result is not kept.
    """

    def conditions(self) -> Row:
        """Return the columns that say what was asked; known before any run."""

    def build(self) -> Deck:
        """Return the deck."""

    def measure(self, traces: Traces) -> Row:
        """Return the columns that say what came out; None where undefined."""


class NotSettled(SimulationFailure):
    """The circuit did not start in its resting state, so its energy means nothing."""

    kind = "not_settled"


class NotFinished(SimulationFailure):
    """The run ended while a spike was under way, so spikes that were to come are not counted."""

    kind = "not_finished"


class NoAnswer(SimulationFailure):
    """The circuit did not do what was to be measured: no spike, no decision."""

    kind = "no_answer"
