"""Area from device sizes alone: an estimate for a circuit that nobody has laid out.

Two rules, both fitted in SkyWater 130:

* a transistor drawn by hand, without guard ring, takes
  (L + 1.57 um + (fingers - 1) (L + 0.50 um)) (W + 2.37 um). It is fitted to
  single devices; it gives 12.7 um2 for two PMOS of 0.7 um / 0.5 um whose
  layout, clean of rule violations, took 9.9 um2;
* a transistor of a logic gate stands in a standard-cell row. The foundry's
  own cells reach 0.8 to 0.9 um2 each; the middle is taken.

No 28 nm layout is open, so there both are scaled: what runs along a row of
gates by the contacted gate pitch, what runs across it by the metal pitch, an
area by both. Sources: the technology LEF of SkyWater's high-density cells
(sky130_fd_sc_hd.tlef: `SITE unithd SIZE 0.46 BY 2.72`, a gate a site;
`LAYER met1 PITCH 0.34`, width and space 0.14 um); for 28 nm low-power
processes 117 nm and 90 nm (WikiChip, "28 nm lithography process"). The drawn
L and W are the devices' own and are not scaled.

IHP SG13G2's rules are made in the same way, from its own technology and cells (IHP-Open-PDK,
sg13g2_stdcell): a gate every 0.48 um and metal every 0.42 um (sg13g2_tech.lef: `LAYER Metal2 PITCH
0.48`, `LAYER Metal1 PITCH 0.42`); in a row a transistor takes 1.4 um2 (sg13g2_stdcell.lef: nand4_1)
to 1.8 um2 (nand2_1), and the middle is taken; a bit is the flip-flop with reset (dfrbp_1, `SIZE
12.48 BY 3.78`). Its MIM capacitor has 1.5 fF/um2 (cornerCAP.lib, `cap_carea`), its lower plate 0.6
um more on each side (layout rule Mim_c): it lies above the circuit, and is counted all the same.

So are GF180MCU's, from the technology LEF of its 7-track cells (gf180mcu_fd_sc_mcu7t5v0: `SITE ...
SIZE 0.56 BY 3.92`, `LAYER Metal1 PITCH 0.56`). There nand2_1 takes 11.0 um2, nand3_1 15.4 and
nand4_1 19.8: 2.5 to 2.7 a transistor; the flip-flop with reset is dffrnq_1, `SIZE 19.04 BY 3.92`.
Those cells are of the 5 V transistors; of the 3.3 V ones the foundry has published none. Its MIM
capacitor has 2 fF/um2: 5 um on a side, and 0.6 um more of lower plate on each. The leak's Schottky
diodes count as devices drawn by hand.

The membrane capacitor is the
paper's 27 um2 for 50 fF in 28 nm, and 59 um2 for a finger capacitor of four
metals in SkyWater 130.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.designs import Design, design_for
from anaspike.circuits.neuron import NeuronSizes, neuron_core
from anaspike.circuits.synapse import code_bits, synapse
from anaspike.circuits.weight_memory import DATA, weight_memory
from anaspike.errors import InputError
from anaspike.pdk.roles import MosSize, Pdk

SYNAPSES = 3
_GATES = ("inverter", "nand2", "nor2", "nor3", "nor4", "transmission_gate")


@dataclass(frozen=True)
class AreaRules:
    """What devices take on silicon in one process.

    Attributes:
        process_nm: name of the node.
        ends_um: added to L: contacts at both ends and spacing, in micrometres.
        between_um: from finger to finger, added to L.
        across_um: added to W.
        row_um2: of one transistor of a logic gate.
        membrane_um2: of 50 fF.
        bit_um2: of a flip-flop that stores one bit of weight.
        basis: one line: what the rules rest on.
    """

    process_nm: int
    ends_um: float
    between_um: float
    across_um: float
    row_um2: float
    membrane_um2: float
    bit_um2: float
    basis: str

    def device_um2(self, size: MosSize) -> float:
        """Return the area of one transistor drawn by hand; `mult` devices are its fingers."""
        l_um, w_um = size.l_m * 1e6, size.w_m * 1e6
        along_um = l_um + self.ends_um + (size.mult - 1) * (l_um + self.between_um)
        return along_um * (w_um + self.across_um)


@dataclass(frozen=True)
class Part:
    """One part of a neuron.

    Attributes:
        name: of the part; synapses and weight storage come last.
        transistors: their number; 0 where bits or a capacitor are counted.
        area_um2: of all of it.
        in_core: whether it belongs to the neuron core.
    """

    name: str
    transistors: int
    area_um2: float
    in_core: bool


@dataclass(frozen=True)
class NeuronArea:
    """A neuron's estimated area, part by part."""

    parts: tuple[Part, ...]

    @property
    def core_um2(self) -> float:
        """Area of all but synapses and weight storage."""
        return sum(part.area_um2 for part in self.parts if part.in_core)

    @property
    def total_um2(self) -> float:
        """Area with the synapses and their weight storage, as the paper's total."""
        return sum(part.area_um2 for part in self.parts)


