"""Many trainings as one table: a grid of settings, each repeated, beside what is simpler."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.campaign.bench import Bench
from anaspike.campaign.outcome import Outcome
from anaspike.campaign.statistics import mean_interval
from anaspike.experiments.protocol import Row
from anaspike.learning.datasets.base import Dataset
from anaspike.learning.datasets.splits import repeated_splits
from anaspike.learning.judging import (
    Judged,
    bare_scores,
    baseline_row,
    history_of,
    judged_of,
    score,
    tuned_row,
)
from anaspike.learning.scores import confusion
from anaspike.learning.settings import Settings
from anaspike.learning.start import Start
from anaspike.learning.tasks import Recipe, Task, make_task, start_task

_TEXTS = ("answered", "answered_nearest", "history")
_SETTING = ("method", "rule", "rate", "batch")


@dataclass(frozen=True)
class Learned:
    """What became of one training, or of something that it is held against.

    Attributes:
        setting: its settings; of the first seed. None of a baseline.
        what: it is, for people.
        repeat: which of the repeats.
        task: that it was judged by.
        outcome: its row.
    """

    setting: Settings | None
    what: str
    repeat: int
    task: Task
    outcome: Outcome

    @property
    def judged(self) -> Judged:
        """Its answers for the test samples."""
        return judged_of(self.outcome.row)


def make_tasks(
    bench: Bench, dataset: Dataset, seed: int, repeats: int, recipe: Recipe, start: Start | None
) -> list[Task]:
    """Return a task for each repeat: a split and a source network of its own."""
    tasks = []
    for i, split in enumerate(repeated_splits(dataset, seed, repeats)):
        if start is not None:
            tasks.append(start_task(dataset, start, seed + i, recipe, split))
            continue
        bench.say(f"source network {i + 1} of {repeats}")
        tasks.append(make_task(dataset, seed + i, recipe, split=split))
    return tasks


def training_calls(tasks: Sequence[Task], settings: Settings) -> list[partial[Row]]:
    """Return a call for each repeat of a training."""
    return [
        partial(tuned_row, task, replace(settings, seed=settings.seed + i))
        for i, task in enumerate(tasks)
    ]


def learn(
    bench: Bench,
    tasks: Mapping[Settings, Sequence[Task]],
    beside: Mapping[str, tuple[str, Settings]] | None = None,
    files: Sequence[Path] = (),
) -> list[Learned]:
    """Train every setting on every repeat's task, and judge what they are held against.

    Args:
        bench: where the trainings run.
        tasks: setting -> a task for each repeat.
        beside: name for people -> a baseline, and settings that say how it learns, on their tasks.
        files: what the trainings go on from, where it is to stay.
    """
    asked: list[tuple[Settings | None, str, int, Task]] = []
    calls: list[partial[Row]] = []
    for setting, own in tasks.items():
        asked += [(setting, setting.method, i, task) for i, task in enumerate(own)]
        calls += training_calls(own, setting)
    trained = bench.computed(calls, files)
    calls = []
    for name, (what, setting) in (beside or {}).items():
        for i, task in enumerate(tasks[setting]):
            asked.append((None, name, i, task))
            calls.append(partial(baseline_row, task, what, replace(setting, seed=setting.seed + i)))
    outcomes = [*trained, *bench.computed(calls)]
    return [Learned(*each, outcome) for each, outcome in zip(asked, outcomes, strict=True)]


def run_table(learned: Sequence[Learned]) -> pd.DataFrame:
    """Return a row for each training and each baseline of each repeat."""
    rows = []
    for one in learned:
        row = {name: value for name, value in one.outcome.row.items() if name not in _TEXTS}
        rows.append({"what": one.what, **_of_setting(one.setting), "repeat": one.repeat, **row,
                     "status": one.outcome.status, "message": one.outcome.message})  # fmt: skip
    return pd.DataFrame(rows)


def score_table(learned: Sequence[Learned]) -> pd.DataFrame:
    """Return a row for each setting and each baseline, the test samples of its repeats pooled.

    Columns: what, method's settings, repeats, accuracy, balanced, argmax, argmax_balanced, each
    with `_low` and `_high` (95 %: Wilson, or a bootstrap of sources); validation_exact and
    validation_balanced, means of the repeats with 95 % by Student's t; trained; status.
    """
    rows: list[dict[str, Any]] = []
    first = learned[0].task
    labels = np.concatenate([one.task.test.labels for one in learned])
    outputs = first.network.n_classes
    bare = bare_scores(labels, len(first.classes), outputs, first.network.votes)
    rows += [{**one.row(), "status": "ok"} for one in bare]
    for group in _grouped(learned):
        lead = group[0]
        row = {"what": lead.what, **_of_setting(lead.setting), "repeats": len(group)}
        failed = [one for one in group if not one.outcome.ok]
        if failed:
            said = failed[0].outcome
            rows.append({**row, "status": said.status, "message": said.message})
            continue
        pooled = score(
            lead.what, [one.judged for one in group], [one.task.test.labels for one in group],
            [one.task.groups for one in group],
        )  # fmt: skip
        rows.append({**row, **pooled.row(), **_validation(group), "status": "ok"})
    table = pd.DataFrame(rows)
    if "message" in table:
        table["message"] = table["message"].fillna("")
    first_columns = [name for name in ("what", *_SETTING, "repeats") if name in table]
    return table[[*first_columns, *(name for name in table if name not in first_columns)]]


def history_table(learned: Sequence[Learned]) -> pd.DataFrame:
    """Return a row for each epoch of each training."""
    return pd.DataFrame(
        {"what": one.what, **_of_setting(one.setting), "repeat": one.repeat, **vars(epoch)}
        for one in learned
        if one.setting is not None and one.outcome.ok
        for epoch in history_of(one.outcome.row)
    )


def counted(learned: Sequence[Learned]) -> NDArray[np.int64]:
    """Return what networks together answer for each class, as `scores.confusion`."""
    tables = [
        confusion(one.judged.exact, one.task.test.labels, len(one.task.classes)) for one in learned
    ]
    return np.asarray(np.sum(tables, axis=0), np.int64)


def classes_table(learned: Sequence[Learned]) -> pd.DataFrame:
    """Return each class's share of right answers, of each setting and baseline: a row each."""
    rows = []
    for group in _grouped([one for one in learned if one.outcome.ok]):
        lead = group[0]
        labels = np.concatenate([one.task.test.labels for one in group])
        for name, read in (("exact", "exact"), ("argmax", "nearest")):
            answered = np.concatenate([getattr(one.judged, read) for one in group])
            for i, class_ in enumerate(lead.task.classes):
                mine = labels == i
                rows.append(
                    {"what": lead.what, **_of_setting(lead.setting), "read_out": name,
                     "class": class_, "samples": int(mine.sum()),
                     "accuracy": float((answered[mine] == i).mean())}
                )  # fmt: skip
    return pd.DataFrame(rows)


