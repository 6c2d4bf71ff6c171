"""The neuron as sized for each process, with the working point it was sized at.

A new process gets its own entry here, in a module of its own; nothing else of the circuits changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import reduce
from typing import Any

from anaspike.circuits.comparator import ComparatorSizes
from anaspike.circuits.design import Design, Drive
from anaspike.circuits.design import sized_nm as _nm
from anaspike.circuits.design import sized_um as _um
from anaspike.circuits.design_gf180mcu import gf180mcu
from anaspike.circuits.design_sg13g2 import sg13g2
from anaspike.circuits.gates import LogicSizes
from anaspike.circuits.neuron import NeuronSizes
from anaspike.circuits.parameters import check_positive
from anaspike.circuits.pseudo_resistor import PseudoResistorSizes
from anaspike.circuits.spike_generator import SpikeGeneratorSizes
from anaspike.circuits.synapse import SynapseSizes
from anaspike.errors import InputError
from anaspike.spice.options import SimulationOptions
from anaspike.units import printable, suggestion

__all__ = [
    "Design", "Drive", "design_for", "driven", "resized", "sizes_of", "with_smallest_comparator",
]  # fmt: skip


def design_for(pdk_name: str) -> Design:
    """Return the neuron's design in a process.

    Raises:
        InputError: no design has been sized for it.
    """
    designs = {
        "generic28": _generic28,
        "sky130": _sky130,
        "gf180mcu": gf180mcu,
        "sg13g2": sg13g2,
    }
    if pdk_name not in designs:
        raise InputError(f"no neuron design for '{pdk_name}'; there is {', '.join(designs)}")
    return designs[pdk_name]()


def driven(
    design: Design,
    codes: Sequence[int] | None,
    spikes_in: int | None,
    period_s: float | None,
    width_s: float | None,
) -> Design:
    """Return the design with those values of its drive that were given."""
    given: dict[str, Any] = {
        "codes": None if codes is None else tuple(codes),
        "spikes_in": spikes_in,
        "period_s": period_s,
        "width_s": width_s,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    return replace(design, drive=replace(design.drive, **changes))


def with_smallest_comparator(pdk_name: str) -> Design | None:
    """Return the design with the smallest comparator that decides rightly when nominal.

    None where the design's own is as small as that. It shows what a low
    offset costs, and is used for nothing else.
    """
    if pdk_name != "generic28":
        return None
    design = design_for(pdk_name)
    smallest = replace(
        design.neuron.comparator,
        tail=_nm("pmos_svt", 200, 30),
        input_pair=_nm("pmos_svt", 400, 60),
        dummy=_nm("pmos_svt", 220, 60),
        cross_p=_nm("pmos_svt", 200, 30),
        cross_n=_nm("nmos_svt", 100, 30),
    )
    return replace(design, neuron=replace(design.neuron, comparator=smallest))


def sizes_of(design: Design) -> dict[str, float]:
    """Return every size of the neuron by its dotted name: `comparator.input_pair.w_m`.

    Gates that several blocks share stand there once, where they come first.
    """
    return {".".join(path): value for path, value in _leaves(design.neuron, set())}


def resized(design: Design, sizes: Mapping[str, float]) -> Design:
    """Return the design with other sizes.

    A gate that several blocks share changes in all of them.

    Args:
        design: the neuron.
        sizes: dotted name, as `sizes_of` gives them -> value in its unit.

    Raises:
        InputError: no such size, or a value that is none.
    """
    known, neuron = sizes_of(design), design.neuron
    for name, asked in sizes.items():
        if name not in known:
            raise InputError(f"there is no size '{printable(name)}'; {_size_hint(name, known)}")
        value = int(asked) if isinstance(known[name], int) else asked
        if value != asked:
            raise InputError(f"{name} is {asked:g}; it must be a whole number")
        check_positive(value, f"sizes.{name}")
        path = name.split(".")
        changed = _with(neuron, path, value)
        for depth in range(1, len(path)):
            gates = reduce(getattr, path[:depth], neuron)
            if isinstance(gates, LogicSizes):
                changed = _replaced(neuron, gates, reduce(getattr, path[:depth], changed))
        neuron = changed
    return replace(design, neuron=neuron)


def _with(value: Any, path: Sequence[str], number: float) -> Any:
    """Return a tree of dataclasses with one leaf changed; each is built, and so checked, anew."""
    head, *rest = path
    return replace(value, **{head: _with(getattr(value, head), rest, number) if rest else number})


def _leaves(value: Any, seen: set[LogicSizes]) -> Iterator[tuple[tuple[str, ...], float]]:
    for item in fields(value):
        part = getattr(value, item.name)
        if isinstance(part, LogicSizes):
            if part in seen:
                continue
            seen.add(part)
        if is_dataclass(part):
            yield from (((item.name, *path), leaf) for path, leaf in _leaves(part, seen))
        elif isinstance(part, int | float):
            yield (item.name,), part


def _replaced(value: Any, old: LogicSizes, new: LogicSizes) -> Any:
    """Return a tree of dataclasses with these gates replaced wherever they stand."""
    if value == old:
        return new
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {item.name: _replaced(getattr(value, item.name), old, new) for item in fields(value)}
    return replace(value, **changes)


def _size_hint(name: str, known: Mapping[str, float]) -> str:
    """Suggest the nearest name; where nothing is near, the sizes of the block it starts with."""
    block = name.partition(".")[0]
    inside = [size for size in known if size.partition(".")[0] == block]
    blocks = dict.fromkeys(size.partition(".")[0] for size in known)
    return suggestion(name, inside or known) if inside else suggestion(block, blocks)


def _generic28() -> Design:
    logic = LogicSizes(
        inverter_n=_nm("nmos_svt", 100, 30),
        inverter_p=_nm("pmos_svt", 150, 30),
        nand_n=_nm("nmos_svt", 120, 30),
        nand_p=_nm("pmos_svt", 120, 30),
        nor_n=_nm("nmos_svt", 100, 30),
        nor_p=_nm("pmos_svt", 200, 30),
        nor4_n=_nm("nmos_svt", 100, 30),
        nor4_p=_nm("pmos_svt", 300, 30),
        pass_n=_nm("nmos_svt", 100, 30),
        pass_p=_nm("pmos_svt", 100, 30),
    )
    sizes = NeuronSizes(
        logic=logic,
        pseudo_resistor=PseudoResistorSizes(diode=_nm("pmos_lvt", 120, 35.5)),
        # Long channels: tens of nanoampere at a supply near the threshold.
        synapse=SynapseSizes(
            source=_nm("pmos_hvt", 100, 4000), sink=_nm("nmos_hvt", 100, 9000), logic=logic
        ),
        comparator=ComparatorSizes(
            # Large for the offset's sake: `characterise comparator` says what that costs.
            tail=_nm("pmos_svt", 300, 30),
            input_pair=_nm("pmos_svt", 3000, 200),
            dummy=_nm("pmos_svt", 1650, 200),
            cross_p=_nm("pmos_svt", 500, 60),
            cross_n=_nm("nmos_svt", 300, 60),
            reset=_nm("nmos_svt", 100, 30),
            logic=logic,
        ),
        spike_generator=SpikeGeneratorSizes(
            starve_n=_nm("nmos_svt", 100, 100, mult=5),
            starve_p=_nm("pmos_svt", 100, 100, mult=5),
            mirror_n=_nm("nmos_svt", 100, 100),
            mirror_p=_nm("pmos_svt", 100, 100),
            bias_current_A=7.5e-9,
            logic=logic,
        ),
        reset_switch=_nm("nmos_svt", 200, 30),
    )
    return Design(
        neuron=sizes,
        drive=Drive(codes=(4, 0, 0), spikes_in=20, period_s=300e-9, width_s=50e-9),
        options=SimulationOptions(method="gear", chgtol_C=1e-18, max_step_s=10e-9, reltol=7e-4),
        membrane_error_V=0.5e-3,
    )


def _sky130() -> Design:
    um = _um
    core = LogicSizes(
        inverter_n=um("nmos_svt", 0.42, 0.15),
        inverter_p=um("pmos_svt", 0.84, 0.15),
        nand_n=um("nmos_svt", 0.42, 0.15),
        nand_p=um("pmos_svt", 0.42, 0.15),
        nor_n=um("nmos_svt", 0.42, 0.15),
        nor_p=um("pmos_svt", 0.84, 0.15),
        nor4_n=um("nmos_svt", 0.42, 0.15),
        nor4_p=um("pmos_svt", 1.68, 0.15),
        pass_n=um("nmos_svt", 0.42, 0.15),
        pass_p=um("pmos_svt", 0.42, 0.15),
    )
    # Low thresholds: these gates run on the synapse's supply, down to 0.5 V.
    gates = LogicSizes(
        inverter_n=um("nmos_lvt", 0.42, 0.15),
        inverter_p=um("pmos_lvt", 0.84, 0.5),
        nand_n=um("nmos_lvt", 0.42, 0.15),
        nand_p=um("pmos_lvt", 0.42, 0.5),
        nor_n=um("nmos_lvt", 0.42, 0.15),
        nor_p=um("pmos_lvt", 0.84, 0.5),
        nor4_n=um("nmos_lvt", 0.42, 0.15),
        nor4_p=um("pmos_lvt", 1.68, 0.5),
        pass_n=um("nmos_lvt", 0.42, 0.15),
        pass_p=um("pmos_lvt", 0.42, 0.5),
        prefix="lvt_",
    )
    sizes = NeuronSizes(
        logic=core,
        pseudo_resistor=PseudoResistorSizes(diode=um("pmos_lvt", 1.1, 0.5)),
        synapse=SynapseSizes(
            source=um("pmos_lvt", 0.42, 1.0), sink=um("nmos_lvt", 0.42, 2.0), logic=gates
        ),
        comparator=ComparatorSizes(
            tail=um("pmos_svt", 1.68, 0.15),
            input_pair=um("pmos_lvt", 1.0, 0.35),
            dummy=um("pmos_lvt", 0.55, 0.35),
            cross_p=um("pmos_svt", 0.84, 0.15),
            cross_n=um("nmos_svt", 0.84, 0.3),
            reset=um("nmos_svt", 0.42, 0.15),
            logic=core,
        ),
        spike_generator=SpikeGeneratorSizes(
            starve_n=um("nmos_svt", 0.42, 1.0, mult=8),
            starve_p=um("pmos_svt", 0.42, 1.0, mult=8),
            mirror_n=um("nmos_svt", 0.42, 1.0),
            mirror_p=um("pmos_svt", 0.42, 1.0),
            bias_current_A=30e-9,
            logic=core,
        ),
        reset_switch=um("nmos_svt", 0.42, 0.15),
    )
    return Design(
        neuron=sizes,
        drive=Drive(codes=(1, 0, 0), spikes_in=20, period_s=100e-9, width_s=8e-9),
        options=SimulationOptions(method="trap", bypass=True, chgtol_C=1e-17, max_step_s=10e-9),
        membrane_error_V=1.5e-3,
    )
