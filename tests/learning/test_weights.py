"""Networks from elsewhere: every framework's names, every refusal by its reason, and noise."""

import re

import numpy as np
import pytest
from weight_makers import SNN, f, lif

from anaspike.errors import InputError
from anaspike.learning.network import Network
from anaspike.learning.weights import import_weights


@pytest.fixture
def imported(tmp_path):
    """Write arrays and import them; the network and the lines on its arrays."""

    def run(arrays, **options):
        lines = []
        np.savez(tmp_path / "w.npz", **arrays)
        network = import_weights(tmp_path / "w.npz", report=lines.append, **options)
        return network, lines

    return run


def sizes(network):
    return [network.n_inputs, *(len(layer.weights) for layer in network.layers)]


FRAMEWORKS = {
    "PyTorch": {"0.weight": f(8, 4), "0.bias": f(8), "10.weight": f(3, 5), "10.bias": f(3),
                "9.weight": f(5, 8)},
    "wrapped": {f"module.net.{name}": values for name, values in SNN.items()},
    "blood cells": {"cell_classifier.0.weight": f(8, 4), "cell_classifier.2.weight": f(3, 8)},
    "a list of blocks": {"layers.0.0.weight": f(8, 4), "layers.1.0.weight": f(3, 8),
                         "layers.0.1.threshold": np.array(1.0),
                         "layers.1.1.threshold": np.array(1.0)},
    "a head": {"net.0.weight": f(8, 4), "net.2.weight": f(8, 8), "head.weight": f(3, 8)},
    "snnTorch": SNN | lif("lif1") | lif("lif2"),
    "Synaptic": SNN | lif("lif1", alpha=0.8) | lif("lif2", alpha=0.8),
    "LinearLeaky": {"0.linear.weight": f(8, 4), "0.linear.bias": f(8)} | lif("0", tau=10.0),
    "Norse": {"0.weight": f(8, 4), "0.bias": f(8), "2.input_weights": f(3, 8)},
    "equinox": {".layers[0].weight": f(8, 4), ".layers[0].bias": f(8),
                ".layers[1].weight": f(3, 8)},
    "Keras": {"sequential/dense/kernel": f(4, 8), "sequential/dense/bias": f(8),
              "sequential/dense_1/kernel": f(8, 8), "sequential/dense_2/kernel": f(8, 3),
              "seed_generator/seed_generator_state": np.array([1, 2], np.uint32)},
    "Keras 2": {"dense/dense/kernel:0": f(4, 4), "dense/dense/bias:0": f(4),
                "dense_1/dense_1/kernel:0": f(4, 3)},
    "Keras's h5": {"layers/dense/vars/0": f(4, 8), "layers/dense/vars/1": f(8),
                   "layers/dense_1/vars/0": f(8, 3)},
    "Flax": {"params/Dense_0/kernel": f(4, 4), "params/Dense_0/bias": f(4),
             "params/Dense_10/kernel": f(4, 3), "params/Dense_2/kernel": f(4, 4)},
    "Flax named": {"params.hidden.kernel": f(4, 8), "params.head.kernel": f(8, 3)},
    "JAX": {"['params']['Dense_0']['kernel']": f(4, 8), "['params']['Dense_0']['bias']": f(8)},
    "Haiku": {"mlp/~/linear_0/w": f(4, 8), "mlp/~/linear_0/b": f(8), "mlp/~/linear_1/w": f(8, 3)},
    "x @ W": {"W1": f(4, 8), "b1": f(1, 8), "W2": f(8, 1), "b2": np.float64(0.5)},
    "W @ x": {"W1": f(8, 4), "b1": f(8, 1), "W2": f(3, 8), "b2": f(3, 1)},
    "without biases": {"W1": f(4, 8), "W2": f(8, 3)},
    "fc_w": {"fc_w": f(8, 4), "fc_b": f(8)},
    "weight_0": {"weight_0": f(8, 4), "bias_0": f(8), "weight_1": f(3, 8)},
    "ends": {"W_in": f(8, 4), "b_in": f(8), "W_out": f(3, 8), "b_out": f(3)},
}  # fmt: skip
TRANSPOSED = {"Keras", "Keras 2", "Keras's h5", "Flax", "Flax named", "JAX", "Haiku", "x @ W",
              "without biases"}  # fmt: skip


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_frameworks_names_and_orientation(imported, framework):
    arrays = FRAMEWORKS[framework]
    network, lines = imported(arrays)
    kept = {line.split(" -> ")[0]: line for line in lines if " -> layer " in line}
    assert len(kept) == len(network.layers)
    for layer, (name, line) in zip(network.layers, kept.items(), strict=True):
        wanted = arrays[name].T if framework in TRANSPOSED else arrays[name]
        assert (layer.weights == wanted).all()
        assert ("transposed" in line) == (framework in TRANSPOSED)
    told = {re.split(" -> |: left out", line)[0] for line in lines}
    assert told - {line for line in lines if line.startswith("note: ")} == set(arrays)
    biases = [name for name in arrays if re.search(r"bias|\bb\d?$|/1$|_b$|^b_", name)]
    assert sum(line.endswith("-> its bias") for line in lines) == len(biases)


