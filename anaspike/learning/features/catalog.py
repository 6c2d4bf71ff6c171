"""How images become numbers, by the name that `--features` takes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import platformdirs

from anaspike.errors import InputError
from anaspike.extras import need
from anaspike.learning.features.vgg19 import Vgg19
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
) -> Extractor:
    """Return what turns an image into features.

    Args:
        name: one of `feature_names`.
        weights: VGG-19's weights.
        cache: folder for VGG-19's embeddings.  [default: in the user's cache]
        max_size_B: what the weights may unpack to.  [default: as `anaspike.bounds` says]

    Raises:
        InputError: unknown name, a missing extra, bad weights.
    """
    if name not in _EXTRACTORS:
        raise InputError(f"unknown features '{printable(name)}'; {suggestion(name, _EXTRACTORS)}")
    return _EXTRACTORS[name](weights, cache, max_size_B)


def _cells(*_: object) -> Extractor:
    need("skimage", "images")
    from anaspike.learning.features.cells import cell_features  # noqa: PLC0415
    from anaspike.learning.features.segment import HEIGHT, WIDTH  # noqa: PLC0415

    def row(sample: Sample, pixels: Pixels, names: list[str]) -> Row | None:
        height, width = pixels.shape[:2]
        box = _scaled(sample.box, WIDTH / width, HEIGHT / height)
        found = cell_features(resized(pixels, WIDTH, HEIGHT), box)
        if found is None:
            return None
        if not names:
            names.extend(found)
        return np.array(list(found.values()), dtype=np.float32)

    return Extractor("cells", row)


def _vgg19(weights: Path | None, cache: Path | None, max_size_B: float | None) -> Extractor:
    need("PIL", "images")
    if weights is None:
        raise InputError(
            "the features vgg19 need VGG-19's weights: give --weights FILE (.npz, .safetensors,"
            " .pth), or take --features pixels"
        )
    network = Vgg19.read(weights, max_size_B=max_size_B)
    folder = cache or platformdirs.user_cache_path("anaspike") / "vgg19"

    def row(sample: Sample, pixels: Pixels, names: list[str]) -> Row:
        return network.cached(pixels, folder)

    return Extractor("vgg19", row)


def _pixels(*_: object) -> Extractor:
    def row(sample: Sample, pixels: Pixels, names: list[str]) -> Row:
        if not names:
            names.extend(f"{c}_{y}_{x}" for y in range(_SIDE) for x in range(_SIDE) for c in "rgb")
        return (resized(pixels, _SIDE, _SIDE) / 255).ravel().astype(np.float32)

    return Extractor("pixels", row)


_EXTRACTORS: dict[str, Callable[[Path | None, Path | None, float | None], Extractor]] = {
    "cells": _cells,
    "vgg19": _vgg19,
    "pixels": _pixels,
}


def _scaled(box: Box | None, across: float, down: float) -> Box | None:
    if box is None:
        return None
    left, top, right, bottom = box
    return round(left * across), round(top * down), round(right * across), round(bottom * down)
