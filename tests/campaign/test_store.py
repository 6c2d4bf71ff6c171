"""The cache on disk: what was kept comes back exactly, or not at all."""

import io
import json
import math
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anaspike.campaign.store import Cache, Damaged, Entry, _unpacked, cache_folder
from anaspike.spice.failures import Failed
from anaspike.spice.waveforms import Waveforms

KEY = "ab" + "0" * 62
ROW = {"spikes_out": 3, "energy_J": 0.1 + 0.2, "latency_s": None, "right": True, "kind": "µ"}
WAVES = Waveforms(np.array([0.0, 1e-9]), {"v(mem)": np.array([0.1, 0.3]), "i(vdd)": np.zeros(2)})


def entry(waveforms=None, row=ROW):
    return Entry(
        row, "small steps", (Failed("as asked", "convergence", "x"),), {"by": 1}, waveforms
    )


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "results")


def test_what_was_kept_comes_back_as_it_was(cache):
    cache.put(KEY, entry(WAVES))
    back = cache.get(KEY, traces=True)
    assert (back.row, back.rung, back.failed, back.made) == (
        ROW, "small steps", (Failed("as asked", "convergence", "x"),), {"by": 1},
    )  # fmt: skip
    assert list(back.row) == list(ROW)
    assert back.waveforms.names == ("v(mem)", "i(vdd)")
    assert back.waveforms["v(mem)"].tobytes() == WAVES["v(mem)"].tobytes()
    assert cache.get(KEY).waveforms is None


def test_there_is_nothing_where_nothing_was_kept(cache):
    assert cache.get(KEY) is None
    cache.put(KEY, entry())
    assert cache.get(KEY) is not None
    assert cache.get(KEY, traces=True) is None


@given(st.floats())
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=50,
)
def test_every_number_survives_to_the_bit(cache, number):
    cache.put(KEY, entry(row={"x": number}))
    back = cache.get(KEY).row["x"]
    assert (math.isnan(back) and math.isnan(number)) or back.hex() == number.hex()


def test_an_entry_cut_short_anywhere_is_not_believed(cache):
    cache.put(KEY, entry())
    whole = cache.path(KEY).read_bytes()
    for length in range(len(whole)):
        cache.path(KEY).write_bytes(whole[:length])
        with pytest.raises(Damaged):
            cache.get(KEY)


def test_no_flipped_bit_changes_what_is_believed(cache):
    cache.put(KEY, entry())
    whole = cache.path(KEY).read_bytes()
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        cache.path(KEY).write_bytes(flipped)
        try:
            assert cache.get(KEY) == entry()  # white space, or the last digit of a long number
        except Damaged:
            continue


def test_traces_cut_short_or_flipped_are_not_believed(cache):
    cache.put(KEY, entry(WAVES))
    (path,) = cache.folder.glob("traces/*/*.npz")
    whole = path.read_bytes()
    for damaged in (whole[:-1], b"", whole[:500] + bytes([whole[500] ^ 1]) + whole[501:]):
        path.write_bytes(damaged)
        with pytest.raises(Damaged, match="its traces do not match their checksum"):
            cache.get(KEY, traces=True)
        assert cache.get(KEY).row == ROW  # the row has a checksum of its own
    path.unlink()
    assert cache.get(KEY, traces=True) is None


@pytest.mark.parametrize("text", ["[]", "null", "1", '{"payload": 3}', "[" * 100_000, "\0"])
def test_what_is_no_entry_at_all(cache, text):
    cache.put(KEY, entry())
    cache.path(KEY).write_text(text)
    with pytest.raises(Damaged, match="it cannot be read"):
        cache.get(KEY)


def test_an_entry_under_anothers_name_is_not_believed(cache):
    cache.put(KEY, entry())
    other = "ab" + "1" * 62
    cache.path(KEY).rename(cache.path(other))
    with pytest.raises(Damaged, match="it is another entry's"):
        cache.get(other)


def test_no_pickle_is_ever_read(cache):
    cache.put(KEY, entry(WAVES))
    evil = cache.folder / "evil.npz"
    np.savez(evil, names=np.array(["time", {"a": 1}], dtype=object), samples=np.zeros((2, 2)))

    with pytest.raises(Damaged, match="holds pickled objects, which are never loaded"):
        _unpacked(evil.read_bytes())


def test_the_same_traces_are_kept_once(cache):
    cache.put(KEY, entry(WAVES))
    cache.put("cd" + "0" * 62, entry(WAVES))
    assert len(list(cache.folder.glob("traces/*/*.npz"))) == 1


def test_an_entry_is_readable_text(cache):
    cache.put(KEY, entry())
    assert json.loads(cache.path(KEY).read_text())["payload"]["row"]["spikes_out"] == 3


def test_where_the_cache_lies(tmp_path):
    assert cache_folder({"ANASPIKE_CACHE": str(tmp_path)}) == tmp_path
    assert cache_folder({}).parts[-2:] == ("anaspike", "results")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"names": np.array(["time", "a"])}, "cannot be read: 'samples'"),
        ({"names": np.array(["time"]), "samples": np.zeros((2, 3))}, "are no waveforms"),
        ({"names": np.array("time"), "samples": np.zeros((1, 3))}, "are no waveforms"),
        ({"names": np.array(["time"]), "samples": np.zeros(3)}, "are no waveforms"),
        ({"names": np.array(["a", "b"]), "samples": np.zeros((2, 100_000))}, "and measures"),
    ],
)
def test_traces_of_another_kind_are_damaged(cache, arrays, message):
    """Their name is their checksum, so that a stranger's can be of any kind."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    with pytest.raises(Damaged, match="its traces") as caught:
        _unpacked(file.getvalue())
    assert message in str(caught.value)


def test_a_pipe_in_the_cache_is_not_waited_for(cache):
    cache.put(KEY, entry(WAVES))
    (path,) = (cache.folder / "traces").rglob("*.npz")
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(Damaged, match="it is no plain file but a pipe or a device"):
        cache.get(KEY, traces=True)
