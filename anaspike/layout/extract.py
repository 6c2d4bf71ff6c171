"""The circuit that a drawing is: its transistors as drawn, its wells, its capacitances.

Resistance is left out: the longest wire of a block here has at most half a kiloohm, and with 5 fF
at its end that is 2.5 ps, where gates take hundreds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from anaspike.circuits.block import Block
from anaspike.circuits.extracted import Diffusion, DrawnWell, Transistor, extracted_block
from anaspike.errors import InputError
from anaspike.layout.capacitance import HALO_NM, Pairs, capacitances
from anaspike.layout.compare import Comparison, compare
from anaspike.layout.connect import SUBSTRATE, Connected, Finger
from anaspike.layout.drawing import Drawing
from anaspike.layout.library import klayout_db
from anaspike.layout.sky130_wires import sky130_wires
from anaspike.layout.units import GROUND, MERGED, unit_transistors
from anaspike.pdk.roles import DrawnMos

LEAST_F = 1e-18  # between two nets; less is put to ground at both
_DIFFUSION = ("n source drain", "p source drain", "well tap", "substrate tap")
_METALS = ("poly", "li", "m1", "m2", "m3", "m4")


@dataclass(frozen=True)
class Extraction:
    """What a layout's circuit is.

    Attributes:
        block: with name and ports of the drawn one; a simulator takes it in its place.
        capacitances: (net, net) -> farad, wells' junctions apart; the block's nets, ground is "0".
        wells: those on no supply.
    """

    block: Block
    capacitances: Pairs
    wells: tuple[DrawnWell, ...]

    def by_net(self) -> dict[str, float]:
        """Return each net's whole capacitance to all others, in farad, the largest first."""
        total: dict[str, float] = defaultdict(float)
        for pair, farad in self.capacitances.items():
            for net in pair:
                total[net] += farad
        return dict(sorted(total.items(), key=lambda item: -item[1]))


def extract(
    drawing: Drawing,
    block: Block,
    part: float | None = None,
    halo_nm: int = HALO_NM,
) -> Extraction:
    """Extract a drawing of a block.

    Args:
        drawing: its layout; it must compare clean.
        block: what was drawn, in an opened process.
        part: of the coefficient of facing edges (`sky130_wires`); None for the calibrated one.
        halo_nm: how far an edge is looked around.

    Raises:
        InputError: the drawing is not of this block; the line says what differs.
    """
    return extract_compared(compare(drawing, block), block, part, halo_nm)


def extract_compared(
    compared: Comparison,
    block: Block,
    part: float | None = None,
    halo_nm: int = HALO_NM,
) -> Extraction:
    """Extract a drawing that has been compared; otherwise as `extract`."""
    drawing = compared.connected.drawing
    if not compared.clean:
        more = len(compared.findings) - 1
        also = f" (and {more} more)" if more else ""
        raise InputError(
            f"the layout {drawing.name} is not the block {block.name}: {compared.findings[0]}{also}"
        )
    nets = block_nets(compared, block)
    wires = sky130_wires() if part is None else sky130_wires(part)
    shapes = _shapes(compared.connected, nets)
    found = capacitances(shapes, wires, drawing.layers()["gate"], "0", halo_nm)
    wells = tuple(_wells(shapes, compared, block))
    kept = _lumped(found)
    made = extracted_block(block, _transistors(compared, block), wells, kept)
    return Extraction(made, kept, wells)


def block_nets(compared: Comparison, block: Block) -> dict[str, str]:
    """Return what each net of the drawing is called in the block's own netlist.

    A wire that is joined to nothing counts as ground.
    """
    supplies = [port for port in block.ports if port in MERGED]
    names = {GROUND: "0", SUBSTRATE: "0"}
    for merged in set(MERGED.values()):
        if merged not in block.ports and supplies:
            names[merged] = supplies[0]
    mapped = {net: compared.nets.get(net, GROUND) for net in compared.connected.nets}
    return {net: names.get(name, name) for net, name in mapped.items()}


def _shapes(connected: Connected, names: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return net -> layer of wires -> its shapes."""
    db = klayout_db()
    shapes: dict[str, dict[str, Any]] = defaultdict(lambda: defaultdict(db.Region))
    for net, name in names.items():
        for layer in _METALS:
            shapes[name][layer] += connected.shapes(net, layer)
        for layer in _DIFFUSION:
            shapes[name]["diffusion"] += connected.shapes(net, layer)
        shapes[name]["well"] += connected.shapes(net, "nwell")
    return shapes


def _transistors(compared: Comparison, block: Block) -> Iterator[Transistor]:
    """Yield each finger under the path and on the nets of the block's own netlist.

    On a chip the core's supplies are one net; a finger's own is told by its transistor's.
    """
    apart = {unit.name: unit for unit in unit_transistors(block, merged={})}
    for finger, unit in sorted(compared.fingers, key=lambda pair: pair[1].name):
        own = apart[unit.name]
        size = _size(finger.role, finger.w_nm, finger.l_nm)
        nets = tuple("0" if net == GROUND else net for net in (own.d, own.g, own.s, own.b))
        first, second = _diffusions(finger)
        as_drawn = compared.nets.get(finger.nets[0], finger.nets[0]) == unit.d
        drain, source = (first, second) if as_drawn else (second, first)
        yield Transistor(unit.name.replace("#", "_"), size, nets, drain, source)  # type: ignore[arg-type]


def _size(role: str, w_nm: int, l_nm: int) -> DrawnMos:
    return DrawnMos(role, w_nm / 1e9, l_nm / 1e9)  # type: ignore[arg-type]  # a flavour's


def _diffusions(finger: Finger) -> Iterable[Diffusion]:
    return (
        Diffusion(area * 1e-12, perimeter * 1e-6)
        for area, perimeter in zip(finger.areas_um2, finger.perimeters_um, strict=True)
    )


def _wells(
    shapes: Mapping[str, Mapping[str, Any]], compared: Comparison, block: Block
) -> Iterator[DrawnWell]:
    """Yield the wells whose net is no supply of the block."""
    inside = {
        compared.nets.get(finger.nets[3], finger.nets[3]): unit
        for finger, unit in compared.fingers
        if unit.kind == "p"
    }
    for net in sorted(inside):
        if not net.startswith("vdd"):
            unit = inside[net]
            size = _size(f"{unit.kind}mos_{unit.flavour}", unit.w_nm, unit.l_nm)
            for well in shapes[net]["well"].merged().each():
                yield DrawnWell(net, size, well.area() * 1e-18, well.perimeter() * 1e-9)


def _lumped(found: Pairs) -> Pairs:
    """Return the capacitances with tiny ones between two nets put to ground at both."""
    kept: Pairs = defaultdict(float)
    for (one, other), farad in found.items():
        if "0" in (one, other) or farad >= LEAST_F:
            kept[one, other] += farad
        else:
            for net in (one, other):
                kept["0", net] += farad
    return {pair: float(f"{farad:.4g}") for pair, farad in sorted(kept.items())}


def spice_text(block: Block, corner: str) -> str:
    """Return an extracted block with its models as one text that ngspice alone reads.

    Args:
        block: as extracted.
        corner: of its process.

    Raises:
        InputError: the process has no such corner, or no model of a size.
    """
    sizes = [size for _, size in block.transistors()]
    models = block.technology.pdk.models(corner, sizes).inlined()
    return f"{models}\n{block.definitions()}\n"
