"""The curves of a picture as data: what a page draws anew to zoom in, and what is said aloud.

A picture has curves when all that it shows are lines; bars and areas stay a picture.
"""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

SUFFIX = "curves.json"
_MANY, _TOLERANCE = 500, 5e-4  # points; of the axis's height that a thinned line may be off
_LONGEST = 900  # characters of a description
_DASHES = {"--": "dash", ":": "dot", "-.": "dashdot"}


def curves_of(figure: "Figure") -> dict[str, Any] | None:
    """Return the curves of a picture, ready for JSON; None where it shows more than lines."""
    panels = [axes for axes in figure.axes if axes.get_visible()]
    if not panels or any(axes.patches or axes.images or axes.collections for axes in panels):
        return None
    figure.draw_without_rendering()  # places and limits are settled as it is drawn
    shared = [_first_of(axes.get_shared_x_axes().get_siblings(axes), panels) for axes in panels]
    return {
        "schema": 1,
        "size": [float(length) for length in figure.get_size_inches()],
        "panels": [_panel(axes, x) for axes, x in zip(panels, shared, strict=True)],
    }


def as_json(curves: dict[str, Any]) -> bytes:
    """Return curves as a file."""
    return json.dumps(curves, allow_nan=False, separators=(",", ":")).encode()


def spoken(figure: "Figure") -> str:
    """Return what a picture shows, for who cannot see it: axes, from where to where, curves."""
    said = [part for axes in figure.axes if axes.has_data() for part in _spoken(axes)]
    text = "; ".join(said)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _spoken(axes: "Axes") -> Iterator[str]:
    x, y = axes.get_xlabel(), axes.get_ylabel()
    title = f"{axes.get_title()}: " if axes.get_title() else ""
    over = f" over {x}" if x else ""
    least, most = axes.get_xlim()
    names = [text for text in axes.get_legend_handles_labels()[1] if not text.startswith("_")]
    listed = f" ({', '.join(names)})" if names else ""
    yield f"{title}{y or 'values'}{over} from {least:.3g} to {most:.3g}{listed}"


def _first_of(siblings: "Sequence[Axes]", panels: "Sequence[Axes]") -> int:
    return min(panels.index(one) for one in siblings if one in panels)


def _panel(axes: "Axes", x_of: int) -> dict[str, Any]:
    box = axes.get_position()
    lines = [line for line in axes.get_lines() if line.get_visible() and len(_data(line)[0])]
    return {
        "place": [round(float(edge), 4) for edge in (box.x0, box.x1, box.y0, box.y1)],
        "title": axes.get_title(),
        "x": _axis(axes.xaxis, axes.get_xlim()),
        "y": _axis(axes.yaxis, axes.get_ylim()),
        "x_of": x_of,
        "curves": [_curve(line, axes) for line in lines],
    }


def _axis(axis: "Axis", limits: tuple[float, float]) -> dict[str, Any]:
    from matplotlib.ticker import FixedFormatter, FuncFormatter  # noqa: PLC0415

    named = isinstance(axis.get_major_formatter(), FixedFormatter | FuncFormatter)
    ticks = [(float(tick), label.get_text()) for tick, label in
             zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)]  # fmt: skip
    return {
        "label": axis.get_label_text(),
        "log": axis.get_scale() == "log",
        "limits": [float(limit) for limit in limits],
        "ticks": ticks if named and axis.get_scale() != "log" else [],
    }


def _data(line: "Line2D") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = line.get_data(orig=False)
    return np.asarray(x, float), np.asarray(y, float)


def _curve(line: "Line2D", axes: "Axes") -> dict[str, Any]:
    from matplotlib.colors import to_hex  # noqa: PLC0415

    x, y = _data(line)
    label, style = str(line.get_label()), str(line.get_linestyle())
    across = line.get_transform() != axes.transData  # axhline or axvline
    if across:  # one of its coordinates is a share of the axis: it goes from end to end
        x, y = (x, y) if y[0] != y[-1] else (np.array(axes.get_xlim()), y)
        x, y = (x, y) if x[0] != x[-1] else (x, np.array(axes.get_ylim()))
    elif len(x) > _MANY and axes.get_yscale() == "linear" and (np.diff(x) >= 0).all():
        kept = thinned(x, y, _TOLERANCE * abs(float(np.subtract(*axes.get_ylim()))))
        x, y = x[kept], y[kept]
    marker = line.get_marker() not in {"None", "none", None, "", " "}
    return {
        "name": "" if label.startswith("_") else label,
        "x": _numbers(x),
        "y": _numbers(y),
        "colour": to_hex(line.get_color()),
        "dash": _DASHES.get(style, "solid"),
        "line": style not in {"None", "none", " ", ""},
        "marker": marker,
        "aside": across,
    }


def thinned(x: NDArray[np.float64], y: NDArray[np.float64], tolerance: float) -> list[int]:
    """Return which points a line keeps so that it lies no further off than a tolerance.

    From each point that is kept the line goes on as long as all between lie within a fan of
    slopes (a swinging door); x must not fall.
    """
    kept, start, last = [0], 0, len(x) - 1
    low, high = -np.inf, np.inf
    xs, ys = x.tolist(), y.tolist()
    for here in range(1, last + 1):
        span = xs[here] - xs[start]
        if span > 0:
            slope, open_ = (ys[here] - ys[start]) / span, tolerance / span
            if low <= slope <= high:
                low, high = max(low, slope - open_), min(high, slope + open_)
                continue
        start = here - 1 if here - 1 > start else here
        kept.append(start)
        span = xs[here] - xs[start]
        low, high = -np.inf, np.inf
        if span > 0:
            slope, open_ = (ys[here] - ys[start]) / span, tolerance / span
            low, high = slope - open_, slope + open_
    return kept if kept[-1] == last else [*kept, last]


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    return [float(f"{value:.7g}") if np.isfinite(value) else None for value in values]
