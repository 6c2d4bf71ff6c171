"""A network that learns on a chip, the chip known by hand."""

import pytest

from anaspike.errors import InputError
from anaspike.studies.learning.tune_in_loop import TuneInLoop

STEPS = (
    "as meant, nominal neurons", "the chip, supplies as meant", "calibrated neuron by neuron",
    "NT in the loop", "calibrated, then NT in the loop", "perturbation, codes unknown",
)  # fmt: skip


class Bench:
    """Runs nothing: what it would be asked is answered by hand."""

    def once(self, key, make):
        return make(self)

    def say(self, doing):
        pass


def test_every_way_is_a_row_with_what_it_took(by_hand):
    study = TuneInLoop(
        seeds=1, updates=4, batch=16, meant_temperature_C=27, temperature_C=67, mismatch=0.3
    )
    study.check()
    found = study.find(Bench())
    assert by_hand == ["tt", "tt"]  # as meant, and as it is
    table = found.tables["steps"].set_index("step")
    assert tuple(table.index) == STEPS
    assert table["presentations"].tolist()[3:] == [4 * 2 * 16] * 3  # batches may differ by one
    assert table["presentations"].isna().tolist() == [True] * 3 + [False] * 3
    assert (table["energy_of_learning_J"].dropna() > 0).all()
    assert (table["supply_writes"].dropna() > 0).all()
    learning = found.tables["learning"]
    assert set(learning["step"]) == set(STEPS[3:])
    assert learning.groupby("step")["update"].max().tolist() == [4, 4, 4]
    supplies = found.tables["supplies"]
    assert {"before_V", "after_V", "meant_V"} < set(supplies)
    assert len(supplies) == 3 * (128 + 32)
    quantities = found.quantities
    lost = table["balanced"][STEPS[0]] - table["balanced"][STEPS[4]]
    assert quantities["lost_to_nominal"] == pytest.approx(lost)
    assert quantities["updates"] == 4
    for draw in found.figures.values():
        assert draw().axes


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"updates": 0}, "give at least 1 network, 1 update and 1 pattern"),
        ({"domains": 4}, "neurons that share rails cannot be tuned one by one"),
        ({"dataset": "bcdd"}, "unknown data set 'bcdd'"),
        ({"meant_temperature_C": 500}, "a temperature of 500"),
        ({"start_V": 0.6}, "tune-in-loop has no parameter 'start_V'"),
    ],
)
def test_bad_input_is_one_line(parameters, message):
    with pytest.raises(InputError) as error:
        TuneInLoop(**parameters).check()
    assert message in str(error.value)
