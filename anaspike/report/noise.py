"""The picture of noise: what each source moves, and how often a neuron fires for its margin."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from anaspike.experiments.measure import Array
from anaspike.report.style import INK, PALETTE, finish, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def noise_figure(sources: pd.DataFrame, firing: pd.DataFrame, title: str, draws: int) -> "Figure":
    """Draw the sigma of each source, and the firing probability over the margin.

    Args:
        sources: `source`, `sigma_V`, `low_V`, `high_V`, `by_hand_V`, `status`.
        firing: `margin_V`, `fired_share`, `normal`.
        title: one line above both.
        draws: that each share is of.
    """
    figure = new_figure(title)
    moved, fired = figure.subplots(1, 2)
    known = sources[sources["status"] == "ok"].astype({"sigma_V": float})
    place, sigma_mV = np.arange(len(known)), known["sigma_V"] * 1e3
    ends_mV = [sigma_mV - known["low_V"].astype(float) * 1e3,
               known["high_V"].astype(float) * 1e3 - sigma_mV]  # fmt: skip
    moved.bar(place, sigma_mV, 0.6, color=PALETTE[0], yerr=ends_mV, ecolor=INK, capsize=3,
              label="injected, 95 %")  # fmt: skip
    moved.plot(place, known["by_hand_V"].astype(float) * 1e3, "D", color=PALETTE[1], ms=5,
               label="by hand; all: sum of squares")  # fmt: skip
    moved.set_xticks(place, ["kT/C" if name == "ktc" else name for name in known["source"]])
    margin_mV = firing["margin_V"] * 1e3
    fired.plot(margin_mV, firing["normal"], color=PALETTE[0], lw=1.3, label="normal, of that sigma")
    share = firing["fired_share"].to_numpy(float)
    low, high = _interval(share, draws)
    fired.errorbar(margin_mV, share, (share - low, high - share), fmt="o", color=PALETTE[1], ms=4,
                   capsize=2, lw=1, label=f"{draws} draws, 95 %")  # fmt: skip
    finish(moved, "", "rms at the decision (mV)", legend=True)
    finish(fired, "margin to the threshold (mV)", "share that fires", legend=True)
    return figure


def _interval(share: Array, count: int) -> tuple[Array, Array]:
    """Return from where to where a share of so many draws may be (Wilson, 95 %)."""
    z = 1.96
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * np.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2) / (1 + z**2 / count)
    return np.minimum(middle - half, share), np.maximum(middle + half, share)
