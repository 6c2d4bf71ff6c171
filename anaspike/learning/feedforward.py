"""The feed-forward variant of the paper's section 4: ReLU, softmax, cross entropy, Adam."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from anaspike.errors import InputError
from anaspike.learning.checkpoint import State
from anaspike.learning.network import Floats, Layer, Network
from anaspike.learning.samples import Indices, Samples
from anaspike.learning.scores import Labels
from anaspike.units import printable

# What each method trains of a layer. NT values multiply the inputs of a layer: of all of them
# in Table 3 (nt1-inputs); in Table 5 (nt1) not of the first, so that each belongs to a neuron.
TRAINED: Mapping[str, tuple[str, ...]] = {
    "nt1": ("gain",), "nt1-inputs": ("gain",), "nt2": ("bias",), "additive": ("added",),
    "bitfit": ("bias",), "tft": ("weights", "bias"), "none": (),
}  # fmt: skip


@dataclass(eq=False)
class Adam:
    """Adam with its usual constants, as Kingma and Ba's section 2 ends (arXiv:1412.6980).

    Epsilon stands beside the moment as it is, before its bias is corrected.
    """

    moments: State = field(default_factory=dict)
    steps: int = 0

    def watch(self, name: str, values: Floats) -> None:
        """Begin the moments of values that will move."""
        for moment in ("mean", "square"):
            self.moments[f"{moment}.{name}"] = np.zeros_like(values)

    def move(self, name: str, values: Floats, gradient: Floats, rate: float) -> None:
        """Move values against their gradient, in place; `steps` counts this step."""
        mean, square = self.moments[f"mean.{name}"], self.moments[f"square.{name}"]
        mean += np.float32(0.1) * (gradient - mean)
        square += np.float32(0.001) * (gradient * gradient - square)
        scale = np.float32(rate * np.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps))
        values -= scale * mean / (np.sqrt(square) + np.float32(1e-8))

    def state(self) -> State:
        """Return copies of the moments and the number of steps, by name."""
        moments = {f"adam.{name}": values.copy() for name, values in self.moments.items()}
        return {**moments, "adam.steps": np.array([self.steps], np.float32)}

    def restore(self, state: State) -> None:
        """Take back what `state` gave."""
        self.steps = int(state["adam.steps"][0])
        self.moments = {
            name.removeprefix("adam."): values.copy()
            for name, values in state.items()
            if name.startswith("adam.") and name != "adam.steps"
        }


@dataclass(eq=False)
class _Dense:
    """z = (W + added) (gain * inputs) + b."""

    weights: Floats
    bias: Floats
    gain: Floats
    added: Floats

    @classmethod
    def of(cls, layer: Layer) -> "_Dense":
        n_out, n_in = layer.weights.shape
        return cls(
            layer.weights, layer.bias, np.ones(n_in, np.float32), np.zeros(n_out, np.float32)
        )

    def start(self, method: str, rng: np.random.Generator) -> None:
        """Take the first values of a method that starts at random."""
        if method == "additive":
            self.added = rng.random(len(self.added), np.float32)
        elif method == "bitfit":
            self.bias = self.bias + rng.random(len(self.bias), np.float32)

    def sums(self, inputs: Floats) -> Floats:
        scaled = inputs * self.gain
        sums = scaled @ self.weights.T + self.bias + scaled.sum(1, keepdims=True) * self.added
        return np.asarray(sums, np.float32)

    def folded(self) -> Layer:
        """Return the same layer with everything in its weights."""
        return Layer.of((self.weights + self.added[:, None]) * self.gain, self.bias)


class FeedForwardLearner:
    """A ReLU network being tuned by a method of section 4.

    Args:
        network: what training starts from; amplifiers are not used.
        method: a key of `TRAINED`.
        train, validation: the samples; labels are indices of outputs.
        rng: draws the first values of additive and bitfit, from U(0, 1).

    Raises:
        InputError: unknown method.
    """

    def __init__(
        self,
        network: Network,
        method: str,
        train: Samples,
        validation: Samples,
        rng: np.random.Generator,
    ) -> None:
        check_method(method)
        self._head = network.head
        self._train, self._validation = train, validation
        self._adam = Adam()
        self._layers: list[_Dense] = []
        self._trained: list[tuple[str, ...]] = []
        for i, layer in enumerate(network.layers):
            dense = _Dense.of(layer)
            is_head = network.head and i == len(network.layers) - 1
            names = _names(method, i, is_head)
            if not is_head:
                dense.start(method, rng)
            for name in names:
                setattr(dense, name, getattr(dense, name).copy())
                self._adam.watch(f"{name}_{i}", getattr(dense, name))
            self._layers.append(dense)
            self._trained.append(names)

    def network(self) -> Network:
        """Return the network as it is now: gains and added values are in its weights."""
        return Network(tuple(layer.folded() for layer in self._layers), head=self._head)

    def state(self) -> State:
        """Return copies of all that training moves, Adam's moments among it."""
        state = {
            f"{name}_{i}": getattr(self._layers[i], name).copy()
            for i, names in enumerate(self._trained)
            for name in names
        }
        return {**state, **self._adam.state()}

    def restore(self, state: State) -> None:
        """Take back what `state` gave."""
        for i, names in enumerate(self._trained):
            for name in names:
                getattr(self._layers[i], name)[:] = state[f"{name}_{i}"]
        self._adam.restore(state)

    def step(self, batch: Indices, rate: float, head_rate: float) -> tuple[int, int]:
        """Learn from a batch: one step of Adam along the mean cross entropy."""
        inputs, sums = self._forward(self._train.inputs[batch])
        labels = self._train.labels[batch]
        error = _softmax(sums[-1])
        right = int((sums[-1].argmax(1) == labels).sum())
        error[np.arange(len(batch)), labels] -= 1
        error /= np.float32(len(batch))
        self._adam.steps += 1
        for i in reversed(range(len(self._layers))):
            below = self._move(i, error, inputs[i], head_rate if self._is_head(i) else rate)
            if i:
                error = below * (inputs[i] > 0)
        return 2 * (len(batch) - right), right  # a wrong answer is two wrong outputs

    def validation_answers(self) -> Labels:
        """Return the most active output of each validation sample: (n_samples,)."""
        return self.answers(self._validation.inputs)

    def answers(self, inputs: Floats) -> Labels:
        """Return the most active output for inputs (n_samples, n_in): (n_samples,)."""
        found: Labels = self._forward(inputs)[1][-1].argmax(1)
        return found

    def _forward(self, signal: Floats) -> tuple[list[Floats], list[Floats]]:
        inputs: list[Floats] = []
        sums: list[Floats] = []
        for layer in self._layers:
            inputs.append(signal)
            sums.append(layer.sums(signal))
            signal = np.maximum(sums[-1], np.float32(0))
        return inputs, sums

    def _move(self, i: int, error: Floats, inputs: Floats, rate: float) -> Floats:
        """Move one layer; return the error of its inputs as they came."""
        layer, names = self._layers[i], self._trained[i]
        scaled = inputs * layer.gain
        below = np.empty(0, np.float32)  # before the layer moves; the inputs' own asks no one
        if i or "gain" in names:
            back = error @ layer.weights + (error @ layer.added)[:, None]
            below = np.asarray(back, np.float32)
        gradients: dict[str, Callable[[], Floats]] = {
            "gain": lambda: (below * inputs).sum(0),
            "bias": lambda: error.sum(0),
            "added": lambda: (error * scaled.sum(1, keepdims=True)).sum(0),
            "weights": lambda: error.T @ scaled,
        }
        gain = layer.gain.copy()
        for name in names:
            self._adam.move(f"{name}_{i}", getattr(layer, name), gradients[name](), rate)
        return below * gain if below.size else below

    def _is_head(self, i: int) -> bool:
        return self._head and i == len(self._layers) - 1


