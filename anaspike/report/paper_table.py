"""The picture of a table of the paper: our accuracies with their intervals beside its figures."""

from typing import TYPE_CHECKING

import pandas as pd

from anaspike.report.style import colours, finish, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def paper_figure(cells: pd.DataFrame, over: str, title: str) -> "Figure":
    """Draw accuracy over rates or batch sizes, a panel for each data set.

    Args:
        cells: columns `dataset`, `line`, `accuracy`, `low`, `high`, `paper`, and the one that
            `over` names.
        over: "rate" or "batch".
        title: one line above all.
    """
    sets = list(dict.fromkeys(cells["dataset"]))
    figure = new_figure(title, max(6.5, 4.4 * len(sets) + 1.0), 4.0)
    axes = figure.subplots(1, len(sets), squeeze=False, sharey=True)[0]
    lines = list(dict.fromkeys(cells["line"]))
    palette = dict(zip(lines, colours(len(lines)), strict=True))
    for ax, name in zip(axes, sets, strict=True):
        for line in lines:
            part = cells[(cells["dataset"] == name) & (cells["line"] == line)].sort_values(over)
            if not len(part):
                continue
            colour = palette[line]
            # Side by side, or one interval would hide another.
            place = part[over] * 1.07 ** (lines.index(line) - (len(lines) - 1) / 2)
            ax.plot(place, part["accuracy"], "o-", color=colour, ms=4, lw=1.2, label=line)
            if {"low", "high"} <= set(part):
                low, high = part["low"].astype(float), part["high"].astype(float)
                ax.vlines(place, low, high, color=colour, lw=3, alpha=0.35)
            ax.plot(place, part["paper"].astype(float), "x--", color=colour, ms=5, lw=0.9)
        ax.set_xscale("log", base=10 if over == "rate" else 2)
        ax.set_ylim(-0.03, 1.03)
        ax.set_title(name, fontsize=9)
        label = "learning rate" if over == "rate" else "batch size"
        finish(ax, label, "accuracy" if ax is axes[0] else "", legend=ax is axes[0])
    return figure
