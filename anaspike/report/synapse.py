"""Pictures of the synapse: current over supply and code, linearity, and k(V)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from anaspike.report.style import INK, MUTED, PALETTE, colours, finish, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def current_figure(table: pd.DataFrame, title: str) -> "Figure":
    """Draw |I| over the supply: excitation and inhibition beside each other.

    Args:
        table: columns `vdd_syn_V`, `code`, `current_A`, at one membrane voltage.
        title: one line above both.
    """
    figure = new_figure(title)
    axes = figure.subplots(1, 2, sharey=True)
    for ax, sign, label in ((axes[0], 1, "excitation"), (axes[1], -1, "inhibition")):
        for code, colour in zip((1, 2, 4, 7), PALETTE, strict=False):
            rows = table[table["code"] == sign * code]
            ax.semilogy(rows["vdd_syn_V"], rows["current_A"].abs() * 1e9, "o-", color=colour,
                        ms=3, lw=1.2, label=f"code {sign * code:+d}")  # fmt: skip
        finish(ax, "VDD_syn (V)", f"{label} (nA)", legend=True)
    return figure


def linearity_figure(table: pd.DataFrame, supplies_V: Sequence[float], title: str) -> "Figure":
    """Draw I over the code, and its integral and differential error, at several supplies."""
    figure = new_figure(title, 9.0, 6.0)
    current, inl, dnl = figure.subplots(3, 1, sharex=True, height_ratios=(1.6, 1, 1))
    for supply_V, colour in zip(supplies_V, colours(len(supplies_V)), strict=True):
        rows = table[table["vdd_syn_V"] == supply_V].sort_values("code")
        unit_A = rows.loc[rows["code"] == 1, "current_A"].iloc[0]
        label = f"{supply_V:g} V"
        current.plot(rows["code"], rows["current_A"] / unit_A, "o-", color=colour, ms=3, lw=1,
                     label=label)  # fmt: skip
        inl.plot(rows["code"], rows["inl_lsb"], "o-", color=colour, ms=3, lw=1)
        dnl.plot(rows["code"], rows["dnl_lsb"], "o-", color=colour, ms=3, lw=1)
    for ax in (inl, dnl):  # a thousandth of an LSB must not fill the picture
        least, most = ax.get_ylim()
        ax.set_ylim(min(least, -0.1), max(most, 0.1))
    finish(current, "", "I / unit current", legend=True)
    finish(inl, "", "INL (LSB)")
    finish(dnl, "code", "DNL (LSB)")
    return figure


def k_figure(table: pd.DataFrame, reference_V: float, title: str) -> "Figure":
    """Draw k(V) = I(V) / I(V_ref): the factor that a supply gives every weight."""
    figure = new_figure(title, 6.0)
    ax = figure.subplots()
    for column, colour, label in (
        ("k_excite", PALETTE[0], "excitation"),
        ("k_inhibit", PALETTE[1], "inhibition"),
        ("k", INK, "mean"),
    ):
        ax.semilogy(table["vdd_syn_V"], table[column], color=colour, lw=1.3, label=label)
    ax.axvline(reference_V, color=INK, lw=0.7, ls="--")
    finish(ax, "VDD_syn (V)", f"k = I(V) / I({reference_V:g} V)", legend=True)
    return figure


def mismatch_figure(samples: pd.DataFrame, title: str) -> "Figure":
    """Draw the largest INL and DNL of each mismatch sample over the supply.

    Args:
        samples: columns `seed`, `vdd_syn_V`, `inl_max_lsb`, `dnl_max_lsb`.
        title: one line above both.
    """
    figure = new_figure(title)
    axes = figure.subplots(1, 2, sharey=True)
    done = samples.dropna(subset=["vdd_syn_V"])
    for ax, column, label in (
        (axes[0], "inl_max_lsb", "largest |INL| of any code (LSB)"),
        (axes[1], "dnl_max_lsb", "largest |DNL| of any code (LSB)"),
    ):
        over = done.groupby("vdd_syn_V")[column]
        ax.plot(done["vdd_syn_V"], done[column], "o", color=MUTED, ms=3, mew=0, label="a sample")
        ax.errorbar(over.mean().index, over.mean(), 1.96 * over.sem().fillna(0), color=PALETTE[0],
                    lw=1.4, capsize=2, label="mean, 95 %")  # fmt: skip
        ax.plot(over.max().index, over.max(), color=PALETTE[1], lw=1.4, label="worst")
        ax.axhline(0.5, color=INK, lw=0.7, ls="--", label="half an LSB")
        finish(ax, "VDD_syn (V)", label, legend=ax is axes[0])
    axes[0].set_ylim(0, max(0.55, 1.05 * float(done["inl_max_lsb"].max()),
                            1.05 * float(done["dnl_max_lsb"].max())))  # fmt: skip
    return figure
