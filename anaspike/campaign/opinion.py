"""Each point asked a second time: of another simulator, or at tighter settings; and compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from anaspike.campaign.answer import Answer
from anaspike.campaign.outcome import CANCELLED, STOPPED, Outcome
from anaspike.campaign.provenance import made_with
from anaspike.campaign.quantities import over
from anaspike.campaign.specs import Spec, judge
from anaspike.spice.options import TIGHTENING
from anaspike.spice.protocol import Simulator
from anaspike.units import label_of, unit_of

if TYPE_CHECKING:
    from anaspike.campaign.bench import Bench

# Of a row's energies the one that holds all that the point took; parts of it may be near 0.
_ENERGIES = ("energy_total_J", "energy_J", "energy_per_decision_J", "energy_per_spike_J")
MARGINAL = "marginal"  # the column of a table that says so of its rows
_AGREE, _NOT_JUDGED = "agrees", "not judged"


@dataclass(frozen=True)
class Doubt:
    """Why points are asked twice, and what counts as the same answer.

    Attributes:
        table: the name of its table.
        agrees: the name of its quantity.
        within: how far an energy may differ, of itself.
        said: in a note.
    """

    table: str
    agrees: str
    within: float
    said: str

    @property
    def spec(self) -> Spec:
        """The limit that judges it."""
        why = f"counts equal unless marginal, energy within {100 * self.within:g} %"
        return Spec(self.agrees, 1, why=why)


SECOND_OPINION = Doubt("second_opinion", "second_opinion_agrees", 0.02, "second opinion")
CONVERGENCE = Doubt("convergence", "converged", 0.01, "convergence")


@dataclass(frozen=True)
class Opinion:
    """One point, asked twice.

    Attributes:
        about: what it has in common with others, beside its own conditions.
        conditions: of the point.
        first, second: what became of it each time.
        within: how far what is no count may differ, of itself.
    """

    about: Mapping[str, Any]
    conditions: Mapping[str, Any]
    first: Outcome
    second: Outcome
    within: float = SECOND_OPINION.within

    @classmethod
    def of(
        cls,
        about: Mapping[str, Any],
        conditions: Mapping[str, Any],
        first: Outcome,
        second: Outcome | None,
        within: float = SECOND_OPINION.within,
    ) -> "Opinion":
        """Return an opinion without what takes room; with no second outcome it was cancelled."""
        second = second or Outcome(first.index, CANCELLED, {}, "", (), STOPPED)
        first, second = (replace(one, waveforms=None, deck=None) for one in (first, second))
        return cls(about, conditions, first, second, within)

    def row(self, names: tuple[str, str], marginal: bool = False) -> dict[str, Any]:
        """Return the point's row of the table.

        Args:
            names: of the simulators.
            marginal: whether its counts are right by luck; another one is forgiven.
        """
        rows = self.first.row, self.second.row
        counts, energies = [_counts(row) for row in rows], [_energy(row) for row in rows]
        change = _change(*energies)
        others = ("", None) if counts[0] or change is not None else _moved_most(*rows)
        failed = ", ".join(
            f"{name}: {one.status}"
            for name, one in zip(names, (self.first, self.second), strict=True)
            if not one.ok
        )
        return {
            "point": self.first.index,
            **self.about,
            **self.conditions,
            "counts": _in_words(counts[0]),
            "second_counts": _in_words(counts[1]),
            "energy_J": energies[0],
            "second_energy_J": energies[1],
            "energy_change": change,
            "moved_most": others[0],
            "its_change": others[1],
            "verdict": failed or self._verdict(counts[0] != counts[1], marginal, change, *others),
            "message": self.first.message or self.second.message,
        }

    def _verdict(
        self, counted: bool, marginal: bool, energy: float | None, other: str, moved: float | None
    ) -> str:
        if counted and marginal:
            return f"{_AGREE}, marginal"  # right by luck on either: so is the energy
        differing = [
            word
            for word, differs in (
                ("counts", counted),
                ("energy", abs(energy or 0.0) > self.within),
                (label_of(other), abs(moved or 0.0) > self.within),
            )
            if differs
        ]
        if differing:
            return f"{' and '.join(differing)} differ{'' if counted else 's'}"
        judged = _counts(self.first.row) or energy is not None or moved is not None
        return _AGREE if judged else _NOT_JUDGED


@dataclass(frozen=True)
class Again:
    """Points that are asked again, and what came of it.

    Attributes:
        doubt: why.
        simulator: what runs them the second time.
        opinions: of every point so far.
    """

    doubt: Doubt
    simulator: Simulator
    opinions: list[Opinion] = field(default_factory=list)


def with_opinions(answer: Answer, bench: "Bench") -> Answer:
    """Return an answer with a table, a verdict and the provenance of each second opinion.

    Args:
        answer: of a study.
        bench: that it ran on; where nothing was asked again, the answer stays as it is.
    """
    for again in bench.again:
        answer = _with(answer, again, bench.simulator.name)
    return answer


def _with(answer: Answer, again: Again, first: str) -> Answer:
    doubt, names = again.doubt, (first, again.simulator.name)
    opinions = sorted(again.opinions, key=_place)
    marginal = _marginal(answer.findings.tables.values(), opinions)
    table = pd.DataFrame([o.row(names, near) for o, near in zip(opinions, marginal, strict=True)])
    table = table[[name for name in table if not _says_nothing(table[name])]]
    by = list(dict.fromkeys(name for one in opinions for name in (*one.about, *one.conditions)))
    judged = _agreement(table, by, doubt.agrees)
    findings = replace(
        answer.findings,
        tables={**answer.findings.tables, doubt.table: table},
        quantities={**answer.findings.quantities, doubt.agrees: judged},
        also=(*answer.findings.also, doubt.table),
        notes=(*answer.findings.notes, _note(doubt, len(table), judged, names)),
    )
    verdicts = judge([doubt.spec], {doubt.agrees: judged}) if len(judged) else ()
    made = {"simulator": again.simulator.name, **made_with(again.simulator)}
    return replace(
        answer,
        findings=findings,
        verdicts=(*answer.verdicts, *verdicts),
        manifest={**answer.manifest, doubt.table: made},
    )


def _marginal(tables: Iterable[pd.DataFrame], opinions: Sequence[Opinion]) -> list[bool]:
    """Return for each opinion whether a table says that its point is marginal.

    A row is the point's when it says of all conditions that both name the same.
    """
    marginal = [False] * len(opinions)
    for table in tables:
        if MARGINAL not in table:
            continue
        near = table[table[MARGINAL].eq(True).fillna(False).astype(bool)]
        for i, opinion in enumerate(opinions):
            point = {**opinion.about, **opinion.conditions}
            shared = [name for name in point if name in table]
            same = [near[name].eq(point[name]) for name in shared if point[name] is not None]
            marginal[i] |= bool(same) and bool(np.logical_and.reduce(same).any())
    return marginal


def _place(opinion: Opinion) -> tuple[tuple[bool, bool, Any], ...]:
    """Return where an opinion stands: conditions are answered side by side, in any order."""
    values = opinion.about.values()
    return tuple((v is not None, isinstance(v, str), 0 if v is None else v) for v in values)


def _agreement(table: pd.DataFrame, by: Sequence[str], name: str) -> "pd.Series[float]":
    """Return for each point that is judged whether both say the same: 1 or 0."""
    said = table["verdict"] if "verdict" in table else pd.Series(dtype=str)
    held = said[said != _NOT_JUDGED]
    agree = held.str.startswith(_AGREE).astype(float)
    return over(table.loc[held.index].assign(**{name: agree}), (name,), by)[name]


def _note(doubt: Doubt, points: int, judged: "pd.Series[float]", names: tuple[str, str]) -> str:
    agree, left = int(judged.sum()), points - len(judged)
    said = f"{doubt.said}: {agree} of {len(judged)} points agree on {names[0]} and {names[1]}"
    said = f"{said}; {left} measure nothing that can be compared" if left else said
    return f"{said} ({TIGHTENING})" if doubt == CONVERGENCE else said


def _says_nothing(column: "pd.Series[Any]") -> bool:
    return bool(column.isna().all() or column.eq("").all())


def _counts(row: Mapping[str, Any]) -> dict[str, int]:
    return {name: value for name, value in row.items() if isinstance(value, int)}


def _in_words(counts: Mapping[str, int]) -> str:
    """Return counts as one text: "6", or "h1 2, h2 0" where there are several."""
    if len(counts) == 1:
        return str(*counts.values())
    return ", ".join(f"{name.removeprefix('spikes_')} {int(n)}" for name, n in counts.items())


def _energy(row: Mapping[str, Any]) -> float | None:
    return next((row[name] for name in _ENERGIES if row.get(name) is not None), None)


def _change(before: float | None, after: float | None) -> float | None:
    return after / before - 1 if before and after is not None else None


def _moved_most(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[str, float | None]:
    """Return the quantity of a row that differs most, and by how much of the largest of its unit.

    What has no unit is made of the others, and an offset near 0 would differ by any factor.
    """
    both = {
        name: (value, second[name])
        for name, value in first.items()
        if unit_of(name) and isinstance(value, float) and isinstance(second.get(name), float)
    }
    largest: dict[str, float] = {}
    for name, values in both.items():
        largest[unit_of(name)] = max(largest.get(unit_of(name), 0.0), *map(abs, values))
    changes = {
        name: (after - before) / largest[unit_of(name)]
        for name, (before, after) in both.items()
        if largest[unit_of(name)]
    }
    name = max(changes, key=lambda one: abs(changes[one]), default="")
    return name, changes.get(name)
