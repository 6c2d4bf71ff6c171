"""The committed layouts: as drawn now, byte by byte."""

from pathlib import Path

import pytest

from anaspike.circuits.designs import design_for
from anaspike.layout.catalog import block_named, drawable, drawn_block, process_of
from anaspike.layout.drawing import read_gds
from anaspike.layout.extract import extract
from anaspike.layout.files import layer_file, realised, summary
from anaspike.layout.rules import check_rules
from anaspike.layout.sky130 import SKY130

LAYOUTS = Path(__file__).parents[2] / "netlists" / "layouts"
QUICK = ("pseudo_resistor", "comparator", "clock_gate", "bias_mirror", "reset_switch", "membrane")
COMMITTED = sorted(path.stem for path in LAYOUTS.glob("*.gds"))


def as_committed(name):
    drawn = drawn_block(name, process_of("sky130"), design_for("sky130"))
    drawing = realised(name, drawn, SKY130)
    assert (LAYOUTS / f"{name}.gds").read_bytes() == drawing.gds(), "run `make reference`"
    assert (LAYOUTS / f"{name}.json").read_text() == summary(name, drawn, drawing)


def test_the_folder_holds_blocks_and_nothing_else():
    assert set(QUICK) <= set(COMMITTED) <= set(drawable())
    names = [f"{name}.{kind}" for name in COMMITTED for kind in ("gds", "json")]
    assert sorted(path.name for path in LAYOUTS.iterdir()) == sorted([*names, "sky130.lyp"])
    assert (LAYOUTS / "sky130.lyp").read_text() == layer_file(SKY130)


@pytest.mark.parametrize("name", QUICK)
def test_a_small_block_is_as_committed(klayout, name):
    as_committed(name)


@pytest.mark.proof
@pytest.mark.parametrize("name", sorted(set(COMMITTED) - set(QUICK)))
def test_a_large_block_is_as_committed(klayout, name):
    as_committed(name)


@pytest.mark.parametrize("name", COMMITTED)
def test_a_committed_layout_keeps_the_rules(klayout, name):
    assert check_rules(read_gds(LAYOUTS / f"{name}.gds", SKY130)) == ()


@pytest.mark.parametrize("name", ["membrane", "core", "neuron"])
def test_a_membrane_is_what_was_asked_for_with_all_its_wires(klayout, name):
    design = design_for("sky130")
    block = block_named(name, process_of("sky130"), design)
    found = extract(read_gds(LAYOUTS / f"{name}.gds", SKY130), block).by_net()
    assert found["mem"] == pytest.approx(design.neuron.membrane_F, rel=0.02)
