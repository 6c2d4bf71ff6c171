"""What the page shows, in the order that it tells: questions, and under each its answers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from anaspike.errors import InputError
from anaspike.report.embedded import Embedded, embedded
from anaspike.report.excerpt import Excerpt, excerpt
from anaspike.report.foreign import Allowance, ForeignFolder
from anaspike.report.interactive import curves_in
from anaspike.report.saved import SavedAnswer, unreadable
from anaspike.report.schema import Judged, Point, Range
from anaspike.report.story import Question, in_order, question_of, study_in
from anaspike.units import label_of, unit_of

MET, MISSED, UNJUDGED = "met", "MISSED", "not judged"


@dataclass(frozen=True)
class Measured:
    """A quantity of an answer, and what it is held to.

    Attributes:
        section: whose it is.
        quantity: its name.
        value: as it is saved; of a judged one the worst.
        verdict: what judges it; None where nothing does.
        why: where the limit comes from; of one that is not judged, why it is not.
    """

    section: "Section"
    quantity: str
    value: float | Range | None
    verdict: Judged | None
    why: str

    @property
    def word(self) -> str:
        """What has become of it."""
        if self.verdict is None:
            return UNJUDGED
        return MET if self.verdict.met else MISSED

    @property
    def pdk(self) -> str:
        """The process that it is of: one study may ask several."""
        several, unit = self.section.pdks, unit_of(self.quantity)
        bare = self.quantity.removesuffix(f"_{unit}") if unit else self.quantity
        named = [pdk for pdk in several if bare.endswith(f"_{pdk}")]
        return named[0] if named else ", ".join(several)

    @property
    def label(self) -> str:
        """Its name for people, without the process, which stands beside it."""
        label = label_of(self.quantity)
        return label.removesuffix(f" {label_of(self.pdk)}")


@dataclass
class Section:
    """An answer as the page shows it. Pictures and tables are read as they are shown.

    Attributes:
        number: of the answer on the page.
        answer: as it was saved.
        tables_B: what the tables of all sections may measure together, in bytes.
        parts: how many parts all their pictures may have.
        interactive: whether the page draws curves anew.
    """

    number: int
    answer: SavedAnswer
    tables_B: Allowance
    parts: Allowance
    interactive: bool = False
    pdks: Sequence[str] = field(init=False)
    failed: list[Point] = field(init=False)
    measured: list[Measured] = field(init=False)

    def __post_init__(self) -> None:
        manifest = self.answer.manifest
        # One study asks several processes at once.
        self.pdks = manifest.parameters.pdks or (self.answer.pdk,)
        self.failed = [point for point in manifest.points if point.status != "ok"]
        self.measured = list(self._measured())

    @property
    def anchor(self) -> str:
        """Where on the page it stands."""
        return f"answer-{self.number}"

    @property
    def pdk(self) -> str:
        """Its processes by name."""
        return ", ".join(self.pdks)

    @property
    def study(self) -> str:
        """The study that it answers, under however many conditions."""
        return study_in(self.answer.content.name)

    @property
    def flow(self) -> str:
        """Name of the flow that it answers, where that says more than the question."""
        flow = self.answer.flow
        return "" if flow == self.study.replace("-", "_") else flow

    @property
    def where(self) -> str:
        """Flow and conditions: what its rows are about, beside the process."""
        flow = f"flow {self.flow}" if self.flow else ""
        return ", ".join(filter(None, (self.answer.manifest.conditions, flow)))

    @property
    def further(self) -> dict[str, float | Range | None]:
        """What it counts beside: of several conditions how many there are, the yield."""
        told = {one.quantity for one in self.measured}
        quantities = self.answer.content.quantities
        return {name: value for name, value in quantities.items() if name not in told}

    @property
    def pictures(self) -> Iterator[tuple[str, Embedded, str | None]]:
        """Its pictures: name for people, image, and curves where they are drawn anew.

        Raises:
            InputError: one cannot be read.
        """
        folder = ForeignFolder(self.answer.folder)
        for name in self.answer.content.figures:
            try:
                curves = curves_in(folder, name) if self.interactive else None
                yield label_of(name), embedded(folder, f"{name}.svg", self.parts), curves
            except InputError as error:
                raise unreadable(folder.path, error) from None

    def table(self, name: str) -> Excerpt:
        """Return one of its tables.

        Raises:
            InputError: it cannot be read, or is damaged.
        """
        folder = ForeignFolder(self.answer.folder)
        try:
            return excerpt(folder, name, self.tables_B)
        except InputError as error:
            raise unreadable(folder.path, error) from None

    @property
    def tables(self) -> Iterator[Excerpt]:
        """Its tables, in the order in which they are saved."""
        return map(self.table, self.answer.content.tables)

    def _measured(self) -> Iterator[Measured]:
        content = self.answer.content
        for verdict in content.verdicts:
            yield Measured(self, verdict.quantity, verdict.measured, verdict, verdict.why)
        for why, names in self.answer.unjudged.items():
            for name in names:
                yield Measured(self, name, content.quantities.get(name), None, why)


@dataclass(frozen=True)
class Asked:
    """A question of the page, with all answers to it.

    Attributes:
        study: that asks it.
        question: as the story tells it.
        sections: its answers.
    """

    study: str
    question: Question
    sections: Sequence[Section]

    @property
    def anchor(self) -> str:
        """Where on the page it stands."""
        return f"question-{self.sections[0].number}"

    @property
    def title(self) -> str:
        """The question, for people."""
        return self.question.asked or self.sections[0].answer.content.title

    @property
    def pdks(self) -> Sequence[str]:
        """The processes that it was asked of."""
        return list(dict.fromkeys(pdk for section in self.sections for pdk in section.pdks))

    @property
    def measured(self) -> list[Measured]:
        """All its quantities: missed before met before not judged, processes side by side."""
        every = [one for section in self.sections for one in section.measured]
        words = (MISSED, MET, UNJUDGED)
        places: dict[str, int] = {}
        for one in every:
            places.setdefault(one.label, len(places))
        return sorted(every, key=lambda one: (words.index(one.word), places[one.label]))

    @property
    def met(self) -> int:
        """How many quantities of all its answers are met."""
        return self._count(MET)

    @property
    def missed(self) -> int:
        """How many are missed."""
        return self._count(MISSED)

    @property
    def unjudged(self) -> int:
        """How many nobody judged."""
        return self._count(UNJUDGED)

    @property
    def points(self) -> int:
        """How many simulations all its answers took."""
        return sum(len(section.answer.manifest.points) for section in self.sections)

    @property
    def failed(self) -> int:
        """How many of them failed."""
        return sum(len(section.failed) for section in self.sections)

    def _count(self, word: str) -> int:
        return sum(one.word == word for section in self.sections for one in section.measured)


def chapters(sections: Iterable[Section]) -> Mapping[str, Sequence[Asked]]:
    """Return the story: chapter -> its questions, in the order in which they are told."""
    by_study: dict[str, list[Section]] = {}
    for section in sections:
        by_study.setdefault(section.study, []).append(section)
    told: dict[str, list[Asked]] = {}
    for study in in_order(by_study):
        question = question_of(study)
        told.setdefault(question.chapter, []).append(Asked(study, question, by_study[study]))
    return told
