"""`anaspike sweep-vdd`: the paper's figures, and every kind of bad input."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import matplotlib.image
import pandas as pd
import pytest

from anaspike.report.tables import read_table

REQUIRED = [
    "vdd_syn_V", "spikes_in", "spikes_out", "rate_out_Hz", "energy_total_J",
    "energy_per_spike_J", "static_power_W", "status",
]  # fmt: skip
SHORT = ("--points", 2, "--spikes-in", 3)


def test_help_answers(anaspike):
    code, out, _ = anaspike("sweep-vdd", "--help")
    assert code == 0
    for option in ("--from", "--to", "--codes", "--wire-cap", "--check-convergence", "--json"):
        assert option in out


def test_a_short_sweep_shows_its_table_and_files(anaspike, ngspice):
    code, out, err = anaspike("sweep-vdd", *SHORT, "--codes", "+7", "--out", "out")
    assert (code, err) == (0, "")
    assert "vdd syn" in out
    assert "energy per spike" in out
    assert "wrote out/sweep_vdd.csv" in out
    table = read_table(Path("out/sweep_vdd.csv"))
    assert set(REQUIRED) <= set(table)
    assert list(table["status"]) == ["ok", "ok"]
    # Figure 4: the same input gives more spikes at the higher supply ...
    assert table["spikes_out"][1] > table["spikes_out"][0] == 0
    # ... and where nothing fired there is no energy per spike: not 0, not infinity.
    assert Path("out/sweep_vdd.csv").read_text().splitlines()[1].split(",")[
        list(table).index("energy_per_spike_J")
    ] == ("")
    assert matplotlib.image.imread("out/sweep_vdd.png").shape[2] >= 3
    manifest = json.loads(Path("out/manifest.json").read_text())
    assert manifest["parameters"]["codes"] == [7]
    assert manifest["pdk"]["name"] == "generic28"
    assert [point["status"] for point in manifest["points"][:2]] == ["ok", "ok"]


def test_json_is_json_and_nothing_else(anaspike, ngspice):
    code, out, err = anaspike(
        "sweep-vdd", *SHORT, "--codes", "1", "--json", "--format", "json", "--out", "o"
    )
    assert (code, err) == (0, "")
    result = json.loads(out)
    rows = result["tables"]["sweep_vdd"]
    assert [row["spikes_out"] for row in rows] == [0, 1]
    assert rows[0]["energy_per_spike_J"] is None
    assert result["manifest"]["options"][0]["method"] == "gear"
    assert json.loads(Path("o/sweep_vdd.json").read_text()) == rows


def test_quiet_is_quiet_and_the_default_folder_is_ignored_by_git(anaspike, ngspice):
    code, out, err = anaspike("sweep-vdd", *SHORT, "--codes", "1", "--quiet")
    assert (code, out, err) == (0, "", "")
    (table,) = Path("results/runs").glob("sweep-vdd-*/sweep_vdd.csv")
    assert len(pd.read_csv(table)) == 2
    assert "results/runs/" in (Path(__file__).parents[2] / ".gitignore").read_text()


BAD = {
    "reversed range": (
        ("--from", "0.75", "--to", "0.55"),
        "the supply range runs backwards: from 0.75 V to 0.55 V; swap the two",
    ),
    "equal range": (
        ("--from", "0.65", "--to", "650mV"),
        "the supply range is empty: from 0.65 V to 0.65 V; set the ends apart",
    ),
    "no points": (("--points", "0"), "a sweep of 0 points is no sweep; use 2 to 10000 points"),
    "one point": (("--points", "1"), "a sweep of 1 points is no sweep; use 2 to 10000 points"),
    "half a point": (("--points", "2.5"), "--points: '2.5' is not a whole number"),
    "NaN": (("--from", "nan"), "--from: nan is not a finite number"),
    "no number": (
        ("--to", "high"),
        "--to: 'high' is not a number; write for example 0.65 or 650mV",
    ),
    "another unit": (
        ("--width", "50nV"),
        "--width: '50nV' is in V, expected s; write for example 50n or 50ns",
    ),
    "negative width": (
        ("--width", "-50n"),
        "--width is -5e-08; it must be a finite number, positive",
    ),
    "no period": (("--period", "0"), "--period is 0; it must be a finite number, positive"),
    "no spikes": (
        ("--spikes-in", "0"),
        "--spikes-in is 0; it must be a finite number, positive",
    ),
    "negative wire": (
        ("--wire-cap", "-2f"),
        "wire capacitance is -2e-15; it must be a finite number, 0 or more",
    ),
    "code 8": (
        ("--codes", "+3,8"),
        "code 8 does not fit a 3-bit synapse; use a whole number from -7 to 7",
    ),
    "no codes": (
        ("--codes", ""),
        "--codes: '' is not a list of codes; write for example +3,-1,+2",
    ),
    "control words for codes": (
        ("--codes", "1\n.control\nshell touch owned"),
        "--codes: '1\\x0a.control\\x0ashell touch owned' is not a list of codes;"
        " write for example +3,-1,+2",
    ),
    "unknown process": (
        ("--pdk", "tsmc28\n.control"),
        "unknown PDK 'tsmc28\\x0a.control'; choose one of generic28, sky130",
    ),
    "unknown corner": (
        ("--corner", "typ"),
        "generic28 has no corner 'typ'; choose one of tt, ff, ss, sf, fs",
    ),
    "control words for a corner": (
        ("--corner", "tt\n.control\nquit"),
        "generic28 has no corner 'tt\\x0a.control\\x0aquit'; choose one of tt, ff, ss, sf, fs",
    ),
    "supply above the core": (
        ("--to", "1.5"),
        "a synapse supply of 1.5 V is above the core supply of 0.9 V on generic28:"
        " the spikes could not switch it off",
    ),
    "no jobs": (("--jobs", "0"), "0 jobs cannot run anything; use 1 or more"),
    "negative seed": (("--seed", "-1"), "seed -1 is negative; use 0 or more"),
    "no time": (("--timeout", "0"), "a time limit of 0 s is none; give a positive one"),
    "hardly any time": (
        ("--timeout", "1a"),
        "a time limit of 1e-18 s is none; give a positive one",
    ),
    "points and step": (
        ("--points", "3", "--step", "0.1"),
        "give either the number of points or the step, not both",
    ),
    "unknown format": (
        ("--format", "xls"),
        "unknown format 'xls'; choose one of csv, parquet, json",
    ),
    "unknown option": (("--color", "red"), "No such option '--color'."),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_exit_code_2(anaspike, simulator, case):
    simulator("echo this must not run >&2; exit 3")
    arguments, message = BAD[case]
    code, out, err = anaspike("sweep-vdd", "--out", "out", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_a_bad_sweep_leaves_no_folder_behind(anaspike):
    assert anaspike("sweep-vdd", "--points", "1")[0] == 2
    assert list(Path().iterdir()) == []


def test_no_simulator(anaspike, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("ANASPIKE_NGSPICE", raising=False)
    code, out, err = anaspike("sweep-vdd")
    assert (code, out) == (2, "")
    assert err.startswith(
        "error: ngspice was not found on the PATH; install it with `apt-get install ngspice`"
    )


def test_a_simulator_that_is_too_old(anaspike, simulator):
    simulator("exit 0", version="34")
    code, _, err = anaspike("sweep-vdd")
    assert code == 2
    assert "is too old: anaspike needs 36 or newer; install it with" in err


def test_an_unwritable_folder(anaspike, simulator):
    simulator("exit 3")
    Path("blocked").write_text("")
    code, _, err = anaspike("sweep-vdd", "--out", "blocked/here")
    assert (code, err) == (
        2,
        "error: cannot write blocked/here: Not a directory; choose another place\n",
    )


def test_a_pdk_root_that_holds_nothing(anaspike, simulator, monkeypatch, tmp_path):
    simulator("exit 3")
    (tmp_path / "pdks").mkdir()
    monkeypatch.setenv("PDK_ROOT", str(tmp_path / "pdks"))
    monkeypatch.delenv("PDK", raising=False)
    code, _, err = anaspike("sweep-vdd", "--pdk", "sky130", "--out", "out")
    assert code == 2
    assert "PDK_ROOT" in err
    assert "anaspike pdk install sky130" in err
    assert err.count("\n") == 1


FAILS_ABOVE_06 = """
if grep -q '^Vvdd_syn vdd_syn 0 0.75' deck.cir; then
    echo 'doAnalyses: TRAN:  Timestep too small; initial timepoint: trouble with node "mem"'
    exit 1
