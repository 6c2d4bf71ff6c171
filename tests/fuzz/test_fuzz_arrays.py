"""Weights, networks, tables of features, patterns, labels and curves: numbers, or one line."""

import io
import os

import numpy as np
import pandas as pd
from contract import examples
from hypothesis import given
from hypothesis import strategies as st
from mutants import mutants, npy
from nir_maker import graph, hdf5, net
from safetensors_maker import safetensors
from weight_makers import SNN, lif

from anaspike.learning.checkpoint import Checkpoint
from anaspike.learning.datasets.splits import grouped_split
from anaspike.learning.datasets.table import read_table
from anaspike.learning.foreign.nir import import_nir
from anaspike.learning.labels import read_labels
from anaspike.learning.network import Layer, Network
from anaspike.learning.temporal import TemporalNetwork, read_trains
from anaspike.learning.weights import import_in_time, import_weights
from anaspike.mapping.supply_curve import SupplyCurve
from anaspike.npz import parse_header
from anaspike.studies.learning.map import Map


def npz(arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


WEIGHTS = SNN | lif("lif1") | lif("lif2")
NETWORK = Network((Layer.of(np.ones((2, 3))), Layer.of(np.ones((1, 2))))).arrays()
TABLE = {
    "features": np.eye(6)[:, :4].astype(np.float16), "labels": np.arange(6, dtype=np.uint8) % 2,
    "classes": np.array(["a", "b"]), "groups": np.array(list("uvwxyz")),
    "feature_names": np.array(list("pqrs")), "notes": np.array(["n"]),
    "parts": np.array(["train", "test", "validation"] * 2),
}  # fmt: skip
PATTERNS = np.eye(3)
CHECKPOINT = {
    "fingerprint": np.array("x"), "best": np.array(0), "now.w": np.ones(2, np.float32),
    "history": np.array([[0, 1e-3, np.nan, 0.5, 0.5, 0.5]]), "best.w": np.ones(2, np.float32),
}  # fmt: skip
CURVE = pd.DataFrame(
    {"vdd_syn_V": [0.55, 0.6, 0.7, 0.8], "k": [0.2, 0.4, 1.0, 2.0], "status": "ok"}
).to_csv(index=False).encode()  # fmt: skip


@examples(60)
@given(mutants({"w.npz": npz(WEIGHTS)}) | mutants({"w.safetensors": safetensors(WEIGHTS)}))
def test_weights(contract, files):
    (name,) = files
    path = contract.written(files) / name
    contract.holds(lambda: import_weights(path))


@examples(30)
@given(mutants({"w.npz": npz(WEIGHTS)}))
def test_weights_in_time(contract, files):
    path = contract.written(files) / "w.npz"
    contract.holds(lambda: import_in_time(path, 1e-4).run(np.ones((1, 2, 4), bool)))


@examples(30)
@given(mutants({"n.npz": npz(NETWORK)}))
def test_networks_of_numbers(contract, files):
    path = contract.written(files) / "n.npz"
    contract.holds(lambda: Network.load(path).spikes(np.zeros((1, 3))))


@examples(30)
@given(mutants({"t.npz": npz(TABLE)}))
def test_tables_of_features(contract, files):
    path = contract.written(files) / "t.npz"
    contract.holds(lambda: grouped_split(read_table(path), 0))


NIR = hdf5(graph(net()))


def import_and_run(path):
    return import_nir(path, 1e-4).run(np.ones((1, 2, 3), bool))


@examples(60)
@given(mutants({"m.nir": NIR}))
def test_networks_of_nir(contract, files):
    # The file that a user names may be a link of theirs; what it names in turn is not followed.
    path = contract.written(files) / "m.nir"
    inside = os.path.realpath(path).startswith(os.path.realpath(contract.folder))
    contract.holds(lambda: import_and_run(path), apart=inside)


@examples(120)
@given(
    st.lists(st.tuples(st.integers(0, len(NIR) - 1), st.binary(min_size=1, max_size=8)), max_size=3)
)
def test_places_and_sizes_of_nir(contract, changes):
    content = bytearray(NIR)
    for at, text in changes:
        content[at : at + len(text)] = text
    path = contract.written({"m.nir": bytes(content)}) / "m.nir"
    contract.holds(lambda: import_and_run(path), apart=True)


TEMPORAL = {
    "format_in_time": np.array(1), "step_s": np.array(1e-4), "weights_0": np.ones((2, 3)),
    "bias_0": np.zeros(2), "threshold_0": np.ones(2), "beta_0": np.full(2, 0.9),
}  # fmt: skip


@examples(30)
@given(mutants({"n.npz": npz(TEMPORAL), "t.npz": npz({"inputs": np.ones((2, 4, 3))})}))
def test_networks_in_time_and_trains(contract, files):
    folder = contract.written(files)
    contract.holds(lambda: TemporalNetwork.load(folder / "n.npz").run(np.ones((1, 2, 3), bool)))
    contract.holds(lambda: read_trains(folder / "t.npz", 3, 4))


LABELS = {
    "l.npy": npy(np.arange(3)),
    "l.npz": npz({"labels": np.arange(3)}),
    "l.csv": b"pattern,label\na,0\nb,1\nc,2\n",
}


@examples(50)
@given(st.sampled_from(sorted(LABELS)).flatmap(lambda name: mutants({name: LABELS[name]})))
def test_labels(contract, files):
    (name,) = files
    path = contract.written(files) / name
    contract.holds(lambda: read_labels(path, 3, 3))


@examples(25)
@given(mutants({"n.npz": npz(NETWORK), "p.npz": npz({"inputs": PATTERNS}), "k.csv": CURVE}))
def test_what_is_mapped(contract, files):
    folder = contract.written(files)
    study = Map(network=folder / "n.npz", inputs=folder / "p.npz", curve=folder / "k.csv")
    contract.holds(study.check)


@examples(25)
@given(mutants({"k.csv": CURVE}))
def test_curves(contract, files):
    path = contract.written(files) / "k.csv"
    contract.holds(lambda: SupplyCurve.read(path).supply_for(np.ones(1)))


@examples(25)
@given(mutants({"c.npz": npz(CHECKPOINT)}))
def test_checkpoints(contract, files):
    path = contract.written(files) / "c.npz"
    like = {"w": np.zeros(2, np.float32)}
    contract.holds(lambda: Checkpoint(path, "x").load(like))


HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
WORDS = st.lists(
    st.sampled_from((*HEADER, "'", "(", ")", "9" * 20, "O", "L", ",", "__import__('os')", "\0")),
    max_size=8,
).map("".join)  # fmt: skip


@examples(40)
@given(st.integers(0, len(HEADER)), st.integers(0, len(HEADER)), WORDS)
def test_headers_of_arrays(contract, start, end, words):
    text = HEADER[:start] + words + HEADER[end:]
    contract.holds(lambda: parse_header(text), refusals=(ValueError,))
