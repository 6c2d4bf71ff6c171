"""The transistors that are drawn: a block's netlist, flat, folded, one gate finger each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from anaspike.circuits.block import Block
from anaspike.circuits.neuron import SUPPLIES
from anaspike.errors import InputError
from anaspike.pdk.roles import MosSize

GROUND, SUPPLY = "gnd", "vdd"
# On a chip the core's supplies, one for each consumer in the netlist, are one net.
MERGED: Mapping[str, str] = dict.fromkeys(SUPPLIES, SUPPLY)

GRID_NM = 5
_WIDEST_NM = 2100  # of a finger: a row is as tall as its widest device
_MOST_FINGERS = 64
_LONGEST_NM = 20000


@dataclass(frozen=True)
class Unit:
    """One gate finger.

    Attributes:
        name: path of its transistor in the block, `xnor.xn_a`; of a finger, with `#` and a number.
        kind: NMOS or PMOS.
        flavour: its threshold, "svt", "lvt" or "hvt".
        w_nm, l_nm: drawn width and length, in nanometres.
        d, g, s, b: nets of drain, gate, source and bulk.
    """

    name: str
    kind: Literal["n", "p"]
    flavour: str
    w_nm: int
    l_nm: int
    d: str
    g: str
    s: str
    b: str

    @property
    def block(self) -> str:
        """Path of the block it stands in."""
        return self.name.rpartition(".")[0]


def unit_transistors(block: Block, merged: Mapping[str, str] = MERGED) -> list[Unit]:
    """Return every finger of a block, in the order of its netlist.

    Args:
        block: whose.
        merged: port -> the net that it is on; the others are nets by themselves.

    Raises:
        InputError: a device that no row can hold.
    """
    return [
        unit
        for name, size, nets in _devices(block, merged, "")
        for unit in _folded(name, size, nets)
    ]


def ports(block: Block) -> list[str]:
    """Return the block's nets that have a pin, ground apart."""
    return list(dict.fromkeys(MERGED.get(port, port) for port in block.ports))


def _devices(
    block: Block, outer: Mapping[str, str], path: str
) -> Iterator[tuple[str, MosSize, list[str]]]:
    """Yield path, size and nets (d, g, s, b) of every transistor."""

    def net(node: str) -> str:
        if node == "0":
            return GROUND
        if node in block.ports:
            return outer.get(node, node)
        return f"{path}{node}"

    for element in block.elements:
        name = str(element.name).lower()
        nets = [net(str(pin.node)) for pin in element.pins]
        if name in block.devices:
            yield f"{path}{name}", block.devices[name], nets
        elif name in block.children:
            child = block.children[name]
            inside = dict(zip(child.ports, nets, strict=True))
            yield from _devices(child, inside, f"{path}{name}.")


def _folded(name: str, size: MosSize, nets: list[str]) -> Iterator[Unit]:
    kind, _, flavour = size.role.partition("mos_")
    if kind not in ("n", "p"):
        raise InputError(f"{name}: no row holds a {size.role}; only transistors are drawn")
    w_nm, l_nm = _on_grid(name, "width", size.w_m), _on_grid(name, "length", size.l_m)
    fingers = _fingers(name, w_nm)
    if fingers * size.mult > _MOST_FINGERS or l_nm > _LONGEST_NM:
        raise InputError(
            f"{name}: {size.mult} x {w_nm / 1e3:g}/{l_nm / 1e3:g} um is a size that no row can"
            f" hold; rows hold up to {_MOST_FINGERS} fingers of {_WIDEST_NM / 1e3:g} um,"
            f" each at most {_LONGEST_NM / 1e3:g} um long"
        )
    for i in range(fingers * size.mult):
        mark = f"#{i}" if fingers * size.mult > 1 else ""
        yield Unit(f"{name}{mark}", kind, flavour, w_nm // fingers, l_nm, *nets)  # type: ignore[arg-type]


def _on_grid(name: str, what: str, value_m: float) -> int:
    value_nm = value_m * 1e9
    rounded = GRID_NM * round(value_nm / GRID_NM)
    if abs(rounded - value_nm) > 1e-3:
        raise InputError(
            f"{name}: {what} {value_nm:g} nm is not on the manufacturing grid of {GRID_NM} nm;"
            f" {rounded} nm is"
        )
    return rounded


def _fingers(name: str, w_nm: int) -> int:
    """Return the least number of fingers that are equal, on the grid and not too wide."""
    least = -(-w_nm // _WIDEST_NM)
    for fingers in range(least, min(4 * least, _MOST_FINGERS) + 1):
        if w_nm % (fingers * GRID_NM) == 0:
            return fingers
    raise InputError(
        f"{name}: a width of {w_nm / 1e3:g} um is a size that no row can hold: it does not divide"
        f" into equal fingers on the grid of {GRID_NM} nm, of at most {_WIDEST_NM / 1e3:g} um each"
    )
