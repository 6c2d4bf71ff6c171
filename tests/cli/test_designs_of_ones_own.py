"""--design and --size on commands, `design` in flows: data, whose content decides and is kept."""

import json

import pytest

from anaspike.circuits.designs import design_for, written
from anaspike.cli import cli, run
from anaspike.studies.flow import read_flow

NARROW = 'base = "generic28"\nsizes.pseudo_resistor.diode.w_m = "130nm"\n'
COMMANDS = ("sweep-vdd", "characterise", "energy", "table9", "xor-test", "calibrate", "explore",
            "simulate-network", "map", "train-and-map", "tune-in-loop", "netlist")  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_simulates_the_neuron_takes_them(name):
    options = {option for one in cli.get_command(None, name).params for option in one.opts}
    assert {"--design", "--size"} <= options


def test_a_netlist_of_a_design(anaspike, tmp_path):
    (tmp_path / "mine.toml").write_text(NARROW)
    code, own, _ = anaspike("netlist", "pseudo_resistor")
    assert (code, "w=130n" in own) == (0, False)
    code, mine, _ = anaspike("netlist", "pseudo_resistor", "--design", "mine.toml")
    assert (code, mine.count("w=130n")) == (0, own.count("w=120n"))
    size = "pseudo_resistor.diode.w_m=130n"
    assert anaspike("netlist", "pseudo_resistor", "--size", size)[1] == mine


@pytest.mark.ngspice
def test_two_files_of_one_content_are_one_result_and_the_run_does_without_them(anaspike, tmp_path):
    ask = ("characterise", "pseudo-resistor", "--corner", "tt", "--temp", "27")
    (tmp_path / "one.toml").write_text(NARROW)
    assert anaspike(*ask, "--design", "one.toml", "--out", "one")[0] in {0, 1}
    (tmp_path / "one.toml").rename(tmp_path / "other.toml")
    assert anaspike(*ask, "--design", "other.toml", "--out", "other")[0] in {0, 1}
    (tmp_path / "other.toml").unlink()
    one, other = (json.loads((tmp_path / name / "manifest.json").read_text()) for name in
                  ("one", "other"))  # fmt: skip
    assert all(point["cache"]["made"] for point in other["points"])
    sized = other["parameters"]["sized"]
    assert sized == one["parameters"]["sized"]
    assert sized["sizes"]["pseudo_resistor"]["diode"]["w_m"] == "130nm"
    assert anaspike("rerun", "other", "0")[0] == 0


def test_a_flow_names_a_design_beside_it(tmp_path):
    (tmp_path / "designs").mkdir()
    (tmp_path / "designs/mine.toml").write_text(NARROW)
    flow = tmp_path / "flow.toml"
    flow.write_text('study = "pseudo-resistor"\ndesign = "designs/mine.toml"\n')
    (study,) = read_flow(flow).studies
    assert study.design.neuron.pseudo_resistor.diode.w_m == 130e-9
    flow.write_text('study = "comparator"\ndesign = "generic28_smallest_comparator"\n')
    (study,) = read_flow(flow).studies
    assert study.design.neuron.comparator.input_pair.w_m == 400e-9


@pytest.mark.parametrize("name", ["../mine.toml", "/etc/mine.toml", "a//b.toml", ".toml/../x.toml"])
def test_a_flow_reads_no_design_from_elsewhere(name, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flow.toml").write_text(f'study = "pseudo-resistor"\ndesign = "{name}"\n')
    assert run(["run", "flow.toml"]) == 2
    said = f"design: '{name}' is no file beside the flow, nor in a folder there"
    assert said in capsys.readouterr().err


BAD = {
    "no name": (("--design", "mine"), "there is no design 'mine'; there is generic28, sky130"),
    "no file": (("--design", "no.toml"), "cannot read no.toml: No such file or directory"),
    "process": (("--design", "sky.toml"), "the design is for sky130, and pseudo-resistor is asked"
                " on generic28; give the process that it is for"),
    "size": (("--size", "comparator.tail=3"),
             "there is no size 'comparator.tail'; did you mean 'comparator.tail.w_m'?"),
    "no value": (("--size", "membrane_F"), "--size: 'membrane_F' is not name=value"),
    "twice": (("--size", "membrane_F=50f", "--size", "membrane_F=40f"),
              "--size: 'membrane_F' stands there twice; give it once"),
    "unit": (("--size", "membrane_F=50fV"), "membrane_F: '50fV' is in V, expected F;"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_design_is_said_before_anything_runs(case, anaspike, tmp_path):
    (tmp_path / "sky.toml").write_text(written(design_for("sky130")))
    arguments, message = BAD[case]
    code, _, said = anaspike("characterise", "pseudo-resistor", *arguments)
    assert code == 2
    assert message in said.replace("\n", " ")
    assert not (tmp_path / "results").exists()
