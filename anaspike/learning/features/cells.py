"""The features of a blood cell: shape, stain and grain, in a fixed order."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from anaspike.learning.features.colour import channels, colour
from anaspike.learning.features.segment import segment
from anaspike.learning.features.shape import shape
from anaspike.learning.features.texture import texture
from anaspike.learning.images import Box


def cell_features(image: NDArray[np.uint8], box: Box | None = None) -> Mapping[str, float] | None:
    """Return the features of the white cell in an image by name, or None where there is none.

    Args:
        image: (240, 320, 3), 8-bit RGB.
        box: (left, top, right, bottom) in pixels: where to look.
    """
    cell = segment(image, box)
    if cell is None:
        return None
    planes = channels(cell)
    return {**shape(cell), **colour(cell, planes), **texture(cell, planes)}
