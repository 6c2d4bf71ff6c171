"""`characterise weight-memory`: what it finds, and what cannot be asked."""

import pytest

from anaspike.campaign.bench import Bench
from anaspike.errors import InputError
from anaspike.studies.blocks.weight_memory import WeightMemory


def test_codes_are_read_back_and_the_bounds_are_met(ngspice):
    study = WeightMemory(
        codes=(0, 2, -3), dip_step_V=0.1, corners=("tt",), temperatures_C=(27,), samples=2
    )
    answer = study.answer(Bench(ngspice))
    assert answer.ok
    judged = {verdict.spec.quantity for verdict in answer.verdicts}
    assert judged == {"codes_right", "spikes_follow", "hold_V", "static_power_nominal_W"}
    codes = answer.findings.tables["codes"]
    assert codes["code"].tolist() == codes["read"].tolist() == [-3, 0, 2]
    assert len(answer.findings.tables["corners"]) == 1
    assert len(answer.findings.tables["samples"]) == 2


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"corners": ()}, "weight-memory: give at least one corner and one temperature"),
        ({"samples": 1}, "weight-memory: 1 samples have no spread; give 2 or more"),
        (
            {"dip_step_V": 0.0},
            "weight-memory: steps of 0 V do not lead from half the supply to 0; give 1 mV to"
            " 0.45 V",
        ),
        (
            {"codes": (1, 2)},
            "0 must be among the codes: what a spike brings with it is not the weight's",
        ),
        (
            {"vdd_syn_V": 1.0},
            "a synapse supply of 1 V is above the core supply of 0.9 V on generic28: the spikes"
            " could not switch it off",
        ),
        ({"temperature_C": 300}, "a temperature of 300 °C is outside -100 to 200 °C"),
    ],
)
def test_what_cannot_be_asked(parameters, message):
    with pytest.raises(InputError) as caught:
        WeightMemory(**parameters).check()
    assert str(caught.value) == message
