"""A mapped network on a charge model that is known by hand."""

from dataclasses import replace

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.network import Layer, Network
from anaspike.mapping.charge_model import Limits
from anaspike.mapping.deploy import HEADROOM, deploy
from anaspike.mapping.energy import EventEnergies, inference
from anaspike.mapping.hardware import LEAST_MEMBRANE_F, pulls, sized
from anaspike.mapping.mismatch import draw_gains
from anaspike.mapping.quantise import (
    all_active,
    all_codes,
    quantise,
    quantise_layer,
    synapses_of,
)

INPUTS = np.random.default_rng(8).random((300, 12)) < 0.5


@pytest.fixture
def network():
    rng = np.random.default_rng(2)
    hidden = Layer.of(
        rng.normal(0, 0.5, (10, 12)), rng.normal(0, 0.3, 10), rng.uniform(0.6, 1.5, 10)
    )
    return Network((hidden, Layer.of(rng.normal(0, 0.7, (3, 10)))), head=True)


def chip(neurons, network, curve, **choices):
    return deploy(neurons, quantise(network), network, curve, **choices)


def test_pulls_are_the_codes_that_are_active(network):
    coded = quantise(network)[0]
    excite, inhibit = pulls(coded, INPUTS)
    sums = INPUTS.astype(int) @ coded.codes.T.astype(int) + coded.bias_codes
    np.testing.assert_array_equal(excite - inhibit, sums)
    assert (excite >= 0).all()
    assert (inhibit >= 0).all()


def test_the_synapses_of_a_neuron_are_its_weights_and_its_bias():
    coded = quantise_layer(Layer.of([[0.7, -0.1], [0.1, 0.7]], [1.6, -0.1]), "neuron-max")
    assert synapses_of(coded) == 2 + 3  # 16 units of bias need three synapses
    assert all_codes(coded, 0).tolist() == [7, -1, 6, 5, 5]
    assert all_codes(coded, 1).tolist() == [1, 7, -1, 0, 0]
    assert all_active(coded, np.array([False, True])).tolist() == [False, True, True, True, True]


def test_a_heads_weights_lie_on_two_synapses_each(network):
    coded = quantise(network)[1]
    codes, active = all_codes(coded, 0), all_active(coded, np.arange(10) % 2 == 0)
    assert len(codes) == len(active) == 20
    assert codes[active].sum() == coded.codes[0, ::2].sum()


def test_membranes_are_sized_for_their_layer(neurons, network):
    coded = quantise(network)[0]
    geometry, units = sized(neurons.tables, neurons.limits, coded, 40.0, 0.6)
    # 40 units of 0.5 fC rise 0.1 V on 200 fF.
    assert geometry.membrane_F == pytest.approx(200e-15)
    assert units == pytest.approx(40)
    least, more = sized(neurons.tables, neurons.limits, coded, 0.1, 0.6)
    assert least.membrane_F == LEAST_MEMBRANE_F
    assert more == pytest.approx(1.0)


def test_on_ideal_neurons_the_chip_is_the_network_of_codes(neurons, network, curve):
    hardware = chip(neurons, network, curve)
    ran = hardware.run(INPUTS)
    wanted = hardware.mapped.ideal.spikes(INPUTS.astype(np.float32))
    for layer, spikes in zip(ran, wanted, strict=True):
        clear = np.abs(layer.margin_V) > 1e-3  # the table of exponentials is no exponential between
        assert (layer.spikes == spikes)[clear].mean() > 0.995


def test_a_gain_error_is_calibrated_away(neurons, network, curve):
    hardware = chip(neurons, network, curve, dac_bits=6, headroom=HEADROOM)
    wanted = hardware.run(INPUTS)[0].spikes
    drawn = draw_gains(hardware.mapped, 0.3, 4)
    wrong = (hardware.run(INPUTS, drawn)[0].spikes != wanted).mean()
    mended = hardware.calibrated(INPUTS, drawn)
    assert (mended.run(INPUTS, drawn)[0].spikes != wanted).mean() < wrong / 4
    moved = mended.mapped.layers[0].k_given / hardware.mapped.layers[0].k_given
    # Measured, then divided out.
    assert np.corrcoef(np.log(drawn[0].gain), np.log(moved))[0, 1] < -0.9


def test_cases_are_what_the_layers_really_get(neurons, network, curve):
    hardware = chip(neurons, network, curve)
    cases = hardware.cases(INPUTS, 8, seed=1)
    assert [case.name[:7] for case in cases] == ["layer 0", "layer 1"] * 4
    ran = hardware.run(INPUTS)
    for case in cases[::2]:
        neuron, pattern = (int(part.split()[1]) for part in case.name.split(", ")[1:])
        excite, inhibit = pulls(hardware.mapped.layers[0].coded, INPUTS[pattern : pattern + 1])
        assert case.pulls == (excite[0, neuron], inhibit[0, neuron])
        assert case.vdd_syn_V == hardware.mapped.layers[0].supply_V[neuron]
    near = {case.name for case in cases[2::4]}
    limit_V = np.quantile(np.abs(ran[0].margin_V), 0.02)
    for name in near:
        neuron, pattern = (int(part.split()[1]) for part in name.split(", ")[1:])
        assert abs(ran[0].margin_V[pattern, neuron]) <= limit_V


def test_energy_counts_events(neurons, curve):
    network = Network((Layer.of([[1.0, -1.0, 0.0]], [0.5]),))
    hardware = chip(neurons, network, curve)
    inputs = np.array([[True, True, True], [False, False, False]])
    ran = hardware.run(inputs)
    spent = inference(EventEnergies(1.0, 10.0, 100.0), hardware.mapped, inputs, ran)
    assert spent.windows == 1  # the bias wakes it even where no input does
    assert spent.synapse_events == 2 / 2 + 1  # code 0 costs nothing; the bias is there each time
    assert spent.additions == 2 / 2 + 1  # no products, and nothing where a code or an input is 0
    assert spent.energy_J == 1 + 20 + 100 * spent.spikes


@pytest.mark.parametrize("sigma", [-0.1, 3.0, np.nan])
def test_an_absurd_sigma_is_refused(neurons, network, curve, sigma):
    with pytest.raises(InputError, match=r"^`mismatch` .*: the sigma of a neuron's gain is 0 to 2"):
        draw_gains(chip(neurons, network, curve).mapped, sigma, 0)


def test_inputs_that_do_not_fit_are_refused(neurons, network, curve):
    with pytest.raises(InputError) as caught:
        chip(neurons, network, curve).run(INPUTS[:, :5])
    assert str(caught.value) == "inputs of shape (300, 5) do not fit a network of 12 inputs"


def test_a_smaller_membrane_is_kicked_further(tables):
    limits = Limits(np.array([50e-15, 500e-15]), np.array([0.38, 0.35]), np.array([1.0, 3.0]),
                    np.array([0.3e-9, 0.3e-9]))  # fmt: skip
    some = replace(tables, core_F=np.full(181, 10e-15))
    thresholds = [
        limits.geometry(some, 2, membrane_F).threshold_V for membrane_F in (40e-15, 90e-15)
    ]
    assert thresholds == pytest.approx([0.38, 0.35 + 0.03 * (10 - 2) / (20 - 2)])
