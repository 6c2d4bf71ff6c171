"""Layouts with one mistake: a shape moved, shrunk, grown, bitten or gone, by seed."""

import random

from anaspike.layout.drawing import Drawing
from anaspike.layout.library import klayout_db


def mutant(drawing, seed):
    """Return (a drawing with one shape changed, what was done); the same for the same seed.

    Any layer is as likely as another, whatever the count of its shapes.
    """
    rng = random.Random(seed)  # noqa: S311  # no secret
    db = klayout_db()
    filled = [layer for layer in drawing.process.layers if not drawing.region(layer).is_empty()]
    while True:
        layer = rng.choice(filled)
        shapes = sorted(
            drawing.region(layer).each(), key=lambda p: (p.bbox().bottom, p.bbox().left)
        )
        at = rng.randrange(len(shapes))
        how = rng.choice(list(_CHANGES))
        changed = _CHANGES[how](rng, db.Region(shapes[at]))
        shapes[at : at + 1] = changed.each()
        region = db.Region(shapes).merged()
        if not (region ^ drawing.region(layer)).is_empty():
            return _with(drawing, layer, region), f"{how} {layer} {at}"


def _with(drawing, layer, region):
    fresh = Drawing.new(drawing.process, drawing.name)
    for name in drawing.process.layers:
        fresh.add(name, region if name == layer else drawing.region(name))
    for name in drawing.process.labels:
        for text, x, y in drawing.texts(name):
            fresh.label(name, text, x, y)
    return fresh


def _steps(rng, most):
    return 5 * rng.randint(1, most)


def _moved(rng, shape):
    dx, dy = rng.choice(((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1)))
    by = _steps(rng, 40)
    return shape.moved(dx * by, dy * by)


def _side(rng, shape, sign):
    """One side of a shape moves in (or out, as a box at its end)."""
    db, box, by = klayout_db(), shape.bbox(), _steps(rng, 20)
    left, bottom, right, top = box.left, box.bottom, box.right, box.top
    strips = (
        db.Box(left, bottom, left + by, top),
        db.Box(right - by, bottom, right, top),
        db.Box(left, bottom, right, bottom + by),
        db.Box(left, top - by, right, top),
    )
    at = rng.randrange(4)
    if sign < 0:
        return shape - db.Region(strips[at])
    dx, dy = ((-by, 0), (by, 0), (0, -by), (0, by))[at]
    return (shape + (shape & db.Region(strips[at])).moved(dx, dy)).merged()


def _bitten(rng, shape):
    db, box = klayout_db(), shape.bbox()
    x = 5 * rng.randint(box.left // 5, box.right // 5)
    y = 5 * rng.randint(box.bottom // 5, box.top // 5)
    width, height = _steps(rng, 40), _steps(rng, 40)
    return shape - db.Region(db.Box(x - width, y - height, x + width, y + height))


_CHANGES = {
    "moved": _moved,
    "shrunk": lambda rng, shape: _side(rng, shape, -1),
    "grown": lambda rng, shape: _side(rng, shape, +1),
    "thinned": lambda rng, shape: shape.sized(-_steps(rng, 8)),
    "bitten": _bitten,
    "gone": lambda rng, shape: klayout_db().Region(),
}
