"""Named arrays in npz files: headers are judged before data, and nothing in them is executed.

What NumPy's own reader does in one go is done in steps here, since a stranger's header may ask for
any amount of memory: the zip's directory, what all wanted arrays unpack to, each array's header,
its shape against the room that it takes, and only then its numbers, in place.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from anaspike.bounds import Bound, Sparing
from anaspike.errors import InputError
from anaspike.units import printable

MAGIC = b"\x93NUMPY"
_LARGEST_HEADER = 10_000  # bytes, as NumPy's reader has it
_AT_ONCE_B = 1_000_000  # read at a time; no zip's directory may be larger
_LENGTHS = {1: "<H", 2: "<I", 3: "<I"}  # of the header, by version
_ENTRY = re.compile(
    r"""(['"])(?P<key>descr|fortran_order|shape)\1\s*:\s*
    (?:(['"])(?P<descr>[^'"]*)\3|(?P<order>True|False)|\((?P<shape>[0-9L,\s]*)\))\s*,?""",
    re.VERBOSE,
)
_STRUCTURED = re.compile(r"""(['"])descr\1\s*:\s*[\[(]""")
# Numbers, texts, and memory of no meaning (V: what NumPy makes of bfloat16). `O` is a pickle.
_DESCR = re.compile(r"[<>=|]?(?:\?|[biufcSUV][0-9]{1,9})")
_LENGTH = re.compile(r"\s*([0-9]{1,18})L?\s*")
_PICKLED = "it holds pickled objects, which are never loaded"


@dataclass(frozen=True)
class Header:
    """What an array is, as its header says.

    Attributes:
        numbers: their type.
        shape: of the array.
        fortran: the first index runs fastest.
    """

    numbers: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool


def members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return what a zip holds, by the names of arrays.

    Raises:
        InputError: two of one name.
    """
    found: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        if name in found:
            count = sum(i.filename.removesuffix(".npy") == name for i in archive.infolist())
            raise InputError(f"holds {count} arrays of the name {printable(name)}")
        found[name] = info
    return found


def read_npz(
    file: BinaryIO,
    bound: Bound,
    wanted: Callable[[str], bool] = lambda name: True,
    look: Callable[[list[str]], None] = lambda names: None,
) -> dict[str, NDArray[Any]]:
    """Read the arrays of an open npz file.

    Args:
        file: the file.
        bound: what it may unpack to.
        wanted: whether the array of that name is read at all.
        look: shown the names of all members first, to refuse what else zips are used for.

    Raises:
        InputError: not an npz file, damaged, encrypted, too large, two arrays of one name, or
            something else than plain arrays of numbers and texts.
    """
    path = bound.path
    try:
        with zipfile.ZipFile(_sparing(file, bound)) as archive:
            look(archive.namelist())
            found = {name: info for name, info in _named(archive, path) if wanted(name)}
            bound.check(sum(info.file_size for info in found.values()))
            return {name: _array(archive, info, name, bound) for name, info in found.items()}
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except MemoryError as error:
        raise InputError(f"{path} holds arrays larger than this machine's memory") from error
    # Zipfile raises whatever it meets in bytes that are none: struct.error, UnicodeDecodeError ...
    except Exception as error:
        raise InputError(f"cannot read {path}: {_reason(error)}") from error


def read_npy(file: BinaryIO, bound: Bound) -> NDArray[Any]:
    """Read an open npy file, which holds one array.

    Args:
        file: the file.
        bound: what it may measure.

    Raises:
        InputError: not an npy file, damaged, too large, or something else than a plain array of
            numbers or texts.
    """
    try:
        if file.read(len(MAGIC)) != MAGIC:
            raise InputError(f"{bound.path} is no npy file")
        return _one(file, bound.size_B, "its array", bound)
    except OSError as error:
        raise InputError(f"cannot read {bound.path}: {error.strerror or error}") from error
    except EOFError as error:  # it became shorter meanwhile
        raise InputError(f"cannot read {bound.path}: {error}") from error
    except MemoryError as error:
        raise InputError(f"{bound.path} is larger than this machine's memory") from error


def unpacked_size(file: BinaryIO, bound: Bound) -> int:
    """Return what all members of an open zip unpack to; 0 where it is no zip.

    Raises:
        InputError: it lists more members than any such file has.
    """
    try:
        with zipfile.ZipFile(_sparing(file, bound)) as archive:
            return sum(info.file_size for info in archive.infolist())
    except InputError:
        raise
    except Exception:  # whatever zipfile meets in bytes that are none
        return 0


def parse_header(text: str) -> Header:
    """Read the header of an array; it is never evaluated.

    Raises:
        ValueError: it is none, or of no plain array; in words.
    """
    entries = {match["key"]: match for match in _ENTRY.finditer(text)}
    if _STRUCTURED.search(text):
        raise ValueError("is of a structured type, no plain array")
    if len(entries) != 3 or not re.fullmatch(r"\s*\{\s*\}\s*", _ENTRY.sub("", text)):
        raise ValueError("has no header of an array")
    descr, order, shape = (entries[key][group] for key, group in _FIELDS)
    if descr is None or order is None or shape is None:
        raise ValueError("has no header of an array")
    lengths = [_LENGTH.fullmatch(part) for part in shape.rstrip(", \n").split(",") if shape.strip()]
    if not all(lengths):
        raise ValueError("has a shape that makes no sense")
    if not _DESCR.fullmatch(descr):
        if descr.lstrip("<>=|").startswith("O"):
            raise ValueError(_PICKLED)
        raise ValueError(f"is of type {printable(descr[:20])}, no plain array")
    try:
        numbers = np.dtype(descr)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"is of type {printable(descr)}, which NumPy lacks") from None
    return Header(numbers, tuple(int(n[1]) for n in lengths if n), order == "True")


_FIELDS = (("descr", "descr"), ("fortran_order", "order"), ("shape", "shape"))


def _sparing(file: BinaryIO, bound: Bound) -> Sparing:
    return Sparing(
        file, _AT_ONCE_B, f"{bound.path} lists more arrays than any network or table has"
    )


def _named(archive: zipfile.ZipFile, path: Any) -> list[tuple[str, zipfile.ZipInfo]]:
    try:
        return list(members(archive).items())
    except InputError as error:
        raise InputError(f"{path} {error}") from None


def _array(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, bound: Bound
) -> NDArray[Any]:
    """Read one array: its header, whether it fits, its numbers."""
    path, shown = bound.path, printable(name)
    if info.flag_bits & 1:
        raise InputError(f"{path}: {shown} is encrypted; unpack it and save the arrays anew")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise InputError(f"{path}: {shown} is packed in a way that npz files are not")
    with archive.open(info) as stream:
        start = stream.read(len(MAGIC))
        if start != MAGIC:
            raise InputError(f"{path} is no npz file of arrays: it holds {shown}")
        return _one(stream, info.file_size, shown, bound)


def _one(stream: IO[bytes], file_B: int, shown: str, bound: Bound) -> NDArray[Any]:
    """Read the array of a file whose magic is read: its header, whether it fits, its numbers."""
    path = bound.path
    try:
        header, header_B = _header(stream)
    except ValueError as error:
        pickled = str(error) == _PICKLED
        what = f"cannot read {path}: {error}" if pickled else f"{path}: {shown} {error}"
        raise InputError(what) from None
    size_B = bound.check_shape(shown, header.shape, header.numbers.itemsize)
    if size_B != file_B - header_B:
        raise InputError(f"{path}: {shown} holds more or less than its shape says")
    values = _filled(stream, size_B, header)
    if size_B and values.dtype.kind == "U" and not is_text(values):
        raise InputError(f"{path}: {shown} holds text that is no Unicode")
    return values


def _header(stream: IO[bytes]) -> tuple[Header, int]:
    """Return the header that follows the magic, and how many bytes stand before the data."""
    version = stream.read(2)
    kind = _LENGTHS.get(version[0] if version else 0)
    if kind is None:
        raise ValueError("is an array of a version that is unknown")
    packed = stream.read(struct.calcsize(kind))
    if len(packed) < struct.calcsize(kind):
        raise ValueError("is cut short")
    length = struct.unpack(kind, packed)[0]
    if length > _LARGEST_HEADER:
        raise ValueError(f"has a header of {length} bytes")
    text = stream.read(length)
    if len(text) < length:
        raise ValueError("is cut short")
    return parse_header(text.decode("latin-1")), len(MAGIC) + 2 + len(packed) + length


def _filled(stream: IO[bytes], size_B: int, header: Header) -> NDArray[Any]:
    """Read numbers into an array of the machine's own byte order."""
    raw = np.empty(size_B, np.uint8)
    room, at = raw.data, 0
    while at < size_B:
        part = stream.read(min(_AT_ONCE_B, size_B - at))
        if not part:
            raise EOFError("an array is cut short")
        room[at : at + len(part)] = part
        at += len(part)
    if not size_B:
        return np.zeros(header.shape, header.numbers.newbyteorder("="))
    shape = header.shape[::-1] if header.fortran else header.shape
    values = in_order(raw.view(header.numbers)).reshape(shape)
    return values.T if header.fortran else values


def in_order(values: NDArray[Any]) -> NDArray[Any]:
    """Return values in the machine's byte order; truth values as 0 and 1, whatever bytes they are.

    Args:
        values: contiguous.
    """
    if values.dtype.kind == "b":
        truth: NDArray[Any] = values.view(np.uint8) != 0
        return truth
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def is_text(values: NDArray[np.str_]) -> bool:
    """Return whether every code is one of Unicode's, so that Python can hold and write it."""
    codes = np.ascontiguousarray(values).reshape(-1).view(np.uint32)
    return not ((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes <= 0xDFFF))).any()


def _reason(error: Exception) -> str:
    """Say in words what zipfile means."""
    if isinstance(
        error, zipfile.BadZipFile | zlib.error | EOFError | NotImplementedError | struct.error
    ):
        return f"the npz file is damaged ({printable(str(error))})"
    return f"it is not an npz file of plain arrays ({printable(str(error))})"
