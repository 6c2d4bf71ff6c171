"""Pictures of many conditions: histograms, a normal plot, and what answers to what."""

import math
from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from anaspike.campaign.quantities import numbers
from anaspike.campaign.specs import Spec
from anaspike.report.style import (
    FAIL,
    MUTED,
    colours,
    finish,
    new_figure,
    si_numbers,
    whole_numbers,
)
from anaspike.units import label_of, unit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANELS = 6
_TICKS = 5  # more, of small differences, would run into each other
_UNSCALED = ("lsb", "m2", "um2")
_PERCENT = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def histogram_figure(
    table: pd.DataFrame, quantities: Sequence[str], specs: Sequence[Spec], title: str
) -> "Figure":
    """Draw how often each quantity has which value, the corners stacked, limits in red."""
    figure = new_figure(f"{title}: distribution{_part(quantities)}", height=_height(quantities))
    for ax, name in _panels(figure, quantities):
        parts = [(label, numbers(group, name).dropna()) for label, group in _corners(table)]
        pooled = pd.concat([part for _, part in parts])
        edges = np.histogram_bin_edges(pooled, bins="auto")
        ax.hist(
            [part for _, part in parts],
            bins=list(edges),
            stacked=True,
            color=colours(len(parts)),
        )
        whole_numbers(ax.yaxis)
        _limits(ax.axvline, name, specs)
        _scaled(ax.xaxis, name)
        finish(ax, label_of(name), "conditions")
    _legend(figure, table)
    return figure


def normal_figure(
    table: pd.DataFrame, quantities: Sequence[str], specs: Sequence[Spec], title: str
) -> "Figure":
    """Draw each quantity on normal probability paper: a straight line is a normal distribution."""
    figure = new_figure(f"{title}: normal plot{_part(quantities)}", height=_height(quantities))
    normal = NormalDist()
    for ax, name in _panels(figure, quantities):
        for (_, group), colour in _coloured(table):
            values = np.sort(numbers(group, name).dropna().to_numpy())
            # Median ranks (Benard): the place of the i-th of n in a sample.
            places = (np.arange(1, len(values) + 1) - 0.3) / (len(values) + 0.4)
            ax.plot(values, [normal.inv_cdf(p) for p in places], ".", ms=5, color=colour)
        _limits(ax.axvline, name, specs)
        ax.set_ylim(normal.inv_cdf(0.005), normal.inv_cdf(0.995))
        ax.set_yticks([normal.inv_cdf(p) for p in _PERCENT], [f"{p:.0%}" for p in _PERCENT])
        _scaled(ax.xaxis, name)
        finish(ax, label_of(name), "share below")
    _legend(figure, table)
    return figure


def response_figure(
    table: pd.DataFrame,
    parameters: Sequence[str],
    quantities: Sequence[str],
    specs: Sequence[Spec],
    title: str,
) -> "Figure":
    """Draw each quantity over each parameter that is a number, a colour a corner."""
    rows, columns = min(3, len(quantities)), min(3, len(parameters))
    title += _shown(rows, len(quantities), "quantities")
    title += _shown(columns, len(parameters), "parameters")
    figure = new_figure(title, height=1.0 + 2.4 * rows)
    axes = figure.subplots(rows, columns, squeeze=False)
    for i, name in enumerate(quantities[:rows]):
        for j, parameter in enumerate(parameters[:columns]):
            ax: Axes = axes[i, j]
            for (_, group), colour in _coloured(table):
                x, y = numbers(group, parameter), numbers(group, name)
                # A line where each value stands there once, else points.
                line = "-" if x.is_unique else ""
                order = x.sort_values().index
                ax.plot(x[order], y[order], f"{line}.", ms=5, lw=1.2, color=colour)
            _limits(ax.axhline, name, specs)
            _scaled(ax.xaxis, parameter)
            _scaled(ax.yaxis, name)
            finish(
                ax, label_of(parameter) if i == rows - 1 else "", label_of(name) if j == 0 else ""
            )
    _legend(figure, table)
    return figure


def _panels(figure: "Figure", quantities: Sequence[str]) -> "Iterator[tuple[Axes, str]]":
    shown = quantities[:_PANELS]
    columns = min(3, len(shown))
    axes = figure.subplots(math.ceil(len(shown) / columns), columns, squeeze=False)
    for ax in axes.flat[len(shown) :]:
        ax.set_visible(False)
    for ax in axes.flat:
        ax.locator_params(axis="x", nbins=_TICKS)
    yield from zip(axes.flat, shown, strict=False)


def _part(quantities: Sequence[str]) -> str:
    return _shown(min(_PANELS, len(quantities)), len(quantities), "quantities")


def _height(quantities: Sequence[str]) -> float:
    return 1.2 + 2.4 * math.ceil(min(_PANELS, len(quantities)) / 3)


def _corners(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each corner; all as one where there are no corners."""
    if "corner" not in table:
        return [("", table)]
    return [(str(c), table[table["corner"] == c]) for c in table["corner"].unique()]


def _coloured(table: pd.DataFrame) -> list[tuple[tuple[str, pd.DataFrame], str]]:
    corners = _corners(table)
    return list(zip(corners, colours(len(corners)), strict=True))


def _shown(shown: int, there: int, what: str) -> str:
    """Return how many of several are drawn, where not all of them are."""
    return f", {shown} of {there} {what}" if shown < there else ""


def _legend(figure: "Figure", table: pd.DataFrame) -> None:
    corners = _corners(table)
    if len(corners) > 1:
        handles = [
            figure.axes[0].plot([], [], "s", color=colour, label=label)[0]
            for (label, _), colour in _coloured(table)
        ]
        figure.legend(
            handles=handles,
            loc="outside lower center",
            ncols=len(corners),
            fontsize=8,
            frameon=False,
        )


def _limits(line: Any, name: str, specs: Sequence[Spec]) -> None:
    for spec in specs:
        if spec.quantity == name:
            for limit in (spec.least, spec.most):
                if limit is not None:
                    line(limit, color=FAIL, lw=1.0, ls="--")
            if spec.typical is not None:
                line(spec.typical, color=MUTED, lw=1.0, ls=":")


def _scaled(axis: Any, name: str) -> None:
    """Give an axis numbers with SI suffix and unit, where the name ends with a unit."""
    unit = {"C": "", "coulomb": "C", "ohm": "Ω"}.get(unit_of(name), unit_of(name))
    if unit and unit not in _UNSCALED:
        si_numbers(axis, unit)
