"""`paper-table`: the paper's Tables 1 to 8 as commands, its figures beside ours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from anaspike.campaign.answer import Answer, Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.quantities import Quantity
from anaspike.campaign.specs import Spec
from anaspike.campaign.statistics import mean_interval
from anaspike.errors import InputError
from anaspike.extras import has
from anaspike.learning.datasets.catalog import check_name
from anaspike.learning.judging import baselines
from anaspike.learning.paper import COLUMN_OF, Line, PaperTable, paper_table
from anaspike.learning.settings import FEED_FORWARD, Settings
from anaspike.report.paper_table import paper_figure
from anaspike.studies.base import Count
from anaspike.studies.learning.paper_data import PaperSet, embedded, own_sets
from anaspike.studies.learning.train import LearningStudy
from anaspike.studies.learning.trainings import (
    Learned,
    learn,
    make_tasks,
    run_table,
    score_table,
    within_a_share,
)

_EMBEDDED = ("digits", "bccd")
Asked = list[tuple[Line, Settings]]
_SHARES = ("accuracy", "paper", "low", "high", "argmax", "argmax_low", "argmax_high")
_CELL = (
    *("dataset", "line", "method", "rate", "batch", "repeats"), *_SHARES,
    *("trained", "status", "message"),
)  # fmt: skip
_FLATTERS = (
    "each line's best rate is the best on the test samples, as the paper takes it: it flatters"
    " every line"
)


class PaperTableStudy(LearningStudy):
    """One table: its rows and columns for the data sets that there are.

    Attributes:
        number: of the table, 1 to 8.
        datasets: names or tables to learn from.  [default: the embedded ones]
        data_dir: folder with the paper's own data and VGG-19's weights, instead of them.
        repeat: trainings of each cell; 0 for as many as the paper has.
        epochs: of each training; 0 for as many as the paper has.
    """

    name: ClassVar[str] = "paper-table"
    title: ClassVar[str] = "A table of the paper"

    number: int
    datasets: tuple[str, ...] = ()
    data_dir: Path | None = None
    repeat: Count = 0
    epochs: Count = 0

    def check(self) -> None:
        """Refuse, before anything is trained, what cannot be."""
        _ = self.table
        if self.seed < 0 or self.repeat < 0 or self.repeat > 1000:
            raise InputError("paper-table: seeds count from 0, and `repeat` goes to 1000")
        if self.data_dir is not None and self.datasets:
            raise InputError("`data_dir` holds the paper's own data sets; leave out `datasets`")
        for name in self.datasets:
            if not name.endswith(".npz"):
                check_name(name)

    @property
    def table(self) -> PaperTable:
        """The table, with as many epochs and repeats as were asked for."""
        table = paper_table(self.number)
        return replace(
            table, epochs=self.epochs or table.epochs, repeats=self.repeat or table.repeats
        )

    def judged(
        self, findings: Findings, bench: Bench, specs: Sequence[Spec] | None = None
    ) -> Answer:
        """Return findings as an answer whose title names the table."""
        answer = super().judged(findings, bench, specs)
        return replace(answer, title=f"Table {self.number} of the paper: {self.table.title}")

    def find(self, bench: Bench) -> Findings:
        """Train every cell of the table, on every data set."""
        self.check()
        table = self.table
        parts = [self._part(bench, table, one) for one in self._sets(bench, table)]
        cells, beside, runs = (
            pd.concat([getattr(part, name) for part in parts], ignore_index=True)
            for name in ("cells", "beside", "runs")
        )
        tables = {
            "paper_table": _best(cells) if table.best else cells,
            **({"summary": _summary(cells)} if table.over == "rate" else {}),
            "beside": beside,
            "runs": runs,
        }
        title = f"Table {table.number}: " + (
            "one training each" if table.repeats == 1 else f"mean of {table.repeats}, 95 %"
        )
        title += "; dashed: the paper" if cells["paper"].notna().any() else ""
        return Findings(
            tables,
            _quantities(cells),
            {"paper_table": partial(paper_figure, cells, table.over, title)},
            notes=self._notes(table, parts),
            show=("dataset", "line", table.over, "accuracy", "paper", "low", "high", "argmax",
                  "trained"),
            also=(*(("summary",) if "summary" in tables else ()), "beside"),
        )  # fmt: skip

    def _sets(self, bench: Bench, table: PaperTable) -> Iterable[PaperSet]:
        if self.data_dir is not None:
            return own_sets(self.data_dir, table, max_size_B=self.max_size_B, say=bench.say)
        here = tuple(name for name in _EMBEDDED if name != "digits" or has("sklearn"))
        return (
            embedded(name, table, self.max_size_B) for name in dict.fromkeys(self.datasets or here)
        )

    def _part(self, bench: Bench, table: PaperTable, one: PaperSet) -> "_Part":
        """Train a table's cells on one data set, and what they are held against."""
        tasks = make_tasks(bench, one.dataset, self.seed, table.repeats, one.recipe, one.start)
        asked = table.settings(table.epochs, self.seed)
        bench.say(f"training on {one.dataset.name}")
        by_setting = {setting: tasks for _, setting in asked}
        first = asked[-1][1]
        rivals = {
            what: (what, first)
            for what in baselines(tasks[0], first, ("full fine-tuning", "untuned"))
        }
        learned = learn(bench, by_setting, rivals)
        trained = [each for each in learned if each.setting is not None]
        return _Part(
            one.dataset.name, one.remark, _cells(table, one, asked, trained),
            _beside(one, learned), run_table(trained).assign(dataset=one.dataset.name),
        )  # fmt: skip

    def _notes(self, table: PaperTable, parts: Sequence["_Part"]) -> tuple[str, ...]:
        said = (
            "accuracy: the most active output"
            if table.variant == FEED_FORWARD
            else "accuracy: exact match; argmax: the neuron nearest to firing, which is what a"
            " read-out would give that ramps the outputs' supply"
        )
        lacking = [name for name in table.sets if name not in
                   {COLUMN_OF.get(part.name) for part in parts}]  # fmt: skip
        return (
            f"{said}; test samples that no training saw, mean of {table.repeats} trainings, each"
            " with a seed and a fold of its own, 95 % by Student's t; the paper gives no interval",
            "the best epoch is chosen on validation samples; the paper does not say which it takes",
            *((_FLATTERS,) if table.best else ()),
            *(part.remark for part in parts),
            *((f"not here: {', '.join(lacking)}; --data-dir brings them",) if lacking else ()),
        )


