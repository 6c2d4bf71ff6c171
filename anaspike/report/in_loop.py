"""Pictures of a chip that learns its supplies: answers and supplies over the updates."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from anaspike.report.style import (
    INK,
    MUTED,
    PALETTE,
    colours,
    finish,
    new_figure,
    whole_numbers,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def xor_figure(updates: pd.DataFrame, least_spikes: int, title: str) -> "Figure":
    """Draw supplies and output spikes over the evaluations.

    Args:
        updates: `evaluation`, `vdd_syn_<neuron>_V` and `spikes_<ab>` of each case, `right`.
        least_spikes: as many at the output are a one.
        title: one line above both.
    """
    figure = new_figure(title, height=5.2)
    above, below = figure.subplots(2, 1, sharex=True)
    supplies = [name for name in map(str, updates) if name.startswith("vdd_syn_")]
    marks = "v^sDPX"
    for i, (name, colour) in enumerate(zip(supplies, colours(len(supplies)), strict=True)):
        label = name.removeprefix("vdd_syn_").removesuffix("_V")
        above.plot(updates["evaluation"], updates[name], f"{marks[i % len(marks)]}-", ms=4, lw=1,
                   color=colour, label=label)  # fmt: skip
    cases = [name for name in map(str, updates) if name.startswith("spikes_")]
    below.axhspan(-0.7, least_spikes - 0.5, color=INK, alpha=0.08, lw=0)
    for i, name in enumerate(cases):
        case = name.removeprefix("spikes_")
        one = case[0] != case[1]
        below.plot(updates["evaluation"], updates[name], "o^sv"[i % 4] + "-", ms=4, lw=1,
                   color=PALETTE[1] if one else PALETTE[0], alpha=1 if i % 2 else 0.6,
                   label=" XOR ".join(case))  # fmt: skip
    right = updates.loc[updates["right"], "evaluation"]
    if len(right):
        below.axvline(right.iloc[0], color=MUTED, lw=0.9, ls="--")
    finish(above, "", "synapse supply (V)")
    finish(below, "evaluation of all four cases", "output spikes")
    for axis in (below.xaxis, below.yaxis):
        whole_numbers(axis)
    for ax in (above, below):
        ax.legend(fontsize=8, frameon=False, ncols=6, loc="lower left", bbox_to_anchor=(0, 1.0))
    return figure


def accuracy_figure(learning: pd.DataFrame, levels: Mapping[str, float], title: str) -> "Figure":
    """Draw accuracy over the updates, and over the presentations that each way took.

    Args:
        learning: `step`, `network`, `update`, `balanced`, `presentations`.
        levels: name -> accuracy that is drawn as a line to compare with.
        title: one line above.
    """
    figure = new_figure(title, height=4.2)
    ax = figure.subplots()
    steps = list(dict.fromkeys(learning["step"]))
    for step, colour in zip(steps, colours(len(steps)), strict=True):
        rows = learning[learning["step"] == step]
        for _, one in rows.groupby("network"):
            ax.plot(one["update"], one["balanced"], color=colour, lw=0.7, alpha=0.3)
        mean = rows.groupby("update")["balanced"].mean()
        ax.plot(mean.index, mean, "o-", color=colour, ms=3.5, lw=1.6, label=step)
    for (name, share), style in zip(levels.items(), ("--", ":"), strict=False):
        ax.axhline(share, color=MUTED, lw=1, ls=style, label=name)
    ax.set_ylim(0, 1)
    finish(ax, "update of the supplies", "balanced exact match, test samples")
    ax.legend(fontsize=8, frameon=False, ncols=2, loc="lower right")
    return figure


def moved_figure(supplies: pd.DataFrame, title: str) -> "Figure":
    """Draw each neuron's supply after learning over what was meant.

    Args:
        supplies: `layer`, `meant_V`, `after_V`.
        title: one line above.
    """
    figure = new_figure(title, 5.6, 4.6)
    ax = figure.subplots()
    layers = sorted(set(supplies["layer"]))
    for layer, colour in zip(layers, colours(len(layers)), strict=True):
        rows = supplies[supplies["layer"] == layer]
        ax.plot(rows["meant_V"], rows["after_V"], ".", ms=4, alpha=0.6, color=colour,
                label=f"layer {layer}")  # fmt: skip
    ends_V = [supplies["meant_V"].min(), supplies["meant_V"].max()]
    ax.plot(ends_V, ends_V, color=MUTED, lw=0.9, ls="--")
    finish(ax, "supply as meant (V)", "supply after learning (V)", legend=True)
    return figure
