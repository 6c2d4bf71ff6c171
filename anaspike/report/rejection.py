"""The picture of supply rejection: width and threshold over the core supply."""

from typing import TYPE_CHECKING

import pandas as pd

from anaspike.report.style import INK, PALETTE, finish, new_figure, whole_numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def rejection_figure(table: pd.DataFrame, title: str) -> "Figure":
    """Draw what a core supply that is off moves: width, threshold, charge and spikes.

    Args:
        table: `moved`, `shift`, `spike_width_s`, `threshold_V`, `charge_excite_coulomb`,
            `charge_inhibit_coulomb`, `spikes_out`; what failed is missing.
        title: one line above all.
    """
    figure = new_figure(title, 11.0)
    width, threshold, charge = figure.subplots(1, 3)
    core = table[table["moved"] == "core supply"]
    shift_mV = core["shift"] * 1e3
    nominal = core[core["shift"] == 0].iloc[0]
    width.plot(shift_mV, core["spike_width_s"] * 1e9, "o-", color=PALETTE[0], ms=4, lw=1.3)
    moved_mV = (core["threshold_V"] - nominal["threshold_V"]) * 1e3
    threshold.plot(shift_mV, moved_mV, "o-", color=PALETTE[0], ms=4, lw=1.3)
    for name, colour, label in (
        ("charge_excite_coulomb", PALETTE[0], "excitation"),
        ("charge_inhibit_coulomb", PALETTE[1], "inhibition"),
    ):
        change = (core[name] / nominal[name] - 1) * 100
        charge.plot(shift_mV, change, "o-", color=colour, ms=4, lw=1.3, label=label)
    spikes = charge.twinx()
    spikes.plot(shift_mV, core["spikes_out"], "s", color=INK, ms=4, label="spikes out")
    whole_numbers(spikes.yaxis)
    spikes.set_ylim(0, 1.15 * max(1.0, float(core["spikes_out"].max())))
    finish(width, "core supply off by (mV)", "spike width (ns)")
    finish(threshold, "core supply off by (mV)", "threshold moves by (mV)")
    finish(charge, "core supply off by (mV)", "charge of a spike moves by (%)", legend=True)
    finish(spikes, "", "spikes out (squares)")
    spikes.spines["right"].set_visible(True)
    spikes.grid(False)
    return figure
