"""The picture of the XOR's calibration: a supply for each corner, and what it mends."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from anaspike.experiments.measure import Array
from anaspike.report.style import (
    FAIL,
    INK,
    PALETTE,
    colours,
    finish,
    new_figure,
    plain_log_ticks,
    whole_numbers,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FILL = {"nominal": "none", "set": None}  # as set is what counts, it is the solid one


def supplies_figure(
    units: Mapping[str, tuple[Array, Array]],
    supplies: pd.DataFrame,
    table: pd.DataFrame,
    least_spikes: int,
    title: str,
) -> "Figure":
    """Draw the unit of current over the supply, and the spikes with nominal and set supplies.

    Args:
        units: corner -> (supply in V, unit of current in A), each of shape (n,); tt is among them.
        supplies: `corner`, `supplies`, `vdd_syn_V`, `unit_current_A`.
        table: `corner`, `supplies`, `seed`, `expected`, `margin_spikes`.
        least_spikes: as many at the output are a one.
        title: one line above both.
    """
    figure = new_figure(title)
    current, spikes = figure.subplots(1, 2, width_ratios=(1.15, 1))
    by_corner = dict(zip(units, colours(len(units)), strict=True))
    for corner, (supply_V, unit_A) in units.items():
        current.semilogy(supply_V, unit_A * 1e9, color=by_corner[corner], lw=1.2, label=corner)
    _draw_points(current, supplies, by_corner)
    _draw_spikes(spikes, table, least_spikes)
    return figure


def _draw_points(ax: "Axes", supplies: pd.DataFrame, colours: Mapping[str, str]) -> None:
    measured = supplies[supplies["unit_current_A"].notna()].drop_duplicates(
        ["corner", "supplies", "vdd_syn_V"]
    )
    for kind, fill in _FILL.items():
        for _, row in measured[measured["supplies"] == kind].iterrows():
            colour = colours[row["corner"]]
            # Where there is nothing to set, the nominal supply is the one that counts.
            solid = fill is None or row["corner"] == "tt"
            ax.plot(row["vdd_syn_V"], row["unit_current_A"] * 1e9, "o", ms=6, mec=colour,
                    mfc=colour if solid else "white")  # fmt: skip
    at_tt = measured[measured["corner"] == "tt"]
    for unit_A in at_tt["unit_current_A"].unique():
        ax.axhline(unit_A * 1e9, color=INK, lw=0.7, ls="--", zorder=0)
    if len(measured):
        ax.set_xlim(measured["vdd_syn_V"].min() - 0.06, measured["vdd_syn_V"].max() + 0.06)
        ax.set_ylim(measured["unit_current_A"].min() * 5e8, measured["unit_current_A"].max() * 3e9)
    if len(measured) and ax.get_ylim()[1] < 100 * ax.get_ylim()[0]:
        plain_log_ticks(ax)
    finish(ax, "VDD_syn (V)", "unit of current (nA)", legend=True)


def _draw_spikes(ax: "Axes", table: pd.DataFrame, least_spikes: int) -> None:
    nominal = table[table["seed"].isna() & table["margin_spikes"].notna()]
    corners = list(dict.fromkeys(table["corner"]))
    ax.axhspan(-1, least_spikes - 0.5, color=INK, alpha=0.08, lw=0)
    ax.annotate("read as 0", (1, least_spikes - 0.5), xycoords=("axes fraction", "data"),
                xytext=(-4, -4), textcoords="offset points", ha="right", va="top",
                fontsize=8, color=INK)  # fmt: skip
    for (corner, kind, expected), rows in nominal.groupby(["corner", "supplies", "expected"]):
        margin = int(rows["margin_spikes"].min())
        count = least_spikes - 1 + margin if expected else least_spikes - margin
        colour = (PALETTE[1] if expected else PALETTE[0]) if margin > 0 else FAIL
        at = corners.index(str(corner)) + (0.12 if kind == "set" else -0.12)
        solid = kind == "set" or corner == "tt"
        ax.plot(at, count, "^" if expected else "v", ms=8, mec=colour,
                mfc=colour if solid else "white")  # fmt: skip
    for label, marker, colour, fill in (
        ("fewest of a 1", "^", PALETTE[1], PALETTE[1]),
        ("most of a 0", "v", PALETTE[0], PALETTE[0]),
        ("supplies as at tt", "o", INK, "white"),
        ("set for the corner", "o", INK, INK),
        ("wrong", "s", FAIL, FAIL),
    ):
        ax.plot([], [], marker, color=colour, mfc=fill, label=label)
    ax.set_xticks(range(len(corners)), corners)
    ax.set_xlim(-0.6, len(corners) - 0.4)
    ax.set_ylim(-0.8, max(13.0, ax.get_ylim()[1]))
    whole_numbers(ax.yaxis)
    finish(ax, "corner", "output spikes")
    ax.grid(visible=False, axis="x")
    ax.legend(fontsize=7.5, frameon=False, ncols=2, loc="upper left")
