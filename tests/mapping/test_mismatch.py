"""Synapses and comparators drawn for themselves: what a draw depends on, and what it does."""

from dataclasses import replace

import numpy as np
import pytest

from anaspike.campaign.bench import Bench
from anaspike.circuits.designs import design_for
from anaspike.experiments.decision import Decision
from anaspike.experiments.synapse import SynapsePulse
from anaspike.learning.network import Layer, Network
from anaspike.mapping import characterise
from anaspike.mapping.characterise import Conditions, measure_scatter, measure_tables
from anaspike.mapping.charge_model import Geometry
from anaspike.mapping.deploy import HEADROOM, deploy, for_mapping
from anaspike.mapping.hardware import pulls, run_layer
from anaspike.mapping.mismatch import DrawnSynapses, Scatter, draw_chip, draw_gains
from anaspike.mapping.quantise import CodedLayer, quantise
from anaspike.mapping.supplies import MappedLayer
from anaspike.pdk.catalog import open_pdk

INPUTS = np.random.default_rng(8).random((300, 12)) < 0.5
# As measured on generic28 at tt and 27 °C.
MEASURED = Scatter(
    np.array([0.5, 0.6, 0.7, 0.8]),
    np.array([[0.0748, 0.0588, 0.0388, 0.0273], [0.0606, 0.0445, 0.0287, 0.0193]]),
    3.8e-3,
    0.20,
)
NOTHING = Scatter(np.array([0.5, 0.8]), np.zeros((2, 2)), 0.0, 0.0)


def network_of(hidden):
    rng = np.random.default_rng(2)
    layers = (rng.normal(0, 0.5, (hidden, 12)), rng.normal(0, 0.7, (3, hidden)))
    return Network(tuple(Layer.of(w, rng.normal(0, 0.3, len(w))) for w in layers), head=True)


def hardware_of(neurons, curve, hidden=10, **choices):
    network = network_of(hidden)
    return deploy(neurons, quantise(network), network, curve, **choices)


def one_neuron(codes, count=1):
    """Return `count` equal neurons as a layer."""
    return CodedLayer(
        np.tile(np.array(codes, np.int16), (count, 1)), np.zeros(count, np.int16),
        np.ones(count), np.ones(count), np.zeros(count, bool),
    )  # fmt: skip


def test_a_draw_is_of_its_place_and_of_nothing_else(neurons, curve):
    small, large = hardware_of(neurons, curve, 10), hardware_of(neurons, curve, 14)
    first, again, other = (draw_chip(small.mapped, MEASURED, seed) for seed in (5, 5, 6))
    for one, two, third in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(one.synapses.normals, two.synapses.normals)
        np.testing.assert_array_equal(one.offset_V, two.offset_V)
        assert not np.isclose(one.synapses.normals, third.synapses.normals).any()
    # More neurons in a layer, or more synapses on a neuron, move no draw of those there were.
    more = draw_chip(large.mapped, MEASURED, 5)
    np.testing.assert_array_equal(more[0].synapses.normals[:10], first[0].synapses.normals)
    np.testing.assert_array_equal(more[0].offset_V[:10], first[0].offset_V)
    np.testing.assert_array_equal(
        more[1].synapses.normals[:, :20], first[1].synapses.normals[:, :20]
    )
    assert first[0].gain is None
    # The numbers themselves: whoever changes how they are drawn changes everybody's chips.
    assert first[0].offset_V[0] == pytest.approx(OFFSET_V, rel=1e-9)
    assert first[1].synapses.normals[2, 3] == pytest.approx(NORMAL, rel=1e-9)


OFFSET_V, NORMAL = -0.009387818404931397, 1.7671640718206272


def test_draws_are_standard_normal():
    coded = one_neuron(np.arange(-7, 8), 400)
    layer = MappedLayer(coded, 1.0, *(np.ones(400) for _ in range(7)))
    (chip,) = draw_chip(type("Mapped", (), {"layers": (layer,)}), MEASURED, 0)
    values = chip.synapses.normals
    assert values.shape == (400, 15)
    assert values.mean() == pytest.approx(0, abs=4 / np.sqrt(6000))
    assert values.std() == pytest.approx(1, abs=4 / np.sqrt(12000))
    assert np.abs(np.corrcoef(values.T) - np.eye(15)).max() < 0.25
    assert chip.offset_V.std() == pytest.approx(3.8e-3, rel=0.15)
    assert np.log(chip.width).std() == pytest.approx(0.20, rel=0.15)


