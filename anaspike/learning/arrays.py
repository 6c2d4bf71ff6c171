"""Named arrays in npz files: never a pickle, whole files, one line for whatever is odd."""

import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.files import replacing
from anaspike.units import printable

_HDF5 = b"\x89HDF\r\n\x1a\n"
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
    path: Path, wanted: Callable[[str], bool] = lambda name: True
) -> dict[str, NDArray[Any]]:
    """Read the arrays of an npz file; nothing in it is ever executed.

    Args:
        path: the file.
        wanted: whether the array of that name is read at all; of the others only the name is seen.

    Raises:
        InputError: missing, not an npz file, damaged, two arrays of one name, or pickled objects.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(_HDF5))
            file.seek(0)
            if start == _HDF5:
                raise InputError(f"{path} is an HDF5 file, {_FROM_KERAS}")
            if start[:2] in _PICKLES:
                raise InputError(f"{path} is a pickle, {_FROM_PYTORCH}")
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile) or archive.zip is None:
                raise InputError(f"{path} is a single array, not an npz file of named arrays")
            _refuse_other_zips(path, archive.zip.namelist())
            arrays = {name: archive[name] for name in archive.files if wanted(name)}
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except MemoryError as error:
        raise InputError(f"{path} holds arrays larger than this machine's memory") from error
    except Exception as error:
        raise InputError(f"cannot read {path}: {_reason(error)}") from error
    for name, values in arrays.items():  # numpy gives what is no array as bytes
        if not isinstance(values, np.ndarray):
            raise InputError(f"{path} is no npz file of arrays: it holds {printable(name)}")
    return arrays


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
    """Refuse the zips of others by what they are, and two arrays of one name."""
    if any(name.split("/")[-1] == "data.pkl" for name in members):
        raise InputError(f"{path} is PyTorch's own file, a pickle, {_FROM_PYTORCH}")
    if "model.weights.h5" in members:
        raise InputError(f"{path} is Keras's own file, {_FROM_KERAS}")
    names = Counter(name.removesuffix(".npy") for name in members)
    for name, count in names.items():
        if count > 1:
            raise InputError(f"{path} holds {count} arrays of the name {printable(name)}")


def _reason(error: Exception) -> str:
    """Say in words what numpy and zipfile mean."""
    if "pickle" in str(error):
        return "it is no npz file, or holds pickled objects, which are never loaded"
    if isinstance(error, zipfile.BadZipFile | zlib.error | EOFError | NotImplementedError):
        return f"the npz file is damaged ({error})"
    return f"it is not an npz file of plain arrays ({error})"
