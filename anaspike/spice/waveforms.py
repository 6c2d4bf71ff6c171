"""What a run gave: its vectors, complete and finite."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.units import format_quantity


@dataclass(frozen=True, repr=False)
class Waveforms:
    """The vectors of one run, complete and finite.

    Attributes:
        time_s: sample times, shape (n,), in seconds.
        vectors: name as asked -> samples, shape (n,), contiguous.
    """

    time_s: NDArray[np.float64]
    vectors: Mapping[str, NDArray[np.float64]]

    @property
    def names(self) -> tuple[str, ...]:
        """The vectors, as they were asked for."""
        return tuple(self.vectors)

    def __getitem__(self, vector: str) -> NDArray[np.float64]:
        """Return a vector by its name, a node's voltage by the node's: "v(mem)" or "mem"."""
        small = str(vector).lower()  # a number, as lists are asked, has no capitals
        for name in (vector, small, f"v({small})"):
            if name in self.vectors:
                return self.vectors[name]
        said = f"no vector '{vector}' was saved; there is {', '.join(self.names)}"
        raise InputError(said)

    def __repr__(self) -> str:
        """Return what is there, not its thousands of samples."""
        span = f" to {format_quantity(float(self.time_s[-1]), 's')}" if len(self.time_s) else ""
        size = f"{len(self.names)} vectors of {len(self.time_s)} samples{span}"
        return f"<{size}: {', '.join(self.names)}>"
