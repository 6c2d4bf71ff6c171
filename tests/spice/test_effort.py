"""Work that a run will be: devices and time points counted from the deck."""

from dataclasses import replace

import pytest

from anaspike.circuits.designs import design_for, driven
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.pdk.generic28 import Generic28
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.effort import effort
from anaspike.spice.options import SimulationOptions


def deck(body, stop_s=1e-6, step_s=10e-9):
    options = SimulationOptions(max_step_s=step_s)
    return Deck("test", body, ModelFiles("", {}), stop_s, ("v(a)",), options)


def test_a_neuron_has_the_transistors_that_its_block_says_its_mirror_and_wells():
    design = driven(design_for("generic28"), (4, 0, 0), 20, 1e-6, None)
    experiment = NeuronTransient(Generic28(), design, 0.65, "tt")
    found = effort(experiment.build())
    assert found.devices == len(list(experiment.block.transistors())) + 3 + 5
    # 21.2 us in steps of 10 ns, and 20 spikes of 4 corners.
    assert found.time_points == pytest.approx(2120 + 80 * 81, rel=0.01)


def test_two_million_steps_of_a_neuron_take_more_than_ten_minutes():
    design = driven(design_for("generic28"), None, 20, 1e-3, None)
    asked = NeuronTransient(Generic28(), design, 0.65, "tt").build()
    fixed = replace(asked, options=replace(asked.options, max_step_s=10e-9))
    assert effort(fixed).processor_s > 600
    assert effort(asked).processor_s < 60


@pytest.mark.parametrize(
    ("body", "devices"),
    [
        ("r1 a b 1k\nc1 b 0 1n\nv1 a 0 1", 1),  # nothing to solve anew: as cheap as one
        ("m1 a b c d nch l=1u w=2u\nM2 a b c d nch\nd1 a 0 dio\nq1 a b c npn", 4),
        ("x1 a b c d nfet_01v8 l = 1u w=2u\nXq a b c d pfet_01v8", 2),
        (".subckt two a b\nx1 a b 0 0 nfet w=1u\nm2 a b 0 0 n\n.ends\nx1 a b two\n"
         "x2 a b TWO\n+ m=3\nx3 a b two params: k=1", 6),
        (".subckt inner a\nm1 a a 0 0 n\n.ends\n.subckt outer a\nx1 a inner\nx2 a inner\n.ends\n"
         "x1 a outer\nx2 a outer\nm1 a a 0 0 n", 5),
        (".subckt ring a\nx1 a ring\nm1 a a 0 0 n\n.ends\nx1 a ring", 1),
        ("x\nx1\n.ends\n.subckt\n+", 2),
        ("", 1),
    ],
)  # fmt: skip
def test_devices(body, devices):
    assert effort(deck(body)).devices == devices


@pytest.mark.parametrize(
    ("body", "corners"),
    [
        ("v1 a 0 1", 0),
        ("v1 a 0 PWL(0 0 1n 1 2n 1\n+ 3n 0)", 4),
        ("v1 a 0 pwl (0 0 1n 1)\nv2 b 0 pwl(0 0 1n 1 2n 0)", 3),  # trains that run side by side
    ],
)
def test_time_points_are_steps_and_what_each_corner_brings(body, corners):
    assert effort(deck(body)).time_points == pytest.approx(100 + 80 * corners)
