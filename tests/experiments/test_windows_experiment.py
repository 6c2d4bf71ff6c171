"""One neuron over many windows: its deck, and what a spike, a pause and inhibition leave of it."""

from dataclasses import replace

import pytest

from anaspike.campaign.bench import Bench
from anaspike.circuits.designs import design_for
from anaspike.errors import InputError
from anaspike.experiments.windows import STEPS, Windows
from anaspike.pdk.generic28 import Generic28

YES, NO = True, False


def neuron(**changed):
    codes, trains = (7, 7, -7), ((YES, NO, NO), (YES, NO, NO), (NO, NO, YES))
    point = Windows(Generic28(), design_for("generic28"), codes, trains, 0.75, 600e-9)
    return replace(point, **changed)


def test_a_source_for_each_train_and_a_synapse_for_each_pair():
    point = neuron()
    assert point.groups == ((-7, (NO, NO, YES), 1), (7, (YES, NO, NO), 2))
    text = point.build().body
    assert "Vtrain1 train1 0 pwl(0 0\n+ 200n 0 200.2n 0.9 250n 0.9 250.2n 0\n+ )" in text
    assert "Vtrain2 train2 0 pwl(0 0\n+ 1.4u 0 " in text  # in the third window alone
    silent = neuron(trains=((YES, NO), (YES, NO), (NO, NO)))
    assert "train2" not in silent.build().body
    assert point.build().options.max_step_s == pytest.approx(max(10e-9, 600e-9 / STEPS))


def test_gates_that_never_switch_are_left_out_but_where_each_differs():
    # A NAND for each bit that is 1, for all six of two synapses, for all six of each of three.
    for point, synapses, gates in (
        (neuron(), 2, 6),
        (neuron(whole=True), 2, 12),
        (neuron(seed=1), 3, 18),
    ):
        paths = [path for cell in point.blocks.cells.values() for path, _ in cell.transistors()]
        assert sum(path.startswith("xnand") for path in paths) == 4 * gates
        assert sum(path.startswith(("xsource", "xsink")) for path in paths) == 6 * synapses


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"trains": ((YES,), (YES,))}, "3 codes and 2 trains"),
        ({"trains": ((YES, NO), (YES,), (NO,))}, "trains of different lengths"),
        ({"codes": (7, 7, 9)}, "9"),
        ({"period_s": 40e-9}, "does not fit a period"),
    ],
)
def test_what_cannot_be(changed, said):
    with pytest.raises(InputError, match=said):
        neuron(**changed)


@pytest.mark.ngspice
def test_without_gates_that_never_switch_a_membrane_is_the_same(ngspice):
    points = [neuron(codes=(5, 2, -7), whole=whole) for whole in (True, False)]
    whole, fewer = Bench(ngspice, 1).run(points).table.to_dict("records")
    for name, value in whole.items():
        if name.startswith(("fired", "membrane", "settled", "kept")):
            assert fewer[name] == pytest.approx(value, abs=0.1e-3)


@pytest.mark.ngspice
def test_it_fires_starts_anew_waits_and_is_inhibited(ngspice):
    row = Bench(ngspice, 1).run([neuron()]).table.iloc[0]
    assert row["status"] == "ok"
    assert [row[f"fired_{i}"] for i in range(3)] == [1, 0, 0]
    assert row["membrane_0_V"] > 0.45
    for name in ("settled_0_V", "kept_0_V", "membrane_1_V"):
        assert row[name] == pytest.approx(0.25, abs=0.02)
    assert row["membrane_2_V"] < 0.15
