"""The bidirectional synapse: binary-scaled current sources and sinks on a supply of its own.

Its current follows its supply voltage (paper equation 16): that supply is
what neuromodulatory tuning tunes.
"""

from dataclasses import dataclass, field, fields, replace

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
        source_nand_n, source_nand_p: of the gates that drive the sources, on the core supply;
            None where `logic` drives them too. A source of low threshold leaks with its gate at
            its own supply; with the gate at the core's, it is off in reverse.
        sink_on_V: supply of the sinks' gates, one for the whole chip, in volt: how strong
            inhibition is. None where it is each neuron's `vdd_syn`.
    """

    source: MosSize
    sink: MosSize
    logic: LogicSizes
    source_nand_n: MosSize | None = None
    source_nand_p: MosSize | None = None
    sink_on_V: float | None = field(default=None, metadata={"most": 100.0})

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.source_nand_n is None) != (self.source_nand_p is None):
            raise InputError("give both of `source_nand_n` and `source_nand_p`, or neither")

    @property
    def source_logic(self) -> LogicSizes | None:
        """The gates of the sources on the core supply; None where there are none."""
        if self.source_nand_n is None or self.source_nand_p is None:
            return None
        own = {"nand_n": self.source_nand_n, "nand_p": self.source_nand_p}
        return replace(self.logic, **own, prefix=f"source_{self.logic.prefix}")


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


def bundle(
    technology: Technology, sizes: SynapseSizes, count: int, code: int | None = None
) -> Block:
    """Return `count` synapses in parallel as one, each device that many times.

    Synapses with the same code and the same input are the same circuit with the
    same voltages; so this is exact for nominal devices, and quick.

    Where their `code` is given, bits that are 0 have their transistor, held off, and no gates:
    those never switch, and are half of all there is to evaluate. A drawn synapse is never taken
    apart.
    """
    if technology.layouts is not None:
        whole = synapse(technology, sizes)
        return whole if count == 1 else _side_by_side(whole, count)
    held = () if code is None else tuple(bit for bit, level in code_bits(code).items() if not level)
    of_code = "" if code is None else f"_{'m' if code < 0 else 'p'}{abs(code)}"
    if count == 1:
        return synapse(technology, sizes, f"synapse{of_code}", held)
    many = _times(sizes, count)
    wider = replace(technology, wire_capacitance_F=count * technology.wire_capacitance_F)
    return synapse(wider, many, f"synapse_x{count}{of_code}", held)


def _side_by_side(one: Block, count: int) -> Block:
    """Return so many of a block, each pin on all of theirs: a drawn one has no `mult` to raise."""
    many = Block(one.technology, f"{one.name}_x{count}", *one.ports, title=f"{count} synapses")
    for i in range(count):
        many.place(f"{one.name}{i + 1}", one, **{pin: pin for pin in one.ports})
    return many


@built_once
def synapse(
    technology: Technology,
    sizes: SynapseSizes,
    name: str = "synapse",
    held: tuple[str, ...] = (),
) -> Block:
    """Return the synapse: its current flows into `mem` only while `spike` is high.

    Pins: spike, mem, weight bits p2..p0 (excite) and n2..n0 (inhibit), vdd_syn; `vdd` of the
    core and `vdd_sink` where the sizes ask for them. The bits may be driven from the core supply.
    Bits that are `held` have no pin and no gates: their source or sink is off.
    """
    bits = list(code_bits(0))
    block = Block(
        technology,
        name,
        *("spike", "mem", *(bit for bit in bits if bit not in held)),
        *dict.fromkeys(("vdd_syn", *_gates_vdd(sizes))),
        title="3-bit bidirectional synapse on its own supply",
    )
    for bit in bits:
        if bit in held:
            off = _gates_vdd(sizes)[0] if bit.startswith("p") else "0"
            _switched(block, sizes, bit, off, _weight(bit))
        else:
            _switched(block, sizes, bit, _gates(block, sizes, bit, bit), _weight(bit))
    return block


@built_once
def synapse_of_code(
    technology: Technology, sizes: SynapseSizes, code: int, count: int = 1
) -> Block:
    """Return `count` synapses that have one code and hear the same, in as few devices as tell it.

    In parallel they are one, each device that many times as wide. So are the gates of those bits
    of either sign that are 0: they hear the same and never switch, whatever they drive. A bit that
    is 1 switches, each with a load of its own, and keeps its gates. This is for nominal devices;
    tests compare it with the synapses as they are.

    Pins: spike, mem, vdd_syn, `vdd` of the core, which sets bits too, and `vdd_sink` where the
    sizes ask for it.
    """
    of_code = f"{'m' if code < 0 else 'p'}{abs(code)}"
    block = Block(
        technology,
        f"synapse_{of_code}" if count == 1 else f"synapse_x{count}_{of_code}",
        *dict.fromkeys(("spike", "mem", "vdd_syn", "vdd", *_gates_vdd(sizes))),
        title=f"Synapses of code {code:+d}, {count} in parallel; bits that are 0 share their gates",
    )
    levels = code_bits(code)
    for side in "pn":
        idle = [bit for bit in levels if bit[0] == side and not levels[bit]]
        for bit in (bit for bit in levels if bit[0] == side and levels[bit]):
            gate = _gates(block, sizes, bit, "vdd", count)
            _switched(block, sizes, bit, gate, count * _weight(bit))
        if idle:
            name = f"{side}_idle"
            gate = _gates(block, sizes, name, "0", count * len(idle))
            _switched(block, sizes, name, gate, count * sum(map(_weight, idle)))
    return block


def _gates_vdd(sizes: SynapseSizes) -> tuple[str, str]:
    """Return the supplies of the gates of the sources and of those of the sinks."""
    return (
        "vdd_syn" if sizes.source_logic is None else "vdd",
        "vdd_syn" if sizes.sink_on_V is None else "vdd_sink",
    )


def _gates(block: Block, sizes: SynapseSizes, name: str, level: str, count: int = 1) -> str:
    """Place the gates of a bit, or one for so many alike; return the node that they drive.

    Args:
        block: of the synapse.
        sizes: of one.
        name: of the bit, which begins with its sign.
        level: node of the bit.
        count: how many.
    """
    many, one = _times(sizes, count), block.technology
    wider = replace(one, wire_capacitance_F=count * one.wire_capacitance_F)
    source_vdd, sink_vdd = _gates_vdd(sizes)
    nand = {"a": "spike", "b": level, "y": f"{name}_b"}
    if name.startswith("p"):
        block.place(
            f"nand_{name}", nand2(wider, many.source_logic or many.logic), **nand, vdd=source_vdd
        )
        return f"{name}_b"
    block.place(f"nand_{name}", nand2(wider, many.logic), **nand, vdd=sink_vdd)
    inv = {"a": f"{name}_b", "y": f"{name}_on"}
    block.place(f"inv_{name}", inverter(wider, many.logic), **inv, vdd=sink_vdd)
    return f"{name}_on"


def _switched(block: Block, sizes: SynapseSizes, name: str, gate: str, weight: int) -> None:
    """Place the source or the sink of a bit, or of several that one gate drives."""
    if name.startswith("p"):
        source = _scaled(sizes.source, weight)
        block.pmos(f"source_{name}", source, "mem", gate, "vdd_syn", well="vdd_syn")
    else:
        block.nmos(f"sink_{name}", _scaled(sizes.sink, weight), "mem", gate)


def _weight(bit: str) -> int:
    return 1 << int(bit[1])


def _times(sizes: SynapseSizes, count: int) -> SynapseSizes:
    """Return the sizes of so many synapses as one; its gates have names of their own."""
    if count == 1:
        return sizes
    gates = {
        item.name: _scaled(value, count)
        for item in fields(sizes.logic)
        if isinstance(value := getattr(sizes.logic, item.name), MosSize)
    }
    return replace(
        sizes,
        source=_scaled(sizes.source, count),
        sink=_scaled(sizes.sink, count),
        source_nand_n=sizes.source_nand_n and _scaled(sizes.source_nand_n, count),
        source_nand_p=sizes.source_nand_p and _scaled(sizes.source_nand_p, count),
        logic=replace(sizes.logic, **gates, prefix=f"{sizes.logic.prefix}x{count}_"),
    )


def _scaled(unit: MosSize, weight: int) -> MosSize:
    return replace(unit, mult=unit.mult * weight)
