"""The bidirectional synapse: binary-scaled current sources and sinks on a supply of its own.

Its current follows its supply voltage (paper equation 16): that supply is
what neuromodulatory tuning tunes.
"""

from dataclasses import dataclass, fields, replace

from anaspike.circuits.block import Block, Technology, built_once
from anaspike.circuits.gates import LogicSizes, inverter, nand2
from anaspike.circuits.parameters import Parameters
from anaspike.errors import InputError
from anaspike.pdk.roles import MosSize

BITS = 3
MAX_CODE = 2**BITS - 1


@dataclass(frozen=True)
class SynapseSizes(Parameters):
    """Transistors of the synapse.

    Attributes:
        source: unit PMOS current source; bit i is 2**i of them.
        sink: unit NMOS current sink; bit i is 2**i of them.
        logic: its gates, which run on the synapse's supply.
    """

    source: MosSize
    sink: MosSize
    logic: LogicSizes


def check_code(code: int) -> int:
    """Return a weight code when it fits the synapse.

    Raises:
        InputError: it lies outside -7..7.
    """
    if code != int(code) or abs(code) > MAX_CODE:
        raise InputError(
            f"code {code} does not fit a {BITS}-bit synapse; use a whole number from"
            f" -{MAX_CODE} to {MAX_CODE}"
        )
    return int(code)


def code_bits(code: int) -> dict[str, bool]:
    """Return the level of each weight pin for a signed code.

    A positive code sets the excitatory bits p0..p2 (they charge the
    membrane), a negative one the inhibitory bits n0..n2.
    """
    magnitude = abs(check_code(code))
    sign = "p" if code > 0 else "n"
    return {
        f"{side}{i}": side == sign and bool(magnitude >> i & 1)
        for side in "pn"
        for i in reversed(range(BITS))
    }


def bundle(technology: Technology, sizes: SynapseSizes, count: int) -> Block:
    """Return `count` synapses in parallel as one, each device that many times.

    Synapses with the same code and the same input are the same circuit with the
    same voltages; so this is exact for nominal devices, and quick.
    """
    if count == 1:
        return synapse(technology, sizes)
    gates = {
        item.name: _scaled(value, count)
        for item in fields(sizes.logic)
        if isinstance(value := getattr(sizes.logic, item.name), MosSize)
    }
    many = SynapseSizes(
        source=_scaled(sizes.source, count),
        sink=_scaled(sizes.sink, count),
        logic=replace(sizes.logic, **gates, prefix=f"{sizes.logic.prefix}x{count}_"),
    )
    wider = replace(technology, wire_capacitance_F=count * technology.wire_capacitance_F)
    return synapse(wider, many, f"synapse_x{count}")


@built_once
def synapse(technology: Technology, sizes: SynapseSizes, name: str = "synapse") -> Block:
    """Return the synapse: its current flows into `mem` only while `spike` is high.

    Pins: spike, mem, weight bits p2..p0 (excite) and n2..n0 (inhibit), vdd_syn.
    The bits may be driven from the core supply.
    """
    bits = list(code_bits(0))
    block = Block(
        technology,
        name,
        "spike",
        "mem",
        *bits,
        "vdd_syn",
        title="3-bit bidirectional synapse on its own supply",
    )
    gate_nand, gate_inverter = nand2(technology, sizes.logic), inverter(technology, sizes.logic)
    for bit in bits:
        weight = 2 ** int(bit[1])
        idle_high = f"{bit}_b"
        block.place(f"nand_{bit}", gate_nand, a="spike", b=bit, y=idle_high, vdd="vdd_syn")
        if bit.startswith("p"):
            source = _scaled(sizes.source, weight)
            block.pmos(f"source_{bit}", source, "mem", idle_high, "vdd_syn", well="vdd_syn")
        else:
            active = f"{bit}_on"
            block.place(f"inv_{bit}", gate_inverter, a=idle_high, y=active, vdd="vdd_syn")
            block.nmos(f"sink_{bit}", _scaled(sizes.sink, weight), "mem", active)
    return block


def _scaled(unit: MosSize, weight: int) -> MosSize:
    return replace(unit, mult=unit.mult * weight)
