"""A cache that strangers have filled, or that is no cache: nothing of others is read or removed."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from anaspike.campaign import upkeep
from anaspike.campaign.store import PICTURES, POINTS, Cache, Damaged, Entry
from anaspike.errors import InputError
from anaspike.spice.waveforms import Waveforms

pytestmark = pytest.mark.usefixtures("not_for_ever")

KEY = "ab" + "0" * 62
WAVES = Waveforms(np.array([0.0, 1.0]), {"v(a)": np.array([0.0, 1.0])})
ENTRY = Entry({"x": 1}, "as asked", (), {}, WAVES)
OLD = (1.0, 1.0)


@pytest.fixture
def cache(tmp_path):
    cache = Cache(tmp_path / "cache")
    cache.put(KEY, ENTRY)
    cache.put_picture(KEY, {"svg": b"x"})
    return cache


def sealed(cache, payload, kind=POINTS):
    """Put a payload down under a seal that is right: anyone can make it."""
    payload = {"key": KEY, **payload}
    seal = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    cache.path(KEY, kind).write_text(json.dumps({"sha256": seal, "payload": payload}))


GOOD = {"row": {"x": 1}, "rung": "as asked", "failed": [], "made": {}, "traces": None}


def test_what_the_next_tests_change_is_sound(cache):
    sealed(cache, GOOD)
    assert cache.get(KEY).row == {"x": 1}
    sealed(cache, {"files": {"svg": "eA==", "png": ""}}, PICTURES)
    assert cache.picture(KEY) == {"svg": b"x", "png": b""}


@pytest.mark.parametrize(
    "parts",
    [
        {"row": 3},
        {"row": [1]},
        {"row": {"x": [1]}},
        {"row": {"x": {}}},
        {"row": {"x": 10**400}},
        {"rung": None},
        {"failed": 3},
        {"failed": [3]},
        {"failed": [{"rung": "a"}]},
        {"failed": [{"rung": "a", "kind": "b", "log_line": 3}]},
        {"failed": [{"rung": "a", "kind": "b", "log_line": "c", "more": 1}]},
        {"made": None},
        {"traces": 3},
        {"traces": "../../../../etc/passwd"},
        {"traces": "/etc/passwd"},
    ],
    ids=str,
)
def test_a_result_under_a_seal_that_is_none(cache, parts):
    sealed(cache, {**GOOD, **parts})
    with pytest.raises(Damaged, match="it cannot be read"):
        cache.get(KEY, traces=True)
    assert upkeep.verify(cache) == [(cache.path(KEY), "it cannot be read")]


@pytest.mark.parametrize(
    "files", [3, [], {"svg": 3}, {"svg": "no base64"}, {"/../../owned": "eA=="}, {"html": "eA=="}]
)
def test_a_picture_under_a_seal_that_is_none(cache, files):
    sealed(cache, {"files": files}, PICTURES)
    with pytest.raises(Damaged, match="it cannot be read"):
        cache.picture(KEY)


def sparse(path):
    path.touch()
    os.truncate(path, 10 * 10**9)


INSTEAD = {
    "a link to a file": lambda path: path.symlink_to("/etc/passwd"),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "ten gigabytes": sparse,
    "deep": lambda path: path.write_text("[" * 100_000),
    "a bomb of values": lambda path: path.write_text("[" + "[]," * 10_000_000 + "[]]"),
    "no UTF-8": lambda path: path.write_bytes(b'{"payload": "\xff"}'),
    "a mark": lambda path: path.write_bytes(b"\xef\xbb\xbf{}"),
    "a huge number": lambda path: path.write_text("9" * 5000),
}


@pytest.mark.parametrize("kind", INSTEAD)
def test_where_an_entry_should_be_is_something_else(cache, kind):
    for path in (cache.path(KEY), cache.path(KEY, PICTURES)):
        path.unlink()
        INSTEAD[kind](path)
    with pytest.raises(Damaged):
        cache.get(KEY)
    with pytest.raises(Damaged):
        cache.picture(KEY)
    assert {path for path, _ in upkeep.verify(cache)} == {
        cache.path(KEY), cache.path(KEY, PICTURES),
    }  # fmt: skip
    upkeep.info(cache)
    upkeep.verify(cache, remove=True)
    assert kind == "a folder" or not os.path.lexists(cache.path(KEY))


@pytest.mark.parametrize("kind", ["a link to a file", "a link to a device", "a pipe", "a folder"])
def test_where_traces_should_be_is_something_else(cache, kind):
    path = cache.traces_path(cache.read(KEY)["traces"])
    path.unlink()
    INSTEAD[kind](path)
    with pytest.raises(Damaged):
        cache.get(KEY, traces=True)


@pytest.mark.parametrize("place", ["points", "points/ab", "pictures", "pictures/ab"])
def test_nothing_is_written_read_or_removed_through_a_link(cache, tmp_path, place):
    outside = tmp_path / "outside"
    (cache.folder / place).rename(outside)
    (cache.folder / place).symlink_to(outside)
    before = {path: path.read_bytes() for path in outside.rglob("*.json")}
    for path in before:
        os.utime(path, OLD)
    with pytest.raises(Damaged, match=f"{place} is a symbolic link; nothing is read or written"):
        cache.get(KEY) if place.startswith(POINTS) else cache.picture(KEY)
    with pytest.raises(InputError, match=f"{place} is a symbolic link"):
        cache.put(KEY, ENTRY) if place.startswith(POINTS) else cache.put_picture(KEY, {"svg": b""})
    upkeep.verify(cache, remove=True)
    upkeep.prune(cache, max_size_B=-1.0)
    assert {path: path.read_bytes() for path in outside.rglob("*.json")} == before
    assert len(before) == 1


def test_the_cache_itself_may_lie_behind_a_link(cache, tmp_path):
    (tmp_path / "named").symlink_to(cache.folder)
    named = Cache(tmp_path / "named")
    assert named.get(KEY, traces=True).row == {"x": 1}
    assert upkeep.prune(named, max_size_B=-1.0).files == 3


def test_in_somebodys_home_nothing_but_the_caches_own_is_removed(cache):
    own = [
        ".bashrc",
        "notes/ab/.hidden.json",
        "points/notes.json",
        "points/ab/thesis.json",
        f"points/ab/{KEY}.txt",
        f"points/ab/{KEY.upper()}.json",
        f"points/cd/{KEY}.json",
        f"points/AB/{KEY}.json",
        "points/ab/.thesis.json",
        f"pictures/2026/{KEY}.json",
        f"pictures/ab/{KEY}.svg",
        "pictures/ab/.hidden",
        "traces/ab/map.npz",
        f"ab/{KEY}.json",
    ]
    for name in own:
        path = cache.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
        os.utime(path, OLD)
    assert upkeep.verify(cache, remove=True) == []
    assert upkeep.prune(cache, max_size_B=-1.0).files == 3
    assert upkeep.prune(cache, older_than_days=0.0).files == 0
    left = [str(p.relative_to(cache.folder)) for p in cache.folder.rglob("*") if p.is_file()]
    assert sorted(left) == sorted(own)


def test_a_cache_that_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("mine")
    assert upkeep.info(Cache(tmp_path / "file")) == upkeep.Info(*[0] * 8)
    with pytest.raises(InputError):
        Cache(tmp_path / "file").put(KEY, ENTRY)
    assert (tmp_path / "file").read_text() == "mine"
