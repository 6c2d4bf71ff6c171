"""The weight memory: what it is made of, and that codes are written, held and read back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.circuits.area import neuron_area
from anaspike.circuits.block import Technology
from anaspike.circuits.designs import design_for, design_named, driven, read_design
from anaspike.circuits.network import Network, NetworkNeuron
from anaspike.circuits.neuron import neuron
from anaspike.circuits.weight_memory import DATA, stored_bits, weight_memory
from anaspike.errors import InputError
from anaspike.experiments.network import NetworkTransient
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.protocol import NoAnswer
from anaspike.experiments.stored_codes import DrivenCharges, StoredCharges, StoredSpikes
from anaspike.experiments.weight_memory import CODES, WeightMemoryCycle
from anaspike.pdk.generic28 import Generic28

PDK, DESIGN = Generic28(), design_for("generic28")
STORED = design_named("generic28_stored_weights")


@given(st.integers(-7, 7))
def test_sign_and_magnitude_are_the_code(code):
    bits = stored_bits(code)
    size = sum(2**i * bits[f"b{i}"] for i in range(3))
    assert (-size if bits["sign"] else size) == code
    assert tuple(bits) == DATA


def test_both_codes_of_a_cycle_differ_in_every_bit():
    first, second = map(stored_bits, CODES)
    assert all(first[line] != second[line] for line in DATA)


def test_a_word_is_four_latches_of_eight_and_what_makes_six_bits_of_them():
    word = weight_memory(Technology(PDK), DESIGN.neuron.weight_memory)
    roles = {size.role for _, size in word.transistors()}
    assert len(list(word.transistors())) == 4 * 8 + 2 + 6 * 4
    assert roles == {"nmos_hvt", "pmos_hvt"}


def test_a_neuron_has_a_memory_where_its_weights_are_stored():
    tied, stored = (
        neuron(Technology(PDK), design.neuron, (3, -1, 2)) for design in (DESIGN, STORED)
    )
    assert "weights" not in tied.definitions()
    assert len(list(stored.transistors())) == len(list(tied.transistors())) + 3 * 58
    assert stored.ports[len(tied.ports) :] == (
        *("vdd_weights", "sign", "b2", "b1", "b0", "word1", "word2", "word3"),
    )


def test_its_area_is_a_row_of_its_own():
    *_, tied = neuron_area(PDK, DESIGN).parts
    *_, stored = neuron_area(PDK, STORED).parts
    assert (tied.name, stored.name) == ("18 bits of weight", "weight memory, 12 bits")
    assert (tied.transistors, stored.transistors) == (0, 174)
    assert stored.area_um2 < tied.area_um2
    assert neuron_area(PDK, DESIGN).core_um2 == neuron_area(PDK, STORED).core_um2


def test_weights_that_are_stored_nowhere(tmp_path):
    with pytest.raises(InputError, match="`weights` are stored, but there is no `weight_memory`"):
        replace(design_for("gf180mcu").neuron, weights="stored")
    file = tmp_path / "mine.toml"
    file.write_text('base = "generic28"\n[sizes]\nweights = "store"\n')
    with pytest.raises(InputError, match=r"sizes\.weights: there is no 'store'.*stored"):
        read_design(file)


def test_a_process_without_a_memory():
    with pytest.raises(InputError, match="this design has no weight memory; give a design file"):
        WeightMemoryCycle(PDK, design_for("gf180mcu"), (0.4,))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dips_V": ()}, "each dip must be deeper than the one before, from below 0.9 V"),
        ({"dips_V": (0.4, 0.5)}, "each dip must be deeper than the one before"),
        ({"dips_V": (0.9, 0.5)}, "each dip must be deeper than the one before"),
        ({"dips_V": (0.4, -0.1)}, "each dip must be deeper than the one before"),
        ({"dip_s": 0.0}, "the length of a dip"),
        ({"corner": "xx"}, "generic28 has no corner 'xx'"),
        ({"seed": -1}, "seed -1 is negative"),
    ],
)
def test_a_cycle_that_cannot_be_asked(changes, message):
    with pytest.raises(InputError, match=message):
        replace(WeightMemoryCycle(PDK, DESIGN, (0.4,)), **changes)


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ((), "give the codes to write, each once"),
        ((0, 3, 3), "give the codes to write, each once"),
        ((0, 8), "code 8 does not fit a 3-bit synapse"),
        ((1, -1), "0 must be among the codes"),
    ],
)
def test_codes_that_cannot_be_written(codes, message):
    with pytest.raises(InputError, match=message):
        StoredCharges(PDK, DESIGN, codes, 0.65)


def test_a_cycle(ngspice):
    point = WeightMemoryCycle(PDK, DESIGN, (0.4, 0.3, 0.0))
    row = point.measure(ngspice.run(point.build()))
    # Without a supply nothing holds for a millisecond.
    assert row["hold_V"] == 0.3
    # By hand: per bit that changes, one of two nodes of 2 fF and four gates rises; the bits made
    # of it, the lines and their drivers cost about as much again.
    assert 2e-15 * 0.81 < row["write_energy_per_bit_J"] < 8 * 2e-15 * 0.81
    assert 0 < row["write_delay_s"] < 5e-9
    # By hand: a device leaks 0.04 nA/um, 80 nm wide; of 14 to a bit about half are off.
    assert 1e-12 < row["static_power_per_bit_W"] < 10 * 0.9 * 0.04e-3 * 80e-9 * 14


def test_a_word_that_loses_its_code_in_the_first_dip(ngspice):
    point = WeightMemoryCycle(PDK, DESIGN, (0.0,))
    with pytest.raises(NoAnswer, match=r"code \+5 was lost in the first dip, to 0 V"):
        point.measure(ngspice.run(point.build()))


def test_charges_follow_the_codes_that_were_written(ngspice):
    codes = (0, 5, -2)
    stored, driven_ = (
        point.measure(ngspice.run(point.build()))
        for point in (kind(PDK, DESIGN, codes, 0.65) for kind in (StoredCharges, DrivenCharges))
    )
    assert stored["charge_+5_coulomb"] > 0 > stored["charge_-2_coulomb"]
    for code in (5, -2):
        name = f"charge_{code:+d}_coulomb"
        assert stored[name] == pytest.approx(driven_[name], rel=0.05)


def test_spikes_follow_the_codes_that_were_written(ngspice):
    design = driven(DESIGN, None, None, None, None)
    point = StoredSpikes(PDK, design, (0, 7), 0.75, spikes_in=2)
    assert point.measure(ngspice.run(point.build())) == {"spikes_+0": 0, "spikes_+7": 2}


def test_a_neuron_with_its_memory_fires_as_without(ngspice):
    tied, stored = (
        NeuronTransient(PDK, driven(design, (7, -1, 0), 2, None, None), 0.75, "tt")
        for design in (DESIGN, STORED)
    )
    without, with_it = (point.measure(ngspice.run(point.build())) for point in (tied, stored))
    assert with_it["spikes_out"] == without["spikes_out"] == 2
    assert "energy_weights_J" not in without
    assert 0 < with_it["energy_weights_J"] < 0.01 * with_it["energy_total_J"]
    shared = [name for name in without if name.startswith("energy_") and name.endswith("_J")]
    for name in shared:
        assert with_it[name] == pytest.approx(without[name], rel=0.02)


def test_each_neuron_of_a_network_has_its_own_codes_in_its_memory():
    cells = (NetworkNeuron("h", (("a", 3),), 0.65), NetworkNeuron("o", (("h", -5),), 0.65))
    network = Network(("a",), cells, ("o",))
    deck = NetworkTransient(PDK, STORED, network, {"a": 1}).build()
    assert deck.initial_V["xh.xweights1.sign_q"] == 0.0
    assert deck.initial_V["xo.xweights1.sign_q"] == 0.9
    assert "Vvdd_weights vdd_weights 0 0.9" in deck.body
    assert "i(vvdd_weights)" in deck.save
