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
_BELOW_V = 5e-3  # v_th: what couples into the membrane as a neuron decides
_STEP_V = 1.8e-3  # from there to where the threshold may lie, doubled until it does
_NEXT_STEP_V = 0.9e-3  # from the threshold at another supply to this one's
_MOST_RUNS = 20
_DECIDES_S = 150e-9  # from the end of the input spike until the output has risen, at the slowest


@dataclass
class _Search:
    """The threshold of a neuron at one supply, between a silent and a fired decision.

    Attributes:
        point: the neuron, asked once; where its membrane starts is what varies.
        like: the same search at another supply, closed: where to begin.
        silent_V, fired_V: the membrane at the highest silent and the lowest fired decision.
        led: where the membrane started, and where it decided, of each run.
    """

    point: NeuronTransient
    like: "_Search | None" = None
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
        """Return the neuron whose membrane will decide where the threshold may lie."""
        if self.led:
            # No membrane leaves the supplies.
            start_V = min(max(self._start(self._aim()), 0.0), self.point.pdk.vdd_V)
        elif self.like is not None:
            start_V = self.like.led[-1][0]
        else:
            start_V = self.point.design.neuron.v_rest_V
        return replace(self.point, start_V=round(start_V, 6))

    def _aim(self) -> float:
        """Return where it is to decide next, in volt."""
        known_V = None if self.like is None else self.like.threshold
        if known_V is None:
            first_V, step_V = self.point.design.neuron.v_th_V - _BELOW_V, _STEP_V
        else:
            first_V, step_V = known_V, _NEXT_STEP_V
        # The first run has shown from which start it decides where; the second is near, or shows it
        # better.
        tried = len(self.led) - 2
        missed = tried == 0 and abs(self.led[-1][1] - first_V) > 2 * step_V
        if tried < 0 or missed:
            return first_V
        step_V = min(step_V * (1 << tried), (self.fired_V - self.silent_V) / 2)
        return self.fired_V - step_V if self.last_fired else self.silent_V + step_V

    def _start(self, aim_V: float) -> float:
        """Return the start from which it decides at `aim_V`, by the last two."""
        start_V, decided_V = self.led[-1]
        return start_V + (aim_V - decided_V) / self._rise()

    def _rise(self) -> float:
        """Return by how much a decision moves with its start."""
        if len(self.led) < 2:
            return 1.0 if self.like is None else self.like._rise()
        (before_V, was_V), (start_V, decided_V) = self.led[-2:]
        rise = (decided_V - was_V) / (start_V - before_V) if start_V != before_V else 1.0
        return rise if 0.2 < rise < 5 else 1.0

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
    """Return the threshold at each point: searched at both ends, in a line between.

    The second search begins where the first has ended: supply moves a threshold little.
    """
    searches: list[_Search] = []
    for point in (points[0], points[-1]):
        closed = (search for search in searches if search.threshold is not None)
        searches.append(search := _Search(_alone(point), next(closed, None)))
        while search.open:
            asked = search.next()
            row = bench.run([asked], doubted=False).table.iloc[0]
            search.see(asked, row)
    known = [(s.point.vdd_syn_V, s.threshold) for s in searches if s.threshold is not None]
    if not known:
        return pd.Series(np.nan, index=range(len(points)))
    at_V, found_V = zip(*known, strict=True)
    return pd.Series(np.interp([point.vdd_syn_V for point in points], at_V, found_V))


def _alone(point: NeuronTransient) -> NeuronTransient:
    """Return the same neuron given one spike, and no more time than a decision takes."""
    drive = point.design.drive
    # A run ends two periods after the spike begins.
    period_s = (drive.width_s + max(_DECIDES_S, drive.width_s + 6 * drive.edge_s)) / 2
    alone = replace(drive, spikes_in=1, period_s=period_s)
    return replace(point, design=replace(point.design, drive=alone))