def area_rules(pdk_name: str) -> AreaRules:
    """Return the rules of a process.

    Raises:
        InputError: none are known for it.
    """
    known = {"generic28": _nm28, "sky130": _sky130, "sg13g2": _sg13g2, "gf180mcu": _gf180mcu}
    if pdk_name not in known:
        raise InputError(f"no area rules for '{pdk_name}'; there are some for {', '.join(known)}")
    return known[pdk_name]()


def block_um2(block: Block, rules: AreaRules) -> float:
    """Return the area of a block's transistors: gates in rows, the others by hand."""
    return sum(
        rules.row_um2 if in_row else rules.device_um2(size) for size, in_row in _devices(block)
    )


def neuron_area(pdk: Pdk, design: Design | None = None) -> NeuronArea:
    """Return the area of a process's neuron with three synapses and their weights.

    Args:
        pdk: the process.
        design: sizes other than the process's own.

    Raises:
        InputError: no design or no area rules for the process.
    """
    rules, sizes = area_rules(pdk.name), (design or design_for(pdk.name)).neuron
    technology = Technology(pdk).as_sized
    core = neuron_core(technology, sizes, SYNAPSES)
    cell = synapse(technology, sizes.synapse)
    membrane_um2 = rules.membrane_um2 * sizes.membrane_F / 50e-15
    return NeuronArea(
        (
            *(
                _part(name.removeprefix("x").replace("_", " "), child, rules)
                for name, child in core.children.items()
                if child.name != "membrane"
            ),
            Part("membrane capacitor", 0, membrane_um2, in_core=True),
            Part(
                f"{SYNAPSES} synapses",
                SYNAPSES * len(list(cell.transistors())),
                SYNAPSES * block_um2(cell, rules),
                in_core=False,
            ),
            _weights(technology, sizes, rules),
        )
    )


def drawn_area(neuron: Block, frames_um2: Mapping[str, float]) -> NeuronArea:
    """Return the area of a drawn neuron, part by part.

    Args:
        neuron: its netlist.
        frames_um2: area of its layout, the whole first, and of each part: `comparator`, `logic`,
            `membrane`, `synapse1`, `memory1`, ...
    """
    paths = [path for path, _ in neuron.transistors()]

    def child(name: str) -> str:
        return f"x{name.replace('memory', 'weights')}"  # as the netlist calls it

    core = {name for name in frames_um2 if child(name) not in neuron.children}

    def count(name: str) -> int:
        inside = "xcore.xcomparator" if name == "comparator" else child(name)
        return sum(path.startswith(f"{inside}.") for path in paths)

    counts = {name: count(name) for name in frames_um2}
    in_core = sum(path.startswith("xcore.") for path in paths)
    counts["logic"] = in_core - counts.get("comparator", 0)
    whole, *parts = frames_um2
    return NeuronArea(
        tuple(Part(name, counts[name], frames_um2[name], name in core) for name in parts)
        or (Part(whole, len(paths), frames_um2[whole], in_core=True),)
    )


