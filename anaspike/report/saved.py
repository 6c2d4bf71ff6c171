"""Answers as they lie on disk, whoever wrote them: found, read, and checked before any use."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from anaspike.errors import InputError, on_one_line
from anaspike.folders import UNFINISHED, named_below, refuse_unfinished
from anaspike.report.foreign import Allowance, ForeignFolder
from anaspike.report.schema import Content, Manifest, NotJudged, one_line

T = TypeVar("T", bound=BaseModel)

_MOST_ANSWERS = 1_000
_MOST_NAMED = 5  # folders that a message names
_VALUE_B = 8  # as ours are written, each on a line of its own
_MOST_ANSWER_B, _MOST_MANIFEST_B, _MOST_IN_ALL_B = 10_000_000, 64_000_000, 100_000_000


@dataclass(frozen=True)
class SavedAnswer:
    """An answer as it lies on disk.

    Attributes:
        folder: where.
        content: of `answer.json`.
        manifest: of `manifest.json`.
    """

    folder: Path
    content: Content
    manifest: Manifest

    @property
    def flow(self) -> str:
        """Name of the flow file it answers, "" where a command asked: OUT/<flow>/<process>."""
        return self.folder.parent.name if self.folder.name == self.pdk else ""

    @property
    def pdk(self) -> str:
        """Name of the process."""
        return self.manifest.pdk.name

    @property
    def subject(self) -> tuple[str, str, str, str]:
        """Study, flow, process, what that leaves out: of each one answer is shown, the latest."""
        return self.content.name, self.flow, self.pdk, self.manifest.pdk.approximation

    @property
    def created(self) -> str:
        """When it was made, in UTC, as ISO text."""
        return self.manifest.created

    @property
    def unjudged(self) -> dict[str, list[str]]:
        """Why -> quantities not judged for that reason; of an older answer, without verdict."""
        left = self.content.not_judged
        if left is None:
            judged = {verdict.quantity for verdict in self.content.verdicts}
            names = [name for name in self.content.quantities if name not in judged]
            left = [NotJudged(quantity=name, why="") for name in names]
        reasons: dict[str, list[str]] = {}
        for one in left:
            reasons.setdefault(one.why or "no limit", []).append(one.quantity)
        return reasons


def latest(answers: Iterable[SavedAnswer]) -> list[SavedAnswer]:
    """Return the latest answer of each study and flow on each process."""
    by_subject = {answer.subject: answer for answer in sorted(answers, key=_by_time)}
    return [by_subject[subject] for subject in sorted(by_subject)]


def saved_answers(folders: Iterable[Path]) -> list[SavedAnswer]:
    """Return every answer below the folders.

    A folder is looked through only if those before it held none.

    Raises:
        InputError: no folder holds an answer, one is damaged or is none, or there is
            more than a page takes.
    """
    looked = []
    for folder in folders:
        places = [path.parent for path in named_below(folder, "answer.json")]
        finished = [place for place in places if not (place / UNFINISHED).exists()]
        if finished:
            return _all_of(finished, folder)
        looked.append(str(folder))
    raise InputError(
        f"no answers below {' or '.join(looked)}; run a study first,"
        " for example `anaspike run --all`"
    )


def run_in(place: Path) -> Path:
    """Return the folder of the run that a folder is, or that is the only one below it.

    `anaspike run` puts a flow's answer below the folder that one names.

    Raises:
        InputError: it is none, or holds several; the message says what would be one.
    """
    if not place.is_dir():
        what = "is a file" if place.exists() else "is not there"
        raise InputError(f"{place} {what}; name the folder of a run, as --out did")
    refuse_unfinished(place)
    if (place / "answer.json").exists():
        return place
    below = [os.path.relpath(path.parent, place) for path in named_below(place, "answer.json")]
    if len(below) == 1:
        refuse_unfinished(place / below[0])
        return place / below[0]
    if below:
        more = f" and {len(below) - _MOST_NAMED} more" if len(below) > _MOST_NAMED else ""
        raise InputError(
            f"{place} holds several runs: {', '.join(below[:_MOST_NAMED])}{more}; name one of them"
        )
    if (place / "manifest.json").exists():
        raise InputError(
            f"{place} was written by an older version, without answer.json; run it again"
        )
    raise InputError(f"{place} is no run: it holds no answer.json; name the folder of one")


def saved_answer(folder: Path) -> SavedAnswer:
    """Return the answer that lies in a folder itself.

    Raises:
        InputError: it is damaged, or is none.
    """
    return _read(folder, Allowance(_MOST_IN_ALL_B))


def unreadable(folder: Path, error: InputError) -> InputError:
    """Return what is wrong with an answer's pictures or tables, and how to mend it."""
    said = _by_name(folder, error)
    return InputError(
        f"cannot read the answer in {folder}: {said}; remove the folder, or run it again"
    )


def _by_name(folder: Path, error: InputError) -> str:
    """Return what an error says, the file's folder left out: the line has named it."""
    return str(error).replace(on_one_line(f"{folder}{os.sep}"), "")


def _by_time(answer: SavedAnswer) -> str:
    return answer.created


def _all_of(places: list[Path], below: Path) -> list[SavedAnswer]:
    """Read the answers in these folders.

    Raises:
        InputError: one cannot be read, or they are more than a page takes.
    """
    allowance, answers = Allowance(_MOST_IN_ALL_B), []
    for place in places[: _MOST_ANSWERS + 1]:
        answers.append(_read(place, allowance))
        if len(answers) > _MOST_ANSWERS or allowance.overdrawn:
            raise InputError(
                f"the answers below {below} are too many for one page, which takes {_MOST_ANSWERS}"
                f" of {_MOST_IN_ALL_B / 1e6:g} MB in all; report a part of them"
            )
    return answers


def _read(place: Path, allowance: Allowance) -> SavedAnswer:
    folder = ForeignFolder(place)
    return SavedAnswer(
        place,
        _checked(Content, folder, "answer.json", _MOST_ANSWER_B, allowance),
        _checked(Manifest, folder, "manifest.json", _MOST_MANIFEST_B, allowance),
    )


def _checked(
    kind: type[T], folder: ForeignFolder, name: str, most_B: int, allowance: Allowance
) -> T:
    try:
        content = folder.json(name, most_B, _VALUE_B)
        allowance.take((folder.path / name).stat().st_size)
        return kind.model_validate(content)
    except ValidationError as error:
        said = one_line(error)
    except InputError as error:
        said = _by_name(folder.path, error)
    raise InputError(
        f"cannot read {folder.path / name}: {said}; remove its folder, or run it again"
    )