def test_what_became_of_each_array_is_told(imported):
    arrays = SNN | lif("lif1", 0.5) | {"bn.num_batches_tracked": np.array(5), "extra": f(2)}
    network, lines = imported(arrays, skip=["ex*"], theta=2.0)
    assert (sizes(network), network.theta) == ([4, 8, 3], 1.0)
    steps = (
        "left out, acts from step to step; the network here decides in one window"
        " (--dt makes one in time)"
    )
    assert lines == [
        "fc1.weight -> layer 0 (8 x 4)",
        "fc1.bias -> its bias",
        "lif1.threshold -> theta of layer 0 (0.5; weights and bias scaled to theta 1)",
        "fc2.weight -> layer 1 (3 x 8)",
        "fc2.bias -> its bias",
        "layer 1: no threshold in the file, so 2",
        "lif1.graded_spikes_factor: left out, it is 1, as spikes here are",
        f"lif1.beta: {steps}",
        f"lif1.reset_mechanism_val: {steps}",
        "bn.num_batches_tracked: left out, counts or draws in training only",
        "extra: left out, as --skip says",
        "note: snnTorch fires above a threshold, anaspike from it on; a drive that equals it would"
        " differ",
    ]


RECURRENT = "named as part of a recurrent layer; the network here is feed-forward"
NORM = "part of a norm; fold it into the layer beside it before saving"
SKIP = " (--skip NAME leaves an array out)"
FC = {"fc1.weight": f(8, 4), "fc1.bias": f(8)}
REFUSED = [
    ({"0.input_weights": f(8, 4), "0.recurrent_weights": f(8, 8), "1.weight": f(3, 8)},
     f"0.recurrent_weights: {RECURRENT}"),
    (SNN | lif("lif1") | {"lif1.recurrent.weight": f(8, 8), "lif1.recurrent.bias": f(8)},
     f"lif1.recurrent.weight, lif1.recurrent.bias: {RECURRENT}"),
    (FC | lif("lif1", V=1.0), "lif1.V: a neuron's feedback to itself; the network here is feed-"),
    ({"rnn.weight_ih_l0": f(4, 4), "rnn.weight_hh_l0": f(4, 4), "rnn.bias_ih_l0": f(4),
      "rnn.bias_hh_l0": f(4), "rnn.weight_hh_l1": f(4, 4)},
     "rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, rnn.bias_hh_l0 and 1 more: named as "),
    ({"weight_ih": f(20, 4), "weight_hh": f(20, 5)}, f"weight_ih, weight_hh: {RECURRENT}"),
    ({"lstm/lstm_cell/kernel": f(4, 20), "lstm/lstm_cell/recurrent_kernel": f(5, 20)},
     f"lstm/lstm_cell/kernel, lstm/lstm_cell/recurrent_kernel: {RECURRENT}"),
    ({"params/OptimizedLSTMCell_0/hi/kernel": f(5, 5)}, RECURRENT),
    ({"Wxh": f(8, 4), "Whh": f(8, 8)}, f"Whh: {RECURRENT}"),
    (FC | {"bn.weight": f(8), "bn.bias": f(8)}, f"bn.weight, bn.bias: {NORM}"),
    (FC | {"1.running_mean": f(8), "1.running_var": f(8)},
     f"1.running_mean, 1.running_var: {NORM}"),
    (FC | {"1.weight": f(8), "1.bias": f(8)}, "1.weight: of shape (8,), as of a norm, a gain or a"),
    (FC | {"1.weight": f(8), "1.bias": f(8)}, "; 1.bias: the bias of no layer"),
    (FC | {"batch_normalization/gamma": f(8), "batch_normalization/beta": f(8),
           "batch_normalization/moving_mean": f(8)},
     "batch_normalization/gamma, batch_normalization/beta, batch_normalization/moving_mean: part"),
    (FC | {"params/LayerNorm_0/scale": f(8)}, f"params/LayerNorm_0/scale: {NORM}"),
    (FC | {"fc1.beta": f(8)}, "fc1.beta: the name does not say what it is, as fc1.weight, fc1.b"),
    (FC | {"gain1": f(8)}, "gain1: a gain, which no layer here has; multiply it into the weights"),
    (FC | {"p_re_lu/alpha": f(8)}, "p_re_lu/alpha: a gain, which no layer here has"),
    ({"fc.weight_g": f(8, 1), "fc.weight_v": f(8, 4)}, "fc.weight_g, fc.weight_v: one of several"),
    ({"parametrizations.weight.original0": f(8, 1)}, "one of several parts of weights"),
    ({"fc.weight_orig": f(8, 4), "fc.weight_mask": f(8, 4)}, "one of several parts of weights"),
    (FC | {"conv1.weight": f(8, 4, 3)}, "conv1.weight: part of a convolution; only layers that"),
    (FC | {"0.weight": f(2, 1, 3, 3)}, "0.weight: of shape (2, 1, 3, 3), as of a norm, a gain or"),
    (FC | {"embed.weight": f(4, 4)}, "embed.weight: part of an embedding, which is no layer of"),
    (FC | {"self_attn.in_proj_weight": f(12, 4)}, "self_attn.in_proj_weight: part of attention, "),
    ({"q_proj.weight": f(4, 4), "out_proj.weight": f(4, 4)}, "q_proj.weight, out_proj.weight: pa"),
    ({"einsum_dense/kernel": f(4, 8)}, "einsum_dense/kernel: of an Einsum layer, whose equation"),
    (FC | {"shortcut.weight": f(8, 4)}, "shortcut.weight: on a way round a layer; layers here com"),
    ({"experts.0.weight": f(4, 4), "experts.1.weight": f(4, 4)},
     "experts.0.weight, experts.1.weight: one of several paths side by side"),
    ({"nets.0.fc.weight": f(4, 4), "nets.1.fc.weight": f(4, 4)}, "one of several paths"),
    ({"branch1.weight": f(4, 4), "branch2.weight": f(4, 4)}, "one of several paths"),
    (FC | {"opt_state/0/mu/fc1/kernel": f(4, 8)}, "part of an optimiser, not of the network"),
    (FC | {"lif.v_th": f(), "lif.tau_mem_inv": f()}, "lif.v_th, lif.tau_mem_inv: a neuron's const"),
    (FC | lif("lif1", graded_spikes_factor=2.0), "lif1.graded_spikes_factor: spikes of another si"),
    (FC | lif("lif1", R=1.0, C=5.0), "lif1.R, lif1.C: a Lapicque neuron's, which multiplies its d"),
    (FC | lif("lif1", alpha=0.9) | {"lif1.reset_mechanism_val": np.array(1)},
     "lif1.alpha: an Alpha neuron's, whose drive is another, or a Synaptic one's that resets to "),
    (FC | {"arr_0": f(8, 8)}, "arr_0: the name does not say what it is"),
    (FC | {"b1": f(8, 8)}, "b1: of shape (8, 8), which is no bias: one value a neuron"),
    (FC | {"fc1.b": f(8)}, "fc1.b: a second one beside fc1.bias"),
    (FC | {"fc1.W": f(8, 4)}, "fc1.W: a second one beside fc1.weight"),
    (FC | {"c.bias": f(2)}, "c.bias: the bias of no layer"),
    ({"W1": f(8, 4), "fc1.bias": f(8)}, "fc1.bias: the bias of no layer"),
    ({"fc.weight": np.ones((3, 4), int)}, "fc.weight: whole numbers (int64), which are no weight"),
    ({"fc.weight": np.ones((3, 4), np.int8)}, "fc.weight: whole numbers (int8), which are no weig"),
    ({"fc.weight": np.ones((3, 4), "V2")}, "fc.weight: numbers of type |V2 (bfloat16, perhaps); s"),
    ({"fc.weight": np.ones((3, 4), complex)}, "fc.weight: numbers of type <c16; save float32"),
    ({"fc.weight": f(0, 4)}, "fc.weight: empty, of shape (0, 4)"),
    ({"\x1b[31m\nfc.gain": f(3)}, "\\x1b[31m\\x0afc.gain: a gain"),
]  # fmt: skip