fi
exec ngspice "$@"
"""


def test_a_point_that_cannot_converge_is_a_named_row_and_the_others_are_intact(
    anaspike, ngspice, simulator
):
    simulator(FAILS_ABOVE_06)
    code, out, err = anaspike("sweep-vdd", *SHORT, "--codes", "7", "--out", "out")
    assert (code, err) == (1, "")
    assert "convergence: no operating point was found" in out
    table = read_table(Path("out/sweep_vdd.csv"))
    assert list(table["status"]) == ["ok", "convergence"]
    assert table["spikes_out"].isna().tolist() == [False, True]
    manifest = json.loads(Path("out/manifest.json").read_text())
    tried = [failed["rung"] for failed in manifest["points"][1]["failed_attempts"]]
    assert tried == ["as asked", "small steps", "larger gmin"]


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("echo working; exec sleep 1000", "timeout"),
        ("kill -SEGV $$", "crashed"),
        ("exit 0", "incomplete"),
        ("head -c 4000 /dev/urandom > out.raw", "raw_file"),
        ("echo 'Error: No space left on device'; exit 1", "disk_full"),
    ],
)
def test_a_simulator_that_fails_gives_rows_with_its_name(anaspike, simulator, script, status):
    simulator(script)
    code, out, _ = anaspike("sweep-vdd", *SHORT, "--timeout", "0.3", "--out", "out")
    assert code == 1
    assert status in out
    assert list(read_table(Path("out/sweep_vdd.csv"))["status"]) == [status] * 2
    assert Path("out/sweep_vdd.png").stat().st_size > 1000


def test_a_truncated_raw_file_is_a_named_row(anaspike, ngspice, simulator):
    simulator('ngspice "$@"\ntruncate -s -1000 out.raw')
    code, out, _ = anaspike("sweep-vdd", *SHORT, "--codes", "1", "--out", "out")
    assert code == 1
    assert "out.raw is truncated: it promises" in out


def test_the_audit_is_printed_and_written(anaspike, ngspice):
    code, out, _ = anaspike(
        "sweep-vdd", "--points", 2, "--spikes-in", 2, "--check-convergence", "--out", "out"
    )
    assert code == 0
    assert "convergence: 2 of 2 points agree on ngspice and ngspice, tightened (gear" in out
    assert "met" in out
    audit = pd.read_csv("out/convergence.csv")
    assert audit["verdict"].tolist() == ["agrees", "agrees"]
    assert audit["energy_change"].abs().max() < 0.01


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_keeps_what_is_finished_and_leaves_nothing_running(
    stub, ngspice, tmp_path, how
):
    hangs_low = f"""
