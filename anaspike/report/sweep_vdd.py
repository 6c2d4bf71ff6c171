"""The picture of a supply sweep."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from anaspike.experiments.measure import decided, find_spikes
from anaspike.report.style import FAIL, INK, MUTED, PALETTE, finish, new_figure, whole_numbers
from anaspike.spice.waveforms import Waveforms

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LOW, _HIGH = PALETTE[:2]
_NEAR_V = 25e-3


def sweep_figure(
    table: pd.DataFrame,
    waveforms: Mapping[float, Waveforms],
    v_th_V: float,
    title: str,
    vdd_V: float | None = None,
) -> "Figure":
    """Draw a sweep: traces at the lowest and highest supply, spikes and energy against supply.

    Args:
        table: of the sweep.
        waveforms: supply in volt -> traces `v(in1)` ..., `v(mem)`, `v(out)` and the clock `hold`;
            the first and last that are there are shown (paper Figure 4).
        v_th_V: the reference, drawn over the membrane where no decision tells the threshold.
        title: one line above it all.
        vdd_V: core supply; with it each decision is marked where and when it was made. The
            membrane may go beyond the threshold in between: nobody asks then.
    """
    picture = new_figure(title, 10.0, 8.2)
    grid = picture.add_gridspec(4, 2, height_ratios=(0.7, 1.4, 0.9, 2.2))
    shown = sorted(waveforms)
    beside: list[Axes] = []
    ends = list(dict.fromkeys((shown[0], shown[-1]))) if shown else []
    for column, supply_V in enumerate(ends):
        # One scale for both columns, or a ripple would look like a spike.
        axes = [
            picture.add_subplot(grid[row, column], sharey=beside[row] if beside else None)
            for row in range(3)
        ]
        beside = axes
        colour = _LOW if column == 0 else _HIGH
        _draw_traces(axes, waveforms[supply_V], colour)
        _draw_threshold(axes[1], _threshold(table, v_th_V), supply_V == ends[-1])
        if vdd_V is not None:
            _draw_decisions(axes[1], waveforms[supply_V], vdd_V, colour)
        fired = int(table.loc[table["vdd_syn_V"] == supply_V, "spikes_out"].iloc[0])
        spikes = "spike" if fired == 1 else "spikes"
        axes[0].set_title(f"VDD_syn = {supply_V:g} V: {fired} {spikes} out", color=colour)
    _draw_counts(picture.add_subplot(grid[3, 0]), table)
    _draw_energy(picture.add_subplot(grid[3, 1]), table)
    return picture


def _threshold(table: pd.DataFrame, v_th_V: float) -> float:
    """Return where the sweep's decisions part; the reference where they do not tell."""
    if "highest_silent_V" not in table or "lowest_fired_V" not in table:
        return v_th_V
    silent_V, fired_V = table["highest_silent_V"].max(), table["lowest_fired_V"].min()
    # Decisions close after one another part a few millivolts off the others.
    apart = abs(silent_V - fired_V) < _NEAR_V
    return float((silent_V + fired_V) / 2) if apart else v_th_V


def _draw_threshold(ax: "Axes", threshold_V: float, named: bool) -> None:
    ax.axhline(threshold_V * 1e3, color=INK, lw=0.7, ls="--")
    if named:  # beside the axes, off the data
        ax.annotate(f"fires above\n{threshold_V * 1e3:.0f} mV", (1, threshold_V * 1e3),
                    xycoords=("axes fraction", "data"), xytext=(3, 0),
                    textcoords="offset points", va="center", fontsize=7, color=INK)  # fmt: skip


def _draw_decisions(ax: "Axes", traces: Waveforms, vdd_V: float, colour: str) -> None:
    hold = next((name for name in traces.names if name.endswith("hold)")), None)
    if hold is None:
        return
    out = find_spikes(traces.time_s, traces["v(out)"], 0.7 * vdd_V, 0.3 * vdd_V)
    at_s, membrane_V, fired = decided(traces.time_s, traces[hold], traces["v(mem)"], out, vdd_V)
    for answer, fill, label in ((~fired, "white", "decided: silent"), (fired, colour, "fires")):
        ax.plot(at_s[answer] * 1e6, membrane_V[answer] * 1e3, "o", ms=4, mfc=fill, mec=colour,
                label=label)  # fmt: skip
    ax.legend(fontsize=7, frameon=False, ncols=2, loc="lower right", borderpad=0,
              bbox_to_anchor=(1, 0.98), handletextpad=0.2)  # fmt: skip


def _draw_traces(axes: "list[Axes]", traces: Waveforms, colour: str) -> None:
    time_us = traces.time_s * 1e6
    inputs = [name for name in traces.names if name.startswith("v(in") and np.ptp(traces[name]) > 0]
    for name in inputs[:1]:
        axes[0].plot(time_us, traces[name], color=INK, lw=0.8)
    axes[1].plot(time_us, traces["v(mem)"] * 1e3, color=colour, lw=1.0)
    axes[2].plot(time_us, traces["v(out)"], color=colour, lw=1.0)
    for ax, label in zip(axes, ("input (V)", "membrane (mV)", "output (V)"), strict=True):
        ax.set_ylabel(label, fontsize=8)
        ax.tick_params(labelsize=7)
        ax.set_xlim(time_us[0], time_us[-1])
        ax.spines[["top", "right"]].set_visible(False)
        if ax is not axes[2]:
            ax.tick_params(labelbottom=False)
    axes[2].set_xlabel("time (µs)", fontsize=8)


def _draw_counts(ax: "Axes", table: pd.DataFrame) -> None:
    done = table[table["status"] == "ok"]
    ax.plot(table["vdd_syn_V"], table["spikes_in"].astype(float), color=MUTED, lw=1, ls="--",
            label="spikes in")  # fmt: skip
    if len(done):
        ax.plot(done["vdd_syn_V"], done["spikes_out"].astype(float), "o-", color=INK, ms=4,
                label="spikes out")  # fmt: skip
    if "marginal" in done and len(near := done[done["marginal"].eq(True).fillna(False)]):
        ax.plot(near["vdd_syn_V"], near["spikes_out"].astype(float), "o", mfc="white", mec=INK,
                ms=5, label="marginal: right by luck")  # fmt: skip
    _finish(ax, "spikes", table)
    whole_numbers(ax.yaxis)
    ax.legend(fontsize=8, frameon=False, loc="center left")


def _draw_energy(ax: "Axes", table: pd.DataFrame) -> None:
    if "energy_per_spike_J" in table:
        fired = table.dropna(subset=["energy_per_spike_J"])
        ax.plot(fired["vdd_syn_V"], fired["energy_per_spike_J"].astype(float) * 1e15, "o-",
                color=INK, ms=4)  # fmt: skip
    _finish(ax, "energy per spike (fJ)", table)


def _finish(ax: "Axes", label: str, table: pd.DataFrame) -> None:
    for supply_V in table.loc[table["status"] != "ok", "vdd_syn_V"]:
        ax.axvline(supply_V, color=FAIL, lw=1, ls=":")
        ax.annotate("failed", (supply_V, 0.5), xycoords=("data", "axes fraction"), rotation=90,
                    fontsize=7, color=FAIL, ha="right")  # fmt: skip
    ax.set_ylim(0, 1.08 * ax.get_ylim()[1])
    finish(ax, "VDD_syn (V)", label)
