"""The surrogate learner: Adam along the gradient of a smooth stand-in, as the chip will be.

Neurons are trained under what a circuit does to them: weights are the codes of synapses in each
forward pass (the gradient passes straight through the rounding), and each drive is multiplied by
noise, as mismatch and supplies do it. Source: E. O. Neftci, H. Mostafa and F. Zenke, "Surrogate
gradient learning in spiking neural networks", IEEE Signal Processing Magazine 36 (2019).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from anaspike.learning.checkpoint import State
from anaspike.learning.feedforward import Adam
from anaspike.learning.network import Floats, Layer, Network, floats
from anaspike.learning.rules import LARGEST_AMPLIFIER, SMALLEST_AMPLIFIER
from anaspike.learning.samples import Indices, Samples
from anaspike.learning.scores import Labels, answers

# Which of a layer's values each method moves; the head's weights and biases are moved by all.
_TRAINED: dict[str, tuple[str, ...]] = {
    "nt1": ("log_amplifier",), "nt2": ("bias",), "tft": ("weights", "bias"), "none": (),
}  # fmt: skip
METHODS = tuple(_TRAINED)
_RANGE = np.log(np.array([SMALLEST_AMPLIFIER, LARGEST_AMPLIFIER], np.float32))


@dataclass(frozen=True)
class Chip:
    """What of a chip is there while it is learned.

    Attributes:
        noise: sigma of what each drive is multiplied by, 1 being its mean; drawn anew for each
            sample and neuron.
        bits: of the magnitude of a weight's code; None where weights are numbers.
        head_synapses: in parallel for one weight of a head.
        dropped: share of a head's inputs that are left out, drawn anew for each sample.
        softness: width of the step in which an output fires, in units of theta.
        sharpness: how much an output's vote counts in the cross entropy.
        decay: of a head's weights in a step of Adam, relative to the rate.
    """

    noise: float = 0.5
    bits: int | None = 3
    head_synapses: int = 2
    dropped: float = 0.5
    softness: float = 0.5
    sharpness: float = 0.5
    decay: float = 0.5


class SurrogateLearner:
    """A spiking network being tuned along a surrogate gradient.

    Args:
        network: what training starts from; its frozen arrays are shared, never copied.
        method: nt1, nt2, tft or none: what is trained of every layer but a head.
        chip: what of it is there while it is learned.
        train, validation: the samples; labels are classes.
        seed: of the noise.
    """

    def __init__(
        self,
        network: Network,
        method: str,
        chip: Chip,
        train: Samples,
        validation: Samples,
        seed: int,
    ) -> None:
        self._from, self._chip = network, chip
        self._train, self._validation = train, validation
        self._seed, self._adam = seed, Adam()
        self._wanted = np.eye(network.n_classes, dtype=np.float32)
        last = len(network.layers) - 1
        self._parts: list[dict[str, Floats]] = [
            {"weights": layer.weights, "bias": layer.bias,
             "log_amplifier": np.log(np.abs(layer.amplifier))}
            for layer in network.layers
        ]  # fmt: skip
        self._names = [
            _TRAINED["tft" if network.head and i == last else method] for i in range(last + 1)
        ]
        for i, name in self._trained():
            self._parts[i][name] = self._parts[i][name].copy()
            self._adam.watch(f"{name}_{i}", self._parts[i][name])
        # What does not move is rounded once, as well as codes can.
        self._sizes = [
            None if "weights" in names else fitted_size(layer.weights, self._most(i))
            for i, (names, layer) in enumerate(zip(self._names, network.layers, strict=True))
        ]

    def network(self) -> Network:
        """Return the network as it is now: where codes are learned with, its weights are codes."""
        layers = tuple(self._layer(i) for i in range(len(self._parts)))
        return replace(self._from, layers=layers)

    def state(self) -> State:
        """Return copies of all that training moves, Adam's moments among it."""
        moved = {f"{name}_{i}": self._parts[i][name].copy() for i, name in self._trained()}
        return {**moved, **self._adam.state()}

    def restore(self, state: State) -> None:
        """Take back what `state` gave."""
        for i, name in self._trained():
            self._parts[i][name][:] = state[f"{name}_{i}"]
        self._adam.restore(state)

    def step(self, batch: Indices, rate: float, head_rate: float) -> tuple[int, int]:
        """Learn from a batch: one step of Adam along the mean cross entropy of the votes."""
        layers = [self._layer(i) for i in range(len(self._parts))]
        inputs, gains, drives = self._forward(layers, self._train.inputs[batch])
        labels = self._train.labels[batch]
        answered = answers(drives[-1] >= self._from.theta, self._from.votes)
        error = self._error(drives[-1], labels)
        self._adam.steps += 1
        for i in reversed(range(len(layers))):
            slopes = {"log_amplifier": (error * drives[i]).sum(0)}
            scaled = error * gains[i]
            if "weights" in self._names[i]:
                slopes["weights"] = scaled.T @ inputs[i]
            slopes["bias"] = scaled.sum(0)
            if i:  # straight through what was left out, as through the rounding
                below = (drives[i - 1] - np.float32(self._from.theta)) / self._chip.softness
                error = (scaled @ layers[i].weights) / (1 + np.abs(below)) ** 2
                error = np.asarray(error / self._chip.softness, np.float32)
            self._move(i, slopes, head_rate if self._is_head(i) else rate)
        right = int((answered == labels).sum())
        return 2 * (len(batch) - right), right  # a wrong answer is two wrong classes

    def validation_answers(self) -> Labels:
        """Return the class of each validation sample, negative where there is none."""
        outputs = self.network().spikes(self._validation.inputs)[-1]
        return answers(outputs, self._from.votes)

    def _forward(
        self, layers: Sequence[Layer], signal: Floats
    ) -> tuple[list[Floats], list[Floats], list[Floats]]:
        """Return each layer's inputs, what multiplies its sums, and its drives."""
        # By seed and step alone, so that a resumed training is the uninterrupted one.
        rng = np.random.default_rng([self._seed, 5, self._adam.steps])
        inputs, gains, drives = list[Floats](), list[Floats](), list[Floats]()
        for i, layer in enumerate(layers):
            if self._is_head(i) and self._chip.dropped:
                kept = rng.random(signal.shape, np.float32) >= self._chip.dropped
                signal = signal * kept / np.float32(1 - self._chip.dropped)
            inputs.append(signal)
            sums = layer.sums(signal)
            noise = rng.standard_normal(sums.shape, np.float32) * np.float32(self._chip.noise)
            gains.append(layer.amplifier * (1 + noise))
            drives.append(sums * gains[-1])
            signal = (drives[-1] >= self._from.theta).astype(np.float32)
        return inputs, gains, drives

    def _error(self, drive: Floats, labels: Labels) -> Floats:
        """Return the slope of the mean cross entropy along each output's drive."""
        chip, votes = self._chip, self._from.votes
        soft = _sigmoid((drive - np.float32(self._from.theta)) / np.float32(chip.softness))
        logits = chip.sharpness * soft.reshape(len(drive), -1, votes).sum(2)
        shares = np.exp(logits - logits.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        missed = (shares - self._wanted[labels]) * np.float32(
            chip.sharpness / (len(drive) * chip.softness)
        )
        return np.asarray(np.repeat(missed, votes, axis=1) * soft * (1 - soft), np.float32)

    def _move(self, i: int, slopes: dict[str, Floats], rate: float) -> None:
        part = self._parts[i]
        for name in self._names[i]:
            if name == "weights" and self._is_head(i):
                part[name] *= np.float32(1 - rate * self._chip.decay)
            self._adam.move(f"{name}_{i}", part[name], slopes[name], rate)
            if name == "log_amplifier":
                np.clip(part[name], *_RANGE, out=part[name])

    def _layer(self, i: int) -> Layer:
        part, amplifier = self._parts[i], self._from.layers[i].amplifier
        if "log_amplifier" in self._names[i]:
            amplifier = np.sign(amplifier) * np.exp(part["log_amplifier"])
        layer = Layer(part["weights"], part["bias"], amplifier)
        if self._chip.bits is None:
            return layer
        return coded(layer, self._most(i), self._sizes[i])

    def _most(self, i: int) -> int:
        """Return the largest code of a layer's weights."""
        synapses = self._chip.head_synapses if self._is_head(i) else 1
        return ((1 << (self._chip.bits or 1)) - 1) * synapses

    def _trained(self) -> list[tuple[int, str]]:
        return [(i, name) for i, names in enumerate(self._names) for name in names]

    def _is_head(self, i: int) -> bool:
        return self._from.head and i == len(self._parts) - 1


def coded(layer: Layer, most: int, size: Floats | None = None) -> Layer:
    """Return a layer whose weights and biases are whole multiples of one size a neuron.

    Args:
        layer: of any weights.
        most: the largest multiple of a weight; what would be more becomes it.
        size: of each neuron, (n_out,); where not given its largest weight is `most` of it.
    """
    if size is None:
        size = _largest_size(layer.weights, most)
    codes = np.clip(np.rint(layer.weights / size[:, None]), -most, most)
    weights = codes * size[:, None]
    bias = np.rint(layer.bias / size) * size
    return Layer(floats(weights), floats(bias), layer.amplifier)


def fitted_size(weights: Floats, most: int) -> Floats:
    """Return for each neuron the size of a code with the least squared error, (n_out,)."""
    largest = _largest_size(weights, most)
    best, least = largest, np.full(len(weights), np.inf)
    for factor in np.linspace(0.3, 1.0, 36, dtype=np.float32):
        size = largest * factor
        codes = np.clip(np.rint(weights / size[:, None]), -most, most)
        error = ((codes * size[:, None] - weights) ** 2).sum(1)
        best, least = np.where(error < least, size, best), np.minimum(error, least)
    return floats(best)


def _largest_size(weights: Floats, most: int) -> Floats:
    top = np.abs(weights).max(axis=1)
    return floats(np.where(top > 0, top, np.float32(1)) / np.float32(most))


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x), np.float32)
