"""The learning commands as a user meets them."""

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from npz_maker import bomb

from anaspike.learning.arrays import read_arrays
from anaspike.learning.encoding import Encoder
from anaspike.learning.network import Layer, Network


def test_parameters_prints_the_papers_figures(anaspike):
    code, out, err = anaspike("parameters")
    assert (code, err) == (0, "")
    for figure in ("43,290", "19,203", "12,196", "123,642,856", "123,653,867", "9,192", "13,196"):
        assert figure in out


def test_parameters_as_json(anaspike):
    code, out, _ = anaspike("parameters", "--json")
    figures = json.loads(out)
    assert (code, len(figures)) == (0, 24)
    assert {"table": 8, "method": "NT_1", "dataset": "BCCD", "layers": 9192, "head": 4004,
            "trained": 13196} in figures  # fmt: skip


def test_train_writes_network_history_scores_and_picture(anaspike):
    arguments = ("train", "--dataset", "bccd", "--epochs", "3", "--out", "out")
    code, out, err = anaspike(*arguments)
    assert (code, err) == (0, "")
    for what in ("chance", "majority class", "untuned", "nt1", "head alone", "full fine",
                 "one spiking layer", "ordinary"):  # fmt: skip
        assert what in out
    assert {path.name for path in Path("out").iterdir()} == {
        "network.npz", "history.csv", "scores.csv", "runs.csv", "classes.csv", "training.png",
        "training.svg", "answer.json", "manifest.json",
    }  # fmt: skip
    network = Network.load(Path("out/network.npz"))
    encoder = Encoder.from_arrays(read_arrays(Path("out/network.npz")))
    assert network.n_inputs == len(encoder.columns) == 128
    first = Path("out/network.npz").read_bytes()
    assert anaspike(*arguments, "--quiet") == (0, "", "")
    assert Path("out/network.npz").read_bytes() == first
    manifest = json.loads(Path("out/manifest.json").read_text(encoding="utf-8"))
    assert manifest["simulator"] == "none"
    assert all(point["cache"]["made"] for point in manifest["points"])  # the second time


def test_a_grid_is_a_row_each_with_validation_and_test_apart(anaspike):
    code, _, err = anaspike(
        "train", "--dataset", "bccd", "--epochs", "2", "--method", "nt1,none", "--rule",
        "paper,surrogate", "--rate", "0.1,0.01", "--repeat", "2", "--jobs", "2", "--out", "out",
    )  # fmt: skip
    assert (code, err) == (0, "")
    scores = pd.read_csv("out/scores.csv")
    asked = scores[scores["method"].notna()]
    assert len(asked) == 2 * 2 * 2
    assert set(asked["rule"]) == {"paper", "surrogate"}
    for name in ("accuracy", "balanced", "argmax", "argmax_balanced", "validation_balanced"):
        assert (asked[f"{name}_low"] <= asked[name]).all()
        assert (asked[name] <= asked[f"{name}_high"]).all()
    assert (asked["repeats"] == 2).all()
    runs = pd.read_csv("out/runs.csv")
    assert len(runs[runs["method"].notna()]) == 16
    assert {"validation_exact", "test_exact", "test_argmax"} <= set(runs)
    assert not Path("out/network.npz").exists()  # of many there is none to name


def test_a_training_that_diverges_is_a_row(anaspike):
    code, out, _ = anaspike("train", "--dataset", "bccd", "--epochs", "3", "--method", "tft,none",
                            "--rule", "paper", "--rate", "1e30", "--out", "out")  # fmt: skip
    assert code == 1
    assert "training diverged in epoch" in out
    scores = pd.read_csv("out/scores.csv").set_index("what")
    assert scores["status"]["tft"] == "refused"
    assert scores["status"]["none"] == "ok"


def test_a_network_from_elsewhere_gets_a_head(anaspike):
    rng = np.random.default_rng(0)
    Network((Layer.of(rng.normal(size=(9, 220))),)).save(Path("n.npz"))
    arguments = ("train", "--dataset", "bccd", "--epochs", "2", "--from", "n.npz")
    code, out, err = anaspike(*arguments, "--head", "--scale", "0.8")
    assert (code, err) == (0, "")
    assert "network 220-9-4" in out
    code, _, err = anaspike(*arguments)
    assert (code, err) == (2, "error: n.npz has 9 outputs for 4 classes; append a new layer with"
                              " --head, or say which output stands for each class with --outputs\n"
                           )  # fmt: skip
    assert anaspike(*arguments, "--outputs", "8,1,0,3")[0] == 0
    code, _, err = anaspike(*arguments, "--outputs", "8,1,0,9")
    assert (code, err) == (2, "error: --outputs: n.npz has the outputs 0 to 8\n")


def test_the_feed_forward_variant(anaspike):
    code, out, err = anaspike("train", "--dataset", "bccd", "--epochs", "3", "--variant",
                              "feed-forward", "--method", "nt1-inputs,nt1,tft")  # fmt: skip
    assert (code, err) == (0, "")
    assert "nt1-inputs" in out
    assert "adam" in out


