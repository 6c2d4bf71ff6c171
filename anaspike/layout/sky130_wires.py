"""What wires of SkyWater 130 have for capacitances: the open PDK's coefficients.

They are those of the PDK's technology file for Magic (Apache-2.0), which other extractors carry
too: of an overlap by area, of an edge by length to a plate below or above, of two facing edges by
length over distance. Facts, in aF and um.
"""

from anaspike.layout.plates import Wires

# What a wire is made of, from below; "well" is the substrate and every well in it.
_UP = ("well", "diffusion", "poly", "li", "m1", "m2", "m3", "m4", "m5")
_AREA = {
    "poly": (106.13,),
    "li": (36.99, 55.3, 94.16),
    "m1": (25.78, 33.6, 44.81, 114.2),
    "m2": (17.5, 20.8, 24.5, 37.56, 133.86),
    "m3": (12.37, 14.2, 16.06, 20.79, 34.54, 86.19),
    "m4": (8.42, 9.41, 10.01, 11.67, 15.03, 20.33, 84.03),
    "m5": (6.32, 6.88, 7.21, 8.03, 9.48, 11.34, 19.63, 68.33),
}  # aF/um2: of a layer over each below it
_BELOW = {
    "poly": (55.27,),
    "li": (40.7, 44.27, 51.85),
    "m1": (40.57, 43.1, 46.72, 59.5),
    "m2": (37.76, 39.54, 41.22, 46.28, 67.05),
    "m3": (40.99, 42.25, 43.53, 46.71, 54.81, 69.85),
    "m4": (36.68, 37.57, 38.11, 39.71, 42.56, 46.38, 70.52),
    "m5": (38.85, 39.52, 39.91, 41.15, 43.19, 45.59, 54.15, 82.82),
}  # aF/um: of a layer's edge to each below it
_ABOVE = {
    "poly": (25.14, 16.69, 11.17, 9.18, 6.35, 6.49),
    "li": (34.7, 21.74, 15.08, 10.14, 7.64),
    "m1": (48.19, 26.68, 16.42, 12.02),
    "m2": (44.43, 22.33, 15.69),
    "m3": (42.64, 27.84),
    "m4": (46.98,),
}  # aF/um: of a layer's edge to each above it
# aF, and um added to the distance: of two edges that face each other.
_FACING = {
    "poly": (16.0, 0.0), "li": (25.5, 0.14), "m1": (44.0, 0.25), "m2": (50.0, 0.3),
    "m3": (74.0, 0.4), "m4": (94.0, 0.57), "m5": (155.0, 0.5),
}  # fmt: skip

# Magic gives the whole coefficient to each of two edges, klayout-pex half of it; the foundry's
# finger capacitors want this part of it, as found on half of them (docs/check-layout.md).
FACING_PART = 0.68


def sky130_wires(part: float = FACING_PART) -> Wires:
    """Return the coefficients.

    Args:
        part: of the coefficient of facing edges, that each edge has.
    """
    area = {(top, low): aF for top, row in _AREA.items() for low, aF in zip(_UP, row, strict=False)}
    edges = {
        (top, low): aF for top, row in _BELOW.items() for low, aF in zip(_UP, row, strict=False)
    }
    for low, row in _ABOVE.items():
        above = _UP[_UP.index(low) + 1 :]
        edges |= {(low, top): aF for top, aF in zip(above, row, strict=True)}
    facing = {layer: (part * aF, um) for layer, (aF, um) in _FACING.items()}
    return Wires(_UP, area, edges, facing)
