"""The picture of a circuit that others drew: what was measured over time."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from anaspike.experiments.measure import Array
from anaspike.report.style import colours, finish, new_figure, si_numbers

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
