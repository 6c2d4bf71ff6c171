"""A block as its layout is: drawn transistors, wells, and a capacitance between any two nets.

It has the name and the ports of the block that was drawn, so that whatever is asked of the one can
be asked of the other. It is flat, but each part keeps the path that it had: `xcore.xinput_p` is a
name here, and so a simulator calls transistors and nodes what it always did.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from anaspike.circuits.block import Block
from anaspike.pdk.roles import DrawnMos
from anaspike.units import spice_number


@dataclass(frozen=True)
class Diffusion:
    """Drain or source as drawn; what two gates share is halved.

    Attributes:
        area_m2, perimeter_m: of it.
    """

    area_m2: float
    perimeter_m: float


@dataclass(frozen=True)
class Transistor:
    """One finger.

    Attributes:
        path: of it in the block, `xcore.xinput_p`.
        size: its role and drawn size.
        nets: of d, g, s and b.
        drain, source: what is drawn of them.
    """

    path: str
    size: DrawnMos
    nets: tuple[str, str, str, str]
    drain: Diffusion
    source: Diffusion


@dataclass(frozen=True)
class DrawnWell:
    """A well on no supply: a junction to the substrate.

    Attributes:
        net: its own.
        size: of a device that stands in it.
        area_m2, perimeter_m: of it.
    """

    net: str
    size: DrawnMos
    area_m2: float
    perimeter_m: float

    @property
    def sides_m(self) -> tuple[float, float]:
        """The sides of the rectangle that has this area and perimeter."""
        half = self.perimeter_m / 4
        apart = max(0.0, half * half - self.area_m2) ** 0.5
        return half + apart, half - apart


def extracted_block(
    drawn: Block,
    transistors: Iterable[Transistor],
    wells: Iterable[DrawnWell],
    capacitances: Mapping[tuple[str, str], float],
) -> Block:
    """Return a block made of what extraction found.

    Args:
        drawn: the block whose layout it was: name, ports and process are its.
        transistors: every finger.
        wells: those on no supply.
        capacitances: (net, net) -> farad; ground is "0".
    """
    title = f"{drawn.title or drawn.name}, extracted from its layout"
    block = Block(drawn.technology, drawn.name, *drawn.ports, title=title)
    for one in transistors:
        name, parameters = drawn.technology.pdk.subcircuit(one.size)
        measured = {
            "a_d": one.drain.area_m2,
            "a_s": one.source.area_m2,
            "p_d": one.drain.perimeter_m,
            "p_s": one.source.perimeter_m,
        }
        numbers = {key: spice_number(value) for key, value in measured.items()}
        block.X(one.path[1:], name, *one.nets, **parameters, **numbers)
        block.devices[one.path] = one.size
    for at, well in enumerate(wells):
        junction = drawn.technology.pdk.well(well.size)
        if junction is not None:
            w_m, l_m = map(spice_number, well.sides_m)
            block.X(f"well{at}", junction.model, well.net, w=w_m, l=l_m)
    for at, ((one_net, other), farad) in enumerate(capacitances.items()):
        block.C(f"x{at}", one_net, other, spice_number(farad))
    return block
