"""Which transistor stands in which row, and in which order: dealt out, then annealed."""

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from anaspike.errors import InputError
from anaspike.layout.rows import Item, Placed, Row, fold, pitch
from anaspike.layout.units import GROUND, Unit

_SHORTEN, _EVEN_OUT = 6, 20  # weights of all rows' lengths and of the longest
_ROW = 8  # a row's height, in columns


def paired(units: Sequence[Unit]) -> list[Item]:
    """Put NMOS and PMOS of one gate in one block together; the others stand alone."""
    items: list[Item] = []
    waiting = [unit for unit in units if unit.kind == "p"]
    for n in (unit for unit in units if unit.kind == "n"):
        p = next((p for p in waiting if _match(n, p)), None)
        if p is not None:
            waiting.remove(p)
        items.append((n, p))
    return [*items, *((None, p) for p in waiting)]


def _match(n: Unit, p: Unit) -> bool:
    alike = abs(pitch([n]) - pitch([p])) <= 2
    return n.block == p.block and n.g == p.g and alike


def dealt(items: Sequence[Item], supplies: Sequence[str], rows: int) -> list[Row]:
    """Deal items out into rows: the wells' own first, what has no PMOS to the shortest.

    Args:
        items: what `paired` returned.
        supplies: nets of wells that lie under rails; a PMOS on any other has a well of its own.
        rows: number of rows with rails, at most; as many as there are wells at least.

    Raises:
        InputError: an NMOS that does not stand in the substrate.
    """
    for n, _ in items:
        if n and n.b != GROUND:
            raise InputError(f"{n.name}: an NMOS stands in the substrate; its bulk is {n.b}")
    groups: dict[str | None, list[Item]] = defaultdict(list)
    for item in items:
        if item[1] is not None:
            groups[item[1].b if item[1].b in supplies else None].append(item)
    made = []
    for well, share in _shares(groups, rows).items():
        made += _spread([Row(well) for _ in range(share)], groups[well])
    return _spread(made or [Row(None)], [item for item in items if item[1] is None])


def _shares(groups: dict[str | None, list[Item]], rows: int) -> dict[str | None, int]:
    """Return how many rows each well gets, the islands' last."""
    railed = {well: _length(group) for well, group in groups.items() if well is not None}
    shares: dict[str | None, int] = dict.fromkeys(railed, 1)
    for _ in range(rows - len(railed)):
        if railed:
            shares[max(railed, key=lambda well: railed[well] / shares[well])] += 1
    return shares | ({None: 1} if None in groups else {})


def _length(items: Sequence[Item]) -> int:
    return sum(pitch(item) for item in items)


def _spread(rows: list[Row], items: Sequence[Item]) -> list[Row]:
    """Add items to rows, the longest first, each to the one that is shortest now."""
    lengths = [max(_strip(row, 0), _strip(row, 1)) for row in rows]
    for item in sorted(items, key=pitch, reverse=True):
        k = min(range(len(rows)), key=lambda k: lengths[k])
        rows[k].items.append(item)
        lengths[k] = max(_strip(rows[k], 0), _strip(rows[k], 1))
    return rows


def _strip(row: Row, which: int) -> int:
    return sum(pitch([item[which]]) for item in row.items if item[which])


