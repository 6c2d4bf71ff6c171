"""Spike rasters of a network: a row a neuron, a panel a case."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from anaspike.report.style import INK, PALETTE, finish, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def raster_figure(
    cases: Mapping[str, Mapping[str, Sequence[float]]], stop_s: float, title: str
) -> "Figure":
    """Draw the rasters of several cases beside each other.

    Args:
        cases: label of the case -> neuron or input -> spike times, in seconds;
            a case that failed is not among them, and there may be none.
        stop_s: end of the time axis, in seconds.
        title: one line above all.
    """
    columns = min(2, max(1, len(cases)))
    rows = max(1, -(-len(cases) // columns))
    figure = new_figure(title, 9.0, 0.8 + 2.2 * rows)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True)
    for ax in axes.flat[len(cases) :]:
        ax.set_visible(False)
    for ax, (label, trains) in zip(axes.flat, cases.items(), strict=False):
        names = list(trains)
        colours = [INK if i < len(names) - 1 else PALETTE[1] for i in range(len(names))]
        ax.eventplot(
            [[at_s * 1e6 for at_s in trains[name]] for name in names],
            colors=colours, linelengths=0.7, linewidths=1.4,
        )  # fmt: skip
        ax.set_yticks(range(len(names)), [f"{n} ({len(trains[n])})" for n in names])
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.set_xlim(0, stop_s * 1e6)
        ax.set_title(label, fontsize=9, color=INK)
        finish(ax, "time (µs)" if ax in axes[-1] else "", "")
    return figure