def test_a_flow_trains(anaspike):
    Path("t.toml").write_text(
        'study = "train"\n[parameters]\ndataset = "bccd"\nepochs = 2\nrepeat = 2\n'
        'rates = ["0.1", 0.01]\n[specs.balanced]\nmin = 0.05\n',
        encoding="utf-8",
    )
    code, out, err = anaspike("run", "t.toml", "--out", "runs")
    assert (code, err) == (0, "")
    assert "1 met" in out
    assert anaspike("report", "runs", "-o", "page")[0] == 0


def test_a_checkpoint_is_gone_on_from(anaspike):
    arguments = ("train", "--dataset", "bccd", "--epochs", "2", "--checkpoint", "c.npz", "--quiet")
    assert anaspike(*arguments)[0] == 0
    assert anaspike(*arguments)[0] == 0
    code, _, err = anaspike(*arguments, "--seed", "1")
    assert code == 2
    assert err.startswith("error: c.npz is the checkpoint of another training")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--dataset", "mnist"), "error: unknown data set 'mnist'; there is"),
        (("--dataset", "bccd", "--method", "lora"), "error: unknown method 'lora'; choose one of"),
        (("--dataset", "bccd", "--rule", "stdp"), "error: unknown rule 'stdp'; choose one of pap"),
        (("--dataset", "bccd", "--source", "x"), "error: unknown source 'x'; choose one of clust"),
        (("--dataset", "bccd", "--epochs", "0"), "error: --epochs is 0; at least 1 is needed"),
        (("--dataset", "bccd", "--repeat", "0"), "error: train: seeds count from 0, and --repeat"),
        (("--dataset", "bccd", "--repeat", "x"), "error: --repeat: 'x' is not a number"),
        (("--dataset", "bccd", "--rate", "0.1,x"), "error: --rate: 'x' is not a number"),
        (("--dataset", "bccd", "--rate", "0.1,,1"), "error: --rate: '0.1,,1' has an empty place"),
        (("--dataset", "bccd", "--batch", "64,0"), "error: `batch` is 0; at least 1 is needed"),
        (("--dataset", "bccd", "--variant", "x"), "error: unknown variant 'x'; choose one of spi"),
        (("--dataset", "bccd", "--scale", "1"), "error: --outputs and --scale are of a network to"),
        (
            ("--dataset", "bccd", "--variant", "feed-forward", "--rule", "paper"),
            "error: a feed-forward network learns by Adam; leave out --rule",
        ),
        (
            ("--dataset", "bccd", "--variant", "feed-forward", "--votes", "4"),
            "error: a feed-forward network has one output a class; leave out --votes",
        ),
        (
            ("--dataset", "bccd", "--from", "n.npz", "--inputs", "spikes"),
            "error: a network to start from has its inputs; leave out --inputs",
        ),
        (
            ("--dataset", "bccd", "--from", "n.npz", "--votes", "2"),
            "error: only a new head has several outputs a class; leave out --votes or give --head",
        ),
        (("--dataset", "bccd", "--from", "none.npz"), "error: cannot read none.npz: No such file"),
        (
            ("--dataset", "bccd", "--rule", "surrogate", "--method", "bitfit"),
            "error: the surrogate rule does not tune by bitfit; choose one of nt1",
        ),
        (("--dataset", "bccd", "--rate", "-1"), "error: a learning rate of -1 is not a positive"),
        (("--dataset", "bccd", "--rate", "nan"), "error: --rate: nan is not a finite number"),
        (("--dataset", "bccd", "--source", "orientations"), "error: orientations need square ima"),
    ],
)
def test_bad_input(anaspike, arguments, message):
    code, out, err = anaspike("train", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1


def test_import_weights_says_what_became_of_each_array(anaspike):
    ones = np.float32(1)
    np.savez("w.npz", **{"fc1.weight": np.ones((3, 4)), "fc1.bias": np.zeros(3),
                         "fc2.weight": np.ones((2, 3)), "lif1.threshold": ones, "lif1.beta": ones,
                         "bn.weight": np.ones(3)})  # fmt: skip
    code, out, err = anaspike("import-weights", "w.npz", "--skip", "bn.*", "-o", "n.npz")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "fc1.weight -> layer 0 (3 x 4)",
        "fc1.bias -> its bias",
        "lif1.threshold -> theta of layer 0 (1)",
        "fc2.weight -> layer 1 (2 x 3)",
        "layer 1: no threshold in the file, so 1",
        "lif1.beta: left out, acts from step to step; the network here decides in one window"
        " (--dt makes one in time)",
        "bn.weight: left out, as --skip says",
        "note: snnTorch fires above a threshold, anaspike from it on; theta lies just above it,"
        " as drives may equal it",
        "network 4-3-2, theta 1; wrote n.npz",
    ]
    assert Network.load(Path("n.npz")).n_outputs == 2


