"""The picture of a calibration: each chip before and after, and the supplies it got."""

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

import pandas as pd

from anaspike.report.style import (
    FAIL,
    INK,
    MUTED,
    PALETTE,
    colours,
    finish,
    new_figure,
    whole_numbers,
)
from anaspike.units import label_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_LABELS = 40


def calibrate_figure(
    table: pd.DataFrame,
    merit: str,
    nominal_supplies: Mapping[str, float],
    allowed: tuple[float, float],
    title: str,
) -> "Figure":
    """Draw a column a chip: its figure of merit before and after, and its supplies.

    Args:
        table: a row a chip.
        merit: what is drawn: the columns `<merit>_before` and `<merit>_after`.
        nominal_supplies: neuron -> its nominal supply, in volt.
        allowed: ends of the allowed range, in volt.
        title: one line above both.
    """
    figure = new_figure(title, height=5.2)
    above, below = figure.subplots(2, 1, sharex=True)
    places = list(range(len(table)))
    for when, colour, size in (("before", MUTED, 9), ("after", PALETTE[0], 5)):
        values = table[f"{merit}_{when}"].astype(float)
        above.plot(places, values, "o", ms=size, color=colour, label=when)
        wrong = [i for i in places if not table[f"right_{when}"].iloc[i]]
        above.plot(wrong, values.iloc[wrong], "x", ms=size, color=FAIL, mew=1.6)
    above.plot([], [], "x", color=FAIL, label="wrong")
    whole_numbers(above.yaxis)
    words = {"margin_spikes": "margin (spikes)"}
    finish(above, "", words.get(merit, label_of(merit)))
    looks = colours(1 + len(nominal_supplies))[1:]
    marks = zip(nominal_supplies.items(), looks, cycle("v^sDPX"), strict=False)
    for (name, supply_V), colour, mark in marks:
        below.plot(places, table[f"vdd_syn_{name}_V"], mark, ms=5, color=colour, label=name)
        below.axhline(supply_V, color=colour, lw=0.8, ls=":")
    if "sink_on_V" in table:
        below.plot(places, table["sink_on_V"].astype(float), "_", ms=9, color=INK, label="sinks")
    for limit_V, label in zip(allowed, ("allowed", None), strict=True):
        below.axhline(limit_V, color=INK, lw=0.8, label=label)
    below.plot([], [], ":", color=MUTED, lw=0.8, label="nominal")
    many = len(table) > _MOST_LABELS
    finish(below, f"chip, {len(table)} in the table's order" if many else "chip",
           "synapse supply (V)")  # fmt: skip
    for ax in (above, below):
        ax.legend(fontsize=8, frameon=False, ncols=6, loc="lower left", bbox_to_anchor=(0, 1.0))
    if not many:
        below.set_xticks(places, _labels(table), rotation=90, fontsize=7)
    return figure


def _labels(table: pd.DataFrame) -> list[str]:
    """Return what tells the chips apart, a line for each."""
    axes = [name for name in ("corner", "temperature_C", "seed") if table[name].nunique() > 1]
    return [
        " ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in row)
        for row in table[axes or ["corner"]].itertuples(index=False, name=None)
    ]
