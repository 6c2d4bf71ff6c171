"""Pictures and tables of a training: learning curves, confusion, the comparison."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.learning.checkpoint import Epoch
from anaspike.learning.comparison import Score
from anaspike.learning.scores import NONE, SEVERAL
from anaspike.report.style import INK, MUTED, PALETTE, finish, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def history_table(history: Sequence[Epoch]) -> pd.DataFrame:
    """Return a row for each epoch; what has no value at the start is empty."""
    return pd.DataFrame([vars(epoch) for epoch in history])


def scores_table(scores: Sequence[Score]) -> pd.DataFrame:
    """Return a row for each line of the comparison, intervals in columns of their own."""
    return pd.DataFrame(
        {
            "what": score.what,
            "accuracy": score.accuracy.value,
            "accuracy_low": score.accuracy.low,
            "accuracy_high": score.accuracy.high,
            "balanced": score.balanced.value,
            "balanced_low": score.balanced.low,
            "balanced_high": score.balanced.high,
            "best_epoch": score.best_epoch,
        }
        for score in scores
    ).astype({"best_epoch": "Int64"})


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
    table = history_table(history)
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
