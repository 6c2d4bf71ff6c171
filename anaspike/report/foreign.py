"""Files of a folder that somebody else may have made: its own, and no more than a page takes."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anaspike.errors import InputError
from anaspike.files import is_plain_name, read_bytes, read_json
from anaspike.units import printable

# Of one JSON file: an empty list is two bytes there and 64 here.
_MOST_VALUES, _MANY_VALUES = 4_000_000, 100_000


class Allowance:
    """Bytes that several files may measure together.

    Args:
        most_B: how many.
    """

    def __init__(self, most_B: int) -> None:
        self._left_B = most_B

    @property
    def overdrawn(self) -> bool:
        """Whether more has been taken than there was."""
        return self._left_B < 0

    def take(self, size_B: int) -> None:
        """Take so many bytes."""
        self._left_B -= size_B

    def holds(self, size_B: int) -> bool:
        """Return whether so many bytes are left."""
        return size_B <= self._left_B


@dataclass(frozen=True)
class ForeignFolder:
    """A folder whose files may be called, and be, anything.

    Attributes:
        path: of the folder.
    """

    path: Path

    def file(self, name: str) -> Path:
        """Return the path of a file of the folder, which need not be there.

        Raises:
            InputError: by its name or as a link it lies elsewhere.
        """
        if not is_plain_name(name):
            raise InputError(f"'{printable(name)}' is no plain name of a file in the folder")
        path = self.path / name
        inside = os.path.realpath(self.path)
        if os.path.commonpath([inside, os.path.realpath(path)]) != inside:
            raise InputError(f"{name} is a link that leads out of the folder")
        return path

    def read(self, name: str, most_B: int) -> bytes:
        """Read a file of the folder that measures no more than `most_B` bytes.

        Raises:
            InputError: it lies elsewhere, is no plain file, too large, or cannot be read.
        """
        return read_bytes(self.file(name), most_B)

    def json(self, name: str, most_B: int, value_B: int = 1) -> Any:
        """Read a JSON file of the folder.

        Args:
            name: of the file.
            most_B: what it may measure, in bytes.
            value_B: what a value takes on average at least where there are many, in bytes.

        Raises:
            InputError: as `read`; or it is no JSON, or holds too many values.
        """
        path, size_B = self.file(name), 0
        with suppress(OSError):  # the reader says what is wrong
            size_B = path.stat().st_size
        return read_json(path, most_B, min(_MOST_VALUES, max(_MANY_VALUES, size_B // value_B)))
