"""Proof that a result is numerically converged: run it again, tighter, and compare."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from anaspike.units import unit_of

TIGHTENING = "charge tolerance x0.1, maximum step /2"


@dataclass(frozen=True)
class Tolerances:
    """What counts as the same result.

    Attributes:
        exact: columns that must not change at all.
        relative: column -> largest relative change.
    """

    exact: tuple[str, ...] = ("spikes_out",)
    relative: tuple[tuple[str, float], ...] = (("energy_total_J", 0.02),)


def audit_table(
    conditions: Sequence[str],
    before: pd.DataFrame,
    after: pd.DataFrame,
    tolerances: Tolerances | None = None,
) -> pd.DataFrame:
    """Return one row for each point: its values, the tightened ones, and a verdict.

    Args:
        conditions: columns that say which point a row is.
        before, after: tidy tables of the same points, as asked and tightened.
        tolerances: what counts as the same result.

    Returns:
        The conditions, for each compared column `<name>` and `tight_<name>`
        (and `<name>_change`, relative, for the inexact ones), and `converged`,
        which is False where either run gave no result.
    """
    tolerances = tolerances or Tolerances()
    table = before[list(conditions)].copy()
    converged = (before["status"] == "ok") & (after["status"] == "ok")
    for name in tolerances.exact:
        table[name], table[f"tight_{name}"] = _column(before, name), _column(after, name)
        converged &= (table[name] == table[f"tight_{name}"]).fillna(False).astype(bool)
    for name, limit in tolerances.relative:
        table[name], table[f"tight_{name}"] = _column(before, name), _column(after, name)
        change = table[f"tight_{name}"] / table[name] - 1
        table[f"{_bare(name)}_change"] = change
        converged &= (change.abs() <= limit).fillna(False).astype(bool)
    table["converged"] = converged
    return table


def _bare(name: str) -> str:
    """Return a column's name without its unit: a relative change has none."""
    unit = unit_of(name)
    return name.removesuffix(f"_{unit}") if unit else name


def _column(table: pd.DataFrame, name: str) -> "pd.Series[float]":
    """Return a measured column; one of missing values where no point gave any."""
    if name in table:
        return table[name].astype("Float64")
    return pd.Series(pd.NA, index=table.index, dtype="Float64")
