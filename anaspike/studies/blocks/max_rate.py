"""The highest input rate at which a neuron answers each spike with one of its own."""

from dataclasses import replace
from typing import Any

import pandas as pd

from anaspike.campaign.bench import Bench
from anaspike.experiments.neuron_transient import NeuronTransient

_LONGER = 4


def at_period(point: NeuronTransient, period_s: float) -> NeuronTransient:
    """Return a point with its spikes this far apart, no wider than half of that."""
    drive = point.design.drive
    width_s = min(drive.width_s, period_s / 2)
    changed = replace(drive, period_s=period_s, width_s=width_s)
    return replace(point, design=replace(point.design, drive=changed))


def search_max_rate(
    bench: Bench, point: NeuronTransient, slow_s: float, fast_s: float, resolution: float = 0.05
) -> pd.DataFrame:
    """Search the shortest input period that a neuron follows, spike for spike.

    The period is bisected with the train as given. Just above the true limit
    each answer comes a little later than the one before, and a short train
    ends before one is lost: so the result is tried with a train four times as
    long, and the period lengthened step by step until that is answered too.

    It supposes that a neuron which misses spikes at one rate misses them at
    every higher one.

    Args:
        bench: where the points run, one after another.
        point: everything but the period.
        slow_s: longest period, run first; the search ends if it does not fire one to one.
        fast_s: shortest period, never run: a spike must not fit it.
        resolution: relative width of the bracket at which the bisection ends,
            and of the steps after it.

    Returns:
        A row for each period tried, in the order tried: `period_s`,
        `rate_in_Hz`, `one_to_one`, then the neuron's columns. A point that
        failed is the last row: what it would have shown is not known.
    """
    rows = [_tried(bench, point, slow_s)]
    longest_s = slow_s
    if not rows[0]["one_to_one"].all():
        return rows[0]
    while slow_s / fast_s > 1 + resolution and _known(rows):
        middle_s = (slow_s * fast_s) ** 0.5
        rows.append(_tried(bench, point, middle_s))
        if rows[-1]["one_to_one"].all():
            slow_s = middle_s
        else:
            fast_s = middle_s
    long_train = _longer(point)
    while _known(rows) and slow_s <= longest_s:
        rows.append(_tried(bench, long_train, slow_s))
        if rows[-1]["one_to_one"].all():
            break
        slow_s *= 1 + resolution
    return pd.concat(rows, ignore_index=True)


def fastest(tried: pd.DataFrame) -> "pd.Series[Any] | None":
    """Return the row of the highest rate that a long train confirmed.

    None when a simulation failed or no long train was followed.
    """
    if not tried["status"].eq("ok").all():
        return None
    confirmed = tried[tried["one_to_one"] & (tried["spikes_in"] > tried["spikes_in"].iloc[0])]
    return None if confirmed.empty else confirmed.iloc[-1]


def one_to_one(table: pd.DataFrame) -> "pd.Series[bool]":
    """Return, for each row, whether as many spikes came out as went in."""
    if "spikes_out" not in table:  # nothing in it gave a result
        return pd.Series(False, index=table.index)
    return (table["spikes_out"] == table["spikes_in"]).fillna(False).astype(bool)


def less_references(row: "pd.Series[Any]") -> float:
    """Return a neuron's energy a spike without what V_rest, V_th and the bias mirror give."""
    return float(row["energy_total_J"] - row["energy_references_J"]) / int(row["spikes_out"])


def _tried(bench: Bench, point: NeuronTransient, period_s: float) -> pd.DataFrame:
    table = bench.run([at_period(point, period_s)]).table
    table.insert(0, "period_s", period_s)
    table.insert(1, "rate_in_Hz", 1 / period_s)
    table.insert(2, "one_to_one", one_to_one(table))
    return table


def _longer(point: NeuronTransient) -> NeuronTransient:
    drive = replace(point.design.drive, spikes_in=_LONGER * point.design.drive.spikes_in)
    return replace(point, design=replace(point.design, drive=drive))


def _known(rows: list[pd.DataFrame]) -> bool:
    """Return whether the last simulation gave a result."""
    return bool(rows[-1]["status"].eq("ok").all())
