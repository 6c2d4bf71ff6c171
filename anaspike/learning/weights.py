"""A network trained elsewhere: matrices and biases from npz or safetensors files."""

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.arrays import read_arrays
from anaspike.learning.network import Layer, Network
from anaspike.units import printable

Arrays = dict[str, NDArray[Any]]

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}
_LARGEST_HEADER = 10_000_000  # bytes; the format's own limit is 100 MB


def import_weights(path: Path, theta: float = 1.0) -> Network:
    """Make a spiking network of the matrices and biases in a file.

    Every matrix (neurons, inputs) is a layer, in the order of the names, numbers in them taken
    as numbers. A vector whose name differs from a matrix's only in its last word
    (`fc1.weight`, `fc1.bias`) is that layer's bias. Amplifiers are 1.

    Args:
        path: `.npz` or `.safetensors`; pickled objects are refused.
        theta: threshold of every neuron.

    Raises:
        InputError: the file cannot be read, has no matrix, a vector without a matrix, layers
            that do not fit each other, or values that are not finite.
    """
    arrays = read_safetensors(path) if path.suffix == ".safetensors" else read_arrays(path)
    for name, values in arrays.items():
        if values.dtype.kind != "f" or values.ndim not in (1, 2):
            raise InputError(
                f"{path}: {printable(name)} is {values.dtype} of shape {values.shape}; only"
                " matrices (neurons, inputs) and vectors (biases) of floating-point numbers can"
                " be imported"
            )
    matrices = sorted((n for n, v in arrays.items() if v.ndim == 2), key=_natural)
    biases = {_stem(name): name for name, values in arrays.items() if values.ndim == 1}
    if not matrices:
        raise InputError(f"{path} holds no matrix (neurons, inputs)")
    layers = []
    for name in matrices:
        bias = biases.pop(_stem(name), None)
        try:
            layers.append(Layer.of(arrays[name], None if bias is None else arrays[bias]))
        except InputError as error:
            raise InputError(f"{path}: {printable(name)}: {error}") from error
    if biases:
        raise InputError(f"{path}: {printable(next(iter(biases.values())))} belongs to no matrix")
    try:
        return Network(tuple(layers), theta)
    except InputError as error:
        raise InputError(f"{path}: {error}; layers follow the order of their names") from error


def read_safetensors(path: Path) -> Arrays:
    """Read a safetensors file: a length, a JSON header, raw numbers; nothing to execute.

    Raises:
        InputError: it cannot be read, or is damaged.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        length = int.from_bytes(content[:8], "little")
        if not 2 <= length <= min(_LARGEST_HEADER, len(content) - 8):
            raise ValueError("its header's length makes no sense")
        header = json.loads(content[8 : 8 + length])
        data = memoryview(content)[8 + length :]
        return {
            name: _tensor(name, entry, data)
            for name, entry in header.items()
            if name != "__metadata__"
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is no safetensors file: {printable(str(error))}") from error


def _tensor(name: str, entry: dict[str, Any], data: memoryview) -> NDArray[Any]:
    kind, shape, (start, stop) = entry["dtype"], entry["shape"], entry["data_offsets"]
    if kind not in _TYPES:
        raise ValueError(f"{name} is of type {kind}; convert it to one of {', '.join(_TYPES)}")
    numbers = np.dtype(_TYPES[kind])
    if any(not isinstance(n, int) or n < 0 for n in (*shape, start, stop)):
        raise ValueError(f"{name} has a shape or a place that makes no sense")
    if stop > len(data) or stop - start != math.prod(shape) * numbers.itemsize:
        raise ValueError(f"{name} does not fit the file")
    return np.frombuffer(data[start:stop], numbers).reshape(shape)


def _stem(name: str) -> str:
    """Return a name without its word for what it is: fc1.weight and fc1.bias have one stem."""
    return re.sub(r"(?i)(weights?|kernel|bias(es)?|[wb])(?=[\W_]*\d*$)", "", name)


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort key: layer10 after layer2."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
