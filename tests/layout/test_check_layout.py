import pytest

from anaspike.cli import run
from anaspike.layout.drawing import Drawing
from anaspike.layout.sky130 import SKY130

pytestmark = pytest.mark.usefixtures("klayout")


@pytest.fixture(scope="module")
def layout(klayout, tmp_path_factory):
    folder = tmp_path_factory.mktemp("layout")
    assert run(["layout", "reset_switch", "--out", str(folder)]) == 0
    return folder / "reset_switch.gds"


def test_what_is_drawn_is_clean(layout, capsys):
    assert run(["check-layout", str(layout), "reset_switch"]) == 0
    said = capsys.readouterr().out
    assert "rules: clean\nnetlist: the same circuit\n" in said
    assert " mem " in said
    assert " fF" in said


def test_another_block_is_another_circuit(layout, capsys):
    assert run(["check-layout", str(layout), "pseudo_resistor"]) == 1
    said = capsys.readouterr().out
    assert "netlist: another circuit" in said
    assert "no label names a" in said


def test_a_broken_rule_is_named(layout, tmp_path, capsys):
    drawing = Drawing.new(SKY130, "reset_switch")
    drawing.box("m1", 0, 0, 100, 1000)
    drawing.write(tmp_path / "x.gds")
    assert run(["check-layout", str(tmp_path / "x.gds"), "reset_switch"]) == 1
    assert "m1.1 (width of metal 1) at 0.050, 0.500 um" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.gds", "reset_switch"], "cannot read nowhere.gds"),
        (
            ["{layout}", "reset_switch", "--cell", "core"],
            "has no cell core; its top is reset_switch",
        ),
        (["{layout}", "reset_switch", "--pdk", "generic28"], "generic28 is no real process"),
        (["{layout}", "nonsense"], "no block 'nonsense' can be drawn"),
    ],
)
def test_bad_input_is_one_line(layout, capsys, arguments, said):
    given = [argument.format(layout=layout) for argument in arguments]
    assert run(["check-layout", *given]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.sky130
def test_the_extracted_circuit_is_written(layout, tmp_path, sky130_models):
    spice = tmp_path / "x.spice"
    assert run(["check-layout", str(layout), "reset_switch", "--spice", str(spice)]) == 0
    text = spice.read_text()
    assert ".subckt reset_switch mem on v_rest" in text
    assert "_drawn_card" in text
