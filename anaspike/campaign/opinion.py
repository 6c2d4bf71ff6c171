"""A second opinion: each point on another simulator too, and whether both say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from anaspike.campaign.answer import Answer
from anaspike.campaign.outcome import CANCELLED, STOPPED, Outcome
from anaspike.campaign.provenance import made_with
from anaspike.campaign.quantities import over
from anaspike.campaign.specs import Spec, judge
from anaspike.units import label_of, unit_of

if TYPE_CHECKING:
    from anaspike.campaign.bench import Bench

WITHIN = 0.02
AGREES = "second_opinion_agrees"
TABLE = "second_opinion"
_SPEC = Spec(AGREES, 1, why=f"counts equal unless marginal, energy within {100 * WITHIN:g} %")
# Of a row's energies the one that holds all that the point took; parts of it may be near 0.
_ENERGIES = ("energy_total_J", "energy_J", "energy_per_decision_J", "energy_per_spike_J")
_MARGINAL = "marginal"
_AGREE, _NOT_JUDGED = "agrees", "not judged"


@dataclass(frozen=True)
class Opinion:
    """One point on two simulators.

    Attributes:
        about: what it has in common with others, beside its own conditions.
        conditions: of the point.
        first, second: what became of it on each.
    """

    about: Mapping[str, Any]
    conditions: Mapping[str, Any]
    first: Outcome
    second: Outcome

    @classmethod
    def of(
        cls,
        about: Mapping[str, Any],
        conditions: Mapping[str, Any],
        first: Outcome,
        second: Outcome | None,
    ) -> "Opinion":
        """Return an opinion without what takes room; with no second outcome it was cancelled."""
        second = second or Outcome(first.index, CANCELLED, {}, "", (), STOPPED)
        slim = (replace(one, waveforms=None, deck=None) for one in (first, second))
        return cls(about, conditions, *slim)

    def row(self, names: tuple[str, str]) -> dict[str, Any]:
        """Return the point's row of the table.

        Args:
            names: of the simulators.
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
            "verdict": failed or self._verdict(counts[0] != counts[1], change, *others),
            "message": self.first.message or self.second.message,
        }

    def _verdict(self, counted: bool, energy: float | None, other: str, moved: float | None) -> str:
        if counted and self.first.row.get(_MARGINAL):
            return f"{_AGREE}, marginal"  # right by luck on either: so is the energy
        differing = [
            word
            for word, differs in (
                ("counts", counted),
                ("energy", abs(energy or 0.0) > WITHIN),
                (label_of(other), abs(moved or 0.0) > WITHIN),
            )
            if differs
        ]
        if differing:
            return f"{' and '.join(differing)} differ{'' if counted else 's'}"
        judged = _counts(self.first.row) or energy is not None or moved is not None
        return _AGREE if judged else _NOT_JUDGED


def with_second_opinion(answer: Answer, bench: "Bench") -> Answer:
    """Return an answer with the table, the verdict and the provenance of a second opinion.

    Args:
        answer: of a study.
        bench: that it ran on; where that has no second simulator, the answer stays as it is.
    """
    if bench.second is None:
        return answer
    names = bench.simulator.name, bench.second.name
    opinions = sorted(bench.opinions, key=_place)
    table = pd.DataFrame([opinion.row(names) for opinion in opinions])
    table = table[[name for name in table if not _says_nothing(table[name])]]
    by = list(dict.fromkeys(name for one in opinions for name in (*one.about, *one.conditions)))
    judged = _agreement(table, by)
    findings = replace(
        answer.findings,
        tables={**answer.findings.tables, TABLE: table},
        quantities={**answer.findings.quantities, AGREES: judged},
        also=(*answer.findings.also, TABLE),
        notes=(*answer.findings.notes, _note(len(table), judged, names)),
    )
    return replace(
        answer,
        findings=findings,
        verdicts=(*answer.verdicts, *(judge([_SPEC], {AGREES: judged}) if len(judged) else ())),
        manifest={
            **answer.manifest,
            TABLE: {"simulator": bench.second.name, **made_with(bench.second)},
        },
    )


def _place(opinion: Opinion) -> tuple[tuple[bool, bool, Any], ...]:
    """Return where an opinion stands: conditions are answered side by side, in any order."""
    values = opinion.about.values()
    return tuple((v is not None, isinstance(v, str), 0 if v is None else v) for v in values)


def _agreement(table: pd.DataFrame, by: Sequence[str]) -> "pd.Series[float]":
    """Return for each point that is judged whether both say the same: 1 or 0."""
    said = table["verdict"] if "verdict" in table else pd.Series(dtype=str)
    held = said[said != _NOT_JUDGED]
    agree = held.str.startswith(_AGREE).astype(float)
    return over(table.loc[held.index].assign(**{AGREES: agree}), (AGREES,), by)[AGREES]


def _note(points: int, judged: "pd.Series[float]", names: tuple[str, str]) -> str:
    agree, left = int(judged.sum()), points - len(judged)
    said = f"second opinion: {agree} of {len(judged)} points agree on {names[0]} and {names[1]}"
    return f"{said}; {left} measure nothing that can be compared" if left else said


def _says_nothing(column: "pd.Series[Any]") -> bool:
    return bool(column.isna().all() or column.eq("").all())


def _counts(row: Mapping[str, Any]) -> dict[str, int]:
    return {n: v for n, v in row.items() if isinstance(v, int) and n != _MARGINAL}


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