def test_a_bomb_is_one_line_that_says_how_to_allow_it(anaspike):
    Path("w.npz").write_bytes(bomb(160_000_000))
    np.savez("ok.npz", fc=np.ones((1, 4)) / 2, fcb=np.zeros(1))
    anaspike("import-weights", "ok.npz", "--layers", "fc", "--skip", "fcb",
             "--orientation", "out,in", "-o", "n.npz")  # fmt: skip
    for command in (["import-weights", "w.npz"], ["map", "w.npz"], ["train", "--dataset", "w.npz"],
                    ["train-and-map", "--dataset", "w.npz"], ["map", "n.npz", "--inputs", "w.npz"],
                    ):  # fmt: skip
        code, out, err = anaspike(*command)
        assert (code, out) == (2, ""), command
        assert re.fullmatch(
            r"error: w.npz unpacks to 160 MB, and a file of \d+ kB may hold 128 MB; if you trust"
            r" it, allow more with --max-size\n",
            err,
        )
    code, _, err = anaspike("import-weights", "w.npz", "--max-size", "1G")
    assert code == 2
    assert err.startswith("error: w.npz: W: of shape (40000000,), as of a norm")
    code, _, err = anaspike("import-weights", "w.npz", "--max-size", "0")
    assert (code, err) == (2, "error: --max-size: 0 bytes are no size of a file\n")


def test_import_weights_asks_for_what_no_name_says(anaspike):
    np.savez("w.npz", a=np.eye(4) * 2.5 + np.ones(4), b=np.ones(4), c=np.ones((3, 4)))
    code, out, err = anaspike("import-weights", "w.npz", "--layers", "a, c", "--skip", "b")
    assert (code, out) == (0, "a -> layer 0 (4 x 4)\nc -> layer 1 (3 x 4)\n"
                              "b: left out, as --skip says\n"
                              "network 4-4-3, theta 1; wrote network.npz\n")  # fmt: skip
    assert err == ""
    Path("network.npz").unlink()
    arguments = ("--layers", "c", "--skip", "a", "--skip", "b")
    code, out, err = anaspike("import-weights", "w.npz", *arguments)
    assert (code, out) == (2, "")
    assert err == (
        "error: w.npz: c of shape (3, 4) fits either way; say what rows and columns are:"
        " --orientation out,in or --orientation in,out\n"
    )
    assert not Path("network.npz").exists()
    turned = anaspike("import-weights", "w.npz", *arguments, "--orientation", "in,out")
    assert turned[1].startswith("c -> layer 0 (4 x 3, transposed)\n")


@pytest.mark.parametrize("command", [("import-weights",), ("map",)])
def test_what_reads_weights_loads_no_pickle(anaspike, command):
    with zipfile.ZipFile("w.pth", "w") as archive:
        archive.writestr("archive/data.pkl", b"")
    code, out, err = anaspike(*command, "w.pth")
    assert (code, out) == (2, "")
    assert err.startswith(
        "error: w.pth is PyTorch's own file, a pickle, which is never loaded; save"
    )
    assert err.count("\n") == 1
    code, out, err = anaspike(*command, "none.npz")
    assert (code, out, err) == (2, "", "error: cannot read none.npz: No such file or directory\n")


def test_networks_in_time_by_their_options(anaspike):
    from nir_maker import graph, hdf5, net

    Path("m.nir").write_bytes(hdf5(graph(net())))
    code, out, _ = anaspike("import-weights", "digits.nir", "--dt", "100us", "-o", "digits.npz")
    assert (code, out.splitlines()[-1].partition(",")[0]) == (0, "network in time 64-64-10")  # ours
    code, out, _ = anaspike("import-weights", "m.nir", "--dt", "100us", "-o", "n.npz")
    assert (code, out.splitlines()[-1]) == (
        0, "network in time 3-4-2, a step is 0.0001 s; wrote n.npz",
    )  # fmt: skip
    np.savez("w.npz", **{"fc.weight": np.ones((2, 3)) / 3, "lif.threshold": np.array(1.0)})
    for ask, said in (
        (("import-weights", "n.npz", "--dt", "1e-4"), "a network of anaspike already"),
        (("import-weights", "m.nir"), "give what the network was trained with by --dt"),
        (("import-weights", "m.nir", "--dt", "1e-4", "--theta", "1"), "are for files of arrays"),
        (("import-weights", "w.npz", "--dt", "1e-4"), "its neurons have no beta in the file"),
        (("import-weights", "w.npz", "--dt", "1e-4", "--theta", "1"), "thresholds are the file's"),
        (("map", "m.nir"), "m.nir is a network in time; say for how long: --steps 10"),
        (("tune-in-loop", "xor", "--seeds", "3"), "--seeds is of networks of a data set"),
        (("tune-in-loop", "--start", "0.6"), "tune-in-loop bccd: --start is of the xor alone"),
        (("map", "n.npz"), "it is a network in time, which `anaspike map --steps` runs"),
        (("map", "n.npz", "--period", "2us"), "--period is of networks in time; give --steps too"),
        (("map", "n.npz", "--steps", "5", "--score", "best"), "no score 'best'"),
    ):
        code, _, err = anaspike(*ask)
        assert (code, said in err) == (2, True), err
