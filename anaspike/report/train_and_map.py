"""Pictures of a mapped network: how it learned, what it answers, its supplies, what it may lack."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.report.style import INK, MUTED, PALETTE, colours, finish, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SWEEPS = {
    "bits": "bits of a weight, NT again",
    "dac_bits": "bits of the converter",
    "domains": "supply rails",
    "mismatch": "sigma of the neurons' gains",
}


def learning_figure(history: pd.DataFrame, title: str) -> "Figure":
    """Draw loss and accuracy over the epochs.

    Args:
        history: columns `seed`, `epoch`, `loss`, `train_exact`, `validation_balanced`.
        title: one line above both.
    """
    figure = new_figure(title, 9.0, 3.6)
    loss, right = figure.subplots(1, 2)
    for i, (_, rows) in enumerate(history.groupby("seed")):
        fade = 1.0 if i == 0 else 0.3
        loss.plot(rows["epoch"], rows["loss"], color=PALETTE[0], lw=1, alpha=fade)
        right.plot(rows["epoch"], rows["train_exact"], color=PALETTE[0], lw=1, alpha=fade,
                   label="training, exact match" if i == 0 else None)  # fmt: skip
        right.plot(rows["epoch"], rows["validation_balanced"], color=PALETTE[1], lw=1, alpha=fade,
                   label="the same as it will run, balanced" if i == 0 else None)  # fmt: skip
    finish(loss, "epoch", "wrong outputs a sample")
    right.set_ylim(0, 1)
    finish(right, "epoch", "share right", legend=True)
    return figure


def confusion_figure(counts: NDArray[np.int64], classes: Sequence[str], title: str) -> "Figure":
    """Draw what the mapped network answers for each class.

    Args:
        counts: (classes, classes + 2): after the classes come no answer and several at once.
        classes: their names.
        title: one line above.
    """
    figure = new_figure(title, 7.0, 0.55 * len(classes) + 2.4)
    ax = figure.subplots()
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if share[row, column] > 0.55 else INK
        ax.text(column, row, str(count), ha="center", va="center", fontsize=9, color=colour)
    names = [*classes, "none", "several"]
    ax.set_xticks(range(len(names)), names, fontsize=8)
    ax.set_yticks(range(len(classes)), classes, fontsize=8)
    ax.set_xlabel("answer", fontsize=9)
    ax.set_ylabel("true class", fontsize=9)
    return figure


def supplies_figure(supplies: pd.DataFrame, title: str) -> "Figure":
    """Draw how many neurons of each layer are on which supply.

    Args:
        supplies: columns `layer`, `vdd_syn_V`, `clipped`.
        title: one line above.
    """
    figure = new_figure(title, 6.5, 3.6)
    ax = figure.subplots()
    layers = sorted(set(supplies["layer"]))
    bins = np.linspace(supplies["vdd_syn_V"].min() - 0.005, supplies["vdd_syn_V"].max() + 0.005, 33)
    ax.hist(
        [supplies.loc[supplies["layer"] == layer, "vdd_syn_V"] for layer in layers],
        bins=list(bins), stacked=True, color=colours(len(layers)),
        label=[f"layer {layer}" for layer in layers],
    )  # fmt: skip
    finish(ax, "VDD_syn (V)", "neurons", legend=True)
    return figure


def windows_figure(windows: pd.DataFrame, title: str) -> "Figure":
    """Draw balanced accuracy and its interval over how often a pattern is shown.

    Args:
        windows: columns `kind`, `windows`, `balanced`, `balanced_low`, `balanced_high`.
        title: one line above.
    """
    figure = new_figure(title, 6.5, 3.6)
    ax = figure.subplots()
    kinds = list(dict.fromkeys(windows["kind"]))
    for kind, colour in zip(kinds, colours(len(kinds)), strict=True):
        rows = windows[windows["kind"] == kind]
        ax.fill_between(
            rows["windows"], rows["balanced_low"], rows["balanced_high"], color=colour, alpha=0.15
        )
        ax.plot(rows["windows"], rows["balanced"], "o-", color=colour, label=kind)
    ax.set_xticks(sorted(set(windows["windows"])))
    finish(ax, "windows a pattern", "balanced exact match", legend=True)
    return figure


def sweeps_figure(sweeps: pd.DataFrame, reference: float, title: str) -> "Figure":
    """Draw balanced accuracy and its interval against bits, converter, rails and mismatch.

    Args:
        sweeps: columns `sweep`, `setting`, `calibrated`, `balanced`, `low`, `high`.
        reference: of the network before quantising, drawn as a line.
        title: one line above all.
    """
    figure = new_figure(title, 9.0, 5.6)
    for ax, (name, label) in zip(
        figure.subplots(2, 2, sharey=True).flat, _SWEEPS.items(), strict=True
    ):
        _draw_sweep(ax, sweeps[sweeps["sweep"] == name], reference)
        finish(ax, label, "balanced exact match", legend=name == "mismatch")
    return figure


def energy_figure(energy: pd.DataFrame, title: str) -> "Figure":
    """Draw the energy of an inference beside the additions of a digital machine.

    Args:
        energy: columns `what`, `energy_J`; of several networks `energy_low_J`, `energy_high_J`.
        title: one line above.
    """
    figure = new_figure(title, 7.0, 0.4 * len(energy) + 1.6)
    ax = figure.subplots()
    place = np.arange(len(energy))[::-1]
    ax.barh(place, energy["energy_J"] * 1e12, color=PALETTE[0], height=0.6)
    if "energy_low_J" in energy:
        low_pJ, high_pJ = energy["energy_low_J"] * 1e12, energy["energy_high_J"] * 1e12
        ax.hlines(place, low_pJ, high_pJ, color=INK, lw=1.5)
    ax.set_yticks(place, list(energy["what"]), fontsize=8)
    finish(ax, "energy of an inference (pJ)", "")
    return figure


def _draw_sweep(ax: "Axes", rows: pd.DataFrame, reference: float) -> None:
    ax.axhline(reference, color=MUTED, lw=0.9, ls="--")
    for calibrated, colour in ((False, PALETTE[0]), (True, PALETTE[1])):
        part = rows[rows["calibrated"] == calibrated]
        if len(part):
            name = "calibrated one by one" if calibrated else "nominal supplies"
            ax.plot(part["setting"], part["balanced"], "o-", color=colour, ms=4, lw=1.2, label=name)
            ax.vlines(part["setting"], part["low"], part["high"], color=colour, lw=3, alpha=0.35)
    ax.set_ylim(0, 1)
