"""Read ngspice's raw files: fast, several plots in one file, and never a guess."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from anaspike.spice.failures import RawFileError
from anaspike.units import printable

Samples = NDArray[np.inexact[Any]]  # float64 or complex128

_LONGEST_LINE = 65536
_MOST_VARIABLES = 1_000_000


@dataclass(frozen=True)
class Plot:
    """One plot of a raw file.

    Attributes:
        title, date, plotname: as ngspice wrote them.
        names: of the vectors, lower case, the axis first.
        data: shape (vectors, points), float64 or complex128. A view of the
            file's order, in which the values of one point lie together.
        aborted: whether the header still says 0 points, as ngspice leaves it
            when a run dies; `data` then holds the whole points that are there.
    """

    title: str
    date: str
    plotname: str
    names: tuple[str, ...]
    data: Samples
    aborted: bool = False


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
        RawFileError: the file is missing, truncated or malformed.
    """
    try:
        with path.open("rb") as file:
            return list(_plots(file, path))
    except OSError as error:
        raise RawFileError(f"cannot read {path.name}: {error.strerror or error}") from None


def _plots(file: BinaryIO, path: Path) -> Iterator[Plot]:
    size = os.fstat(file.fileno()).st_size
    while file.tell() < size:
        header = _read_header(file, path)
        data, aborted = (
            _read_binary(file, header, path, size)
            if header.binary
            else (_read_ascii(file, header, path), False)
        )
        yield Plot(
            header.fields.get("title", ""),
            header.fields.get("date", ""),
            header.fields.get("plotname", ""),
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
            f"{path.name} is truncated: it promises {points} points of {len(header.names)}"
            f" vectors and holds {there}"
        )
    values = np.fromfile(file, dtype, points * len(header.names))
    if aborted:
        file.seek(0, os.SEEK_END)  # behind whole rows there may be a cut one
    return values.reshape(points, len(header.names)).T, aborted


def _at_next_plot(file: BinaryIO) -> bool:
    place = file.tell()
    found = file.read(6).lower() == b"title:"
    file.seek(place)
    return found


def _read_ascii(file: BinaryIO, header: _Header, path: Path) -> Samples:
    vectors = len(header.names)
    values: list[float | complex] = []
    for point in range(header.points):
        tokens: list[str] = []
        while len(tokens) <= vectors:  # each point starts with its index
            tokens += _line(file, path).split()
        if tokens[0] != str(point) or len(tokens) != vectors + 1:
            raise _malformed(path, f"point {point} is not where it should be")
        values += [_number(token, header.complex, path) for token in tokens[1:]]
    _skip_blank_lines(file)
    dtype = np.complex128 if header.complex else np.float64
    return np.array(values, dtype).reshape(header.points, vectors).T


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
        raise RawFileError(f"{path.name} is truncated: {reason}")
    return line.decode("utf-8", "replace").rstrip("\r\n")


def _count(fields: dict[str, str], key: str, path: Path) -> int:
    text = fields.get(key, "")
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise _malformed(path, f"'{key}' is '{printable(text)}', not a number")
    return int(text)


def _malformed(path: Path, reason: str) -> RawFileError:
    return RawFileError(f"{path.name} is no raw file that ngspice wrote: {reason}")
