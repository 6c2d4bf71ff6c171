"""What is asked of a block is asked of its drawing, and nobody above knows."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from anaspike.campaign.keys import Keys
from anaspike.circuits.block import Technology
from anaspike.circuits.designs import design_for, resized
from anaspike.circuits.neuron import neuron, reset_switch
from anaspike.circuits.synapse import bundle
from anaspike.cli import run
from anaspike.errors import InputError
from anaspike.experiments.pseudo_resistor import PseudoResistorCurve
from anaspike.layout.catalog import process_of
from anaspike.layout.given import Generated, GivenFile, layout_asked
from anaspike.pdk.catalog import open_pdk
from anaspike.studies.blocks.comparator import Comparator
from anaspike.studies.blocks.pseudo_resistor import PseudoResistor
from anaspike.studies.flow import read_flow

LAYOUTS = Path(__file__).parents[2] / "netlists" / "layouts"
DESIGN = design_for("sky130")

pytestmark = pytest.mark.usefixtures("klayout")


def given(name):
    return layout_asked(f"{name}.gds", LAYOUTS)


def drawn_in(layouts):
    return Technology(process_of("sky130").laid_out(layouts))


def test_an_experiment_gets_what_is_drawn_without_a_line_of_its_own():
    plain = PseudoResistorCurve(process_of("sky130"), DESIGN, "tt")
    drawn = replace(plain, pdk=plain.pdk.laid_out(Generated()))
    assert drawn.block.title.endswith("extracted from its layout")
    assert drawn.block.ports == plain.block.ports
    assert "a_d=" in drawn.block.definitions()
    assert "a_d=" not in plain.block.definitions()


def test_a_file_takes_its_blocks_place_wherever_it_stands():
    block = neuron(drawn_in(given("reset_switch")), DESIGN.neuron, (3,))
    core = block.children["xcore"]
    assert "extracted" in core.children["xreset_switch"].title
    assert "extracted" not in core.children["xleak"].title
    paths = dict(block.transistors())
    assert "xcore.xreset_switch.xn" in paths
    assert paths.keys() >= dict(core.children["xleak"].transistors("xcore.xleak.")).keys()


def test_synapses_in_parallel_are_drawn_ones_side_by_side():
    class Drawn(Generated):
        def circuit_of(self, block):
            return block if block.name == "synapse" else None

    many = bundle(drawn_in(Drawn()), DESIGN.neuron.synapse, 3)
    assert many.name == "synapse_x3"
    assert [child.name for child in many.children.values()] == ["synapse"] * 3


def test_a_result_is_known_by_what_the_file_holds_and_not_by_its_name():
    one, other = given("clock_gate"), given("comparator")
    named = GivenFile("elsewhere.gds", one.content, one.cell)
    keys = [
        Keys().plain(process_of("sky130").laid_out(layouts))
        for layouts in (one, named, other, Generated(), None)
    ]
    assert keys[0] == keys[1]
    assert len({json.dumps(key) for key in keys}) == 4
    assert process_of("sky130").laid_out(one) != process_of("sky130")
    assert process_of("sky130").laid_out(None) == process_of("sky130")


def test_the_manifest_says_what_was_drawn():
    assert "layout" not in PseudoResistor(pdk="sky130").parameters()
    said = PseudoResistor(pdk="sky130", layout=str(LAYOUTS / "clock_gate.gds")).parameters()
    assert said["layout"]["layout"] == "clock_gate"
    assert len(said["layout"]["gds_sha256"]) == 64
    assert "drawn" not in json.dumps(said)
    assert PseudoResistor(pdk="sky130", layout="generated").parameters()["layout"] == {
        "layout": "generated", "seed": 1,
    }  # fmt: skip


def test_another_size_is_another_circuit():
    other = resized(DESIGN, {"reset_switch.w_m": 0.5e-6}).neuron
    with pytest.raises(InputError, match="the layout reset_switch is not the block reset_switch"):
        reset_switch(drawn_in(given("reset_switch")), other)


def test_a_layout_that_took_no_part_is_not_passed_over():
    layouts = given("clock_gate")
    PseudoResistorCurve(process_of("sky130").laid_out(layouts), DESIGN, "tt").block.definitions()
    with pytest.raises(InputError, match="asks none by itself; it is built of pseudo_resistor"):
        layouts.check_used("pseudo-resistor")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--layout", "generated"], "generic28 is no real process"),
        (["--pdk", "sky130", "--layout", "absent.gds"], "cannot read absent.gds"),
        (["--pdk", "sky130", "--layout", str(LAYOUTS / "synapse.json")], "is no GDS file"),
    ],
)
def test_bad_input_is_one_line(capsys, arguments, said):
    assert run(["sweep-vdd", *arguments]) == 2
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1


def test_a_flow_names_a_file_beside_it(tmp_path):
    text = 'study = "comparator"\npdks = ["sky130"]\n'
    (tmp_path / "mine.gds").write_bytes((LAYOUTS / "comparator.gds").read_bytes())
    (tmp_path / "flow.toml").write_text(text + 'layout = "mine.gds"\n')
    (study,) = read_flow(tmp_path / "flow.toml").studies
    assert study == Comparator(pdk="sky130", layout=str(tmp_path / "mine.gds"))
    for wrong, said in (
        ('layout = "../mine.gds"', "is no file beside the flow"),
        ('[parameters]\nlayout = "generated"', "a flow's layout stands at its top"),
    ):
        (tmp_path / "flow.toml").write_text(text + wrong)
        with pytest.raises(InputError, match=said):
            read_flow(tmp_path / "flow.toml")


@pytest.mark.ngspice
@pytest.mark.sky130
def test_a_leak_after_layout_leaks_as_before(ngspice, sky130_models, tmp_path):
    asked = ["explore", "pseudo-resistor", "--pdk", "sky130", "--corner", "tt", "--temp", "27"]
    asked += ["--layout", "generated", "--quiet", "--out", str(tmp_path)]
    assert run(asked) in {0, 1}  # whether its leak is what is wanted is another question
    drawn = json.loads((tmp_path / "answer.json").read_text())["quantities"]
    point = PseudoResistorCurve(open_pdk("sky130"), DESIGN, "tt")
    sized = point.measure(ngspice.run(point.build()))
    name = "resistance_50mV_nominal_ohm"
    assert drawn[name] == pytest.approx(sized["resistance_+50mV_ohm"], rel=0.05)
    assert drawn[name] != sized["resistance_+50mV_ohm"]
