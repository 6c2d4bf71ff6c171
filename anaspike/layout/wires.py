"""Routes as shapes."""

from collections.abc import Mapping, Sequence

from anaspike.layout.grid import CONTACT, M1, M2, M3, M4, VIA, VIA2, VIA3, Grid
from anaspike.layout.router import Route
from anaspike.layout.rows import COLUMN, TRACK
from anaspike.layout.sketch import Sketch
from anaspike.layout.strips import Access

METALS = {M1: "m1", M2: "m2", M3: "m3", M4: "m4"}
_HALF = {M1: 70, M2: 70, M3: 160, M4: 160}  # half a wire's width, in nm
# Cut -> its layer, half its side, and half sizes of the metal around it below and above.
_VIAS = {
    VIA: ("via", 75, (160, 130), (130, 160)),
    VIA2: ("via2", 100, (140, 185), (165, 165)),
    VIA3: ("via3", 100, (190, 165), (165, 165)),
}


def draw_route(
    sketch: Sketch,
    grid: Grid,
    net: str,
    route: Route,
    reached: Mapping[int, Access],
) -> None:
    """Draw a net's wires.

    Args:
        sketch: added to.
        grid: the router's.
        net: its name.
        route: its wires.
        reached: node of m1 -> the contact of local interconnect below it.
    """
    for a, b in sorted(route.edges):
        (metal, x, y), (other, s, t) = grid.place(a), grid.place(b)
        if metal == other:
            half = _HALF[metal]
            (x0, x1), (y0, y1) = sorted((x, s)), sorted((y, t))
            sketch.box(
                METALS[metal],
                *(x0 * COLUMN - half, y0 * TRACK - half, x1 * COLUMN + half, y1 * TRACK + half),
                net,
            )
    for cut in sorted(route.cuts):
        kind, x, y = grid.place(cut)
        if kind != CONTACT:
            draw_via(sketch, kind, x, y, net)
    for _, access in sorted(reached.items(), key=lambda item: item[0]):
        draw_contact(sketch, access, net)


def draw_via(sketch: Sketch, kind: int, x: int, y: int, net: str) -> None:
    """Draw a via with the metal that it needs above and below."""
    layer, half, below, above = _VIAS[kind]
    x, y = x * COLUMN, y * TRACK
    sketch.square(layer, x, y, half)
    for metal, (dx, dy) in ((METALS[kind - 1], below), (METALS[kind], above)):
        sketch.box(metal, x - dx, y - dy, x + dx, y + dy, net)


def draw_contact(sketch: Sketch, access: Access, net: str) -> None:
    """Draw the cut from m1 to a contact's local interconnect."""
    x, y = access.x, access.y
    sketch.box("li", x - 85, min(access.low, y - 85), x + 85, max(access.high, y + 85), net)
    sketch.square("mcon", x, y, 85)
    sketch.box("m1", x - 145, y - 115, x + 145, y + 115, net)


def label(sketch: Sketch, grid: Grid, net: str, nodes: Sequence[int]) -> None:
    """Name a net on the highest metal that it has."""
    metal, x, y = grid.place(max(nodes))
    sketch.label(METALS[metal], net, x * COLUMN, y * TRACK)
