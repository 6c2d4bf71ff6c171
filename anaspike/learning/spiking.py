"""The spiking learner: forward by equations 3 to 5, backward by equations 11 and 12."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anaspike.learning.methods import METHODS, Method, Push
from anaspike.learning.network import Floats, Layer, Network
from anaspike.learning.rules import Rule
from anaspike.learning.samples import Indices, Samples
from anaspike.learning.scores import Labels, answers

_HEAD = METHODS["tft"]  # every method trains a head whole
_ROWS = 256  # samples at once where nothing is learned


@dataclass(frozen=True, eq=False)
class Forward:
    """What a batch left in each layer, from the inputs on: one array a layer."""

    inputs: list[Floats]
    sums: list[Floats]
    drives: list[Floats]


class SpikingLearner:
    """A network being tuned to samples by a method and a rule.

    The first layer's products W1 @ x do not change while its weights are frozen: they are
    computed once a sample, not once an epoch. That is most of the work (of the paper's
    classifier's 124 million weights 103 million are there).

    Args:
        network: what training starts from; its frozen arrays are shared, never copied.
        method: what is trained of every layer but a head.
        rule: what is an error and how it moves NT values.
        train, validation: the samples; labels are indices of outputs.
        rng: draws the first values of methods that start at random.
        caching: whether first products are kept; off only to be measured.
    """

    def __init__(
        self,
        network: Network,
        method: Method,
        rule: Rule,
        train: Samples,
        validation: Samples,
        rng: np.random.Generator,
        caching: bool = True,
    ) -> None:
        self._from = network
        self._rule = rule
        self._methods = [method] * len(network.layers)
        if network.head:
            self._methods[-1] = _HEAD
        starts = zip(self._methods, network.layers, strict=True)
        self._layers = [one.start(layer, rng) for one, layer in starts]
        weights = self._layers[0].weights
        keeps = caching and not self._methods[0].moves_weights
        self._train = _Signals(train, weights if keeps else None)
        self._validation = _Signals(validation, weights if keeps else None)

    def network(self) -> Network:
        """Return the network as it is now; what is trained still belongs to the learner."""
        return replace(self._from, layers=tuple(self._layers))

    def state(self) -> dict[str, NDArray[np.float32]]:
        """Return copies of all that training moves, by name."""
        return {
            f"{name}_{i}": values.copy()
            for i, (before, now) in enumerate(zip(self._from.layers, self._layers, strict=True))
            for name, values in vars(now).items()
            if values is not getattr(before, name)
        }

    def restore(self, state: dict[str, NDArray[np.float32]]) -> None:
        """Take back what `state` gave."""
        for i, layer in enumerate(self._layers):
            for name, values in vars(layer).items():
                if f"{name}_{i}" in state:
                    values[:] = state[f"{name}_{i}"]

    def step(self, batch: Indices, rate: float, head_rate: float) -> tuple[int, int]:
        """Learn from the training samples `batch`.

        Returns:
            How many outputs were wrong and how many samples right, both before the step.
        """
        forward = self._forward(self._train, batch)
        wanted = np.zeros(forward.drives[-1].shape, np.bool_)
        rows = np.arange(len(batch))
        votes = self._from.votes
        wanted.reshape(len(batch), -1, votes)[rows, self._train.samples.labels[batch]] = True
        wrong = (forward.drives[-1] >= self._from.theta) != wanted
        self._backward(forward, self._rule.error(forward.drives[-1], wanted, self._from.theta),
                       rate, head_rate)  # fmt: skip
        return int(wrong.sum()), int((~wrong.any(1)).sum())

    def validation_answers(self) -> Labels:
        """Return the class of each validation sample, negative where there is none."""
        n = len(self._validation.samples.labels)
        blocks = [np.arange(at, min(at + _ROWS, n)) for at in range(0, n, _ROWS)]
        drives = [self._forward(self._validation, block).drives[-1] for block in blocks]
        return answers(np.concatenate(drives) >= self._from.theta, self._from.votes)

    def _forward(self, signals: "_Signals", batch: Indices) -> Forward:
        inputs = [signals.inputs(batch)]
        sums = [signals.sums(batch, self._layers[0])]
        drives: list[Floats] = []
        for i, layer in enumerate(self._layers):
            if i:
                inputs.append((drives[-1] >= self._from.theta).astype(np.float32))
                sums.append(layer.sums(inputs[i]))
            drives.append(sums[i] * layer.amplifier)
        return Forward(inputs, sums, drives)

    def _backward(self, forward: Forward, error: Floats, rate: float, head_rate: float) -> None:
        for i in reversed(range(len(self._layers))):
            layer, method = self._layers[i], self._methods[i]
            push = Push(
                error, forward.sums[i], forward.inputs[i],
                head_rate if self._from.head and i == len(self._layers) - 1 else rate, self._rule,
            )  # fmt: skip
            if i:  # before the layer moves
                hidden = np.asarray((error * layer.amplifier) @ layer.weights, np.float32)
                error = self._rule.passed(hidden, forward.drives[i - 1], self._from.theta)
            method.move(layer, push)


class _Signals:
    """Samples with what the first layer makes of them, kept where its weights are frozen."""

    def __init__(self, samples: Samples, weights: Floats | None) -> None:
        self.samples = samples
        self._products = None if weights is None else first_products(weights, samples.inputs)

    def inputs(self, batch: Indices) -> Floats:
        """Return the inputs, or nothing where no one will ask for them."""
        return self.samples.inputs[batch] if self._products is None else self._products[:0]

    def sums(self, batch: Indices, layer: Layer) -> Floats:
        if self._products is None:
            return layer.sums(self.samples.inputs[batch])
        return self._products[batch] + layer.bias


def first_products(weights: Floats, inputs: Floats) -> Floats:
    """Return inputs @ weights.T, (n_samples, n_out), a block of samples at a time."""
    products = np.empty((len(inputs), len(weights)), np.float32)
    for at in range(0, len(inputs), _ROWS):
        np.matmul(inputs[at : at + _ROWS], weights.T, out=products[at : at + _ROWS])
    return products
