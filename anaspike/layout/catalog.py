"""Every block that can be drawn, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from anaspike.circuits import neuron as neurons
from anaspike.circuits.block import Block, Technology
from anaspike.circuits.clock_gate import clock_gate
from anaspike.circuits.comparator import comparator
from anaspike.circuits.design import Design
from anaspike.circuits.pseudo_resistor import pseudo_resistor
from anaspike.circuits.spike_generator import bias_mirror, spike_generator
from anaspike.circuits.synapse import synapse
from anaspike.circuits.weight_memory import weight_memory
from anaspike.errors import InputError
from anaspike.layout.block import Ask, Drawn, rows_block
from anaspike.layout.capacitor import capacitor
from anaspike.layout.comparator import comparator_block
from anaspike.layout.neuron import MEMORY_EXTRA, assembled
from anaspike.layout.process import layout_process
from anaspike.layout.units import ports, unit_transistors
from anaspike.pdk.roles import Pdk
from anaspike.units import parse_quantity, printable, suggestion

INPUTS = 3  # the paper's neuron
# Columns from the middle to the edge, drawn alone: of a capacitor, and of a memory, whose many
# wires find no way in the width of its transistors alone.
_PLATE_HALF, _MEMORY_HALF = 28, 30


@dataclass(frozen=True)
class Recipe:
    """How a block is drawn.

    Attributes:
        block: makes its netlist.
        rows: of transistors, unless others are asked for.
        extra: tracks more in each row, for wires.
        half: columns from the middle to the edge; None for as few as its longest row needs.
    """

    block: Callable[[Technology, Design], Block]
    rows: int = 1
    extra: int = 1
    half: int | None = None


def _memory(technology: Technology, design: Design) -> Block:
    if design.neuron.weight_memory is None:
        raise InputError("the design has no weight memory; give its sizes.weight_memory")
    return weight_memory(technology, design.neuron.weight_memory)


RECIPES: Mapping[str, Recipe] = {
    "pseudo_resistor": Recipe(lambda t, d: pseudo_resistor(t, d.neuron.pseudo_resistor)),
    "synapse": Recipe(lambda t, d: synapse(t, d.neuron.synapse), rows=3),
    "weight_memory": Recipe(_memory, rows=2, extra=MEMORY_EXTRA, half=_MEMORY_HALF),
    "comparator": Recipe(lambda t, d: comparator(t, d.neuron.comparator)),
    "clock_gate": Recipe(lambda t, d: clock_gate(t, d.neuron.logic, INPUTS)),
    "spike_generator": Recipe(lambda t, d: spike_generator(t, d.neuron.spike_generator), rows=2),
    "bias_mirror": Recipe(lambda t, d: bias_mirror(t, d.neuron.spike_generator)),
    "reset_switch": Recipe(lambda t, d: neurons.reset_switch(t, d.neuron)),
    "membrane": Recipe(lambda t, d: neurons.membrane(t, d.neuron)),
    "core": Recipe(lambda t, d: neurons.neuron_core(t, d.neuron, INPUTS), rows=2),
    "neuron": Recipe(lambda t, d: neurons.neuron(t, d.neuron, d.drive.codes), rows=2),
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
        InputError: there is no such block, or the design has none.
    """
    if name not in RECIPES:
        hint = suggestion(name, RECIPES)
        raise InputError(f"no block '{printable(name)}' can be drawn; {hint}")
    return RECIPES[name].block(Technology(pdk), design)


def drawn_block(
    name: str,
    pdk: Pdk,
    design: Design,
    seed: int = 1,
    rows: int | None = None,
) -> Drawn:
    """Draw a block.

    Args:
        name: in `RECIPES`.
        pdk: the process.
        design: its sizes.
        seed: the first to be tried.
        rows: of transistors; None for the recipe's.

    Raises:
        InputError: a device that no row holds, or no way found for the wires.
    """
    return drawn_of(block_named(name, pdk, design), seed, rows)


def recipe_name(block: Block) -> str | None:
    """Return the name in `RECIPES` that a block is drawn by; None where there is none."""
    if "xcore" in block.children:
        return "neuron"
    if block.name.startswith("neuron_core"):
        return "core"
    name = block.name.rstrip("0123456789")  # a clock gate's inputs are counted
    return name if name in RECIPES else None


def drawn_of(block: Block, seed: int = 1, rows: int | None = None) -> Drawn:
    """Draw a block that has a recipe.

    Args:
        block: its netlist.
        seed, rows: as of `drawn_block`.

    Raises:
        InputError: as there, or no row.
    """
    name = recipe_name(block)
    if name is None:
        raise InputError(f"there is no recipe to draw {block.name} by")
    recipe = RECIPES[name]
    rows = recipe.rows if rows is None else rows
    if rows < 1:
        raise InputError(f"{rows} rows hold no transistor; give --rows 1 or more")
    if name == "membrane":
        return capacitor("mem", _farad(block), _PLATE_HALF)
    if name in ("core", "neuron"):
        core = block if name == "core" else block.children["xcore"]
        return assembled(block, core, _farad(core.children["xmembrane"]), seed, rows)
    pins = tuple(ports(block))
    supplies = tuple(pin for pin in pins if pin.startswith("vdd"))
    ask = Ask(pins, supplies, rows, recipe.half, extra=recipe.extra)
    units = unit_transistors(block)
    return comparator_block(units, ask) if name == "comparator" else rows_block(units, ask, seed)


def _farad(membrane: Block) -> float:
    """Return the value of the membrane's capacitor, in farad."""
    (capacitor,) = membrane.elements
    return parse_quantity(str(capacitor.capacitance), "F", "the membrane")
