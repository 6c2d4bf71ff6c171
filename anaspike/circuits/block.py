"""A sub-circuit in PySpice that knows its process, its wires and its children."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, wraps
from itertools import chain
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

from PySpice.Spice.Netlist import SubCircuit

from anaspike.circuits.parameters import check_positive
from anaspike.errors import InputError
from anaspike.pdk.roles import MosSize, Pdk
from anaspike.spice.deck import checked_name
from anaspike.units import check_size, spice_number

Builder = TypeVar("Builder", bound=Callable[..., Any])

_LARGEST_WIRE_F = 1e-9  # of a node: metres of wire


def built_once(build: Builder) -> Builder:
    """Make a builder return the same block for the same arguments, drawn where there are layouts.

    A block takes PySpice milliseconds, and a sweep asks for the same one at
    every point. So blocks are values: nobody changes one that was returned.

    Whatever is simulated comes through here, so that nobody above knows whether it is asking a
    drawn block or one that is only sized.
    """
    once = lru_cache(maxsize=64)(build)

    @wraps(build)
    def built(technology: "Technology", *sizes: Any, **named: Any) -> "Block":
        layouts = technology.layouts
        if layouts is not None:
            drawn = layouts.circuit_of(once(technology.as_sized, *sizes, **named))
            if drawn is not None:
                return drawn
        return cast(Block, once(technology, *sizes, **named))

    return cast(Builder, built)


@runtime_checkable
class Layouts(Protocol):
    """What knows blocks as they are drawn; it can be hashed, and equal ones know the same."""

    def __hash__(self) -> int: ...

    def frames_um2(self, block: "Block") -> Mapping[str, float] | None:
        """Return the area of a block's layout and of each part of it, by name, the whole first.

        None where the block is not drawn as a whole.
        """

    def parts(self) -> Mapping[str, object]:
        """Return what it is, by content, ready for JSON."""

    def check_used(self, study: str) -> None:
        """Refuse that nothing drawn took part in an answer.

        Raises:
            InputError: no block that it knows was asked for.
        """

    def circuit_of(self, block: "Block") -> "Block | None":
        """Return what a block's layout is, a block of the same name and ports.

        None where the block is not drawn as a whole; blocks in it may be.
        """


@dataclass(frozen=True)
class Technology:
    """What every block of a circuit is built in.

    Attributes:
        pdk: the process.
        wire_capacitance_F: estimated wire capacitance to ground of a node, in
            farad: 2 fF stands for short wires. A drawn block has its own instead.
    """

    pdk: Pdk
    wire_capacitance_F: float = 2e-15

    def __post_init__(self) -> None:
        check_positive(self.wire_capacitance_F, "wire capacitance", zero=True)
        check_size(self.wire_capacitance_F, "F", "wire capacitance", _LARGEST_WIRE_F)

    @property
    def layouts(self) -> Layouts | None:
        """What knows blocks as they are drawn; None where all are as sized."""
        return cast("Layouts | None", self.pdk.layouts)

    @property
    def as_sized(self) -> "Technology":
        """The same without layouts: what a netlist says."""
        return self if self.layouts is None else replace(self, pdk=self.pdk.laid_out(None))


class Block(SubCircuit):  # type: ignore[misc]  # PySpice has no type hints
    """One sub-circuit: ports by name, ground is the global node 0.

    Args:
        technology: the process and its wires.
        name: of the sub-circuit.
        ports: its pins, in order.
        title: one line on what it is, for who reads the netlist.
    """

    def __init__(self, technology: Technology, name: str, *ports: str, title: str = "") -> None:
        super().__init__(checked_name(name, "block"), *(checked_name(p, "port") for p in ports))
        self.technology = technology
        self.title = title
        self.ports = ports
        self.children: dict[str, Block] = {}
        self.devices: dict[str, MosSize] = {}

    def mos(self, name: str, size: MosSize, d: str, g: str, s: str, b: str) -> None:
        """Add a transistor; a bulk of "0" is ground, as for any node."""
        subcircuit, parameters = self.technology.pdk.subcircuit(size)
        self.X(name, subcircuit, d, g, s, b, **parameters)
        self.devices[f"x{name}"] = size

    def nmos(self, name: str, size: MosSize, d: str, g: str, s: str = "0") -> None:
        """Add an NMOS whose bulk is ground."""
        self.mos(name, size, d, g, s, "0")

    def pmos(self, name: str, size: MosSize, d: str, g: str, s: str, well: str = "vdd") -> None:
        """Add a PMOS whose bulk is `well`."""
        self.mos(name, size, d, g, s, well)

    def own_well(self, node: str, *inside: MosSize) -> None:
        """Add the junction to the substrate of a well that is on no supply.

        Args:
            node: the well's.
            inside: the devices that stand in it, side by side.
        """
        well = self.technology.pdk.well(inside[0])
        if well is not None:
            w_m, l_m = well.around(inside)
            self.X(f"well_{node}", well.model, node, w=spice_number(w_m), l=spice_number(l_m))

    def place(self, name: str, child: "Block", **pins: str) -> None:
        """Instantiate another block, its pins given by name.

        Raises:
            InputError: a pin is missing or not the child's.
        """
        if set(pins) != set(child.ports):
            wrong = sorted(set(pins) ^ set(child.ports))
            raise InputError(f"{self.name}.{name}: pins of {child.name} do not match: {wrong}")
        self.X(name, child.name, *(pins[port] for port in child.ports))
        self.children[f"x{name}"] = child

    def wire(self, *nodes: str) -> None:
        """Give each node its estimated wire capacitance."""
        capacitance_F = self.technology.wire_capacitance_F
        if capacitance_F > 0:
            for node in nodes:
                self.C(f"w_{node}", node, 0, spice_number(capacitance_F))

    def definitions(self) -> str:
        """Return the text of this block and all below it, each once, children first.

        Raises:
            InputError: two different blocks share a name.
        """
        return "\n".join(self._definitions.values())

    @cached_property
    def _definitions(self) -> dict[str, str]:
        texts: dict[str, str] = {}
        for block in self._closure():
            text = f"* {block.title}\n{block}" if block.title else str(block)
            _add(texts, block.name, text)
        return texts

    def collect(self, texts: dict[str, str]) -> None:
        """Add the definitions of this block and all below it to those of other blocks.

        Args:
            texts: name -> definition, in the order of definition; added to.

        Raises:
            InputError: two different blocks share a name.
        """
        for name, text in self._definitions.items():
            _add(texts, name, text)

    def transistors(self, path: str = "") -> Iterator[tuple[str, MosSize]]:
        """Yield (path, size) of every transistor, for example `xcore.xinput_p`."""
        for name, size in self._transistors:
            yield f"{path}{name}", size

    @cached_property
    def _transistors(self) -> tuple[tuple[str, MosSize], ...]:
        below = (child.transistors(f"{name}.") for name, child in self.children.items())
        return (*self.devices.items(), *chain.from_iterable(below))

    def _closure(self) -> Iterator["Block"]:
        for child in self.children.values():
            yield from child._closure()
        yield self


def _add(texts: dict[str, str], name: str, text: str) -> None:
    if texts.setdefault(name, text) != text:
        raise InputError(f"two different blocks are called {name}; rename one")
