"""What a run gave: its vectors, complete and finite."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError


@dataclass(frozen=True)
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
        if vector not in self.vectors:
            raise InputError(f"no vector '{vector}' was saved; there is {', '.join(self.names)}")
        return self.vectors[vector]