if grep -q '^Vvdd_syn vdd_syn 0 0.55' deck.cir; then
    echo $$ > {tmp_path}/pid; exec sleep 1000
fi
ngspice "$@"; code=$?
touch {tmp_path}/finished; exit $code
"""
    environ = {**os.environ, "ANASPIKE_NGSPICE": str(stub(hangs_low))}
    command = [sys.executable, "-m", "anaspike", "sweep-vdd", "--out", "out", "--codes", "7"]
    command += [str(word) for word in (*SHORT, "--jobs", 2)]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "finished").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(3.0)  # for its result to be read, on a busy machine too
    process.send_signal(how)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert b"Traceback" not in err
    table = read_table(tmp_path / "out/sweep_vdd.csv")
    assert list(table["status"]) == ["cancelled", "ok"]
    assert table["spikes_out"][1] == 3
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    assert b"wrote out/sweep_vdd.csv" in out


def test_a_sweep_that_takes_long_says_so_first_and_names_its_options(anaspike, simulator):
    simulator("exit 1")
    asked = ("sweep-vdd", "--points", 2, "--period", "1m", "--spikes-in", "10k", "--jobs", 1)
    code, _, err = anaspike(*asked)
    assert code == 1
    assert err.startswith("this will take about 88 minutes: 2 simulations of about 8.2e+06 time")
    assert err.endswith(
        "; what changes it: --points, --step, --spikes-in, --mc, --corner, --jobs;"
        " --timeout ends each after 600 s\n"
    )
    assert anaspike(*asked, "--quiet")[2] == ""
    assert anaspike("sweep-vdd", "--points", 2, "--period", "1m", "--jobs", 1)[2] == ""
