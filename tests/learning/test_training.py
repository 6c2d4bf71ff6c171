"""Training: it learns, it repeats to the bit, it resumes, it refuses."""

import os
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.arrays import read_arrays, write_arrays
from anaspike.learning.loop import Tuned
from anaspike.learning.network import Network
from anaspike.learning.samples import Samples, balanced_batches
from anaspike.learning.scores import exact
from anaspike.learning.settings import Settings
from anaspike.learning.training import tune

QUICK = Settings(epochs=15, rate=0.05)


def same(one: Tuned, other: Tuned) -> bool:
    ours, theirs = one.network.arrays(), other.network.arrays()
    return repr(one.history) == repr(other.history) and all(
        (ours[name] == theirs[name]).all() for name in ours
    )


@pytest.mark.parametrize("rule", ["paper", "windowed"])
def test_nt_learns_what_the_untuned_network_does_not_know(small_network, blobs, rule):
    tuned = tune(small_network, *blobs, replace(QUICK, rule=rule, epochs=30))
    assert tuned.history[0].validation_exact < 0.4
    assert tuned.best.validation_exact > 0.85
    for before, after in zip(small_network.layers, tuned.network.layers, strict=True):
        assert after.weights is before.weights
        assert (after.amplifier != before.amplifier).any()


def test_the_best_epoch_is_what_comes_back(small_network, blobs):
    tuned = tune(small_network, *blobs, QUICK)
    right = exact(tuned.network.spikes(blobs[1].inputs)[-1], blobs[1].labels)
    assert right.mean() == tuned.best.validation_exact
    assert tuned.best.validation_balanced == max(e.validation_balanced for e in tuned.history)
    assert [epoch.epoch for epoch in tuned.history] == list(range(16))


def test_a_seed_repeats_to_the_bit_and_another_does_not(small_network, blobs):
    one, again = (tune(small_network, *blobs, QUICK) for _ in range(2))
    assert same(one, again)
    assert not same(one, tune(small_network, *blobs, replace(QUICK, seed=1)))


@pytest.mark.parametrize("method", ["nt1", "tft", "additive"])
def test_a_resumed_training_is_the_uninterrupted_one(small_network, blobs, tmp_path, method):
    settings = replace(QUICK, method=method, rate=0.01)
    whole = tune(small_network, *blobs, settings)

    def interrupt(epoch, _):
        if epoch.epoch == 6:
            raise KeyboardInterrupt

    file = tmp_path / "c.npz"
    with pytest.raises(KeyboardInterrupt):
        tune(small_network, *blobs, settings, interrupt, file)
    seen = []
    resumed = tune(small_network, *blobs, settings, lambda epoch, _: seen.append(epoch.epoch), file)
    assert seen == list(range(7, 16))
    assert same(whole, resumed)
    assert same(whole, tune(small_network, *blobs, settings, None, file))  # nothing left to do


def test_another_trainings_checkpoint_is_refused(small_network, blobs, tmp_path):
    file = tmp_path / "c.npz"
    tune(small_network, *blobs, replace(QUICK, epochs=1), None, file)
    with pytest.raises(InputError, match=re.escape(f"{file} is the checkpoint of another trainin")):
        tune(small_network, *blobs, replace(QUICK, epochs=1, seed=2), None, file)
    small_network.save(file)
    with pytest.raises(InputError, match=re.escape(f"{file} is no checkpoint; choose another")):
        tune(small_network, *blobs, QUICK, None, file)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("history", lambda rows: rows[:, :5], "is no checkpoint"),
        ("history", lambda rows: rows[::-1], "is no checkpoint"),
        ("history", lambda rows: np.full_like(rows, np.inf), "is no checkpoint"),
        ("history", lambda rows: rows.astype(str), "is no checkpoint"),
        ("history", lambda rows: rows[0, 0], "is no checkpoint"),
        ("history", lambda rows: rows[:0], "is no checkpoint"),
        ("best", lambda best: np.array(-1), "is no checkpoint"),
        ("best", lambda best: np.array([0, 1]), "is no checkpoint"),
        ("best", lambda best: np.array(9), "is no checkpoint"),
        ("fingerprint", lambda print_: np.array([print_] * 2), "another training"),
        ("now.amplifier_0", lambda values: values[:-1], "is a damaged checkpoint"),
        ("now.amplifier_0", lambda values: values.astype(float), "is a damaged checkpoint"),
        ("now.amplifier_0", lambda values: values * np.nan, "is a damaged checkpoint"),
        ("best.amplifier_0", lambda values: None, "is a damaged checkpoint"),
        ("now.more", lambda values: np.ones(3), "is a damaged checkpoint"),
    ],
)
def test_a_damaged_checkpoint_is_one_line(small_network, blobs, tmp_path, name, change, message):
    file = tmp_path / "c.npz"
    tune(small_network, *blobs, replace(QUICK, epochs=2), None, file)
    arrays = read_arrays(file)
    arrays[name] = change(arrays.get(name))
    write_arrays(file, {name: values for name, values in arrays.items() if values is not None})
    with pytest.raises(InputError, match=re.escape(str(file))) as caught:
        tune(small_network, *blobs, replace(QUICK, epochs=2), None, file)
    assert message in str(caught.value)
    assert "choose another file" in str(caught.value)


