"""VGG-19's convolutional part as a fixed feature extractor, in NumPy, with the user's weights.

Layers and names are torchvision's (`features.<n>.weight`, `features.<n>.bias`). The whole image is
resized to 256 x 256 (bilinear; its proportions are not kept), the middle 224 x 224 is cut out, and
each channel is scaled by ImageNet's mean and spread. Out come 512 x 7 x 7 = 25088 numbers, the
paper's embeddings.
"""

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from anaspike.bounds import Bound
from anaspike.errors import InputError
from anaspike.extras import need
from anaspike.files import open_plain
from anaspike.learning.arrays import read_arrays, write_arrays
from anaspike.learning.foreign.safetensors import read_safetensors
from anaspike.learning.images import Pixels, resized
from anaspike.learning.network import Layer, Network, floats
from anaspike.npz import unpacked_size
from anaspike.units import printable

Floats = NDArray[np.float32]

# Output channels of the convolutions between two poolings.
WIDTHS = ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4)
_SIDE, _CROP = 256, 224
_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_SPREAD = np.array([0.229, 0.224, 0.225], dtype=np.float32)
# Before that `weights_only` could be got round (CVE-2025-32434).
_SAFE_TORCH = (2, 6)
_FEATURES, _CLASSIFIER = "features.", "classifier."  # of the file the latter is the most
_BLOCK = 8_000_000  # numbers that one convolution unrolls at a time: 32 MB


@dataclass(frozen=True, eq=False)
class Vgg19:
    """The convolutions, by the poolings that end them.

    Attributes:
        stages: for each pooling the (weights (out, in, 3, 3), bias (out,)) before it.
        digest: SHA-256 of all of them: equal weights give equal digests in any file format.
    """

    stages: tuple[tuple[tuple[Floats, Floats], ...], ...]
    digest: str

    @classmethod
    def read(
        cls,
        path: Path,
        widths: Sequence[Sequence[int]] | None = WIDTHS,
        max_size_B: float | None = None,
    ) -> "Vgg19":
        """Read weights from an .npz, .safetensors or torchvision .pth file; never a pickle.

        Args:
            path: the file.
            widths: output channels of the convolutions, stage by stage; None for a network as
                deep as VGG-19 and as wide as the file has it.
            max_size_B: what the file may unpack to.  [default: as `anaspike.bounds` says]

        Raises:
            InputError: another suffix, a damaged file, a layer that is missing or misshapen.
        """
        arrays = _read(path, max_size_B, _FEATURES)
        widths = _widths(arrays, path) if widths is None else widths
        stages, digest = [], hashlib.sha256()
        layer, channels = 0, 3
        for stage in widths:
            convolutions = []
            for out in stage:
                weights = _layer(arrays, path, f"features.{layer}.weight", (out, channels, 3, 3))
                bias = _layer(arrays, path, f"features.{layer}.bias", (out,))
                convolutions.append((weights, bias))
                digest.update(weights.tobytes() + bias.tobytes())
                layer, channels = layer + 2, out  # torchvision counts the rectifiers as layers
            stages.append(tuple(convolutions))
            layer += 1  # and the poolings
        return cls(tuple(stages), digest.hexdigest())

    @property
    def _width(self) -> int:
        """Return how many numbers an embedding has."""
        return len(self.stages[-1][-1][1]) * (_CROP >> len(self.stages)) ** 2

    def embed(self, pixels: Pixels) -> Floats:
        """Return the features of an image, as float16 would keep them.

        Args:
            pixels: (h, w, 3), 8-bit RGB.
        """
        edge = (_SIDE - _CROP) // 2
        middle = slice(edge, edge + _CROP)
        whole = resized(pixels, _SIDE, _SIDE, bilinear=True)[middle, middle]
        scaled = (whole.astype(np.float32) / 255 - _MEAN) / _SPREAD
        planes: Floats = np.asarray(scaled.transpose(2, 0, 1), dtype=np.float32)
        for stage in self.stages:
            for weights, bias in stage:
                planes = convolve(planes, weights, bias)
                np.maximum(planes, 0, out=planes)
            planes = pool(planes)
        return planes.ravel().astype(np.float16).astype(np.float32)

    def cached(self, pixels: Pixels, folder: Path) -> Floats:
        """Return `embed`'s answer, from `folder` where it is there, else kept there.

        Raises:
            InputError: the folder cannot be written, a file in it is damaged.
        """
        key = hashlib.sha256(f"{self.digest} {pixels.shape} ".encode() + pixels.tobytes())
        path = folder / self.digest[:16] / f"{key.hexdigest()}.npz"
        if path.exists():
            kept = read_arrays(path).get("embedding")
            if kept is None or kept.shape != (self._width,) or kept.dtype != np.float16:
                raise InputError(f"{path} is no embedding; remove it")
            return floats(kept)
        embedding = self.embed(pixels)
        write_arrays(path, {"embedding": embedding.astype(np.float16)})
        return embedding


