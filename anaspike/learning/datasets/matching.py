"""Which picture a copy was made of: turned, mirrored and shifted, it is found by correlation."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anaspike.extras import need
from anaspike.learning.images import Pixels, resized

Floats = NDArray[np.float64]
_Signal = NDArray[np.complex64]

_WIDTH, _HEIGHT = 40, 30
_FRAME = (48, 64)  # rows, columns of a correlation: room for a shift by half of the picture
_ANGLES = range(-24, 25, 8)  # degrees; the published copies are turned by up to 25 either way
_MIRRORED = ("FLIP_LEFT_RIGHT", "FLIP_TOP_BOTTOM", "ROTATE_180")
_DARK = 24  # darker in every channel: outside of the turned picture
_FAINTEST = 0.05  # of full brightness; below it density says nothing


class Gallery:
    """Pictures that copies are held against.

    Each is kept in every pose that a copy may have. The signal is the stain: density in green,
    and of red over blue, which tells nuclei from red cells, both without their mean.

    Args:
        pictures: each (h, w, 3), 8-bit RGB, whatever its size.
    """

    def __init__(self, pictures: Sequence[Pixels]) -> None:
        self._pictures = tuple(small(pixels) for pixels in pictures)

    def likeness(self, copy: Pixels) -> Floats:
        """Return how alike a copy and each picture are in the best pose, (n,): 1 is the same."""
        spectrum = np.fft.fft2(_signal(resized(copy, _WIDTH, _HEIGHT)), _FRAME)
        return np.array([np.fft.ifft2(spectrum * poses).real.max() for poses in self._poses])

    @cached_property
    def _poses(self) -> tuple[_Signal, ...]:
        return tuple(
            np.stack([np.conj(np.fft.fft2(_signal(pose), _FRAME)) for pose in _turned(pixels)])
            for pixels in self._pictures
        )


def small(pixels: Pixels) -> Pixels:
    """Return a picture in the size that a gallery keeps."""
    return resized(pixels, _WIDTH, _HEIGHT)


def fingerprint(pixels: Pixels) -> int:
    """Return 64 bits that a picture keeps when it is stored anew or in another size."""
    grey = resized(pixels, 9, 8).astype(np.float64).sum(axis=2)
    bits = (grey[:, 1:] > grey[:, :-1]).ravel()
    return int("".join("1" if bit else "0" for bit in bits), 2)


def _turned(pixels: Pixels) -> list[Pixels]:
    pillow = need("PIL.Image", "images")
    image = pillow.fromarray(np.ascontiguousarray(pixels))
    mirrored = [image, *(image.transpose(pillow.Transpose[how]) for how in _MIRRORED)]
    return [
        np.asarray(each.rotate(angle, pillow.Resampling.BILINEAR))
        for each in mirrored
        for angle in _ANGLES
    ]


def _signal(pixels: Pixels) -> _Signal:
    """Return the stain as complex numbers of unit energy, zero outside of the picture."""
    inside = pixels.max(axis=2) > _DARK
    density = -np.log(np.clip(pixels / 255, _FAINTEST, 1))
    stain = density[..., 1] + 1j * (density[..., 0] - density[..., 2])
    mean = stain[inside].mean() if inside.any() else 0
    stain = (stain - mean) * inside
    energy = np.sqrt((np.abs(stain) ** 2).sum())
    signal: _Signal = (stain / max(energy, 1e-9)).astype(np.complex64)
    return signal
