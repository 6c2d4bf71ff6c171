"""A design for another core supply than the process's nominal one."""

from dataclasses import replace

import pytest

from anaspike.circuits.designs import design_for, read_design, written
from anaspike.errors import InputError
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.pdk.generic28 import Generic28
from anaspike.studies.blocks.sweep_vdd import SweepVdd


def test_a_process_on_another_supply_is_another_for_circuits():
    process = Generic28()
    lower = process.on_core(0.8)
    assert (process.vdd_V, lower.vdd_V) == (0.9, 0.8)
    assert lower != process == process.on_core(None) == lower.on_core(0.9)
    assert lower == Generic28().on_core(0.8)
    assert hash(lower) != hash(process)
    assert lower.key_parts() != process.key_parts()


def test_a_study_runs_on_the_supply_that_its_design_is_for(tmp_path):
    lower = replace(design_for("generic28"), core_V=0.8)
    file = tmp_path / "low.toml"
    file.write_text(written(lower))
    assert read_design(file) == lower
    study = SweepVdd(sized=lower)
    assert study.process.vdd_V == 0.8
    body = NeuronTransient(study.process, study.design, 0.65, "tt").build().body
    assert "Vvdd vdd 0 0.8" in body
    with pytest.raises(InputError, match=r"above the core supply of 0\.8 V"):
        SweepVdd(sized=lower, to_V=0.85).check()


@pytest.mark.parametrize("core", ["0.2V", "5V"])
def test_a_supply_that_its_transistors_are_not_for(tmp_path, core):
    file = tmp_path / "no.toml"
    file.write_text(f'base = "generic28"\ncore_V = "{core}"\n')
    with pytest.raises(InputError, match=r"core_V: a core supply of .* use 0.45 V to 1.8 V"):
        read_design(file)