def test_a_code_scatters_as_its_unit_devices_do():
    """Pelgrom: c devices in parallel scatter by a root of c less, and less on a higher supply."""
    coded = one_neuron([1, 4, 7, -1, -4, 0], 4000)
    normals = np.random.default_rng(1).standard_normal((4000, 6))
    drawn = DrawnSynapses(coded, coded.codes, normals, MEASURED)
    for supply_V, excite, inhibit in ((0.5, 0.0748, 0.0606), (0.65, 0.0488, 0.0366)):
        weights, bias = drawn.units(np.full(4000, supply_V))
        logs = np.log(weights[:, :5] / np.array([1, 4, 7, -1, -4]))
        expected = [excite, excite / 2, excite / np.sqrt(7), inhibit, inhibit / 2]
        assert logs.std(axis=0) == pytest.approx(expected, rel=0.05)
        assert (weights[:, 5] == 0).all()
        assert (bias == 0).all()


def test_parallel_synapses_are_each_drawn(neurons, curve):
    hardware = hardware_of(neurons, curve)
    head = hardware.mapped.layers[1]
    synapses = draw_chip(hardware.mapped, MEASURED, 1)[1].synapses
    count = head.coded.codes.shape[1]
    assert synapses.codes[:, :count].shape == synapses.codes[:, count : 2 * count].shape
    both = synapses.codes[:, :count] + synapses.codes[:, count : 2 * count]
    np.testing.assert_array_equal(both, head.coded.codes)
    spikes = np.eye(count, dtype=bool)
    excite, inhibit = pulls(head.coded, spikes, synapses, head.supply_V)
    weights, bias = synapses.units(head.supply_V)
    np.testing.assert_allclose(excite - inhibit, weights.T + bias)
    assert np.sign(weights).tolist() == np.sign(head.coded.codes).tolist()


def test_a_spike_is_worth_its_width_to_the_next_layer(neurons, curve):
    hardware = hardware_of(neurons, curve)
    only_widths = [
        replace(one, offset_V=None)
        for one in draw_chip(hardware.mapped, replace(NOTHING, width_sigma=0.5), 2)
    ]
    ran, nominal = hardware.run(INPUTS, only_widths), hardware.run(INPUTS)
    np.testing.assert_array_equal(ran[0].spikes, nominal[0].spikes)  # its inputs come from outside
    head, width = hardware.mapped.layers[1], only_widths[0].width
    sent = ran[0].spikes * width
    excite, inhibit = pulls(head.coded, sent, only_widths[1].synapses, head.supply_V)
    for sign, pulled in ((1, excite), (-1, inhibit)):
        codes = np.maximum(sign * head.coded.codes, 0)
        by_hand = sent @ codes.T + np.maximum(sign * head.coded.bias_codes, 0)
        np.testing.assert_allclose(pulled, by_hand)
    assert (ran[1].margin_V != nominal[1].margin_V).any()


def test_the_charge_of_a_spike_is_proportional_to_its_width(ngspice):
    at = Conditions(open_pdk("generic28"), for_mapping(design_for("generic28")))
    widths_s = np.array([70e-9, 100e-9, 140e-9])
    for supply_V in (0.55, 0.75):
        charge = [
            point.measure(ngspice.run(point.build()))["charge_of_+4_coulomb"]
            for width_s in widths_s
            for point in [
                SynapsePulse(
                    at.pdk, replace(at.design, drive=replace(at.design.drive, width_s=width_s)),
                    supply_V, codes=(4,),
                )
            ]
        ]  # fmt: skip
        assert np.array(charge) / charge[1] == pytest.approx(widths_s / 100e-9, rel=0.01)


def test_no_scatter_is_the_nominal_chip(neurons, curve):
    hardware = hardware_of(neurons, curve, dac_bits=5)
    drawn = draw_chip(hardware.mapped, NOTHING, 3)
    for chip, nominal in zip(hardware.run(INPUTS, drawn), hardware.run(INPUTS), strict=True):
        np.testing.assert_array_equal(chip.spikes, nominal.spikes)
        np.testing.assert_allclose(chip.margin_V, nominal.margin_V, atol=1e-12)
    mended = hardware.calibrated(INPUTS, drawn).mapped.table()
    assert mended.equals(hardware.calibrated(INPUTS).mapped.table())


