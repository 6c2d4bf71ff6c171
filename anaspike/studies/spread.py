"""One question under many conditions: a row a condition, statistics, yield."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from anaspike.campaign.answer import Answer, Drawing, Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.outcome import ERROR, REFUSED, Outcome
from anaspike.campaign.provenance import point_entry
from anaspike.campaign.quantities import in_words, numbers, over
from anaspike.campaign.space import Assignment, Space
from anaspike.campaign.specs import Spec, Verdict, flat, for_process, judge, unjudged
from anaspike.campaign.statistics import (
    ALL,
    EVERY_SPEC,
    devices_explaining,
    explained_by,
    met_table,
    spread_table,
    varied,
    worst,
    yield_table,
)
from anaspike.report.statistics import histogram_figure, normal_figure, response_figure
from anaspike.spice.modules import Module
from anaspike.studies.asked import found_under
from anaspike.studies.base import Study
from anaspike.studies.gathered import Found, Gathered
from anaspike.studies.said import notes_of, said_of_devices, said_of_several
from anaspike.units import label_of

_YIELD = "chips that pass in all their conditions; 95 % interval (Wilson) of independent draws"
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

    def approximated(self) -> "Spread":
        """Return the same question, asked of the process's named approximation."""
        return replace(self, study=self.study.approximated())

    @property
    def modules(self) -> tuple[Module, ...]:
        """Compiled models that a simulator needs for it; mostly none."""
        return self.study.modules

    @property
    def simulates(self) -> bool:
        """Whether it asks SPICE anything."""
        return self.study.simulates

    @property
    def studies(self) -> Iterator[tuple[Assignment, Study]]:
        """Each condition, and the study under it."""
        for condition in self.space.assignments():
            yield condition, self.study.under(condition)

    def check(self) -> None:
        """Refuse, before anything is run, a condition that no circuit can be under.

        Each value of each parameter is tried once, with the first of the
        others. Seeds are all alike; a size may turn out to be none when the
        circuit is built, and a combination too: each of these is a row.

        Raises:
            InputError: a parameter that the study has not, or a value refused.
        """
        for name in self.space.names:
            self.study.variable(name)
        first = {name: value for name, value in self._first_condition.items() if not _is_size(name)}
        self.study.under(first).check()
        for axis in self.space.axes:
            if axis.name != "seed" and not _is_size(axis.name):
                for value in axis.values[1:]:
                    self.study.under({**first, axis.name: value}).check()

    def answer(self, bench: Bench, specs: Sequence[Spec] | None = None) -> Answer:
        """Ask the question under every condition.

        Args:
            bench: where the points run.
            specs: limits to judge by instead of the study's own. A spec is met
                when its share of the chips meets it; what is shown is the
                worst condition.
        """
        asked = self._own_specs if specs is None else dict.fromkeys(specs, len(self.space))
        gathered = found_under(self.study, self.space.assignments(), bench)
        found = gathered.found
        here = for_process(asked, self.pdk)
        known = [one for one in found if one.findings is not None]
        # A limit of some conditions judges the others too, where they have its quantity.
        judged = [
            spec
            for spec in here
            if asked[spec] == len(self.space) or all(spec.quantity in o.quantities for o in known)
        ]
        measured = dict.fromkeys(name for one in found for name in flat(one.quantities, judged))
        own = [spec for spec in judged if spec.quantity in measured or not measured]
        table = _condition_table(found, own)
        findings = self._findings(gathered, table, list(measured), own)
        verdicts = [_worst_verdict(found, findings.tables, spec) for spec in own]
        verdicts += judge([spec for spec in judged if spec not in own], findings.quantities)
        names = dict.fromkeys(name for one in known for name in one.quantities)
        return Answer(
            self.name,
            self.title,
            findings,
            tuple(verdicts),
            self._manifest(bench, found),
            bench.decks,
            unjudged(asked, judged, names, "it is a limit of some of these conditions only"),
            self.study.process.approximation,
        )

    @property
    def _own_specs(self) -> dict[Spec, int]:
        """The study's own limits -> under how many of the conditions it has them.

        A chip may be judged where a nominal one is not.
        """
        return dict(Counter(spec for _, one in self.studies for spec in one.specs()))

    def _findings(
        self,
        gathered: Gathered,
        table: pd.DataFrame,
        measured: list[str],
        specs: Sequence[Spec],
    ) -> Findings:
        axes, judged = list(self.space.names), [spec.quantity for spec in specs]
        ranked = [*judged, *(name for name in measured if name not in judged)]
        moved = varied(table, ranked)
        tables = {
            "conditions": table,
            **gathered.tables(),
            "statistics": spread_table(table, ranked, specs, self._drawn),
        }
        if specs:
            tables["yield"] = yield_table(table, specs, self._made, self._drawn)
        explained = explained_by(table, [name for name in axes if name != "seed"], moved)
        if len(explained):
            tables["explained_by"] = explained
        if "seed" in axes:
            others = [name for name in axes if name != "seed"]
            devices = devices_explaining(gathered.draws(), table, table["seed"], others, moved)
            if len(devices):
                tables["explained_by_devices"] = devices
        drawn = _pictures(gathered.first)
        return Findings(
            tables,
            {
                **_quantities(table, specs, tables.get("yield")),
                **over(table, [name for name in measured if name not in judged], axes),
            },
            {**drawn, **self._figures(table, moved, specs)},
            (
                *notes_of(gathered),
                *self._notes(specs),
                *said_of_several(gathered.found, specs),
                *said_of_devices(tables, gathered),
            ),
            show=(*axes, *ranked[:_MOST_SHOWN]),
            also=tuple(name for name in _ALSO if name in tables),
        )

    @property
    def _first_condition(self) -> Assignment:
        return next(self.space.assignments())

    @property
    def _made(self) -> list[str]:
        """What tells one chip from another; under all else a chip is asked again."""
        sampled = {interval.name for interval in self.space.intervals}
        return [n for n in self.space.names if n in {"corner", "seed", *sampled} or _is_size(n)]

    @property
    def _drawn(self) -> list[list[str]]:
        """What is drawn at random: the mismatch, and what is sampled, together."""
        sampled = [interval.name for interval in self.space.intervals]
        seeds = ["seed"] if "seed" in self.space.names else []
        return [names for names in (seeds, sampled) if names]

    def _figures(
        self, table: pd.DataFrame, moved: Sequence[str], specs: Sequence[Spec]
    ) -> dict[str, Drawing]:
        figures: dict[str, Drawing] = {}
        where = f"{self.study.name} on {self.pdk}"
        if moved and self._drawn:
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
            *(("yield: " + _YIELD,) if specs and self._drawn else ()),
        )

    def _manifest(self, bench: Bench, found: Sequence[Found]) -> dict[str, Any]:
        manifest = self.study.manifest(bench)
        # A condition that no point was run of has no entry of its own; it is named all the same.
        first = 1 + max((outcome.index for outcome in bench.outcomes), default=-1)
        broken = [one for one in found if one.status in {REFUSED, ERROR} and one.findings is None]
        outcomes = [
            Outcome(index, one.status, {}, "", (), one.message)
            for index, one in enumerate(broken, first)
        ]
        return {
            **manifest,
            "command": self.name,
            "conditions": [dict(one.condition) for one in found],
            "points": [*manifest["points"], *(point_entry(outcome) for outcome in outcomes)],
        }


