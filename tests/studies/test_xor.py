"""XOR: how a truth table is judged, and one case of it in SPICE."""

from pathlib import Path

import pandas as pd
import pytest

from anaspike.campaign.bench import Batch, Bench
from anaspike.campaign.specs import Spec, judge
from anaspike.campaign.statistics import wilson
from anaspike.circuits.designs import design_for
from anaspike.circuits.network import Network, NetworkNeuron
from anaspike.errors import InputError
from anaspike.experiments.network import NetworkTransient
from anaspike.experiments.network_file import read_network
from anaspike.pdk.generic28 import Generic28
from anaspike.studies.networks.network import SimulateNetwork
from anaspike.studies.networks.xor import CASES, Xor, _quantities, _truth

NETWORKS = Path(__file__).parents[2] / "flows/networks"


def truth(counts, plans=(("tt", "nominal", None, {}),)):
    rows = [
        {
            "case": kind, "corner": corner, "seed": seed, "in_a": 0, "in_b": 0,
            "spikes_out": count, "energy_total_J": 1e-12, "status": "ok",
        }
        for (corner, kind, seed, _), block in zip(plans, counts, strict=True)
        for count in block
    ]  # fmt: skip
    assert len(rows) == len(CASES) * len(plans)
    return _truth(Batch(pd.DataFrame(rows), {}), plans, "out")


@pytest.mark.parametrize(
    ("counts", "margins", "right"),
    [
        ((0, 10, 10, 0), [3, 8, 8, 3], True),
        ((0, 3, 4, 2), [3, 1, 2, 1], True),  # the paper's own: 2 spikes for a 0, at least 3 for a 1
        ((0, 2, 10, 0), [3, 0, 8, 3], False),
        ((0, 10, 10, 3), [3, 8, 8, 0], False),
    ],
)
def test_fewer_than_three_spikes_are_a_zero(counts, margins, right):
    table = truth([counts])
    assert table["margin_spikes"].tolist() == margins
    quantities = _quantities(table)
    assert quantities["xor_right"].tolist() == [float(right)]
    assert quantities["margin_spikes"].tolist() == [min(margins)]


def test_where_supplies_are_set_those_count():
    plans = (("tt", "nominal", None, {}), ("ss", "nominal", None, {}), ("ss", "set", None, {}))
    good, bad = (0, 10, 10, 0), (0, 0, 0, 0)
    assert _quantities(truth([good, bad, good], plans))["xor_right"].tolist() == [1, 1]
    wrong = _quantities(truth([good, good, bad], plans))
    assert wrong["xor_right"].tolist() == [1, 0]
    (verdict,) = judge([Spec("xor_right", 1)], wrong)
    assert (verdict.met, verdict.within, verdict.rows, verdict.worst) == (False, 1, 2, "ss")


def test_yield_counts_whole_samples():
    plans = (("tt", "nominal", None, {}), *(("tt", "nominal", seed, {}) for seed in range(4)))
    good, bad = (0, 10, 10, 0), (0, 10, 10, 4)
    quantities = _quantities(truth([good, good, bad, good, good], plans))
    assert quantities["yield"] == 0.75
    assert (quantities["yield_low"], quantities["yield_high"]) == wilson(3, 4)
    assert quantities["xor_right_nominal"].tolist() == [1]
    # A limit of one's own sees the samples too.
    (verdict,) = judge([Spec("xor_right", 1)], quantities)
    assert (verdict.met, verdict.within, verdict.rows) == (False, 4, 5)
    assert verdict.worst == "tt, seed 1"
    assert quantities["margin_spikes"].tolist() == [3, 3, -1, 3, 3]


def test_one_case_in_spice(ngspice):
    point = NetworkTransient(
        Generic28(), design_for("generic28"), Xor().network(), {"a": 3, "b": 0}, "tt"
    )
    row = point.measure(ngspice.run(point.build()))
    assert (row["spikes_h1"], row["spikes_h2"], row["spikes_out"]) == (3, 0, 3)
    assert row["energy_total_J"] > 0


