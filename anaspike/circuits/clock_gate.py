"""Dynamic clocking: the comparator runs after a spike and at no other time (Figure 5)."""

from anaspike.circuits.block import Block, Technology, built_once
from anaspike.circuits.gates import LogicSizes, inverter, nor

_SPIKE_PINS = 3  # the paper's 4-input NOR: three synapses and the neuron's own output


@built_once
def clock_gate(technology: Technology, sizes: LogicSizes, inputs: int) -> Block:
    """Return hold = any input spike or the output spike.

    The comparator is in reset while `hold` is high and decides when it falls,
    so that it is clocked once after each input and output spike. With more
    than three inputs, groups of them are OR-ed into the pins of the NOR.
    """
    spikes = [f"in{i + 1}" for i in range(inputs)]
    block = Block(
        technology,
        f"clock_gate{inputs}",
        *(*spikes, "out", "hold", "vdd"),
        title="4-input NOR clock gate",
    )
    pins = [_any_of(block, sizes, group, f"or{i}") for i, group in enumerate(_groups(spikes))]
    pins += ["0"] * (_SPIKE_PINS - len(pins))
    gate = nor(technology, sizes, _SPIKE_PINS + 1)
    block.place("nor", gate, **dict(zip("abc", pins, strict=True)), d="out", y="idle", vdd="vdd")
    block.place("inv", inverter(technology, sizes), a="idle", y="hold", vdd="vdd")
    return block


def _groups(spikes: list[str], into: int = _SPIKE_PINS) -> list[list[str]]:
    """Deal the spikes into at most `into` groups of nearly equal size."""
    return [spikes[i::into] for i in range(min(into, len(spikes)))]


def _any_of(block: Block, sizes: LogicSizes, spikes: list[str], name: str) -> str:
    """Return a node that is the OR of the spikes, adding gates where there are several."""
    if len(spikes) == 1:
        return spikes[0]
    parts = [
        _any_of(block, sizes, group, f"{name}_{i}")
        for i, group in enumerate(_groups(spikes, into=4))
    ]
    gate = nor(block.technology, sizes, len(parts))
    pins = dict(zip("abcd", parts, strict=False))
    block.place(f"{name}_nor", gate, **pins, y=f"{name}_b", vdd="vdd")
    block.place(f"{name}_inv", inverter(block.technology, sizes), a=f"{name}_b", y=name, vdd="vdd")
    return name
