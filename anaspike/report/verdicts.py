"""Verdicts on the terminal: what is met, what is missed, and what nobody judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from anaspike.campaign.answer import Answer
from anaspike.campaign.specs import Spec, Unjudged, Verdict
from anaspike.report.columns import Column, fit, laid_out
from anaspike.report.console import Terminal
from anaspike.units import format_named, label_of


@dataclass(frozen=True)
class Tally:
    """How many quantities are met, missed and not judged."""

    met: int
    missed: int
    unjudged: int

    @classmethod
    def of(cls, answers: Iterable[Answer]) -> "Tally":
        """Count the quantities of several answers."""
        known = list(answers)
        verdicts = [verdict.met for answer in known for verdict in answer.verdicts]
        left = sum(len(answer.unjudged) for answer in known)
        return cls(sum(verdicts), len(verdicts) - sum(verdicts), left)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.met + other.met, self.missed + other.missed, self.unjudged + other.unjudged
        )

    def __str__(self) -> str:
        quantities = "quantity" if self.unjudged == 1 else "quantities"
        return f"{self.met} met, {self.missed} missed, {self.unjudged} {quantities} not judged"


def show_verdicts(console: Terminal, answer: Answer) -> None:
    """Print an answer's verdicts, how many there are of each kind, and what has none."""
    columns = verdict_columns(answer.verdicts)
    if answer.verdicts and fit(columns, console.width):
        console.print(verdict_table(answer.verdicts, columns, console.width))
    elif answer.verdicts:
        for place in range(len(answer.verdicts)):
            said = (f"{c.heading} {c.cells[place]}" for c in columns[1:] if c.cells[place])
            console.print(f"{columns[0].cells[place]}: {'; '.join(said)}")
    console.print(str(Tally.of([answer])))
    for why, names in by_reason(answer.unjudged).items():
        listed = ", ".join(label_of(name) for name in names)
        console.print(f"  not judged, {why}: {listed}", style="dim")


def by_reason(left: Iterable[Unjudged]) -> dict[str, list[str]]:
    """Return why -> names of what is not judged for that reason."""
    reasons: dict[str, list[str]] = {}
    for one in left:
        reasons.setdefault(one.why or "no limit", []).append(one.quantity)
    return reasons


class Summary:
    """What several flows came to, on each of their processes.

    Args:
        asked: flow and process of each answer that was asked for, in order.
    """

    def __init__(self, asked: Sequence[tuple[str, str]]) -> None:
        self._asked = list(asked)
        self._lines: list[tuple[Tally, int, int]] = []

    def add(self, answer: Answer) -> None:
        """Take in the next answer."""
        points = answer.manifest["points"]
        failed = sum(point["status"] != "ok" for point in points)
        self._lines.append((Tally.of([answer]), failed, len(points)))

    def show(self) -> None:
        """Print a line for each answer, one for all, and what has none."""
        console = Terminal()
        table = Table("flow", "process", header_style="bold")
        for heading in ("met", "missed", "not judged", "points failed"):
            table.add_column(heading, justify="right", overflow="fold")
        for (flow, pdk), (tally, failed, points) in zip(self._asked, self._lines, strict=False):
            bad = "red" if tally.missed or failed else None
            counts = (str(tally.met), str(tally.missed), str(tally.unjudged))
            table.add_row(flow, pdk, *counts, f"{failed} of {points}", style=bad)
        console.print(table)
        tallies = [tally for tally, _, _ in self._lines]
        console.print(str(sum(tallies, Tally(0, 0, 0))))
        if left := self._asked[len(self._lines) :]:
            names = ", ".join(f"{flow} on {pdk}" for flow, pdk in left)
            console.print(f"not run: {names}", style="red")


def verdict_columns(verdicts: Sequence[Verdict]) -> list[Column]:
    """Return what a line about a verdict says.

    Where one is about several conditions it says how many are met, and which is the worst.
    """
    several = any(verdict.rows > 1 for verdict in verdicts)
    return [
        Column("quantity", [label_of(verdict.spec.quantity) for verdict in verdicts], left=True),
        Column("min", [_limit(verdict.spec, verdict.spec.least) for verdict in verdicts]),
        Column("measured", [_measured(verdict) for verdict in verdicts]),
        Column("max", [_limit(verdict.spec, verdict.spec.most) for verdict in verdicts]),
        Column("margin", [_margin(verdict) for verdict in verdicts]),
        Column("verdict", [_word(verdict) for verdict in verdicts], left=several),
        *([Column("worst at", [verdict.worst for verdict in verdicts], left=True)] * several),
    ]


def verdict_table(verdicts: Sequence[Verdict], columns: Sequence[Column], room: int) -> Table:
    """Return a row for each verdict, in a line of so many characters."""
    shown = laid_out(columns, room)
    for i, verdict in enumerate(verdicts):
        line: list[str | Text] = [column.cells[i] for column in columns]
        line[_VERDICT] = Text(_word(verdict), "green" if verdict.met else "bold red")
        shown.add_row(*line)
    return shown


_VERDICT = 5  # its column


def _limit(spec: Spec, value: float | None) -> str:
    return "" if value is None else format_named(spec.quantity, value)


def _measured(verdict: Verdict) -> str:
    value = verdict.measured
    return "—" if value is None else format_named(verdict.spec.quantity, value)


def _margin(verdict: Verdict) -> str:
    return "" if verdict.margin is None else f"{verdict.margin:+.1%}"


def _word(verdict: Verdict) -> str:
    word = "met" if verdict.met else "MISSED"
    if verdict.rows == 1:
        return word
    what = "within" if verdict.counted == "conditions" else verdict.counted
    return f"{word}, {verdict.within} of {verdict.rows} {what}"
