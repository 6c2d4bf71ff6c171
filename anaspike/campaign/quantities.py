"""What a study measured: one number, or one for each condition that it went through."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from anaspike.units import format_named, label_of

# A series holds a number for each condition; its index says which.
Quantity = float | pd.Series | None


def numbers(table: pd.DataFrame, name: str) -> "pd.Series[float]":
    """Return a column as numbers; one of missing values where there is no such column."""
    if name not in table:
        return pd.Series(float("nan"), index=table.index, dtype=float)
    return pd.to_numeric(table[name], errors="coerce").astype(float)


def over(
    table: pd.DataFrame, names: Iterable[str], by: Sequence[str]
) -> "dict[str, pd.Series[float]]":
    """Return quantities that stand in every row of a table, as a verdict must see them.

    A row that failed, or gave none, is missing, which no limit allows.

    Args:
        table: a row for each condition.
        names: columns to judge; one that is not there is missing everywhere.
        by: columns that say which condition a row is of: corner, seed, current_A.
    """
    ok = table["status"].eq("ok") if "status" in table else pd.Series(True, index=table.index)
    known = [name for name in by if name in table]
    index = pd.MultiIndex.from_frame(table[known]) if known else pd.RangeIndex(len(table))
    return {name: numbers(table, name).where(ok).set_axis(index) for name in names}


def alone(number: float | None) -> "pd.Series[float]":
    """Return a number that is the whole quantity, though a table has a column of its name."""
    return pd.Series([number], dtype=float)


def whole(
    quantities: Mapping[str, Quantity], tables: Mapping[str, pd.DataFrame]
) -> dict[str, Quantity]:
    """Return quantities as they are judged: a number, or a series where there are several.

    One name is one quantity: a number beside a table that has more of them under the same
    name would be judged as if it were all, so every row of that column is. What is given row
    by row (`over`), or as one number that is meant to be all (`alone`), stays as it is.

    Args:
        quantities: name -> a number, or numbers with one for each condition.
        tables: name -> table; the first that has the column counts.
    """
    judged: dict[str, Quantity] = {}
    for name, quantity in quantities.items():
        given = pd.api.types.is_scalar(quantity)
        rows = _column(name, tables) if given else None
        values = as_rows(quantity) if rows is None else rows
        judged[name] = number_of(values.iloc[0]) if len(values) == 1 else values
    return judged


def _column(name: str, tables: Mapping[str, pd.DataFrame]) -> "pd.Series[float] | None":
    """Return every row of a quantity that a table has several of; None where none has."""
    for called, table in tables.items():
        if name in table and len(table) > 1:
            row = pd.Series([f"row {i} of {called}" for i in range(len(table))], table.index)
            by = [column for column in _CONDITIONS if column in table]
            return over(table.assign(row=row), [name], ["row", *by])[name]
    return None


_CONDITIONS = ("corner", "temperature_C", "seed")


def as_rows(quantity: Quantity) -> "pd.Series[float]":
    """Return a quantity as numbers, one for each condition; a number alone is one of one."""
    values = pd.Series([quantity]) if pd.api.types.is_scalar(quantity) else pd.Series(quantity)
    return pd.to_numeric(values, errors="coerce").astype(float)


def number_of(value: float) -> float | None:
    """Return a finite number; None for any other."""
    return float(value) if math.isfinite(value) else None


def condition_of(values: "pd.Series[Any]", place: int) -> str:
    """Return in words which condition a row is of: "20 nA, ss, seed 3"; "" where it is the only."""
    names, entry = list(values.index.names), values.index[place]
    if names == [None]:
        return "" if len(values) == 1 else entry if isinstance(entry, str) else f"row {entry}"
    entries = entry if isinstance(entry, tuple) else (entry,)
    return in_words(dict(zip(names, entries, strict=True)))


def in_words(condition: Mapping[Any, Any]) -> str:
    """Return a condition for people: "ss, 85 °C, seed 3"; what is missing is left out."""
    said = [_part(str(name), value) for name, value in condition.items() if not pd.isna(value)]
    return ", ".join(said) or "nominal"


def _part(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    number = format_named(name, float(value))
    # Of a size in the design, device and dimension.
    label = label_of(" ".join(name.split(".")[-2:]))
    return number if name == "temperature_C" else f"{label} {number}"