@pytest.mark.parametrize(("arrays", "message"), REFUSED)
def test_what_is_no_feed_forward_layer_is_refused_by_name_and_reason(imported, arrays, message):
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        imported(arrays)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(SKIP)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "holds no array to import"),
        ({"lif.threshold": np.ones(())}, "holds no matrix of weights (neurons, inputs)"),
        ({"fc.weight": np.array([[np.nan]])}, "fc.weight: weights holds values that are not fin"),
        ({"W1": np.full((3, 4), 1e300), "b1": f(3)}, "W1: weights holds values that are not fin"),
        ({"fc.weight": f(2, 3), "fc.bias": f(3)}, "fc.bias: bias of shape (3,) does not fit wei"),
        ({"fc1.weight": f(2, 3), "fc2.weight": f(2, 3)},
         "layer 1 takes 3 inputs, but layer 0 has 2 neurons (fc2.weight after fc1.weight)"),
        ({"fc1.weight": f(4, 8), "fc1.bias": f(8)}, "; it would fit with --orientation in,out"),
        ({"W1": f(4, 4), "b1": f(4)}, "W1 of shape (4, 4) fits either way; say what rows and col"),
        ({"W1": f(4, 8), "W2": f(8, 4)}, "W1 of shape (4, 8) fits either way; say what rows and c"),
        ({"weight": f(4, 8)}, "weight of shape (4, 8) fits either way; say what rows and columns"),
        ({"actor.0.weight": f(4, 4), "critic.0.weight": f(4, 4)},
         "the names do not say in which order actor.0.weight, critic.0.weight come, or that they"
         " are one network; say it from the inputs on: --layers NAME,NAME"),
        ({f"{i}.{j}.weight": f(4, 4) for i in (0, 1) for j in (0, 1)}, "the names do not say in"),
        ({"fc1.weight": f(4, 4), "lateral_fb.weight": f(4, 4)}, "lateral_fb.weight: named as part"),
        ({"fc1.weight": f(4, 4), "mix.weight": f(4, 4)}, "the names do not say in which order"),
        ({"fc1.weight": f(4, 4), "fc01.weight": f(4, 4)}, "the names do not say in which order"),
        ({"fc1.weight": f(4, 4), "fc2.kernel": f(4, 4)}, "the names do not say in which order"),
        ({"i2h.weight": f(8, 4), "h2h.weight": f(8, 8), "h2o.weight": f(3, 8)}, "the names do not"),
        ({"input.weight": f(8, 4), "hidden.weight": f(8, 8), "output.weight": f(3, 8)},
         "the names do not say in which order input.weight, hidden.weight, output.weight come"),
        ({"W_in": f(8, 4), "W": f(8, 8), "W_out": f(3, 8)}, "the names do not say in which order"),
        ({"fc1.weight": f(8, 4), "policy_head.weight": f(8, 8), "value_head.weight": f(8, 8)},
         "the names do not say in which order"),
        (SNN | {"lif.threshold": np.ones(())}, "lif.threshold: the name does not say which laye"),
        ({"1.weight": f(4, 4)} | lif("0"), "0.threshold: the name does not say which layer's neur"),
        (FC | lif("lif1", 0.0), "lif1.threshold: a threshold is a positive number, as float32"),
        (FC | lif("lif1", np.nan), "lif1.threshold: a threshold is a positive number, as float32"),
        (FC | lif("lif1", np.ones(5)), "lif1.threshold: threshold of shape (5,) does not fit weig"),
    ],
)  # fmt: skip
def test_what_does_not_fit_or_may_mean_two_things(imported, arrays, message):
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        imported(arrays)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"skip": ["fc9.bias"]}, "--skip: no array is called 'fc9.bias'; did you mean 'fc2.bias'?"),
        ({"skip": ["*"]}, "holds no array to import"),
        ({"orientation": "rows"}, "--orientation: 'rows' is neither out,in nor in,out"),
        (
            {"orientation": "in,out"},
            "fc1.bias: bias of shape (8,) does not fit weights of shape",
        ),
        ({"layers": ["fc1.wait"]}, "--layers: no array is called 'fc1.wait'; did you mean 'fc1.we"),
        ({"layers": ["fc1.weight"]}, "fc2.weight is not among --layers; add it, or --skip it"),
        ({"layers": ["fc1.weight"] * 2}, "--layers: fc1.weight stands there twice"),
        ({"layers": ["fc2.weight", "fc1.weight"]}, "layer 1 takes 4 inputs, but layer 0 has 3"),
        ({"theta": 2.0}, "holds other thresholds than --theta; leave it out, or --skip these"),
        ({"theta": 1e60}, "--theta: 1e+60 is no positive number, as float32"),
        ({"theta": 0.0, "skip": ["lif2.*"]}, "--theta: 0 is no positive number, as float32"),
    ],
)
def test_odd_options(imported, options, message):
    with pytest.raises(InputError, match=re.escape(message)):
        imported(SNN | lif("lif1") | lif("lif2"), **options)