def check_method(method: str) -> None:
    """Refuse a method that there is not.

    Raises:
        InputError: unknown.
    """
    if method not in TRAINED:
        raise InputError(
            f"unknown method '{printable(method)}'; choose one of {', '.join(TRAINED)}"
        )


def sums_of(network: Network, inputs: Floats) -> Floats:
    """Return the outputs of a ReLU network before the softmax, (n_samples, n_out)."""
    signal = inputs
    for layer in network.layers[:-1]:
        signal = np.maximum(layer.sums(signal), np.float32(0))
    return network.layers[-1].sums(signal)


def values_trained(network: Network, method: str) -> int:
    """Return how many values a method trains of a network, its head's among them."""
    last, count = len(network.layers) - 1, 0
    for i, layer in enumerate(network.layers):
        sizes = {"weights": layer.weights.size, "gain": layer.weights.shape[1],
                 "bias": len(layer.bias), "added": len(layer.bias)}  # fmt: skip
        count += sum(sizes[name] for name in _names(method, i, network.head and i == last))
    return count


def _names(method: str, i: int, is_head: bool) -> tuple[str, ...]:
    """Return what is trained of layer i."""
    if is_head:
        return TRAINED["tft"]
    return () if (method, i) == ("nt1", 0) else TRAINED[method]


def _softmax(sums: Floats) -> Floats:
    shares = np.exp(sums - sums.max(1, keepdims=True))
    return np.asarray(shares / shares.sum(1, keepdims=True), np.float32)
