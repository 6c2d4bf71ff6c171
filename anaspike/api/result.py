"""An answer as a notebook has it: tables, pictures, verdicts, traces, provenance."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from anaspike.api.card import card
from anaspike.api.picture import Picture
from anaspike.api.waveforms import Kept
from anaspike.campaign.answer import Answer, Drawing
from anaspike.campaign.store import Cache
from anaspike.campaign.traces import Trace, read_trace
from anaspike.errors import InputError
from anaspike.files import path_of
from anaspike.report import answers
from anaspike.report.pictures import drawn, picture
from anaspike.report.style import also_titled
from anaspike.spice.waveforms import Waveforms
from anaspike.units import printable, suggestion

if TYPE_CHECKING:
    from matplotlib.figure import Figure

T = TypeVar("T")
_LIMITS = ["quantity", "min", "measured", "max", "margin", "met", "within", "of", "worst", "why"]


class Named(Mapping[str, T]):
    """Things by their names; each is made when it is asked for.

    Args:
        what: they are, for people.
        names: of all, in order.
        make: returns one by its name.
    """

    def __init__(self, what: str, names: Sequence[str], make: Callable[[str], T]) -> None:
        self._what, self._names, self._make = what, tuple(names), make
        self._made: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name not in self._names:
            asked = str(name)  # by its number, as lists are
            hint = suggestion(asked, self._names) if self._names else "there is none"
            raise InputError(f"no {self._what} is called '{printable(asked)}'; {hint}")
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<{self._what}s: {', '.join(self._names) or 'none'}>"


@dataclass(frozen=True, repr=False)
class Result:
    """What a question gave; the last line of a cell shows verdicts, first table, first picture.

    Attributes:
        name, title: of the question.
        ok: whether every point gave a result and every limit is met.
        tables: name -> table of pandas; columns carry their units: `energy_per_spike_J`.
        figures: name -> picture that shows itself; its `.figure` is matplotlib's.
        verdicts: a row for each limit: `quantity`, `min`, `measured`, `max`, `met`, ...
        quantities: name -> figure; of several conditions its least and most.
        waveforms: point -> traces, of those kept: `.waveforms[3]["mem"]`; `.at(corner="ss")`.
        manifest: what it was made with and when, ready for JSON.
        notes: what the numbers assume.
        show: columns of the first table that are shown; all where empty.
        answer: the answer itself; None of a run that was read back.
    """

    name: str
    title: str
    ok: bool
    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, Picture]
    verdicts: pd.DataFrame
    quantities: Mapping[str, Any]
    waveforms: Kept
    manifest: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    answer: Answer | None = field(default=None, compare=False)

    @property
    def table(self) -> pd.DataFrame:
        """The first table: a row for each point or each condition, what failed among them."""
        return self.tables[next(iter(self.tables))]

    @property
    def audit(self) -> pd.DataFrame | None:
        """Each point at tighter settings too, where that was asked for: docs/numerics.md."""
        return self.tables.get("convergence")

    @property
    def second_opinion(self) -> pd.DataFrame | None:
        """Each point on both simulators, where a second opinion was asked for."""
        return self.tables.get("second_opinion")

    def figure(self, name: str | None = None) -> "Figure":
        """Return a picture, the first where none is named, as matplotlib's figure.

        Raises:
            InputError: there is none, or it was read back and is an image.
        """
        if name is None and not self.figures:
            raise InputError(f"{self.name} has no picture")
        return self.figures[next(iter(self.figures)) if name is None else name].figure

    def save(self, folder: Path | str, table_format: str = "csv") -> list[Path]:
        """Write tables, pictures, answer and manifest into a folder; return their paths.

        Raises:
            InputError: the folder cannot be written, the format is not made, or it was read back.
        """
        if self.answer is None:
            raise InputError(f"{self.name} was read back: its files are there; copy the folder")
        return answers.save(self.answer, path_of(folder, "folder"), table_format)

    def __repr__(self) -> str:
        met = int(self.verdicts["met"].sum())
        judged = f"{met} of {len(self.verdicts)} limits met, " if len(self.verdicts) else ""
        rows = f"{len(self.table)} rows, " if self.tables else ""
        return f"<{self.name}: {judged}{rows}{'ok' if self.ok else 'NOT ok'}>"

    def _repr_html_(self) -> str:
        image = next(iter(self.figures.values())).png if self.figures else None
        return card(self.title, self.ok, self.verdicts, self.tables, self.show, image, self.notes)


def of_answer(
    answer: Answer,
    traces: Mapping[int, tuple[Trace, Waveforms]] | Sequence[Trace],
    folder: Path | None,
    cache: Cache | None,
) -> Result:
    """Return an answer as a notebook has it.

    Args:
        answer: of a question.
        traces: those kept in memory, or in the folder.
        folder: where they lie.
        cache: where pictures may lie, and go.
    """
    if isinstance(traces, Mapping):
        kept = Kept([trace for trace, _ in traces.values()], lambda point: traces[point][1])
    else:
        kept = Kept(traces, partial(read_trace, folder or Path()))
    found = answer.findings
    return Result(
        answer.name,
        answer.full_title,
        answer.ok,
        Named("table", list(found.tables), found.tables.__getitem__),
        Named("picture", list(found.figures), partial(_picture, answer, cache)),
        verdict_table([answers.verdict_json(verdict) for verdict in answer.verdicts]),
        {name: answers.quantity_json(value) for name, value in found.quantities.items()},
        kept,
        answer.manifest,
        found.notes,
        found.show,
        answer,
    )


def verdict_table(verdicts: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return verdicts as a table, those missed first."""
    table = pd.DataFrame(verdicts, columns=_LIMITS).astype({"met": bool})
    return table.sort_values("met", kind="stable", ignore_index=True)


def _picture(answer: Answer, cache: Cache | None, name: str) -> Picture:
    drawing = answer.findings.figures[name]
    titled: Drawing = partial(_titled, drawing, answer.approximation)

    def image() -> bytes:
        if cache is None:
            return drawn(name, titled, ("png",))["png"]
        return picture(name, drawing, cache, answer.approximation)["png"]

    return Picture(name, image, titled)


def _titled(drawing: Drawing, remark: str) -> "Figure":
    return also_titled(drawing(), remark)
