"""The page's first table: the neuron beside the paper's and those since, each figure judged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from anaspike.report.sections import MET, MISSED, UNJUDGED, Measured, Section
from anaspike.report.story import of_ours

_STUDY, _OURS = "table9", "ours, "
_NODE = "process_nm"
# Columns of the study's table, and what the page calls them.
FIGURES: Mapping[str, str] = {
    _NODE: "node",
    "area_core_um2": "core area",
    "max_rate_Hz": "highest rate",
    "energy_per_spike_J": "energy a spike",
    "energy_per_spike_3MHz_J": "energy a spike, at 3.3 MHz",
}


@dataclass(frozen=True)
class Compared:
    """A neuron's row.

    Attributes:
        name: of the design, or of the process that ours is on.
        ours: whether it is ours.
        pdk: the process that ours is on.
        conditions: under which ours was measured.
        figures: each with its verdict, "" where that is no question.
        kind, source: what it is, and who says so.
        tally: word -> how many quantities of that process are that, on the whole page; at the
            first of its rows.
    """

    name: str
    ours: bool
    pdk: str
    conditions: str
    figures: Sequence[tuple[str, str]]
    kind: str = ""
    source: str = ""
    tally: Mapping[str, int] | None = None


def compared(sections: Sequence[Section]) -> list[Compared]:
    """Return the rows of each process that the neuron was asked of, then the published neurons.

    A neuron that is drawn has a name of its own, and so has one that holds its weights. Of circuits
    that others drew alone there is none.

    Raises:
        InputError: a table of the comparison cannot be read.
    """
    asked = [section for section in sections if section.study == _STUDY]
    latest = sorted(asked, key=lambda section: section.answer.created, reverse=True)
    rows: dict[str, Compared] = {}
    for section in latest:
        for row in _rows_of(section):
            rows.setdefault(row.name, row)
    neuron = of_ours(section.study for section in sections)
    own = [section for section in sections if section.study in neuron]
    every = [one for section in own for one in section.measured]
    ours: list[Compared] = []
    for pdk in dict.fromkeys(pdk for section in own for pdk in section.pdks):
        of_it = sorted((r for r in rows.values() if r.ours and r.pdk == pdk), key=lambda r: r.name)
        first, *others = of_it or [_without(pdk)]
        ours += [_counted(first, pdk, every), *others]
    return [*ours, *(row for row in rows.values() if not row.ours)]


def _rows_of(section: Section) -> Iterator[Compared]:
    if _STUDY not in section.answer.content.tables:
        return
    table = section.table(_STUDY)
    for cells in table.rows:
        row = dict(zip(table.columns, cells, strict=True))
        name = row.get("design", "—")
        pdk = name.removeprefix(_OURS).partition(", ")[0]
        yield Compared(
            name,
            name.startswith(_OURS) and pdk in section.pdks,
            pdk,
            section.where if name.startswith(_OURS) else "",
            [(_shown(figure, row), _word(section, figure, pdk)) for figure in FIGURES],
            row.get("kind", ""),
            row.get("source", ""),
        )


def _shown(figure: str, row: Mapping[str, str]) -> str:
    text = row.get(figure, "—")
    return f"{text} nm" if figure == _NODE and text != "—" else text


def _word(section: Section, figure: str, pdk: str) -> str:
    """Return the verdict on a figure of one process; "" for what is nobody's to judge."""
    if figure == _NODE:
        return ""
    bare, _, unit = figure.rpartition("_")
    quantity = f"{bare}_{pdk}_{unit}"
    words = [one.word for one in section.measured if one.quantity == quantity]
    return words[0] if words else ""


def _without(pdk: str) -> Compared:
    """Return the row of a process that the comparison was not asked of."""
    figures = [("—", "" if figure == _NODE else UNJUDGED) for figure in FIGURES]
    return Compared(_OURS + pdk, True, pdk, "not compared: run anaspike table9", figures)


def _counted(row: Compared, pdk: str, every: Sequence[Measured]) -> Compared:
    own = [one.word for one in every if one.pdk == pdk]
    tally = {word: own.count(word) for word in (MET, MISSED, UNJUDGED)}
    return replace(row, tally=tally)
