"""A design's sizes by their dotted names, and the design with others, or with another drive."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import reduce
from typing import Any

from anaspike.circuits.design import Design
from anaspike.circuits.gates import LogicSizes
from anaspike.circuits.parameters import check_positive
from anaspike.errors import InputError
from anaspike.pdk.catalog import pdk_class
from anaspike.pdk.roles import MosSize, Pdk, alike
from anaspike.units import parse_quantity, printable, suggestion, unit_of

ROLE = "role"  # what a transistor's kind is called, beside its sizes
Size = float | str  # a number in base units, or a transistor's role


def driven(
    design: Design,
    codes: Sequence[int] | None,
    spikes_in: int | None,
    period_s: float | None,
    width_s: float | None,
) -> Design:
    """Return the design with those values of its drive that were given."""
    given: dict[str, Any] = {
        "codes": None if codes is None else tuple(codes),
        "spikes_in": spikes_in,
        "period_s": period_s,
        "width_s": width_s,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    return replace(design, drive=replace(design.drive, **changes))


def is_role(name: str) -> bool:
    """Return whether a size is a transistor's kind, by its dotted name: `comparator.tail.role`."""
    return name.rpartition(".")[2] == ROLE


def size_given(name: str, given: object) -> Size:
    """Return a size as it was given: a number in base units; of a role, the word.

    Args:
        name: dotted name.
        given: a number, or a text with its unit.

    Raises:
        InputError: it is none.
    """
    if not is_role(name):
        return parse_quantity(given, unit_of(name), name)  # type: ignore[arg-type]  # it says so
    if not isinstance(given, str):
        raise InputError(f"{name}: {printable(repr(given))} is no kind of transistor; write a role")
    return given.strip()


def sizes_of(design: Design) -> dict[str, Size]:
    """Return every size of the neuron by its dotted name: `comparator.input_pair.w_m`.

    What kind a transistor is stands among them: `comparator.input_pair.role`.
    Gates that several blocks share stand there once, where they come first.
    """
    return {".".join(path): value for path, value in _leaves(design.neuron, set())}


def resized(design: Design, sizes: Mapping[str, Size]) -> Design:
    """Return the design with other sizes.

    A gate that several blocks share changes in all of them.

    Args:
        design: the neuron.
        sizes: dotted name, as `sizes_of` gives them -> value, a text with its unit too; of a
            role, one of the same polarity.

    Raises:
        InputError: no such size, a value that is none, or a role that the process lacks.
    """
    known, neuron = sizes_of(design), design.neuron
    for name, given in sizes.items():
        if name not in known:
            raise InputError(f"there is no size '{printable(name)}'; {_size_hint(name, known)}")
        value = _checked(name, size_given(name, given), known[name], design.pdk)
        path = name.split(".")
        changed = _with(neuron, path, value)
        for depth in range(1, len(path)):
            gates = reduce(getattr, path[:depth], neuron)
            if isinstance(gates, LogicSizes):
                changed = _replaced(neuron, gates, reduce(getattr, path[:depth], changed))
        neuron = changed
    return replace(design, neuron=neuron)


def _checked(name: str, asked: Size, own: Size, pdk: str) -> Size:
    """Return a size where it may stand in the place of the design's own."""
    if isinstance(asked, str) or isinstance(own, str):
        roles = alike(str(own), pdk_class(pdk).devices)
        if asked not in roles:
            raise InputError(
                f"{name}: {pdk} offers no '{printable(str(asked))}' in the place of {own};"
                f" {suggestion(str(asked), roles)}"
            )
        return asked
    value = int(asked) if isinstance(own, int) else asked
    if value != asked:
        raise InputError(f"{name} is {asked:g}; it must be a whole number")
    check_positive(value, f"sizes.{name}")
    return value


def check_devices(design: Design, process: type[Pdk]) -> None:
    """Refuse a design with a device that the process does not offer.

    Raises:
        InputError: a role that it lacks, or a size out of its range.
    """
    for size in _devices(design.neuron):
        process.check_size(size)


def _devices(value: Any) -> Iterator[MosSize]:
    for item in fields(value):
        part = getattr(value, item.name)
        if isinstance(part, MosSize):
            yield part
        elif is_dataclass(part):
            yield from _devices(part)


def _with(value: Any, path: Sequence[str], size: Size) -> Any:
    """Return a tree of dataclasses with one leaf changed; each is built, and so checked, anew."""
    head, *rest = path
    return replace(value, **{head: _with(getattr(value, head), rest, size) if rest else size})


def _leaves(value: Any, seen: set[LogicSizes]) -> Iterator[tuple[tuple[str, ...], Size]]:
    for item in fields(value):
        part = getattr(value, item.name)
        if isinstance(part, LogicSizes):
            if part in seen:
                continue
            seen.add(part)
        if is_dataclass(part):
            yield from (((item.name, *path), leaf) for path, leaf in _leaves(part, seen))
        elif isinstance(part, int | float) or item.name == ROLE:
            yield (item.name,), part


def _replaced(value: Any, old: LogicSizes, new: LogicSizes) -> Any:
    """Return a tree of dataclasses with these gates replaced wherever they stand."""
    if value == old:
        return new
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {item.name: _replaced(getattr(value, item.name), old, new) for item in fields(value)}
    return replace(value, **changes)


def _size_hint(name: str, known: Mapping[str, Size]) -> str:
    """Suggest the nearest name; where nothing is near, the sizes of the block it starts with."""
    block = name.partition(".")[0]
    inside = [size for size in known if size.partition(".")[0] == block]
    blocks = dict.fromkeys(size.partition(".")[0] for size in known)
    return suggestion(name, inside or known) if inside else suggestion(block, blocks)