def _weights(technology: Technology, sizes: NeuronSizes, rules: AreaRules) -> Part:
    """Return the storage of weights: the memory where the neuron has one, else flip-flops."""
    if sizes.weights == "tied" or sizes.weight_memory is None:
        bits = SYNAPSES * len(code_bits(0))
        return Part(f"{bits} bits of weight", 0, bits * rules.bit_um2, in_core=False)
    word = weight_memory(technology, sizes.weight_memory)
    name = f"weight memory, {SYNAPSES * len(DATA)} bits"
    count = SYNAPSES * len(list(word.transistors()))
    return Part(name, count, SYNAPSES * block_um2(word, rules), in_core=False)


def _part(name: str, block: Block, rules: AreaRules) -> Part:
    return Part(name, len(list(block.transistors())), block_um2(block, rules), in_core=True)


def _devices(block: Block) -> Iterator[tuple[MosSize, bool]]:
    """Yield every transistor, and whether it belongs to a logic gate."""
    in_row = block.name.endswith(_GATES)
    for size in block.devices.values():
        yield size, in_row
    for child in block.children.values():
        yield from _devices(child)


def _sky130() -> AreaRules:
    return AreaRules(
        process_nm=130,
        ends_um=1.57,
        between_um=0.50,
        across_um=2.37,
        row_um2=0.85,
        membrane_um2=59.0,
        bit_um2=25.0,  # the foundry's flip-flop with reset, dfrtp_1
        basis="130 nm area: fitted to devices drawn in SkyWater 130 and to its own cells",
    )


def _sg13g2() -> AreaRules:
    from_rules = _sky130()
    along, across = 0.48 / 0.46, 0.42 / 0.34  # gate pitches, metal pitches
    return AreaRules(
        process_nm=130,
        ends_um=from_rules.ends_um * along,
        between_um=from_rules.between_um * along,
        across_um=from_rules.across_um * across,
        row_um2=1.6,
        membrane_um2=((50 / 1.5) ** 0.5 + 2 * 0.6) ** 2,
        bit_um2=12.48 * 3.78,
        basis="SG13G2's area: the SkyWater 130 rules scaled by gate pitch (480/460 nm) and metal"
        " pitch (420/340 nm); gates and bits are the foundry's own cells",
    )


def _nm28() -> AreaRules:
    from_rules = _sky130()
    along, across = 0.117 / 0.46, 0.090 / 0.34  # gate pitches, metal pitches
    return AreaRules(
        process_nm=28,
        ends_um=from_rules.ends_um * along,
        between_um=from_rules.between_um * along,
        across_um=from_rules.across_um * across,
        row_um2=from_rules.row_um2 * along * across,
        membrane_um2=27.0,
        bit_um2=from_rules.bit_um2 * along * across,
        basis="28 nm area: the SkyWater 130 rules scaled by gate pitch (117/460 nm) and metal pitch"
        " (90/340 nm); drawn sizes are not scaled",
    )


def _gf180mcu() -> AreaRules:
    from_rules = _sky130()
    along, across = 0.56 / 0.46, 0.56 / 0.34
    return AreaRules(
        process_nm=180,
        ends_um=from_rules.ends_um * along,
        between_um=from_rules.between_um * along,
        across_um=from_rules.across_um * across,
        row_um2=2.6,
        membrane_um2=6.2**2,
        bit_um2=19.04 * 3.92,  # the foundry's flip-flop with reset, dffrnq_1
        basis="180 nm area: the SkyWater 130 rules scaled by site (560/460 nm) and metal pitch"
        " (560/340 nm); gates and bits are the foundry's 5 V cells",
    )
