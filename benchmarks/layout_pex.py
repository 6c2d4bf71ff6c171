"""Our capacitances beside those of klayout-pex on the same layouts (docs/layout.md).

python -m benchmarks.layout_pex FILE.gds ...     # each named for its block

klayout-pex (GPL-3, not ours, not installed here) has a `kpex` that must be on the path; it wants
Python 3.12 and KLayout, the program, of 0.30 or newer (KPEX_KLAYOUT_EXE names one elsewhere).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from anaspike.circuits.block import Block
from anaspike.circuits.designs import design_for
from anaspike.errors import AnaspikeError, InputError
from anaspike.files import read_text
from anaspike.layout.capacitance import Pairs
from anaspike.layout.catalog import block_named, process_of
from anaspike.layout.compare import Comparison, compare
from anaspike.layout.drawing import Drawing, read_gds
from anaspike.layout.extract import block_nets, extract_compared
from anaspike.layout.sky130 import SKY130
from anaspike.layout.units import GROUND

LEAST_F = 0.1e-15  # what is smaller is not compared by ratio
_SUBSTRATE = ("VSUBS", "sky130_gnd")  # names that it gives what no label does
_CAPACITOR = re.compile(r"^C\S*\s+(\S+)\s+(\S+)\s+([0-9.eE+-]+)f", re.MULTILINE)
_TIMEOUT_S = 3600


@dataclass(frozen=True)
class Ratios:
    """How ours and theirs stand to each other.

    Attributes:
        what: compared.
        ratios: name of a net, or of two -> ours / theirs.
    """

    what: str
    ratios: Mapping[str, float]

    def __str__(self) -> str:
        """Return the median, and the worst both ways."""
        if not self.ratios:
            return f"{self.what}: none of {LEAST_F * 1e15:g} fF"
        low, high = (pick(self.ratios, key=self.ratios.__getitem__) for pick in (min, max))
        return (
            f"{self.what}, {len(self.ratios)}: median {median(self.ratios.values()):.3f},"
            f" {self.ratios[low]:.3f} ({low}) to {self.ratios[high]:.3f} ({high})"
        )


def find_kpex() -> Path:
    """Return klayout-pex's program.

    Raises:
        InputError: it is not here; the line says where to get it.
    """
    found = shutil.which("kpex")
    if found is None:
        raise InputError(
            "kpex was not found; `pip install klayout-pex==0.6.12` into a Python 3.12 of its own,"
            " and put it on the PATH"
        )
    return Path(found)


def named(compared: Comparison, block: Block) -> tuple[Drawing, dict[str, str]]:
    """Return a drawing with a label on each wire's net, and label -> the block's net.

    By a net's own name both extractors say what they mean.
    """
    old = compared.connected.drawing
    layout = old.layout.dup()
    drawing = Drawing(old.process, layout, layout.cell(old.name))
    names = {GROUND: "0", **dict.fromkeys(_SUBSTRATE, "0")}
    for at, (net, name) in enumerate(block_nets(compared, block).items()):
        if any(net == text for layer in SKY130.labels for text, _, _ in old.texts(layer)):
            names[net] = name
            continue
        wires = compared.connected.shapes(net, "li").decompose_trapezoids_to_region()
        if not wires.is_empty():
            middle = next(wires.each()).bbox().center()
            drawing.label("li", f"net{at}", middle.x, middle.y)
            names[f"net{at}"] = name
    return drawing, names


def ask_kpex(drawing: Drawing, kpex: Path) -> str:
    """Return the netlist that it extracts of a drawing.

    Raises:
        InputError: it fails; the line says what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        gds = Path(folder) / "block.gds"
        drawing.write(gds)
        ran = subprocess.run(
            [kpex, "extract", "--pdk", "sky130A", "--2.5D", "--threads", "1",
             "--tool-version-checks", "warn", "--gds", gds, "--out-dir", folder],
            capture_output=True, check=False, text=True, timeout=_TIMEOUT_S,
            stdin=subprocess.DEVNULL, env={**os.environ, "COLUMNS": "200"},
        )  # fmt: skip
        found = sorted(Path(folder).glob("*/*_k25d_pex_netlist.spice"))
        if ran.returncode or not found:
            raise InputError(f"{kpex} failed: {(ran.stderr or ran.stdout)[-600:]}")
        return read_text(found[0])


def pairs_of(netlist: str, names: Mapping[str, str]) -> Pairs:
    """Return the capacitances of its netlist: (net, net) in the order of the alphabet -> farad."""
    found: Pairs = defaultdict(float)
    for one, other, fF in _CAPACITOR.findall(netlist):
        low, high = sorted(names.get(net, net) for net in (one, other))
        if low != high:
            found[low, high] += float(fF) * 1e-15
    return dict(found)


def ratios(ours: Pairs, theirs: Pairs, nets: set[str]) -> tuple[Ratios, Ratios, Ratios]:
    """Return ours over theirs: whole nets, nets to ground, and between two nets."""

    def against(what: str, mine: Mapping[str, float], other: Mapping[str, float]) -> Ratios:
        big = {name for name in mine if max(mine[name], other.get(name, 0)) >= LEAST_F}
        return Ratios(what, {name: mine[name] / other[name] for name in big if other.get(name)})

    def whole(pairs: Pairs) -> dict[str, float]:
        return {net: sum(f for pair, f in pairs.items() if net in pair) for net in sorted(nets)}

    def to_ground(pairs: Pairs) -> dict[str, float]:
        return {net: pairs.get(("0", net), 0.0) for net in sorted(nets)}

    def between(pairs: Pairs) -> dict[str, float]:
        return {" - ".join(pair): f for pair, f in pairs.items() if {*pair} <= nets}

    return (
        against("nets", whole(ours), whole(theirs)),
        against("nets to ground", to_ground(ours), to_ground(theirs)),
        against("pairs of nets", between(ours), between(theirs)),
    )


def main(files: list[str]) -> None:
    """Print how both stand on each file."""
    kpex, opened = find_kpex(), process_of("sky130")
    for file in map(Path, files):
        block = block_named(file.stem, opened, design_for("sky130"))
        compared = compare(read_gds(file, SKY130), block)
        drawing, names = named(compared, block)
        theirs = pairs_of(ask_kpex(drawing, kpex), names)
        nets = {*names.values()} - {"0"}
        for part in (None, 0.5):
            ours = dict(extract_compared(compared, block, part).capacitances)
            print(f"{file.stem}, facing edges {'as calibrated' if part is None else part}:")
            for found in ratios(ours, theirs, nets):
                print(f"  {found}", flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except AnaspikeError as error:
        sys.exit(str(error))
