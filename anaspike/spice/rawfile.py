"""Read ngspice's raw files: fast, several plots in one file, and never a guess."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.files import cannot_read, open_plain
from anaspike.spice.failures import RawFileError
from anaspike.spice.waveforms import Waveforms
from anaspike.units import printable

Samples = NDArray[np.inexact[Any]]  # float64 or complex128

_LONGEST_LINE = 65536
_MOST_VARIABLES = 1_000_000
MOST_TRACES_B = 4_000_000_000  # of a file that anybody may have written


@dataclass(frozen=True)
class Plot:
    """One plot of a raw file.

    Attributes:
        title, date, plotname, flags: as ngspice wrote them.
        names: of the vectors, lower case, the axis first.
        data: shape (vectors, points), float64 or complex128. A view of the
            file's order, in which the values of one point lie together.
        aborted: whether the header still says 0 points, as ngspice leaves it
            when a run dies; `data` then holds the whole points that are there.
    """

    title: str
    date: str
    plotname: str
    flags: str
    names: tuple[str, ...]
    data: Samples
    aborted: bool = False

    @property
    def axis(self) -> Samples:
        """What the plot runs over (time, frequency), shape (points,)."""
        axis: Samples = self.data[0]
        return axis

    def __getitem__(self, vector: str) -> Samples:
        if vector.lower() not in self.names:
            there = ", ".join(self.names)
            raise InputError(f"there is no vector '{printable(vector)}' in the file, but {there}")
        samples: Samples = self.data[self.names.index(vector.lower())]
        return samples


class _CutShort(RawFileError):
    pass


@dataclass(frozen=True)
class _Header:
    fields: dict[str, str]
    names: tuple[str, ...]
    points: int
    complex: bool
    binary: bool


def read_raw(path: Path) -> list[Plot]:
    """Return the plots of a raw file, binary or ASCII, in their order.

    Raises:
        RawFileError: the file is missing, empty, truncated or malformed.
    """
    try:
        with path.open("rb") as file:
            plots = list(_plots(file, path))
    except OSError as error:
        raise RawFileError(f"cannot read {_name(path)}: {error.strerror or error}") from None
    if not plots:
        raise RawFileError(f"{_name(path)} is empty")
    return plots


def read_traces(path: Path) -> Waveforms:
    """Return the one plot of a file over time.

    Raises:
        InputError: the file is missing or damaged, or holds something else.
    """
    try:
        with open_plain(path) as file:
            if os.fstat(file.fileno()).st_size > MOST_TRACES_B:
                raise InputError(f"{path} is larger than {MOST_TRACES_B / 1e9:g} GB")
            plots = list(_plots(file, path))
    except OSError as error:
        raise InputError(cannot_read(path, error)) from None
    except RawFileError as error:
        raise InputError(f"{path}: {error}") from None
    if len(plots) != 1 or plots[0].names[:1] != ("time",) or np.iscomplexobj(plots[0].data):
        raise InputError(f"{path} holds no traces over time")
    time_s, *samples = np.ascontiguousarray(plots[0].data, np.float64)
    return Waveforms(time_s, dict(zip(plots[0].names[1:], samples, strict=True)))


def reached(path: Path) -> float:
    """Return the last value of the axis that a run has written, 0 where there is none yet.

    Only the header and that value are read: the run may have left gigabytes.
    """
    try:
        with path.open("rb") as file:
            header = _read_header(file, path)
            row_bytes = 8 * len(header.names)
            rows = (os.fstat(file.fileno()).st_size - file.tell()) // row_bytes
            if rows < 1 or header.complex or not header.binary:
                return 0.0
            file.seek((rows - 1) * row_bytes, os.SEEK_CUR)
            return float(np.frombuffer(file.read(8), np.float64)[0])
    except (OSError, RawFileError):
        return 0.0


def _plots(file: BinaryIO, path: Path) -> Iterator[Plot]:
    size = os.fstat(file.fileno()).st_size
    while file.tell() < size:
        header = _read_header(file, path)
        data, aborted = (
            _read_binary(file, header, path, size)
            if header.binary
            else _read_ascii(file, header, path)
        )
        yield Plot(
            header.fields.get("title", ""),
            header.fields.get("date", ""),
            header.fields.get("plotname", ""),
            header.fields.get("flags", ""),
            header.names,
            data,
            aborted,
        )


def _read_header(file: BinaryIO, path: Path) -> _Header:
    fields: dict[str, str] = {}
    names: tuple[str, ...] = ()
    while True:
        line = _line(file, path)
        key, colon, value = line.partition(":")
        if not colon:
            raise _malformed(path, f"'{printable(line)}' is no header line")
        match key.strip().lower():
            case "variables":
                names = _read_names(file, _count(fields, "no. variables", path), path)
            case "binary" | "values" as kind:
                flags = fields.get("flags", "").lower().split()
                points = _count(fields, "no. points", path)
                if not names:
                    raise _malformed(path, "it names no variables")
                return _Header(fields, names, points, "complex" in flags, kind == "binary")
            case word:
                fields[word] = value.strip()


def _read_names(file: BinaryIO, count: int, path: Path) -> tuple[str, ...]:
    if not 0 < count <= _MOST_VARIABLES:
        raise _malformed(path, f"it promises {count} variables")
    names = []
    for index in range(count):
        words = _line(file, path).split()
        if len(words) < 2 or words[0] != str(index):
            raise _malformed(path, f"variable {index} is not where it should be")
        names.append(words[1].lower())
    return tuple(names)


def _read_binary(file: BinaryIO, header: _Header, path: Path, size: int) -> tuple[Samples, bool]:
    dtype = np.dtype(np.complex128 if header.complex else np.float64)
    row_bytes = dtype.itemsize * len(header.names)
    there = (size - file.tell()) // row_bytes
    aborted = header.points == 0 and there > 0 and not _at_next_plot(file)
    points = there if aborted else header.points
    if there < points:
        raise RawFileError(
            f"{_name(path)} is truncated: it promises {points} points of {len(header.names)}"
            f" vectors and holds {there}"
        )
    values = np.empty(points * len(header.names), dtype)
    # Not numpy.fromfile, which opens the file once more.
    if file.readinto(values.data) < values.nbytes:  # type: ignore[attr-defined]
        raise _CutShort(f"{_name(path)} is truncated: it has become shorter")
    if aborted:
        file.seek(0, os.SEEK_END)  # behind whole rows there may be a cut one
    return values.reshape(points, len(header.names)).T, aborted


def _at_next_plot(file: BinaryIO) -> bool:
    place = file.tell()
    found = file.read(6).lower() == b"title:"
    file.seek(place)
    return found


def _read_ascii(file: BinaryIO, header: _Header, path: Path) -> tuple[Samples, bool]:
    _skip_blank_lines(file)
    aborted = header.points == 0 and not _at_end(file) and not _at_next_plot(file)
    values: list[float | complex] = []
    for point in count() if aborted else range(header.points):
        if aborted and _at_end(file):
            break
        try:
            values += _read_point(file, point, header, path)
        except _CutShort:
            if not aborted:
                raise
            break  # behind whole points there may be a cut one
        _skip_blank_lines(file)
    dtype = np.complex128 if header.complex else np.float64
    return np.array(values, dtype).reshape(-1, len(header.names)).T, aborted


def _read_point(
    file: BinaryIO, point: int, header: _Header, path: Path
) -> list[float] | list[complex]:
    tokens: list[str] = []
    while len(tokens) <= len(header.names):  # each point starts with its index
        tokens += _line(file, path).split()
    if tokens[0] != str(point) or len(tokens) != len(header.names) + 1:
        raise _malformed(path, f"point {point} is not where it should be")
    return [_number(token, header.complex, path) for token in tokens[1:]]


def _at_end(file: BinaryIO) -> bool:
    place = file.tell()
    found = file.read(1)
    file.seek(place)
    return not found


def _skip_blank_lines(file: BinaryIO) -> None:
    place = file.tell()
    while file.readline(_LONGEST_LINE).isspace():
        place = file.tell()
    file.seek(place)


def _number(token: str, is_complex: bool, path: Path) -> float | complex:
    try:
        if not is_complex:
            return float(token)
        real, _, imaginary = token.partition(",")
        return complex(float(real), float(imaginary))
    except ValueError:
        raise _malformed(path, f"'{printable(token)}' is no number") from None


def _line(file: BinaryIO, path: Path) -> str:
    line = file.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        reason = "a line never ends" if len(line) == _LONGEST_LINE else "it ends too early"
        raise _CutShort(f"{_name(path)} is truncated: {reason}")
    return line.decode("utf-8", "replace").rstrip("\r\n")


def _count(fields: dict[str, str], key: str, path: Path) -> int:
    text = fields.get(key, "")
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise _malformed(path, f"'{key}' is '{printable(text)}', not a number")
    return int(text)


def _malformed(path: Path, reason: str) -> RawFileError:
    return RawFileError(f"{_name(path)} is no raw file that ngspice wrote: {reason}")


def _name(path: Path) -> str:
    return printable(path.name)
