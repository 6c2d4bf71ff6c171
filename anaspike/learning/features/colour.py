"""Stain in nucleus, cytoplasm and the ring around the nucleus."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.color import rgb2hsv, rgb2lab

from anaspike.learning.features.segment import Cell, Floats, Mask

_RING = 4  # px
_BINS = 8
_RED_CELL = (0.10, 0.35, 0.35)  # density of red cells, where an image shows too few
_CHANNELS = ("red", "green", "blue")
_ORDINALS = tuple(str(index) for index in range(_BINS))
_FEW = 200  # px
_EOSIN_LEVELS = (0.2, 0.35, 0.5)  # density in green over red: pink, not blue


def channels(cell: Cell) -> Mapping[str, Floats]:
    """Return the planes that colour and texture look at, each (h, w)."""
    red, green, blue = np.moveaxis(cell.density, 2, 0)
    lab, hsv = rgb2lab(cell.rgb), rgb2hsv(cell.rgb)
    return {
        "red": red,
        "green": green,
        "blue": blue,
        "eosin": green - red,
        "violet": green - blue,
        "a": lab[..., 1],
        "b": lab[..., 2],
        # Hue wraps at red; turned by half a round it does so at cyan, which no cell is.
        "hue": (hsv[..., 0] + 0.5) % 1,
        "saturation": hsv[..., 1],
    }


def colour(cell: Cell, planes: Mapping[str, Floats]) -> Mapping[str, float]:
    """Return statistics of each plane in each region, and how much of the cytoplasm is pink."""
    near = ndimage.binary_dilation(cell.nucleus, iterations=_RING) & ~cell.nucleus & cell.valid
    regions = {"nucleus": cell.nucleus, "cytoplasm": cell.cytoplasm, "ring": near}
    values: dict[str, float] = {}
    for plane, pixels in planes.items():
        for region, mask in regions.items():
            values |= _named(f"{region}_{plane}", ("mean", "std"), _mean_and_spread(pixels[mask]))
    values |= {
        f"contrast_{plane}": values[f"nucleus_{plane}_mean"] - values[f"cytoplasm_{plane}_mean"]
        for plane in ("red", "eosin", "violet", "hue")
    }
    return (
        values
        | _pink(planes["eosin"], cell.nucleus, cell.cytoplasm)
        | _beside_red_cells(cell)
        | _histograms(cell, planes["eosin"])
    )


def _named(stem: str, names: tuple[str, ...], values: Iterable[float]) -> dict[str, float]:
    return {f"{stem}_{name}": float(value) for name, value in zip(names, values, strict=True)}


def _mean_and_spread(pixels: Floats) -> tuple[float, float]:
    return (pixels.mean(), pixels.std()) if pixels.size else (0.0, 0.0)


def _pink(eosin: Floats, nucleus: Mask, cytoplasm: Mask) -> dict[str, float]:
    inside, around = eosin[nucleus], eosin[cytoplasm]
    values: dict[str, float] = {}
    for level in _EOSIN_LEVELS:
        values[f"pink_{level:g}"] = _share(around > level)
        values[f"pink_in_nucleus_{level:g}"] = _share(inside > level)
    return values


def _share(mask: NDArray[np.bool_]) -> float:
    return float(mask.mean()) if mask.size else 0.0


def _beside_red_cells(cell: Cell) -> dict[str, float]:
    """Stain relative to the red cells of the same slide: exposure and staining time cancel."""
    whole = cell.nucleus | cell.cytoplasm
    _, green, blue = np.moveaxis(ndimage.gaussian_filter(cell.density, (1.4, 1.4, 0)), 2, 0)
    others = cell.valid & ~ndimage.binary_dilation(whole, iterations=4)
    red_cells = others & (green > 0.15) & (green - blue < 0.08)
    reference = np.array(_RED_CELL)
    if red_cells.sum() >= _FEW:
        reference = np.median(cell.density[red_cells], axis=0)
    values = _named("red_cell", _CHANNELS, reference)
    shares = _shares(cell.density)
    for region, mask in {"nucleus": cell.nucleus, "cytoplasm": cell.cytoplasm}.items():
        seen = mask if mask.any() else whole
        relative = cell.density[seen].mean(axis=0) / max(reference[1], 0.05)
        values |= _named(f"{region}_over_red_cell", _CHANNELS, relative)
        values |= _named(f"{region}_share", _CHANNELS, shares[seen].mean(axis=0))
    return values


def _histograms(cell: Cell, eosin: Floats) -> dict[str, float]:
    """How the cell's pixels spread over the dyes: each channel's share, and pink over blue."""
    whole = cell.nucleus | cell.cytoplasm
    values: dict[str, float] = {}
    planes = dict(zip(_CHANNELS, np.moveaxis(_shares(cell.density), 2, 0), strict=True))
    for name, plane in planes.items():
        counts, _ = np.histogram(plane[whole], bins=_BINS, range=(0, 2 / 3))
        values |= _named(f"share_{name}", _ORDINALS, counts / whole.sum())
    counts, _ = np.histogram(eosin[whole], bins=_BINS, range=(-0.4, 0.8))
    return values | _named("eosin", _ORDINALS, counts / whole.sum())


def _shares(density: Floats) -> Floats:
    """Each channel's share of the density: the dye's colour, whatever its amount."""
    shares: Floats = density / np.maximum(density.sum(axis=2, keepdims=True), 0.05)
    return shares
