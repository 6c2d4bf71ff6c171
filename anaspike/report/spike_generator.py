"""The picture of the spike generator: its width over bias, corners and temperature."""

from typing import TYPE_CHECKING

import pandas as pd

from anaspike.report.style import (
    INK,
    MUTED,
    PALETTE,
    colours,
    finish,
    legend_line,
    new_figure,
    plain_log_ticks,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def width_figure(over_bias: pd.DataFrame, over_corners: pd.DataFrame, title: str) -> "Figure":
    """Draw the width over the bias current, and over temperature for each corner.

    Args:
        over_bias: `bias_current_A`, `spike_width_s`, `status`.
        over_corners: `bias` ("mirror" is solid, "fixed" dashed), `corner`,
            `temperature_C`, `spike_width_s`, `status`.
        title: one line above both.
    """
    figure = new_figure(title)
    by_bias, by_temperature = figure.subplots(1, 2)
    known = over_bias[over_bias["status"] == "ok"]
    if len(known):
        bias_nA, width_ns = known["bias_current_A"] * 1e9, known["spike_width_s"] * 1e9
        by_bias.loglog(bias_nA, width_ns, "o-", color=PALETTE[0], ms=4, lw=1.3, label="measured")
        middle = len(known) // 2
        inverse_ns = width_ns.iloc[middle] * bias_nA.iloc[middle] / bias_nA
        by_bias.loglog(bias_nA, inverse_ns, "--", color=MUTED, lw=1, label="width × bias constant")
    finish(by_bias, "bias current (nA)", "spike width (ns)", legend=by_bias.has_data())
    handles = []
    corners = list(over_corners.groupby("corner", sort=False))
    for (corner, rows), colour in zip(corners, colours(len(corners)), strict=True):
        handles.append(legend_line(color=colour, label=str(corner)))
        for bias, style in (("mirror", "o-"), ("fixed", "s--")):
            ok = rows[(rows["bias"] == bias) & (rows["status"] == "ok")]
            if len(ok):
                ok = ok.sort_values("temperature_C")
                by_temperature.semilogy(ok["temperature_C"], ok["spike_width_s"] * 1e9, style,
                                        color=colour, ms=3, lw=1.3)  # fmt: skip
    low, high = by_temperature.get_ylim()
    if high < 100 * low:
        plain_log_ticks(by_temperature)
    handles += [
        legend_line(color=INK, ls=ls, label=label)
        for ls, label in (("-", "mirrored current"), ("--", "fixed voltages"))
    ]
    finish(by_temperature, "temperature (°C)", "spike width (ns)")
    by_temperature.legend(handles=handles, fontsize=8, frameon=False, ncols=2)
    return figure
