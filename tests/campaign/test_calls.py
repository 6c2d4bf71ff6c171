"""Calls of plain functions: rows, failures, the cache, processes of their own."""

import os
from functools import partial
from pathlib import Path

import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.store import Cache
from anaspike.errors import InputError
from anaspike.spice.without import NoSimulator


def halved(number, *, resume, say):
    if say is not None:
        say(f"halving {number}")
    if number == 13:
        raise InputError("13 is unlucky")
    if number == 14:
        raise ZeroDivisionError("odd")
    return {"half": number / 2, "process": os.getpid()}


def dies(*, resume, say):
    os._exit(3)


def remembered(*, resume, say):
    resume.parent.mkdir(parents=True, exist_ok=True)
    before = resume.read_text() if resume.exists() else ""
    resume.write_text(before + "x")
    return {"before": len(before)}


def test_each_call_is_a_row_and_a_failure_takes_no_other_with_it():
    said = []
    bench = Bench(NoSimulator(), 1, lambda done, total: said.append((done, total)))
    outcomes = bench.computed([partial(halved, n) for n in (4, 13, 14, 6)])
    assert [o.status for o in outcomes] == ["ok", "refused", "error", "ok"]
    assert [o.row.get("half") for o in outcomes] == [2, None, None, 3]
    assert outcomes[1].message == "13 is unlucky"
    assert outcomes[2].message.startswith("ZeroDivisionError: odd (test_calls.py:")
    assert said[-1] == (4, 4)
    assert [outcome.index for outcome in bench.outcomes] == [0, 1, 2, 3]
    assert bench.failed == 2


def test_several_have_processes_of_their_own_and_one_that_dies_is_a_row():
    bench = Bench(NoSimulator(), 2)
    outcomes = bench.computed([partial(halved, 2), partial(dies), partial(halved, 8)])
    assert [o.status for o in outcomes] == ["ok", "error", "ok"]
    assert outcomes[1].message == "its process ended with 3: too little memory?"
    assert os.getpid() not in {o.row.get("process") for o in outcomes}


def test_an_equal_call_is_found_in_the_cache(tmp_path):
    cache = Cache(tmp_path)
    first = Bench(NoSimulator(), 1, cache=cache).computed([partial(halved, 4)])
    again = Bench(NoSimulator(), 1, cache=cache).computed([partial(halved, 4), partial(halved, 5)])
    assert not first[0].cached
    assert [o.cached for o in again] == [True, False]
    assert again[0].row == first[0].row


def test_what_is_unfinished_goes_when_there_is_a_row(tmp_path):
    bench = Bench(NoSimulator(), 1, cache=Cache(tmp_path))
    call = partial(remembered)
    place = bench.place_of(call)
    assert bench.computed([call])[0].row == {"before": 0}
    assert not place.exists()
    # A file that is to stay does, and without it the row alone is not enough.
    kept = Path(tmp_path) / "kept.npz"
    assert bench.computed([call], [kept])[0].row == {"before": 0}
    assert kept.exists()
    assert bench.computed([call], [kept])[0].cached


def resuming(*, resume, say):
    resume.parent.mkdir(parents=True, exist_ok=True)
    if resume.exists() and resume.read_text(encoding="utf-8") != "sound":
        raise InputError(f"{resume} is a damaged checkpoint; choose another file")
    return {"done": 1}


def test_a_damaged_file_of_the_caches_own_is_begun_anew_and_a_users_is_not(tmp_path):
    bench = Bench(NoSimulator(), 1, cache=Cache(tmp_path))
    place = bench.place_of(partial(resuming))
    place.parent.mkdir(parents=True)
    place.write_text("odd", encoding="utf-8")
    assert bench.computed([partial(resuming)])[0].row == {"done": 1}
    own = tmp_path / "own.npz"
    own.write_text("odd", encoding="utf-8")
    (refused,) = Bench(NoSimulator(), 1).computed([partial(resuming)], [own])
    assert refused.status == "refused"
    assert own.exists()


def test_nothing_runs_a_deck():
    class Deck:
        title = "a deck"

    with pytest.raises(InputError, match="a deck: there is no simulator here to run it"):
        NoSimulator().run(Deck())
