"""Supplies that are not given are those that the process's design is for."""

import pytest

from anaspike.circuits.designs import design_for
from anaspike.errors import InputError
from anaspike.studies.blocks.energy import Energy
from anaspike.studies.blocks.neuron import Neuron
from anaspike.studies.blocks.sweep_vdd import SweepVdd
from anaspike.studies.blocks.synapse import Synapse
from anaspike.studies.learning.charge_model import ChargeModel
from anaspike.studies.networks.calibrate import Calibrate

STUDIES = (SweepVdd, Energy, Synapse, Neuron, Calibrate, ChargeModel)


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("process", ["generic28", "sky130", "gf180mcu", "sg13g2"])
def test_a_process_is_asked_at_its_own_supplies(study, process):
    asked, supplies = study(pdk=process), design_for(process).supplies
    assert study.by_design
    for name, which in study.by_design.items():
        assert getattr(asked, name) == getattr(supplies, which)


@pytest.mark.parametrize("study", STUDIES)
def test_what_stands_in_the_class_is_the_first_process_s(study):
    assert not study().model_fields_set
    assert study(pdk="gf180mcu").model_fields_set == {"pdk", *study.by_design}


def test_what_is_given_holds_and_none_is_not_given():
    asked = SweepVdd(pdk="gf180mcu", from_V="0.9V", to_V=None)
    assert (asked.from_V, asked.to_V) == (0.9, 1.1)
    assert asked.under({"to_V": 1.0}).to_V == 1.0


def test_an_unknown_process_is_still_named():
    with pytest.raises(InputError, match="unknown PDK 'other'"):
        SweepVdd(pdk="other").check()
    with pytest.raises(InputError, match=r"sweep-vdd: pdk: "):
        SweepVdd(pdk=["generic28"])
