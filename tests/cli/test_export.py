"""`--keep-waveforms` and `anaspike export`: traces in the run's folder, and for other programs."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from anaspike.spice.rawfile import read_traces

ONE = 'inputs = ["a"]\noutputs = ["n"]\n[neurons.n]\nvdd_syn = "0.75V"\nsynapses = { a = 7 }\n'


@pytest.fixture(scope="module")
def run(tmp_path_factory, ngspice):
    """A run that kept its traces, and what it said."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "one.toml").write_text(ONE)
    told = subprocess.run(
        [sys.executable, "-m", "anaspike", "simulate-network", "one.toml", "--inputs", "a=1",
         "--keep-waveforms", "--out", "run"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return folder / "run", told.stderr


def test_the_size_is_said_before(run):
    folder, said = run
    assert said.startswith("keeps the traces in run/waveforms: about ")
    assert "for the 1 asked so far" in said
    (kept,) = json.loads((folder / "manifest.json").read_text())["waveforms"]
    assert kept["file"] == "waveforms/point-0.raw"
    assert kept["conditions"]["in_a"] == 1
    assert not (folder / ".unfinished").exists()


@pytest.mark.parametrize("format_", ["raw", "csv", "vcd"])
def test_traces_leave_in_each_format_as_they_are(anaspike, run, format_, tmp_path):
    folder, _ = run
    code, out, err = anaspike("export", folder, "--format", format_, "--out", tmp_path / "out")
    path = tmp_path / "out" / f"point-0.{format_}"
    assert (code, err) == (0, "")
    assert out.startswith(f"wrote {path} (point 0: ")
    kept = read_traces(folder / "waveforms/point-0.raw")
    first = kept.names[0]
    if format_ == "raw":
        assert path.read_bytes() == (folder / "waveforms/point-0.raw").read_bytes()
    elif format_ == "csv":
        heading, *rows = csv.reader(path.read_text().splitlines())
        assert heading[0] == "time_s" and all(name.endswith(("_V", "_A")) for name in heading[1:])
        assert [float(row[1]) for row in rows] == kept[first].tolist()
    else:
        times, values = changes(path.read_text(), first.removeprefix("v(").removesuffix(")"))
        assert values[0] == kept[first][0]
        at = np.searchsorted(times, np.rint(kept.time_s / 1e-15), side="right") - 1
        steady = np.diff(np.rint(kept.time_s / 1e-15), append=np.inf) > 0
        assert np.array(values)[at][steady].tolist() == kept[first][steady].tolist()


def changes(text, name):
    """Read the changes of one variable of a VCD file, as its standard says."""
    (code,) = [line.split()[3] for line in text.splitlines() if f" {name}_V " in line]
    times, values, now = [], [], 0
    for line in text.partition("$enddefinitions $end\n")[2].splitlines():
        if line.startswith("#"):
            assert int(line[1:]) >= now
            now = int(line[1:])
        elif line.split()[1] == code:
            times.append(now)
            values.append(float(line.split()[0][1:]))
    return times, values


def damaged(folder):
    (folder / "waveforms").mkdir()
    (folder / "waveforms/point-0.raw").write_bytes(b"Title: cut")
    return ()


def led_away(folder):
    (folder / "waveforms").mkdir()
    (folder / "waveforms/point-0.raw").symlink_to("/etc/hostname")
    return ()


def none_of_it(folder):
    return ("--point", "3")


def gone(folder):
    return ()


def half_written(folder):
    (folder / ".unfinished").write_text("")
    return ()


def without(folder):
    content = json.loads((folder / "manifest.json").read_text())
    del content["waveforms"]
    (folder / "manifest.json").write_text(json.dumps(content))
    return ()


def older(folder):
    (folder / "answer.json").unlink()
    return ()


def no_format(folder):
    return ("--format", "xls")


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (damaged, "point-0.raw is truncated"),
        (led_away, "is a symbolic link"),
        (none_of_it, "holds no traces of point 3; it has those of 0"),
        (gone, "cannot read "),
        (half_written, "is half-written"),
        (without, "holds no traces; run it again with --keep-waveforms"),
        (older, "was written by an older version"),
        (no_format, "unknown format 'xls'; there is raw, csv, vcd"),
    ],
)
def test_what_cannot_be_exported_is_one_line(anaspike, tmp_path, done, said):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "answer.json").write_text("{}")
    kept = [{"point": 0, "file": "waveforms/point-0.raw", "conditions": {"seed": None}}]
    (folder / "manifest.json").write_text(json.dumps({"waveforms": kept}))
    code, out, err = anaspike("export", folder, *done(folder))
    assert (code, out) == (2, "")
    assert said in err
    assert err.startswith("error: ") and err.count("\n") == 1


def test_a_folder_that_is_none_is_refused(anaspike):
    assert "nowhere is not there; name the folder of a run" in anaspike("export", "nowhere")[2]
    Path("empty").mkdir()
    assert "empty is no run: it holds no answer.json" in anaspike("export", "empty")[2]
