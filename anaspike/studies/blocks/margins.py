"""How far the decisions of a sweep were from going the other way.

A spike may end with the membrane within a hair of the threshold: then one setting or simulator
counts a spike where another counts none, and neither is wrong. A row says how near it came.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from anaspike.campaign.bench import Bench
from anaspike.campaign.opinion import MARGINAL
from anaspike.campaign.quantities import numbers
from anaspike.experiments.neuron_transient import NeuronTransient

MARGIN = "margin_V"
_NEAR_V = 0.5e-3  # the threshold is known to half of it
_STEP_V = 8e-3  # from v_th to where the threshold may lie, doubled until it does
_MOST_RUNS = 20
_DECIDES_S = 150e-9  # from the end of the input spike until the output has risen, at the slowest


@dataclass
class _Search:
    """The threshold of a neuron at one supply, between a silent and a fired decision.

    Attributes:
        point: the neuron, asked once; where its membrane starts is what varies.
        silent_V, fired_V: the membrane at the highest silent and the lowest fired decision.
        led: where the membrane started, and where it decided, of each run.
    """

    point: NeuronTransient
    silent_V: float = -np.inf
    fired_V: float = np.inf
    led: list[tuple[float, float]] = field(default_factory=list)
    last_fired: bool = False
    failed: bool = False

    @property
    def open(self) -> bool:
        near = self.fired_V - self.silent_V <= _NEAR_V
        return not (self.failed or near or len(self.led) >= _MOST_RUNS)

    @property
    def threshold(self) -> float | None:
        """Midway between the two, in volt; None where the search did not get there."""
        found = 0 <= self.fired_V - self.silent_V <= _NEAR_V
        return (self.silent_V + self.fired_V) / 2 if found else None

    def next(self) -> NeuronTransient:
        """Return the neuron whose membrane will decide about midway."""
        sizes = self.point.design.neuron
        if not self.led:
            return replace(self.point, start_V=sizes.v_rest_V)
        # Two runs have shown from which start it decides where; the third meets v_th.
        tried = len(self.led) - 3
        if tried < 0:
            aim_V = sizes.v_th_V
        elif tried > 1 and np.isfinite(self.fired_V - self.silent_V):
            aim_V = (self.silent_V + self.fired_V) / 2
        else:  # from v_th to the side where it turns: that is near, as a rule
            step_V = min(_STEP_V * 2**tried, (self.fired_V - self.silent_V) / 2)
            aim_V = self.fired_V - step_V if self.last_fired else self.silent_V + step_V
        # No membrane leaves the supplies.
        start_V = min(max(self._start(aim_V), 0.0), self.point.pdk.vdd_V)
        return replace(self.point, start_V=round(start_V, 6))

    def _start(self, aim_V: float) -> float:
        """Return the start from which it decides at `aim_V`, by the last two."""
        start_V, decided_V = self.led[-1]
        rise = 1.0
        if len(self.led) > 1 and self.led[-2][0] != start_V:
            rise = (decided_V - self.led[-2][1]) / (start_V - self.led[-2][0])
        return start_V + (aim_V - decided_V) / (rise if 0.2 < rise < 5 else 1.0)

    def see(self, asked: NeuronTransient, row: "pd.Series[Any]") -> None:
        """Learn from a decision."""
        silent_V, fired_V = (
            None if pd.isna(row.get(name)) else float(row[name])
            for name in ("highest_silent_V", "lowest_fired_V")
        )
        # After a spike it decides once more, from rest.
        decided_V = fired_V if fired_V is not None else silent_V
        if row["status"] != "ok" or decided_V is None:
            self.failed = True
            return
        start_V = asked.start_V or 0.0
        self.led.append((start_V, decided_V))
        self.last_fired = fired_V is not None
        # A spike may lift it past the threshold from wherever it starts, or never that far.
        end_V = 0.0 if self.last_fired else self.point.pdk.vdd_V
        self.failed = start_V == end_V
        if fired_V is None:
            self.silent_V = max(self.silent_V, decided_V)
        else:
            self.fired_V = min(self.fired_V, decided_V)


def with_margins(
    table: pd.DataFrame, points: Sequence[NeuronTransient], bench: Bench
) -> pd.DataFrame:
    """Return a sweep's table with `margin_V` and `marginal` before its status.

    The margin is the smallest distance, at any decision, of the membrane from the threshold that
    the whole neuron has for a spike that comes to it at rest; it is negative where a decision went
    the other way than that (the comparator remembers the one before for about a microsecond).
    A row is marginal where it is less than twice what tighter settings move the membrane.

    Args:
        table: of the points, in their order, lowest supply first.
        points: of the sweep.
        bench: where the threshold is searched, at both ends of the sweep.
    """
    if "highest_silent_V" not in table:  # no point gave a result
        return table
    thresholds_V = _thresholds(points, bench)
    highest_V, lowest_V = (numbers(table, name) for name in ("highest_silent_V", "lowest_fired_V"))
    margin_V = pd.concat([thresholds_V - highest_V, lowest_V - thresholds_V], axis=1).min(axis=1)
    near = (margin_V < 2 * points[0].design.membrane_error_V).astype("boolean")
    at = list(table).index("status")
    table = table.copy()
    table.insert(at, MARGIN, margin_V)
    table.insert(at + 1, MARGINAL, near.mask(margin_V.isna()))
    return table


def said_of_margins(table: pd.DataFrame) -> tuple[str, ...]:
    """Return a note that names the marginal supplies of a sweep, where there are any."""
    if MARGINAL not in table:
        return ()
    near = table[table[MARGINAL].eq(True).fillna(False).astype(bool)]
    if near.empty:
        return ()
    supplies = ", ".join(f"{supply_V:g} V" for supply_V in near["vdd_syn_V"])
    return (
        f"marginal: {supplies}; there a spike ended with the membrane so near to the threshold that"
        " another setting or simulator may count otherwise",
    )


def _thresholds(points: Sequence[NeuronTransient], bench: Bench) -> "pd.Series[float]":
    """Return the threshold at each point: searched at both ends, in a line between."""
    searches = [_Search(_alone(point)) for point in (points[0], points[-1])]
    while waiting := [search for search in searches if search.open]:
        asked = [search.next() for search in waiting]
        rows = bench.run(asked, doubted=False).table
        for search, point, (_, row) in zip(waiting, asked, rows.iterrows(), strict=True):
            search.see(point, row)
    known = [(s.point.vdd_syn_V, s.threshold) for s in searches if s.threshold is not None]
    if not known:
        return pd.Series(np.nan, index=range(len(points)))
    at_V, found_V = zip(*known, strict=True)
    return pd.Series(np.interp([point.vdd_syn_V for point in points], at_V, found_V))


def _alone(point: NeuronTransient) -> NeuronTransient:
    """Return the same neuron given one spike, and no more time than a decision takes."""
    drive = point.design.drive
    period_s = min(drive.period_s, drive.width_s + _DECIDES_S)
    alone = replace(drive, spikes_in=1, period_s=period_s)
    return replace(point, design=replace(point.design, drive=alone))
