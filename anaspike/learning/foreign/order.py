"""In which order layers come, and whose a threshold is: by their names, or not at all."""

import re
from collections.abc import Collection, Mapping, Sequence

from anaspike.learning.foreign.names import Stem, words

_FIRST = {"in", "input", "inp", "first"}
_LAST = {"out", "output", "head", "readout", "last", "final", "logits", "classifier"}
_KINDS = {
    "fc", "fcs", "lin", "linear", "dense", "lif", "lifs", "leaky", "if", "iaf", "neuron",
    "neurons", "spike", "spiking", "snn", "act", "activation", "syn", "synaptic",
}  # fmt: skip

Number = tuple[int, str]  # natural order without making an int of any number of digits
Pattern = tuple[str, ...]
Place = tuple[Number | None, ...]
Alike = tuple[tuple[str, ...], Place]


def in_order(stems: Collection[Stem], square: Collection[Stem] = ()) -> list[Stem] | None:
    """Return layers from the inputs on, where their names surely say so.

    Names that differ in their numbers alone are in the order of these, if all numbers that
    differ say the same; one named as the first (`input`) and one as the last (`out`) may stand
    at the ends. A single layer between these ends may be recurrent where it is square.

    Args:
        stems: of the layers.
        square: those whose matrix is square.
    """
    rows: dict[Pattern, list[Stem]] = {}
    for stem in stems:
        rows.setdefault(_pattern(stem), []).append(stem)
    if len(rows) == 1:
        return _by_number(next(iter(rows.values())))
    first, last = (_end(rows, ours, theirs) for ours, theirs in ((_FIRST, _LAST), (_LAST, _FIRST)))
    between = [row for row in rows.values() if row not in ([first], [last])]
    if first is last is None or len(between) > 1:
        return None
    middle = _by_number(between[0]) if between else []
    if middle is None or any(set(words(stem[-1:])) & (_FIRST | _LAST) for stem in middle):
        return None
    if any(not _above(end, stem) for end in (first, last) if end for stem in middle):
        return None
    if first and len(middle) == 1 and middle[0] in square and not _numbered(middle):
        return None
    return [stem for stem in (first, *middle, last) if stem is not None]


def owners(thresholds: Collection[Stem], layers: Sequence[Stem]) -> dict[Stem, int]:
    """Return which layer each threshold surely belongs to; one that may be any layer's is missing.

    In a row of numbered modules (0 is a layer, 1 its neurons) it is the layer before. Elsewhere,
    where there are as many thresholds as layers and their names say an order, they go in step;
    and else it is the layer that is named alike but for its kind (`fc1` and `lif1`).
    """
    row = in_order(thresholds) if len(thresholds) == len(layers) else None
    in_step = {stem: i for i, stem in enumerate(row or ())}
    alike: dict[Alike, list[int]] = {}
    beside: dict[Stem, list[int]] = {}
    for i, layer in enumerate(layers):
        alike.setdefault(_alike(layer), []).append(i)
        if _is_number(layer):
            beside.setdefault(layer[:-1], []).append(i)
    known = {word for layer in layers for word in words(layer)}
    found: dict[Stem, int] = {}
    for stem in thresholds:
        if _is_number(stem) and stem[:-1] in beside:
            before = [i for i in beside[stem[:-1]] if _number(layers[i]) < _number(stem)]
            found |= {stem: before[-1]} if before else {}
        elif stem in in_step and known.issuperset(_alike(stem)[0]):
            found[stem] = in_step[stem]
        elif _alike(stem) != ((), ()) and len(named := alike.get(_alike(stem), [])) == 1:
            found[stem] = named[0]
    return found


def _pattern(stem: Stem) -> Pattern:
    return tuple(re.sub(r"_?[0-9]+", "", part) for part in stem)


def _place(stem: Stem) -> Place:
    found: list[Number | None] = []
    for part in stem:
        numbers = [digits.lstrip("0") for digits in re.findall(r"[0-9]+", part)]
        found += [(len(digits), digits) for digits in numbers] or [None]
    return tuple(found)


def _by_number(row: Sequence[Stem]) -> list[Stem] | None:
    """Return names that differ in numbers alone in the order of these, where all say the same."""
    places = {stem: _place(stem) for stem in row}
    if len({len(place) for place in places.values()}) > 1:
        return None
    columns = list(zip(*places.values(), strict=True))
    differing = [i for i, column in enumerate(columns) if len(set(column)) > 1]
    orders: set[tuple[Stem, ...]] = set()
    for i in differing:
        if len(set(columns[i])) < len(row) or (None in columns[i] and not _counted(row)):
            return None
        orders.add(tuple(sorted(row, key=lambda stem: places[stem][i] or (-1, ""))))
    if len(orders) != 1 and len(row) > 1:
        return None
    return list(orders.pop()) if orders else list(row)


def _counted(row: Sequence[Stem]) -> bool:
    """Tell whether names are counted as Keras does: dense, dense_1, dense_2."""
    return all(re.fullmatch(r"[^0-9]*(_[0-9]+)?", part) for stem in row for part in stem)


def _end(rows: Mapping[Pattern, list[Stem]], ours: set[str], theirs: set[str]) -> Stem | None:
    """Return the one layer that is named as the first, or as the last."""
    found = [row for pattern, row in rows.items()
             if (said := set(words(pattern[-1:]))) & ours and not said & theirs]  # fmt: skip
    return found[0][0] if len(found) == 1 and len(found[0]) == 1 else None


def _above(end: Stem, other: Stem) -> bool:
    """Tell whether one module stands beside the other or beside a module that holds it."""
    return other[: len(end) - 1] == end[:-1]


def _numbered(row: Sequence[Stem]) -> bool:
    return any(number is not None for stem in row for number in _place(stem))


def _is_number(stem: Stem) -> bool:
    """Tell whether a module is one of a numbered row, as in PyTorch's Sequential."""
    return re.fullmatch("[0-9]+", stem[-1] if stem else "") is not None


def _number(stem: Stem) -> Number:
    return _place(stem)[-1] or (0, "")


def _alike(stem: Stem) -> Alike:
    """Return what is left of a name without its kind of module: fc1 and lif1 are alike."""
    numbers = tuple(number for number in _place(stem) if number is not None)
    return tuple(word for word in words(stem) if word not in _KINDS), numbers
