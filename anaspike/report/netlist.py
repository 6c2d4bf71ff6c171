"""The pictures of a circuit that others drew: over time, and as its chips are calibrated."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from anaspike.experiments.measure import Array
from anaspike.report.style import INK, MUTED, PALETTE, colours, finish, new_figure, si_numbers
from anaspike.units import label_of, unit_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def netlist_figure(time_s: Array, traces: Mapping[str, Array], title: str) -> "Figure":
    """Draw voltages, and currents below them where there are some.

    Args:
        time_s: sample times, shape (n,).
        traces: what is written at a curve -> samples, shape (n,), in V; "i(...)" in A.
        title: one line above.
    """
    currents = [name for name in traces if name.startswith("i(")]
    volts = [name for name in traces if name not in currents]
    rows = [part for part in (volts, currents) if part]
    figure = new_figure(title, height=2.4 + 1.9 * len(rows))
    axes = figure.subplots(len(rows), 1, sharex=True, squeeze=False)[:, 0]
    for ax, names in zip(axes, rows, strict=True):
        for name, colour in zip(names, colours(len(names)), strict=True):
            ax.plot(time_s, traces[name], color=colour, lw=1.2, label=name)
        unit = "A" if names is currents else "V"
        finish(ax, "time" if ax is axes[-1] else "", "current" if unit == "A" else "voltage")
        si_numbers(ax.yaxis, unit)
        si_numbers(ax.xaxis, "s")
        ax.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def calibrated_figure(
    table: pd.DataFrame, quantity: str, knob: str, wanted: float, title: str
) -> "Figure":
    """Draw a quantity on each chip before and after, and the level that each got.

    Args:
        table: a row a chip: `before_<quantity>`, `after_<quantity>`, the knob.
        quantity, knob: names, with their units.
        wanted: the quantity on the nominal chip.
        title: one line above both.
    """
    figure = new_figure(title)
    values, levels = figure.subplots(1, 2)
    chips = range(len(table))
    for when, mark, colour in (("before", "x", MUTED), ("after", "o", PALETTE[0])):
        values.plot(chips, table[f"{when}_{quantity}"].astype(float), mark, color=colour, ms=5,
                    label=when)  # fmt: skip
    values.axhline(wanted, color=INK, lw=0.8, ls="--", label="nominal chip")
    levels.plot(chips, table[knob].astype(float), "o", color=PALETTE[1], ms=5)
    finish(values, "chip", label_of(quantity), legend=True)
    finish(levels, "chip", label_of(knob))
    for ax, name in ((values, quantity), (levels, knob)):
        si_numbers(ax.yaxis, unit_of(name))
        ax.set_xticks(list(chips), _names_of(table), rotation=60, fontsize=7)
    return figure


def _names_of(table: pd.DataFrame) -> list[str]:
    """Return what tells the chips apart."""
    axes = [name for name in ("corner", "temperature_C", "seed") if table[name].nunique() > 1]
    return [" ".join(str(row[name]) for name in axes) for _, row in table.iterrows()]
