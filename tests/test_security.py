"""SECURITY.md says the numbers of the code."""

import re
from pathlib import Path

import pytest

from anaspike import bounds, files, hdf5, units
from anaspike.campaign import decks, engine, space, store
from anaspike.circuits import brought
from anaspike.experiments import network_file
from anaspike.layout import drawing
from anaspike.spice import carried, door, questions, rawfile

TEXT = (Path(__file__).parents[1] / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ")]


def size(size_B):
    return bounds.bytes_text(size_B)


def number(count):
    return f"{count:,}".replace(",", " ") if count > 9999 else str(count)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("flow files", f"{size(files.MOST_TOML_B)}, nested {files._DEEPEST} deep"),
        ("flow files", f"whole numbers of 64 bits, {network_file._MOST} neurons"),
        ("numbers", f"{units.LONGEST} characters, {number(engine._MOST_JOBS)} jobs"),
        ("numbers", f"{number(space.MOST)} conditions"),
        ("a body", f"{size(carried.LIMIT_B)} with all files called, calls {carried._DEEPEST} deep"),
        ("a body", f"{questions._MOST_PLACED:,} elements placed".replace(",", " ")),
        ("a body", f"{number(door.MOST_STATEMENTS)} statements and"),
        ("a body", f"{number(door.MOST_PARTS)} words"),
        ("a netlist that a", f"sub-circuits {brought._DEEPEST} deep, with {brought._MOST_WRITTEN}"),
        ("a netlist that a", f"{number(brought._MOST_PLACED)} transistors"),
        ("models of a PDK", f"{size(files.MOST_MODELS_B)} a file"),
        ("weights", f"{bounds.RATIO} times the file's size"),
        ("weights", f"at least {size(bounds.LEAST_B)}, at most {size(bounds.MOST_B)}: `--max"),
        ("[networks of NIR]", f"{number(hdf5.MOST_OBJECTS)} groups and arrays"),
        ("tables as CSV", f"{size(files.MOST_TEXT_B)}, {files.MOST_COLUMNS} columns"),
        ("images", f"{size(bounds.LEAST_B)} of pixels each: `--max-size`"),
        ("a layout (GDS)", f"{size(drawing.MOST_GDS_B)}, {number(drawing.MOST_SHAPES)} shapes"),
        ("a run folder, run again", f"{size(decks._MOST_MEMBER_B)} a member of `decks.zip`"),
        ("a run folder, [read back]", f"{size(rawfile.MOST_TRACES_B)} of a point's traces"),
        ("a cache", f"{size(store._MOST_ENTRY_B)} an entry, {size(store._MOST_TRACES_B)} of"),
    ],
)  # fmt: skip
def test_the_limits_are_those_of_the_code(row, said):
    (line,) = [line for line in ROWS if line.startswith(f"| {row}")]
    assert said in line


def test_every_surface_that_is_tried_is_promised():
    words = TEXT.lower()
    for name in sorted(Path(__file__).parent.glob("fuzz/seeds/*")):
        kind = {"answers": "answers of a cluster", "curves": "tables as csv", "decks": "decks pass",
                "flows": "flow files", "netlists": "a netlist", "runs": "a run folder"}  # fmt: skip
        assert kind.get(name.name, name.name) in words


def test_whom_to_tell_is_no_invented_address():
    assert not re.search(r"\S+@\S+\.\w+", TEXT)
    assert "draft security advisory" in TEXT
