"""What a study leaves behind: findings, and the findings judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import pandas as pd
from numpy.typing import NDArray

from anaspike.campaign.decks import DeckArchive
from anaspike.campaign.quantities import Quantity, whole
from anaspike.campaign.specs import Unjudged, Verdict
from anaspike.errors import InputError
from anaspike.files import is_plain_name
from anaspike.units import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Of thousands of conditions only one's pictures are saved: drawing waits for that. A
# `functools.partial` of a function of a module is drawn once and then found in the cache.
Drawing = Callable[[], "Figure"]


@dataclass(frozen=True)
class Findings:
    """What a study found, before it is judged.

    Attributes:
        tables: name -> table; the first is the one to show.
        quantities: named figures, each with its unit in its name; None when
            it could not be measured. Where there are several conditions, a series
            with a value for each, as `quantities.over` makes it of a table.
        figures: name -> what draws the picture.
        notes: what the numbers assume, in words.
        show: columns of the first table that the terminal has room for; all
            of them when empty.
        also: names of further tables that belong on the terminal.
        as_json: names of tables that are written as JSON too, for programs.
        arrays: name -> named arrays, each an npz file.
        texts: name of a file -> its text.

    Raises:
        InputError: a table, picture or npz file has a name that no file can have.
    """

    tables: Mapping[str, pd.DataFrame]
    quantities: Mapping[str, Quantity]
    figures: Mapping[str, Drawing] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    as_json: tuple[str, ...] = ()
    arrays: Mapping[str, Mapping[str, NDArray[Any]]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (*self.tables, *self.figures, *self.arrays, *self.texts):
            if not is_plain_name(name):
                raise InputError(
                    f"'{printable(name)}' names a file of the answer: leave out slashes and what"
                    " cannot be seen, and use 1 to 200 characters"
                )

    def as_judged(self) -> Self:
        """Return the same with each quantity as verdicts take it: under all its conditions."""
        return replace(self, quantities=whole(self.quantities, self.tables))


@dataclass(frozen=True)
class Answer:
    """A study's findings, judged, with their provenance.

    Attributes:
        name: of the study, as files and commands call it.
        title: one line for people.
        findings: tables, quantities, pictures, notes.
        verdicts: one for each spec that holds on the process.
        manifest: provenance, ready for JSON.
        decks: of every point, for `anaspike rerun`.
        unjudged: what no verdict is about.
        approximation: what the process left out on purpose, for every title; empty
            where nothing.
        searched: whether points that give no result are part of it, as of a search.
    """

    name: str
    title: str
    findings: Findings = field(repr=False)
    verdicts: tuple[Verdict, ...]
    manifest: Mapping[str, Any] = field(repr=False)
    decks: DeckArchive = field(default_factory=DeckArchive, repr=False)
    unjudged: tuple[Unjudged, ...] = ()
    approximation: str = ""
    searched: bool = False

    @property
    def full_title(self) -> str:
        """The title, with what was left out on purpose."""
        return f"{self.title} ({self.approximation})" if self.approximation else self.title

    @property
    def ok(self) -> bool:
        """Whether every point gave a result and every spec is met."""
        points_ok = self.searched or all(
            point["status"] == "ok" for point in self.manifest["points"]
        )
        return (
            points_ok
            and not self.manifest["interrupted"]
            and all(verdict.met for verdict in self.verdicts)
        )
