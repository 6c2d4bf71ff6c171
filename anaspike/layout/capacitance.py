"""Capacitances between the nets of a drawing, by areas, edges and distances.

Three parts, as every extractor of the kind has them: plates that overlap, the field from an edge to
plates below and above it, and edges of one layer that face each other. What lies between shields.
Wells and substrate are the lowest plate; what a transistor's model has itself (gate to channel,
gate to its source and drain) is left out.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.layout.edges import edge_fields
from anaspike.layout.plates import Nets, Plates, Wires

HALO_NM = 8000  # how far the field of an edge reaches
_UM = 1e-3  # per unit of a coordinate

Pairs = dict[tuple[str, str], float]


def capacitances(
    nets: Nets, wires: Wires, channels: Any, ground: str, halo_nm: int = HALO_NM
) -> Pairs:
    """Return the capacitance between any two nets that have one.

    Args:
        nets: net -> layer -> its shapes, klayout's `Region`; rectangles and what is made of them.
        wires: the process's coefficients.
        channels: gates over diffusion, which shield nothing and have models of their own.
        ground: the substrate's net, wherever there is no well.
        halo_nm: how far an edge is looked around.

    Returns:
        (net, net), in the order of the alphabet -> farad.
    """
    plates = Plates.of(nets, wires, channels, ground, halo_nm)
    aF = _overlaps(plates, wires) + edge_fields(plates, wires, halo_nm)
    both = np.triu(aF + aF.T, 1)
    names = ("", *plates.names)
    found = {}
    for one, other in np.argwhere(both).tolist():
        low, high = sorted((names[one], names[other]))
        found[low, high] = float(both[one, other]) * 1e-18
    return dict(sorted(found.items()))


def _overlaps(plates: Plates, wires: Wires) -> NDArray[np.float64]:
    """Return aF of plates over plates, by their nets' numbers; what lies between shields."""
    nets = len(plates.names) + 1
    area_um2 = np.outer(np.diff(plates.x), np.diff(plates.y)) * _UM**2
    found = np.zeros(nets * nets)
    for at, top in enumerate(wires.layers):
        mine = plates.cells[at]
        seen = mine > 0  # from above, through all that was passed
        for low in range(at - 1, -1, -1):
            other = plates.cells[low]
            per_um2 = wires.area.get((top, wires.layers[low]))
            if per_um2:
                here = seen & (other > 0)
                code = mine[here].astype(np.int64) * nets + other[here]
                found += np.bincount(code, per_um2 * area_um2[here], nets * nets)
            seen &= other == 0
    return found.reshape(nets, nets)
