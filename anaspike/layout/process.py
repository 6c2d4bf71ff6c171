"""What a layout must know of a process: its layers, its rules, what marks each kind of device."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from anaspike.errors import InputError
from anaspike.pdk.roles import MosRole
from anaspike.units import printable

# What a rule asks; `rules.py` says how each is looked for. A distance or width is in nm, an area
# in nm2, and a rule without a value is broken by any shape at all.
Kind = Literal[
    "width",  # of a layer, at least
    "space",  # between two shapes of a layer, or two arms of one
    "wide space",  # from a shape wider than the second value to its neighbours
    "separation",  # of two layers, in any direction
    "separation along",  # where edges face each other
    "enclosure",  # of the second layer by the first, on all sides
    "enclosure along",  # where edges face each other; the edge may be crossed
    "two sides",  # of each cut, two opposite sides enclosed by so much
    "area",  # of a shape, at least
    "hole",  # in a shape, at least
    "square",  # of just this side
    "gate width",  # the edge that the first layer shares with the second, at least
    "rectangle",  # nothing else
    "within",  # of so much of the second layer
    "touches",  # each shape of the first layer a shape of the second
    "covered",  # the first layer by the second
    "never",  # a layer that must stay empty
    "grid",  # every corner on it
    "right angles",  # and no others
]
Formula = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Rule:
    """One rule of a process.

    Attributes:
        name: as the process has it: "poly.2".
        kind: what it asks.
        layers: on which, drawn or derived.
        value: in nm, or nm2 of an area; 0 where the kind takes none.
        says: it in words.
        source: where it stands.
        beside: the second value of "wide space": the width from which it holds, in nm.
    """

    name: str
    kind: Kind
    layers: tuple[str, ...]
    value: int
    says: str
    source: str
    beside: int = 0


@dataclass(frozen=True)
class Flavour:
    """What tells the transistors of one role apart in a layout.

    Attributes:
        role: as circuits ask for it.
        active: derived layer of the diffusion that it is made of: source, gate and drain.
        over: layers that must lie over its gate.
        not_over: layers that must not.
    """

    role: MosRole
    active: str
    over: tuple[str, ...] = ()
    not_over: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """Two layers that a cut joins, from below to above."""

    lower: str
    cut: str
    upper: str


@dataclass(frozen=True)
class Process:
    """A process as it is drawn.

    Attributes:
        name: as `--pdk` takes it.
        grid_nm: every corner lies on it.
        layers: name -> (layer, datatype) in a GDS file, all that we draw.
        labels: wire's layer -> (layer, datatype) of the texts that name its nets.
        ignored: (layer, datatype) of what may stand in a file and carries no shape of a mask:
            outlines, pins drawn twice, areas.
        outline: (layer, datatype) of the frame at which neighbours abut, and of frames in it.
        marks: name -> (layer, datatype) of such areas that rules know of.
        derived: name -> how it is made of others, in the order of definition.
        rules: all of them.
        flavours: what marks the transistors of each role.
        steps: how wires are joined, from the contacts up.
    """

    name: str
    grid_nm: int
    layers: Mapping[str, tuple[int, int]]
    labels: Mapping[str, tuple[int, int]]
    ignored: frozenset[tuple[int, int]]
    outline: tuple[int, int]
    marks: Mapping[str, tuple[int, int]]
    derived: Mapping[str, Formula]
    rules: tuple[Rule, ...]
    flavours: tuple[Flavour, ...]
    steps: tuple[Step, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Rule]:
        """The rules by name; of several under one name, the first."""
        return {rule.name: rule for rule in reversed(self.rules)}

    def nm(self, rule: str) -> int:
        """Return the value of a rule, in nm (an area's in nm2)."""
        return self.by_name[rule].value

    def known(self, gds: tuple[int, int]) -> bool:
        """Return whether a layer of a file is one of ours or may be passed over."""
        return gds in self._ours or gds in self.ignored

    @cached_property
    def _ours(self) -> frozenset[tuple[int, int]]:
        groups = (self.layers, self.labels, self.marks)
        return frozenset(gds for group in groups for gds in group.values())


def layout_process(name: str) -> Process:
    """Return a process as it is drawn.

    Args:
        name: as `--pdk` takes it.

    Raises:
        InputError: there are no rules to draw it by.
    """
    if name == "sky130":
        from anaspike.layout.sky130 import SKY130  # noqa: PLC0415  # its tables are long

        return SKY130
    if name == "generic28":
        raise InputError(
            "generic28 is no real process: it has models of the paper's node but no layers and no"
            " rules to draw by; choose --pdk sky130"
        )
    raise InputError(f"there are no layout rules of '{printable(name)}' here; choose --pdk sky130")
