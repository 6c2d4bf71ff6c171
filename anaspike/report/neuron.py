"""The picture of the neuron: its output rate over current and over input rate."""

from typing import TYPE_CHECKING

import pandas as pd

from anaspike.report.style import MUTED, PALETTE, finish, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def rates_figure(by_current: pd.DataFrame, by_rate: pd.DataFrame, title: str) -> "Figure":
    """Draw the f-I curve, and the output rate over the input rate.

    Args:
        by_current: `current_A`, `rate_Hz`, `expected_s`, missing where nothing fired.
        by_rate: `rate_in_Hz`, `rate_out_Hz`.
        title: one line above both.
    """
    figure = new_figure(title)
    current, rate = figure.subplots(1, 2)
    known = by_current.dropna(subset=["rate_Hz"])
    if len(known):
        current_nA = known["current_A"].astype(float) * 1e9
        current.loglog(current_nA, known["rate_Hz"].astype(float) / 1e6, "o-", color=PALETTE[0],
                       ms=4, lw=1.3, label="measured")  # fmt: skip
        current.loglog(current_nA, 1e-6 / known["expected_s"].astype(float), "--", color=MUTED,
                       lw=1, label="charge, leak and spike width, to v_th")  # fmt: skip
    finish(current, "current into the membrane (nA)", "output rate (MHz)",
           legend=current.has_data())  # fmt: skip
    if "rate_out_Hz" in by_rate:
        rows = by_rate.dropna(subset=["rate_out_Hz"])
        in_MHz, out_MHz = (rows[name].astype(float) / 1e6 for name in ("rate_in_Hz", "rate_out_Hz"))
        rate.plot(in_MHz, out_MHz, "o-", color=PALETTE[0], ms=4, lw=1.3, label="measured")
        rate.plot([0, in_MHz.max()], [0, in_MHz.max()], "--", color=MUTED, lw=1, label="one to one")
    finish(rate, "input rate (MHz)", "output rate (MHz)", legend=rate.has_data())
    return figure
