"""The pictures of a drawn block: the layout itself, its capacitances, and what it changes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from anaspike.experiments.measure import Array
from anaspike.report.style import INK, PALETTE, colours, finish, new_figure, whole_numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def layout_figure(layers: Mapping[str, tuple[str, Array]], title: str) -> "Figure":
    """Draw a layout, each layer in its colour under its name.

    Args:
        layers: name -> colour and rectangles, shape (n, 4): left, bottom, right, top in um.
        title: one line above it.
    """
    from matplotlib.collections import PolyCollection  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    tall = max((boxes[:, 3].max() for _, boxes in layers.values() if len(boxes)), default=1.0)
    wide = max((boxes[:, 2].max() for _, boxes in layers.values() if len(boxes)), default=1.0)
    lying = tall > 4 * wide  # a whole neuron is drawn from left to right
    figure = new_figure(title, 12.0, 4.0 if lying else 7.0)
    ax = figure.subplots()
    for colour, boxes in layers.values():
        left, bottom, right, top = (1, 0, 3, 2) if lying else (0, 1, 2, 3)
        ring = [left, bottom, left, top, right, top, right, bottom]
        corners = boxes[:, ring].reshape(-1, 4, 2)
        # As a picture in the SVG too: thousands of rectangles would be megabytes.
        drawn = PolyCollection(list(corners), facecolors=colour, alpha=0.55, rasterized=True)
        ax.add_collection(drawn)
    ax.autoscale_view()
    ax.set_aspect("equal")
    ax.legend(
        handles=[Patch(color=c, alpha=0.55, label=name) for name, (c, _) in layers.items()],
        loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=7, frameon=False,
    )  # fmt: skip
    along, across = ("from below (um)", "across (um)") if lying else ("across (um)", "up (um)")
    finish(ax, along, across)
    ax.grid(visible=False)
    return figure


def net_figure(nets: pd.DataFrame, title: str) -> "Figure":
    """Draw each net's capacitance as a bar: to ground, to its nearest net, to all others.

    Args:
        nets: `net`, `capacitance_F`, `to_ground_F`, `to_nearest_F`; the largest first.
        title: one line above it.
    """
    figure = new_figure(title, 9.0, 0.8 + 0.24 * len(nets))
    ax = figure.subplots()
    ground, nearest = nets["to_ground_F"] * 1e15, nets["to_nearest_F"] * 1e15
    others = nets["capacitance_F"] * 1e15 - ground - nearest
    left = 0.0 * ground
    for part, label, colour in (
        (ground, "to ground", PALETTE[0]),
        (nearest, "to the net nearest to it", PALETTE[1]),
        (others, "to others", PALETTE[2]),
    ):
        ax.barh(nets["net"], part, left=left, color=colour, label=label)
        left = left + part
    ax.invert_yaxis()
    finish(ax, "capacitance (fF)", "", legend=True)
    return figure


def change_figure(table: pd.DataFrame, title: str) -> "Figure":
    """Draw spikes, energy of a spike and its width over the supply, a curve for each kind.

    Args:
        table: `made`, `vdd_syn_V`, `spikes_out`, `energy_per_spike_J`, `spike_width_s`.
        title: one line above it.
    """
    figure = new_figure(title, 11.0, 4.0)
    panels = figure.subplots(1, 3)
    kinds = list(dict.fromkeys(table["made"]))
    for ax, (column, scale, label) in zip(
        panels,
        (
            ("spikes_out", 1.0, "spikes out"),
            ("energy_per_spike_J", 1e15, "energy per spike (fJ)"),
            ("spike_width_s", 1e9, "width of a spike (ns)"),
        ),
        strict=True,
    ):
        for kind, colour, dashes in zip(
            kinds, colours(len(kinds)), ("--", "-.", "-"), strict=False
        ):
            rows = table[(table["made"] == kind) & (table["status"] == "ok")]
            if column in rows:
                values = rows[column].astype(float) * scale
                ax.plot(rows["vdd_syn_V"], values, dashes, marker="o", ms=4, lw=1.3,
                        color=colour, label=kind)  # fmt: skip
        if ax.has_data():
            ax.set_ylim(0)
        finish(ax, "synapse supply (V)", label, legend=ax is panels[0])
    whole_numbers(panels[0].yaxis)
    panels[0].title.set_color(INK)
    return figure