def test_five_neurons_in_spice(ngspice):
    network = Xor(reading="five").network()
    point = NetworkTransient(Generic28(), design_for("generic28"), network, {"a": 3, "b": 0}, "tt")
    row = point.measure(ngspice.run(point.build()))
    spikes = {name: row[f"spikes_{name}"] for name in ("i1", "i2", "h1", "h2", "out")}
    assert spikes == {"i1": 3, "i2": 0, "h1": 3, "h2": 0, "out": 3}


@pytest.mark.parametrize("pdk", ["generic28", "sky130", "gf180mcu", "sg13g2"])
def test_five_neurons_are_the_three_and_two_that_relay_the_inputs(pdk):
    three = read_network(NETWORKS / "xor.toml", pdk).network.neurons
    *relays, h1, h2, out = read_network(NETWORKS / "xor_five.toml", pdk).network.neurons
    assert [(cell.name, [name for name, _ in cell.synapses]) for cell in relays] == [
        ("i1", ["a"]), ("i2", ["b"]),
    ]  # fmt: skip
    relayed = {"i1": "a", "i2": "b"}
    for cell, plain in zip((h1, h2, out), three, strict=True):
        heard = tuple((relayed.get(name, name), code) for name, code in cell.synapses)
        assert (cell.name, heard, cell.vdd_syn_V) == (plain.name, plain.synapses, plain.vdd_syn_V)


def test_a_mismatch_sample_reaches_every_neuron():
    point = NetworkTransient(
        Generic28(), design_for("generic28"), Xor().network(), {"a": 1, "b": 1}, seed=1
    )
    devices = {device.split(".")[1] for device, _, _ in point.build().alter}
    assert devices == {"xh1", "xh2", "xout", "xbias"}


def test_a_network_of_one_neuron(ngspice, tmp_path):
    path = tmp_path / "one.toml"
    path.write_text(
        'inputs = ["a"]\noutputs = ["n"]\n[neurons.n]\nvdd_syn = "0.75V"\nsynapses = { a = 7 }\n'
    )
    answer = SimulateNetwork(file=path, spikes_in={"a": 2}).answer(Bench(ngspice))
    assert answer.ok
    assert answer.findings.quantities["spikes_n"] == 2
    assert answer.manifest["parameters"]["file"] == "one.toml"


@pytest.mark.parametrize(
    ("spikes", "message"),
    [
        ({"a": 1}, "the inputs are a, b; give each its number of spikes"),
        ({"a": 1, "b": 1, "c": 1}, "the inputs are a, b; give each its number of spikes"),
        ({"a": -1, "b": 0}, "input 'a' cannot get -1 spikes; give 0 or more"),
    ],
)
def test_inputs_that_are_none(spikes, message):
    with pytest.raises(InputError) as caught:
        NetworkTransient(Generic28(), design_for("generic28"), Xor().network(), spikes)
    assert str(caught.value) == message


def test_a_supply_above_the_core():
    network = Network(("a",), (NetworkNeuron("n", (("a", 1),), 1.0),), ("n",))
    with pytest.raises(InputError, match=r"a synapse supply of 1 V is above the core"):
        NetworkTransient(Generic28(), design_for("generic28"), network, {"a": 1})


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"reading": "mine"}, "xor-test: reading: Input should be 'wide', 'paper' or 'five'"),
        ({"corners": ("tt", "xx")}, "generic28 has no corner 'xx'; choose one of tt, ff"),
        ({"mc": -1}, "xor-test: -1 mismatch samples; give 0 to 10000"),
        ({"mc": 10**12}, "xor-test: 1000000000000 mismatch samples; give 0 to 10000"),
        ({"seed": -1}, "seed -1 is negative; use 0 or more"),
        ({"corners": ()}, "the XOR needs at least one corner; give `corners`, for example tt"),
        ({"corners": ("tt", "tt")}, "xor-test goes through each corner once; name none twice"),
        ({"temperature_C": -300}, "a temperature of -300 °C is outside -100 to 200 °C"),
        ({"corner": "tt"}, "xor-test has no parameter 'corner'; did you mean 'corners'?"),
    ],
)
def test_parameters_that_make_no_sense(parameters, message):
    with pytest.raises(InputError) as caught:
        Xor(**parameters).check()
    assert str(caught.value).startswith(message)
