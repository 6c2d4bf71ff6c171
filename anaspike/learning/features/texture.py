"""Grain: co-occurrence, local binary patterns, and edges by direction."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.feature import graycomatrix, graycoprops, local_binary_pattern

from anaspike.learning.features.segment import Cell, Floats, Mask

# plane -> the range that is cut into levels
_PLANES = {"red": (0.0, 1.6), "eosin": (-0.6, 1.0)}
_LEVELS = 16
_DISTANCES = (1, 3)
_PROPERTIES = ("contrast", "homogeneity", "energy", "correlation")
_POINTS = 8


def texture(cell: Cell, planes: Mapping[str, Floats]) -> Mapping[str, float]:
    """Return the grain of the stain in the nucleus, in the cytoplasm and over the whole cell."""
    whole = cell.nucleus | cell.cytoplasm
    values: dict[str, float] = {}
    for plane, limits in _PLANES.items():
        levels = _levels(planes[plane], limits)
        for region, mask in {"nucleus": cell.nucleus, "cytoplasm": cell.cytoplasm}.items():
            found = _cooccurrence(levels, mask)
            values |= {f"{region}_{plane}_{name}": value for name, value in found.items()}
        patterns = _patterns(levels, whole)
        values |= {f"pattern_{plane}_{index}": share for index, share in enumerate(patterns)}
        for scale in (1, 2, 4):
            blobs = ndimage.gaussian_laplace(planes[plane], scale)[whole] * scale**2
            values[f"grain_{plane}_{scale}"] = float(blobs.std())
    return values


def _levels(plane: Floats, limits: tuple[float, float]) -> NDArray[np.uint8]:
    low, high = limits
    return np.clip((plane - low) / (high - low) * _LEVELS, 0, _LEVELS - 1).astype(np.uint8)


def _cooccurrence(levels: NDArray[np.uint8], mask: Mask) -> dict[str, float]:
    """Over pairs that both lie in the mask, all four directions together."""
    if mask.sum() < 2:
        return {f"{name}_{step}": 0.0 for name in _PROPERTIES for step in _DISTANCES}
    box = ndimage.find_objects(mask.astype(int))[0]
    # Level 0 stands for outside; its pairs are dropped.
    marked = np.where(mask, levels + 1, 0)[box].astype(np.uint8)
    angles = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
    counts = graycomatrix(marked, _DISTANCES, angles, levels=_LEVELS + 1, symmetric=True)
    inside = counts[1:, 1:].sum(axis=3, keepdims=True).astype(np.float64)
    inside /= np.maximum(inside.sum(axis=(0, 1), keepdims=True), 1)
    return {
        f"{name}_{step}": float(graycoprops(inside, name)[index, 0])
        for name in _PROPERTIES
        for index, step in enumerate(_DISTANCES)
    }


def _patterns(levels: NDArray[np.uint8], mask: Mask) -> Floats:
    patterns = local_binary_pattern(levels, _POINTS, 1, method="uniform")[mask].astype(int)
    shares: Floats = np.bincount(patterns, minlength=_POINTS + 2) / mask.sum()
    return shares
