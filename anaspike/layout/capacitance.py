"""Capacitances between the nets of a drawing, by areas, edges and distances.

Three parts, as every extractor of the kind has them: plates that overlap, the field from an edge to
plates below and above it, and edges of one layer that face each other. What lies between shields.
Wells and substrate are the lowest plate; what a transistor's model has itself (gate to channel,
gate to its source and drain) is left out.
"""

from collections import defaultdict
from typing import Any

from anaspike.layout.edges import edge_fields
from anaspike.layout.plates import Add, Nets, Plates, Wires

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
    found: Pairs = defaultdict(float)

    def add(one: str, other: str, aF: float) -> None:
        if one != other and aF:
            found[min(one, other), max(one, other)] += aF * 1e-18

    _overlaps(plates, wires, add)
    edge_fields(plates, wires, halo_nm, add)
    return dict(sorted(found.items()))


def _overlaps(plates: Plates, wires: Wires, add: Add) -> None:
    """Plates over plates; what lies between shields."""
    for at, top in enumerate(wires.layers):
        for net, region in plates.by_layer[top].items():
            seen = region  # from above, through all that was passed
            for low in reversed(wires.layers[:at]):
                per_um2 = wires.area.get((top, low))
                if per_um2:
                    near = seen.bbox()
                    for other, plate in plates.by_layer[low].items():
                        if other != net and plate.bbox().overlaps(near):
                            add(net, other, per_um2 * (seen & plate).area() * _UM**2)
                seen = seen - plates.union[low]
                if seen.is_empty():
                    break
