"""NT training at the paper's classifier size, 25088-4096-4096-1000, batches of 64, float32.

Against the same rule with nothing kept between epochs, against the machine's own rate of matrix
products, and against PyTorch doing the same step by autograd (where it is installed).
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from anaspike.learning.blas import one_thread
from anaspike.learning.counts import VGG_CLASSIFIER
from anaspike.learning.methods import METHODS
from anaspike.learning.network import Layer, Network
from anaspike.learning.rules import PAPER
from anaspike.learning.samples import Samples
from anaspike.learning.spiking import SpikingLearner
from benchmarks.pairs import ratio, row

BATCH, SAMPLES, RATE = 64, 128, 1e-4
Row = tuple[str, str, str, str]


def measure() -> Iterator[Row]:
    """Yield speed against the uncached rule, the matrix products and PyTorch; memory; equality."""
    network, samples = _classifier()
    with one_thread():
        cached, plain = _learner(network, samples, True), _learner(network, samples, False)
        batches = [np.arange(at, at + BATCH) for at in range(0, SAMPLES, BATCH)]
        yield row(
            "NT step, full size: nothing cached / cached",
            ratio(_steps(plain, batches), _steps(cached, batches)), 3.0, at_most=False,
        )  # fmt: skip
        again = _learner(network, samples, True), _learner(network, samples, False)
        for learner in again:
            _steps(learner, batches)()
        ours, theirs = (learner.state() for learner in again)
        apart = max(float(np.abs(ours[name] / theirs[name] - 1).max()) for name in ours)
        yield row("NT step: largest relative difference of trained values", apart, 1e-4, True)
        yield row(
            "NT step: its matrix products' time alone / its time",
            ratio(_products(network, len(batches)), _steps(cached, batches)), 0.8, at_most=False,
        )  # fmt: skip
        memory = (_peak_bytes() - samples.inputs.nbytes) / 1e9
        yield row("NT training: peak memory beside the features, GB", memory, 1.5, True)
        yield _against_torch(network, samples, _steps(cached, batches[:1]))


def _classifier() -> tuple[Network, Samples]:
    rng = np.random.default_rng(0)
    layers, fires = [], 25088 * 0.5
    for n_out, n_in in VGG_CLASSIFIER:
        weights = rng.standard_normal((n_out, n_in), np.float32)
        weights *= np.float32(1 / np.sqrt(fires))
        layers.append(Layer(weights, np.zeros(n_out, np.float32), np.ones(n_out, np.float32)))
        fires = n_out * 0.16  # of drives with a spread of theta
    inputs = rng.standard_normal((SAMPLES, 25088), np.float32).clip(0)
    return Network(tuple(layers)), Samples(inputs, np.arange(SAMPLES) % 10)


def _learner(network: Network, samples: Samples, caching: bool) -> SpikingLearner:
    few = Samples(samples.inputs[:1], samples.labels[:1])
    rng = np.random.default_rng(0)
    return SpikingLearner(network, METHODS["nt1"], PAPER, samples, few, rng, caching)


def _steps(learner: SpikingLearner, batches: list[Any]) -> Callable[[], None]:
    def work() -> None:
        for batch in batches:
            learner.step(batch, RATE, RATE)

    return work


def _products(network: Network, count: int) -> Callable[[], None]:
    """Return the products that a cached step cannot do without: layers 2 and 3, there and back."""
    rng = np.random.default_rng(1)
    pairs = []
    for layer in network.layers[1:]:
        n_out, n_in = layer.weights.shape
        below, above = (rng.standard_normal((BATCH, n), np.float32) for n in (n_in, n_out))
        pairs.append((layer.weights, below, above))

    def work() -> None:
        for _ in range(count):
            for weights, below, above in pairs:
                below @ weights.T
                above @ weights

    return work


def _against_torch(network: Network, samples: Samples, ours: Callable[[], None]) -> Row:
    what = "NT step: PyTorch autograd / ours"
    try:
        import torch  # noqa: PLC0415
    except ImportError:
        return what, "not run: PyTorch is not installed", "at least 2", "—"
    torch.set_num_threads(1)
    weights = [torch.from_numpy(layer.weights) for layer in network.layers]
    gains = [torch.ones(len(layer.weights), requires_grad=True) for layer in network.layers]
    inputs = torch.from_numpy(samples.inputs[:BATCH])
    wanted = torch.nn.functional.one_hot(torch.from_numpy(samples.labels[:BATCH]), 1000).float()

    def step() -> None:
        signal = inputs
        for matrix, gain in zip(weights, gains, strict=True):
            drive = (signal @ matrix.T) * gain
            # Fires forwards, passes the error unchanged backwards: the paper's sigma = 1.
            signal = (drive >= 1).float() + drive - drive.detach()
        (-((wanted - signal.detach()) * signal).sum()).backward()
        with torch.no_grad():
            for gain in gains:
                gain.sub_(gain.grad, alpha=RATE)
                gain.grad = None

    return row(what, ratio(step, ours), 2.0, at_most=False)


def _peak_bytes() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    for line in measure():
        print(*line, sep=" | ", flush=True)
