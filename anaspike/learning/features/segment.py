"""Where the white cell is: its nucleus and its cytoplasm, found by stain.

A Wright-stained smear has three things in it. In optical density, -ln(I / I0) with I0 the empty
slide, they part by colour alone:

- a nucleus takes up the blue dye: dense in red (and in green);
- white cells' cytoplasm and eosinophil granules: denser in green than in blue;
- red cells: dense in green and blue alike, hardly in red.

Needs the extra `images`; the catalog imports this module where that is there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.morphology import disk

from anaspike.learning.images import Box

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# The originals are 640 x 480, the augmented copies 320 x 240: all are looked at in this size.
HEIGHT, WIDTH = 240, 320
_CORNER = 24  # darker in every channel: the black corner of a rotated copy
_SEED = 0.35  # stain that no red cell reaches
_SPECK = 12  # px: smaller is dirt
_JOIN = 3  # px: lobes of one nucleus lie within twice this
_REACH = 28  # px: cytoplasm lies nearer to the nucleus than this
_PLASM = 0.10  # density in green over blue, or in red, that no red cell reaches


@dataclass(frozen=True, eq=False)
class Cell:
    """One white cell.

    Attributes:
        density: (h, w, 3), optical density of the image in red, green, blue.
        rgb: (h, w, 3), the image with its empty slide white, 0..1.
        nucleus: (h, w).
        cytoplasm: (h, w), without the nucleus.
        valid: (h, w), false where the image has nothing (a rotated copy's black corners).
    """

    density: Floats
    rgb: Floats
    nucleus: Mask
    cytoplasm: Mask
    valid: Mask


def segment(image: NDArray[np.uint8], box: Box | None = None) -> Cell | None:
    """Find the white cell with the most stain in it.

    Args:
        image: (240, 320, 3), 8-bit RGB.
        box: (left, top, right, bottom) in pixels: where to look.

    Returns:
        The cell, or None where nothing in the image is stained like a nucleus.
    """
    valid = ~ndimage.binary_dilation(_corners(image), iterations=3)
    rgb = np.clip(image / _slide(image, valid), 0, 1)
    density = -np.log(np.clip(rgb, 1 / 255, 1))
    density[~valid] = 0
    smooth = ndimage.gaussian_filter(density, (1.4, 1.4, 0))
    nucleus = _nucleus(smooth, _looked_at(valid.shape, box) & valid)
    if nucleus is None:
        return None
    return Cell(density, rgb, nucleus, _cytoplasm(smooth, nucleus, valid), valid)


def _corners(image: NDArray[np.uint8]) -> Mask:
    """Black regions that touch the frame: outside of a rotated copy."""
    labels, _ = ndimage.label(image.max(axis=2) < _CORNER)
    frame = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return np.isin(labels, frame[frame > 0])


def _slide(image: NDArray[np.uint8], valid: Mask) -> Floats:
    """The colour of the empty slide: of the brightest tenth, judged in green."""
    pixels = image[valid].astype(np.float64)
    if pixels.size == 0:
        return np.full(3, 255.0)
    bright = pixels[:, 1] >= np.quantile(pixels[:, 1], 0.9)
    return np.maximum(np.median(pixels[bright], axis=0), 1)


def _looked_at(shape: tuple[int, ...], box: Box | None) -> Mask:
    if box is None:
        return np.ones(shape, dtype=bool)
    left, top, right, bottom = (max(0, edge) for edge in box)
    seen = np.zeros(shape, dtype=bool)
    seen[top:bottom, left:right] = True
    return seen


def _nucleus(smooth: Floats, seen: Mask) -> Mask | None:
    """The group of nearby stained regions with the most stain, cut at Otsu's threshold."""
    stain = smooth[..., 0] + 0.5 * (smooth[..., 1] - smooth[..., 2])
    seeds = _without_specks((stain > _SEED) & seen)
    if not seeds.any():
        return None
    groups, count = ndimage.label(ndimage.binary_dilation(seeds, disk(_JOIN)), np.ones((3, 3)))
    weight = ndimage.sum_labels(np.where(seeds, stain, 0), groups, np.arange(1, count + 1))
    near = (groups == 1 + int(np.argmax(weight))) & seen
    inside = stain[near & (stain > _SEED / 2)]
    cut = near & (stain > max(_SEED, threshold_otsu(inside)))
    cut = ~_without_specks(~_without_specks(cut))
    # A speck that Otsu cuts to less than a speck is kept as it was found.
    return cut if cut.any() else seeds & near


def _cytoplasm(smooth: Floats, nucleus: Mask, valid: Mask) -> Mask:
    """What is stained as no red cell is, around the nucleus and joined to it."""
    distance = ndimage.distance_transform_edt(~nucleus)
    coloured = np.maximum(smooth[..., 1] - smooth[..., 2], smooth[..., 0]) > _PLASM
    body = ndimage.binary_opening((coloured & (distance < _REACH)) | nucleus, disk(4)) | nucleus
    labels, _ = ndimage.label(body)
    joined = np.isin(labels, np.unique(labels[nucleus]))
    whole: Mask = ndimage.binary_fill_holes(joined) & valid & ~nucleus
    return whole


def _without_specks(mask: Mask) -> Mask:
    labels, _ = ndimage.label(mask, np.ones((3, 3)))
    large = np.bincount(labels.ravel()) >= _SPECK
    large[0] = False
    kept: Mask = large[labels]
    return kept