class Annealing:
    """The order of items inside and between rows, improved by chance.

    Args:
        rows: changed in place.
        seed: of its random numbers.
    """

    def __init__(self, rows: list[Row], seed: int):
        self._rows = rows
        self._railed = {GROUND, *(row.well for row in rows)}
        self._random = random.Random(seed)  # noqa: S311  # not for secrets
        self._folded: dict[tuple[int, ...], _Folded] = {}

    def run(self, steps: int) -> list[list[Placed]]:
        """Return the placed units of each row after so many steps."""
        now = best = self._cost()
        keep = self._orders()
        for step in range(steps):
            heat = 60 * (1 - step / steps) ** 2 + 0.1
            old = self._orders()
            if not self._move():
                self._restore(old)
                continue
            cost = self._cost()
            if cost <= now or self._random.random() < math.exp((now - cost) / heat):
                now = cost
                if cost < best:
                    best, keep = cost, self._orders()
            else:
                self._restore(old)
        self._restore(keep)
        return [self._fold(row).placed for row in self._rows]

    def _orders(self) -> list[list[Item]]:
        return [list(row.items) for row in self._rows]

    def _restore(self, orders: list[list[Item]]) -> None:
        for row, items in zip(self._rows, orders, strict=True):
            row.items = list(items)

    def _move(self) -> bool:
        """Move, exchange or reverse something; return whether every row may still be."""
        chance = self._random
        a = chance.choice(self._rows)
        b = a if chance.random() < 0.7 else chance.choice(self._rows)
        if not a.items or not b.items:
            return False
        kind, i = chance.random(), chance.randrange(len(a.items))
        if kind < 0.5:
            item = a.items.pop(i)
            b.items.insert(chance.randrange(len(b.items) + 1), item)
        elif kind < 0.8:
            j = chance.randrange(len(b.items))
            a.items[i], b.items[j] = b.items[j], a.items[i]
        else:
            i, j = sorted((i, chance.randrange(len(a.items))))
            a.items[i : j + 1] = a.items[i : j + 1][::-1]
        return a is b or (self._allowed(a) and self._allowed(b))

    def _allowed(self, row: Row) -> bool:
        wells = {p.b for _, p in row.items if p}
        if row.well is not None:
            return bool(row.items) and wells <= {row.well}
        others = {other.well for other in self._rows if other is not row}
        return bool(wells) and not wells & others

    def _fold(self, row: Row) -> "_Folded":
        key = tuple(map(id, row.items))  # the same few objects, in another order
        if key not in self._folded:
            placed, width = fold(row.items)
            self._folded[key] = _Folded(placed, width, self._spans(placed))
        return self._folded[key]

    def _spans(self, placed: Sequence[Placed]) -> dict[str, tuple[float, float, float, float]]:
        """Return net -> box around its pins in one row; rails reach everywhere."""
        spans: dict[str, tuple[float, float, float, float]] = {}
        for net, x, y in _pins(placed):
            if net not in self._railed:
                x0, x1, y0, y1 = spans.get(net, (x, x, y, y))
                spans[net] = (min(x0, x), max(x1, x), min(y0, y), max(y1, y))
        return spans

    def _cost(self) -> float:
        """Return a price of lengths and wires, in columns."""
        whole: dict[str, tuple[float, float, float, float]] = {}
        widths = []
        for i, row in enumerate(self._rows):
            folded, base = self._fold(row), _ROW * i
            widths.append(folded.width)
            for net, (x0, x1, y0, y1) in folded.spans.items():
                if net in whole:
                    u0, u1, v0, v1 = whole[net]
                    whole[net] = (min(u0, x0), max(u1, x1), min(v0, base + y0), max(v1, base + y1))
                else:
                    whole[net] = (x0, x1, base + y0, base + y1)
        wires = sum(x1 - x0 + y1 - y0 for x0, x1, y0, y1 in whole.values())
        return sum(widths) * _SHORTEN + _EVEN_OUT * max(widths) + wires


@dataclass(frozen=True)
class _Folded:
    placed: list[Placed]
    width: int
    spans: dict[str, tuple[float, float, float, float]]


def _pins(placed: Sequence[Placed]) -> Iterator[tuple[str, float, float]]:
    """Yield net, column and height of each pin; a row is as high as `_ROW` columns."""
    for one in placed:
        y = 0.0 if one.unit.kind == "n" else _ROW / 2
        yield one.left, one.x0, y
        yield one.right, one.x1, y
        yield one.unit.g, (one.x0 + one.x1) / 2, _ROW / 4
