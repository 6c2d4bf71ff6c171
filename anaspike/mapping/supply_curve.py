"""k(V): the factor that a synapse supply gives its weights, as measured, and its inverse."""

import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from anaspike.errors import InputError
from anaspike.files import read_csv
from anaspike.units import printable

Floats = NDArray[np.float64]

_GRID = 20_001  # steps of tens of microvolts: finer than any supply is set


@dataclass(frozen=True)
class SupplyCurve:
    """A monotone table of k over the synapse supply; nothing outside it is known.

    Attributes:
        supply_V: rising, (n,), in volt.
        k: the factor, rising, (n,); 1 at the reference supply.
        source: where it comes from, for messages.

    Raises:
        InputError: fewer than two points, or not rising.
    """

    supply_V: Floats
    k: Floats
    source: str = "the k(V) curve"

    def __post_init__(self) -> None:
        if len(self.k) < 2:
            raise InputError(f"{self.source}: a curve needs at least two rows")
        if not np.all(np.isfinite(self.supply_V)) or not np.all(np.isfinite(self.k)):
            raise InputError(f"{self.source}: a supply or a k is not a finite number")
        for name, values in (("vdd_syn_V", self.supply_V), ("k", self.k)):
            falls = np.flatnonzero(np.diff(values) <= 0)
            if len(falls):
                left, right = values[falls[0]], values[falls[0] + 1]
                raise InputError(
                    f"{self.source}: {name} does not rise from row {falls[0] + 1} to the next"
                    f" ({left:g} to {right:g}); a supply can be found only on a curve that rises"
                )
        if self.k[0] <= 0:
            raise InputError(f"{self.source}: k is {self.k[0]:g}; it must be positive")

    @classmethod
    def of_table(cls, table: pd.DataFrame, source: str = "the k(V) curve") -> "SupplyCurve":
        """Return the curve of a table with the columns `vdd_syn_V` and `k`.

        Raises:
            InputError: a column is missing or holds no numbers.
        """
        columns: list[Floats] = []
        for name in ("vdd_syn_V", "k"):
            if name not in table:
                raise InputError(
                    f"{source}: the column {name} is missing; `anaspike characterise synapse`"
                    " writes such a table as k_of_vdd_syn.csv"
                )
            try:
                columns.append(table[name].to_numpy(float))
            except (ValueError, TypeError):
                raise InputError(f"{source}: the column {name} holds what is no number") from None
        return cls(columns[0], columns[1], source)

    @classmethod
    def read(cls, path: Path) -> "SupplyCurve":
        """Read a table such as the synapse study's `k_of_vdd_syn.csv`.

        Raises:
            InputError: it cannot be read or is no such table.
        """
        text = read_csv(path)
        try:
            table = pd.read_csv(io.StringIO(text))
        except (ValueError, pd.errors.ParserError) as error:
            raise InputError(f"{path} is no CSV table: {printable(str(error))}") from None
        return cls.of_table(table, str(path))

    def k_at(self, supply_V: ArrayLike) -> Floats:
        """Return k at supplies in volt; NaN outside the curve."""
        values: Floats = self._k(np.asarray(supply_V, float))
        return values

    def supply_for(self, k: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the supply for each k, in volt, and whether k lay outside and was clipped."""
        wanted = np.asarray(k, float)
        clipped = (wanted < self.k[0]) | (wanted > self.k[-1])
        return np.interp(wanted, *self._inverse), clipped

    @cached_property
    def _k(self) -> PchipInterpolator:
        return PchipInterpolator(self.supply_V, self.k, extrapolate=False)

    @cached_property
    def _inverse(self) -> tuple[Floats, Floats]:
        grid_V = np.linspace(self.supply_V[0], self.supply_V[-1], _GRID)
        return self._k(grid_V), grid_V


@dataclass(frozen=True)
class Dac:
    """A converter that sets supplies: 2**bits equal steps, ends included.

    Attributes:
        bits: its resolution.
        low_V, high_V: of code 0 and of the last code, in volt.
        widened: whether it spans more than the supplies ask for, so that its steps can be made.

    Raises:
        InputError: no bits, more than 16, or a range that is none.
    """

    bits: int
    low_V: float
    high_V: float
    widened: bool = False

    def __post_init__(self) -> None:
        check_bits(self.bits)
        if not self.low_V < self.high_V:
            raise InputError(f"a converter from {self.low_V:g} to {self.high_V:g} V has no range")

    @property
    def step(self) -> float:
        """From code to code, in volt."""
        return float((self.high_V - self.low_V) / (2**self.bits - 1))

    def code(self, supply_V: Floats) -> NDArray[np.int64]:
        """Return the nearest code; supplies outside get the end's."""
        steps = np.rint((supply_V - self.low_V) / self.step)
        return np.clip(steps, 0, 2**self.bits - 1).astype(np.int64)

    def supply(self, code: NDArray[np.int64]) -> Floats:
        """Return the supply of a code, in volt."""
        return np.asarray(self.low_V + code * self.step, float)


def check_bits(bits: int) -> int:
    """Return a converter's resolution when it can be one.

    Raises:
        InputError: below 1 or above 16.
    """
    if not 1 <= bits <= 16:
        raise InputError(f"`dac_bits` {bits}: a converter has 1 to 16 bits")
    return bits
