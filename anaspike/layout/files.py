"""What is written of a layout beside its GDS: pins and area as JSON, and colours for KLayout."""

import json
from collections.abc import Iterator
from pathlib import Path

from anaspike.files import make_folder, write_text
from anaspike.layout.block import Drawn
from anaspike.layout.drawing import Drawing
from anaspike.layout.process import Process
from anaspike.layout.rows import COLUMN, TRACK

# Frame and fill of a layer in KLayout, and its pattern: wells pale, wires by height.
_LOOKS = {
    "nwell": ("#8a8a5c", "I2"), "diff": ("#2e8b57", "I5"), "tap": ("#8fbc8f", "I5"),
    "poly": ("#c0392b", "I5"), "licon": ("#555555", "I0"), "npc": ("#d2b48c", "I1"),
    "nsdm": ("#7fb37f", "I1"), "psdm": ("#c99a5b", "I1"), "lvtn": ("#9b59b6", "I1"),
    "hvtp": ("#b0578d", "I1"), "li": ("#6c5ce7", "I9"), "mcon": ("#222222", "I0"),
    "m1": ("#2a6fdb", "I6"), "via": ("#1b3f7a", "I0"), "m2": ("#d6458b", "I10"),
    "via2": ("#7a1b4b", "I0"), "m3": ("#00a3a3", "I11"), "via3": ("#005f5f", "I0"),
    "m4": ("#e08e0b", "I12"),
}  # fmt: skip
_LAYER = """\
 <properties>
  <frame-color>{colour}</frame-color>
  <fill-color>{colour}</fill-color>
  <dither-pattern>{pattern}</dither-pattern>
  <visible>{visible}</visible>
  <transparent>true</transparent>
  <name>{name}</name>
  <source>{gds}@1</source>
 </properties>
"""
_HIDDEN = {"npc", "nsdm", "psdm"}
COLOURS = {layer: colour for layer, (colour, _) in _LOOKS.items() if layer not in _HIDDEN}


def realised(name: str, drawn: Drawn, process: Process) -> Drawing:
    """Return a drawn block as a cell of its process."""
    drawing = Drawing.new(process, name)
    drawn.sketch.draw(drawing)
    edge = drawn.half * COLUMN
    for part, bottom, top in ((name, 0, drawn.tracks), *drawn.parts):
        drawing.outline(part, -edge, bottom * TRACK, edge, top * TRACK)
    return drawing


def pins_of(drawing: Drawing) -> dict[str, list[dict[str, object]]]:
    """Return where each net is named: net -> layer, and place in micrometres."""
    pins: dict[str, list[dict[str, object]]] = {}
    for layer in drawing.process.labels:
        for net, x, y in drawing.texts(layer):
            pins.setdefault(net, []).append({"layer": layer, "x_um": x / 1e3, "y_um": y / 1e3})
    return dict(sorted(pins.items()))


def summary(name: str, drawn: Drawn, drawing: Drawing) -> str:
    """Return pins and area as JSON; the frame is where neighbours abut, in micrometres."""
    half_um = drawn.width_um / 2
    facts = {
        "block": name,
        "process": drawing.process.name,
        "seed": drawn.seed,
        "width_um": round(drawn.width_um, 3),
        "height_um": round(drawn.height_um, 3),
        "area_um2": round(drawn.width_um * drawn.height_um, 3),
        "frame_um": [-half_um, 0.0, half_um, round(drawn.height_um, 3)],
        "pins": pins_of(drawing),
    }
    return json.dumps(facts, indent=1) + "\n"


def layer_file(process: Process) -> str:
    """Return colours and names of a process's layers, as KLayout reads them."""
    return "".join(
        (
            '<?xml version="1.0" encoding="utf-8"?>\n<layer-properties>\n',
            *_layers(process),
            "</layer-properties>\n",
        )
    )


def _layers(process: Process) -> Iterator[str]:
    for name, (layer, datatype) in process.layers.items():
        colour, pattern = _LOOKS.get(name, ("#808080", "I1"))
        visible = str(name not in _HIDDEN).lower()
        gds = f"{layer}/{datatype}"
        yield _LAYER.format(colour=colour, pattern=pattern, visible=visible, name=name, gds=gds)


def write_layout(folder: Path, name: str, drawn: Drawn, drawing: Drawing) -> list[Path]:
    """Write GDS, pins and colours; return the files.

    Raises:
        InputError: the folder cannot be written.
    """
    make_folder(folder)
    gds, pins = folder / f"{name}.gds", folder / f"{name}.json"
    colours = folder / f"{drawing.process.name}.lyp"
    drawing.write(gds)
    write_text(pins, summary(name, drawn, drawing))
    write_text(colours, layer_file(drawing.process))
    return [gds, pins, colours]
