"""The picture of a synapse-supply domain: gain, spikes and droop over the source behind it."""

from typing import TYPE_CHECKING

import pandas as pd

from anaspike.report.style import INK, colours, finish, new_figure, si_numbers, whole_numbers
from anaspike.units import format_quantity

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def supply_figure(table: pd.DataFrame, needs: pd.DataFrame, title: str) -> "Figure":
    """Draw k, spikes and droop over the source's resistance.

    Args:
        table: `synapses`, `source_ohm`, `decoupling_F`, `k`, `spikes_out`, `droop_V`, `status`.
        needs: `synapses`, `source_ohm`, `decoupling_F`: what is enough; each first line by the
            source alone.
        title: one line above all.
    """
    figure = new_figure(title, 11.0)
    gain, spikes, droop = figure.subplots(1, 3)
    known = table[(table["status"] == "ok") & (table["source_ohm"] > 0)]
    counts = list(dict.fromkeys(known["synapses"]))
    for count, colour in zip(counts, colours(len(counts)), strict=True):
        for decoupling_F, rows in known[known["synapses"] == count].groupby("decoupling_F"):
            with_F = f", {format_quantity(decoupling_F, 'F')}" if decoupling_F else ""
            label = f"{count} synapse{'s' if count > 1 else ''}{with_F}"
            look = {"color": colour, "ms": 3, "lw": 1.2, "label": label}
            style = "s--" if decoupling_F else "o-"
            gain.semilogx(rows["source_ohm"], rows["k"], style, **look)
            spikes.semilogx(rows["source_ohm"], rows["spikes_out"], style, **look)
            droop.loglog(rows["source_ohm"], rows["droop_V"] * 1e3, style, **look)
    if "source_ohm" in needs:
        enough = needs.drop_duplicates("synapses")
        droop.plot(enough["source_ohm"], enough["droop_V"] * 1e3, "x", color=INK, ms=7,
                   label="enough")  # fmt: skip
    for ax in (gain, spikes, droop):
        si_numbers(ax.xaxis, "Ω")
    gain.set_ylim(bottom=0)
    whole_numbers(spikes.yaxis)
    finish(gain, "source resistance", "k, over that of a stiff supply")
    finish(spikes, "source resistance", "spikes out")
    finish(droop, "source resistance", "droop during a spike (mV)")
    if droop.has_data():
        figure.legend(*droop.get_legend_handles_labels(), fontsize=8, frameon=False,
                      loc="outside right center")  # fmt: skip
    return figure
