"""The pictures of the comparator: decisions and their kickback, and the offset's spread."""

from collections.abc import Mapping
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from anaspike.experiments.measure import Array
from anaspike.report.style import INK, PALETTE, colours, finish, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN_S = 6e-9  # of the kickback: all that happens happens in the first nanoseconds


def decision_figure(
    decisions: pd.DataFrame, moved: Mapping[str, tuple[Array, Array]], title: str
) -> "Figure":
    """Draw the decision time over the overdrive, and the membrane during a decision.

    Args:
        decisions: `comparator`, `overdrive_V`, `decision_time_s`.
        moved: comparator -> time from the clock's edge (s), membrane's excursion (V).
        title: one line above both.
    """
    figure = new_figure(title)
    speed, kick = figure.subplots(1, 2)
    known = decisions.dropna(subset=["decision_time_s"]) if "decision_time_s" in decisions else None
    for kind, colour in zip(moved, colours(len(moved)), strict=True):
        if known is not None:
            rows = known[(known["comparator"] == kind) & (known["overdrive_V"] > 0)]
            speed.semilogx(rows["overdrive_V"] * 1e3, rows["decision_time_s"].astype(float) * 1e9,
                           "o-", color=colour, ms=4, lw=1.3, label=kind)  # fmt: skip
        time_s, moved_V = moved[kind]
        shown = time_s <= _SHOWN_S
        kick.plot(time_s[shown] * 1e9, moved_V[shown] * 1e3, color=colour, lw=1.3, label=kind)
    if speed.has_data():
        speed.set_ylim(0)
    finish(speed, "overdrive (mV)", "decision time (ns)", legend=speed.has_data())
    finish(kick, "time from the clock's edge (ns)", "kickback on the membrane (mV)",
           legend=kick.has_data())  # fmt: skip
    return figure


def _said(normal: NormalDist, count: int) -> str:
    """Return mean and sigma with their 95 % intervals, as so many samples know them."""
    of_mean, of_sigma = 1.96 * normal.stdev / count**0.5, 1.96 * normal.stdev / (2 * count) ** 0.5
    return f"mean {normal.mean:.1f} ± {of_mean:.1f}, sigma {normal.stdev:.1f} ± {of_sigma:.1f} mV"


def offset_figure(offsets_V: Array, title: str) -> "Figure":
    """Draw a histogram of the offset with its normal curve, and a normal plot.

    Args:
        offsets_V: of each sample, shape (n,).
        title: one line above both.
    """
    figure = new_figure(title)
    histogram, plot = figure.subplots(1, 2)
    if len(offsets_V) > 1:
        offsets_mV = np.sort(offsets_V) * 1e3
        normal = NormalDist.from_samples(offsets_mV.tolist())
        _, edges, _ = histogram.hist(
            offsets_mV, bins=max(5, round(len(offsets_mV) ** 0.5)), color=PALETTE[0], alpha=0.6
        )
        at = np.linspace(normal.mean - 3.5 * normal.stdev, normal.mean + 3.5 * normal.stdev, 200)
        scale = len(offsets_mV) * (edges[1] - edges[0])
        histogram.plot(at, [scale * normal.pdf(x) for x in at], color=INK, lw=1.2,
                       label=_said(normal, len(offsets_mV)))  # fmt: skip
        ranks = (np.arange(len(offsets_mV)) + 0.5) / len(offsets_mV)
        sigmas = np.array([NormalDist().inv_cdf(rank) for rank in ranks])
        plot.plot(sigmas, offsets_mV, "o", color=PALETTE[0], ms=4, label="samples")
        plot.plot(sigmas, normal.mean + normal.stdev * sigmas, color=INK, lw=1, label="normal")
    finish(histogram, "threshold - v_th (mV)", "samples", legend=histogram.has_data())
    histogram.set_ylim(top=1.15 * histogram.get_ylim()[1])  # room for the legend
    finish(plot, "standard normal quantile", "threshold - v_th (mV)", legend=plot.has_data())
    return figure
