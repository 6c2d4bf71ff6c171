"""The shapes between which capacitances are looked for, and what the process says of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from anaspike.layout.library import klayout_db

Nets = Mapping[str, Mapping[str, Any]]
Add = Callable[[str, str, float], None]  # net, net, aF


@dataclass(frozen=True)
class Wires:
    """Coefficients of a process.

    Attributes:
        layers: from below; the first is substrate and wells, the second diffusion.
        area: (upper, lower) -> aF/um2 of an overlap.
        edge: (layer of the edge, layer of the plate) -> aF/um.
        facing: layer -> (aF, um): two edges have aF times length over (distance + um), each half.
    """

    layers: tuple[str, ...]
    area: Mapping[tuple[str, str], float]
    edge: Mapping[tuple[str, str], float]
    facing: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Plates:
    """Shapes by layer and net; `union` of a layer, whatever the net."""

    names: tuple[str, ...]
    by_layer: Mapping[str, Mapping[str, Any]]
    union: Mapping[str, Any]
    channels: Any

    @classmethod
    def of(cls, nets: Nets, wires: Wires, channels: Any, ground: str, halo_nm: int) -> "Plates":
        """Return the shapes of nets, the substrate where there is no well among them."""
        db = klayout_db()
        by_layer: dict[str, dict[str, Any]] = {layer: {} for layer in wires.layers}
        box = db.Box()
        for net, layers in nets.items():
            for layer, region in layers.items():
                if not region.is_empty():
                    by_layer[layer][net] = region.merged()
                    box += region.bbox()
        well = wires.layers[0]
        rest = db.Region(box.enlarged(halo_nm, halo_nm)) - _all(by_layer[well].values())
        by_layer[well][ground] = rest + by_layer[well].get(ground, db.Region())
        # Under a gate lies its channel, and no other plate.
        by_layer[well] = {net: region - channels for net, region in by_layer[well].items()}
        union = {layer: _all(regions.values()) for layer, regions in by_layer.items()}
        return cls((*dict.fromkeys((*nets, ground)),), by_layer, union, channels)


def _all(regions: Iterable[Any]) -> Any:
    whole = klayout_db().Region()
    for region in regions:
        whole += region
    return whole.merged()
