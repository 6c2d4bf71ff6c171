"""Source networks: what NT starts from where no trained network is at hand."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anaspike.errors import InputError
from anaspike.learning.blas import one_thread
from anaspike.learning.feedforward import FeedForwardLearner
from anaspike.learning.loop import Pace, Report, Tuned, run
from anaspike.learning.network import Floats, Layer, Network
from anaspike.learning.samples import Samples

_QUIET = 0.3  # how large the first weights are of outputs that vote


def pretrain(
    train: Samples,
    validation: Samples,
    n_outputs: int,
    hidden: Sequence[int] = (128,),
    epochs: int = 25,
    rate: float = 1e-3,
    seed: int = 0,
    report: Report | None = None,
) -> Tuned:
    """Train a ReLU network from random weights on a source task, as VGG's classifier was.

    The paper copies such weights into the spiking network as they are; `spiking` does that.

    Args:
        train, validation: of the source task.
        n_outputs: classes of the source task.
        hidden: neurons of each hidden layer.
        epochs, rate: of Adam, batches of 64.
        seed: of the first weights and of the order.
        report: called after each epoch.
    """
    rng = np.random.default_rng([seed, 1])
    sizes = [train.inputs.shape[1], *hidden, n_outputs]
    layers = tuple(
        Layer.of(rng.normal(0, np.sqrt(2 / n_in), (n_out, n_in))) for n_in, n_out in pairwise(sizes)
    )
    network = Network(layers)
    for samples in (train, validation):
        samples.check(network.n_inputs, network.n_classes)
    pace = Pace(epochs, 64, rate, rate, falls=False, seed=seed)
    with one_thread():
        learner = FeedForwardLearner(network, "tft", train, validation, rng)
        return run(learner, train.labels, validation.labels, pace, report)


def spiking(network: Network, inputs: ArrayLike, scale: float = 1.0) -> Network:
    """Return the network with each layer's drive normalised, so that a theta of 1 makes sense.

    From the inputs on, weights and biases of a layer are divided by the standard deviation of
    its drives over all its neurons and the samples given, as they are when the layers before
    already spike. A theta of 1 then lies `1 / scale` standard deviations from zero.

    Args:
        network: trained as a ReLU network, or anywhere else.
        inputs: of training samples, (n_samples, n_in).
        scale: standard deviation to give the drives.

    Raises:
        InputError: a layer that no input drives.
    """
    signal: Floats = np.asarray(inputs, np.float32)
    layers: list[Layer] = []
    with one_thread():
        for layer in network.layers:
            drive = layer.drive(signal)
            spread = float(drive.std(dtype=np.float64))
            if not spread > 0:
                raise InputError(
                    f"layer {len(layers)} is driven alike by every sample; its drive cannot be"
                    " normalised"
                )
            factor = np.float32(scale / spread)
            layers.append(Layer(layer.weights * factor, layer.bias * factor, layer.amplifier))
            signal = (drive * factor >= 1).astype(np.float32)
    return replace(network, layers=tuple(layers), theta=1.0)


def headed(
    layers: tuple[Layer, ...], theta: float, n_classes: int, inputs: ArrayLike, seed: int = 0,
    votes: int = 1,
) -> Network:  # fmt: skip
    """Return layers with a new output layer appended (the paper's section 6.1); of none it alone.

    Its weights are random and of a size that drives of about theta result from what the given
    inputs send it. Where a class has several outputs their weights start smaller and their biases
    evenly between -theta and theta, so that more of them fire the more speaks for the class.

    Args:
        layers: spiking, from the inputs on.
        theta: their threshold.
        n_classes: classes of the head.
        inputs: of training samples, (n_samples, n_in).
        seed: of the weights.
        votes: outputs of each class.
    """
    sent = np.asarray(inputs, np.float32)
    if layers:
        with one_thread():
            sent = Network(layers, theta).spikes(sent)[-1].astype(np.float32)
    spread = theta / np.sqrt(max(1.0, float((sent**2).sum(1, dtype=np.float64).mean())))
    weights: NDArray[np.float64] = np.random.default_rng([seed, 2]).normal(
        0, spread if votes == 1 else spread * _QUIET, (n_classes * votes, sent.shape[1])
    )
    bias = np.zeros(len(weights)) if votes == 1 else np.tile(np.linspace(-1, 1, votes), n_classes)
    return Network((*layers, Layer.of(weights, theta * bias)), theta, True, votes)


def with_head(network: Network, n_classes: int, inputs: ArrayLike, seed: int = 0) -> Network:
    """Return a spiking network with a new output layer appended, one output a class."""
    return headed(network.layers, network.theta, n_classes, inputs, seed)


def with_linear_head(network: Network, n_classes: int, seed: int = 0) -> Network:
    """Return a ReLU network with a new output layer appended (the paper's section 3.2)."""
    n_in = network.n_outputs
    weights = np.random.default_rng([seed, 2]).normal(0, np.sqrt(1 / n_in), (n_classes, n_in))
    return replace(network, layers=(*network.layers, Layer.of(weights)), head=True)
