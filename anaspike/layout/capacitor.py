"""The membrane capacitor: fingers of four metals, beside the transistors and not above them.

Above the core it would take no area of its own, but metal 3 and 4 alone give 0.29 fF/um2 where four
metals give 0.95, the neuron's wires would have no room, and whatever lies above the comparator
must be symmetric. Fingers of neighbouring metals alternate, so that each crosses the other net's.
"""

from collections.abc import Iterator

from anaspike.errors import InputError
from anaspike.layout.block import Drawn
from anaspike.layout.grid import M3, M4
from anaspike.layout.rows import COLUMN, TRACK
from anaspike.layout.sketch import Sketch
from anaspike.layout.stack import Stack
from anaspike.layout.strips import draw_rails
from anaspike.layout.units import GROUND

_FINGERS = {"m1": (140, 140), "m2": (140, 140), "m3": (300, 300), "m4": (300, 300)}  # width, space
_CUTS = {"via": ("m1", 75, 320), "via2": ("m2", 100, 400), "via3": ("m3", 100, 400)}
_BAR = 165  # half the width of the bars
_BAR_TRACK = 2
_LEAST_NM, _MOST_NM = 600, 30000  # a finger's length
# What extraction finds is a plane to 0.5 %: so much for each area of fingers, so much for bars and
# ends along the width. A test holds it to 2 %.
_AREA_fF_um2, _END_fF_um = 0.950, 0.094


def capacitor(net: str, farad: float, half: int) -> Drawn:
    """Draw a capacitor to ground.

    Args:
        net: of its other plate.
        farad: its value.
        half: columns from the middle to the edge.

    Raises:
        InputError: fingers of this width would be too short or too long for the value.
    """
    width_um = 2 * _edge(half) / 1e3
    length_um = (farad * 1e15 / width_um - _END_fF_um) / _AREA_fF_um2
    length = 5 * round(length_um * 200)
    if not _LEAST_NM <= length <= _MOST_NM:
        raise InputError(
            f"{farad * 1e15:g} fF on a width of {width_um:g} um would take fingers of"
            f" {length_um:.3g} um; {_LEAST_NM / 1e3:g} to {_MOST_NM / 1e3:g} um can be drawn"
        )
    return fingers(net, length, half)


def least_farad(half: int) -> float:
    """Return the smallest capacitor that can be drawn on a width, in farad."""
    width_um = 2 * _edge(half) / 1e3
    return width_um * (_END_fF_um + _AREA_fF_um2 * (_LEAST_NM + 5) / 1e3) * 1e-15


def _edge(half: int) -> int:
    return (half - 2) * COLUMN


def fingers(net: str, length: int, half: int) -> Drawn:
    """Draw fingers of a length, in nm: a bar of the net below, one of ground above."""
    base = _BAR_TRACK * TRACK + _BAR
    top = base + length
    tracks = -(-(top + 2 * _BAR + 255) // TRACK)
    stack = Stack(half, (), {0: GROUND, tracks: GROUND}, tracks)
    sketch = Sketch()
    draw_rails(sketch, stack)
    edge = _edge(half)
    for i, (metal, (width, space)) in enumerate(_FINGERS.items()):
        strap = COLUMN if metal == "m2" else 0  # ground's bar ends on the straps
        sketch.box(metal, -edge, base - 2 * _BAR, edge, base, net)
        sketch.box(metal, -edge - strap, top, edge + strap, top + 2 * _BAR, GROUND)
        for k, x in enumerate(_places(edge, width, space)):
            if (k + i) % 2:
                sketch.box(metal, x, base + space, x + width, top, GROUND)
            else:
                sketch.box(metal, x, base, x + width, top - space, net)
    for cut, (_, size, pitch) in _CUTS.items():
        for x in range(-edge + 200, edge - 199, pitch):
            for y in (base - _BAR, top + _BAR):
                sketch.square(cut, x, y, size)
    sketch.label("m1", GROUND, -half * COLUMN, 0)
    sketch.label("m3", net, 0, _BAR_TRACK * TRACK)
    drawn = Drawn(half, tracks, sketch, rails=dict(stack.rails))
    columns = range(-half + 3, half - 2)
    columns = range(-half + 2, half - 1)
    bar = [(metal, x, _BAR_TRACK) for metal in (M3, M4) for x in columns]
    drawn.landings[net] = bar
    drawn.taken = dict.fromkeys(bar, net)
    drawn.shut = {(metal, x, y) for metal in (M3, M4) for x in columns for y in range(3, tracks)}
    return drawn


def _places(edge: int, width: int, space: int) -> Iterator[int]:
    """Yield the left edges of as many fingers as fit, in the middle."""
    pitch = width + space
    count = (2 * edge + space) // pitch
    used = count * pitch - space
    start = -edge + (2 * edge - used) // 10 * 5
    yield from (start + k * pitch for k in range(count))
