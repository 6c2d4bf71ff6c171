"""Outcomes as one tidy table: a row for each point asked, whatever became of it."""

from collections.abc import Iterable, Sequence

import pandas as pd

from anaspike.campaign.outcome import CANCELLED, STOPPED, Outcome
from anaspike.experiments.protocol import Experiment


def tidy(points: Sequence[Experiment], outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """Return the table, in the order of the points.

    Columns: the conditions, what was measured (missing where undefined), then
    `status`, `retry` (the rung of the retry ladder that gave the result) and
    `message`. A point with no outcome was cancelled.
    """
    by_index = {outcome.index: outcome for outcome in outcomes}
    rows = [
        {**point.conditions(), **_result(by_index.get(index))} for index, point in enumerate(points)
    ]
    measured = dict.fromkeys(key for row in rows for key in row if key not in _LAST)
    table = pd.DataFrame(rows, columns=[*measured, *_LAST])
    counts = [name for name in table if str(name).startswith("spikes_")]
    return table.astype(dict.fromkeys(counts, "Int64"))


_LAST = ("status", "retry", "message")


def _result(outcome: Outcome | None) -> dict[str, object]:
    if outcome is None:
        return {"status": CANCELLED, "retry": "", "message": STOPPED}
    return {
        **outcome.row,
        "status": outcome.status,
        "retry": outcome.rung,
        "message": outcome.message,
    }
