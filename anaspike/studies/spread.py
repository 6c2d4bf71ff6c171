"""One question under many conditions: a row a condition, statistics, yield."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import pandas as pd

from anaspike.campaign.answer import Answer, Drawing, Findings
from anaspike.campaign.space import Assignment, Space
from anaspike.campaign.specs import Spec, Verdict, judge
from anaspike.campaign.statistics import (
    ALL,
    EVERY_SPEC,
    devices_explaining,
    explained_by,
    met_table,
    numbers,
    spread_table,
    varied,
    worst,
    yield_table,
)
from anaspike.errors import AnaspikeError
from anaspike.experiments.protocol import Experiment
from anaspike.report.statistics import histogram_figure, normal_figure, response_figure
from anaspike.studies.base import Batch, Bench, Made, Study
from anaspike.units import label_of

_REFUSED = "refused"
_MOST_SHOWN = 5  # quantities on the terminal
_ALSO = ("statistics", "yield", "explained_by", "explained_by_devices")


@dataclass(frozen=True)
class Spread:
    """A study over a space of conditions.

    Attributes:
        study: the question, everything but the conditions.
        space: parameter -> values.
    """

    study: Study
    space: Space

    @property
    def name(self) -> str:
        """What files call it."""
        axes = (label_of(name).replace(".", "_").replace(" ", "_") for name in self.space.names)
        return f"{self.study.name}-over-{'-'.join(axes)}"

    @property
    def title(self) -> str:
        """One line for people."""
        return f"{self.study.title}: {len(self.space)} conditions"

    @property
    def pdk(self) -> str:
        """Name of the process."""
        return self.study.pdk

    @cached_property
    def studies(self) -> tuple[tuple[Assignment, Study], ...]:
        """Each condition, and the study under it."""
        return tuple(
            (condition, self.study.under(condition)) for condition in self.space.assignments()
        )

    def check(self) -> None:
        """Refuse, before anything is run, a condition that no circuit can be under.

        Raises:
            InputError: a parameter that the study has not, or a condition refused.
        """
        for name in self.space.names:
            self.study.variable(name)
        for _, study in self.studies:
            study.check()

    def answer(self, bench: Bench, specs: Sequence[Spec] | None = None) -> Answer:
        """Ask the question under every condition.

        Args:
            bench: where the points run.
            specs: limits to judge by instead of the study's own. A spec is met
                when its share of the conditions meets it; what is shown is the
                worst of them.
        """
        if specs is None:  # a chip may be judged where a nominal one is not
            specs = list(dict.fromkeys(spec for _, one in self.studies for spec in one.specs()))
        found = self._ask(bench)
        table = _condition_table(found, specs)
        measured = dict.fromkeys(name for one in found for name in one.quantities)
        own = [spec for spec in specs if spec.quantity in measured or not measured]
        findings = self._findings(found, table, list(measured), own)
        verdicts = [_worst_verdict(table, spec) for spec in own]
        verdicts += judge([spec for spec in specs if spec not in own], findings.quantities)
        return Answer(
            self.name,
            self.title,
            findings,
            tuple(verdicts),
            self._manifest(bench, found),
            bench.decks,
        )

    def _ask(self, bench: Bench) -> list["_Found"]:
        """Ask under several conditions at once; the bench shares its simulators among them."""

        def ask(one: tuple[Assignment, Study]) -> _Found:
            return _Found.of(*one, bench)

        with ThreadPoolExecutor(2 * bench.jobs, thread_name_prefix="condition") as executor:
            running = [executor.submit(ask, one) for one in self.studies]
            try:
                wait(running)
            except KeyboardInterrupt:
                # Only this thread sees it; what runs comes back as it is.
                bench.stop(interrupted=True)
            return [future.result() for future in running]

    def _findings(
        self,
        found: Sequence["_Found"],
        table: pd.DataFrame,
        measured: list[str],
        specs: Sequence[Spec],
    ) -> Findings:
        axes, judged = list(self.space.names), [spec.quantity for spec in specs]
        ranked = [*judged, *(name for name in measured if name not in judged)]
        moved = varied(table, ranked)
        tables = {
            "conditions": table,
            **_inner_tables(found),
            "statistics": spread_table(table, ranked, specs),
        }
        if specs:
            tables["yield"] = yield_table(table, specs, random=self._random)
        explained = explained_by(table, [name for name in axes if name != "seed"], moved)
        if len(explained):
            tables["explained_by"] = explained
        if "seed" in axes:
            others = [name for name in axes if name != "seed"]
            draws = pd.DataFrame([one.draws for one in found], index=table.index)
            devices = devices_explaining(draws, table, table["seed"], others, moved)
            if len(devices):
                tables["explained_by_devices"] = devices
        first = next((one.findings for one in found if one.findings is not None), None)
        return Findings(
            tables,
            _quantities(table, specs, tables.get("yield")),
            {**(first.figures if first else {}), **self._figures(table, moved, specs)},
            (*(first.notes if first else ()), *self._notes(specs)),
            show=(*axes, *ranked[:_MOST_SHOWN]),
            also=tuple(name for name in _ALSO if name in tables),
        )

    @property
    def _random(self) -> bool:
        """Whether conditions are drawn at random, so that a yield has an interval."""
        return "seed" in self.space.names or bool(self.space.intervals)

    def _figures(
        self, table: pd.DataFrame, moved: Sequence[str], specs: Sequence[Spec]
    ) -> dict[str, Drawing]:
        figures: dict[str, Drawing] = {}
        where = f"{self.study.name} on {self.pdk}"
        if moved and self._random:
            figures["histograms"] = partial(histogram_figure, table, moved, specs, where)
            figures["normal_plot"] = partial(normal_figure, table, moved, specs, where)
        over = [n for n in self.space.names if n != "seed" and numbers(table, n).nunique() > 1]
        if moved and over:
            figures["response"] = partial(response_figure, table, over, moved, specs, where)
        return figures

    def _notes(self, specs: Sequence[Spec]) -> tuple[str, ...]:
        axes = ", ".join(label_of(name) for name in self.space.names)
        return (
            f"{len(self.space)} conditions over {axes}"
            + ("; a verdict's measured value is the worst of them" if specs else ""),
            *(("yield: with its 95 % interval (Wilson)",) if specs and self._random else ()),
        )

    def _manifest(self, bench: Bench, found: Sequence["_Found"]) -> dict[str, Any]:
        manifest = self.study.manifest(bench)
        # A condition that was refused has no point of its own; it is named all the same.
        first = len(manifest["points"])
        refused = [
            {"index": first + i, "status": _REFUSED, "message": one.row["message"]}
            for i, one in enumerate(one for one in found if one.row["status"] == _REFUSED)
        ]
        return {
            **manifest,
            "command": self.name,
            "conditions": [dict(one.condition) for one in found],
            "points": [*manifest["points"], *refused],
        }


class _Careful(Bench):
    """A bench for one condition among many.

    What cannot be built is refused here: on the shared pool it would stop the others too.

    Attributes:
        draws: device and parameter -> deviation, of the mismatch sample if there is one.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.draws: dict[str, float] = {}

    def run(
        self,
        points: Sequence[Experiment],
        keep: Collection[int] = (),
        order: Sequence[int] | None = None,
    ) -> Batch:
        """Build every point, then run them."""
        for point in points:
            alter = point.build().alter
            self.draws = self.draws or {_device(at, what): value for at, what, value in alter}
        return self._bench.run(points, keep, order)

    def once(self, key: Hashable, make: Callable[[Bench], Made]) -> Made:
        """Return what other conditions need too; its draws are no condition's own."""
        return self._bench.once(key, make)


