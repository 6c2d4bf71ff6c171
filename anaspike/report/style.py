"""How every picture looks: one palette, one way of drawing axes."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

INK, MUTED, FAIL = "#3a3a3a", "#9a9a9a", "#d03030"
# Dark enough on white, and apart for every kind of colour vision.
PALETTE = ("#0b6aa2", "#c8501a", "#2b8a57", "#8a4fa0", "#b08900", "#4a4a4a", "#c2497b")


def new_figure(title: str, width: float = 9.0, height: float = 4.2) -> Figure:
    """Return an empty picture with its one-line title."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.suptitle(title, fontsize=12, color=INK)
    return figure


def finish(ax: Axes, x_label: str, y_label: str, legend: bool = False) -> None:
    """Give axes their labels, grid and, if asked, a legend."""
    ax.set_xlabel(x_label, fontsize=9)
    ax.set_ylabel(y_label, fontsize=9)
    ax.tick_params(labelsize=8)
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    if legend and ax.has_data():  # all points may have failed
        ax.legend(fontsize=8, frameon=False)


def plain_log_ticks(ax: Axes) -> None:
    """Write plain numbers on a logarithmic y axis, several to each power of ten."""
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 4, 5, 7)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_locator(NullLocator())
