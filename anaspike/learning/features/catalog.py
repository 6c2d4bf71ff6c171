"""How images become numbers, by the name that `--features` takes."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import platformdirs

from anaspike.errors import InputError
from anaspike.extras import need
from anaspike.learning.arrays import read_arrays, write_arrays
from anaspike.learning.features.vgg19 import WIDTHS, Vgg19
from anaspike.learning.images import Box, Pixels, Row, Sample, resized
from anaspike.units import printable, suggestion

_SIDE = 16  # of the picture that `pixels` keeps


@dataclass(eq=False)
class Extractor:
    """Turns one image into one row; `names` says what stands in it once a row was made."""

    name: str
    row: "Callable[[Sample, Pixels, list[str]], Row | None]"
    names: list[str] = field(default_factory=list)

    def __call__(self, sample: Sample, pixels: Pixels) -> Row | None:
        """Return the row, or None where there is nothing in the image to measure."""
        return self.row(sample, pixels, self.names)


def feature_names() -> tuple[str, ...]:
    """Return the names of all kinds of features."""
    return tuple(_EXTRACTORS)


def extractor(
    name: str,
    weights: Path | None = None,
    cache: Path | None = None,
    max_size_B: float | None = None,
    *,
    any_width: bool = False,
) -> Extractor:
    """Return what turns an image into features.

    Args:
        name: one of `feature_names`.
        weights: VGG-19's weights.
        cache: folder for VGG-19's embeddings.  [default: in the user's cache]
        max_size_B: what the weights may unpack to.  [default: as `anaspike.bounds` says]
        any_width: whether VGG-19 may be narrower than published.

    Raises:
        InputError: unknown name, a missing extra, bad weights.
    """
    if name not in _EXTRACTORS:
        raise InputError(f"unknown features '{printable(name)}'; {suggestion(name, _EXTRACTORS)}")
    return _EXTRACTORS[name](weights, cache, max_size_B, any_width)


def _cells(weights: object, cache: Path | None, *_: object) -> Extractor:
    need("skimage", "images")
    folder = cache or platformdirs.user_cache_path("anaspike") / "cells"
    return Extractor("cells", partial(_cells_row, folder / _source_digest()[:16]))


def _cells_row(folder: Path, sample: Sample, pixels: Pixels, names: list[str]) -> Row | None:
    """Return a cell's features, from `folder` where they are there, else kept there."""
    from anaspike.learning.features.cells import cell_features  # noqa: PLC0415
    from anaspike.learning.features.segment import HEIGHT, WIDTH  # noqa: PLC0415

    height, width = pixels.shape[:2]
    box = _scaled(sample.box, WIDTH / width, HEIGHT / height)
    key = hashlib.sha256(f"{pixels.shape} {box} ".encode() + pixels.tobytes()).hexdigest()
    path = folder / key[:2] / f"{key}.npz"
    kept = _kept(path)
    found = dict(cell_features(resized(pixels, WIDTH, HEIGHT), box) or {}) if kept is None else kept
    if kept is None:
        columns = {"names": np.array(list(found), np.str_),
                   "values": np.array(list(found.values()), np.float64)}  # fmt: skip
        with suppress(InputError):  # where the cache cannot be written, features are as good
            write_arrays(path, columns)
    if not found:
        return None
    if not names:
        names.extend(found)
    return np.array(list(found.values()), dtype=np.float32)


def _kept(path: Path) -> dict[str, float] | None:
    """Return the features that a file holds by name; None where there are none, or none sound."""
    if not path.exists():
        return None
    try:
        arrays = read_arrays(path)
        names, values = arrays["names"], arrays["values"]
        if names.ndim != 1 or values.shape != names.shape or values.dtype.kind != "f":
            return None
        return dict(zip(names.tolist(), values.tolist(), strict=True))
    except (InputError, KeyError):
        return None


def _source_digest() -> str:
    """Return a digest of the code that makes features: other code, other numbers."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _vgg19(
    weights: Path | None, cache: Path | None, max_size_B: float | None, any_width: bool
) -> Extractor:
    need("PIL", "images")
    if weights is None:
        raise InputError(
            "the features vgg19 need VGG-19's weights: give --weights FILE (.npz, .safetensors,"
            " .pth), or take --features pixels"
        )
    network = Vgg19.read(weights, None if any_width else WIDTHS, max_size_B)
    folder = cache or platformdirs.user_cache_path("anaspike") / "vgg19"
    return Extractor("vgg19", partial(_vgg19_row, network, folder))


def _vgg19_row(
    network: Vgg19, folder: Path, sample: Sample, pixels: Pixels, names: list[str]
) -> Row:
    return network.cached(pixels, folder)


def _pixels(*_: object) -> Extractor:
    return Extractor("pixels", _pixels_row)


def _pixels_row(sample: Sample, pixels: Pixels, names: list[str]) -> Row:
    if not names:
        names.extend(f"{c}_{y}_{x}" for y in range(_SIDE) for x in range(_SIDE) for c in "rgb")
    return (resized(pixels, _SIDE, _SIDE) / 255).ravel().astype(np.float32)


_EXTRACTORS: dict[str, Callable[[Path | None, Path | None, float | None, bool], Extractor]] = {
    "cells": _cells,
    "vgg19": _vgg19,
    "pixels": _pixels,
}


def _scaled(box: Box | None, across: float, down: float) -> Box | None:
    if box is None:
        return None
    left, top, right, bottom = box
    return round(left * across), round(top * down), round(right * across), round(bottom * down)
