"""The XOR that learns its supplies: on a toy, and what is refused; its proof is in SPICE."""

import numpy as np
import pandas as pd
import pytest

from anaspike.campaign.bench import Batch, Bench
from anaspike.errors import InputError
from anaspike.mapping.characterise import NotMeasured
from anaspike.studies.networks.tune_xor import TuneXor


class ToyBench(Bench):
    """Neurons that follow an input's train where excitation is enough and nothing inhibits.

    A unit of code is as much as 1 at the threshold, an e-fold more for each 40 mV. Fast, they
    need less, and inhibition then comes late: both inputs together give spikes too.
    """

    def __init__(self, threshold_V, leaky_V=9.9, failing=False):
        self.threshold_V, self.leaky_V, self.failing = threshold_V, leaky_V, failing
        self.said = []

    def say(self, doing):
        self.said.append(doing)

    def run(self, points, keep=(), order=None):
        rows = [self._row(point) for point in points]
        return Batch(pd.DataFrame(rows), {})

    def _row(self, point):
        spikes = dict(point.spikes_in)
        for cell in point.network.neurons:
            strength = np.exp((cell.vdd_syn_V - self.threshold_V) / 0.04)
            excited = sum(c * spikes[s] for s, c in cell.synapses if c > 0) / 10
            inhibited = any(c < 0 and spikes[s] for s, c in cell.synapses)
            late = inhibited and cell.vdd_syn_V > self.leaky_V
            fires = strength * excited / 4 if not inhibited or late else 0.0
            spikes[cell.name] = int(np.clip(10 * (fires - 0.8) / 0.4, 0, 10)) if excited else 0
        counts = {f"spikes_{cell.name}": spikes[cell.name] for cell in point.network.neurons}
        status = "timeout" if self.failing else "ok"
        return {**point.conditions(), **counts, "energy_total_J": 1e-12, "status": status,
                "message": "slow"}  # fmt: skip


@pytest.mark.parametrize(("threshold_V", "leaky_V"), [(0.62, 9.9), (0.78, 9.9), (0.5, 0.59)])
def test_supplies_are_found_from_0v6_everywhere(threshold_V, leaky_V):
    bench = ToyBench(threshold_V, leaky_V)
    study = TuneXor(corner="ss", seed=3)
    study.check()
    found = study.find(bench)
    table = found.tables["updates"]
    assert table.filter(like="vdd_syn").iloc[0].tolist() == pytest.approx([0.6] * 3)
    quantities = found.quantities
    assert quantities["xor_right"] == 1 and quantities["margin_spikes"] >= 3
    assert quantities["evaluations"] == len(table) <= 40
    assert quantities["presentations"] == 4 * len(table)
    assert quantities["energy_of_learning_J"] == pytest.approx(4e-12 * len(table))
    moved = table.filter(like="vdd_syn").diff().abs() > 1e-9
    assert quantities["supply_writes"] == moved.to_numpy().sum()
    assert bench.said[-1] == f"evaluation {len(table)}: margin 3 spikes"
    figure = found.figures["updates"]()
    assert len(figure.axes) == 2


def test_a_chip_that_cannot_be_right_is_said_to_be_wrong():
    found = TuneXor(evaluations=6).find(ToyBench(2.0))
    assert found.quantities["xor_right"] == 0
    assert len(found.tables["updates"]) == 6


def test_a_run_that_fails_is_named():
    with pytest.raises(NotMeasured, match="what the network answers: timeout: slow"):
        TuneXor().find(ToyBench(0.6, failing=True))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"start_V": 0.4}, "from 0.45 V, start 0.4 V and to 0.8375 V must rise in that order"),
        ({"to_V": 0.95}, "up to the core supply of 0.9 V"),
        ({"evaluations": 0}, "`evaluations` 0: give at least 1"),
        ({"dac_bits": 0}, "`dac_bits` 0: a converter has 1 to 16 bits"),
        ({"corner": "st"}, "generic28 has no corner 'st'"),
        ({"updates": 3}, "tune-in-loop-xor has no parameter 'updates'"),
    ],
)
def test_bad_input_is_one_line(parameters, message):
    with pytest.raises(InputError) as error:
        TuneXor(**parameters).check()
    assert message in str(error.value)


def test_a_converter_of_two_codes_has_nothing_to_learn():
    with pytest.raises(InputError, match="every supply of the chip is at an end"):
        TuneXor(dac_bits=1).find(ToyBench(0.6))
