"""What a synapse-supply domain needs, in SPICE; what is refused."""

from pathlib import Path

import pytest

from anaspike.campaign.bench import Bench
from anaspike.errors import InputError
from anaspike.studies.blocks.supply import Supply

XOR = Path(__file__).parents[2] / "flows/networks/xor.toml"


@pytest.fixture(scope="module")
def findings(ngspice):
    study = Supply(
        source_ohms=("0", "10k", "100k", "1M"), decouplings_F=("0", "1p"), synapses=(1, 10),
        spikes_in=4,
    )  # fmt: skip
    return study.find(Bench(ngspice))


def rows(findings, **where):
    table = findings.tables["supply"]
    for name, value in where.items():
        table = table[table[name] == value]
    return table.set_index("source_ohm")


def test_a_larger_source_leaves_less_of_a_synapse(findings):
    alone = rows(findings, synapses=1, decoupling_F=0)
    assert alone["status"].eq("ok").all()
    assert alone["k"].iloc[0] == 1
    assert alone["droop_V"].iloc[0] == pytest.approx(0, abs=1e-6)
    assert alone["k"].is_monotonic_decreasing
    assert alone["droop_V"].is_monotonic_increasing
    assert alone["k"][1e6] < 0.5
    assert alone["k"][1e4] > 0.9
    assert alone["spikes_out"][1e6] <= alone["spikes_out"][0]


def test_the_first_spike_is_fed_by_the_capacitor(findings):
    alone, decoupled = (rows(findings, synapses=1, decoupling_F=c) for c in (0, 1e-12))
    assert decoupled["k"][1e6] > 2 * alone["k"][1e6]


def test_ten_synapses_on_a_source_are_one_on_ten_times_as_much(findings):
    one, ten = (rows(findings, synapses=n, decoupling_F=0) for n in (1, 10))
    assert ten["k"][1e4] == one["k"][1e5]


def test_what_is_enough_was_run(findings):
    needs, asked = findings.tables["needs"], findings.quantities
    assert needs["status"].eq("ok").all()
    assert 0.5 * 5e-3 < needs["droop_V"].max() <= 5e-3
    one, ten = (needs[needs["synapses"] == n].reset_index() for n in (1, 10))
    assert ten["source_ohm"][0] == pytest.approx(one["source_ohm"][0] / 10)
    assert ten["decoupling_F"][1] == pytest.approx(10 * one["decoupling_F"][1])
    # A capacitor lets the source be larger: it makes good over a period, not within a spike.
    assert one["source_ohm"][1] > one["source_ohm"][0]
    # By hand: 5 mV over the current that flows during a spike.
    assert one["source_ohm"][0] == pytest.approx(5e-3 / one["current_A"][0], rel=1e-6)
    # How much droop a count stands is a matter of its margin, which is another at every supply.
    assert asked["source_for_counts_ohm"] > 0


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"network": XOR},
            "supply: a domain of 100 synapses, and the network of xor.toml has [0-9]+; give at",
        ),
        ({"synapses": (1,), "codes": (4, 4)}, "too small for a neuron of which 2 are active"),
        ({"codes": (0,)}, "supply: no synapse is active; give a code that is not 0"),
        ({"codes": (9,)}, "code 9 does not fit a 3-bit synapse"),
        ({"source_ohms": (1e3,)}, "supply: source_ohms must begin with 0"),
        ({"source_ohms": (0,)}, "supply: give source_ohms one more than 0"),
        ({"decouplings_F": (0, 2e-12, 1e-12)}, "supply: decouplings_F must begin with 0"),
        ({"synapses": ()}, "supply: synapses are whole numbers of at least 1 that rise"),
        ({"droop_V": 0.7}, "supply: droop_V must lie above 0 and below the synapse supply"),
        ({"vdd_syn_V": 2}, "above the core supply"),
    ],
)
def test_refused(asked, message):
    with pytest.raises(InputError, match=message):
        Supply(**asked).check()
