"""The energy of an inference beside the additions of a digital machine."""

import pytest

from anaspike.campaign.statistics import mean_interval
from anaspike.mapping.energy import Inference
from anaspike.studies.learning.mapped import energy_table


def test_binary_inputs_are_added_never_multiplied():
    table = energy_table(Inference(3.0, 40.0, 2.0, 5e-12, 30.0))
    assert table["what"].tolist() == [
        "mapped network, SPICE's events",
        "digital, additions alone, 8 bits",
        "digital, additions alone, 32 bits",
    ]
    assert table["events"].tolist() == [40.0, 30.0, 30.0]
    # 0.03 and 0.1 pJ each (Horowitz, ISSCC 2014).
    assert table["energy_J"].tolist() == pytest.approx([5e-12, 0.9e-12, 3e-12])
    assert "energy_low_J" not in table  # of one network there is no mean


def test_of_several_networks_the_mean_has_its_interval():
    table = energy_table(
        Inference(3.0, 40.0, 2.0, 5e-12, 30.0), Inference(3.0, 60.0, 2.0, 7e-12, 50.0)
    )
    first = table.iloc[0]
    assert (first["events"], first["energy_J"]) == (50.0, pytest.approx(6e-12))
    assert (first["energy_low_J"], first["energy_high_J"]) == mean_interval([5e-12, 7e-12])
