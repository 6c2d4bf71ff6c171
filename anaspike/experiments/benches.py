"""A small testbench for every block, so that each netlist runs and says something by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PySpice.Spice.Netlist import Circuit

from anaspike.circuits import neuron as neurons
from anaspike.circuits.block import Block, Technology
from anaspike.circuits.clock_gate import clock_gate
from anaspike.circuits.comparator import comparator
from anaspike.circuits.designs import Design
from anaspike.circuits.pseudo_resistor import pseudo_resistor
from anaspike.circuits.spike_generator import bias_mirror, spike_generator
from anaspike.circuits.synapse import code_bits, synapse
from anaspike.circuits.weight_memory import weight_memory
from anaspike.errors import InputError
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.stimulus import steps
from anaspike.experiments.testbench import bench_text, held_code, synapse_voltages
from anaspike.experiments.weight_memory import memory_of, written_lines
from anaspike.pdk.roles import Pdk
from anaspike.spice.deck import Deck
from anaspike.units import printable, spice_number

_EDGE_S = 0.2e-9


@dataclass(frozen=True)
class Bench:
    """One block under test.

    Attributes:
        block: placed as `xdut`, each port on the node of its name.
        sources: node -> value of the voltage source that drives it.
        stop_s: end of the transient, in seconds.
        measures: ngspice commands that print what came out.
        currents: node -> current pushed into it, as the value of a source.
        helpers: further blocks, ports likewise on the nodes of their names.
        initial_V: node -> voltage to start from.
    """

    block: Block
    sources: Mapping[str, str]
    stop_s: float
    measures: tuple[str, ...]
    currents: Mapping[str, str] = field(default_factory=dict)
    helpers: tuple[Block, ...] = ()
    initial_V: Mapping[str, float] = field(default_factory=dict)


def block_names() -> tuple[str, ...]:
    """Return the blocks that have a netlist, the whole neuron last."""
    return (*_benches(), "neuron")


def block_deck(name: str, pdk: Pdk, design: Design, corner: str) -> tuple[Deck, tuple[str, ...]]:
    """Return a block's deck and the commands that print its measurements.

    Raises:
        InputError: there is no such block.
    """
    if name == "neuron":
        return _neuron_deck(pdk, design, corner)
    benches = _benches()
    if name not in benches:
        raise InputError(
            f"unknown block '{printable(name)}'; choose one of {', '.join(block_names())}"
        )
    bench = benches[name](Technology(pdk), design)
    blocks = (bench.block, *bench.helpers)
    sizes = [size for block in blocks for _, size in block.transistors()]
    deck = Deck(
        title=f"{bench.block.title} ({name}), {pdk.name} {corner}",
        body="\n".join((*(block.definitions() for block in blocks), _testbench(bench))),
        models=pdk.models(corner, sizes),
        stop_s=bench.stop_s,
        save=tuple(f"v({port})" for port in bench.block.ports)
        + tuple(f"i(v{node})" for node in bench.sources),
        options=design.options,
        initial_V=bench.initial_V,
    )
    return deck, bench.measures


def _neuron_deck(pdk: Pdk, design: Design, corner: str) -> tuple[Deck, tuple[str, ...]]:
    half, vdd = spice_number(pdk.vdd_V / 2), spice_number(pdk.vdd_V)
    measures = (
        f"meas tran first_spike when v(out)={half} rise=1",
        f"meas tran spike_width trig v(out) val={half} rise=1 targ v(out) val={half} fall=1",
        "meas tran highest_membrane max v(mem)",
        f"let core_power = -{vdd}*(i(vvdd)+i(vvdd_comparator)+i(vvdd_clock_gate)"
        "+i(vvdd_flip_flop)+i(vvdd_delay))",
        "meas tran core_energy integ core_power",
    )
    return NeuronTransient(
        pdk, design, vdd_syn_V=design.supplies.middle_V, corner=corner, whole=True
    ).build(), measures


def _benches() -> dict[str, Callable[[Technology, Design], Bench]]:
    return {
        "pseudo_resistor": _pseudo_resistor,
        "synapse": _synapse,
        "comparator": _comparator,
        "clock_gate": _clock_gate,
        "spike_generator": _spike_generator,
        "bias_mirror": _bias_mirror,
        "reset_switch": _reset_switch,
        "membrane": _membrane,
        "weight_memory": _weight_memory,
    }


def _testbench(bench: Bench) -> str:
    circuit = Circuit("")
    for node, value in bench.sources.items():
        circuit.V(node, node, 0, value)
    for node, value in bench.currents.items():
        circuit.I(node, 0, node, value)
    circuit.X("dut", bench.block.name, *bench.block.ports)
    for helper in bench.helpers:
        circuit.X(helper.name, helper.name, *helper.ports)
    return bench_text(circuit)


def _steps(*corners: tuple[float, float]) -> str:
    """Return a source that steps to each (time, voltage) in turn, starting at the first."""
    return steps(corners, _EDGE_S)


def _pulse(start_s: float, width_s: float, high_V: float) -> str:
    return _steps((0.0, 0.0), (start_s, high_V), (start_s + width_s, 0.0))


def _pseudo_resistor(technology: Technology, design: Design) -> Bench:
    rest_V = design.neuron.v_rest_V
    return Bench(
        pseudo_resistor(technology, design.neuron.pseudo_resistor),
        {
            "a": _steps((0.0, rest_V + 0.05), (20e-6, rest_V - 0.05)),
            "b": spice_number(rest_V),
        },
        stop_s=40e-6,
        measures=(
            "meas tran current_up find i(va) at=19u",
            "meas tran current_down find i(va) at=39u",
            "let ohm_at_plus_50mV = -0.05/current_up",
            "let ohm_at_minus_50mV = 0.05/current_down",
            "print ohm_at_plus_50mV ohm_at_minus_50mV",
        ),
    )


def _synapse(technology: Technology, design: Design) -> Bench:
    vdd_V, width_s = technology.pdk.vdd_V, 100e-9
    excite, inhibit = code_bits(3), code_bits(-3)
    bits = {
        pin: _steps((0.0, excite[pin] * vdd_V), (200e-9, inhibit[pin] * vdd_V)) for pin in excite
    }
    spike = _steps((0, 0), (50e-9, vdd_V), (150e-9, 0), (250e-9, vdd_V), (350e-9, 0))
    block = synapse(technology, design.neuron.synapse)
    supplies_V = {
        "vdd_syn": design.supplies.middle_V,
        **synapse_voltages(technology.pdk, design.neuron.synapse),
    }
    fed = {node: spice_number(at_V) for node, at_V in supplies_V.items() if node in block.ports}
    return Bench(
        block,
        {"spike": spike, "mem": "0.3", **fed, **bits},
        stop_s=400e-9,
        measures=(
            "meas tran charge_of_code_3 integ i(vmem) from=40n to=190n",
            "meas tran charge_of_code_minus_3 integ i(vmem) from=240n to=390n",
            f"let current_of_code_3 = charge_of_code_3/{spice_number(width_s)}",
            f"let current_of_code_minus_3 = charge_of_code_minus_3/{spice_number(width_s)}",
            "print current_of_code_3 current_of_code_minus_3",
        ),
    )


def _comparator(technology: Technology, design: Design) -> Bench:
    vdd_V, v_th_V = technology.pdk.vdd_V, design.neuron.v_th_V
    half = spice_number(vdd_V / 2)
    return Bench(
        comparator(technology, design.neuron.comparator),
        {
            "mem": _steps((0.0, v_th_V - 0.02), (100e-9, v_th_V + 0.02)),
            "v_th": spice_number(v_th_V),
            "hold": _steps((0, vdd_V), (50e-9, 0), (110e-9, vdd_V), (150e-9, 0)),
            "vdd": spice_number(vdd_V),
        },
        stop_s=200e-9,
        measures=(
            "meas tran fire_when_20mV_below find v(fire) at=90n",
            "meas tran fire_when_20mV_above find v(fire) at=190n",
            f"meas tran decision_time trig v(hold) val={half} fall=2"
            f" targ v(fire) val={half} rise=1",
        ),
    )


def _clock_gate(technology: Technology, design: Design) -> Bench:
    vdd_V = technology.pdk.vdd_V
    half = spice_number(vdd_V / 2)
    return Bench(
        clock_gate(technology, design.neuron.logic, 3),
        {
            "in1": _pulse(20e-9, 20e-9, vdd_V),
            "in2": _pulse(60e-9, 20e-9, vdd_V),
            "in3": "0",
            "out": _pulse(100e-9, 20e-9, vdd_V),
            "vdd": spice_number(vdd_V),
        },
        stop_s=150e-9,
        measures=(
            f"meas tran delay_of_in1 trig v(in1) val={half} rise=1 targ v(hold) val={half} rise=1",
            f"meas tran delay_of_out trig v(out) val={half} rise=1 targ v(hold) val={half} rise=3",
        ),
    )


def _spike_generator(technology: Technology, design: Design) -> Bench:
    sizes, vdd_V = design.neuron.spike_generator, technology.pdk.vdd_V
    half = spice_number(vdd_V / 2)
    supply = spice_number(vdd_V)
    return Bench(
        spike_generator(technology, sizes),
        {
            "fire": _pulse(100e-9, 10e-9, vdd_V),
            **dict.fromkeys(("vdd_flip_flop", "vdd_delay", "vdd"), supply),
        },
        stop_s=300e-9,
        measures=(
            f"meas tran delay_of_q trig v(fire) val={half} rise=1 targ v(q) val={half} rise=1",
            f"meas tran spike_width trig v(q) val={half} rise=1 targ v(q) val={half} fall=1",
        ),
        currents={"v_bias_n": spice_number(sizes.bias_current_A)},
        helpers=(bias_mirror(technology, sizes),),
        initial_V={"q": 0.0},
    )


def _bias_mirror(technology: Technology, design: Design) -> Bench:
    sizes = design.neuron.spike_generator
    return Bench(
        bias_mirror(technology, sizes),
        {"vdd": spice_number(technology.pdk.vdd_V)},
        stop_s=1e-6,
        measures=(
            "meas tran bias_n find v(v_bias_n) at=0.9u",
            "meas tran bias_p find v(v_bias_p) at=0.9u",
        ),
        currents={"v_bias_n": spice_number(sizes.bias_current_A)},
    )


def _reset_switch(technology: Technology, design: Design) -> Bench:
    sizes = design.neuron
    level_V = sizes.v_rest_V + 0.1 * (sizes.v_th_V - sizes.v_rest_V)
    return Bench(
        neurons.reset_switch(technology, sizes),
        {"on": _pulse(10e-9, 50e-9, technology.pdk.vdd_V), "v_rest": spice_number(sizes.v_rest_V)},
        stop_s=100e-9,
        measures=(
            f"meas tran time_to_10_percent trig v(on) val=0.1 rise=1"
            f" targ v(mem) val={spice_number(level_V)} fall=1",
            "meas tran membrane_after find v(mem) at=90n",
        ),
        helpers=(neurons.membrane(technology, sizes),),
        initial_V={"mem": sizes.v_th_V},
    )


def _membrane(technology: Technology, design: Design) -> Bench:
    return Bench(
        neurons.membrane(technology, design.neuron),
        {},
        stop_s=200e-9,
        measures=(
            "meas tran before find v(mem) at=40n",
            "meas tran after find v(mem) at=190n",
            "let farad = 50n*100n/(after-before)",
            "print farad",
        ),
        currents={"mem": "pwl(0 0 50n 0 50.001n 50n 150n 50n 150.001n 0)"},
        initial_V={"mem": design.neuron.v_rest_V},
    )


def _weight_memory(technology: Technology, design: Design) -> Bench:
    vdd_V = technology.pdk.vdd_V
    lines = written_lines([(20e-9, -2), (100e-9, 5)])
    return Bench(
        weight_memory(technology, memory_of(design)),
        {
            **{
                line: _steps(*((at_s, vdd_V * level) for at_s, level in levels))
                for line, levels in lines.items()
            },
            "vdd_weights": spice_number(vdd_V),
        },
        stop_s=2e-6,
        measures=(
            *(f"meas tran {pin}_of_minus_2 find v({pin}) at=95n" for pin in code_bits(0)),
            *(f"meas tran {pin}_of_5 find v({pin}) at=1900n" for pin in code_bits(0)),
            "meas tran charge_at_rest integ i(vvdd_weights) from=1000n to=1900n",
            f"let static_power = -{spice_number(vdd_V)}*charge_at_rest/900n",
            "print static_power",
        ),
        initial_V=held_code("xdut.", 0, vdd_V),
    )
