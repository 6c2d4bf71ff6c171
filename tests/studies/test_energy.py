"""Figures 8 and 7 in SPICE: a spike costs less as the supply rises, and where it goes."""

from pathlib import Path

import pandas as pd
import pytest

from anaspike.campaign.bench import Bench
from anaspike.cli import run
from anaspike.errors import InputError
from anaspike.studies.blocks.energy import Energy, _highest_unsaturated, _monotone


@pytest.fixture(scope="module")
def answer(ngspice):
    study = Energy(
        code_list=(7,), from_V=0.65, points=2, spikes_in=4, wire_capacitances_F=(2e-15, 5e-15)
    )
    return study.answer(Bench(ngspice))


def test_the_project_s_own_bounds_are_met(answer):
    assert answer.ok
    assert answer.findings.quantities["energy_per_spike_3MHz_J"] < 200e-15


def test_wires_cost_energy_at_every_supply(answer):
    table = answer.findings.tables["energy"].iloc[:-1]
    energy_J = table.set_index(["wire_capacitance_F", "vdd_syn_V"])["energy_per_spike_J"]
    for supply_V in (0.65, 0.75):
        assert energy_J[5e-15, supply_V] > energy_J[2e-15, supply_V]


def test_the_last_point_fires_one_to_one_at_the_paper_s_rate(answer):
    point = answer.findings.tables["energy"].iloc[-1]
    assert point["spikes_out"] == point["spikes_in"] == 4
    assert point["rate_out_Hz"] == pytest.approx(3.3e6)


def test_the_core_is_divided_at_two_rates_and_all_of_it_is_there(answer):
    split = answer.findings.tables["power_split"]
    assert split["rate_out_Hz"].nunique() == 2
    shares = split.groupby("rate_out_Hz")["share_of_core"].sum()
    assert list(shares) == pytest.approx([1.0, 1.0])
    apart = split[split["share_of_core"].isna()]
    assert set(apart["consumer"]) == {"synapses", "references"}
    # What the consumers take together is the energy of the spikes.
    table = answer.findings.tables["energy"].iloc[1]
    counted_s = 100e-9 + 5 * table["period_s"]
    fast_W = split[split["rate_out_Hz"] == split["rate_out_Hz"].max()]["power_W"].sum()
    assert fast_W * counted_s == pytest.approx(table["energy_total_J"])


def _curve(spikes, energies_fJ):
    return pd.DataFrame(
        {
            "code": 1,
            "wire_capacitance_F": 2e-15,
            "spikes_in": 10,
            "spikes_out": spikes,
            "rate_out_Hz": [s * 1e5 for s in spikes],
            "energy_per_spike_J": [None if e is None else e * 1e-15 for e in energies_fJ],
        }
    )


def test_only_a_rise_in_spikes_must_cost_less():
    assert _monotone(_curve([0, 1, 1, 5, 10, 10], [None, 300, 310, 120, 80, 90])) == 1
    assert _monotone(_curve([1, 2, 5], [300, 310, 100])) == 0
    assert _monotone(_curve([5, 5], [100, 90])) is None


def test_the_judged_energy_is_the_last_before_saturation():
    assert _highest_unsaturated(_curve([1, 5, 10], [300, 120, 80])) == pytest.approx(120e-15)
    assert _highest_unsaturated(_curve([10, 10], [80, 90])) is None


def test_by_default_every_code_has_a_curve_and_the_middle_one_each_wire():
    points = Energy().asked()
    curves = {(p.design.drive.codes[0], p.wire_capacitance_F) for p in points}
    assert curves == {(1, 2e-15), (3, 2e-15), (7, 2e-15), (3, 0.0), (3, 5e-15)}
    assert len(points) == 26


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"code_list": (0, 1)}, "each code must excite"),
        ({"code_list": (1, 1)}, "stand there once"),
        ({"code_list": (8,)}, "code 8 does not fit"),
        ({"from_V": 0.8}, "runs backwards"),
        ({"wire_capacitances_F": ()}, "energy needs wire capacitances, each once"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        Energy(**wrong).check()


def test_the_command_refuses_it_too(capsys):
    assert run(["energy", "--codes-list", "1,-3"]) == 2
    assert "each code must excite" in capsys.readouterr().err


def test_failed_points_stay_rows(stub):
    from anaspike.spice.ngspice.run import Ngspice

    broken = Ngspice.find(10, {"ANASPIKE_NGSPICE": str(stub("exit 1"))})
    answer = Energy(points=2, spikes_in=2).answer(Bench(broken, jobs=1))
    assert not answer.ok
    assert (answer.findings.tables["energy"]["status"] != "ok").all()
    assert set(answer.findings.quantities.values()) == {None}


@pytest.mark.sky130
def test_a_drawn_neuron_has_wires_of_its_own(klayout, sky130_models):
    neuron = str(Path(__file__).parents[2] / "netlists/layouts/neuron.gds")
    asked = {"pdk": "sky130", "code_list": (1,), "points": 2}
    drawn, sized = Energy(**asked, layout=neuron), Energy(**asked)
    assert len({point.wire_capacitance_F for point in sized.asked()}) == 3
    assert len({point.wire_capacitance_F for point in drawn.asked()}) == 1
    assert any("wires are those of the layout" in note for note in drawn._notes())
    assert not any("fF a node" in note for note in drawn._notes())
