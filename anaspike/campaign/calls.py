"""Calls of plain functions as points: each gives a row, is found in the cache, has a process.

What is learned in Python alone is asked like what is simulated: a call that fails is a row that
says so, an equal call is not made twice, and several are made at once.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from anaspike.campaign.keys import Unkeyed
from anaspike.campaign.outcome import ERROR, REFUSED, Outcome
from anaspike.campaign.point import plain_row, shown, software
from anaspike.campaign.store import UNFINISHED, Cache, Damaged, Entry
from anaspike.errors import InputError
from anaspike.experiments.protocol import Row
from anaspike.processes import Died, on_processes

# A partial of a function of a module. It takes `resume`, a file to go on from, and `say`, told
# what is done now; both may be None.
Call = partial[Row]
Say = Callable[[str], None]


def run_calls(
    calls: Sequence[Call],
    jobs: int,
    cache: Cache | None = None,
    stopped: Callable[[], bool] = lambda: False,
    say: Say | None = None,
    files: Sequence[Path] = (),
) -> Generator[Outcome, None, None]:
    """Yield the outcome of each call as it finishes.

    One call, or one job, is made in this process; several have processes of their own.

    Args:
        calls: what to make.
        jobs: how many at once.
        cache: where rows are looked up and kept; None for none.
        stopped: asked before each call.
        say: told what is done now, by a call that is made in this process.
        files: what each call goes on from, where that is to stay; else it lies in the cache until
            there is a row.
    """
    shelves = [_Shelf.of(call, cache, files[i] if files else None) for i, call in enumerate(calls)]
    left = []
    for index, shelf in enumerate(shelves):
        found = shelf.look(index)
        if found is None:
            left.append(index)
        else:
            yield found
    alone = min(jobs, len(left)) < 2
    made = partial(_here, say=say) if alone else partial(_beside, jobs=jobs)
    asked = [(i, calls[i], shelves[i].file, not files) for i in left]
    for index, status, row, message in made(asked, stopped):
        note = shelves[index].store(row) if status == "ok" else ""
        yield Outcome(index, status, row, "", (), message, note=note)


# Index, call, what it goes on from, and whether that is the cache's own.
Asked = tuple[int, Call, Path | None, bool]
Made = tuple[int, str, Row, str]


def made_of(
    call: Call, resume: Path | None, own: bool, say: Say | None = None
) -> tuple[str, Row, str]:
    """Make a call; return status, row and message.

    Args:
        call: to make.
        resume: file to go on from.
        own: whether that is the cache's own: a damaged one is then begun anew.
        say: told what is done now.
    """
    try:
        return "ok", plain_row(call(resume=resume, say=say)), ""
    except InputError as error:
        if own and resume is not None and str(resume) in str(error) and resume.exists():
            with suppress(OSError):
                resume.unlink()
                return made_of(call, resume, False, say)
        return REFUSED, {}, str(error)
    except Exception as error:  # the function's own mistake: a row, not the end
        return ERROR, {}, shown(error)


def _here(
    asked: Sequence[Asked], stopped: Callable[[], bool], say: Say | None
) -> Generator[Made, None, None]:
    for index, call, resume, own in asked:
        if stopped():
            return
        yield index, *made_of(call, resume, own, say)


def _beside(
    asked: Sequence[Asked], stopped: Callable[[], bool], jobs: int
) -> Generator[Made, None, None]:
    for place, made in on_processes(_made_there, asked, jobs, stopped):
        index = asked[place][0]
        yield (index, ERROR, {}, str(made)) if isinstance(made, Died) else (index, *made)


def _made_there(asked: Asked) -> tuple[str, Row, str]:
    _, call, resume, own = asked
    return made_of(call, resume, own)


class _Shelf:
    """A call's place in the cache, if it has one."""

    def __init__(self, cache: Cache | None, key: str, file: Path | None, note: str = "") -> None:
        self._cache, self._key, self._kept, self._note = cache, key, file, note

    @classmethod
    def of(cls, call: Call, cache: Cache | None, file: Path | None) -> "_Shelf":
        if cache is None:
            return cls(None, "", file)
        try:
            return cls(cache, cache.keys.of_call(call), file)
        except Unkeyed as error:
            return cls(None, "", file, f"not kept: {error}")

    @property
    def file(self) -> Path | None:
        """Where a call may keep what it has done so far."""
        if self._kept is not None or self._cache is None:
            return self._kept
        return self._cache.path(self._key, UNFINISHED)

    def look(self, index: int) -> Outcome | None:
        """Return the outcome, if it is there and sound."""
        if self._cache is None or (self._kept is not None and not self._kept.exists()):
            return None
        try:
            found = self._cache.get(self._key)
        except Damaged as error:
            self._note = f"the cache's entry was damaged ({error}) and made again"
            return None
        if found is None:
            return None
        self._cache.used(self._key)
        return Outcome(index, "ok", found.row, "", (), "", made=found.made)

    def store(self, row: Row) -> str:
        """Keep a row; return what there is to say."""
        if self._cache is None:
            return self._note
        made = {"created": datetime.now(UTC).isoformat(timespec="seconds"), **software()}
        try:
            self._cache.put(self._key, Entry(row, "", (), made))
        except InputError as error:
            return f"not kept: {error}"
        if self._kept is None and self.file is not None:
            with suppress(OSError):  # prune takes it later
                self.file.unlink(missing_ok=True)
        return self._note
