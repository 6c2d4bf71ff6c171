"""Layouts as GDS: shapes that can be judged, or one line."""

import pytest
from contract import examples
from hypothesis import given
from mutants import mutants

from anaspike.layout.drawing import Drawing, read_gds
from anaspike.layout.rules import check_rules
from anaspike.layout.sky130 import SKY130


@pytest.fixture(scope="module")
def gds(klayout):
    """A small layout: two cells, one placed in an array, with labels."""
    drawing = Drawing.new(SKY130, "top")
    below = Drawing(SKY130, drawing.layout, drawing.layout.create_cell("below"))
    below.box("m1", 0, 0, 400, 400)
    below.box("licon", 100, 100, 270, 270)
    drawing.box("nwell", 0, 0, 5000, 5000)
    drawing.label("m1", "a", 200, 200)
    steps = klayout.Vector(1000, 0), klayout.Vector(0, 1000)
    placed = klayout.CellInstArray(below.cell.cell_index(), klayout.Trans(), *steps, 3, 2)
    drawing.cell.insert(placed)
    return drawing.gds()


@examples(10)
@given(data=mutants({"l.gds": b""}) | mutants({"l.gds": b"x"}))
def test_what_is_no_layout(contract, klayout, data):
    path = contract.written(data) / "l.gds"
    contract.holds(lambda: read_gds(path, SKY130))


def test_layouts(contract, gds):
    @examples(150)
    @given(files=mutants({"l.gds": gds}))
    def judged(files):
        path = contract.written(files) / "l.gds"
        contract.holds(lambda: check_rules(read_gds(path, SKY130)))

    judged()
