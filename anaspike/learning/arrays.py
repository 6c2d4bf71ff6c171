"""Named arrays in npz files: never a pickle, whole files, one line for whatever is odd."""

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.files import replacing


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read all arrays of an npz file; nothing in it is ever executed.

    Raises:
        InputError: missing, not an npz file, damaged, or with pickled objects.
    """
    try:
        with path.open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise InputError(f"{path} is a single array, not an npz file of named arrays")
            return {name: archive[name] for name in archive.files}
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except MemoryError as error:
        raise InputError(f"{path} holds arrays larger than this machine's memory") from error
    except Exception as error:
        raise InputError(f"cannot read {path}: {_reason(error)}") from error


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


def _reason(error: Exception) -> str:
    """Say in words what numpy and zipfile mean."""
    if "pickle" in str(error):
        return "it is no npz file, or holds pickled objects, which are never loaded"
    if isinstance(error, zipfile.BadZipFile | zlib.error | EOFError | NotImplementedError):
        return f"the npz file is damaged ({error})"
    return f"it is not an npz file of plain arrays ({error})"
