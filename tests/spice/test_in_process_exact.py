"""In process as in batch: every experiment's deck gives the same numbers, to the last bit."""

import inspect
import pkgutil
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from anaspike import experiments
from anaspike.circuits.designs import design_for
from anaspike.circuits.network import Network, NetworkNeuron
from anaspike.experiments.charge import CoreCharge, SynapseCharge
from anaspike.experiments.comparator import ComparatorDecision, ComparatorThreshold
from anaspike.experiments.decision import Decision
from anaspike.experiments.device import DeviceTransfer
from anaspike.experiments.network import NetworkTransient
from anaspike.experiments.neuron_current import MembraneLeak, NeuronCurrent
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.noise import NoisyDecision, NoisyPulse
from anaspike.experiments.protocol import Experiment
from anaspike.experiments.pseudo_resistor import PseudoResistorCurve
from anaspike.experiments.spike_generator import SpikeGeneratorPulse
from anaspike.experiments.stored_codes import DrivenCharges, StoredCharges, StoredSpikes
from anaspike.experiments.synapse import SynapsePulse, SynapseRamp
from anaspike.experiments.weight_memory import WeightMemoryCycle
from anaspike.experiments.windows import Windows
from anaspike.pdk.generic28 import Generic28
from anaspike.pdk.roles import MosSize
from anaspike.pdk.sky130 import Sky130
from anaspike.spice.ngspice.library import needs_batch
from anaspike.spice.ngspice.run import Ngspice
from anaspike.studies.flow import read_flow

EXAMPLES = Path(__file__).parents[2] / "docs/examples"


def points_on(pdk):
    """Return a small point of each experiment: some nominal, some with a chip's mismatch."""
    design = design_for(pdk.name)
    design = replace(design, drive=replace(design.drive, spikes_in=1))
    at = {"pdk": pdk, "design": design}
    network = Network(("a",), (NetworkNeuron("n", (("a", 7),), 0.7),), ("n",))
    return (
        NeuronTransient(**at, vdd_syn_V=0.7, corner="ss", seed=1),
        NeuronCurrent(**at, vdd_syn_V=0.7, corner="tt", current_A=5e-9),
        MembraneLeak(**at, window_s=1e-6, seed=3),
        PseudoResistorCurve(**at, corner="tt", temperature_C=40.0),
        SynapseRamp(**at, corner="ff", from_V=0.6, to_V=0.7),
        SynapsePulse(**at, vdd_syn_V=0.6, codes=(7,), seed=2),
        SynapseCharge(**at, vdd_syn_V=0.6),
        CoreCharge(**at),
        ComparatorThreshold(**at, seed=1),
        ComparatorDecision(**at, threshold_V=0.5, overdrive_V=1e-3),
        SpikeGeneratorPulse(**at, bias_current_A=design.neuron.spike_generator.bias_current_A),
        Decision(**at, codes=(7, -3), active=(True, True), vdd_syn_V=0.6),
        DeviceTransfer(pdk, MosSize("nmos_svt", 1e-6, pdk.devices["nmos_svt"].l_min_m)),
        NetworkTransient(**at, network=network, spikes_in={"a": 1}),
        NoisyDecision(**at, codes=(5,), active=(True,), vdd_syn_V=0.65, start_V=0.25, shot=True),
        NoisyPulse(**at, bias_current_A=design.neuron.spike_generator.bias_current_A, draw=1),
        WeightMemoryCycle(**at, dips_V=(0.4,)),
        StoredCharges(**at, codes=(0, 7), vdd_syn_V=0.65),
        DrivenCharges(**at, codes=(0, 7), vdd_syn_V=0.65),
        StoredSpikes(**at, codes=(0, 7), vdd_syn_V=0.75, spikes_in=2),
        Windows(**at, codes=(7, -3), trains=((True, False),) * 2, vdd_syn_V=0.7, period_s=600e-9),
        brought_to(pdk),
    )


def brought_to(pdk):
    """Return the netlist of others that the documentation brings to a process."""
    name = {"generic28": "netlist.toml", "sky130": "netlist_sky130.toml"}[pdk.name]
    (study,) = read_flow(EXAMPLES / name).studies
    return study.point


def kinds():
    """Return every experiment there is: what builds a deck and measures its traces."""
    modules = [
        import_module(f"anaspike.experiments.{module.name}")
        for module in pkgutil.iter_modules(experiments.__path__)
    ]
    found = {one for module in modules for _, one in inspect.getmembers(module, inspect.isclass)}
    return {one for one in found if hasattr(one, "build") and hasattr(one, "measure")} - {
        Experiment
    }


@pytest.fixture(scope="module")
def ways(in_process):
    """ngspice in process, and the same in batch."""
    return in_process, Ngspice(in_process.executable, in_process.version, 600.0)


def assert_equal(point, deck, ways):
    assert not needs_batch(deck)
    inside, batch = (simulator.run(deck) for simulator in ways)
    assert inside.time_s.tobytes() == batch.time_s.tobytes()
    assert all(inside[name].tobytes() == batch[name].tobytes() for name in deck.save)
    return inside, batch


def as_short(deck):
    """Return the first moments of a deck: all that a simulator can read otherwise is read."""
    return replace(deck, stop_s=min(deck.stop_s, 20 * deck.options.max_step_s))


def test_every_experiment_is_among_them():
    assert {type(point) for point in points_on(Generic28())} == kinds()


def test_every_experiment_gives_the_same_to_the_bit(ways):
    """One worker runs them all, and the first again: nothing of one is left to the next."""
    points = points_on(Generic28())
    for point in (*points, points[0]):
        assert_equal(point, as_short(point.build()), ways)


def test_a_row_is_the_same_to_the_bit(ways):
    for point in points_on(Generic28()):
        if isinstance(point, PseudoResistorCurve | DeviceTransfer | SynapsePulse):
            inside, batch = assert_equal(point, point.build(), ways)
            assert point.measure(inside) == point.measure(batch)


def test_sky130_gives_the_same_to_the_bit(ways, sky130_models):
    for point in points_on(Sky130(sky130_models)):
        if isinstance(point, NeuronTransient | PseudoResistorCurve):
            assert_equal(point, as_short(point.build()), ways)


@pytest.mark.proof
def test_whole_runs_of_every_experiment_give_the_same_to_the_bit(ways, sky130_models):
    for pdk in (Generic28(), Sky130(sky130_models)):
        for point in points_on(pdk):
            assert_equal(point, point.build(), ways)
