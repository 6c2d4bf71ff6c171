"""The whole way on a neuron known by hand; what SPICE adds stands in test_map and the reference."""

import numpy as np
import pandas as pd
import pytest

from anaspike.learning.network import Layer, Network
from anaspike.mapping.characterise import NotMeasured
from anaspike.studies.base import Bench as RealBench
from anaspike.studies.conditions import Conditions, under
from anaspike.studies.flow import read_flow
from anaspike.studies.learning import mapped
from anaspike.studies.learning import train_and_map as module
from anaspike.studies.learning.train_and_map import TrainAndMap


class Bench:
    """Runs nothing: what it would be asked is answered below."""

    def __init__(self):
        self.said = []

    def once(self, key, make):
        return make(self)

    def say(self, doing):
        self.said.append(doing)


def test_every_step_is_a_row_and_the_losses_are_between_them(by_hand):
    study = TrainAndMap(
        seeds=2, samples=4, corner="ss", mismatch=0.2, calibrate=True, sweeps=False, windows=3
    )
    bench = Bench()
    found = study.find(bench)
    assert by_hand == ["tt", *["ss"] * 4]  # a real bench measures once
    assert bench.said == [
        "training network 1 of 2", "training network 2 of 2", "simulating",
        "mapping network 1 of 2", "mapping network 2 of 2", "simulating",
    ]  # fmt: skip
    table = found.tables["steps"].set_index("step")
    assert list(table.index) == [
        "chance", "majority class", "untuned", "head alone", "full fine-tuning",
        "head alone, windowed rule, one output a class", "NT, windowed rule, one output a class",
        "NT, weights as numbers", "NT, 3-bit codes",
        "one spiking layer, windowed rule, one output a class", "one spiking layer, 3-bit codes",
        "ordinary classifier, inputs", "ordinary classifier, features",
        "NT on hardware, k(V) alone", "NT on hardware, trimmed", "NT on hardware, 5-bit converter",
        "one layer on hardware, k(V) alone", "one layer on hardware, trimmed",
        "one layer on hardware, 5-bit converter", "NT on corner ss, gain sigma 0.2",
        "NT calibrated neuron by neuron", "one layer on corner ss, gain sigma 0.2",
        "one layer calibrated neuron by neuron",
    ]  # fmt: skip
    assert table["accuracy"]["chance"] < 1 / 4
    for name in ("accuracy", "balanced", "argmax", "argmax_balanced"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
    assert (table["argmax"] >= table["accuracy"]).all()
    assert table["balanced"]["NT, 3-bit codes"] > table["balanced"]["untuned"] + 0.2
    assert table["balanced"]["NT on hardware, trimmed"] > table["balanced"]["untuned"] + 0.2
    by_codes = table["balanced"]["NT, weights as numbers"] - table["balanced"]["NT, 3-bit codes"]
    assert found.quantities["loss_by_codes"] == pytest.approx(by_codes)
    lost = table["balanced"]["NT on hardware, 5-bit converter"] - table["balanced"]
    assert found.quantities["loss_on_chip"] == lost["NT calibrated neuron by neuron"]
    assert found.quantities["loss_uncalibrated"] == lost["NT on corner ss, gain sigma 0.2"]
    gained = table["balanced"]["NT on hardware, 5-bit converter"]
    gained -= table["balanced"]["one layer on hardware, 5-bit converter"]
    assert found.quantities["gained_over_straight"] == pytest.approx(gained)
    assert found.quantities["spice_agreement"] == 1
    assert {"supplies", "decisions", "proof", "energy", "learning"} < set(found.tables)
    assert set(found.figures) == {"learning", "confusion", "supplies", "energy", "windows"}
    windows = found.tables["windows"].set_index(["kind", "windows"])
    for kind in ("NT", "one layer"):
        once = table["balanced"][f"{kind} calibrated neuron by neuron"]
        assert windows["balanced"][kind, 1] == pytest.approx(once)
        assert windows["balanced"][kind, 3] > once - 0.1
    supplies = found.tables["supplies"]
    assert supplies["vdd_syn_V"].between(0.5, 0.7).all()
    # All of it is of both networks, not of the first.
    assert set(supplies["network"]) == {0, 1}
    assert set(supplies["kind"]) == {"NT", "one layer"}
    cases = found.tables["proof"]["case"]
    assert [case.partition(",")[0] for case in cases] == ["NT 0", "NT 1", "one layer 0",
                                                          "one layer 1"]  # fmt: skip
    assert set(found.arrays) == {
        "codes_NT_0", "codes_NT_1", "codes_one_layer_0", "codes_one_layer_1",
    }  # fmt: skip
    energy = found.tables["energy"]
    assert (energy["energy_low_J"] < energy["energy_J"]).all()
    assert energy["energy_J"].iloc[-1] < energy["energy_J"].iloc[0]  # a layer less
    assert found.quantities["energy_per_inference_J"] == energy["energy_J"].iloc[0]
    assert energy["energy_J"].iloc[2] / energy["energy_J"].iloc[1] == pytest.approx(0.1 / 0.03)
    assert any("5 bits from" in note for note in found.notes)
    first = TrainAndMap(seeds=1, samples=2, sweeps=False).find(Bench()).tables["steps"]
    again = TrainAndMap(seeds=1, samples=2, sweeps=False).find(Bench()).tables["steps"]
    pd.testing.assert_frame_equal(first, again)  # bit for bit, from the seed


def test_noise_and_source_resistance_are_steps_of_their_own(by_hand):
    asked = {"seeds": 1, "samples": 2, "sweeps": False}
    quiet = TrainAndMap(**asked).find(Bench())
    found = TrainAndMap(**asked, noise_V=5e-3, source_ohm=100e3).find(Bench())
    table = found.tables["steps"].set_index("step")["balanced"]
    noisy, weak = "the same with noise 5 mV rms", "the same with sources of 100 kohm"
    assert list(table.index[-4:]) == [
        f"NT, {noisy}", f"NT, {weak}", f"one layer, {noisy}", f"one layer, {weak}",
    ]  # fmt: skip
    noisy, weak = f"NT, {noisy}", f"NT, {weak}"
    mapped = found.quantities["balanced_mapped"]
    as_it_runs = table["NT on hardware, 5-bit converter"]
    assert mapped == quiet.quantities["balanced_mapped"] == as_it_runs
    assert found.quantities["loss_on_chip"] == quiet.quantities["loss_on_chip"]
    assert found.quantities["loss_by_noise"] == mapped - table[noisy]
    assert found.quantities["loss_by_source"] == mapped - table[weak] > 0


def test_sweeps_cover_bits_converter_rails_and_mismatch(by_hand):
    found = TrainAndMap(seeds=1, samples=2, domains=8).find(Bench())
    sweeps = found.tables["sweeps"]
    assert set(sweeps["sweep"]) == {"bits", "dac_bits", "domains", "mismatch"}
    assert sweeps["balanced"].between(0, 1).all()
    assert (sweeps["low"] <= sweeps["balanced"]).all()
    assert (sweeps["balanced"] <= sweeps["high"]).all()
    # What is swept is the step that it starts from, pooled in the same way.
    steps = found.tables["steps"].set_index("step")
    five = sweeps[(sweeps["sweep"] == "dac_bits") & (sweeps["setting"] == "5")].iloc[0]
    assert five["seeds"] == 1
    assert {"balanced_low", "balanced_high"} < set(steps)
    assert "one each" in set(sweeps["setting"])
    assert (found.tables["supplies"].groupby("kind")["vdd_syn_V"].nunique() <= 8).all()
    assert "sweeps" in found.figures
    assert found.quantities["loss_by_mismatch_calibrated"] is not None


def test_chips_at_corners_are_a_row_each_and_training_is_done_once(by_hand, monkeypatch, ngspice):
    trained = []
    run_trial = module.run_trial
    monkeypatch.setattr(
        module, "run_trial", lambda *given: trained.append(given[1]) or run_trial(*given)
    )
    study = TrainAndMap(seeds=1, train_seed=3, samples=2, calibrate=True, sweeps=False)
    spread = under(study, Conditions(corners=("tt", "ss"), mc=2, seed=7))
    answer = spread.answer(RealBench(ngspice, jobs=2))
    assert trained == [3]
    assert sorted(by_hand) == ["ss", "tt"]
    table = answer.findings.tables["conditions"]
    assert table[["corner", "seed"]].to_numpy().tolist() == [
        ["tt", 7], ["tt", 8], ["ss", 7], ["ss", 8],
    ]  # fmt: skip
    assert (table["status"] == "ok").all()
    # Corners are alike here, so a chip is a chip; another one is not.
    at = table.set_index(["corner", "seed"])["loss_uncalibrated"]
    assert at["tt", 7] == at["ss", 7]
    assert at["tt", 7] != at["tt", 8]
    steps = answer.findings.tables["steps"]
    assert set(steps.loc[steps["seed"] == 8, "step"]) >= {"NT on chip 8",
                                                          "NT on corner ss, chip 8"}  # fmt: skip
    yields = answer.findings.tables["yield"]
    assert {"tt", "ss", "all"} <= set(yields["corner"])
    assert "loss_on_chip" in set(yields["spec"])
    assert {"low", "high"} <= set(yields)
    # A chip alone is the chip that it is among others.
    alone = under(study, Conditions(corners=("ss",), seed=8)).find(RealBench(ngspice))
    assert alone.quantities["loss_uncalibrated"] == at["ss", 8]


def test_a_corner_that_cannot_be_measured_takes_no_other_with_it(by_hand, monkeypatch, ngspice):
    measure = mapped.measure_neurons

    def failing(bench, at, curve, coded):
        if at.corner == "ss":
            raise NotMeasured("no threshold")
        return measure(bench, at, curve, coded)

    monkeypatch.setattr(mapped, "measure_neurons", failing)
    study = TrainAndMap(seeds=1, samples=2, sweeps=False)
    spread = under(study, Conditions(corners=("tt", "ss"), mc=2))
    table = spread.answer(RealBench(ngspice, jobs=2)).findings.tables["conditions"]
    assert table["status"].tolist() == ["ok", "ok", "refused", "refused"]
    assert table["message"].tolist()[2:] == ["no threshold"] * 2


def test_a_flow_of_a_users_network_over_corners_and_chips(by_hand, ngspice, tmp_path):
    rng = np.random.default_rng(1)
    layers = Layer.of(rng.normal(0, 1, (5, 6))), Layer.of(rng.normal(0.5, 1, (3, 5)))
    Network(layers).save(tmp_path / "net.npz")
    flow = tmp_path / "chips.toml"
    flow.write_text(
        f"""study = "map"
        [parameters]
        network = "{tmp_path}/net.npz"
        samples = 4
        [conditions]
        corners = ["tt", "ff"]
        mc = 2
        [specs.output_agreement]
        min = 0.5
        """,
        encoding="utf-8",
    )
    read = read_flow(flow)
    answer = read.studies[0].answer(RealBench(ngspice, jobs=2), read.specs[0])
    table = answer.findings.tables["conditions"]
    assert table[["corner", "seed"]].to_numpy().tolist() == [
        ["tt", 0], ["tt", 1], ["ff", 0], ["ff", 1],
    ]  # fmt: skip
    assert (table["status"] == "ok").all()
    layers = answer.findings.tables["layers"]
    assert len(layers) == 2 * 4
    assert layers.loc[layers["layer"] == 0, "mapped"].nunique() == 2  # a corner is no chip
    yields = answer.findings.tables["yield"]
    assert set(yields.loc[yields["corner"] == "ff", "of_chips"]) == {2}
