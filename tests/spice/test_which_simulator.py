"""Which simulator runs a deck: ngspice, but for compiled models that it cannot load."""

import pytest

from anaspike.cli import run
from anaspike.errors import InputError
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import DeckRefused, SimulatorNotFound
from anaspike.spice.modules import Module
from anaspike.spice.ngspice.run import Ngspice
from anaspike.spice.simulators import find_simulator
from anaspike.spice.vacask.run import Vacask
from anaspike.studies.base import Study

MODULES = (Module("psp103.osdi", "0" * 64),)
WITHOUT_OSDI = "echo 'osdi: no such command available in ngspice'"
WITH_OSDI = "echo 'Error opening osdi lib'"


@pytest.fixture
def here(stub, vacask_package, monkeypatch):
    """Have these simulators on the machine."""

    def make(version, script=WITHOUT_OSDI, vacask=True):
        monkeypatch.setenv("ANASPIKE_NGSPICE", str(stub(script, version=version)))
        if vacask:
            monkeypatch.syspath_prepend(vacask_package())
        else:

            def missing(*_):
                raise SimulatorNotFound("VACASK was not found", "install it with `pip ...`")

            monkeypatch.setattr(Vacask, "find", missing)

    return make


@pytest.mark.parametrize(
    ("version", "script", "modules", "name"),
    [
        ("39", WITHOUT_OSDI, (), "ngspice"),
        ("39", WITHOUT_OSDI, MODULES, "vacask"),
        ("39", WITH_OSDI, MODULES, "vacask"),
        ("44.2", WITHOUT_OSDI, MODULES, "vacask"),
        ("44.2", WITH_OSDI, MODULES, "ngspice"),
    ],
)
def test_the_choice_is_made_by_the_models_and_what_is_here(here, version, script, modules, name):
    here(version, script)
    said = []
    assert find_simulator(None, 60.0, modules, said.append).name == name
    assert len(said) == (name == "vacask")
    if said:
        assert said[0].startswith(f"runs on VACASK 0.3.4.dev3: ngspice {version} at ")
        assert said[0].endswith(
            "loads no compiled models (psp103.osdi), which takes 44 or newer, built with OSDI"
        )


def test_one_that_is_named_and_cannot_is_refused(here):
    here("39")
    with pytest.raises(InputError, match=r"loads no compiled models .*; --simulator vacask does"):
        find_simulator("ngspice", 60.0, MODULES)
    assert find_simulator("vacask", 60.0, MODULES).name == "vacask"
    deck = Deck("t", "r1 a 0 1", ModelFiles("", {}, MODULES), 1e-9, ("v(a)",))
    with pytest.raises(DeckRefused, match="loads no compiled models"):
        Ngspice.find(60.0).run(deck)


def test_without_either_both_are_named(here):
    here("39", vacask=False)
    with pytest.raises(InputError, match=r"ngspice 39 at .* loads no .*, and VACASK was not found"):
        find_simulator(None, 60.0, MODULES)
    assert find_simulator(None, 60.0).name == "ngspice"


def test_a_command_says_what_it_runs_on_and_the_other_opinion_what_it_lacks(
    here, monkeypatch, tmp_path, capsys
):
    here("39")
    monkeypatch.setattr(Study, "modules", MODULES)
    command = ["sweep-vdd", "--points", "2", "--out", str(tmp_path / "run"), "--no-cache"]
    assert run([*command, "--second-opinion"]) == 2
    said = capsys.readouterr().err
    assert "sweep-vdd runs on VACASK 0.3.4.dev3: ngspice 39 at " in said
    assert said.splitlines()[-1].startswith("error: ngspice 39 at ")
    assert run([*command, "--scheduler", "tcp://127.0.0.1:1"]) == 2
    assert "psp103.osdi is compiled on each machine for itself" in capsys.readouterr().err
