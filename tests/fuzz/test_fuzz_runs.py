"""Run folders and caches of others: reported, run again, looked after, or refused in one line."""

import os
import re
import shutil
from html.parser import HTMLParser
from unittest import mock

import numpy as np
import pytest
from contract import examples
from hypothesis import given
from hypothesis import strategies as st
from mutants import mutants

from anaspike.campaign.store import Cache, Damaged, Entry
from anaspike.cli import run
from anaspike.spice.waveforms import Waveforms


def files_of(folder):
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def good(tmp_path_factory, ngspice):
    """A run folder as a command leaves it, as files."""
    folder = tmp_path_factory.mktemp("run") / "run"
    options = ("--points", "2", "--spikes-in", "1", "--codes", "7", "--quiet", "--no-cache")
    assert run(["sweep-vdd", *options, "--out", str(folder)]) == 0
    return {f"run/{name}": content for name, content in files_of(folder).items()}


class Active(HTMLParser):
    """Lists what a page would run or fetch, but for scripts of its own; JSON is not run."""

    def __init__(self, own=()):
        super().__init__()
        self.found, self.own, self.script = [], own, None

    def handle_data(self, data):
        if self.script is not None:
            self.script += data

    def handle_endtag(self, tag):
        if tag == "script" and self.script not in (None, *self.own):
            self.found.append(f"script {self.script!a:.60}")
        self.script = None

    def handle_starttag(self, tag, attrs):
        if tag == "script" and attrs != [("type", "application/json")]:
            self.script = ""
        if tag in {"iframe", "object", "embed", "base", "form", "foreignobject", "link"}:
            self.found.append(tag)
        for name, value in attrs:
            fetches = name in {"src", "srcset", "data", "action", "xlink:href"}
            if name.startswith("on") or (fetches and not (value or "").startswith("data:image/")):
                self.found.append(f"{tag} {name}={value!a:.60}")
            if name == "href" and not (value or "").startswith("#"):
                self.found.append(f"{tag} href={value!a:.60}")


@pytest.fixture(scope="module")
def own_scripts(good, tmp_path_factory):
    """What a page of that run, as it is, runs by itself."""
    folder = tmp_path_factory.mktemp("own")
    for name, content in good.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    assert run(["report", str(folder), "-o", str(folder / "page.html")]) == 0
    return re.findall(r"<script>(.*?)</script>", (folder / "page.html").read_text(), re.DOTALL)


@examples(15)
@given(st.data())
def test_reports(contract, good, own_scripts, data):
    folder = contract.written(data.draw(mutants(good)))
    code, _ = contract.command("report", "run", "-o", "page.html", apart=True)
    if code == 0:
        page = Active(own_scripts)
        page.feed((folder / "page.html").read_text())
        assert not page.found


@examples(12)
@given(st.data())
def test_points_that_are_run_again(contract, good, data):
    files = {name: good[name] for name in ("run/manifest.json", "run/decks.zip")}
    for name in ("deck.cir", ".spiceinit"):  # what an earlier rerun has kept
        files[f"run/point-0/attempt-1/{name}"] = b"* kept\n"
    contract.written(data.draw(mutants(files)))
    command = ("rerun", "run", "0", "--keep", "--timeout", "2")
    contract.command(*command, apart=True, programs=("ngspice",))


TRACES = Waveforms(np.array([0.0, 1e-9]), {"v(a)": np.array([0.0, 1.0])})
KEYS = ("ab" * 32, "cd" * 32)


@pytest.fixture(scope="module")
def cached(tmp_path_factory):
    """A cache of a point, its traces and a picture, as files."""
    cache = Cache(tmp_path_factory.mktemp("cache"))
    cache.put(KEYS[0], Entry({"energy_J": 1e-15}, "as asked", (), {"simulator": "x"}, TRACES))
    cache.put_picture(KEYS[1], {"svg": b"<svg/>", "png": b"\x89PNG"})
    return files_of(cache.folder)


@examples(40)
@given(st.data())
def test_entries_of_a_cache(contract, cached, data):
    cache = Cache(contract.written(data.draw(mutants(cached))))

    def read():
        for kept, key in ((cache.get, KEYS[0]), (cache.picture, KEYS[1])):
            try:
                kept(key)
            except Damaged:
                continue
        try:
            cache.get(KEYS[0], traces=True)
        except Damaged:
            return

    contract.holds(read, apart=True)


CARE = (("info",), ("verify",), ("verify", "--remove"), ("prune", "--max-size", "1"),
        ("prune", "--all"), ("prune", "--older-than", "0"))  # fmt: skip


@examples(20)
@given(st.data(), st.sampled_from(CARE), st.booleans())
def test_caches_that_are_looked_after(contract, cached, data, command, linked):
    folder = contract.written(data.draw(mutants(cached)))
    theirs = folder / "theirs.txt"
    theirs.write_text("no part of the cache\n")
    if linked and (folder / "points").is_dir():  # a folder of the cache that lies elsewhere
        shutil.rmtree(folder / "points")
        (folder / "points").symlink_to(contract.canary.parent)
    with mock.patch.dict(os.environ, {"ANASPIKE_CACHE": str(folder)}):
        contract.command("cache", *command, apart=True)
    assert theirs.exists()
