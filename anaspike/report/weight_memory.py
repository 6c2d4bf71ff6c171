"""The picture of the weight memory: codes read back, power at rest, dips survived."""

from typing import TYPE_CHECKING

import pandas as pd

from anaspike.report.style import INK, MUTED, PALETTE, colours, finish, new_figure, whole_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def memory_figure(
    codes: pd.DataFrame, corners: pd.DataFrame, samples: pd.DataFrame, title: str
) -> "Figure":
    """Draw charge over code, power of a bit over temperature, and the lowest supply survived.

    Args:
        codes: `corner`, `code`, `charge_coulomb`, `status`.
        corners: `corner`, `temperature_C`, `static_power_per_bit_W`, `hold_V`, `status`.
        samples: `hold_V`, `status`, a row for each mismatch sample.
        title: one line above all.
    """
    figure = new_figure(title, width=12.0)
    read, rest, held = figure.subplots(1, 3)
    names = list(dict.fromkeys(corners["corner"]))
    colour_of = dict(zip(names, colours(len(names)), strict=True))
    for name, rows in codes[codes["status"] == "ok"].groupby("corner", sort=False):
        charge_fC = rows["charge_coulomb"].astype(float) * 1e15
        read.plot(rows["code"], charge_fC, "o-", ms=3, lw=1, color=colour_of.get(str(name), INK),
                  label=str(name))  # fmt: skip
    finish(read, "code written", "charge of a spike (fC)", legend=True)
    for name, rows in corners[corners["status"] == "ok"].groupby("corner", sort=False):
        at = rows.sort_values("temperature_C")
        style = {"color": colour_of[str(name)], "ms": 3, "lw": 1.3}
        power_pW = at["static_power_per_bit_W"].astype(float) * 1e12
        rest.semilogy(at["temperature_C"], power_pW, "o-", label=str(name), **style)
        held.plot(at["temperature_C"], at["hold_V"].astype(float) * 1e3, "o-", **style)
    finish(rest, "temperature (°C)", "power of a bit at rest (pW)", legend=True)
    _samples(held, samples)
    finish(held, "temperature (°C)", "lowest supply survived (mV)", legend=True)
    whole_numbers(read.xaxis)
    return figure


def _samples(ax: "Axes", samples: pd.DataFrame) -> None:
    """Draw where mismatch takes the lowest supply: a dot a sample, at their temperature."""
    known = samples[samples["status"] == "ok"]
    if len(known):
        ax.plot(known["temperature_C"], known["hold_V"].astype(float) * 1e3, "x", ms=5,
                color=PALETTE[-1], alpha=0.5, label="mismatch samples")  # fmt: skip
        ax.axhline(float(known["hold_V"].max()) * 1e3, color=MUTED, lw=0.8, ls="--")
