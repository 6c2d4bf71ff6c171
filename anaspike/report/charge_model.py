"""Pictures of the charge-domain model: what it stands on, and how near to SPICE it comes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.report.style import FAIL, INK, MUTED, PALETTE, colours, finish, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]


def agreement_figure(proof: pd.DataFrame, linear_V: tuple[float, float], title: str) -> "Figure":
    """Draw the model's membranes over SPICE's, and their difference.

    Args:
        proof: columns `membrane_V`, `model_membrane_V`, `agrees`.
        linear_V: between these no membrane is clipped.
        title: one line above both.
    """
    ran = proof[proof["status"] == "ok"]
    figure = new_figure(title, 9.0, 4.0)
    both, error = figure.subplots(1, 2)
    right = ran["agrees"] > 0
    for rows, colour, label in (
        (ran[right], PALETTE[0], "same decision"),
        (ran[~right], FAIL, "other decision"),
    ):
        difference_mV = (rows["model_membrane_V"] - rows["membrane_V"]) * 1e3
        both.plot(
            rows["membrane_V"], rows["model_membrane_V"], "o", ms=3, color=colour, label=label
        )
        error.plot(rows["membrane_V"], difference_mV, "o", ms=3, color=colour)
    ends = [float(ran["membrane_V"].min()), float(ran["membrane_V"].max())]
    both.plot(ends, ends, color=MUTED, lw=0.8)
    for ax in (both, error):
        for edge_V in linear_V:
            ax.axvline(edge_V, color=INK, lw=0.6, ls="--")
    finish(both, "membrane in SPICE (V)", "charge model (V)", legend=True)
    finish(error, "membrane in SPICE (V)", "charge model - SPICE (mV)")
    return figure


def constants_figure(
    membrane_V: Floats, supply_V: Floats, current_A: Floats, capacitance_F: Floats, title: str
) -> "Figure":
    """Draw current and stored charge of a unit of code over the membrane, at several supplies.

    Args:
        membrane_V: (g,).
        supply_V: (s,).
        current_A, capacitance_F: excitation and inhibition, (2, s, g).
        title: one line above all.
    """
    figure = new_figure(title, 9.0, 5.4)
    axes = figure.subplots(2, 2, sharex=True)
    chosen: Sequence[int] = range(0, len(supply_V), max(1, len(supply_V) // 4))
    for column, side in enumerate(("excitation", "inhibition")):
        current, stored = axes[0][column], axes[1][column]
        for i, colour in zip(chosen, colours(len(chosen)), strict=True):
            label = f"{supply_V[i]:g} V"
            flow_nA = np.abs(current_A[column, i]) * 1e9
            current.semilogy(membrane_V, flow_nA, color=colour, lw=1.1, label=label)
            stored.semilogy(membrane_V, capacitance_F[column, i] * 1e15, color=colour, lw=1.1)
        finish(current, "", f"{side} (nA)")
        finish(stored, "membrane (V)", "added capacitance (fF)")
    figure.legend(handles=axes[0][0].get_lines(), title="supply", fontsize=8, title_fontsize=8,
                  frameon=False, loc="outside right center")  # fmt: skip
    return figure
