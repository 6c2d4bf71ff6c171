"""A design as a file: what `read_design` reads back as the same."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from decimal import Decimal
from typing import Any

from anaspike.circuits.design import Design
from anaspike.circuits.designs.reader import unit_in
from anaspike.circuits.gates import LogicSizes
from anaspike.errors import on_one_line
from anaspike.pdk.roles import MosSize
from anaspike.units import SUFFIXES, written_unit

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SHORT = (MosSize, LogicSizes)  # say nothing of `mult` and `prefix` where there is nothing to say


def written(design: Design, *remarks: str) -> str:
    """Return the text of a design file, numbers with their units and to the last digit.

    Args:
        design: the neuron.
        remarks: lines to stand above it.
    """
    above = "".join(f"# {on_one_line(remark)}\n" for remark in remarks)
    return above + "\n\n".join(_tables("", tables_of(design))) + "\n"


def tables_of(design: Design) -> dict[str, Any]:
    """Return a design as tables of a file: names, words, numbers as text with their units.

    A block that has the neuron's gates says none.
    """
    return _table(design, None)


def with_unit(value: float, unit: str) -> str | float:
    """Return a number with a suffix and its unit; all its digits, so that it is read as it was."""
    spelled = written_unit(unit)
    if spelled is None:
        return value
    exact = Decimal(repr(value))
    power = max(-18, min(12, exact.adjusted() // 3 * 3))
    suffixes = {"": 0, **SUFFIXES}
    suffix = next(name for name, exponent in suffixes.items() if exponent == power)
    return f"{exact.scaleb(-power):f}{suffix}{spelled}"


def toml_value(value: Any) -> str:
    """Return a word, a number, a list or a table in TOML, on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        pairs = [f"{_key(key)} = {toml_value(each)}" for key, each in value.items()]
        return f"{{ {', '.join(pairs)} }}"
    return f"[{', '.join(map(toml_value, value))}]" if isinstance(value, list) else repr(value)


def _table(value: Any, gates: LogicSizes | None) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for item in fields(value):
        part = getattr(value, item.name)
        shared = isinstance(part, LogicSizes) and part == gates
        if shared or part is None or (isinstance(value, _SHORT) and part == item.default):
            continue
        table[str(item.metadata.get("key", item.name))] = _part(part, item, gates)
        gates = part if isinstance(part, LogicSizes) and gates is None else gates
    return table


def _part(part: Any, item: "Field[Any]", gates: LogicSizes | None) -> Any:
    if is_dataclass(part):
        return _table(part, gates)
    if isinstance(part, tuple):
        return [_part(each, item, gates) for each in part]
    return with_unit(part, unit_in(item)) if isinstance(part, float) else part


def _tables(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    """Yield the text of a table and of those in it; devices, which have a role, on a line each."""
    inner = {k: v for k, v in table.items() if isinstance(v, dict) and "role" not in v}
    lines = [f"{key} = {toml_value(value)}" for key, value in table.items() if key not in inner]
    if lines:
        yield "\n".join([f"[{name}]"] * bool(name) + lines)
    for key, value in inner.items():
        yield from _tables(f"{name}.{key}" if name else key, value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else toml_value(key)
