"""The picture of a search: what each candidate costs, and which keep the limits."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from anaspike.report.style import (
    FAIL,
    INK,
    MUTED,
    PALETTE,
    finish,
    new_figure,
    si_numbers,
    whole_numbers,
)
from anaspike.units import label_of, unit_of, written_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# A mark for each combination of kinds; of more than these none is told apart.
_MARKS = ("o", "^", "s", "D", "v", "P")


def history_figure(
    evaluations: pd.DataFrame, costs: Sequence[str], where: str, kinds: Sequence[str] = ()
) -> "Figure":
    """Draw each quantity over the search; of two or more the first two against each other too.

    Args:
        evaluations: `evaluation`, the quantities of `costs`, `keeps_limits`, `front`.
        costs: columns that were to be small.
        where: for the title.
        kinds: columns of what was chosen: candidates of one kind have one mark.
    """
    evaluations = evaluations.assign(kind=_kinds(evaluations, kinds))
    against = len(costs) > 1
    figure = new_figure(f"Search: {where}", height=3.2 * len(costs) + 0.6)
    grid = figure.add_gridspec(len(costs), 2 if against else 1)
    for row, name in enumerate(costs):
        _over_time(figure.add_subplot(grid[row, 0]), evaluations, name, legend=row == 0)
    if against:
        _against(figure.add_subplot(grid[:, 1]), evaluations, costs[0], costs[1])
    return figure


def _over_time(axes: "Axes", table: pd.DataFrame, name: str, legend: bool) -> None:
    _candidates(axes, table, "evaluation", name)
    kept = table[table["keeps_limits"] & table["survived"]].dropna(subset=[name])
    if len(kept):
        best = np.minimum.accumulate(kept[name].to_numpy(float))
        axes.step([*kept["evaluation"], table["evaluation"].iloc[-1]], [*best, best[-1]],
                  where="post", color=PALETTE[0], lw=1.3,
                  label="best so far")  # fmt: skip
    start = table[name].iloc[0]
    if pd.notna(start):
        axes.axhline(float(start), color=INK, lw=0.8, ls=":", label="where it started")
    failed = table[table[name].isna()]
    if len(failed):
        axes.plot(failed["evaluation"], np.full(len(failed), 0.02), "|", color=FAIL, ms=6,
                  transform=axes.get_xaxis_transform(), label="no result")  # fmt: skip
    whole_numbers(axes.xaxis)
    _numbers(axes, "y", table, name)
    finish(axes, "evaluation", _label(name), legend=legend)


def _against(axes: "Axes", table: pd.DataFrame, across: str, up: str) -> None:
    _candidates(axes, table, across, up)
    front = table[table["front"]].sort_values(across)
    axes.step(front[across], front[up], where="post", color=PALETTE[0], lw=1.0)
    axes.plot(front[across], front[up], "o", color=PALETTE[1], ms=6, label="front")
    _numbers(axes, "x", table, across)
    _numbers(axes, "y", table, up)
    finish(axes, _label(across), _label(up), legend=True)


def _candidates(axes: "Axes", table: pd.DataFrame, across: str, up: str) -> None:
    kept = table["keeps_limits"].astype(bool)
    marks = dict(zip(table["kind"].unique(), _MARKS, strict=False))
    for rows, colour, label in (
        (table[~kept], MUTED, "misses a limit"),
        (table[kept], PALETTE[0], "keeps all limits"),
    ):
        for kind, alike in rows.groupby("kind", sort=False):
            axes.plot(alike[across], alike[up], marks[kind], color=colour, ms=3,
                      label=", ".join(filter(None, (label, str(kind)))))  # fmt: skip


def _kinds(table: pd.DataFrame, kinds: Sequence[str]) -> "pd.Series[str]":
    """Return what was chosen for each candidate; nothing where no picture could tell it."""
    none = pd.Series("", table.index)
    chosen = table[[*kinds]].astype(str).agg(" ".join, axis=1) if kinds else none
    return chosen if chosen.nunique() <= len(_MARKS) else none


def _numbers(axes: "Axes", which: str, table: pd.DataFrame, name: str) -> None:
    """Write few numbers with their unit; equal ratios where they differ thirtyfold."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    values = table[name].dropna().astype(float)
    if len(values) and values.min() > 0 and values.max() > 30 * values.min():
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    elif which == "x":
        axes.locator_params(axis="x", nbins=5)
    if _takes_suffixes(unit_of(name)):
        si_numbers(axis, unit_of(name).replace("ohm", "Ω"))


def _label(name: str) -> str:
    unit = unit_of(name)
    return label_of(name) + ("" if _takes_suffixes(unit) or not unit else f" ({unit})")


def _takes_suffixes(unit: str) -> bool:
    """Return whether there are a milli and a micro of a unit: of m² there are none."""
    return written_unit(unit) is not None
