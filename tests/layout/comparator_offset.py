"""The offset of a comparator between two ideal sources, found in one transient."""

from itertools import pairwise

import numpy as np

from anaspike.circuits.block import Technology
from anaspike.circuits.spike_generator import bias_mirror
from anaspike.experiments.testbench import neuron_voltages, resting_core
from anaspike.spice.deck import Deck
from anaspike.units import spice_number

PERIOD_S, RESET_S, EDGE_S = 100e-9, 40e-9, 0.2e-9


def systematic_offset(simulator, block, design, corner="tt", half_range_V=4e-3, steps=33):
    """Return how far above v_th the membrane must be so that it fires, in volt.

    Args:
        simulator: that runs it.
        block: the comparator, as sized or as extracted.
        design: its process's.
        corner: of the process.
        half_range_V: where it is looked for, on both sides of v_th.
        steps: decisions, one at each voltage; the answer is known to half of a step.
    """
    pdk, v_th_V = block.technology.pdk, design.neuron.v_th_V
    offered = np.linspace(-half_range_V, half_range_V, steps)
    points = [f"0 {v_th_V + offered[0]:.6f}"]
    for i, (before, after) in enumerate(pairwise(offered)):
        at_s = (i + 1) * PERIOD_S
        points += [f"{at_s:.4e} {v_th_V + before:.6f}", f"{at_s + EDGE_S:.4e} {v_th_V + after:.6f}"]
    vdd, decides_s = spice_number(pdk.vdd_V), PERIOD_S - RESET_S - EDGE_S
    clock = f"{RESET_S:g} {EDGE_S:g} {EDGE_S:g} {decides_s:g} {PERIOD_S:g}"
    body = f"""{block.definitions()}
Vvdd vdd 0 {vdd}
Vv_th v_th 0 {v_th_V:g}
Vmem mem 0 pwl({" ".join(points)})
Vhold hold 0 pulse({vdd} 0 {clock})
Xdut {" ".join(block.ports)} {block.name}
Cfire fire 0 2f
"""
    deck = Deck(
        title="offset",
        body=body,
        models=pdk.models(corner, [size for _, size in block.transistors()]),
        stop_s=steps * PERIOD_S,
        save=("v(fire)",),
        options=design.options,
    )
    waves = simulator.run(deck)
    sampled = np.interp((np.arange(steps) + 1) * PERIOD_S - 2e-9, waves.time_s, waves["v(fire)"])
    fired = sampled > pdk.vdd_V / 2
    assert not fired[0], "it fires over the whole range"
    assert fired[-1], "it fires nowhere in the range"
    first = int(np.argmax(fired))
    assert fired[first:].all(), "above its threshold it misses decisions"
    return float(offered[first - 1] + offered[first]) / 2


def offset_in_neuron(simulator, block, design, corner="tt", half_range_V=4e-3, steps=17):
    """Return how far above v_th the membrane of a neuron must be so that it fires, in volt.

    The membrane is held by a source; each input spike clocks one decision.

    Args:
        simulator, design, corner, half_range_V, steps: as of `systematic_offset`.
        block: the neuron with three synapses, as sized or as extracted.
    """
    pdk, sizes = block.technology.pdk, design.neuron
    mirror = bias_mirror(Technology(pdk), sizes.spike_generator)
    held_V = sizes.v_th_V + np.linspace(-half_range_V, half_range_V, steps)
    points = [f"0 {held_V[0]:.6f}"]
    for i, (before, after) in enumerate(pairwise(held_V)):
        at_s = (i + 1) * PERIOD_S + 2e-9  # as the comparator is reset by the input's spike
        points += [f"{at_s:.4e} {before:.6f}", f"{at_s + EDGE_S:.4e} {after:.6f}"]
    voltages_V = neuron_voltages(pdk, sizes, {"vdd_syn": design.supplies.middle_V})
    sources = "\n".join(f"V{node} {node} 0 {volt:g}" for node, volt in voltages_V.items())
    clock = f"0 {EDGE_S:g} {EDGE_S:g} {design.drive.width_s:g} {PERIOD_S:g}"
    body = f"""{block.definitions()}
{mirror.definitions()}
{sources}
Ibias vdd_bias v_bias_n {spice_number(sizes.spike_generator.bias_current_A)}
Xbias v_bias_n v_bias_p vdd_bias {mirror.name}
Vmem mem 0 pwl({" ".join(points)})
Vin1 in1 0 pulse(0 {spice_number(pdk.vdd_V)} {clock})
Vin2 in2 0 0
Vin3 in3 0 0
Xneuron {" ".join(block.ports)} {block.name}
Cout out 0 2f
"""
    devices = [size for one in (block, mirror) for _, size in one.transistors()]
    deck = Deck(
        title="offset in a neuron",
        body=body,
        models=pdk.models(corner, devices),
        stop_s=steps * PERIOD_S,
        save=("v(out)",),
        options=design.options,
        initial_V=resting_core("xneuron.xcore.", pdk.vdd_V),
    )
    waves = simulator.run(deck)
    high = waves["v(out)"] > pdk.vdd_V / 2
    assert high.any(), "it fires nowhere in the range"
    first = int(waves.time_s[np.argmax(high)] // PERIOD_S)
    assert first > 0, "it fires over the whole range"
    return float(held_V[first - 1] + held_V[first]) / 2 - sizes.v_th_V
