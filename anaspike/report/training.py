"""Pictures of trainings: learning curves, confusion, many settings side by side."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.learning.checkpoint import Epoch
from anaspike.learning.scores import NONE, SEVERAL
from anaspike.report.style import INK, MUTED, PALETTE, finish, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def settings_figure(scores: pd.DataFrame, title: str) -> "Figure":
    """Draw the accuracy of every setting, and of what they are held against, by both read-outs.

    Args:
        scores: as `train` has them: columns `what`, `rule`, `rate`, `batch`, `balanced`,
            `argmax_balanced`, each of these two with `_low` and `_high`.
        title: one line above.
    """
    rows = scores[scores["status"] == "ok"].iloc[::-1]
    figure = new_figure(title, 8.0, 0.26 * len(rows) + 1.6)
    ax = figure.subplots()
    place = np.arange(len(rows))
    for name, label, colour, shift in (
        ("balanced", "exact match", PALETTE[0], 0.14),
        ("argmax_balanced", "argmax", PALETTE[1], -0.14),
    ):
        values, low, high = (
            rows[column].to_numpy(float) for column in (name, f"{name}_low", f"{name}_high")
        )
        ax.hlines(place + shift, low, high, color=colour, lw=2.5, alpha=0.4)
        ax.plot(values, place + shift, "o", color=colour, ms=4, label=label)
    ax.set_yticks(place, [_named(row) for row in rows.to_dict("records")], fontsize=8)
    ax.set_xlim(0, 1)
    finish(ax, "balanced accuracy on test samples", "", legend=True)
    return figure


def _named(row: Mapping[Hashable, Any]) -> str:
    """Return a setting in a few words."""
    if not isinstance(row.get("rule"), str):
        return str(row["what"])
    return f"{row['what']}, {row['rule']}, rate {row['rate']:g}, batch {row['batch']:g}"


def training_figure(
    history: Sequence[Epoch],
    best: Epoch,
    counts: NDArray[np.int64],
    classes: Sequence[str],
    title: str,
) -> "Figure":
    """Draw learning curves beside the confusion of the test samples.

    Args:
        history: every epoch, the start first.
        best: the epoch that was kept.
        counts: (class, answer), as `scores.confusion` gives it.
        classes: names of the rows.
        title: one line above all.
    """
    figure = new_figure(title, 10.0, 4.6)
    curves, matrix = figure.subplots(1, 2, width_ratios=(1.15, 1.0))
    table = pd.DataFrame([vars(epoch) for epoch in history])
    curves.plot(table.epoch, table.train_exact, color=PALETTE[0], label="training, as learned from")
    curves.plot(table.epoch, table.validation_exact, color=PALETTE[1], label="validation")
    curves.plot(
        table.epoch, table.validation_balanced, color=PALETTE[2], label="validation, balanced"
    )
    curves.axvline(best.epoch, color=MUTED, linewidth=0.9, linestyle="--")
    curves.annotate(
        f"kept: epoch {best.epoch}", (best.epoch, 0.01), xycoords=("data", "axes fraction"),
        fontsize=8, color=INK, rotation=90, ha="right", va="bottom",
    )  # fmt: skip
    curves.set_ylim(0, 1.02)
    finish(curves, "epoch", "exact match", legend=True)
    _draw_confusion(matrix, counts, classes)
    return figure


def _draw_confusion(ax: "Axes", counts: NDArray[np.int64], classes: Sequence[str]) -> None:
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > 0.55 else INK
            ax.text(column, row, str(count), ha="center", va="center", fontsize=8, color=colour)
    answers = [*classes, NONE, SEVERAL]
    ax.set_xticks(range(len(answers)), answers, rotation=35, ha="right", fontsize=8)
    ax.set_yticks(range(len(classes)), classes, fontsize=8)
    ax.set_xlabel("answer", fontsize=9)
    ax.set_ylabel("class", fontsize=9)
    ax.set_title("test samples", fontsize=9, color=INK)