def test_a_checkpoint_holds_no_more_than_it_measures(small_network, blobs, tmp_path):
    file = tmp_path / "c.npz"
    tune(small_network, *blobs, replace(QUICK, epochs=1), None, file)
    write_arrays(file, {**read_arrays(file), "more": np.zeros(1_000_000)}, compressed=True)
    with pytest.raises(InputError, match=r"c.npz unpacks to 8 MB, and measures \d.* kB$"):
        tune(small_network, *blobs, replace(QUICK, epochs=1), None, file)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(InputError, match="it is no plain file but a pipe or a device"):
        tune(small_network, *blobs, replace(QUICK, epochs=1), None, file)


SCRIPT = """
import hashlib
import numpy as np
from anaspike.learning.network import Layer, Network
from anaspike.learning.samples import Samples
from anaspike.learning.settings import Settings
from anaspike.learning.source import pretrain, spiking, with_head
from anaspike.learning.training import tune
rng = np.random.default_rng(0)
labels = np.arange(256) % 3
inputs = rng.normal(size=(256, 700)) + 0.2 * rng.normal(size=(3, 700))[labels]
samples = Samples.of(inputs, labels)
source = pretrain(samples, samples, 3, (300,), epochs=2).network
network = with_head(spiking(source, inputs), 3, inputs)
digest = hashlib.sha256()
for method in ("nt1", "tft"):
    tuned = tune(network, samples, samples, Settings(method=method, epochs=3, batch=128))
    for values in tuned.network.arrays().values():
        digest.update(values.tobytes())
print(digest.hexdigest())
"""


def test_any_number_of_threads_gives_the_same_bits():
    digests = set()
    for threads in ("1", "2"):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            capture_output=True, text=True, check=True, env=environment,
        )  # fmt: skip
        digests.add(done.stdout)
    assert len(digests) == 1


def test_batches_are_balanced():
    labels = np.array([0] * 20 + [1] * 7 + [2] * 3)
    batches = list(balanced_batches(labels, 16, np.random.default_rng(0)))
    order = np.concatenate(batches)
    assert np.bincount(labels[order]).tolist() == [20, 20, 20]
    assert {len(batch) for batch in batches} == {15}
    assert set(np.bincount(order)[:20]) == {1}  # the largest class once each
    assert set(np.bincount(order)[27:30]) <= {6, 7}


def test_a_training_that_diverges_is_named(small_network, blobs):
    with pytest.raises(InputError, match="training diverged in epoch 1; lower the learning rate"):
        tune(small_network, *blobs, Settings(method="nt1", rule="paper", rate=1e38, epochs=3))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "sgd"}, "unknown method 'sgd'; choose one of nt1, nt2, additive, bitfit, tft"),
        ({"rule": "x"}, "unknown rule 'x'; choose one of paper, windowed"),
        ({"rate": float("nan")}, "a learning rate of nan is not a positive number"),
        ({"rate": -1.0}, "a learning rate of -1 is not a positive number"),
        ({"head_rate": 0.0}, "a learning rate of 0 is not a positive number"),
        ({"epochs": 0}, "`epochs` is 0; at least 1 is needed"),
        ({"batch": 0}, "`batch` is 0; at least 1 is needed"),
        ({"seed": -1}, "seed is -1; seeds count from 0"),
    ],
)
def test_settings_refused(change, message):
    with pytest.raises(InputError, match=re.escape(message)):
        Settings(**change)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Samples.of(np.ones(3), [0]), "inputs of shape (3,); expected (samples, inputs)"),
        (lambda: Samples.of(np.ones((2, 3)), [0]), "labels of shape (1,) for 2 samples"),
        (lambda: Samples.of([[np.nan]], [0]), "inputs hold values that are not finite"),
        (
            lambda: Samples.of(np.ones((1, 3)), [0]).check(4, 2),
            "samples of 3 inputs do not fit a network of 4",
        ),
        (lambda: Samples.of(np.ones((1, 3)), [2]).check(3, 2), "labels must be 0 to 1, one for ea"),
    ],
)
def test_samples_refused(make, message):
    with pytest.raises(InputError, match=re.escape(message)):
        make()


def test_a_trained_network_survives_its_file(small_network, blobs, tmp_path):
    tuned = tune(small_network, *blobs, replace(QUICK, epochs=2)).network
    tuned.save(tmp_path / "n.npz")
    inputs = blobs[1].inputs
    again = Network.load(tmp_path / "n.npz")
    assert (again.drives(inputs)[1] == tuned.drives(inputs)[1]).all()
