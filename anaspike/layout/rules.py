"""The rules of a process, looked for on every layer of a drawing.

Each kind of rule is one function from layers to the places where it is broken. They look harder
than a rule's text where that costs nothing: two layers that must keep apart may not overlap, what
must be enclosed may not stick out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from anaspike.layout.drawing import Drawing, Layers
from anaspike.layout.library import klayout_db
from anaspike.layout.process import Kind, Rule

_CIRCLE = 64  # corners of what stands for a circle


@dataclass(frozen=True)
class Broken:
    """A rule that a drawing breaks.

    Attributes:
        rule: which.
        count: in how many places.
        x_um, y_um: the middle of the first of them, from below and the left, in micrometres.
    """

    rule: Rule
    count: int
    x_um: float
    y_um: float

    def __str__(self) -> str:
        times = f"{self.count} times, first " if self.count > 1 else ""
        return f"{self.rule.name} ({self.rule.says}) {times}at {self.x_um:.3f}, {self.y_um:.3f} um"


def check_rules(drawing: Drawing) -> tuple[Broken, ...]:
    """Return the rules that a drawing breaks, in the order of its process; none where clean.

    The process's rules are all that is looked at: no antennas, no densities, no guard rings.
    """
    layers = drawing.layers()
    found = ((rule, broken_places(layers, rule)) for rule in drawing.process.rules)
    return tuple(_broken(rule, places) for rule, places in found if not places.is_empty())


def broken_places(layers: Layers, rule: Rule) -> Any:
    """Return where a rule is broken, as klayout's `Region`: each polygon one place."""
    return _KINDS[rule.kind](rule, *(layers[name] for name in rule.layers))


def _broken(rule: Rule, places: Any) -> Broken:
    boxes = sorted((p.bbox() for p in places.each()), key=lambda box: (box.bottom, box.left))
    middle = boxes[0].center()
    return Broken(rule, len(boxes), middle.x / 1e3, middle.y / 1e3)


def _euclid() -> Any:
    return klayout_db().Region.Euclidian


def _along() -> Any:
    return klayout_db().Region.Projection


def _width(rule: Rule, layer: Any) -> Any:
    return layer.width_check(rule.value, False, _euclid()).polygons()


def _space(rule: Rule, layer: Any) -> Any:
    return layer.space_check(rule.value, False, _euclid()).polygons()


def _wide_space(rule: Rule, layer: Any) -> Any:
    wide = layer.sized(-rule.beside // 2).sized(rule.beside // 2) & layer
    to_others = wide.separation_check(layer - wide, rule.value, False, _euclid())
    between = wide.space_check(rule.value, False, _euclid())
    return _thick(to_others) + between.polygons()


def _separation(rule: Rule, one: Any, other: Any) -> Any:
    near = one.separation_check(other, rule.value, False, _euclid())
    return near.polygons(1) + (one & other)  # enlarged, or where they touch nothing would be left


def _separation_along(rule: Rule, one: Any, other: Any) -> Any:
    return _thick(one.separation_check(other, rule.value, False, _along()))


def _enclosure(rule: Rule, outer: Any, inner: Any) -> Any:
    return inner - outer.sized(-rule.value)


def _enclosure_along(rule: Rule, outer: Any, inner: Any) -> Any:
    return _thick(outer.enclosing_check(inner, rule.value, False, _along()))


def _two_sides(rule: Rule, outer: Any, cuts: Any) -> Any:
    db, by = klayout_db(), rule.value
    boxes = [cut.bbox() for cut in cuts.each()]
    short = []
    for dx, dy in ((by, 0), (0, by)):
        grown = db.Region([box.enlarged(dx, dy) for box in boxes])
        grown.merged_semantics = False  # each stays itself where they overlap
        outside = grown.not_inside(outer)
        outside.merged_semantics = False
        short.append(db.Region([p.bbox().enlarged(-dx, -dy) for p in outside.each()]))
    return short[0] & short[1]


def _area(rule: Rule, layer: Any) -> Any:
    return layer.with_area(0, rule.value, False)


def _hole(rule: Rule, layer: Any) -> Any:
    return layer.holes().with_area(0, rule.value, False)


def _square(rule: Rule, layer: Any) -> Any:
    def right(polygon: Any) -> bool:
        box = polygon.bbox()
        return bool(polygon.is_box() and box.width() == box.height() == rule.value)

    return klayout_db().Region([p for p in layer.each() if not right(p)])


def _gate_width(rule: Rule, beside: Any, gate: Any) -> Any:
    shared = beside.edges() & gate.edges()
    return shared.with_length(0, rule.value, False).extended(1, 1, 1, 1, False)


def _rectangle(_: Rule, layer: Any) -> Any:
    return layer.non_rectangles()


def _within(rule: Rule, layer: Any, other: Any) -> Any:
    db, reach = klayout_db(), rule.value
    circle = db.Polygon.ellipse(db.Box(-reach, -reach, reach, reach), _CIRCLE)
    return layer - other.minkowski_sum(circle)


def _touches(_: Rule, layer: Any, other: Any) -> Any:
    return layer.not_interacting(other)


def _covered(_: Rule, layer: Any, other: Any) -> Any:
    return layer - other


def _never(_: Rule, layer: Any) -> Any:
    return layer


def _grid(rule: Rule, layer: Any) -> Any:
    return layer.grid_check(rule.value, rule.value).extents(1)


def _right_angles(_: Rule, layer: Any) -> Any:
    return layer.non_rectilinear()


def _thick(pairs: Any) -> Any:
    """Return the pairs of edges that do not lie on each other, as polygons."""
    return klayout_db().Region([p for p in pairs.polygons().each() if p.area() > 0])


_KINDS: Mapping[Kind, Callable[..., Any]] = {
    "width": _width,
    "space": _space,
    "wide space": _wide_space,
    "separation": _separation,
    "separation along": _separation_along,
    "enclosure": _enclosure,
    "enclosure along": _enclosure_along,
    "two sides": _two_sides,
    "area": _area,
    "hole": _hole,
    "square": _square,
    "gate width": _gate_width,
    "rectangle": _rectangle,
    "within": _within,
    "touches": _touches,
    "covered": _covered,
    "never": _never,
    "grid": _grid,
    "right angles": _right_angles,
}
