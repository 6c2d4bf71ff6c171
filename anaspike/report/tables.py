"""Tables as files: CSV, Parquet or JSON, whole or not at all."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args

import pandas as pd

from anaspike.errors import InputError
from anaspike.extras import installs
from anaspike.files import replacing, write_text

TableFormat = Literal["csv", "parquet", "json"]
# Columns of a table of quantities whose numbers have the unit of their row's quantity.
_IN_QUANTITY = ("mean", "low", "high", "sigma", "min", "max", "at_best")
TABLE_FORMATS: tuple[TableFormat, ...] = get_args(TableFormat)


def check_format(format_: str) -> None:
    """Refuse a format that cannot be written here, before anything is run.

    Raises:
        InputError: unknown, or Parquet without its extra.
    """
    if format_ not in TABLE_FORMATS:
        raise InputError(f"unknown format '{format_}'; choose one of {', '.join(TABLE_FORMATS)}")
    if format_ == "parquet":
        try:
            import pyarrow  # noqa: F401, PLC0415  # heavy, and only here
        except ImportError:
            raise InputError(
                f"Parquet needs an extra: {installs('parquet')}, or use --format csv"
            ) from None


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table in the format that the path's suffix names; missing values are empty."""
    with replacing(path) as temporary:
        match path.suffix:
            case ".csv":
                table.to_csv(temporary, index=False)
            case ".parquet":
                table.to_parquet(temporary, index=False)
            case ".json":
                temporary.write_text(records_json(table) + "\n", encoding="utf-8")


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV that `write_table` wrote, with the same column types.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return parsed_table(file, "csv")
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}") from error


def parsed_table(file: BinaryIO, format_: str) -> pd.DataFrame:
    """Return a table that `write_table` wrote, with the same column types.

    Args:
        file: open for reading.
        format_: "csv", "parquet" or "json".

    Raises:
        ValueError: it is no such table.
        ImportError: Parquet without its extra.
    """
    match format_:
        case "csv":
            table = pd.read_csv(file, keep_default_na=False, na_values=[""])
        case "parquet":
            table = pd.read_parquet(file)
        case _:
            table = pd.DataFrame(json.load(file))
    counts = [name for name in table if str(name).startswith("spikes_")]
    return table.astype(dict.fromkeys(counts, "Int64"))


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows for JSON; missing values are None, never NaN."""
    return list(json.loads(records_json(table)))


def records_json(table: pd.DataFrame) -> str:
    """Return the rows as JSON text."""
    return table.to_json(orient="records", double_precision=15, indent=1)


def unit_name(column: str, row: Mapping[Any, Any]) -> str:
    """Return the name whose unit a cell has: the column's, or its row's quantity's."""
    return str(row["quantity"]) if column in _IN_QUANTITY and "quantity" in row else column


def write_json(value: object, path: Path) -> None:
    """Write JSON for people and programs; NaN is refused, for it is not JSON."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
