"""The pictures of energy: per spike (paper Figure 8) and by consumer (Figure 7)."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from anaspike.report.style import FAIL, INK, colours, finish, new_figure, plain_log_ticks
from anaspike.units import format_quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PAPER_MHZ, _PAPER_FJ = 3.3, 1080  # its Table 9; of its Figure 8 no numbers are given
_DASHES = ("--", ":", "-.")


def energy_figure(
    table: pd.DataFrame, wire_capacitance_F: float, title: str, drawn: bool = False
) -> "Figure":
    """Draw the energy of a spike against output rate and synapse supply.

    Args:
        table: `code`, `wire_capacitance_F`, `vdd_syn_V`, `rate_out_Hz`,
            `energy_per_spike_J`, `status`; a row for each point.
        wire_capacitance_F: of the solid curves; those of another are dashed.
        title: one line above both.
        drawn: whether wires are those of a layout, and no estimate stands beside a code.
    """
    figure = new_figure(title)
    by_rate, by_supply = figure.subplots(1, 2, sharey=True)
    codes = sorted(table["code"].unique())
    by_code = dict(zip(codes, colours(len(codes)), strict=True))
    wires = [w for w in table["wire_capacitance_F"].unique() if w != wire_capacitance_F]
    dashes = {wire_capacitance_F: "-", **dict(zip(wires, _DASHES, strict=False))}
    for (code, wire), curve in table.groupby(["code", "wire_capacitance_F"], sort=False):
        if "energy_per_spike_J" not in curve:
            break  # nothing gave a result
        wire_F, fired = float(str(wire)), curve.dropna(subset=["energy_per_spike_J"])
        style: dict[str, Any] = {
            "color": by_code[code], "ls": dashes.get(wire_F, "-."), "lw": 1.3, "marker": "o",
            "ms": 4 if wire_F == wire_capacitance_F else 2.5,
            "label": f"code {code}" + ("" if drawn else f", {wire_F * 1e15:g} fF a node"),
        }  # fmt: skip
        energy_fJ = fired["energy_per_spike_J"].astype(float) * 1e15
        by_rate.plot(fired["rate_out_Hz"].astype(float) / 1e6, energy_fJ, **style)
        by_supply.plot(fired["vdd_syn_V"], energy_fJ, **style)
    by_rate.plot(_PAPER_MHZ, _PAPER_FJ, "*", color=INK, ms=9)
    by_rate.annotate("the paper, after layout", (_PAPER_MHZ, _PAPER_FJ), xytext=(8, 0),
                     textcoords="offset points", ha="left", va="center", fontsize=8,
                     color=INK)  # fmt: skip
    by_rate.set_yscale("log")
    plain_log_ticks(by_rate)
    finish(by_rate, "output rate (MHz)", "energy per spike (fJ)")
    finish(by_supply, "VDD_syn (V)", "", legend=by_supply.has_data())
    supplies_V = sorted(table["vdd_syn_V"].unique())
    margin_V = 0.05 * (supplies_V[-1] - supplies_V[0])
    by_supply.set_xlim(supplies_V[0] - margin_V, supplies_V[-1] + margin_V)
    if len(supplies_V) <= 7:  # more would run into each other
        by_supply.set_xticks(supplies_V)
    for supply_V in table.loc[table["status"] != "ok", "vdd_syn_V"]:
        by_supply.axvline(supply_V, color=FAIL, lw=1, ls=":")
    return figure


def split_figure(split: pd.DataFrame, title: str) -> "Figure":
    """Draw the core's power by consumer, one bar for each output rate.

    Args:
        split: `rate_out_Hz`, `consumer`, `power_W`, `share_of_core`; a missing
            share is not the core's and is named beside the bar.
        title: one line above it.
    """
    figure = new_figure(title, height=3.4)
    ax = figure.subplots()
    labels = []
    for row, (rate_Hz, bar) in enumerate(split.groupby("rate_out_Hz")):
        core, apart = bar[bar["share_of_core"].notna()], bar[bar["share_of_core"].isna()]
        _stack(ax, row, core)
        beside = "\n".join(
            f"{name} {format_quantity(power_W, 'W')}"
            for name, power_W in zip(apart["consumer"], apart["power_W"], strict=True)
        )
        ax.annotate(f"apart:\n{beside}", (101, row), va="center", fontsize=8, color=INK)
        core_W = float(core["power_W"].sum())
        labels.append(
            f"{format_quantity(float(str(rate_Hz)), 'Hz')} out\ncore {format_quantity(core_W, 'W')}"
        )
    finish(ax, "share of the core's power (%)", "")
    ax.set_axisbelow(True)
    ax.grid(visible=False, axis="y")
    ax.spines["bottom"].set_bounds(0, 100)
    ax.set_yticks(range(len(labels)), labels, fontsize=9)
    ax.set_xlim(0, 120)
    ax.set_xticks(range(0, 101, 20))
    if labels:
        handles, names = ax.get_legend_handles_labels()
        by_name = dict(zip(names, handles, strict=True))
        ax.legend(by_name.values(), by_name.keys(), fontsize=8, frameon=False, ncols=5,
                  loc="lower left", bbox_to_anchor=(0, 1))  # fmt: skip
    return figure


def _stack(ax: "Axes", row: int, core: pd.DataFrame) -> None:
    left = 0.0
    shares = zip(core["consumer"], core["share_of_core"], colours(len(core)), strict=True)
    for name, share, colour in shares:
        width = 100 * float(share)
        ax.barh(row, width, left=left, height=0.55, color=colour, label=name)
        if width > 4:  # a narrower one has no room for its number
            ax.text(left + width / 2, row, f"{width:.0f} %", ha="center", va="center",
                    color="white", fontsize=8)  # fmt: skip
        left += width
