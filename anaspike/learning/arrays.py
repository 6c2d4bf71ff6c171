"""Named arrays in npz files: never a pickle, whole files, one line for whatever is odd."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.bounds import Bound
from anaspike.errors import InputError
from anaspike.files import open_plain, replacing
from anaspike.npz import MAGIC, read_npz

_HDF5 = b"\x89HDF\r\n\x1a\n"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PICKLES = tuple(bytes((0x80, protocol)) for protocol in range(2, 6))
_FROM_PYTORCH = (
    "which is never loaded; save its numbers from PyTorch:"
    " safetensors.torch.save_file(model.state_dict(), 'w.safetensors')"
)
_FROM_KERAS = (
    "which is not read; save its arrays with np.savez, from Keras:"
    " np.savez('w.npz', **{v.path: v.numpy() for v in model.variables})"
)


def read_arrays(
    path: Path,
    wanted: Callable[[str], bool] = lambda name: True,
    max_size_B: float | None = None,
    *,
    packed: bool = True,
) -> dict[str, NDArray[Any]]:
    """Read the arrays of an npz file; nothing in it is ever executed.

    Args:
        path: the file.
        wanted: whether the array of that name is read at all; of the others only the name is seen.
        max_size_B: what they may unpack to.  [default: as `anaspike.bounds` says]
        packed: whether they may unpack to more than the file measures.

    Raises:
        InputError: missing, not an npz file, damaged, too large, two arrays of one name, or
            something else than numbers and texts.
    """

    def look(members: list[str]) -> None:
        _refuse_other_zips(path, members)

    with open_plain(path) as file:
        start = file.read(len(_HDF5))
        file.seek(0)
        if start == _HDF5:
            raise InputError(f"{path} is an HDF5 file, {_FROM_KERAS}")
        if start[:2] in _PICKLES:
            raise InputError(f"{path} is a pickle, {_FROM_PYTORCH}")
        if start.startswith(MAGIC):
            raise InputError(f"{path} is a single array, not an npz file of named arrays")
        if not start:
            raise InputError(f"cannot read {path}: the npz file is damaged (No data left in file)")
        if not start.startswith(_ZIP):
            raise InputError(
                f"cannot read {path}: it is no npz file, or holds pickled objects, which are never"
                " loaded"
            )
        size_B = os.fstat(file.fileno()).st_size
        bound = Bound.of(path, size_B, max_size_B) if packed else Bound.unpacked(path, size_B)
        return read_npz(file, bound, wanted, look)


def write_arrays(
    path: Path, arrays: Mapping[str, NDArray[Any]], *, compressed: bool = False
) -> None:
    """Write named arrays to an npz file, whole or not at all; equal arrays give equal bytes.

    Compressed bytes are equal only where zlib is.

    Raises:
        InputError: the place cannot be written.
    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        save = np.savez_compressed if compressed else np.savez
        save(file, allow_pickle=False, **arrays)


def _refuse_other_zips(path: Path, members: list[str]) -> None:
    """Refuse the zips of others by what they are."""
    if any(name.split("/")[-1] == "data.pkl" for name in members):
        raise InputError(f"{path} is PyTorch's own file, a pickle, {_FROM_PYTORCH}")
    if "model.weights.h5" in members:
        raise InputError(f"{path} is Keras's own file, {_FROM_KERAS}")