def _condition_table(found: Sequence[Found], specs: Sequence[Spec]) -> pd.DataFrame:
    """Return a row a condition; with specs, whether it meets all of them."""
    table = pd.DataFrame([one.row(specs) for one in found])
    if specs:
        meets = met_table(table, specs).all(axis=1)
        table.insert(list(table).index("status"), "meets_specs", meets)
    return table


def _pictures(first: Found | None) -> Mapping[str, Drawing]:
    return {} if first is None or first.findings is None else first.findings.figures


def _is_size(name: str) -> bool:
    return name.startswith("sizes.")


def _worst_verdict(
    found: Sequence[Found], tables: Mapping[str, pd.DataFrame], spec: Spec
) -> Verdict:
    """Judge a spec by its share of the chips; show the worst condition."""
    one = found[worst(tables["conditions"], spec)]
    (verdict,) = judge([spec], {spec.quantity: None, **one.quantities})
    outer = in_words(one.condition)
    inner = [part for part in verdict.worst.split(", ") if part not in outer.split(", ")]
    counted = _of_all(tables["yield"], spec.quantity)
    return replace(
        verdict,
        met=float(counted["yield"]) >= spec.share - 1e-9,
        rows=int(counted["of_chips"]),
        within=int(counted["passed"]),
        counted="chips",
        worst=", ".join(filter(None, (outer, *(inner if verdict.rows > 1 else ())))),
    )


def _of_all(yields: pd.DataFrame, spec: str) -> "pd.Series[Any]":
    return yields[(yields["corner"] == ALL) & (yields["spec"] == spec)].iloc[0]


def _quantities(
    table: pd.DataFrame, specs: Sequence[Spec], yields: pd.DataFrame | None
) -> dict[str, float | None]:
    """Return how many conditions there are, the yield, and each judged quantity's worst value."""
    quantities: dict[str, float | None] = {
        "conditions": float(len(table)),
        "conditions_failed": float((table["status"] != "ok").sum()),
    }
    if yields is not None:
        every = _of_all(yields, EVERY_SPEC)
        quantities |= {
            name: float(every[column]) for name, column in _YIELDS.items() if column in every
        }
    for spec in specs:
        value = numbers(table, spec.quantity)[worst(table, spec)]
        quantities[f"worst_{spec.quantity}"] = None if pd.isna(value) else float(value)
    return quantities


_YIELDS = {"chips": "of_chips", "yield": "yield", "yield_low": "low", "yield_high": "high"}
