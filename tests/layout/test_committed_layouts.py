"""The committed layouts: as drawn now, byte by byte."""

from pathlib import Path

import pytest

from anaspike.circuits.designs import design_named
from anaspike.layout.catalog import block_named, drawable, drawn_block, process_of
from anaspike.layout.compare import compare
from anaspike.layout.drawing import read_gds
from anaspike.layout.extract import extract, extract_compared
from anaspike.layout.files import layer_file, realised, summary
from anaspike.layout.rules import check_rules
from anaspike.layout.sky130 import SKY130

LAYOUTS = Path(__file__).parents[2] / "netlists" / "layouts"
STORED = LAYOUTS / "stored_weights"
QUICK = (
    *("pseudo_resistor", "comparator", "clock_gate", "bias_mirror", "reset_switch", "membrane"),
    "weight_memory",
)
COMMITTED = sorted(path.stem for path in LAYOUTS.glob("*.gds"))


def as_committed(name, folder=LAYOUTS, design="sky130"):
    drawn = drawn_block(name, process_of("sky130"), design_named(design))
    drawing = realised(name, drawn, SKY130)
    assert (folder / f"{name}.gds").read_bytes() == drawing.gds(), "run `make reference`"
    assert (folder / f"{name}.json").read_text() == summary(name, drawn, drawing)


def test_the_folder_holds_blocks_and_nothing_else():
    assert set(COMMITTED) == set(drawable())
    holds(LAYOUTS, [*COMMITTED], STORED.name)
    holds(STORED, ["neuron"])


def holds(folder, blocks, *more):
    names = [f"{name}.{kind}" for name in blocks for kind in ("gds", "json")]
    found = sorted(path.name for path in folder.iterdir())
    assert found == sorted([*names, "sky130.lyp", *more])
    assert (folder / "sky130.lyp").read_text() == layer_file(SKY130)


@pytest.mark.parametrize("name", QUICK)
def test_a_small_block_is_as_committed(klayout, name):
    as_committed(name)


@pytest.mark.proof
@pytest.mark.parametrize("name", sorted(set(COMMITTED) - set(QUICK)))
def test_a_large_block_is_as_committed(klayout, name):
    as_committed(name)


@pytest.mark.proof
def test_the_neuron_that_holds_its_weights_is_as_committed(klayout):
    as_committed("neuron", STORED, "sky130_stored_weights")


def test_the_neuron_that_holds_its_weights_keeps_the_rules_and_is_its_netlist(klayout):
    drawing = read_gds(STORED / "neuron.gds", SKY130)
    assert check_rules(drawing) == ()
    design = design_named("sky130_stored_weights")
    block = block_named("neuron", process_of("sky130"), design)
    compared = compare(drawing, block)
    assert compared.findings == ()
    found = extract_compared(compared, block).by_net()
    assert found["mem"] == pytest.approx(design.neuron.membrane_F, rel=0.02)


@pytest.mark.parametrize("name", COMMITTED)
def test_a_committed_layout_keeps_the_rules(klayout, name):
    assert check_rules(read_gds(LAYOUTS / f"{name}.gds", SKY130)) == ()


@pytest.mark.parametrize("name", ["membrane", "core", "neuron"])
def test_a_membrane_is_what_was_asked_for_with_all_its_wires(klayout, name):
    design = design_named("sky130")
    block = block_named(name, process_of("sky130"), design)
    found = extract(read_gds(LAYOUTS / f"{name}.gds", SKY130), block).by_net()
    assert found["mem"] == pytest.approx(design.neuron.membrane_F, rel=0.02)
