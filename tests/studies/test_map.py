"""A user's own network on supply voltages: files in, codes and supplies out, proven."""

import json

import numpy as np
import pandas as pd
import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.store import Cache
from anaspike.errors import InputError
from anaspike.learning.network import Layer, Network
from anaspike.studies.learning.map import Map
from anaspike.studies.learning.train_and_map import TrainAndMap


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A network of six inputs, its patterns, and what a careless user may give instead."""
    folder = tmp_path_factory.mktemp("map")
    rng = np.random.default_rng(1)
    hidden = Layer.of(rng.normal(0, 0.6, (5, 6)), rng.normal(0, 0.3, 5), rng.uniform(-2, 2, 5))
    Network((hidden, Layer.of(rng.normal(0, 0.8, (3, 5))))).save(folder / "net.npz")
    patterns = rng.random((60, 6)) < 0.5
    np.savez(folder / "patterns.npz", inputs=patterns)
    np.savez(folder / "narrow.npz", inputs=patterns[:, :4])
    np.savez(folder / "grey.npz", inputs=patterns * 0.5)
    np.savez(folder / "named.npz", patterns=patterns)
    np.save(folder / "short.npy", [0, 1, 2])
    np.save(folder / "far.npy", np.full(60, 3))
    np.savez(folder / "pickle.npz", inputs=np.array([{"a": 1}], dtype=object))
    np.savez(folder / "nan.npz", format=1, theta=1.0, head=False, weights_0=[[np.nan, 1.0]],
             bias_0=[0.0], amplifier_0=[1.0])  # fmt: skip
    np.savez(folder / "shapes.npz", format=1, theta=1.0, head=False, weights_0=[[1.0, 1.0]],
             bias_0=[0.0, 0.0], amplifier_0=[1.0])  # fmt: skip
    falling = {"vdd_syn_V": [0.5, 0.6, 0.7], "k": [0.5, 2.0, 1.0]}
    pd.DataFrame(falling).to_csv(folder / "falling.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """What the neurons of all networks have in common is measured once."""
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.mark.ngspice
def test_a_small_network_is_mapped_and_proven(folder, ngspice, cache, tmp_path):
    from anaspike.report.answers import save

    study = Map(network=folder / "net.npz", inputs=folder / "patterns.npz", samples=6)
    study.check()
    answer = study.answer(Bench(ngspice, jobs=2, cache=cache))
    tables = answer.findings.tables
    proof = tables["proof"]
    assert (proof["status"] == "ok").all()
    assert (proof["agrees"] == 1)[proof["margin_V"].abs() > 3e-3].all()
    linear = proof["membrane_V"].between(0.1, 0.55)
    assert proof["membrane_error_V"][linear].abs().max() < 5e-3
    supplies = tables["supplies"]
    assert len(supplies) == 8
    assert supplies["vdd_syn_V"].between(0.5, 0.8).all()
    assert supplies["dac_code"].between(0, 31).all()
    negative = Network.load(folder / "net.npz").layers[0].amplifier < 0
    assert supplies["flipped"][:5].tolist() == negative.tolist()
    assert (tables["layers"]["mapped"] > 0.85).all()
    energy_J = answer.findings.quantities["energy_per_inference_J"]
    assert 0.05e-12 < energy_J < 5e-12
    written = {path.name for path in save(answer, tmp_path)}
    assert {"supplies.csv", "supplies.json", "codes.npz", "layers.csv"} <= written
    assert len(json.loads((tmp_path / "supplies.json").read_text(encoding="utf-8"))) == 8
    with np.load(tmp_path / "codes.npz") as codes:
        assert set(codes.files) == {"codes_0", "bias_codes_0", "codes_1", "bias_codes_1"}


@pytest.mark.ngspice
def test_a_network_of_whole_drives_is_itself_on_hardware_whatever_theta(ngspice, cache, tmp_path):
    """At theta 1 each drive that must fire is just on it: the trim must not leave it there."""
    xor = Layer.of([[1, -1], [-1, 1]]), Layer.of([[1, 1]])
    np.savez(tmp_path / "patterns.npz", inputs=[[0, 0], [0, 1], [1, 0], [1, 1]])
    supplies = []
    for theta in (1.0, 0.8):
        Network(xor, theta).save(tmp_path / "xor.npz")
        study = Map(network=tmp_path / "xor.npz", inputs=tmp_path / "patterns.npz", samples=4)
        answer = study.answer(Bench(ngspice, jobs=2, cache=cache))
        assert answer.ok
        assert answer.findings.tables["layers"]["mapped"].tolist() == [1, 1]
        assert (answer.findings.tables["proof"]["margin_V"].abs() > 0.02).all()
        supplies.append(answer.findings.tables["supplies"])
    pd.testing.assert_frame_equal(*supplies)


@pytest.mark.ngspice
def test_whole_weights_of_many_inputs_decide_in_spice_as_they_should(ngspice, cache, tmp_path):
    """A threshold of one among fifty: inhibition alone would hide it."""
    rng = np.random.default_rng(1)
    layers = Layer.of(rng.choice([-1, 1], (6, 50))), Layer.of(rng.choice([-1, 1], (2, 6)))
    Network(layers, 1.0).save(tmp_path / "wide.npz")
    np.savez(tmp_path / "patterns.npz", inputs=rng.random((100, 50)) < 0.5)
    study = Map(network=tmp_path / "wide.npz", inputs=tmp_path / "patterns.npz", samples=4)
    findings = study.answer(Bench(ngspice, jobs=2, cache=cache)).findings
    assert (findings.tables["layers"]["mapped"] >= 0.99).all()
    assert findings.quantities["spice_agreement"] == 1
    assert any("threshold and bias raised" in note for note in findings.notes)


BAD = [
    (("nan.npz",), "nan.npz holds no network: weights holds values that are not finite (NaN or"
                   " infinite, or beyond float32: 3.4e38)"),
    (("shapes.npz",), "shapes.npz holds no network: bias of shape (2,) does not fit weights of"
                      " shape (1, 2); it needs one value a neuron"),
    (("net.npz", "--inputs", "pickle.npz"),
     "cannot read pickle.npz: it holds pickled objects, which are never loaded"),
    (("net.npz", "--inputs", "narrow.npz"),
     "narrow.npz: inputs of shape (60, 4) do not fit a network of 6 inputs; it needs"
     " (patterns, 6)"),
    (("net.npz", "--inputs", "grey.npz"),
     "grey.npz: inputs that are not 0 or 1; hardware takes spikes, encode them"),
    (("net.npz", "--inputs", "named.npz"),
     "named.npz has no array 'inputs'; it needs (patterns, inputs)"),
    (("net.npz", "--inputs", "patterns.npz", "--labels", "short.npy"),
     "short.npy: labels of shape (3,) do not fit 60 patterns; it needs one a pattern, or a table"
     " (60, 3) of 0 and 1"),
    (("net.npz", "--inputs", "patterns.npz", "--labels", "far.npy"),
     "far.npy: there is a label 3, but the outputs are 0 to 2"),
    (("net.npz", "--labels", "far.npy"),
     "--labels says what patterns are; give the patterns by --inputs"),
    (("net.npz", "--curve", "falling.csv"),
     "falling.csv: k does not rise from row 2 to the next (2 to 1); a supply can be found only on"
     " a curve that rises"),
    (("net.npz", "--domains", "0"), "--domains 0: the neurons need at least 1 rail"),
    (("net.npz", "--domains", "9"),
     "--domains 9: the network has 8 neurons, and a rail without a neuron is none; give fewer"),
    (("net.npz", "--domains", "2", "--calibrate"),
     "neurons that share rails cannot be calibrated one by one; leave out --domains or"
     " --calibrate"),
    (("net.npz", "--dac-bits", "0"), "--dac-bits 0: a converter has 1 to 16 bits"),
    (("net.npz", "--noise", "1V"),
     "--noise 1: what noise moves at a decision is 0 to 0.1 V rms; anaspike characterise noise"
     " measures it"),
    (("net.npz", "--source-resistance", "-1"),
     "--source-resistance -1: what feeds a supply has 0 to 1e+09 ohm"),
    (("net.npz", "--samples", "0"), "--samples 0: a proof needs at least 1 neuron"),
    (("net.npz", "--corner", "xx"),
     "generic28 has no corner 'xx'; choose one of tt, ff, ss, sf, fs"),
    (("net.npz", "--corner", "tt,xx", "--mc", "2"),
     "generic28 has no corner 'xx'; choose one of tt, ff, ss, sf, fs"),
    (("net.npz", "--temp", "27,hot"), "--temp: 'hot' is not a number; write for example 85 or 85C"),
    (("net.npz", "--mc", "0"), "0 mismatch samples are none; use 1 or more, or leave it out"),
    (("net.npz", "--seed", "-1"), "seed -1 is negative; use 0 or more"),
    (("missing.npz",), "cannot read missing.npz: No such file or directory"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=lambda value: str(value)[:40])
def test_what_cannot_be_mapped_is_one_line_and_exit_code_2(folder, arguments, message, capsys):
    from anaspike.cli import run

    given = [str(folder / part) if "." in part else part for part in arguments]
    assert run(["map", *given]) == 2
    printed = capsys.readouterr()
    assert printed.err.replace(f"{folder}/", "") == f"error: {message}\n"
    assert printed.out == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--dataset", "cifar"), "unknown data set 'cifar'; there is"),
        (("--mismatch", "9"), "--mismatch 9: the sigma of a neuron's gain is 0 to 2 (30 %: 0.3)"),
        (("--dac-bits", "0"), "--dac-bits 0: a converter has 1 to 16 bits"),
        (("--domains", "0"), "--domains 0: the neurons need at least 1 rail"),
        (("--temp", "300"), "a temperature of 300 °C is outside -100 to 200 °C"),
        (("--mc", "0"), "0 mismatch samples are none; use 1 or more, or leave it out"),
        (("--seed", "-1"), "seed -1 is negative; use 0 or more"),
        (("--train-seed", "-1"), "train-and-map: seeds count from 0, and at least 1 is needed"),
        (("--seeds", "0"), "train-and-map: seeds count from 0, and at least 1 is needed"),
    ],
)
def test_a_training_that_cannot_be_is_one_line(arguments, message, capsys):
    from anaspike.cli import run

    assert run(["train-and-map", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")


def test_a_curve_that_no_neuron_fits_is_refused(folder):
    curve = folder / "high.csv"
    pd.DataFrame({"vdd_syn_V": [0.6, 0.65, 0.7], "k": [50.0, 60.0, 70.0]}).to_csv(
        curve, index=False
    )
    study = Map(network=folder / "net.npz", curve=curve)
    with pytest.raises(InputError, match=r"^the k of every neuron \(.*\) lies outside"):
        study.check()


def test_bounds_of_the_whole_way_are_declared():
    limits = {spec.quantity: spec.most for spec in TrainAndMap().specs()}
    assert limits["loss_by_codes"] == limits["loss_by_converter"] == 0.02
    assert limits["loss_by_mismatch_calibrated"] == 0.02
