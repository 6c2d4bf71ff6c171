import re
import struct

import pytest

from anaspike.errors import InputError
from anaspike.extras import installs
from anaspike.layout.drawing import Drawing, read_gds
from anaspike.layout.process import layout_process
from anaspike.layout.sky130 import SKY130


def square(name="cell"):
    drawing = Drawing.new(SKY130, name)
    drawing.box("m1", 0, 0, 400, 400)
    drawing.label("m1", "a", 200, 200)
    return drawing


@pytest.fixture
def file(klayout, tmp_path):
    path = tmp_path / "cell.gds"
    square().write(path)
    return path


def test_what_is_written_is_read(file):
    drawing = read_gds(file, SKY130)
    assert drawing.name == "cell"
    assert drawing.region("m1").area() == 160_000
    assert drawing.texts("m1") == [("a", 200, 200)]
    assert drawing.layers()["difftap"].is_empty()


def test_the_same_shapes_are_the_same_bytes(klayout):
    assert square().gds() == square().gds()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda gds: b"", "is empty"),
        (lambda gds: gds[:100], "is cut short"),
        (lambda gds: gds[:-6], "is cut short"),
        (lambda gds: b"\x1f\x8b" + gds, "is no GDS file"),
        (
            lambda gds: gds.replace(struct.pack(">H", 68), struct.pack(">H", 3)),
            "no shape on a layer of sky130",
        ),
        (lambda gds: gds.replace(b"cell", b"c\xffll"), "is a damaged GDS file: a name"),
        (lambda gds: gds.replace(b"\x00\x06\x0d\x02", b"\x00\x06\x0d\x07"), "is a damaged GDS"),
    ],
)
def test_a_bad_file_is_refused_with_what_it_is(file, change, said):
    bad = change(file.read_bytes())
    file.write_bytes(bad)
    with pytest.raises(InputError, match=said):
        read_gds(file, SKY130)


def test_a_layer_of_another_process_is_named(klayout, tmp_path):
    drawing = square()
    drawing.layout.top_cell().shapes(drawing.layout.layer(31, 0)).insert(klayout.Box(0, 0, 9, 9))
    drawing.write(tmp_path / "x.gds")
    with pytest.raises(InputError, match=r"layers that sky130 is not drawn on here: 31/0"):
        read_gds(tmp_path / "x.gds", SKY130)


def test_a_missing_top_cell_is_refused_with_what_is_there(file):
    with pytest.raises(InputError, match="has no cell neuron; its top is cell"):
        read_gds(file, SKY130, "neuron")


def test_two_top_cells_are_refused_unless_one_is_named(klayout, tmp_path):
    drawing = square()
    drawing.layout.create_cell("other")
    (tmp_path / "x.gds").write_bytes(drawing.layout.write_bytes(options(klayout)))
    with pytest.raises(InputError, match="has 2 top cells, cell, other"):
        read_gds(tmp_path / "x.gds", SKY130)
    assert read_gds(tmp_path / "x.gds", SKY130, "cell").name == "cell"


def test_an_empty_library_is_refused(klayout, tmp_path):
    (tmp_path / "x.gds").write_bytes(klayout.Layout().write_bytes(options(klayout)))
    with pytest.raises(InputError, match="is empty"):
        read_gds(tmp_path / "x.gds", SKY130)


def test_another_unit_is_refused(klayout, tmp_path):
    drawing = square()
    drawing.layout.dbu = 0.005
    drawing.write(tmp_path / "x.gds")
    with pytest.raises(InputError, match="counts in 5 nm"):
        read_gds(tmp_path / "x.gds", SKY130)


def test_arrays_of_arrays_are_not_unfolded(klayout, tmp_path):
    drawing = square("a")
    for name, below in (("b", "a"), ("c", "b")):
        cell = drawing.layout.create_cell(name)
        index = drawing.layout.cell(below).cell_index()
        vectors = klayout.Vector(500, 0), klayout.Vector(0, 500)
        cell.insert(klayout.CellInstArray(index, klayout.Trans(), *vectors, 3000, 3000))
    (tmp_path / "x.gds").write_bytes(drawing.layout.write_bytes(options(klayout)))
    with pytest.raises(InputError, match="unfolds to"):
        read_gds(tmp_path / "x.gds", SKY130)


def options(klayout):
    chosen = klayout.SaveLayoutOptions()
    chosen.format = "GDS2"
    return chosen


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("generic28", "no real process"),
        ("gf180mcu", "no layout rules of 'gf180mcu'"),
        ("nonsense", "no layout rules of 'nonsense'"),
    ],
)
def test_a_process_without_rules_is_refused(name, said):
    with pytest.raises(InputError, match=said):
        layout_process(name)


def test_the_tables_of_a_process_hold_together():
    process = layout_process("sky130")
    known = {*process.layers, *process.marks, *process.derived}
    assert {layer for rule in process.rules for layer in rule.layers} <= known
    assert {layer for step in process.steps for layer in (step.lower, step.cut)} <= known
    assert len({rule.name for rule in process.rules}) == len(process.rules)
    assert all(rule.value % process.grid_nm == 0 for rule in process.rules)
    assert process.nm("poly.2") == 210
    assert process.nm("li.6") == 56_100


def test_without_klayout_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "klayout.db", None)
    with pytest.raises(
        InputError, match=f"klayout is not installed.*{re.escape(installs('layout'))}"
    ):
        Drawing.new(SKY130, "cell")
