"""What a sweep is asked: ranges, drives, conditions."""

import math
from dataclasses import replace

import pytest

from anaspike.circuits.designs import design_for
from anaspike.circuits.neuron import SUPPLIES
from anaspike.errors import InputError
from anaspike.experiments.neuron_transient import ENERGY_OF, NeuronTransient
from anaspike.experiments.sweep_vdd import supplies, sweep_vdd
from anaspike.pdk.generic28 import Generic28

BASE = NeuronTransient(Generic28(), design_for("generic28"), 0.65, "tt")


def test_points_and_step_say_the_same():
    assert supplies(0.55, 0.75) == supplies(0.55, 0.75, step_V=0.025)
    assert supplies(0.55, 0.75, points=5) == (0.55, 0.6, 0.65, 0.7, 0.75)
    assert supplies(0.5, 0.75, step_V=0.1) == (0.5, 0.6, 0.7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (0.75, 0.55),
            "the supply range runs backwards: from 0.75 V to 0.55 V; swap the two",
        ),
        (
            (0.65, 0.65),
            "the supply range is empty: from 0.65 V to 0.65 V; set the ends apart",
        ),
        ((0.55, 0.75, 0), "a sweep of 0 points is no sweep; use 2 to 10000 points"),
        ((0.55, 0.75, 1), "a sweep of 1 points is no sweep; use 2 to 10000 points"),
        ((0.55, 0.75, 10**9), "a sweep of 1000000000 points is no sweep; use 2 to 10000 points"),
        (
            (math.nan, 0.75),
            "the start of the supply range is nan; give a finite voltage",
        ),
        ((0.55, math.inf), "the end of the supply range is inf; give a finite voltage"),
        ((0.55, 0.75, 5, 0.1), "give either the number of points or the step, not both"),
        (
            (0.55, 0.75, None, -0.1),
            "a step of -0.1 V leads nowhere; give a positive step",
        ),
        ((0.55, 0.75, None, 0.0), "a step of 0 V leads nowhere; give a positive step"),
        (
            (0.55, 0.75, None, 0.5),
            "a step of 0.5 V is larger than the range of 0.2 V; give a smaller one",
        ),
    ],
)
def test_ranges_that_are_none(arguments, message):
    with pytest.raises(InputError) as caught:
        supplies(*arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"vdd_syn_V": -0.1},
            "the synapse supply (V) is -0.1; it must be a finite number, positive",
        ),
        (
            {"vdd_syn_V": 1.2},
            "a synapse supply of 1.2 V is above the core supply of 0.9 V on generic28:"
            " the spikes could not switch it off",
        ),
        ({"corner": "xx"}, "generic28 has no corner 'xx'; choose one of tt, ff, ss, sf, fs"),
        ({"temperature_C": 500.0}, "a temperature of 500 °C is outside -100 to 200 °C"),
        ({"seed": -1}, "seed -1 is negative; use 0 or more"),
    ],
)
def test_conditions_that_cannot_be(change, message):
    with pytest.raises(InputError) as caught:
        replace(BASE, **change)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"spikes_in": 0}, "`spikes_in` is 0; it must be a finite number, positive"),
        ({"width_s": -50e-9}, "`width_s` is -5e-08; it must be a finite number, positive"),
        ({"period_s": 0.0}, "`period_s` is 0; it must be a finite number, positive"),
        (
            {"width_s": 400e-9},
            "a spike of 4e-07 s does not fit a period of 3e-07 s;"
            " give a shorter `width_s` or a longer `period_s`",
        ),
    ],
)
def test_trains_that_cannot_be(change, message):
    with pytest.raises(InputError) as caught:
        replace(BASE, design=replace(BASE.design, drive=replace(BASE.design.drive, **change)))
    assert str(caught.value) == message


def test_every_supply_of_the_neuron_has_its_energy_told():
    assert set(SUPPLIES) | {"vdd_syn", "vdd_bias", "v_rest", "v_th"} == set(ENERGY_OF)


def test_only_synapses_with_a_code_get_spikes():
    drive = replace(BASE.design.drive, codes=(3, 0, -1))
    point = replace(BASE, design=replace(BASE.design, drive=drive))
    lines = {line.split()[0]: line for line in point.build().body.splitlines() if line}
    assert lines["Vin1"].startswith("Vin1 in1 0 pwl(")
    assert lines["Vin2"] == "Vin2 in2 0 0"
    assert lines["Vin3"].startswith("Vin3 in3 0 pwl(")


def test_mismatch_depends_on_the_seed_and_the_device_alone():
    first, again = replace(BASE, seed=3).build(), replace(BASE, seed=3, vdd_syn_V=0.7).build()
    other = replace(BASE, seed=4).build()
    assert first.alter == again.alter
    assert first.alter != other.alter
    assert len(first.alter) == 2 * (178 + 3)  # delvto and mulu0 of each, and of the bias mirror
    assert BASE.build().alter == ()


def test_only_the_supply_changes_along_a_sweep():
    low, high = sweep_vdd(BASE, (0.55, 0.75))
    different = [
        (a, b)
        for a, b in zip(low.build().render().splitlines(), high.build().render().splitlines(),
                        strict=True)
        if a != b
    ]  # fmt: skip
    assert different == [
        (
            "* neuron at vdd_syn = 0.55 V, generic28 tt",
            "* neuron at vdd_syn = 0.75 V, generic28 tt",
        ),
        ("Vvdd_syn vdd_syn 0 0.55", "Vvdd_syn vdd_syn 0 0.75"),
    ]
