"""The shape of a nucleus and of its cell. Lengths are in pixels of a 320 x 240 image."""

from collections.abc import Mapping

import numpy as np
from scipy import ndimage
from skimage.feature import peak_local_max
from skimage.measure import euler_number, perimeter_crofton, regionprops
from skimage.morphology import skeletonize

from anaspike.learning.features.segment import Cell, Floats, Mask

_HARMONICS = 6
_RINGS = 8


def shape(cell: Cell) -> Mapping[str, float]:
    """Return size, roundness, lobes and outline of nucleus and cell."""
    whole = cell.nucleus | cell.cytoplasm
    hull = ndimage.binary_fill_holes(whole)
    values = {f"nucleus_{name}": value for name, value in _region(cell.nucleus).items()}
    values |= {f"cell_{name}": value for name, value in _region(whole).items()}
    values |= _lobes(cell.nucleus) | _outline(cell.nucleus) | _rings(cell.nucleus, hull)
    values["nucleus_share"] = cell.nucleus.sum() / whole.sum()
    values["nucleus_offset"] = _offset(cell.nucleus, whole)
    return values


def _region(mask: Mask) -> dict[str, float]:
    (region,) = regionprops(mask.astype(np.uint8))
    area, edge = float(region.area), float(perimeter_crofton(mask))
    return {
        "area": np.sqrt(area),
        "perimeter": edge,
        "roundness": 4 * np.pi * area / max(edge, 1.0) ** 2,
        "solidity": region.solidity,
        "eccentricity": region.eccentricity,
        "extent": region.extent,
        "major": region.axis_major_length,
        "minor": region.axis_minor_length,
        "on_frame": _on_frame(mask),
    }


def _on_frame(mask: Mask) -> float:
    """Share of the image's frame that the mask lies on: a cell that is cut off."""
    frame = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    return float(frame.mean())


def _lobes(nucleus: Mask) -> dict[str, float]:
    """How many pieces, how thick, how necked."""
    # One ring of background around, or a nucleus at the frame would be open there.
    padded = np.pad(nucleus, 1)
    depth = ndimage.distance_transform_edt(padded)
    radius = np.sqrt(nucleus.sum() / np.pi)
    smooth = ndimage.gaussian_filter(depth, 1.0)
    values: dict[str, float] = {}
    for distance in (4, 7):
        peaks = peak_local_max(smooth, min_distance=distance, threshold_abs=0.3 * radius)
        values[f"lobes_{distance}"] = len(peaks)
    labels, pieces = ndimage.label(nucleus, np.ones((3, 3)))
    sizes = np.sort(np.bincount(labels.ravel())[1:])[::-1] / nucleus.sum()
    skeleton = skeletonize(padded)
    along = depth[skeleton]
    values |= {
        "pieces": pieces,
        "largest_piece": float(sizes[0]),
        "holes": float(pieces - euler_number(padded, connectivity=2)),
        "thickness": float(depth.max() / radius),
        "skeleton": float(skeleton.sum() / radius),
        "neck": float(np.quantile(along, 0.2) / depth.max()),
        "thickness_spread": float(along.std() / along.mean()),
        "ends": float(_ends(skeleton)),
    }
    for share in (0.25, 0.5, 0.75):
        core = depth > share * radius
        values[f"core_{share:g}"] = float(core.sum() / nucleus.sum())
        values[f"cores_{share:g}"] = float(ndimage.label(core, np.ones((3, 3)))[1])
    return values


def _ends(skeleton: Mask) -> int:
    """Ends of the skeleton's branches: pixels with a single neighbour."""
    neighbours = ndimage.convolve(skeleton.astype(int), np.ones((3, 3), dtype=int), mode="constant")
    return int((skeleton & (neighbours == 2)).sum())


def _outline(nucleus: Mask) -> dict[str, float]:
    """Fourier magnitudes of the farthest reach in each direction, and its spread."""
    reach = _reach(nucleus)
    spectrum = np.abs(np.fft.rfft(reach)) / max(reach.sum(), 1e-9)
    values = {f"outline_{order}": float(spectrum[order]) for order in range(1, _HARMONICS + 1)}
    return values | {"outline_spread": float(reach.std() / max(reach.mean(), 1e-9))}


def _reach(mask: Mask, directions: int = 64) -> Floats:
    rows, columns = np.nonzero(mask)
    y, x = rows - rows.mean(), columns - columns.mean()
    sector = ((np.arctan2(y, x) + np.pi) / (2 * np.pi) * directions).astype(int) % directions
    reach = np.zeros(directions)
    np.maximum.at(reach, sector, np.hypot(y, x))
    return reach


def _rings(nucleus: Mask, whole: Mask) -> dict[str, float]:
    """Share of nucleus in rings of the cell, from its edge inwards."""
    depth = ndimage.distance_transform_edt(np.pad(whole, 1))[1:-1, 1:-1]
    ring = np.minimum((depth / depth.max() * _RINGS).astype(int), _RINGS - 1)
    return {
        f"ring_{index}": float(nucleus[whole & (ring == index)].mean())
        if (whole & (ring == index)).any()
        else 0.0
        for index in range(_RINGS)
    }


def _offset(nucleus: Mask, whole: Mask) -> float:
    """Distance of the centres of nucleus and cell, in radii of the cell."""
    apart = np.subtract(ndimage.center_of_mass(nucleus), ndimage.center_of_mass(whole))
    return float(np.hypot(*apart) / np.sqrt(whole.sum() / np.pi))
