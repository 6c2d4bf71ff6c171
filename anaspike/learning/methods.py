"""What each tuning method trains of a layer, and how an error moves it.

A method changes a layer that the learner owns in place; what it leaves alone is shared with the
network it came from. The head's weights and biases are trained by every method.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from anaspike.errors import InputError
from anaspike.learning.network import Floats, Layer
from anaspike.learning.rules import Rule
from anaspike.units import printable


@dataclass(frozen=True, eq=False)
class Push:
    """What one batch says to a layer.

    Attributes:
        error: of each neuron's drive, (n_samples, n_out).
        sums: what a amplifies, (n_samples, n_out).
        inputs: what reached the layer, (n_samples, n_in).
        rate: learning rate; the batch is summed, not averaged, as in the paper.
        rule: how NT values move.
    """

    error: Floats
    sums: Floats
    inputs: Floats
    rate: float
    rule: Rule


class Method(Protocol):
    """What is trained of a layer."""

    name: str
    moves_weights: bool  # then nothing that was computed with them may be kept

    def start(self, layer: Layer, rng: np.random.Generator) -> Layer:
        """Return the layer as training starts, with arrays of its own for what is trained."""

    def move(self, layer: Layer, push: Push) -> None:
        """Move what is trained, in place."""

    def count(self, shapes: Sequence[tuple[int, int]]) -> int:
        """Return how many values are trained in layers of shape (n_out, n_in), head apart."""


def _one_a_neuron(shapes: Sequence[tuple[int, int]]) -> int:
    return sum(n_out for n_out, _ in shapes)


class Nt1:
    """NT_1: the amplifier a_i of each neuron (equation 12). Starts where the network has it."""

    name, moves_weights = "nt1", False
    count = staticmethod(_one_a_neuron)

    def start(self, layer: Layer, rng: np.random.Generator) -> Layer:
        """Own the amplifiers."""
        return Layer(layer.weights, layer.bias, layer.amplifier.copy())

    def move(self, layer: Layer, push: Push) -> None:
        """dv_i/da_i is the sum inside equation 3's bracket."""
        gradient = np.einsum("ni,ni->i", push.error, push.sums)
        push.rule.move_amplifier(layer.amplifier, gradient, push.rate)


class Nt2:
    """NT_2: the existing bias b_i of each neuron, inside a_i's bracket."""

    name, moves_weights = "nt2", False
    count = staticmethod(_one_a_neuron)

    def start(self, layer: Layer, rng: np.random.Generator) -> Layer:
        """Own the biases."""
        return Layer(layer.weights, layer.bias.copy(), layer.amplifier)

    def move(self, layer: Layer, push: Push) -> None:
        """dv_i/db_i = a_i."""
        layer.bias[:] += np.float32(push.rate) * push.error.sum(0) * layer.amplifier


class Additive:
    """The paper's additive bias: one value added to every weight of a neuron, from U(0, 1)."""

    name, moves_weights = "additive", True
    count = staticmethod(_one_a_neuron)

    def start(self, layer: Layer, rng: np.random.Generator) -> Layer:
        """Add the first random values."""
        added = rng.random((len(layer.weights), 1), np.float32)
        return Layer(layer.weights + added, layer.bias, layer.amplifier)

    def move(self, layer: Layer, push: Push) -> None:
        """dv_i/dbeta_i = a_i times the sum of the inputs."""
        spikes_in = push.inputs.sum(1, keepdims=True)
        gradient = (push.error * spikes_in).sum(0) * layer.amplifier
        layer.weights[:] += (np.float32(push.rate) * gradient)[:, None]


class BitFit:
    """A value added to each neuron's drive, after the amplifier, from U(0, 1).

    It stands in b_i as value / a_i, so that the network stays one of equation 3.
    """

    name, moves_weights = "bitfit", False
    count = staticmethod(_one_a_neuron)

    def start(self, layer: Layer, rng: np.random.Generator) -> Layer:
        """Add the first random values."""
        if not layer.amplifier.all():
            raise InputError("bitfit cannot tune a neuron whose amplifier is 0; use nt2 or tft")
        added = rng.random(len(layer.bias), np.float32) / layer.amplifier
        return Layer(layer.weights, layer.bias + added, layer.amplifier)

    def move(self, layer: Layer, push: Push) -> None:
        """The drive moves by the value itself."""
        layer.bias[:] += np.float32(push.rate) * push.error.sum(0) / layer.amplifier


class FineTuning:
    """TFT, traditional fine-tuning: every weight and bias (equation 11)."""

    name, moves_weights = "tft", True

    def count(self, shapes: Sequence[tuple[int, int]]) -> int:
        """Weights and biases."""
        return sum(n_out * n_in + n_out for n_out, n_in in shapes)

    def start(self, layer: Layer, rng: np.random.Generator) -> Layer:
        """Own weights and biases."""
        return Layer(layer.weights.copy(), layer.bias.copy(), layer.amplifier)

    def move(self, layer: Layer, push: Push) -> None:
        """dv_i/dw_ij = a_i O_j; silent inputs move nothing (s of equation 13 is taken as 0)."""
        scaled = push.error * (np.float32(push.rate) * layer.amplifier)
        layer.weights[:] += scaled.T @ push.inputs
        layer.bias[:] += scaled.sum(0)


class NoTuning:
    """Nothing but the head, where there is one."""

    name, moves_weights = "none", False

    def count(self, shapes: Sequence[tuple[int, int]]) -> int:
        """Nothing is trained."""
        return 0

    def start(self, layer: Layer, rng: np.random.Generator) -> Layer:
        """Leave the layer as it is."""
        return layer

    def move(self, layer: Layer, push: Push) -> None:
        """Leave the layer as it is."""


METHODS: dict[str, Method] = {
    method.name: method for method in (Nt1(), Nt2(), Additive(), BitFit(), FineTuning(), NoTuning())
}


def method_named(name: str) -> Method:
    """Return a method.

    Raises:
        InputError: unknown.
    """
    if name not in METHODS:
        raise InputError(f"unknown method '{printable(name)}'; choose one of {', '.join(METHODS)}")
    return METHODS[name]