def within_a_share(ends: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    """Return an interval of a share cut at 0 and 1, which Student's t does not know of."""
    low, high = ends
    return (None if low is None else max(0.0, low)), (None if high is None else min(1.0, high))


def _grouped(learned: Sequence[Learned]) -> Iterator[list[Learned]]:
    """Yield the repeats of each setting and baseline."""
    groups: dict[tuple[Settings | None, str], list[Learned]] = {}
    for one in learned:
        groups.setdefault((one.setting, one.what), []).append(one)
    yield from groups.values()


def _of_setting(setting: Settings | None) -> dict[str, Any]:
    if setting is None:
        return {}
    values = (setting.method, setting.how, setting.rate_used, setting.batch)
    return dict(zip(_SETTING, values, strict=True))


def _validation(group: Sequence[Learned]) -> dict[str, Any]:
    if group[0].setting is None:
        return {}
    found: dict[str, Any] = {}
    for name in ("validation_exact", "validation_balanced"):
        values = [float(str(one.outcome.row[name])) for one in group]
        low, high = within_a_share(mean_interval(values))
        found |= {name: float(np.mean(values)), f"{name}_low": low, f"{name}_high": high}
    epochs = [one.outcome.row["best_epoch"] for one in group]
    best = {"best_epoch": epochs[0]} if len(epochs) == 1 else {}
    return {**found, "trained": group[0].outcome.row["trained"], **best}
