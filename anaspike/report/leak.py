"""The picture of the leak over temperature, corners and mismatch."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from anaspike.report.style import INK, PALETTE, colours, finish, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def leak_figure(table: pd.DataFrame, drawn: pd.DataFrame, title: str) -> "Figure":
    """Draw the resistance over temperature for each corner, and the samples in rising order.

    Args:
        table: `corner`, `temperature_C`, `resistance_50mV_ohm`, `status`.
        drawn: `resistance_50mV_ohm`, `status`, a row for each sample.
        title: one line above both.
    """
    figure = new_figure(title)
    over, samples = figure.subplots(1, 2)
    known = table[table["status"] == "ok"]
    corners = list(known.groupby("corner", sort=False))
    for (corner, rows), colour in zip(corners, colours(len(corners)), strict=True):
        rising = rows.sort_values("temperature_C")
        over.semilogy(rising["temperature_C"], rising["resistance_50mV_ohm"] / 1e6, "o-", ms=3,
                      lw=1.3, color=colour, label=str(corner))  # fmt: skip
    ok = drawn[drawn["status"] == "ok"]
    if len(ok):
        mohm = np.sort(ok["resistance_50mV_ohm"].to_numpy(float)) / 1e6
        share = (np.arange(len(mohm)) + 0.5) / len(mohm)
        samples.plot(mohm, share, "o", color=PALETTE[0], ms=3.5, label="a sample")
        samples.axvline(float(np.median(mohm)), color=INK, lw=0.7, ls="--", label="median")
    finish(over, "temperature (°C)", "V / I at 50 mV (MΩ)", legend=True)
    finish(samples, "V / I at 50 mV (MΩ)", "share of the samples below", legend=True)
    return figure
