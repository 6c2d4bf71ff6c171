"""From an NT value to a voltage: the curve, the converter, the rails."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.learning.network import Layer, Network
from anaspike.mapping.domains import share
from anaspike.mapping.quantise import quantise
from anaspike.mapping.supplies import assign_supplies
from anaspike.mapping.supply_curve import Dac, SupplyCurve

SUPPLY_V = np.linspace(0.5, 0.8, 31)


@pytest.fixture
def curve():
    """An exponential curve: the answer is known in closed form."""
    return SupplyCurve(SUPPLY_V, np.exp((SUPPLY_V - 0.65) / 0.05))


@pytest.fixture
def network():
    rng = np.random.default_rng(5)
    hidden = Layer.of(rng.normal(size=(12, 10)), rng.normal(size=12), rng.uniform(-3, 3, 12))
    return Network((hidden, Layer.of(rng.normal(size=(3, 12)), amplifier=[0.5, 1, 2])))


def test_the_supply_of_a_k_gives_that_k(curve):
    k = np.array([0.1, 0.25, 1.0, 3.9])
    supply_V, clipped = curve.supply_for(k)
    assert not clipped.any()
    np.testing.assert_allclose(supply_V, 0.65 + 0.05 * np.log(k), atol=2e-4)
    np.testing.assert_allclose(curve.k_at(supply_V), k, rtol=1e-6)


def test_nothing_is_known_outside_the_curve(curve):
    assert np.isnan(curve.k_at([0.49, 0.81])).all()
    supply_V, clipped = curve.supply_for([0.001, 1.0, 1000.0])
    assert supply_V[[0, 2]].tolist() == [0.5, 0.8]
    assert clipped.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"vdd_syn_V": [0.5, 0.6, 0.7], "k": [1.0, 3.0, 2.0]},
         "curve.csv: k does not rise from row 2 to the next (3 to 2); a supply can be found only"
         " on a curve that rises"),
        ({"vdd_syn_V": [0.5, 0.5], "k": [1.0, 2.0]},
         "curve.csv: vdd_syn_V does not rise from row 1 to the next (0.5 to 0.5); a supply can be"
         " found only on a curve that rises"),
        ({"vdd_syn_V": [0.5], "k": [1.0]}, "curve.csv: a curve needs at least two rows"),
        ({"vdd_syn_V": [0.5, 0.6], "k": [-1.0, 2.0]}, "curve.csv: k is -1; it must be positive"),
        ({"vdd_syn_V": [0.5, 0.6], "k": [np.nan, 2.0]},
         "curve.csv: a supply or a k is not a finite number"),
        ({"vdd_syn_V": [0.5, 0.6]},
         "curve.csv: the column k is missing; `anaspike characterise synapse` writes such a table"
         " as k_of_vdd_syn.csv"),
        ({"vdd_syn_V": ["x", "y"], "k": [1, 2]},
         "curve.csv: the column vdd_syn_V holds what is no number"),
    ],
)  # fmt: skip
def test_a_table_that_is_no_curve_is_refused(table, message):
    with pytest.raises(InputError) as caught:
        SupplyCurve.of_table(pd.DataFrame(table), "curve.csv")
    assert str(caught.value) == message


def test_a_curve_is_read_from_a_file(curve, tmp_path):
    path = tmp_path / "k.csv"
    pd.DataFrame({"vdd_syn_V": curve.supply_V, "k": curve.k}).to_csv(path, index=False)
    np.testing.assert_array_equal(SupplyCurve.read(path).k, curve.k)
    with pytest.raises(InputError) as caught:
        SupplyCurve.read(tmp_path / "none.csv")
    assert str(caught.value) == f"cannot read {tmp_path}/none.csv: No such file or directory"


def test_a_converter_has_its_ends_and_the_nearest_code_between():
    dac = Dac(5, 0.5, 0.81)
    assert dac.step == pytest.approx(0.01)
    codes = dac.code(np.array([0.4, 0.5, 0.514, 0.516, 0.81, 0.9]))
    assert codes.tolist() == [0, 0, 1, 2, 31, 31]
    np.testing.assert_allclose(dac.supply(codes)[[1, 4]], [0.5, 0.81])


@pytest.mark.parametrize("bits", [0, -1, 17])
def test_a_converter_without_bits_is_none(bits):
    with pytest.raises(InputError) as caught:
        Dac(bits, 0.5, 0.8)
    assert str(caught.value) == f"`dac_bits` {bits}: a converter has 1 to 16 bits"


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=7), st.integers(1, 7))
def test_no_other_way_to_share_rails_is_better(values, domains):
    k = np.array(values)
    domains = min(domains, len(k))
    rail, k_of_rail = share(k, domains)
    cost = np.sum((np.log(k) - np.log(k_of_rail[rail])) ** 2)
    x = np.sort(np.log(k))
    best = min(
        sum(np.sum((part - part.mean()) ** 2) for part in np.split(x, cuts))
        for cuts in itertools.combinations(range(1, len(x)), domains - 1)
    )
    assert cost <= best + 1e-9
    assert (np.diff(k_of_rail) > 0).all()


@pytest.mark.parametrize(
    ("domains", "message"),
    [
        (0, "`domains` 0: the neurons need at least 1 rail"),
        (16, "`domains` 16: the network has 15 neurons, and a rail without a neuron is none; give"
             " fewer"),
    ],
)  # fmt: skip
def test_rails_that_cannot_be(network, curve, domains, message):
    with pytest.raises(InputError) as caught:
        assign_supplies(quantise(network), network, curve, domains=domains)
    assert str(caught.value) == message


def test_with_continuous_supplies_the_mapped_network_is_the_coded_one(network, curve):
    coded = quantise(network)
    mapped = assign_supplies(coded, network, curve)
    inputs = (np.random.default_rng(0).random((50, 10)) < 0.5).astype(np.float32)
    expected = [layer.layer() for layer in coded]
    for layer, drive in zip(expected, mapped.ideal.drives(inputs)[:1], strict=False):
        np.testing.assert_allclose(drive, layer.drive(inputs), rtol=1e-4, atol=1e-4)
    table = mapped.table()
    assert list(table) == [
        "layer", "neuron", "k", "vdd_syn_V", "dac_code", "rail", "clipped", "flipped",
    ]  # fmt: skip
    assert len(table) == 15
    assert (table["flipped"][:12] == (network.layers[0].amplifier < 0)).all()
    # Each layer's middle neuron has the reference supply, unless its largest k would pass 2.5.
    for _, k in table["k"].groupby(table["layer"]):
        assert k.median() == pytest.approx(1) or (k.max() == pytest.approx(2.5) and k.median() < 1)


def test_a_converter_and_rails_move_supplies_by_no_more_than_they_must(curve):
    rng = np.random.default_rng(5)
    hidden = Layer.of(rng.normal(size=(24, 10)), rng.normal(size=24), rng.uniform(-3, 3, 24))
    network = Network((hidden, Layer.of(rng.normal(size=(3, 24)), amplifier=[0.5, 1, 2])))
    coded = quantise(network)
    free = assign_supplies(coded, network, curve).table()
    five = assign_supplies(coded, network, curve, dac_bits=5)
    inside = free["vdd_syn_V"].between(five.dac.low_V, five.dac.high_V)
    assert inside.mean() > 0.8
    off_V = np.abs(five.table()["vdd_syn_V"] - free["vdd_syn_V"])
    assert (off_V[inside] <= five.dac.step / 2 + 1e-9).all()
    assert set(five.table()["dac_code"][~inside]) == {0, 31}
    assert five.table()["dac_code"].between(0, 31).all()
    three = assign_supplies(coded, network, curve, domains=3).table()
    assert three["vdd_syn_V"].nunique() == three["rail"].nunique() == 3
    one = assign_supplies(coded, network, curve, domains=1, dac_bits=3).table()
    assert one["vdd_syn_V"].nunique() == 1


def test_of_few_neurons_a_converter_reaches_them_all(network, curve):
    free = assign_supplies(quantise(network), network, curve).table()["vdd_syn_V"]
    dac = assign_supplies(quantise(network), network, curve, dac_bits=5).dac
    assert (dac.low_V, dac.high_V) == pytest.approx((free.min(), free.max()))
    assert not dac.widened


@pytest.mark.parametrize("bits", [1, 2, 5, 8, 12, 16])
@pytest.mark.parametrize("gains", [[1.0], [1.0, 1.0, 1.0], [1.0, 1.001, 1.0, 0.999], [1e-6] * 3])
def test_no_converter_has_steps_below_a_millivolt(curve, bits, gains):
    network = Network((Layer.of(np.ones((len(gains), 2)), amplifier=gains),))
    coded = quantise(network)
    free = assign_supplies(coded, network, curve).table()["vdd_syn_V"]
    mapped = assign_supplies(coded, network, curve, dac_bits=bits)
    dac, given_V = mapped.dac, mapped.table()["vdd_syn_V"]
    assert dac.widened
    assert dac.step == pytest.approx(1e-3)
    assert dac.low_V >= 0
    assert given_V.between(curve.supply_V[0], curve.supply_V[-1]).all()
    # The middle supply is one of its codes.
    middle_V = float(np.median(free))
    assert dac.supply(dac.code(np.array([middle_V]))) == pytest.approx([middle_V])
    if bits >= 5:
        assert (np.abs(given_V - free) <= 0.5e-3 + 1e-9).all()


def test_a_k_outside_the_curve_is_clipped_and_listed(curve):
    network = Network((Layer.of(np.ones((3, 2)), amplifier=[1.0, 1e-4, 1.0]),))
    table = assign_supplies(quantise(network), network, curve).table()
    assert table["clipped"].tolist() == [False, True, False]
    assert table["vdd_syn_V"][1] == 0.5


def test_the_largest_k_is_held_where_the_middle_would_push_it_beyond(curve):
    network = Network((Layer.of(np.ones((3, 2)), amplifier=[1.0, 8.0, 1.0]),))
    table = assign_supplies(quantise(network), network, curve).table()
    assert table["k"].tolist() == pytest.approx([2.5 / 8, 2.5, 2.5 / 8])


def test_a_network_that_lies_outside_altogether_is_refused():
    curve = SupplyCurve(SUPPLY_V, np.linspace(2, 20, 31), "high.csv")
    network = Network((Layer.of(np.ones((2, 2)), amplifier=[1.0, 1.1]),))
    with pytest.raises(InputError) as caught:
        assign_supplies(quantise(network), network, curve)
    assert str(caught.value) == (
        "the k of every neuron (0.952 to 1.05) lies outside high.csv (2 to 20): nothing can be"
        " mapped; give a curve over more supplies"
    )


def test_a_silent_neuron_gets_the_lowest_supply(curve):
    network = Network((Layer.of(np.ones((3, 2)), amplifier=[1.0, 0.0, 1.0]),))
    table = assign_supplies(quantise(network), network, curve, domains=2).table()
    assert table["vdd_syn_V"][1] == table["vdd_syn_V"].min()
    assert table["clipped"][1]
