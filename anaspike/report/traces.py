"""Traces for people: one table, one picture."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from anaspike.report.style import colours, finish, new_figure, si_numbers
from anaspike.spice.waveforms import Waveforms

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def traces_table(waveforms: Waveforms) -> pd.DataFrame:
    """Return a row for each sample: `time_s`, then each vector with its unit in its name."""
    samples = {column_of(name): samples for name, samples in waveforms.vectors.items()}
    return pd.DataFrame({"time_s": waveforms.time_s, **samples})


def column_of(vector: str) -> str:
    """Return the column of a vector: `mem_V` of v(mem), `i(vdd)_A` of i(vdd)."""
    if is_current(vector):
        return f"{vector}_A"
    return f"{plain_name(vector)}_V"


def plain_name(vector: str) -> str:
    """Return a node's name of its voltage's; others as they are."""
    voltage = vector.startswith("v(") and vector.endswith(")") and "," not in vector
    return vector[2:-1] if voltage else vector


def is_current(vector: str) -> bool:
    """Return whether a vector is in ampere."""
    return vector.startswith("i(") or vector.endswith("#branch")


def traces_figure(waveforms: Waveforms, vectors: Sequence[str] = ()) -> "Figure":
    """Draw vectors over time, voltages above currents.

    Args:
        waveforms: the traces.
        vectors: names of those to draw; all when empty.
    """
    shown = {name: waveforms[name] for name in vectors or waveforms.names}
    groups = [
        (unit, what, {n: y for n, y in shown.items() if is_current(n) == current})
        for unit, what, current in (("V", "voltage", False), ("A", "current", True))
    ]
    rows = [group for group in groups if group[2]]
    figure = new_figure("", height=2.6 * max(1, len(rows)))
    axes = figure.subplots(max(1, len(rows)), 1, sharex=True, squeeze=False)[:, 0]
    for ax, (unit, what, curves) in zip(axes, rows, strict=False):
        for (name, samples), colour in zip(curves.items(), colours(len(curves)), strict=True):
            label = plain_name(name) if unit == "V" else name
            ax.plot(waveforms.time_s, samples, color=colour, lw=1.0, label=label)
        finish(ax, "time" if ax is axes[-1] else "", what)
        if curves:  # beside the axes: anywhere on them it would lie on a trace
            ax.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        si_numbers(ax.yaxis, unit)
        si_numbers(ax.xaxis, "s")
    return figure