def test_gains_come_on_top(neurons, curve):
    hardware = hardware_of(neurons, curve)
    gains = draw_gains(hardware.mapped, 0.3, 3)
    both = draw_chip(hardware.mapped, MEASURED, 3, gains)
    assert [one.gain.tolist() for one in both] == [one.gain.tolist() for one in gains]
    assert all(one.synapses is not None for one in both)


def test_what_a_neuron_does_is_calibrated_with_its_own_synapses(neurons, curve):
    wild = Scatter(np.array([0.5, 0.8]), np.full((2, 2), 0.6), 5e-3, 0.3)
    hardware = hardware_of(neurons, curve, dac_bits=6, headroom=HEADROOM)
    wanted = hardware.run(INPUTS)[0].spikes
    wrong = mended = 0.0
    for seed in range(6):
        drawn = draw_chip(hardware.mapped, wild, seed)
        wrong += (hardware.run(INPUTS, drawn)[0].spikes != wanted).mean()
        calibrated = hardware.calibrated(INPUTS, drawn)
        mended += (calibrated.run(INPUTS, drawn)[0].spikes != wanted).mean()
    assert mended < 0.8 * wrong  # one number a neuron cannot make good what each weight lost


def test_scatter_is_measured(ngspice, monkeypatch):
    monkeypatch.setattr(characterise, "_SAMPLES", 6)
    monkeypatch.setattr(characterise, "_SCATTER_SUPPLIES", 2)
    at = Conditions(open_pdk("generic28"), for_mapping(design_for("generic28")))
    bench = Bench(ngspice, jobs=2)
    scatter = measure_scatter(bench, at, 0.5, 0.8)
    assert len(bench.outcomes) == 2 + 2 * 6 + 6 + 6
    # Six samples of three bits: a sigma of 18.
    assert scatter.unit_sigma[:, 0] == pytest.approx(MEASURED.unit_sigma[:, 0], rel=0.5)
    assert scatter.unit_sigma[:, 1] == pytest.approx(MEASURED.unit_sigma[:, -1], rel=0.5)
    assert scatter.offset_sigma_V == pytest.approx(MEASURED.offset_sigma_V, rel=0.7)
    assert scatter.width_sigma == pytest.approx(MEASURED.width_sigma, rel=0.7)
    # By hand: deep below threshold a current's logarithm moves by dVth / (n kT/q), n about 1.3.
    source = at.design.neuron.synapse.source
    device = at.pdk.devices[source.role]
    area_m2 = (source.w_m + device.dw_m) * (source.l_m + device.dl_m) * source.mult
    by_hand = device.a_vt_Vm / np.sqrt(area_m2) / (1.3 * 25.9e-3)
    assert 0.4 * by_hand < scatter.unit_sigma[0, 0] < by_hand


def test_the_membrane_scatters_as_at_transistor_level(ngspice):
    """Sixteen chips of one neuron, every transistor drawn by Pelgrom's law, beside 2,000 draws."""
    codes, supply_V, samples, chips = (7, 3, -2, 5, 1, 4, -6, 2), 0.6, 16, 2000
    at = Conditions(open_pdk("generic28"), for_mapping(design_for("generic28")))
    neuron = replace(at.design.neuron, membrane_F=150e-15)
    bench = Bench(ngspice, jobs=2)
    points = [
        Decision(at.pdk, replace(at.design, neuron=neuron), codes, (True,) * len(codes), supply_V,
                 seed=seed)
        for seed in range(samples)
    ]  # fmt: skip
    table = bench.run(points).table
    assert (table["status"] == "ok").all()
    spice_V = table["membrane_V"].to_numpy(float)

    coded = one_neuron(codes, chips)
    layer = MappedLayer(coded, 1.0, *(np.ones(chips) for _ in range(2)), np.full(chips, supply_V),
                        *(np.ones(chips) for _ in range(4)))  # fmt: skip
    (drawn,) = draw_chip(type("Mapped", (), {"layers": (layer,)}), MEASURED, 0)
    tables = measure_tables(bench, at, supply_V - 0.05, supply_V + 0.05)
    geometry = Geometry(len(codes), neuron.membrane_F, threshold_V=0.35, delay_s=0.4e-9)
    model_V = run_layer(tables, geometry, layer, np.ones((1, len(codes)), bool), drawn).membrane_V
    assert model_V.mean() == pytest.approx(spice_V.mean(), abs=2e-3)
    ratio = spice_V.std(ddof=1) / model_V.std()
    assert 0.55 < ratio < 1.6  # sixteen samples: a sigma known to 18 %