def convolve(planes: Floats, weights: Floats, bias: Floats) -> Floats:
    """Slide 3 x 3 filters over planes with a border of zeros.

    Args:
        planes: (in, h, w).
        weights: (out, in, 3, 3).
        bias: (out,).

    Returns:
        (out, h, w), by one matrix product for each block of rows: memory stays bounded.
    """
    channels, height, width = planes.shape
    windows = sliding_window_view(np.pad(planes, ((0, 0), (1, 1), (1, 1))), (3, 3), axis=(1, 2))
    flat = weights.reshape(len(weights), -1)
    out = np.empty((len(weights), height, width), dtype=np.float32)
    rows = max(1, _BLOCK // (channels * 9 * width))
    for top in range(0, height, rows):
        block = windows[:, top : top + rows]
        columns = block.transpose(0, 3, 4, 1, 2).reshape(channels * 9, -1)
        out[:, top : top + rows] = (flat @ columns).reshape(len(weights), -1, width)
    out += bias[:, None, None]
    return out


def pool(planes: Floats) -> Floats:
    """Keep the largest of each 2 x 2: (c, h, w) to (c, h // 2, w // 2)."""
    channels, height, width = planes.shape
    even = planes[:, : height // 2 * 2, : width // 2 * 2]
    largest: Floats = even.reshape(channels, height // 2, 2, width // 2, 2).max(axis=(2, 4))
    return largest


def read_classifier(path: Path, max_size_B: float | None = None) -> Network:
    """Return VGG-19's classifier, the three layers after the embedding, of torchvision's names.

    Args:
        path: .npz, .safetensors or torchvision's .pth; never a pickle.
        max_size_B: what the file may unpack to.  [default: as `anaspike.bounds` says]

    Raises:
        InputError: another suffix, a damaged file, a layer that is missing or misshapen.
    """
    arrays = _read(path, max_size_B, _CLASSIFIER)
    layers = []
    for number in (0, 3, 6):  # rectifiers and dropout stand between them
        name = f"{_CLASSIFIER}{number}"
        weights, bias = arrays.get(f"{name}.weight"), arrays.get(f"{name}.bias")
        if weights is None or bias is None:
            raise InputError(f"{path} lacks VGG-19's classifier: {name}.weight and {name}.bias")
        try:
            layers.append(Layer.of(weights, bias))
        except InputError as error:
            raise InputError(f"{path}: {name}: {error}") from None
    try:
        return Network(tuple(layers))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _widths(arrays: Mapping[str, Any], path: Path) -> Sequence[Sequence[int]]:
    """Return how wide a file's convolutions are."""
    found, layer = [], 0
    for stage in WIDTHS:
        own = []
        for _ in stage:
            values = arrays.get(f"features.{layer}.weight")
            if values is None or values.ndim != 4:
                raise InputError(f"{path} is not VGG-19: it lacks features.{layer}.weight")
            own.append(int(values.shape[0]))
            layer += 2
        found.append(own)
        layer += 1
    return found


def _read(path: Path, max_size_B: float | None, start: str) -> Mapping[str, Any]:
    """Return the arrays whose names begin so."""

    def taken(name: str) -> bool:
        return name.startswith(start)

    if path.is_dir():
        raise InputError(f"{path} is a folder; give the file of VGG-19's weights")
    if not path.exists():
        raise InputError(f"{path}: no such file; give the file of VGG-19's weights")
    if path.suffix == ".npz":
        return read_arrays(path, taken, max_size_B)
    if path.suffix == ".safetensors":
        return read_safetensors(path, taken, max_size_B)
    if path.suffix in {".pth", ".pt"}:
        return _from_torch(path, max_size_B, taken)
    raise InputError(f"{path}: weights come as .npz, .safetensors or torchvision's .pth")


def _from_torch(
    path: Path, max_size_B: float | None, taken: Callable[[str], bool]
) -> Mapping[str, Any]:
    """Read torchvision's own file by torch, which then refuses what holds more than tensors."""
    with open_plain(path) as file:
        bound = Bound.of(path, os.fstat(file.fileno()).st_size, max_size_B)
        bound.check(max(bound.size_B, unpacked_size(file, bound)))
    torch = need("torch", "vgg")
    found = re.match(r"(\d+)\.(\d+)", str(torch.__version__))
    if not found or (int(found[1]), int(found[2])) < _SAFE_TORCH:
        raise InputError(
            f"torch {printable(str(torch.__version__))} may run what is in a .pth; install torch"
            " >= 2.6, or save the weights as .safetensors"
        )
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {name: state[name].numpy() for name in state if taken(name)}
    # It raises whatever its parsers meet on a file that is something else.
    except Exception as error:
        reason = printable(" ".join(str(error).split())[:120])
        raise InputError(f"cannot read {path} as plain weights: {reason}") from None


def _layer(arrays: Mapping[str, Any], path: Path, name: str, shape: tuple[int, ...]) -> Floats:
    values = arrays.get(name)
    if values is None:
        raise InputError(f"{path} is not VGG-19: it lacks {name}")
    if values.shape != shape or values.dtype.kind != "f":
        raise InputError(
            f"{path} is not VGG-19: {name} is {values.dtype} of shape {values.shape},"
            f" expected numbers of shape {shape}"
        )
    weights: Floats = np.ascontiguousarray(floats(values))
    if not np.isfinite(weights).all():
        raise InputError(f"{path}: {name} holds a number that is not finite")
    return weights