@dataclass(frozen=True)
class _Found:
    """What became of one condition; without findings where it was refused or broke off."""

    condition: Assignment
    findings: Findings | None
    status: str
    message: str
    draws: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, condition: Assignment, study: Study, bench: Bench) -> "_Found":
        """Ask the question; a condition that fails is a row that says so."""
        try:
            careful = _Careful(bench)
            findings = study.find(careful)
        except AnaspikeError as error:
            return cls(condition, None, _REFUSED, str(error))
        status, message = _status(findings)
        return cls(condition, findings, status, message, careful.draws)

    @property
    def quantities(self) -> Mapping[str, float | None]:
        return {} if self.findings is None else self.findings.quantities

    @property
    def row(self) -> dict[str, Any]:
        """The condition, what was measured, and how that went."""
        return {**self.condition, **self.quantities, "status": self.status, "message": self.message}


def _condition_table(found: Sequence[_Found], specs: Sequence[Spec]) -> pd.DataFrame:
    """Return a row a condition; with specs, whether it meets all of them."""
    table = pd.DataFrame([one.row for one in found])
    if specs:
        meets = met_table(table, specs).all(axis=1)
        table.insert(list(table).index("status"), "meets_specs", meets)
    return table


def _device(at: str, parameter: str) -> str:
    """Return a device's place without what ngspice adds to it: `xdut.xforth.xd1 delvto`."""
    return f"{at.removeprefix('m.').removesuffix('.m0')} {parameter}"


def _status(findings: Findings) -> tuple[str, str]:
    """Return status and message of the first point that gave no result, else "ok"."""
    for table in findings.tables.values():
        if "status" in table and (failed := table[table["status"] != "ok"]).size:
            first = failed.iloc[0]
            return str(first["status"]), str(first.get("message", ""))
    return "ok", ""


def _inner_tables(found: Sequence[_Found]) -> dict[str, pd.DataFrame]:
    """Return the tables of all conditions one below the other, the condition before each row."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for one in found:
        for name, table in one.findings.tables.items() if one.findings is not None else ():
            own = {k: v for k, v in one.condition.items() if k not in table}
            parts.setdefault(name, []).append(
                pd.concat([pd.DataFrame(own, index=table.index), table], axis=1)
            )
    return {name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()}


def _worst_verdict(table: pd.DataFrame, spec: Spec) -> Verdict:
    """Judge a spec by its share of the conditions; show the worst of them."""
    value = numbers(table, spec.quantity)[worst(table, spec)]
    (verdict,) = judge([spec], {spec.quantity: float(value)})
    share = float(met_table(table, [spec])[spec.quantity].mean())
    return replace(verdict, met=share >= spec.share - 1e-9)


def _quantities(
    table: pd.DataFrame, specs: Sequence[Spec], yields: pd.DataFrame | None
) -> dict[str, float | None]:
    """Return how many conditions there are, the yield, and each judged quantity's worst value."""
    quantities: dict[str, float | None] = {
        "conditions": float(len(table)),
        "conditions_failed": float((table["status"] != "ok").sum()),
    }
    if yields is not None:
        (every,) = yields[(yields["corner"] == ALL) & (yields["spec"] == EVERY_SPEC)].to_dict(
            "records"
        )
        quantities |= {
            name: float(every[column])
            for name, column in (("yield", "yield"), ("yield_low", "low"), ("yield_high", "high"))
            if column in every
        }
    for spec in specs:
        value = numbers(table, spec.quantity)[worst(table, spec)]
        quantities[f"worst_{spec.quantity}"] = None if pd.isna(value) else float(value)
    return quantities
