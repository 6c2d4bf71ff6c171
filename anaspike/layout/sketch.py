"""Shapes as numbers: what rows, wires and blocks are put together from before they are drawn."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from anaspike.layout.drawing import Drawing
from anaspike.layout.library import klayout_db

Box = tuple[int, int, int, int]

# Gaps within a layer up to so much are filled (in nm): implants and marks that nearly touch are
# drawn as one, and so are two pieces of one net's wire.
_FILLED = {"nsdm": 380, "psdm": 380, "lvtn": 380, "hvtp": 380, "npc": 270}
_FILLED_IN_NET = {"li": 170, "m1": 140, "m2": 140, "m3": 300, "m4": 300}
_LEAST_HOLE = 140_000  # nm2, of metal 1 and 2


class Sketch:
    """Boxes by layer and net, in nm; labels. A layer that carries no net has the net "".

    Attributes:
        boxes: (layer, net) -> boxes (left, bottom, right, top).
        labels: (layer, text, x, y).
    """

    def __init__(self) -> None:
        self.boxes: dict[tuple[str, str], list[Box]] = defaultdict(list)
        self.labels: list[tuple[str, str, int, int]] = []

    def box(self, layer: str, left: int, bottom: int, right: int, top: int, net: str = "") -> None:
        """Add a rectangle; its corners may come in any order."""
        (x0, x1), (y0, y1) = sorted((left, right)), sorted((bottom, top))
        self.boxes[layer, net].append((x0, y0, x1, y1))

    def square(self, layer: str, x: int, y: int, half: int, net: str = "") -> None:
        """Add a square around a point: a cut."""
        self.box(layer, x - half, y - half, x + half, y + half, net)

    def label(self, layer: str, text: str, x: int, y: int) -> None:
        """Name a net."""
        self.labels.append((layer, text, x, y))

    def mirrored(self, net: Callable[[str], str] = lambda net: net) -> "Sketch":
        """Return the same seen in a mirror at x = 0, without labels.

        Args:
            net: what a net is called on the other side.
        """
        other = Sketch()
        for (layer, name), boxes in self.boxes.items():
            for x0, y0, x1, y1 in boxes:
                other.boxes[layer, net(name)].append((-x1, y0, -x0, y1))
        return other

    def upside_down(self, height: int) -> "Sketch":
        """Return the same with its upper edge below."""
        other = Sketch()
        for key, boxes in self.boxes.items():
            other.boxes[key] = [(x0, height - y1, x1, height - y0) for x0, y0, x1, y1 in boxes]
        other.labels = [(layer, text, x, height - y) for layer, text, x, y in self.labels]
        return other

    def add(
        self,
        other: "Sketch",
        up: int = 0,
        net: Callable[[str], str] = lambda net: net,
        labels: bool = True,
    ) -> None:
        """Add all of another, moved up by so many nm, its nets under other names."""
        for (layer, name), boxes in other.boxes.items():
            mine = self.boxes[layer, net(name) if name else ""]
            mine += [(x0, y0 + up, x1, y1 + up) for x0, y0, x1, y1 in boxes]
        if labels:
            self.labels += [(layer, net(t), x, y + up) for layer, t, x, y in other.labels]

    def draw(self, drawing: Drawing) -> None:
        """Put it into a drawing, gaps filled and touching shapes merged."""
        db = klayout_db()
        layers: dict[str, Any] = defaultdict(db.Region)
        for (layer, net), boxes in sorted(self.boxes.items()):
            region = _region(boxes)
            gap = _FILLED_IN_NET.get(layer, 0) if net else 0
            layers[layer].insert(_filled(region, gap).merged())
        for layer, region in layers.items():
            drawing.add(layer, _filled(region.merged(), _FILLED.get(layer, 0)))
        for label in sorted(set(self.labels)):
            drawing.label(*label)


def _region(boxes: Iterable[Box]) -> Any:
    db = klayout_db()
    region = db.Region()
    for box in sorted(set(boxes)):
        region.insert(db.Box(*box))
    return region.merged()


def _filled(region: Any, gap: int) -> Any:
    """Fill gaps narrower than `gap`: grown by nearly half of it and shrunk again."""
    half = (gap - 1) // 2  # so that a gap of just so much stays
    if half <= 0:
        return region
    closed = region.sized(half).sized(-half).merged()
    return closed + closed.holes().with_area(0, _LEAST_HOLE, False)
