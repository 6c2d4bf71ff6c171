"""How every picture looks: one palette, one way of drawing axes.

matplotlib takes as long to load as all else together, and most pictures of a
run that is asked again lie in the cache: so it is loaded here, by what draws.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

INK, MUTED, FAIL = "#3a3a3a", "#9a9a9a", "#d03030"
# Dark enough on white, and apart for every kind of colour vision.
PALETTE = ("#0b6aa2", "#c8501a", "#2b8a57", "#8a4fa0", "#b08900", "#4a4a4a", "#c2497b")


def colours(count: int) -> list[str]:
    """Return a colour for each of so many curves: none is left out, later ones are lighter."""
    return [_lighter(PALETTE[i % len(PALETTE)], i // len(PALETTE)) for i in range(count)]


def _lighter(colour: str, steps: int) -> str:
    """Return a colour half as far from white for each step, down to an eighth."""
    share = 0.5 ** min(steps, 3)
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - share * (255 - part)):02x}" for part in parts)


def new_figure(title: str, width: float = 9.0, height: float = 4.2) -> "Figure":
    """Return an empty picture with its one-line title."""
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(width, height), layout="constrained")
    figure.suptitle(title, fontsize=12, color=INK)
    return figure


def also_titled(figure: "Figure", remark: str) -> "Figure":
    """Return a picture with a remark as a second line of its title; as it is without one."""
    if remark:
        figure.suptitle(f"{figure.get_suptitle()}\n{remark}".lstrip(), fontsize=12, color=INK)
    return figure


def finish(ax: "Axes", x_label: str, y_label: str, legend: bool = False) -> None:
    """Give axes their labels, grid and, if asked, a legend."""
    ax.set_xlabel(x_label, fontsize=9)
    ax.set_ylabel(y_label, fontsize=9)
    ax.tick_params(labelsize=8)
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    if legend and ax.has_data():  # all points may have failed
        ax.legend(fontsize=8, frameon=False)


def plain_log_ticks(ax: "Axes") -> None:
    """Write plain numbers on a logarithmic y axis, several to each power of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator  # noqa: PLC0415

    ax.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 4, 5, 7)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_locator(NullLocator())


def whole_numbers(axis: "Axis") -> None:
    """Put ticks at whole numbers only."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    axis.set_major_locator(MaxNLocator(integer=True))


def si_numbers(axis: "Axis", unit: str) -> None:
    """Write numbers with SI suffix and unit."""
    from matplotlib.ticker import EngFormatter  # noqa: PLC0415

    axis.set_major_formatter(EngFormatter(unit))


def legend_line(**look: Any) -> "Line2D":
    """Return a line for a legend, which stands nowhere else."""
    from matplotlib.lines import Line2D  # noqa: PLC0415

    return Line2D([], [], **look)
