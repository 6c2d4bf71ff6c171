"""The sinks' level of a chip: what sets it, and that calibration uses it."""

from dataclasses import replace

import pytest

from anaspike.campaign.bench import Bench
from anaspike.circuits.designs import design_for
from anaspike.errors import InputError
from anaspike.experiments.calibration import Chip, condition_of
from anaspike.experiments.synapse import SynapseRamp
from anaspike.pdk.generic28 import Generic28
from anaspike.studies.conditions import Conditions
from anaspike.studies.networks.calibrate import Calibrate
from anaspike.studies.networks.sinks import sink_levels

PDK, DESIGN = Generic28(), design_for("generic28")


def with_level(level_V):
    synapse = replace(DESIGN.neuron.synapse, sink_on_V=level_V)
    return replace(DESIGN, neuron=replace(DESIGN.neuron, synapse=synapse))


def test_a_unit_of_inhibition_is_a_nominal_unit_of_excitation_at_every_corner(ngspice):
    bench = Bench(ngspice)
    chips = [Chip("fs"), Chip("sf", seed=3)]
    levels_V = sink_levels(bench, PDK, DESIGN, chips, [0.6, 0.7], 0.85)
    assert list(levels_V) == [("tt", 27.0), ("fs", 27.0), ("sf", 27.0)]
    assert len(set(levels_V.values())) == 3
    plain = SynapseRamp(PDK, DESIGN)
    waves = bench.run([plain], keep=[0]).waveforms[0]
    nominal_A = plain.current_at(waves, 0.65)
    for chip in chips:
        ramp = SynapseRamp(PDK, with_level(levels_V[condition_of(chip)]), chip.corner)
        waves = bench.run([ramp], keep=[0]).waveforms[0]
        # Whatever the neuron's own supply.
        for supply_V in (0.55, 0.8):
            assert -ramp.current_at(waves, supply_V, -1) == pytest.approx(nominal_A, rel=0.02)


def test_calibration_sets_the_level_of_each_chip_and_says_so(ngspice):
    study = Calibrate(
        conditions=Conditions(corners=("fs",)), vdd_syn_V=0.7, spikes_in=2, from_V=0.65,
        resolution_V=0.05, sinks="set",
    )  # fmt: skip
    table = study.answer(Bench(ngspice)).findings.tables["calibrate"]
    assert 0.4 < table["sink_on_V"].item() < 0.85
    assert table["status"].tolist() == ["ok"]


def test_a_design_that_says_the_level_itself_cannot_have_it_set(ngspice):
    with pytest.raises(InputError, match="leave it out"):
        sink_levels(Bench(ngspice), PDK, with_level(0.6), [Chip()], [0.65], 0.85)
