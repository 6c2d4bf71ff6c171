"""Pruning and verifying: only what may go goes."""

import os

import numpy as np
import pytest

from anaspike.campaign import upkeep
from anaspike.campaign.store import PICTURES, Cache, Entry
from anaspike.spice.waveforms import Waveforms

HOUR_S = 3600.0


def key(i):
    return f"{i:02x}" + "0" * 62


def waves(i):
    return Waveforms(np.array([0.0, 1.0]), {"v(a)": np.array([0.0, float(i)])})


@pytest.fixture
def cache(tmp_path):
    """Four results, the oldest first, each with traces of its own."""
    cache = Cache(tmp_path)
    for i in range(4):
        cache.put(key(i), Entry({"x": i}, "as asked", (), {}, waves(i)))
    now_s = cache.path(key(3)).stat().st_mtime
    for i in range(4):
        age_s = (3 - i) * 24 * HOUR_S
        os.utime(cache.path(key(i)), (now_s - age_s, now_s - age_s))
    return cache


def left(cache):
    return [i for i in range(4) if cache.get(key(i), traces=True) is not None]


def test_info_counts_what_is_there(cache, tmp_path):
    found = upkeep.info(cache)
    assert (found.results, found.traces) == (4, 4)
    assert found.results_B + found.traces_B == sum(
        path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()
    )
    assert upkeep.info(Cache(tmp_path / "none")) == upkeep.Info(*[0] * 8)
    cache.put_picture(key(9), {"svg": b"x"})
    found = upkeep.info(cache)
    assert found.pictures == 1
    assert found.pictures_B == cache.path(key(9), PICTURES).stat().st_size


def test_a_picture_goes_as_a_result_does(cache):
    for i, age_d in ((8, 0), (9, 2)):
        cache.put_picture(key(i), {"svg": b"x", "png": b"y"})
        path = cache.path(key(i), PICTURES)
        used_s = path.stat().st_mtime - age_d * 24 * HOUR_S
        os.utime(path, (used_s, used_s))
    cache.used(key(9), PICTURES)
    assert upkeep.prune(cache, older_than_days=1.5).files == 4
    path = cache.path(key(9), PICTURES)
    os.utime(path, (0, 0))
    assert upkeep.prune(cache, older_than_days=3).files == 1
    assert cache.picture(key(8)) == {"svg": b"x", "png": b"y"}
    assert cache.picture(key(9)) is None


def test_a_damaged_picture_is_found(cache):
    cache.put_picture(key(9), {"svg": b"x"})
    path = cache.path(key(9), PICTURES)
    path.write_text(path.read_text().replace('"eA=="', '"eB=="'))
    assert upkeep.verify(cache) == [(path, "it does not match its checksum")]
    upkeep.verify(cache, remove=True)
    assert upkeep.verify(cache) == []


def test_what_was_of_no_use_for_long_goes_with_its_traces(cache):
    removed = upkeep.prune(cache, older_than_days=1.5)
    assert removed.files == 4
    assert left(cache) == [2, 3]
    assert upkeep.info(cache).traces == 2


def test_the_size_is_kept_by_removing_the_oldest(cache):
    found = upkeep.info(cache)
    half_B = (found.results_B + found.traces_B) / 2 + 1
    upkeep.prune(cache, max_size_B=half_B)
    assert left(cache) == [2, 3]
    assert upkeep.prune(cache, max_size_B=half_B).files == 0


def test_a_result_that_was_of_use_stays(cache):
    cache.used(key(0))
    upkeep.prune(cache, older_than_days=1.5)
    assert left(cache) == [0, 2, 3]


def test_traces_that_two_results_share_stay_with_the_one_that_stays(cache):
    cache.put(key(3), Entry({"x": 3}, "as asked", (), {}, waves(0)))
    upkeep.prune(cache, older_than_days=1.5)
    assert left(cache) == [2, 3]


def test_only_old_leftovers_of_killed_writers_go(cache):
    """They have the names that `replacing` gives; what has another is somebody's own."""
    young, old = (
        cache.folder / f"{kind}/00/.{name * 8}{suffix}"
        for kind, name, suffix in (("points", "ab", ".json"), ("traces", "cd", ".npz"))
    )
    own = cache.folder / "traces/00/.old.npz"
    for path in (young, old, own):
        path.parent.mkdir(exist_ok=True)
        path.write_text("half")
    for path in (old, own):
        os.utime(path, (1.0, 1.0))
    assert upkeep.prune(cache).files == 1
    assert (young.exists(), old.exists(), own.exists()) == (True, False, True)


@pytest.mark.parametrize("moved_s", [-400 * 24 * HOUR_S, 400 * 24 * HOUR_S])
def test_a_clock_that_moved_costs_at_most_time(cache, monkeypatch, moved_s):
    import time

    now_s = time.time()
    monkeypatch.setattr(upkeep.time, "time", lambda: now_s + moved_s)
    upkeep.prune(cache, older_than_days=1.5)
    for i in left(cache):
        assert cache.get(key(i)).row == {"x": i}
    assert upkeep.verify(cache) == []


def test_verify_names_what_is_damaged_and_removes_it_when_told(cache):
    cut, flipped = cache.path(key(1)), cache.path(key(2))
    cut.write_bytes(cut.read_bytes()[:50])
    sha = cache.read(key(2))["traces"]
    packed = bytearray(cache.traces_path(sha).read_bytes())
    packed[-100] ^= 4
    cache.traces_path(sha).write_bytes(packed)
    damaged = upkeep.verify(cache)
    assert sorted(damaged) == [
        (cut, "it cannot be read"),
        (flipped, "its traces do not match their checksum"),
    ]
    assert upkeep.verify(cache, remove=True) == damaged
    assert upkeep.verify(cache) == []
    assert left(cache) == [0, 3]