def test_options_say_what_names_do_not(imported):
    network, _ = imported({"W1": f(4, 4), "b1": f(4)}, orientation="in,out")
    assert sizes(network) == [4, 4]
    arrays = {"h.weight": f(4, 4), "emb_fc.weight": f(4, 4), "emb_fc.bias": f(4), "x": f(5, 4)}
    network, _ = imported(arrays, layers=["emb_fc.weight", "h.weight", "x"], orientation="out,in")
    assert (network.layers[0].bias == arrays["emb_fc.bias"]).all()
    assert (network.layers[2].weights == arrays["x"]).all()
    _, lines = imported({"W": np.eye(3)})  # the same either way
    assert lines == ["W -> layer 0 (3 x 3)"]


def test_one_theta_for_all_layers(imported):
    network, lines = imported({"W1": f(8, 4), "b1": f(8), "W2": f(3, 8), "theta": np.array(0.5)})
    assert network.theta == 0.5
    assert "theta -> theta of layer 1 (0.5)" in lines


def test_a_network_of_anaspikes_own_is_none_from_elsewhere(tmp_path, imported):
    imported(SNN)[0].save(tmp_path / "n.npz")
    with pytest.raises(InputError, match=r"n\.npz: a network of anaspike already; use it as it is"):
        import_weights(tmp_path / "n.npz")
    np.savez(tmp_path / "w.npz", **SNN)
    with pytest.raises(InputError, match="`anaspike import-weights` makes one of arrays"):
        Network.load(tmp_path / "w.npz")
