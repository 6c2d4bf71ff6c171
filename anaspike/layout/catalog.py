"""Every block that can be drawn, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from anaspike.circuits import neuron as neurons
from anaspike.circuits.block import Block, Technology
from anaspike.circuits.clock_gate import clock_gate
from anaspike.circuits.design import Design
from anaspike.circuits.pseudo_resistor import pseudo_resistor
from anaspike.circuits.spike_generator import bias_mirror, spike_generator
from anaspike.circuits.synapse import synapse
from anaspike.errors import InputError
from anaspike.layout.block import Ask, Drawn, rows_block
from anaspike.layout.process import layout_process
from anaspike.layout.units import ports, unit_transistors
from anaspike.pdk.roles import Pdk
from anaspike.units import printable, suggestion

INPUTS = 3  # the paper's neuron


@dataclass(frozen=True)
class Recipe:
    """How a block is drawn.

    Attributes:
        block: makes its netlist.
        rows: of transistors, unless others are asked for.
    """

    block: Callable[[Technology, Design], Block]
    rows: int = 1


RECIPES: Mapping[str, Recipe] = {
    "pseudo_resistor": Recipe(lambda t, d: pseudo_resistor(t, d.neuron.pseudo_resistor)),
    "synapse": Recipe(lambda t, d: synapse(t, d.neuron.synapse), rows=3),
    "clock_gate": Recipe(lambda t, d: clock_gate(t, d.neuron.logic, INPUTS)),
    "spike_generator": Recipe(lambda t, d: spike_generator(t, d.neuron.spike_generator), rows=2),
    "bias_mirror": Recipe(lambda t, d: bias_mirror(t, d.neuron.spike_generator)),
    "reset_switch": Recipe(lambda t, d: neurons.reset_switch(t, d.neuron)),
}


def process_of(name: str) -> Pdk:
    """Return a process as circuits ask for it: to draw, its models need not be installed.

    Raises:
        InputError: there are no rules to draw it by.
    """
    layout_process(name)
    from anaspike.pdk.sky130 import Sky130  # noqa: PLC0415  # as in the catalogue of processes

    return Sky130(Path())


def drawable() -> tuple[str, ...]:
    """Return the names of the blocks that can be drawn."""
    return tuple(RECIPES)


def block_named(name: str, pdk: Pdk, design: Design) -> Block:
    """Return a block's netlist.

    Raises:
        InputError: there is no such block.
    """
    if name not in RECIPES:
        hint = suggestion(name, RECIPES)
        raise InputError(f"no block '{printable(name)}' can be drawn; {hint}")
    return RECIPES[name].block(Technology(pdk), design)


def drawn_block(name: str, block: Block, seed: int = 1, rows: int | None = None) -> Drawn:
    """Draw a block.

    Args:
        name: in `RECIPES`.
        block: its netlist, as `block_named` gives it.
        seed: the first to be tried.
        rows: of transistors; None for the recipe's.

    Raises:
        InputError: a device that no row holds, or no way found for the wires.
    """
    pins = tuple(ports(block))
    ask = Ask(pins, supplies_of(pins), rows or RECIPES[name].rows)
    return rows_block(unit_transistors(block), ask, seed)


def supplies_of(pins: tuple[str, ...]) -> tuple[str, ...]:
    """Return the pins that are supplies."""
    return tuple(pin for pin in pins if pin.startswith("vdd"))