@dataclass(frozen=True)
class _Part:
    """What became of one data set: its tables alone, for at full width its samples fill a memory.

    Attributes:
        name: of the data set.
        remark: how it differs from the paper's, in words.
        cells, beside, runs: a row for each cell, for what it is held against, for each training.
    """

    name: str
    remark: str
    cells: pd.DataFrame
    beside: pd.DataFrame
    runs: pd.DataFrame


def _cells(
    table: PaperTable, one: PaperSet, asked: Asked, trained: Sequence[Learned]
) -> pd.DataFrame:
    """Return a row for each cell: our mean with its interval beside the paper's figure."""
    rows: list[dict[str, Any]] = []
    for line, setting in asked:
        mine = [each for each in trained if each.setting == setting]
        over = setting.rate_used if table.over == "rate" else float(setting.batch)
        paper = table.figures.get((line.label, COLUMN_OF.get(one.dataset.name, ""), over))
        row: dict[str, Any] = {
            "dataset": one.dataset.name, "line": line.label, "method": line.method,
            "rate": setting.rate_used, "batch": setting.batch, "repeats": len(mine),
        }  # fmt: skip
        failed = [each.outcome for each in mine if not each.outcome.ok]
        if failed:
            rows.append(
                {**row, "paper": paper, "status": failed[0].status, "message": failed[0].message}
            )
            continue
        for name, column in (("accuracy", "test_exact"), ("argmax", "test_argmax")):
            values = [float(str(each.outcome.row[column])) for each in mine]
            low, high = within_a_share(mean_interval(values))
            ends = ("low", "high") if name == "accuracy" else ("argmax_low", "argmax_high")
            row |= {name: float(np.mean(values)), ends[0]: low, ends[1]: high}
        trained_values = mine[0].outcome.row["trained"]
        rows.append({**row, "paper": paper, "trained": trained_values, "status": "ok",
                     "message": ""})  # fmt: skip
    return pd.DataFrame(rows, columns=list(_CELL)).astype(dict.fromkeys(_SHARES, float))


def _best(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the best rate of each line on each data set, as Table 8 has it."""
    groups = cells.groupby(["dataset", "line"], sort=False)
    # A line of which nothing is known stays, with what it failed by.
    rows = [
        part["accuracy"].idxmax() if part["accuracy"].notna().any() else part.index[0]
        for _, part in groups
    ]
    best_paper = groups["paper"].max()
    best = cells.loc[rows].reset_index(drop=True)
    keys = pd.MultiIndex.from_frame(best[["dataset", "line"]])
    return best.assign(paper=best_paper.reindex(keys).to_numpy())


def _summary(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the average and the best over the rates, as Tables 2 and 3 end."""
    groups = cells.groupby(["dataset", "line"], sort=False)
    return groups.agg(
        # Of a line that lacks a cell there is no average.
        average=("accuracy", partial(pd.Series.mean, skipna=False)), best=("accuracy", "max"),
        paper_average=("paper", "mean"), paper_best=("paper", "max"),
    ).reset_index()  # fmt: skip


def _beside(one: PaperSet, learned: Sequence[Learned]) -> pd.DataFrame:
    """Return what the table's cells are held against, on the same test samples."""
    scores = score_table([each for each in learned if each.setting is None] or learned)
    return scores.assign(dataset=one.dataset.name)[["dataset", *scores.columns]]


def _quantities(cells: pd.DataFrame) -> dict[str, Quantity]:
    """Return our best figure of each method, of all data sets."""
    found: dict[str, Quantity] = {}
    for (dataset, method), part in cells.groupby(["dataset", "method"], sort=False):
        best = part["accuracy"].max()
        name = f"best_{method}_{dataset}".replace("-", "_")
        found[name] = None if pd.isna(best) else float(best)
    return found
