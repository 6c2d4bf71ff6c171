"""One bias mirror serves many neurons of a chip: of its power each counts its part."""

import numpy as np
import pytest

from anaspike.campaign.keys import Keys
from anaspike.circuits.designs import design_for, resized
from anaspike.errors import InputError
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.testbench import energies, shared_by, static_power
from anaspike.pdk.generic28 import Generic28
from anaspike.studies.said import said_of_mirror

SHARE = "spike_generator.neurons_per_mirror"
VOLTAGES_V = {"vdd": 0.9, "vdd_bias": 0.9, "v_th": 0.35}
CONSUMERS = {"vdd": "core", "vdd_bias": "references", "v_th": "references"}


class Steady:
    """A microampere out of every source, all the time."""

    time_s = np.linspace(0.0, 1e-6, 101)

    def __getitem__(self, vector):
        return np.full(101, -1e-6)


def test_only_the_mirror_is_shared():
    one, many = (
        energies(Steady(), VOLTAGES_V, CONSUMERS, 1e-6, shared)
        for shared in ({}, {"vdd_bias": 1 / 64})
    )
    counted_s = 0.9e-6  # all but the settling
    assert one["references"] == pytest.approx((0.9 + 0.35) * 1e-6 * counted_s)
    assert many["references"] == pytest.approx((0.9 / 64 + 0.35) * 1e-6 * counted_s)
    assert many["core"] == one["core"]
    apart_W = static_power(Steady(), VOLTAGES_V, {"vdd_bias": 0.5})
    assert apart_W == pytest.approx((0.9 + 0.45 + 0.35) * 1e-6)


def test_a_network_counts_a_part_for_each_of_its_neurons():
    sizes = resized(design_for("generic28"), {SHARE: 10}).neuron
    assert shared_by(sizes) == {"vdd_bias": pytest.approx(0.1)}
    assert shared_by(sizes, 3) == {"vdd_bias": pytest.approx(0.3)}


def test_how_many_share_it_changes_no_device_but_the_result():
    own = design_for("generic28")
    points = [
        NeuronTransient(Generic28(), design, 0.65, "tt")
        for design in (own, resized(own, {SHARE: 1}))
    ]
    decks = [point.build() for point in points]
    assert decks[0].digest() == decks[1].digest()
    keys = {Keys().of(point, deck, "ngspice") for point, deck in zip(points, decks, strict=True)}
    assert len(keys) == 2


def test_what_an_answer_says_of_it():
    own = design_for("generic28")
    assert "serves 64 neurons" in said_of_mirror(own, own)
    assert "serves 64 or 8 neurons" in said_of_mirror(own, resized(own, {SHARE: 8}))


@pytest.mark.parametrize("count", [0, -3, 1.5])
def test_no_count_of_neurons(count):
    with pytest.raises(InputError, match="neurons_per_mirror"):
        resized(design_for("generic28"), {SHARE: count})
