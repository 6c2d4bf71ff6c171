"""How much a file may unpack to: judged by its headers, before anything is unpacked; and how many
values a JSON text may hold, before any is made.

One rule: no more than 8 times what the file itself measures (128 MB for a small one), and no
more than 1 GB; or what the user allows.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from anaspike.errors import InputError

MOST_B, LEAST_B, RATIO = 1_000_000_000, 128_000_000, 8
_MOST_DIMENSIONS = 32
MOST_VALUES = 5_000_000
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NO_TEXT_B = 4  # what NumPy makes of a text of no length


@dataclass(frozen=True)
class Bound:
    """What one file may unpack to.

    Attributes:
        path: the file, for messages.
        size_B: what it measures.
        most_B: what all that is read of it may measure.
        given: the user said so.
        fixed: it is not the user's to lift: the file is our own and not packed.
    """

    path: Path | str
    size_B: int
    most_B: float
    given: bool = False
    fixed: bool = False

    @classmethod
    def of(cls, path: Path | str, size_B: int, max_size_B: float | None = None) -> "Bound":
        """Return the bound of a file of that size; `max_size_B` lifts it.

        Raises:
            InputError: `max_size_B` is no size.
        """
        if max_size_B is not None:
            if not 1 <= max_size_B < 2**63:
                raise InputError(f"`max_size_B`: {max_size_B:g} bytes are no size of a file")
            return cls(path, size_B, max_size_B, given=True)
        return cls(path, size_B, min(MOST_B, max(LEAST_B, RATIO * size_B)))

    @classmethod
    def unpacked(cls, path: Path | str, size_B: int) -> "Bound":
        """Return the bound of a file that holds no more than it measures, as our own do."""
        return cls(path, size_B, size_B, fixed=True)

    def check(self, unpacked_B: float) -> None:
        """Check what the file unpacks to.

        Raises:
            InputError: it is more than it may be.
        """
        if unpacked_B > self.most_B:
            raise InputError(f"{self.path} unpacks to {bytes_text(unpacked_B)}, and {self._may()}")

    def check_shape(self, name: str, shape: Sequence[int], itemsize_B: int) -> int:
        """Check one array before there is room for it; return its size in bytes.

        A length of 0 counts as 1: what is made of (10**12, 0) is seldom empty.

        Raises:
            InputError: it has too many dimensions, or is larger than it may be.
        """
        if len(shape) > _MOST_DIMENSIONS:
            raise InputError(f"{self.path}: {name} has {len(shape)} dimensions")
        if math.prod(max(n, 1) for n in shape) * (itemsize_B or _NO_TEXT_B) > self.most_B:
            raise InputError(
                f"{self.path}: {name} has the shape {_shape_text(shape)}, and {self._may()}"
            )
        return math.prod(shape) * itemsize_B

    def _may(self) -> str:
        if self.fixed:
            return f"measures {bytes_text(self.size_B)}"
        may = f"a file of {bytes_text(self.size_B)} may hold {bytes_text(self.most_B)}"
        if self.given:
            may = f"{bytes_text(self.most_B)} are allowed"
        return f"{may}; if you trust it, allow more with `max_size_B`"


class Sparing:
    """A file that hands out little at a time: the directory of a zip may claim any size.

    Args:
        file: the file.
        most_B: that it hands out at once, in bytes.
        said: of whoever asks for more.
    """

    def __init__(self, file: BinaryIO, most_B: int, said: str) -> None:
        self._file, self._most_B, self._said = file, most_B, said
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """Return what is next.

        Raises:
            InputError: it would be more than may be.
        """
        if size > self._most_B:
            raise InputError(self._said)
        return self._file.read(size)


def check_values(text: str, most: int = MOST_VALUES) -> None:
    """Check how many values a JSON text holds: in memory each takes far more than in the text.

    Raises:
        ValueError: they are more than `most`.
    """
    if len(text) > most:
        bare = _STRING.sub("", text)
        if sum(map(bare.count, "[{,")) > most:
            raise ValueError(f"it holds more than {most} values")


def bytes_text(size_B: float) -> str:
    """Return a size as people read it: `2.7 GB`."""
    for factor, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size_B >= factor:
            return f"{size_B / factor:.3g} {unit}"
    return f"{size_B:g} bytes"


def _shape_text(shape: Sequence[int]) -> str:
    return f"({', '.join(map(str, shape))})"
