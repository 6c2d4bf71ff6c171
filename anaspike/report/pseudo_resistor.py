"""The picture of the pseudo-resistor (paper Figure 6)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from anaspike.experiments.measure import Array
from anaspike.report.style import INK, colours, finish, new_figure, plain_log_ticks

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_PAPER_MOHM = 400


def curves_figure(curves: Mapping[str, tuple[Array, Array]], title: str) -> "Figure":
    """Draw I-V and R(V).

    Args:
        curves: label -> (voltage in V, current in A), each of shape (n,).
        title: one line above both.
    """
    figure = new_figure(title)
    current, resistance = figure.subplots(1, 2)
    looks = zip(curves.items(), colours(len(curves)), strict=True)
    for (label, (voltage_V, current_A)), colour in looks:
        current.plot(voltage_V * 1e3, current_A * 1e12, color=colour, lw=1.3, label=label)
        away = (np.abs(voltage_V) > 2e-3) & (current_A != 0)  # V/I has no value at 0 V
        ohm = np.where(away, voltage_V / np.where(away, current_A, 1.0), np.nan)
        resistance.semilogy(voltage_V * 1e3, np.abs(ohm) / 1e6, color=colour, lw=1.3, label=label)
    resistance.axhline(_PAPER_MOHM, color=INK, lw=0.7, ls="--", label="the paper: 400 MΩ")
    low, high = resistance.get_ylim()
    if high < 30 * low:
        plain_log_ticks(resistance)
    finish(current, "voltage from V_rest (mV)", "current (pA)", legend=True)
    finish(resistance, "voltage from V_rest (mV)", "V / I (MΩ)")
    resistance.legend(resistance.get_lines()[-1:], ["the paper: 400 MΩ"], fontsize=8,
                      frameon=False)  # fmt: skip
    return figure
