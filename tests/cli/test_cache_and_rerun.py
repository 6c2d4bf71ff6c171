"""`anaspike cache` and `anaspike rerun`, and what a run says of failures and the cache."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from anaspike.extras import installs

SHORT = ("--points", 2, "--spikes-in", 1, "--codes", 7)
AGAIN = "; alone, its files kept: anaspike rerun"


def test_the_same_command_again_comes_from_the_cache(anaspike, ngspice, own_cache, monkeypatch):
    first = anaspike("sweep-vdd", *SHORT, "--out", "one")
    again = anaspike("sweep-vdd", *SHORT, "--out", "two")
    assert (first[0], again[0]) == (0, 0)
    assert "from the cache" not in first[1]
    count = len(json.loads(Path("one/manifest.json").read_text())["points"])
    assert f"{count} of {count} points from the cache" in again[1]
    for name in ("sweep_vdd.csv", "sweep_vdd.svg", "sweep_vdd.png", "decks.zip"):
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes()
    before, after = (json.loads(Path(run, "manifest.json").read_text()) for run in ("one", "two"))
    assert [point["cache"]["made"] for point in before["points"]] == [None] * count
    made = after["points"][0]["cache"]["made"]
    assert made["simulator"] == before["ngspice"]["identity"]

    code, out, _ = anaspike("cache", "info")
    assert code == 0
    assert out.startswith(f"{own_cache}\n{count} results, 0.0 MB\n2 with traces, ")
    assert "\n1 picture, " in out
    all_read = f"{count} results and 1 picture read"
    assert anaspike("cache", "verify")[:2] == (0, f"{all_read}, 0 damaged\n")
    (path, *_) = sorted(own_cache.glob("points/*/*.json"))
    path.write_bytes(path.read_bytes()[:100])
    code, out, _ = anaspike("cache", "verify")
    assert (code, out) == (
        1,
        f"damaged {path}: it cannot be read\n{all_read}, 1 damaged\n",
    )
    out = anaspike("sweep-vdd", *SHORT, "--out", "three")[1]
    assert f"{count - 1} of {count} points from the cache" in out
    assert "the cache's entry was damaged (it cannot be read) and made again" in out
    assert Path("one/sweep_vdd.csv").read_bytes() == Path("three/sweep_vdd.csv").read_bytes()

    removed = f"removed {count + 3} files"  # of results, of traces, and the picture
    assert anaspike("cache", "prune", "--all")[1].startswith(removed)
    assert list(own_cache.rglob("*.*")) == []
    anaspike("sweep-vdd", *SHORT, "--no-cache", "--quiet")
    assert list(own_cache.rglob("*.*")) == []


def test_what_comes_from_the_cache_waits_for_no_drawing(anaspike, ngspice, own_cache):
    command = ("sweep-vdd", *map(str, SHORT), "--quiet", "--out", "run")
    assert anaspike(*command) == (0, "", "")
    loaded = f"import sys\nfrom anaspike.cli import run\nrun({command!r})\nprint(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "anaspike.report.sweep_vdd" in modules
    assert not {"matplotlib", "scipy", "rich", "anaspike.cli.train"} & set(modules)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say what may stay: --max-size 2GB, --older-than 30, or give --all"),
        (("--all", "--max-size", "1MB"), "say what may stay: --max-size 2GB"),
        (("--max-size", "-1"), "--max-size and --older-than count from 0; give no negative number"),
        (
            ("--max-size", "1V"),
            "--max-size: '1V' is in V, expected B; write for example 500M or 2GB",
        ),
    ],
)
def test_a_prune_that_makes_no_sense(anaspike, arguments, message):
    code, out, err = anaspike("cache", "prune", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")


FAILS_HIGH = """
echo "$PWD" >> {log}
if grep -q '^Vvdd_syn vdd_syn 0 0.75' deck.cir; then exec sleep 1000; fi
echo 'doAnalyses: TRAN:  Timestep too small; initial timepoint: trouble with node "mem"'
exit 1
"""


def test_failures_are_grouped_and_one_is_run_again_alone(anaspike, simulator, tmp_path):
    simulator(FAILS_HIGH.format(log=tmp_path / "log"))
    code, out, _ = anaspike("sweep-vdd", "--points", 4, "--timeout", "0.5", "--out", "my run")
    assert code == 1
    lines = out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("convergence: no operating"))
    assert lines[at + 1] == f"  3 points, the first is 0{AGAIN} 'my run' 0 --keep"
    assert lines[at + 2].startswith("timeout: killed at its limit of 0.5 s")
    assert lines[at + 3] == f"  1 point{AGAIN} 'my run' 3 --keep"

    code, out, _ = anaspike("rerun", "my run", 0, "--keep")
    assert code == 1
    assert out.splitlines()[0].startswith("then: convergence: no operating point was found")
    assert out.count("now: ") == 4
    folders = [f"my run/point-0/attempt-{i}" for i in (1, 2, 3)]
    for folder in folders:
        assert f"kept {folder}: .spiceinit, cards.inc, deck.cir, generic28.lib, ngspice.log" in out
    assert "Timestep too small" in Path(folders[0], "ngspice.log").read_text()

    code, out, _ = anaspike("rerun", "my run", 3, "--out", "kept", "--timeout", "0.3")
    assert code == 1
    assert "now: killed at its limit of 0.3 s" in out
    assert Path("kept/attempt-1/ngspice.log").exists()


def test_a_point_that_ended_well_is_run_again_too(anaspike, ngspice):
    anaspike("sweep-vdd", *SHORT, "--out", "run", "--quiet")
    code, out, _ = anaspike("rerun", "run", 1, "--keep")
    assert code == 0
    assert out.startswith("then: ok\nnow: as asked: 15 vectors of ")
    assert Path("run/point-1/attempt-1/out.raw").stat().st_size > 1000
    assert anaspike("rerun", "run", 1)[0] == 0


def test_a_rerun_of_nothing(anaspike, simulator):
    simulator("exit 3")
    assert anaspike("rerun", "nowhere", 0)[2] == (
        "error: cannot read nowhere/manifest.json: No such file or directory; name a run\n"
    )
    anaspike("sweep-vdd", *SHORT, "--out", "run", "--quiet")
    assert anaspike("rerun", "run", 7)[2] == "error: run has no point 7; it has 0 to 1\n"
    Path("run/decks.zip").write_text("garbage")
    assert anaspike("rerun", "run", 0)[2] == (
        "error: run/decks.zip is damaged; run the command again that made it\n"
    )
    Path("run/manifest.json").write_text("{}")
    assert anaspike("rerun", "run", 0)[2] == "error: run/manifest.json is no manifest of a run\n"


def test_fail_fast(anaspike, simulator, tmp_path):
    simulator(f'echo x >> {tmp_path}/log; echo "Error: No space left on device"; exit 1')
    code, out, _ = anaspike("sweep-vdd", "--points", 9, "--jobs", 1, "--fail-fast", "--out", "run")
    assert code == 1
    assert "disk_full" in out
    assert "cancelled" in out
    assert len((tmp_path / "log").read_text().split()) <= 2


def test_a_cluster_without_the_extra(anaspike, simulator, monkeypatch):
    simulator("exit 3")
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "anaspike.campaign.cluster", raising=False)
    code, out, err = anaspike("sweep-vdd", "--scheduler", "tcp://localhost:8786")
    assert (code, out) == (2, "")
    assert err.startswith("error: --scheduler needs an extra (")
    assert err.endswith(f"): {installs('distributed')}\n")


@pytest.mark.parametrize("command", [("info",), ("verify",), ("prune", "--all")])
def test_a_cache_that_is_no_folder(anaspike, monkeypatch, tmp_path, command):
    place = tmp_path / "file"
    place.write_text("mine")
    monkeypatch.setenv("ANASPIKE_CACHE", str(place))
    said = f"error: {place} is no folder; let ANASPIKE_CACHE name one\n"
    assert anaspike("cache", *command) == (2, "", said)
    assert place.read_text() == "mine"


@pytest.mark.parametrize("row", [{}, {"spikes_out": "\x1b[2J"}, {"spikes_out": None}])
def test_a_result_of_another_question_is_told_from_a_fault_of_ours(
    anaspike, ngspice, own_cache, row
):
    """Whoever makes an entry can seal it: the cache may be somebody else's."""
    anaspike("sweep-vdd", *SHORT, "--quiet", "--out", "run")
    for path in own_cache.glob("points/*/*.json"):
        payload = json.loads(path.read_text())["payload"]
        payload["row"] = {**payload["row"], **row} if row else {}
        seal = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
        path.write_text(json.dumps({"sha256": seal, "payload": payload}))
    code, out, err = anaspike("sweep-vdd", *SHORT, "--quiet", "--out", "run")
    assert (code, out) == (2, "")
    assert "with results from the cache; if it works with --no-cache, they are at fault" in err
    assert err.count("\n") == 1
    assert err.strip().isprintable()
    assert anaspike("sweep-vdd", *SHORT, "--quiet", "--out", "run", "--no-cache")[0] == 0


@pytest.mark.parametrize("place", ["out/mine", "out/mine/generic28"])
def test_a_link_in_a_folder_that_was_sent_is_not_written_through(anaspike, simulator, place):
    simulator("exit 3")
    Path("mine.toml").write_text('study = "sweep-vdd"\n')
    Path("outside").mkdir()
    Path(place).parent.mkdir(parents=True)
    Path(place).symlink_to(Path("outside").absolute())
    code, out, err = anaspike("run", "mine.toml", "--out", "out")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {place} is a symbolic link; nothing is read or written through")
    assert list(Path("outside").iterdir()) == []
